"""The lines that tell when a CronJob runs, and its time zone.

Source: `vendor/github.com/robfig/cron/v3/parser.go`, ParseStandard, and
`pkg/apis/batch/validation/validation.go`, validateScheduleFormat, validateTimeZone, v1.36.
"""

import re
import zoneinfo
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from planespec.spec.quantity.amount import explain_atoi, parse_int64, quote

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "
_PART_OF_ZONE = r"[A-Za-z.\-_0-9+]{1,14}"
_SECOND = 10**9
_UNITS = {
    "ns": 1,
    **dict.fromkeys(("us", "µs", "μs"), 10**3),
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_DURATION = re.compile(r"([0-9]*)(\.[0-9]*)?([^0-9.]*)")


class CronError(ValueError):
    """A line that is no schedule."""


class _Bounds(NamedTuple):
    least: int
    most: int
    names: Mapping[str, int]


def _number(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


class CronLine(NamedTuple):
    """What a line says: fields of a calendar, or a fixed delay."""

    zone: str
    """The time zone that it names; empty where it names none."""
    fields: tuple[frozenset[int], ...] = ()
    """Minutes, hours, days of the month, months, days of the week from Sunday as 0."""
    starred: frozenset[int] = frozenset()
    """The fields that name no values at all, by number."""
    every: int = 0
    """The delay in nanoseconds where it is fixed."""


_FIELDS = (
    _Bounds(0, 59, {}),
    _Bounds(0, 23, {}),
    _Bounds(1, 31, {}),
    _Bounds(1, 12, _number("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    _Bounds(0, 6, _number("sun mon tue wed thu fri sat", 0)),
)


def get_schedule_errors(line: str) -> list[str]:
    """Return what is wrong with a schedule that is not empty."""
    errors = []
    try:
        check_cron_line(line)
    except CronError as error:
        errors.append(str(error))
    if "TZ" in line:
        errors.append("cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    return errors


def check_cron_line(line: str) -> None:
    """Check a line of five fields, or a descriptor. Raises CronError."""
    read_cron_line(line)


def read_cron_line(line: str) -> CronLine:
    """Read a line of five fields, or a descriptor. Raises CronError."""
    name = ""
    if line.startswith(("TZ=", "CRON_TZ=")):
        zone, _, line = line.partition(" ")
        name = zone.partition("=")[2]
        if name not in ("", "UTC", "Local") and not is_zone(name):
            raise CronError(f"provided bad location {name}: unknown time zone {name}")
        line = line.strip()
    if line.startswith("@"):
        return _read_descriptor(line)._replace(zone=name)
    fields = line.split()
    if len(fields) != len(_FIELDS):
        listed = " ".join(fields)
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{listed}]")
    read = [_read_field(text, bounds) for text, bounds in zip(fields, _FIELDS, strict=True)]
    starred = frozenset(number for number, (_, is_starred) in enumerate(read) if is_starred)
    return CronLine(name, tuple(values for values, _ in read), starred)


def _read_field(text: str, bounds: _Bounds) -> tuple[frozenset[int], bool]:
    parts = [_read_range(part, bounds) for part in filter(None, text.split(","))]
    values = frozenset(value for those, _ in parts for value in those)
    return values, any(is_starred for _, is_starred in parts)


def _read_range(text: str, bounds: _Bounds) -> tuple[range, bool]:
    """Read a number or a range, either with a step; whether it is `*`. Source: getRange."""
    ends, *steps = text.split("/")
    first, *last = ends.split("-")
    start, end = bounds.least, bounds.most
    is_starred = first in ("*", "?")
    if not is_starred:
        start = end = _read_number(first, bounds.names)
        if len(last) > 1:
            raise CronError(f"too many hyphens: {text}")
        if last:
            end = _read_number(last[0], bounds.names)
    if len(steps) > 1:
        raise CronError(f"too many slashes: {text}")
    step = _read_number(steps[0], {}) if steps else 1
    if steps and not last:
        end = bounds.most
    low, high = f"beginning of range ({start})", f"end of range ({end})"
    if start < bounds.least:
        raise CronError(f"{low} below minimum ({bounds.least}): {text}")
    if end > bounds.most:
        raise CronError(f"{high} above maximum ({bounds.most}): {text}")
    if start > end:
        raise CronError(f"{low} beyond {high}: {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return range(start, end + 1, step), is_starred and step == 1


def _read_number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    number = parse_int64(text)
    if number is None:
        raise CronError(f"failed to parse int from {text}: {explain_atoi(text)}")
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number


def _read_descriptor(text: str) -> CronLine:
    if text in _DESCRIPTORS:
        return read_cron_line(_DESCRIPTORS[text])
    if not text.startswith(_EVERY):
        raise CronError(f"unrecognized descriptor: {text}")
    duration = text.removeprefix(_EVERY)
    error = get_duration_error(duration)
    if error:
        raise CronError(f"failed to parse duration {text}: {error}")
    return CronLine("", every=_read_duration(duration))


def _read_duration(text: str) -> int:
    """A duration that is one, in nanoseconds."""
    total = Fraction(0)
    for whole, part, unit in _DURATION.findall(text.lstrip("+-")):
        if unit:
            total += Fraction(f"{whole or 0}{part if part != '.' else ''}") * _UNITS[unit]
    return int(-total if text.startswith("-") else total)


def get_duration_error(text: str) -> str:
    """Return what Go says of a duration such as 1h30m; empty if it is one."""
    shown, rest = quote(text), text.removeprefix("-").removeprefix("+")
    if text.startswith("-+"):
        rest = text[1:]
    if rest == "0":
        return ""
    if not rest:
        return f"time: invalid duration {shown}"
    while rest:
        found = _DURATION.match(rest)
        if found is None or not (found[1] or (found[2] or "")[1:]):
            return f"time: invalid duration {shown}"
        if not found[3]:
            return f"time: missing unit in duration {shown}"
        if found[3] not in _UNITS:
            return f"time: unknown unit {quote(found[3])} in duration {shown}"
        rest = rest[found.end() :]
    return ""


def get_time_zone_errors(name: str) -> list[str]:
    """Return what is wrong with a time zone that is stated."""
    if not name:
        return ["timeZone must be nil or non-empty string"]
    for part in name.split("/"):
        if part in (".", "..") or part.startswith("-") or not re.fullmatch(_PART_OF_ZONE, part):
            return [f"unknown time zone {name}"]
    errors = []
    if name.lower() == "local":
        words = "timeZone must be an explicit time zone as defined in"
        errors.append(f"{words} https://www.iana.org/time-zones")
    if name not in ("UTC", "Local") and not is_zone(name):
        errors.append(f"unknown time zone {name}")
    return errors


@cache
def _list_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def is_zone(name: str) -> bool:
    """Say whether there is such a zone; any is believed where the system knows none."""
    return not _list_zones() or name in _list_zones()
