"""The one table of finding codes: severity, short name, family, and one plain sentence each.

Every code has a page in ``findings/pages/CODE.md``; ``reconstruct explain CODE`` prints it. Codes are never reused.
Names describe the problem, never the cure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

FAMILIES = {
    "AR": "archive text",
    "US": "users",
    "PR": "prayers",
    "MK": "prayer marks",
    "AT": "attributes and activity log",
    "IN": "invite tree",
    "PA": "archive paths",
    "DB": "database integrity",
}

# What --only accepts, and the families it stands for. `authors` and `prayers` share PR.
SELECTIONS: dict[str, tuple[str, ...]] = {
    "users": ("US001", "US008", "US017"),
    "twins": ("US002", "PR007", "MK005", "AT003", "AT004", "IN003", "IN011", "DB007"),
    "authors": ("PR001", "PR002"),
    "prayers": ("PR003", "PR004"),
    "marks": ("MK001", "MK002", "MK003", "MK006"),
    "attributes": ("AT001", "AT005"),
    "log": ("AT002", "AT006"),
    "invites": ("IN001", "IN002", "IN004", "IN008", "IN009", "IN010", "IN012", "IN013"),
    "paths": ("PA001", "PA002", "PA003"),
    "others": ("DB001",),
    "roles": ("DB003",),
    "sessions": ("DB004",),
    "approvals": ("DB005",),
}
# Repaired only when they are named by their own code or selection: what they mend lets somebody in or act for others.
GUARDED = frozenset({"DB003", "DB004", "DB005"})


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding."""

    code: str
    name: str
    severity: Severity
    sentence: str

    @property
    def family(self) -> str:
        """The two letters that group codes: a key of ``FAMILIES``."""
        return self.code[:2]


