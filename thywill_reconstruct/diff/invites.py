"""The invite tree and the invite tokens.

Who invited whom stands in the registration line, the activity log, the token usage log, and in the tokens themselves
(archive format spec, sections 2.2, 2.3, 2.18). ``joined directly`` does not prove that there was no inviter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from thywill_reconstruct.database.rows import TokenRow, UserRow
from thywill_reconstruct.diff.claims import compare_claims, mask
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.registrations import user_named
from thywill_reconstruct.findings.finding import Change, Finding, Risk
from thywill_reconstruct.times import Minute, iso_minute, show

# An invite is made up to 12 hours before the registration it leads to, and expires 12 hours after it was made (6.1).
TOKEN_LIFE = 12 * 60
SYSTEM = "system"


@dataclass(slots=True)
class InviteTree:
    """Who invited whom once the plan is carried out, and the findings on the way there.

    ``inviters`` and ``tokens`` cover the users that the plan recreates, too.
    """

    inviters: dict[str, str | None] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def compare_invites(ctx: Context) -> InviteTree:
    """Return the invite tree with IN001 to IN013."""
    tree = InviteTree()
    tree.tokens = _claimed_tokens(ctx)
    creators = {token.key: token.creator for token in ctx.snapshot.tokens}
    people = sorted(key for key in ctx.known if key not in ctx.resolution.twin_of)
    for key in people:
        _inviter(ctx, tree, key, creators)
    _refuse_cycles(ctx, tree)
    _tokens(ctx, tree)
    _judge_tree(ctx, tree)
    tree.findings.extend(compare_claims(ctx))
    return tree


def _claimed_tokens(ctx: Context) -> dict[str, str]:
    """Return user key -> token, from the users' rows, the tokens' rows and the usage log."""
    tokens = {user.key: user.token for user in ctx.snapshot.users if user.token}
    for token in ctx.snapshot.tokens:
        if token.user and token.user in ctx.known:
            tokens.setdefault(token.user, token.key)
    for key, joining in ctx.joinings.items():
        if joining.tokens and key in ctx.known:
            tokens.setdefault(key, joining.tokens[0][0])
    return tokens


def _evidence(ctx: Context, key: str, tree: InviteTree, creators: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Return (inviter key or unresolved name, place) in order of weight: lines that name the inviter, then the token."""
    joining = ctx.joinings.get(key)
    said = []
    if joining:
        said = [(ctx.who(name, joining.minute), place) for name, place in joining.inviters]
    if not said and (token := tree.tokens.get(key)):
        creator = creators.get(token)
        creator = ctx.resolution.former.get(creator or "", creator)
        person = ctx.person_of(creator)
        if creator != SYSTEM and person:
            said = [(person, f"invitetoken row {mask(token)}, made by {ctx.name(person)}")]
    return said


def _inviter(ctx: Context, tree: InviteTree, key: str, creators: Mapping[str, str | None]) -> None:
    """Decide one user's inviter."""
    row = ctx.users.get(key)
    said = _evidence(ctx, key, tree, creators)
    names = {inviter for inviter, _ in said}
    expected = names.pop() if len(names) == 1 else ""
    actual = row.inviter if row else None
    tree.inviters[key] = None if ctx.dangles(actual) else actual
    places = (*(place for _, place in said), ctx.place("user", key))
    if row is None:
        _inviter_of_recreated(ctx, tree, key, expected, places if said else ())
        return
    if actual == key:
        _report(tree, "IN005", ctx, row, expected, places, "Who invited this person is for you to say.")
        return
    if not said:
        if actual and ctx.dangles(actual):
            former = ctx.resolution.former.get(actual)
            if former:
                evidence = (*places, f"user id {actual} was {ctx.name(former)}'s")
                _fill(tree, "IN002", ctx, row, former, evidence)
            else:
                _report(tree, "IN002", ctx, row, "", places, "No archive line names the inviter.")
        return
    if expected == actual:
        return
    if ctx.dangles(actual):
        code = "IN002" if actual else "IN001"
        if not expected:
            _report(tree, code, ctx, row, "", places, "The archives name different inviters.")
        elif expected.startswith(UNRESOLVED):
            reason = ctx.why_unresolved(expected)
            _report(tree, code, ctx, row, "", places, reason)
        elif expected == key:
            _report(tree, "IN005", ctx, row, "", places, "The archives say that this person invited herself.")
        else:
            _fill(tree, code, ctx, row, expected, places)
    elif actual in ctx.resolution.twin_of and ctx.resolution.twin_of[actual or ""] == expected:
        _fill(tree, "IN003", ctx, row, expected, places)
    elif expected and not expected.startswith(UNRESOLVED):
        if doubt := _doubt_inviter(ctx, tree, key, expected, creators):
            _report(tree, "IN004", ctx, row, expected, places, doubt)
        else:
            _fill(tree, "IN004", ctx, row, expected, places)
    elif len(names) > 1 and actual not in names:
        _report(tree, "IN004", ctx, row, "", places, "The archives name different inviters.")


