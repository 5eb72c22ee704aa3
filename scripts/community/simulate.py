"""Lets a community live for months, day by day, and writes what the application would have written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from random import Random

from thywill_reconstruct.archives import render

from .aside import Aside
from .clock import DAY, HOUR, SECOND, Clock, Moment, as_date, as_minute, from_datetime, iso, stamp
from .options import HEALED_EVERY, Options
from .people import Community, Person, hex_id
from .prayers import HORIZON, Author, Event, Prayer
from .store import ARCHIVES, Database, MonthlyLog, PrayerFiles, SmallFiles


@dataclass(slots=True)
class Outcome:
    """What the damage must know of the truth beyond the database.

    ``ambiguous`` prayers cannot be told from their archive alone, ``carriage`` ones hold CR LF that archives lose,
    ``copied`` ones own two archive files (``copies`` are the second ones), ``silent_flags`` have no archive line for
    their flag. ``former`` are the ids that names had in era v1. ``late`` are the rows of any table whose minute is not
    the one that the archive bears.
    """

    ambiguous: set[str] = field(default_factory=set)
    carriage: set[str] = field(default_factory=set)
    copied: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    silent_flags: set[str] = field(default_factory=set)
    imitations: list[dict[str, str]] = field(default_factory=list)
    former: dict[str, str] = field(default_factory=dict)


class Simulation:
    """One run. Memory holds the prayers that are still alive, never the whole community."""

    def __init__(self, folder: Path, options: Options) -> None:
        self._rng = Random(f"community {options.seed}")
        self._options = options
        self._clock = Clock(options.zone)
        start = from_datetime(datetime.combine(options.start, time(7)))
        self._end = start + options.months * 30 * DAY + options.months * DAY // 2
        self._start = start
        root = folder / ARCHIVES
        self._database = Database(folder / "truth.db", options)
        self._log = MonthlyLog(root)
        self._files = PrayerFiles(root)
        self._small = SmallFiles(root)
        self.community = Community(self._rng, options.users, start, self._end, names_are_keys=options.era == "v2")
        asks = options.era == "v1" or options.migration < 7
        self._author = Author(self._rng, self.community, options.marks_per_prayer, self._end, asks_audience=asks)
        self._aside = Aside(Random(f"aside {options.seed}"), self._clock, self._database, self._small)
        self._imitations = self._choose_imitations()
        self._testimonies = 0
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Simulate every day and return what cannot be seen in the database afterwards."""
        people = self._people_by_day()
        submissions = self._submissions()
        buckets: defaultdict[int, list[Event]] = defaultdict(list)
        healed = HEALED_EVERY if self._options.weather else 0
        self._aside.begin(self.community, self._end)
        for day in range(self._start // DAY, self._end // DAY + 2):
            for person in people.pop(day, ()):
                self._join(person)
            for moment in submissions.pop(day, ()):
                for event in self._author.life(self._author.prayer(moment), healed):
                    buckets[event.moment // DAY].append(event)
            for event in sorted(buckets.pop(day, ()), key=lambda event: event[:2]):
                self._happen(event)
            self._database.flush()
            self._log.flush((day + 1) * DAY)
        self._log.flush(self._end + HORIZON)
        self._log.close()
        self._small.write()
        self._database.close()
        return self.outcome

    def _people_by_day(self) -> dict[int, list[Person]]:
        days: defaultdict[int, list[Person]] = defaultdict(list)
        for person in self.community.people:
            days[person.joined // DAY].append(person)
        return dict(days)

    def _submissions(self) -> dict[int, list[Moment]]:
        first = self.community.joined[min(2, len(self.community.joined) - 1)] + HOUR
        span = self._end - 2 * DAY - first
        moments: list[Moment] = []
        for _ in range(self._options.prayers):
            if moments and self._rng.random() < 0.03:  # Several prayers of one minute share a file name's stem.
                moments.append(moments[-1] + self._rng.randrange(SECOND, 15 * SECOND))
            else:
                moments.append(first + int(self._rng.random() * span))
        days: defaultdict[int, list[Moment]] = defaultdict(list)
        for moment in sorted(moments):
            days[moment // DAY].append(moment)
        return dict(days)

    def _choose_imitations(self) -> set[int]:
        """Return which testimonies, counted from 0, shall imitate archive lines."""
        count = self._options.imitations
        certain = max(count, int(self._options.prayers * 0.06))
        return set(Random(f"imitations {self._options.seed}").sample(range(certain), count))

    def _commit(self, moment: Moment) -> Moment:
        """Return when the database row follows an archive line: mostly at once, at times most of a minute later."""
        slow = self._rng.random() > 0.97
        return (
            moment + self._rng.randrange(SECOND, 50 * SECOND)
            if slow
            else moment + self._rng.randrange(3_000, 300_000)
        )

    def _note_late(self, key: str, archived: Moment, stored: Moment) -> None:
        if as_minute(archived) != as_minute(stored):
            self.outcome.late.add(key)

    def _join(self, person: Person) -> None:
        self.outcome.former[person.name] = person.former
        local = self._clock.local(person.joined)
        day = as_date(local)
        invited = person.inviter if person.inviter and not person.system_token else None
        name = f"users/{day.year}_{day.month:02}_users.txt"
        line = render.registration_line(as_minute(local), person.name, invited.name if invited else None)
        self._small.append(name, render.users_header(day.year, day.month), line)
        commit = self._commit(person.joined)
        shown = self._clock.local(commit)
        self._note_late(person.key, local, shown)
        faith = "christian" if self._rng.random() < 0.5 else "unspecified"
        self._database.insert(
            "user", commit, person.key, person.name, stamp(shown), faith, None,
            person.inviter.key if person.inviter else None, person.token, 0, f"{ARCHIVES}/{name}",
        )  # fmt: skip
        action = f"registered via invitation from {invited.name}" if invited else "registered directly"
        self._log.add(commit, shown, person.name, action)
        self._aside.joined(person, commit)

    def _happen(self, event: Event) -> None:
        prayer = event.prayer
        local = self._clock.local(event.moment)
        if event.kind == "submit":
            self._submit(event, local)
        elif event.kind == "mark":
            self._mark(event, local)
        elif event.kind == "answer":
            self._answer(event, local)
        elif event.kind == "heal":
            self._heal(prayer)
        else:
            self._change_state(event, local)
        prayer.pending -= 1
        if not prayer.pending:
            self._files.write(prayer.copy or prayer.path, prayer.head + "".join(prayer.lines))
            if prayer.copy:
                self._files.write(prayer.path, prayer.first_part)

    def _submit(self, event: Event, local: Moment) -> None:
        prayer = event.prayer
        prayer.path = self._files.allocate(local)
        text, generated = prayer.request.text, prayer.generated.text
        # Replacing the id `temp` reads the file with universal newlines: the archive loses every CR (trap T12).
        prayer.head = render.prayer_file(
            prayer.key, prayer.author.name, as_minute(local), text, generated, prayer.tag, prayer.audience
        ).replace("\r\n", "\n")
        commit = self._commit(event.moment)
        shown = self._clock.local(commit)
        self._note_late(prayer.key, local, shown)
        self._database.insert(
            "prayer", commit, prayer.key, prayer.author.key, text, generated or None, prayer.tag, stamp(shown), 0,
            prayer.audience or "all", f"{ARCHIVES}/{prayer.path}",
        )  # fmt: skip
        tag = f" ({prayer.tag})" if prayer.tag else ""
        self._log.add(commit, shown, prayer.author.name, f"submitted prayer {prayer.key}{tag}")
        prayer.stored = shown
        if prayer.request.ambiguous or prayer.generated.ambiguous:
            self.outcome.ambiguous.add(prayer.key)
        if prayer.request.carriage:
            self.outcome.carriage.add(prayer.key)

    def _line(self, event: Event, local: Moment, predicate: str) -> None:
        event.prayer.lines.append(render.activity_line(as_minute(local), event.person.name, predicate))

    def _record(
        self, event: Event, commit: Moment, shown: Moment, action: str, old: str | None, new: str | None
    ) -> None:
        """Write one row of the activity log; only `prayed` and `testimony` rows know their file (section 5.3)."""
        prayer = event.prayer
        path = f"{ARCHIVES}/{prayer.copy or prayer.path}" if action in ("prayed", "testimony") else None
        self._database.insert(
            "prayer_activity_log", commit, hex_id(self._rng), prayer.key, event.person.key, action, old, new,
            stamp(shown), path,
        )  # fmt: skip
        if prayer.history is not None:
            prayer.history.append((shown, event.person, action, old, new))

    def _mark(self, event: Event, local: Moment) -> None:
        prayer = event.prayer
        self._line(event, local, render.PRAYED)
        commit = self._commit(event.moment)
        shown = self._clock.local(commit)
        key = hex_id(self._rng)
        self._note_late(key, local, shown)
        self._database.insert(
            "prayermark", commit, key, event.person.key, prayer.key, stamp(shown),
            f"{ARCHIVES}/{prayer.copy or prayer.path}",
        )  # fmt: skip
        self._record(event, commit, shown, "prayed", None, "true")
        self._log.add(commit, shown, event.person.name, f"prayed for prayer {prayer.key}")

    def _set(self, event: Event, commit: Moment, name: str, value: str) -> None:
        """Set an attribute: setting it again changes only the value (section 5.1). Both rows are UTC."""
        prayer = event.prayer
        known = prayer.attributes.get(name)
        if known is None:
            key = hex_id(self._rng)
            row = (key, prayer.key, name, value, stamp(commit), event.person.key, None)
            self._database.insert("prayer_attributes", commit, *row)
        else:
            key = known[0]
            statement = "UPDATE prayer_attributes SET attribute_value = ? WHERE id = ?"
            self._database.change(commit, statement, value, key)
        prayer.attributes[name] = (key, value)
        self._record(event, commit, commit, f"set_{name}", known[1] if known else None, value)

    def _answer(self, event: Event, local: Moment) -> None:
        text = event.text
        self._line(event, local, render.ANSWERED)
        if text:
            text = self._imitate(event, text)
            self._line(event, local, render.testimony(text))
        commit = self._commit(event.moment)
        shown = self._clock.local(commit)
        self._set(event, commit, "answered", "true")
        self._set(event, commit, "answer_date", iso(shown))
        if text:
            self._set(event, commit, "answer_testimony", text)
            self._record(event, commit, shown, "testimony", None, text)
        self._log.add(commit, shown, event.person.name, f"marked prayer {event.prayer.key} as answered")

    def _imitate(self, event: Event, text: str) -> str:
        number, self._testimonies = self._testimonies, self._testimonies + 1
        if number not in self._imitations:
            return text
        chance = Random(f"imitation {self._options.seed} {number}")
        minute = as_minute(self._clock.local(event.moment))
        lines = []
        for _ in range(chance.randrange(1, 4)):
            other = self.community.somebody(event.moment)
            predicate = chance.choice((render.PRAYED, render.PRAYED, render.ANSWERED, render.ARCHIVED))
            minute += chance.randrange(0, 600)
            lines.append(render.activity_line(minute, other.name, predicate))
        extra = "".join(lines).removesuffix("\n")
        self.outcome.imitations.append({"prayer": event.prayer.key, "lines": extra})
        return f"{text}\n{extra}"

    def _change_state(self, event: Event, local: Moment) -> None:
        prayer, kind = event.prayer, event.kind
        verbs = {
            "archive": (render.ARCHIVED, "archived"), "restore": (render.RESTORED, "restored"),
            "flag": (render.FLAGGED, "flagged"),
        }  # fmt: skip
        commit = self._commit(event.moment)
        if kind in verbs:
            predicate, verb = verbs[kind]
            self._line(event, local, predicate)
            self._log.add(commit, self._clock.local(commit), event.person.name, f"{verb} prayer {prayer.key}")
        else:
            self.outcome.silent_flags.add(prayer.key)
        if kind == "restore":
            self._restore(event, commit)
        else:
            self._set(event, commit, "archived" if kind == "archive" else "flagged", "true")

    def _restore(self, event: Event, commit: Moment) -> None:
        """Remove the attribute; the removal is logged only if there was one (section 5.1)."""
        known = event.prayer.attributes.pop("archived", None)
        if known is not None:
            self._database.change(commit, "DELETE FROM prayer_attributes WHERE id = ?", known[0])
            self._record(event, commit, commit, "remove_archived", known[1], None)

    def _heal(self, prayer: Prayer) -> None:
        """Write the archive anew from the database as the healing script did (trap T7): the old file stays behind."""
        prayer.first_part = prayer.head + "".join(prayer.lines)
        prayer.copy = self._files.allocate(prayer.stored)
        prayer.head = render.prayer_file(
            prayer.key, prayer.author.name, as_minute(prayer.stored), prayer.request.text, prayer.generated.text, prayer.tag,
            prayer.audience,
        )  # fmt: skip
        prayer.lines = [
            render.activity_line(as_minute(moment), person.name, _healed(action, old, new))
            for moment, person, action, old, new in sorted(prayer.history or (), key=lambda item: item[0])
        ]
        statement = "UPDATE prayer SET text_file_path = ? WHERE id = ?"
        self._database.change(prayer.moment, statement, f"{ARCHIVES}/{prayer.copy}", prayer.key)
        self.outcome.copied.add(prayer.key)
        self.outcome.copies.add(f"{ARCHIVES}/{prayer.copy}")


def _healed(action: str, old: str | None, new: str | None) -> str:
    """Return how the healing script wrote a log row (section 2.1)."""
    if action == "prayed":
        return render.PRAYED
    if action == "testimony":
        return render.testimony(new or "")
    if action.startswith("remove_"):
        return render.attribute_removed(action.replace("remove_", ""), old or "")
    return render.attribute_set(action.replace("set_", ""), new or "", old)
