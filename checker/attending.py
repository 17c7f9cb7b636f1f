"""Long work in a thread of its own, while the calling thread keeps watch.

Signals are handled in the main thread only, so that nothing is ever raised in the midst of such
work: neither in what native code calls back nor between two lines that belong together. The work
is told to end, and what cannot be told (a pass of LLVM, one evaluation that takes for ever) is
left behind.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from planespec.checker.interrupts import deferred, raise_pending

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
