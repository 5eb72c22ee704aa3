"""The simulated clock: whole microseconds since 1970 in UTC, and how the application writes them.

A *moment* is an ``int`` of microseconds. Archives and half of the database's columns are local time of the server's
zone, the other half is UTC (archive format spec, section 6.1).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Moment = int

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_QUARTER = 15 * MINUTE
_EPOCH_MINUTES = date(1970, 1, 1).toordinal() * 24 * 60
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_days: dict[int, str] = {}


class Clock:
    """Turns UTC moments into moments on the wall clock of one zone, daylight saving included."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._offsets: dict[int, int] = {}

    def local(self, moment: Moment) -> Moment:
        """Return the wall-clock moment; offsets change on a quarter of an hour in every zone in use."""
        quarter = moment // _QUARTER
        offset = self._offsets.get(quarter)
        if offset is None:
            utc = datetime.fromtimestamp(quarter * _QUARTER // SECOND, UTC)
            delta = utc.astimezone(self._zone).utcoffset()
            offset = int(delta.total_seconds()) * SECOND if delta else 0
            self._offsets[quarter] = offset
        return moment + offset


def from_datetime(value: datetime) -> Moment:
    """Return the moment of a naive UTC datetime."""
    return (value.toordinal() - _EPOCH_DAY) * DAY + (value.hour * 60 + value.minute) * MINUTE


def as_minute(moment: Moment) -> int:
    """Return the whole minute as ``thywill_reconstruct.times`` counts them."""
    return moment // MINUTE + _EPOCH_MINUTES


def as_date(moment: Moment) -> date:
    """Return the day of a moment."""
    return date.fromordinal(moment // DAY + _EPOCH_DAY)


def _day(moment: Moment) -> str:
    number = moment // DAY
    text = _days.get(number)
    if text is None:
        text = _days[number] = date.fromordinal(number + _EPOCH_DAY).isoformat()
    return text


def stamp(moment: Moment) -> str:
    """Return a moment as SQLAlchemy stores it: ``2025-07-16 09:05:33.123456``."""
    seconds, fraction = divmod(moment % DAY, SECOND)
    hours, rest = divmod(seconds, 3600)
    return f"{_day(moment)} {hours:02}:{rest // 60:02}:{rest % 60:02}.{fraction:06}"


def minute_stamp(moment: Moment) -> str:
    """Return a moment as a re-import of archives stores it: its minute, no seconds."""
    return stamp(moment - moment % MINUTE)


def iso(moment: Moment) -> str:
    """Return a moment in date format I: ``2025-07-16T09:05:33.123456``, no fraction if it is zero."""
    text = stamp(moment).replace(" ", "T")
    return text if moment % SECOND else text[:19]
