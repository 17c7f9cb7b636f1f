"""The lines that tell when a CronJob runs, and its time zone.

Source: `vendor/github.com/robfig/cron/v3/parser.go`, ParseStandard, and
`pkg/apis/batch/validation/validation.go`, validateScheduleFormat, validateTimeZone, v1.36.
"""

import re
import zoneinfo
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from planespec.spec.quantity.amount import parse_int64, quote

_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = "@every "
_PART_OF_ZONE = r"[A-Za-z.\-_0-9+]{1,14}"
_UNITS = ("ns", "us", "µs", "μs", "ms", "s", "m", "h")
_DURATION = re.compile(r"([0-9]*)(\.[0-9]*)?([^0-9.]*)")


class CronError(ValueError):
    """A line that is no schedule."""


class _Bounds(NamedTuple):
    least: int
    most: int
    names: Mapping[str, int]


def _number(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


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
    if line.startswith(("TZ=", "CRON_TZ=")):
        zone, _, line = line.partition(" ")
        name = zone.partition("=")[2]
        if name not in ("", "UTC", "Local") and not _is_zone(name):
            raise CronError(f"provided bad location {name}: unknown time zone {name}")
        line = line.strip()
    if line.startswith("@"):
        _check_descriptor(line)
        return
    fields = line.split()
    if len(fields) != len(_FIELDS):
        listed = " ".join(fields)
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{listed}]")
    for text, bounds in zip(fields, _FIELDS, strict=True):
        for part in filter(None, text.split(",")):
            _check_range(part, bounds)


def _check_range(text: str, bounds: _Bounds) -> None:
    """Check a number or a range, either with a step. Source: getRange."""
    ends, *steps = text.split("/")
    first, *last = ends.split("-")
    start, end = bounds.least, bounds.most
    if first not in ("*", "?"):
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


def _read_number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    number = parse_int64(text)
    if number is None:
        is_number = re.fullmatch("[+-]?[0-9]+", text)
        why = "value out of range" if is_number else "invalid syntax"
        call = f"strconv.Atoi: parsing {quote(text)}"
        raise CronError(f"failed to parse int from {text}: {call}: {why}")
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number


def _check_descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if not text.startswith(_EVERY):
        raise CronError(f"unrecognized descriptor: {text}")
    error = get_duration_error(text.removeprefix(_EVERY))
    if error:
        raise CronError(f"failed to parse duration {text}: {error}")


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
    if name not in ("UTC", "Local") and not _is_zone(name):
        errors.append(f"unknown time zone {name}")
    return errors


@cache
def _list_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _is_zone(name: str) -> bool:
    """Say whether there is such a zone; any is believed where the system knows none."""
    return not _list_zones() or name in _list_zones()
