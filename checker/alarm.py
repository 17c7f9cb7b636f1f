"""Ends work under CPython that does not look at the clock, as one step may take for ever."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from planespec.checker.attending import GRACE_SECONDS
from planespec.checker.budget import Budget, Spent

SOON = 0.02
"""Seconds after which an alarm that rang at a bad moment rings again."""

BESIDE_US = frozenset({"hypothesis", "networkx", "numpy", "scipy", "z3", "llvmlite", "_pytest"})


class Overdue(BaseException):
    """The time was over a while ago; no Exception, so that no model takes it for an error."""


@contextmanager
def alarmed(budget: Budget) -> Iterator[None]:
    """Raise Spent where the work goes on though the budget of time was spent a while ago.

    Only in the main thread, and where nobody else uses the alarm clock of the process.
    """
    main = threading.current_thread() is threading.main_thread()
    used = signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    if budget.deadline is None or not main or used:
        yield
        return
    signal.signal(signal.SIGALRM, _ring)
    left = max(budget.deadline - time.monotonic(), 0.0)
    try:
        signal.setitimer(signal.ITIMER_REAL, left + GRACE_SECONDS, GRACE_SECONDS)
        yield
    except Overdue:
        raise Spent(budget.spent_seconds) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _ring(number: int, frame: FrameType | None) -> None:
    if _is_heard_in(frame):
        raise Overdue
    signal.setitimer(signal.ITIMER_REAL, SOON, GRACE_SECONDS)


def _is_heard_in(frame: FrameType | None) -> bool:
    """Whether what is raised here ends the work, and is not printed and dropped.

    Python drops what callbacks raise (of weak references, of the garbage collector); those that
    run in the midst of a model are of the standard library or of a package beside us.
    """
    name = frame.f_globals.get("__name__", "") if frame else ""
    package = str(name).partition(".")[0]
    return package not in sys.stdlib_module_names and package not in BESIDE_US
