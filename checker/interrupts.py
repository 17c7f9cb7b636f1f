"""Ctrl-C, so that none is lost and none strikes in the midst of work.

Python raises KeyboardInterrupt wherever the main thread stands. In a finaliser or in a function
that native code calls it is printed and dropped; z3 makes and drops its terms by the million.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_pending: list[bool] = []
"""Not empty: a Ctrl-C that nobody has answered. No lock, for a handler may stand anywhere."""


@contextmanager
def heeded() -> Iterator[None]:
    """Remember Ctrl-C for `raise_pending` as well as raising it where Python stands.

    Does nothing in other threads than the main one and where somebody else handles the signal.
    An error that ends the work after Ctrl-C comes out as KeyboardInterrupt.
    """
    if not _may_handle(signal.default_int_handler):
        yield
        return
    hook = sys.unraisablehook
    _pending.clear()
    signal.signal(signal.SIGINT, _interrupted)
    sys.unraisablehook = lambda lost: None if _is_interrupt(lost) else hook(lost)
    try:
        yield
    except Exception as error:
        if _pending:  # ctypes, for one, makes errors of its own out of it
            raise KeyboardInterrupt from error
        raise
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _pending.clear()


@contextmanager
def deferred() -> Iterator[None]:
    """Only remember Ctrl-C for `raise_pending`; nothing is raised anywhere else.

    Does nothing where `heeded` would do nothing.
    """
    if not _may_handle(signal.default_int_handler, _interrupted):
        yield
        return
    before = signal.signal(signal.SIGINT, _remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def raise_pending() -> None:
    """Raise KeyboardInterrupt when one was asked for and not raised, or dropped."""
    if _pending:
        _pending.clear()
        raise KeyboardInterrupt


def _may_handle(*handlers: Any) -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) in handlers


def _interrupted(number: int, frame: FrameType | None) -> None:
    _remember(number, frame)
    signal.default_int_handler(number, frame)


def _remember(number: int, frame: FrameType | None) -> None:
    _pending.append(True)


def _is_interrupt(lost: Any) -> bool:
    return lost.exc_type is KeyboardInterrupt
