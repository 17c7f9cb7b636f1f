"""The lines that the library writes to its log, in its own words and at the same places.

Only the format and what it is about are handed over; whoever listens makes text of it.
"""

from collections.abc import Callable
from enum import IntEnum


class Level(IntEnum):
    """How grave a line is, the least grave first."""

    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3


Listener = Callable[[Level, str, tuple[object, ...]], None]
"""Told the level, a format of `%d`, `%x` and `%s`, and its values."""