def _doubt_inviter(ctx: Context, tree: InviteTree, key: str, inviter: str, creators: Mapping[str, str | None]) -> str:
    """Return why a living inviter is not replaced by the one whom all lines name, ``""`` if nothing speaks against it.

    A recovery script gave everybody the administrator as inviter (archive format spec, section 6.4). A dated registration line
    must name another person, and the line of the log or the maker of the token the same.
    """
    joining = ctx.joinings.get(key)
    naming = [statement for statement in joining.said if statement.inviter] if joining else []
    kinds = {"line" if statement.file else "log" for statement in naming}
    maker = _maker(ctx, tree, key, creators)
    if maker not in ("", inviter):
        made_by = "the server" if maker == SYSTEM else ctx.name(maker)
        return f"The archives name {ctx.name(inviter)}, but the invite token was made by {made_by}."
    if "line" not in kinds or len(kinds) + bool(maker) < 2:
        return "Only one source names another inviter. A living inviter is never replaced on that alone."
    minutes = [statement.minute for statement in joining.said] if joining else []
    if max(minutes) - min(minutes) > SLACK:
        return "The archives tell of more than one time of joining. A living inviter is never replaced then."
    joined, earlier = _joined(ctx, key), _joined(ctx, inviter)
    if inviter == key or (joined is not None and earlier is not None and earlier > joined + SLACK):
        return f"The archives name {ctx.name(inviter)}, who joined after this person. Nothing is changed."
    return ""


def _maker(ctx: Context, tree: InviteTree, key: str, creators: Mapping[str, str | None]) -> str:
    """Return who made the invite token that a person used, by row or by usage file: ``""`` if nothing tells."""
    token = tree.tokens.get(key)
    if token is None:
        return ""
    joining = ctx.joinings.get(key)
    said = {use.creator for use in joining.claims if use.token == token} if joining else set()
    creator = creators.get(token) or ""
    people = {SYSTEM if word == SYSTEM else user_named(word, ctx.resolution, ctx.known) for word in said}
    people.add(SYSTEM if creator == SYSTEM else ctx.person_of(ctx.resolution.former.get(creator, creator)))
    people.discard("")
    return next(iter(people)) if len(people) == 1 else ""


def _inviter_of_recreated(ctx: Context, tree: InviteTree, key: str, expected: str, places: tuple[str, ...]) -> None:
    """Decide the inviter of a user who is yet to be recreated; what stays open is reported as of any other user."""
    row = UserRow(key, ctx.name(key), None, None, None, None)
    if not places:
        return
    if not expected:
        _report(tree, "IN001", ctx, row, "", places, "The archives name different inviters.")
    elif expected.startswith(UNRESOLVED):
        reason = ctx.why_unresolved(expected)
        _report(tree, "IN001", ctx, row, "", places, reason)
    elif expected == key:
        _report(tree, "IN005", ctx, row, "", places, "The archives say that this person invited herself.")
    else:
        tree.inviters[key] = expected


def _fill(tree: InviteTree, code: str, ctx: Context, row: UserRow, key: str, evidence: tuple[str, ...]) -> None:
    risk: Risk = "relink" if code in ("IN003", "IN004") else "fill"
    change = Change("update", "user", row.key, risk, "inviter", row.inviter, key)
    tree.inviters[row.key] = key
    tree.findings.append(
        Finding(code, "user", row.key, "inviter", ctx.name(key), ctx.name(row.inviter), evidence, (change,))
    )


