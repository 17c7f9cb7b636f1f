"""Ctrl-C, so that none is lost; long work in a thread of its own, while the caller keeps watch."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Generic, TypeVar

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


POLL_SECONDS = 0.05
"""Between two looks at what may end the work."""

GRACE_SECONDS = 0.5
"""How long work may take to end when it is told to."""

T = TypeVar("T")
_left_behind: list["_Work[Any]"] = []


def attend(
    task: Callable[[], T],
    watch: Callable[[], None] = lambda: None,
    stop: Callable[[], None] = lambda: None,
    grace: float = GRACE_SECONDS,
) -> T:
    """The result of `task`, or what it raises; `watch` is called now and then meanwhile.

    What `watch` raises, and Ctrl-C, end the work: `stop` is called, the task has `grace` seconds
    to return, and the exception goes on to the caller. The task may then still be running.
    """
    with deferred():
        raise_pending()
        work = _Work(task)
        work.thread.start()
        try:
            while not work.ends_within(POLL_SECONDS):
                raise_pending()
                watch()
            raise_pending()
        except BaseException:
            stop()
            if not work.ends_within(grace):
                _left_behind[:] = [work, *(w for w in _left_behind if w.thread.is_alive())]
            raise
    return work.result()


def is_work_left_behind() -> bool:
    """Whether a task that was told to end still runs: leaving the process must not wait for it."""
    return any(work.thread.is_alive() for work in _left_behind)


class _Work(Generic[T]):
    """A task in its thread, and what came of it."""

    def __init__(self, task: Callable[[], T]) -> None:
        self.task = task
        self.thread = threading.Thread(target=self._run, name="planespec work", daemon=True)
        self.value: T
        self.error: BaseException | None = None

    def _run(self) -> None:
        try:
            self.value = self.task()
        except BaseException as error:  # raised again by `result`
            self.error = error

    def ends_within(self, seconds: float) -> bool:
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value
