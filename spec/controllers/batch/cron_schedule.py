"""The times of a schedule, as the cron package of the controller finds them.

An hour that the clock skips or repeats is treated as this package does: the search goes on from
instant to instant, so that a time in a skipped hour is left out, and one in a repeated hour comes
once in each.

Source: `github.com/robfig/cron/v3`, spec.go (Next) and constantdelay.go, and `time.Date` of Go.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from planespec.spec.validation.kinds.cron_lines import CronLine, read_cron_line

_MINUTES, _HOURS, _DAYS, _MONTHS, _WEEKDAYS = range(5)
YEARS = 5
"""Years in which a time is sought."""
_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """A line in a time zone."""

    line: CronLine
    zone: tzinfo = UTC

    def find_next(self, after: datetime) -> datetime | None:
        """The first time after a moment, both in UTC; None if none comes in five years."""
        if self.line.every:
            delay = max(self.line.every // 10**9, 1)
            return after.replace(microsecond=0) + timedelta(seconds=delay)
        return _Search(self, after.replace(microsecond=0) + _SECOND).run()


def read_schedule(text: str) -> CronSchedule:
    """Read a schedule, with `TZ=` or without. Raises CronError."""
    line = read_cron_line(text)
    return CronSchedule(line, find_zone(line.zone))


def find_zone(name: str) -> tzinfo:
    """The time zone of a name that is one; without a name UTC."""
    return UTC if name in ("", "Local") else ZoneInfo(name)


def make_instant(zone: tzinfo, year: int, month: int, *rest: int) -> datetime:
    """The instant, in UTC, at which clocks of a zone show this (`time.Date`).

    Where the time is skipped or repeated, the offset of the zone near it decides as in Go. The
    month may be beyond the year, and the day beyond the month.
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    day, hour, minute, second = (*rest, 0, 0, 0)[:4]
    naive = datetime(year, month, 1, hour, minute, second, tzinfo=UTC) + timedelta(days=day - 1)
    offset = _get_offset(zone, naive)
    found = naive - offset
    return naive - _get_offset(zone, found)


def _get_offset(zone: tzinfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


class _Search:
    """One search: an instant that only ever goes on."""

    def __init__(self, schedule: CronSchedule, start: datetime) -> None:
        self.zone, self.line = schedule.zone, schedule.line
        self.at, self.has_moved = start, False
        self.last_year = self.local.year + YEARS

    @property
    def local(self) -> datetime:
        """What clocks of the zone show."""
        return self.at.astimezone(self.zone)

    def run(self) -> datetime | None:
        """Go on until every field fits."""
        steps = (self._find_month, self._find_day, self._find_hour, self._find_minute)
        while True:
            if self.local.year > self.last_year:
                return None
            if all(step() for step in steps):
                return self.at if self.local.second == 0 else self._next_minute()

    def _next_minute(self) -> datetime | None:
        """Seconds are 0 in all lines: go on to the next minute, and look again."""
        self._begin("minute")
        self.at += _MINUTE - timedelta(seconds=self.local.second)
        return self.run()

    def _begin(self, unit: str) -> None:
        """Once, drop what is finer than a unit."""
        if self.has_moved:
            return
        self.has_moved = True
        now = self.local
        if unit == "minute":
            self.at -= timedelta(seconds=now.second)
            return
        fields = (now.year, now.month, now.day, now.hour)
        kept = {"month": 2, "day": 3, "hour": 4}[unit]
        rest = (*fields[:kept], *(1,) * (3 - kept))
        self.at = make_instant(self.zone, *rest)

    def _fits(self, field: int, value: int) -> bool:
        return value in self.line.fields[field]

    def _find_month(self) -> bool:
        while not self._fits(_MONTHS, self.local.month):
            self._begin("month")
            now = self.local
            self.at = make_instant(
                self.zone, now.year, now.month + 1, now.day, now.hour, now.minute, now.second
            )
            if self.local.month == 1:
                return False
        return True

    def _find_day(self) -> bool:
        while not self._day_fits():
            self._begin("day")
            now = self.local
            tomorrow = now.replace(tzinfo=None) + timedelta(days=1)
            self.at = make_instant(self.zone, *tomorrow.timetuple()[:6])
            if hour := self.local.hour:
                self.at += (24 - hour if hour > 12 else -hour) * _HOUR
            if self.local.day == 1:
                return False
        return True

    def _day_fits(self) -> bool:
        """Either kind of day is enough where both are named."""
        now = self.local
        of_month = self._fits(_DAYS, now.day)
        of_week = self._fits(_WEEKDAYS, (now.weekday() + 1) % 7)
        if self.line.starred & {_DAYS, _WEEKDAYS}:
            return of_month and of_week
        return of_month or of_week

    def _find_hour(self) -> bool:
        while not self._fits(_HOURS, self.local.hour):
            self._begin("hour")
            self.at += _HOUR
            if self.local.hour == 0:
                return False
        return True

    def _find_minute(self) -> bool:
        while not self._fits(_MINUTES, self.local.minute):
            self._begin("minute")
            self.at += _MINUTE
            if self.local.minute == 0:
                return False
        return True