def _report(
    tree: InviteTree, code: str, ctx: Context, row: UserRow, key: str, evidence: tuple[str, ...], reason: str
) -> None:
    expected = ctx.name(key) if key and not key.startswith(UNRESOLVED) else ""
    finding = Finding(code, "user", row.key, "inviter", expected, ctx.name(row.inviter), evidence, reason=reason)
    tree.findings.append(finding)


def circles(inviters: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """Return every circle in the tree, each beginning with its smallest key."""
    done: set[str] = set()
    circles = []
    for start in sorted(inviters):
        way: dict[str, int] = {}
        key: str | None = start
        while key and key not in done and key not in way:
            way[key] = len(way)
            key = inviters.get(key)
        if key in way and key is not None:
            circle = list(way)[way[key] :]
            least = circle.index(min(circle))
            circles.append((*circle[least:], *circle[:least]))
        done.update(way)
    return circles


def _refuse_cycles(ctx: Context, tree: InviteTree) -> None:
    """Take back every repair that would close a circle, until none does: an inviter who stays may close another one."""
    repairs = {finding.key: number for number, finding in enumerate(tree.findings) if finding.changes}
    while True:
        closing = {key for circle in circles(tree.inviters) if len(circle) > 1 for key in circle}
        refused = closing & repairs.keys()
        for key in sorted(refused):
            number = repairs.pop(key)
            actual = ctx.users[key].inviter
            tree.inviters[key] = None if ctx.dangles(actual) else actual
            reason = "Setting this inviter would close a circle of invitations."
            tree.findings[number] = replace(tree.findings[number], changes=(), reason=reason)
        for key in closing - set(ctx.users):
            tree.inviters[key] = None
        if not refused:
            return


def _judge_tree(ctx: Context, tree: InviteTree) -> None:
    """Report circles and inviters who joined after the people they invited."""
    for circle in circles(tree.inviters):
        if len(circle) > 1:
            members = " invited by ".join(ctx.name(key) for key in (*circle, circle[0]))
            evidence = tuple(ctx.place("user", key) for key in circle if key in ctx.users)
            reason = "Which of these invitations is wrong is for you to say."
            tree.findings.append(Finding("IN006", "user", circle[0], "inviter", "", members, evidence, reason=reason))
    for key, inviter in sorted(tree.inviters.items()):
        if inviter and key in ctx.users and inviter != key:
            joined, invited_by = _joined(ctx, key), _joined(ctx, inviter)
            if joined is not None and invited_by is not None and invited_by > joined + 1:
                reason = f"{ctx.name(inviter)} joined {show(invited_by)}, {ctx.name(key)} {show(joined)}. Nothing is changed."
                places = (ctx.place("user", key), *(ctx.joinings[inviter].places if inviter in ctx.joinings else ()))
                finding = Finding("IN007", "user", key, "inviter", "", ctx.name(inviter), places, reason=reason)
                tree.findings.append(finding)


def _joined(ctx: Context, key: str) -> Minute | None:
    """Return the archive minute at which a person joined."""
    joining = ctx.joinings.get(key)
    if joining and joining.minute is not None:
        return joining.minute
    created = iso_minute(ctx.users[key].created) if key in ctx.users else None
    return None if created is None else ctx.clocks.users.archive_minutes(created)[0]


def _tokens(ctx: Context, tree: InviteTree) -> None:
    """Yield IN008 to IN011: tokens that do not say who used or made them, or name a doubled row."""
    claims: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[str]] = defaultdict(list)
    makers: dict[str, set[str]] = defaultdict(set)
    for user in ctx.snapshot.users:
        if user.token:
            claims[user.token].add(ctx.person_of(user.key))
            places[user.token].append(ctx.place("user", user.key))
    for use in ctx.archive.invite_uses:
        places[use.token].append(f"{use.file}:{use.line}")
        if use.creator != SYSTEM:
            makers[use.token].add(user_named(use.creator, ctx.resolution, ctx.known, use.minute))
        if use.used_by:
            claims[use.token].add(user_named(use.used_by, ctx.resolution, ctx.known, use.minute))
    open_tokens = [t for t in ctx.snapshot.tokens if ctx.dangles(t.user) and (t.user or t.uses)]
    inferred = _infer(ctx, tree, [t for t in open_tokens if not claims.get(t.key)])
    for token in open_tokens:
        code = "IN009" if token.user else "IN008"
        people = claims.get(token.key) or {inferred.get(token.key) or ctx.resolution.former.get(token.user or "", "")}
        evidence = (*places.get(token.key, ()), f"invitetoken row {mask(token.key)}")
        _mend_token(ctx, tree, token, code, "user", token.user, people, evidence)
    users = {f.key: str(c.after) for f in tree.findings for c in f.changes if c.entity == "token"}
    for token in ctx.snapshot.tokens:
        if token.creator != SYSTEM and ctx.dangles(token.creator):
            people = makers.get(token.key) or {_inviter_of(ctx, tree, token, users.get(token.key) or token.user)}
            evidence = (*places.get(token.key, ()), f"invitetoken row {mask(token.key)}")
            _mend_token(ctx, tree, token, "IN010", "creator", token.creator, people, evidence)
        for name, key, said in (("user", token.user, claims), ("creator", token.creator, makers)):
            person = ctx.resolution.twin_of.get(key or "")
            if key and person and said.get(token.key, {person}) == {person}:
                evidence = (*places.get(token.key, ()), f"invitetoken row {mask(token.key)}")
                change = Change("update", "token", token.key, "relink", name, key, person)
                there, here = ctx.name(person), ctx.name(key)
                tree.findings.append(Finding("IN011", "token", token.key, name, there, here, evidence, (change,)))


