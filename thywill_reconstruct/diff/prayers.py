"""Prayers: wrong or missing authors, missing prayers, and texts that an importer cut down."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from thywill_reconstruct.database.rows import PrayerRow
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.diff.texts import is_leftover, same_text
from thywill_reconstruct.findings.finding import Change, Finding, Risk, Value
from thywill_reconstruct.records import PrayerFile, is_copy
from thywill_reconstruct.times import Minute, as_database_text, show

# Why a missing prayer stays missing, whatever else is repaired.
NO_FILE = "The activity log tells of it, but no file holds its text."
CUT_TEXT = "Its only file ends before the text does. A cut text is not put in place of a prayer."
OPEN_END = "Section markers inside the text leave open where it ends."
NO_TIME = "No archive line tells when it was submitted."
LOST_FOR_GOOD = frozenset({NO_FILE, CUT_TEXT, OPEN_END, NO_TIME})

# What the lines of a categorization block are called in the database.
_CATEGORIZATION = {
    "Safety Score": "safety_score",
    "Safety Flags": "safety_flags",
    "Category": "subject_category",
    "Specificity": "specificity_type",
    "Categorization Method": "categorization_method",
    "Categorization Confidence": "specificity_confidence",
}
_NUMBERS = frozenset({"safety_score", "specificity_confidence"})


class Authorship:
    """What the archives say about who wrote a prayer.

    ``key`` is the user's key if all that name somebody agree and the name is certain, else empty; then ``reason`` says why.
    ``proven`` means that it may replace a living author: the activity log says so, or, for a time that the log does not
    cover, the file's header.
    """

    def __init__(self, ctx: Context, source: PrayerSources, coverage: Coverage) -> None:
        self.places: tuple[str, ...] = ()
        self.key = self.reason = ""
        self.contradiction = False
        said: dict[str, list[str]] = {}
        sides: dict[str, set[str]] = {}
        for side, name, minute, place in self._statements(source):
            if not ctx.is_nobody(name):
                who = ctx.who(name, minute)
                said.setdefault(who, []).append(place)
                sides.setdefault(who, set()).add(side)
        self.places = tuple(place for places in said.values() for place in places)
        certain = [who for who in said if not who.startswith(UNRESOLVED)]
        if not said:
            self.reason = "No archive line names the author."
        elif len(certain) > 1:
            self.contradiction = True
            self.reason = f"The archives contradict each other: {', '.join(ctx.name(who) for who in certain)}."
        elif len(said) > len(certain):
            self.reason = ctx.why_unresolved(next(who for who in said if who.startswith(UNRESOLVED)))
        else:
            self.key = certain[0]
        uncovered = not any(f.submitted is not None and coverage.holds(f.submitted) for f in source.files)
        self.proven = bool(self.key) and ("log" in sides[self.key] or uncovered)

    @staticmethod
    def _statements(source: PrayerSources) -> Iterator[tuple[str, str, Minute | None, str]]:
        for file in source.files:
            yield "file", file.author, file.submitted, f"{file.file}:1"
        for entry in source.submissions:
            yield "log", entry.actor, entry.minute, f"{entry.file}:{entry.line}"


def compare_prayers(ctx: Context, coverage: Coverage) -> Iterator[Finding]:
    """Yield PR001 to PR007 and AR014, by prayer id."""
    for prayer_id in sorted({*ctx.prayers, *ctx.sources}):
        row, source = ctx.prayers.get(prayer_id), ctx.sources.get(prayer_id)
        if row is None and source is not None:
            if finding := _missing(ctx, prayer_id, Authorship(ctx, source, coverage), source):
                yield finding
        elif row is not None and source is None:
            yield _without_archive(ctx, row)
        elif row is not None and source is not None:
            if not _author_is_simply_right(ctx, row, source):
                yield from _author(ctx, row, Authorship(ctx, source, coverage))
            yield from _text(ctx, row, source)


def _author_is_simply_right(ctx: Context, row: PrayerRow, source: PrayerSources) -> bool:
    """Return whether row, the one file and the one log line agree: the quick way for nearly all prayers."""
    if len(source.files) != 1 or ctx.late_names or row.author not in ctx.users:
        return False
    key_of = ctx.resolution.key_of
    submissions = source.submissions
    return (
        len(submissions) == 1
        and key_of.get(source.files[0].author) == row.author
        and key_of.get(submissions[0].actor) == row.author
    )


def _author(ctx: Context, row: PrayerRow, author: Authorship) -> Iterator[Finding]:
    """Yield what is wrong with the author of one prayer."""
    here = ctx.place("prayer", row.key)
    evidence = (*author.places, here)
    actual = ctx.name(row.author)
    if author.contradiction:
        yield Finding("AR014", "prayer", row.key, "author", "", actual, evidence, reason=author.reason)
    if row.author == author.key and author.key:
        return
    if ctx.dangles(row.author):
        former = ctx.resolution.former.get(row.author or "")
        exported = ctx.exported.get(("prayer", row.key))
        if author.key:
            yield _book(ctx, "PR001", row, author.key, evidence)
        elif former and not author.contradiction:
            yield _book(ctx, "PR001", row, former, (here, f"user id {row.author} was {ctx.name(former)}'s"))
        elif exported and not author.places:
            yield _book(ctx, "PR001", row, exported[0], (exported[1], here))
        else:
            yield Finding("PR001", "prayer", row.key, "author", "", actual, evidence, reason=author.reason)
    elif author.key and ctx.person_of(row.author) == author.key:
        yield _book(ctx, "PR007", row, author.key, evidence)
    elif row.author in ctx.resolution.twin_of and author.reason:
        yield Finding("PR007", "prayer", row.key, "author", "", actual, evidence, reason=author.reason)
    elif author.key and author.proven:
        yield _book(ctx, "PR002", row, author.key, evidence)
    elif author.key:
        reason = "Only the file says so, although the activity log covers that time. A living author is not replaced."
        yield Finding("PR002", "prayer", row.key, "author", ctx.name(author.key), actual, evidence, reason=reason)


def _book(ctx: Context, code: str, row: PrayerRow, key: str, evidence: tuple[str, ...]) -> Finding:
    risk: Risk = "fill" if code == "PR001" else "relink"
    change = Change("update", "prayer", row.key, risk, "author", row.author, key)
    return Finding(code, "prayer", row.key, "author", ctx.name(key), ctx.name(row.author), evidence, (change,))


def _without_archive(ctx: Context, row: PrayerRow) -> Finding:
    here = (ctx.place("prayer", row.key),)
    if ctx.dangles(row.author):
        former = ctx.resolution.former.get(row.author or "")
        if former:
            return _book(ctx, "PR001", row, former, (*here, f"user id {row.author} was {ctx.name(former)}'s"))
        if exported := ctx.exported.get(("prayer", row.key)):
            return _book(ctx, "PR001", row, exported[0], (exported[1], *here))
        reason = "No archive tells of this prayer."
        return Finding("PR001", "prayer", row.key, "author", "", ctx.name(row.author), here, reason=reason)
    reason = "There is nothing to compare it with. It is left as it is."
    return Finding("PR006", "prayer", row.key, "", "", "", here, reason=reason)


def _text(ctx: Context, row: PrayerRow, source: PrayerSources) -> Iterator[Finding]:
    """Yield what is wrong with the texts of one prayer."""
    if not source.files:
        return
    file = source.files[0]
    if row.text == file.text and row.generated == file.generated:
        return
    readings = [(f.text, f.generated) for f in source.files] + [r for f in source.files for r in f.alternatives]
    if file.generated and not row.generated:  # no file can tell a generated prayer from a typed marker (trap T1)
        readings.append((f"{file.text}\n\nGenerated Prayer:\n{file.generated}", None))
    if any(same_text(row.text, text) and same_text(row.generated, gen) for text, gen in readings):
        return
    place = f"{file.file}:1-{file.lines}"
    for name, actual, expected in (("text", row.text, file.text), ("generated", row.generated, file.generated)):
        if ctx.snapshot.schema.column("prayer", name) is None or same_text(actual, expected):
            continue
        if not file.complete and (actual or "").startswith((expected or "")[:-1]):
            continue  # the file is torn; what is left of it agrees
        if file.text_certain and file.complete and expected and actual and is_leftover(actual, expected):
            change = Change("update", "prayer", row.key, "fill", name, actual, expected)
            lengths = (f"{len(expected)} characters", f"{len(actual)} characters, as an old importer leaves them")
            yield Finding(
                "PR004", "prayer", row.key, name, *lengths, (place, ctx.place("prayer", row.key)), (change,)
            )
        else:
            reason = (
                "No known importer leaves this of the archive's text; it may have been edited. It is left as it is."
            )
            lengths = (f"{len(expected or '')} characters", f"{len(actual or '')} characters")
            yield Finding(
                "PR005", "prayer", row.key, name, *lengths, (place, ctx.place("prayer", row.key)), reason=reason
            )


def _missing(ctx: Context, prayer_id: str, author: Authorship, source: PrayerSources) -> Finding | None:
    """Return the finding of a prayer that only the archives have; ``None`` if no file holds it."""
    if not source.files:
        if not source.submissions:
            return None
        places = tuple(f"{entry.file}:{entry.line}" for entry in source.submissions)
        return Finding("PR003", "prayer", prayer_id, "", "a row", "no row", places, reason=NO_FILE)
    file = next((f for f in source.files if f.complete and f.text_certain), source.files[0])
    when = file.submitted if file.submitted is not None else next((e.minute for e in source.submissions), None)
    reason = author.reason
    if not file.complete:
        reason = CUT_TEXT
    elif not file.text_certain:
        reason = OPEN_END
    elif when is None:
        reason = NO_TIME
    evidence = (f"{file.file}:1-{file.lines}", *author.places)
    if reason:
        return Finding("PR003", "prayer", prayer_id, "", "a row", "no row", evidence, reason=reason)
    assert when is not None
    change = Change("create", "prayer", prayer_id, "recreate", row=_row(ctx, prayer_id, file, author.key, when))
    expected = f"a prayer by {ctx.name(author.key)}, {show(when)}"
    return Finding("PR003", "prayer", prayer_id, "", expected, "no row", evidence, (change,))


def _row(ctx: Context, prayer_id: str, file: PrayerFile, author: str, when: Minute) -> tuple[tuple[str, Value], ...]:
    """Return the whole row of a recreated prayer.

    The column ``flagged`` is set by moderation only, which writes no archive line; what the line `flagged this prayer` sets is
    the attribute. So a prayer comes back with 0, as in every database that lost none (archive format spec, section 6.4).
    """
    live = [file.file] if not is_copy(file.file) else ctx.pathways.of_prayer.get(prayer_id)
    return (
        ("key", prayer_id),
        ("author", author),
        ("text", file.text),
        ("generated", file.generated),
        ("tag", file.tag),
        ("audience", file.audience or "all"),
        ("created", as_database_text(ctx.clocks.prayers.database_minute(when))),
        ("flagged", 0),
        ("path", ctx.pathways.spell(live[0]) if live else None),
        *_categorization(ctx.sources[prayer_id]),
    )


def _categorization(source: PrayerSources) -> Iterator[tuple[str, Value]]:
    """Yield (field, value) of the categorization that a file's header holds (archive format spec, section 2.1)."""
    told = next((file.categorization for file in source.files if file.categorization), ())
    for name, text in told:
        if field := _CATEGORIZATION.get(name):
            value = _number(text) if field in _NUMBERS else text
            if value is not None:
                yield field, value


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