_TABLE: tuple[tuple[str, str, Severity, str], ...] = (
    # archive text
    ("AR001", "torn-file", "medium", "A file ends in the middle of a record."),
    ("AR002", "unreadable-line", "medium", "A line is in none of the known forms."),
    ("AR003", "wrong-encoding", "low", "A file holds bytes that are not UTF-8."),
    ("AR004", "prayer-without-id", "medium", "A prayer file has no usable id in its header."),
    ("AR005", "ambiguous-sections", "medium", "The text holds section markers, so its extent is uncertain."),
    ("AR006", "unusable-file", "high", "A file could not be read, or is not a plain file inside the archive."),
    ("AR007", "impossible-time", "medium", "A line carries a time that does not exist."),
    ("AR008", "uninformative-line", "low", "A healed line says only 'unknown'; it carries no information."),
    ("AR009", "glued-records", "low", "Two records stand on one line because a write was cut off."),
    ("AR010", "unconfirmed-event", "medium", "A line that text could imitate, and no second source agrees."),
    ("AR011", "temporary-file", "low", "A leftover of an interrupted write was ignored."),
    ("AR012", "ambiguous-registration", "medium", "A registration line can be split in more than one way."),
    ("AR013", "unmatched-prayer-file", "medium", "A prayer file without id matches no prayer for certain."),
    ("AR014", "contradicting-sources", "high", "Two archive sources disagree about one fact."),
    ("AR015", "doubled-file", "low", "Two files hold the same prayer."),
    ("AR016", "orphaned-file", "medium", "Nothing else in the archives belongs to this prayer file."),
    ("AR017", "lost-file", "high", "The archives tell of a prayer that no file holds."),
    ("AR018", "lines-out-of-order", "low", "Lines of a file go back in time."),
    ("AR019", "missing-registration", "medium", "A person takes part without ever having joined."),
    ("AR020", "altered-file", "high", "A file holds something else than when its manifest was written."),
    ("AR021", "removed-file", "high", "A file of the manifest is not there any more."),
    ("AR022", "shortened-file", "high", "A file ends earlier than when its manifest was written."),
    ("AR023", "copied-file", "low", "A file is a copy of another one; what it repeats counts once."),
    ("AR024", "news-in-copy", "medium", "A copy tells something that the live file does not."),
    ("AR025", "lost-live-file", "high", "Only a copy is left of a file that the application wrote."),
    ("AR026", "repeated-lines", "medium", "Lines of a file stand there a second time; they count once."),
    ("AR027", "lost-day-heading", "medium", "Times run backwards below one day: the heading of a later day is lost."),
    ("AR028", "foreign-file", "high", "A file, or a part of it, seems to be another community's and was left out."),
    # users
    ("US001", "missing-user", "high", "The archives know a person who has no row in the database."),
    ("US002", "doubled-user", "high", "One person has more than one row, under variants of the name."),
    ("US003", "renamed-user", "low", "The database has a person under another name than the archives."),
    ("US004", "ambiguous-name", "high", "A name could be more than one person."),
    ("US005", "placeholder-name", "low", "A name that stands for nobody, such as 'Unknown User'."),
    ("US006", "phantom-user", "medium", "A name that is only the first word of a longer name."),
    ("US007", "possible-match", "medium", "A name resembles a known person's, but nothing proves it."),
    ("US008", "misspelled-key", "high", "A user's own row spells the name unlike everything that refers to it."),
    ("US009", "ignored-person", "low", "A person who was deleted on purpose still stands in archives or rows."),
    (
        "US010",
        "equal-names",
        "medium",
        "Two users bear names that differ in capitals, spaces, separators or accents only.",
    ),
    ("US011", "confusable-names", "medium", "A user's name looks like another user's, in other letters."),
    ("US012", "mixed-scripts", "low", "One word of a user's name mixes letters of scripts that look alike."),
    ("US013", "undrawn-characters", "low", "A user's name holds characters that nobody sees."),
    ("US014", "untidy-spaces", "low", "A user's name has spaces at an end, several in a row, or of an odd kind."),
    ("US015", "name-of-nobody", "low", "A user's name is empty, an id, or stands for nobody."),
    (
        "US016",
        "idle-first-word",
        "low",
        "A user of whom nothing is known bears the first word of another user's name.",
    ),
    ("US017", "wrong-joining-time", "medium", "A user's row says another time of joining than the archives."),
    ("US018", "merge-at-start", "high", "The application takes two users for one and will delete the younger row."),
    ("US019", "shared-name", "medium", "Several people may have borne a name, and of some time it is open who did."),
    # prayers
    ("PR001", "dangling-author", "critical", "The prayer's author is empty or nobody: it shows as 'by None'."),
    ("PR002", "wrong-author", "critical", "The prayer is booked on another person than the one who wrote it."),
    ("PR003", "missing-prayer", "critical", "A prayer stands in the archives but not in the database."),
    ("PR004", "truncated-text", "high", "An old importer kept only a part of the prayer's text."),
    ("PR005", "different-text", "medium", "The prayer's text differs from the archive's in an unknown way."),
    ("PR006", "prayer-without-archive", "low", "A prayer stands in the database but not in the archives."),
    ("PR007", "author-on-twin", "high", "The prayer is booked on a doubled row of its author."),
    # marks
    ("MK001", "dangling-mark", "high", "A prayer mark belongs to nobody."),
    ("MK002", "missing-mark", "high", "A prayer mark stands in the archives but not in the database."),
    ("MK003", "duplicate-mark", "medium", "A prayer mark stands more often than the archives record it."),
    ("MK004", "unrecorded-mark", "low", "A prayer mark of the database stands in no archive."),
    ("MK005", "mark-on-twin", "high", "A prayer mark is booked on a doubled row of its person."),
    ("MK006", "wrong-mark", "high", "A prayer mark is booked on another person than the archives say."),
    ("MK007", "mark-of-no-prayer", "medium", "A prayer mark belongs to a prayer that does not exist."),
    # attributes and log
    ("AT001", "dangling-attribute", "medium", "An attribute was set by nobody."),
    ("AT002", "dangling-log-entry", "medium", "An activity log row belongs to nobody."),
    ("AT003", "attribute-on-twin", "medium", "An attribute is booked on a doubled row of its person."),
    ("AT004", "log-entry-on-twin", "medium", "An activity log row is booked on a doubled row of its person."),
    ("AT005", "wrong-attribute", "medium", "An attribute is booked on another person than the archives say."),
    ("AT006", "wrong-log-entry", "medium", "An activity log row is booked on another person than the archives say."),
    # invite tree
    ("IN001", "missing-inviter", "high", "The archives know who invited this person; the database does not."),
    ("IN002", "dangling-inviter", "high", "The inviter of this person is nobody."),
    ("IN003", "inviter-on-twin", "medium", "The inviter of this person is a doubled row."),
    ("IN004", "conflicting-inviter", "medium", "Database and archives name different inviters."),
    ("IN005", "self-invitation", "high", "A person is her own inviter."),
    ("IN006", "invite-cycle", "high", "Following the inviters leads round in a circle."),
    ("IN007", "younger-inviter", "medium", "The inviter joined after the person invited."),
    ("IN008", "token-without-user", "medium", "A used invite token does not say who used it."),
    ("IN009", "dangling-token-user", "medium", "An invite token was used by nobody."),
    ("IN010", "dangling-token-creator", "medium", "An invite token was made by nobody."),
    ("IN011", "token-on-twin", "medium", "An invite token is booked on a doubled row of its user or maker."),
    ("IN012", "missing-token", "low", "A user's row does not say by which invite token they came."),
    ("IN013", "wrong-claim-time", "low", "A claim of an invite token bears the time at which the token expires."),
    # paths
    ("PA001", "missing-path", "low", "A row does not say which archive file records it."),
    ("PA002", "dead-path", "medium", "A row points to an archive file that is not there."),
    ("PA003", "foreign-path", "high", "A row points to the archive file of a prayer that is not its own."),
    # database
    ("DB001", "dangling-reference", "medium", "A row of a further table refers to nobody."),
    ("DB002", "unreadable-value", "medium", "A value is stored in a form the application never writes."),
    ("DB003", "dangling-role", "high", "A role, or the grant of one, refers to nobody."),
    ("DB004", "dangling-session", "high", "A login session refers to nobody."),
    ("DB005", "dangling-approval", "medium", "A request for a login, or its approval, refers to nobody."),
    ("DB006", "dangling-row", "medium", "Rows refer to a prayer, request, role or token that is not there."),
    ("DB007", "reference-on-twin", "low", "A row of a further table is booked on a doubled row of its person."),
)
CODES: dict[str, Code] = {row[0]: Code(*row) for row in _TABLE}