def _inviter_of(ctx: Context, tree: InviteTree, token: TokenRow, user: str | None) -> str:
    """Return who must have made a token: whose vanished id it bears, or the inviter of the user who claimed it."""
    former = ctx.resolution.former.get(token.creator or "")
    return former or tree.inviters.get(ctx.person_of(user)) or ""


def _mend_token(
    ctx: Context,
    tree: InviteTree,
    token: TokenRow,
    code: str,
    name: str,
    before: str | None,
    people: set[str],
    evidence: tuple[str, ...],
) -> None:
    """Add the finding of one token column: repaired if exactly one certain person comes into question."""
    key = next(iter(people)) if len(people) == 1 else ""
    if key and not key.startswith(UNRESOLVED) and not ctx.dangles(key):
        change = Change("update", "token", token.key, "fill", name, before, key)
        tree.findings.append(
            Finding(code, "token", token.key, name, ctx.name(key), ctx.name(before), evidence, (change,))
        )
        return
    reason = "More than one person comes into question." if len(people) > 1 else "Nothing tells who it was."
    tree.findings.append(Finding(code, "token", token.key, name, "", ctx.name(before), evidence, reason=reason))


def _infer(ctx: Context, tree: InviteTree, tokens: list[TokenRow]) -> dict[str, str]:
    """Return token -> user where maker and time leave exactly one person, and that person exactly one token."""
    with_token = {*tree.tokens}
    invited: dict[str, list[str]] = defaultdict(list)
    for key, inviter in tree.inviters.items():
        if inviter and key not in with_token:
            invited[inviter].append(key)
    fitting: dict[str, set[str]] = defaultdict(set)
    for token in tokens:
        expires = iso_minute(token.expires)
        maker = ctx.person_of(ctx.resolution.former.get(token.creator or "", token.creator))
        for key in invited.get(maker, ()) if expires is not None else ():
            joined = _joined(ctx, key)
            if joined is None:
                continue
            universal = ctx.clocks.attributes.database_minute(joined)
            if expires is not None and expires - TOKEN_LIFE - 1 <= universal <= expires + 1:
                fitting[token.key].add(key)
    wanted: dict[str, int] = defaultdict(int)
    for people in fitting.values():
        for key in people:
            wanted[key] += 1
    return {
        token: next(iter(people))
        for token, people in fitting.items()
        if len(people) == 1 and wanted[min(people)] == 1
    }
