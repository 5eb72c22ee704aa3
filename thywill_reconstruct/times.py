"""Times as whole minutes, the only precision that archives have.

A *minute* is an ``int``: minutes since 0001-01-01 00:00 on whatever clock the text was written with (archive
format spec, section 0 and 6.1: archives carry no zone). Comparing clocks is the business of ``diff.clocks``.
A time that cannot be parsed is ``None``, never the current time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

Minute = int

MINUTES_PER_DAY = 24 * 60
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_NUMBER = {name: number for number, name in enumerate(MONTHS, 1)}
_SHORT_MONTH_NUMBER = {name[:3]: number for number, name in enumerate(MONTHS, 1)}

# Regular expression for a human stamp (date format H of the archive format spec, seconds and short months
# tolerated as format HS). Two groups: the day, and the clock.
STAMP = (
    r"((?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{2} \d{4}) at (\d{2}:\d{2})(?::\d{2})?"
)

# What an ISO time says below the minute.
_SECOND = re.compile(r":([0-5]\d)(?:\.(\d{1,6}))?(?!\d)", re.ASCII)
# Every time a clock can show: looking one up is quicker than reading its digits, and refuses what is none.
_CLOCK = {f"{hour:02}:{minute:02}": hour * 60 + minute for hour in range(24) for minute in range(60)}
_SECONDS = re.compile(r":([0-9]{2})(?:\.([0-9]{1,6}))?")
_human_days: dict[str, Minute | None] = {}
_iso_days: dict[str, Minute | None] = {}


def _day_minute(year: int, month: int, day: int) -> Minute | None:
    try:
        return date(year, month, day).toordinal() * MINUTES_PER_DAY
    except ValueError:
        return None


def human_day(text: str) -> Minute | None:
    """Return the minute at which the day ``July 06 2025`` begins, or ``None`` if there is no such day."""
    if text not in _human_days:
        month, day, year = text.split(" ")
        number = _MONTH_NUMBER.get(month) or _SHORT_MONTH_NUMBER.get(month, 0)
        _human_days[text] = _day_minute(int(year), number, int(day))
    return _human_days[text]


def clock(text: str) -> Minute | None:
    """Return the minutes after midnight of ``09:05``, or ``None`` if no clock shows that."""
    return _CLOCK.get(text[:5])


def human_minute(day_text: str, clock_text: str) -> Minute | None:
    """Return the minute of the two groups of ``STAMP``, or ``None`` if there is no such time."""
    day = _human_days[day_text] if day_text in _human_days else human_day(day_text)
    within = clock(clock_text)
    return None if day is None or within is None else day + within


def iso_minute(text: object) -> Minute | None:
    """Return the minute of ``2025-07-16 09:05:33.123`` (space or T, any fraction), cut, or ``None``.

    Zone suffixes are ignored: the caller knows which clock the column or file uses.
    """
    if not isinstance(text, str):
        return None
    day_text = text[:10]
    if day_text not in _iso_days:
        try:
            _iso_days[day_text] = date.fromisoformat(day_text).toordinal() * MINUTES_PER_DAY
        except ValueError:
            _iso_days[day_text] = None
    day, within = _iso_days[day_text], _CLOCK.get(text[11:16])
    return None if day is None or within is None else day + within


def iso_microsecond(text: object) -> int | None:
    """Return the microsecond of ``2025-07-16 09:05:33.123``, seconds and fraction as far as they are there, or ``None``."""
    minute = iso_minute(text)
    if minute is None or not isinstance(text, str):
        return None
    found = _SECONDS.match(text, 16)
    whole, fraction = (found[1], found[2] or "") if found else ("0", "")
    return (minute * 60 + int(whole)) * 1_000_000 + int(fraction.ljust(6, "0"))


def as_datetime(minute: Minute) -> datetime:
    """Return the naive datetime of a minute."""
    return datetime.fromordinal(minute // MINUTES_PER_DAY) + timedelta(minutes=minute % MINUTES_PER_DAY)


def as_database_text(minute: Minute) -> str:
    """Return a minute as the application's database stores times: ``2025-07-16 09:05:00.000000``."""
    return as_datetime(minute).strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")


def iso_second(text: str) -> str:
    """Return what ``2025-07-16T09:05:33.1`` says below the minute, in six decimals: ``33.100000``; ``""`` if nothing.

    >>> iso_second("2025-07-16T09:05:33.1"), iso_second("2025-07-16 09:05:33"), iso_second("2025-07-16 09:05")
    ('33.100000', '33.000000', '')
    """
    match = _SECOND.match(text, 16)
    return f"{match[1]}.{match[2] or '':0<6}" if match else ""


def next_second(text: str | None) -> str:
    """Return the stored time one second later, as the database stores times, or ``""`` if it cannot be read.

    >>> next_second("2025-07-16 23:59:59.1")
    '2025-07-17 00:00:00.100000'
    """
    minute = iso_minute(text)
    if minute is None or text is None:
        return ""
    seconds, _, fraction = (iso_second(text) or "00.000000").partition(".")
    moment = as_datetime(minute) + timedelta(seconds=int(seconds) + 1, microseconds=int(fraction))
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")


def as_human(minute: Minute) -> str:
    """Return a minute as archives write it: ``July 16 2025 at 09:05``."""
    moment = as_datetime(minute)
    return f"{MONTHS[moment.month - 1]} {moment.day:02} {moment.year:04} at {moment.hour:02}:{moment.minute:02}"


def show(minute: Minute | None) -> str:
    """Return a minute for a report: ``2025-07-16 09:05``, or ``unknown time``."""
    return as_datetime(minute).strftime("%Y-%m-%d %H:%M") if minute is not None else "unknown time"
