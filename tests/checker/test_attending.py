"""Work in a thread of its own: it is watched, told to end, or left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from planespec.checker import interrupts
from planespec.checker.budget import Budget, Spent, alarmed
from planespec.checker.interrupts import attend, is_work_left_behind

FOREVER = '''
"""Judging one state takes hours."""
from typing import Annotated
from planespec.checker.lang import Model, Range, action, invariant

class Slow(Model):
    """Nothing of interest."""
    deadlock = False
    a: Annotated[int, Range(0, 9)] = 0

    @action
    def go(self) -> None:
        """Go on."""
        self.a = 3

    @invariant
    def slow(self) -> bool:
        """True, as one finds out in the end."""
        return sum((x * y + self.a) % 7 for x in range(300_000) for y in range(300_000)) >= 0
'''


@pytest.fixture(autouse=True)
def python_handles_the_signal() -> None:
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        pytest.skip("somebody else handles SIGINT here")


def test_the_result_and_what_is_raised_come_through() -> None:
    assert attend(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        attend(lambda: 1 // 0)


def test_work_runs_where_no_signal_is_handled() -> None:
    assert attend(threading.current_thread) is not threading.main_thread()


@pytest.mark.parametrize("presses", [1, 5])
def test_ctrl_c_stops_the_work_and_is_raised_when_it_has_ended(presses: int) -> None:
    stop, ended = threading.Event(), []

    def work() -> None:
        for _ in range(presses):
            os.kill(os.getpid(), signal.SIGINT)
        stop.wait(60)
        ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        attend(work, stop=stop.set)
    assert ended
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_the_watch_raises_stops_the_work() -> None:
    stop = threading.Event()
    budget = Budget(seconds=0.001).begun()
    with pytest.raises(Spent, match=r"the budget of 0\.001 seconds is spent"):
        attend(lambda: stop.wait(60), budget.look_at_clock, stop.set)
    assert stop.is_set()


def test_work_that_does_not_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "_left_behind", [])
    release = threading.Event()
    with pytest.raises(Spent):
        attend(lambda: release.wait(60), Budget(seconds=0.001).begun().look_at_clock, grace=0)
    assert is_work_left_behind()
    release.set()
    for work in interrupts._left_behind:
        work.thread.join()
    assert not is_work_left_behind()


def test_work_under_cpython_that_does_not_look_at_the_clock_is_ended() -> None:
    with pytest.raises(Spent), alarmed(Budget(seconds=0.01).begun()):
        all(count() for _ in count())
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


SPIN = """
def spin(until, clock):
    while clock() < until:
        pass
"""


@pytest.mark.parametrize("module", ["weakref", "hypothesis.internal"])
def test_work_is_not_ended_where_python_would_drop_what_ends_it(module: str) -> None:
    """Callbacks of weak references and of the garbage collector are such places."""
    place: dict[str, Any] = {"__name__": module}
    exec(SPIN, place)
    left = []

    def work() -> None:
        place["spin"](time.monotonic() + 3 * interrupts.GRACE_SECONDS, time.monotonic)
        left.append(module)
        all(count() for _ in count())

    with pytest.raises(Spent), alarmed(Budget(seconds=0.01).begun()):
        work()
    assert left == [module]


@pytest.mark.parametrize("engine", ["python", "native", "auto"])
def test_a_command_ends_though_one_evaluation_does_not(tmp_path: Path, engine: str) -> None:
    (tmp_path / "slow.py").write_text(FOREVER, encoding="utf-8")
    line = [sys.executable, "-m", "planespec.reports.cli", "check", "slow.py", "--engine", engine]
    answer = subprocess.run(
        [*line, "--budget", "seconds=2"],
        cwd=tmp_path,
        env={**os.environ, "PLANESPEC_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 152
    assert "Unknown (the budget of 2 seconds is spent" in answer.stdout
    assert answer.stderr == ""
