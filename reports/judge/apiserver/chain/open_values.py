"""Values that a line leaves open: a resourceVersion, a uid, how many objects there are by then."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from planespec.reports.judge.runner import ABSENT


@dataclass(frozen=True, slots=True)
class Open:
    """Stands in an answer for any value that `allows` says upstream can give."""

    name: str
    allows: Callable[[object], bool]


def settle(ours: object, recorded: object) -> object:
    """Our answer with what is open in it taken from the recorded one, where that can be."""
    if isinstance(ours, Open):
        return recorded if ours.allows(recorded) else f"({ours.name})"
    if isinstance(ours, dict):
        other = recorded if isinstance(recorded, dict) else {}
        settled = {name: settle(value, other.get(name, ABSENT)) for name, value in ours.items()}
        return {name: value for name, value in settled.items() if value is not ABSENT}
    if isinstance(ours, list):
        items = recorded if isinstance(recorded, list) else []
        return [
            settle(value, items[index] if index < len(items) else ABSENT)
            for index, value in enumerate(ours)
        ]
    return ours


def match_text(name: str, pattern: str) -> Open:
    """Any text of this form."""
    compiled = re.compile(pattern, re.DOTALL)
    return Open(name, lambda value: isinstance(value, str) and bool(compiled.fullmatch(value)))


VERSION = match_text("a resourceVersion", r"[1-9]\d*")
UID = match_text("a uid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LATENCY = Open(
    "a duration, or nothing",
    lambda value: (
        value is ABSENT
        or (isinstance(value, str) and re.fullmatch(r"[\d.]+(ns|µs|ms|s)", value) is not None)
    ),
)


def count_up_to(most: int) -> Open:
    """A number of objects."""
    return Open(
        f"a number up to {most}",
        lambda value: (
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
        ),
    )


def take_seconds(least: float) -> Open:
    """How long a request took: told from a second on, never less than what it waited for.

    Pauses are up to a fifth longer than their least; a busy machine adds up to a second.
    """

    def allows(value: object) -> bool:
        if value is ABSENT:
            return least < 1.5
        return isinstance(value, float) and least - 0.1 <= value <= least * 1.2 + 1

    return Open(f"seconds, at least {least:g}", allows)
