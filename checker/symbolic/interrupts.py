"""Ctrl-C while a solver works, so that none is lost.

A KeyboardInterrupt that Python raises inside a finaliser is printed and dropped, and z3 makes and
drops its terms by the million; a flag remembers it until the next query.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_pending = threading.Event()


@contextmanager
def heeded() -> Iterator[None]:
    """Remember Ctrl-C for `raise_pending` as well as raising it where Python stands.

    Does nothing in other threads than the main one and where somebody else handles the signal.
    """
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before is not signal.default_int_handler:
        yield
        return
    hook = sys.unraisablehook
    _pending.clear()
    signal.signal(signal.SIGINT, _interrupted)
    sys.unraisablehook = lambda lost: None if _is_interrupt(lost) else hook(lost)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, before)
        _pending.clear()


def raise_pending() -> None:
    """Raise KeyboardInterrupt when one was asked for and dropped."""
    if _pending.is_set():
        _pending.clear()
        raise KeyboardInterrupt


def _interrupted(number: int, frame: FrameType | None) -> None:
    _pending.set()
    signal.default_int_handler(number, frame)


def _is_interrupt(lost: Any) -> bool:
    return lost.exc_type is KeyboardInterrupt
