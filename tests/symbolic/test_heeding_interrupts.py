"""Ctrl-C is not lost where Python drops exceptions."""

import os
import signal

import pytest

from planespec.checker.engines.symbolic.solving import Clock, Query
from planespec.checker.interrupts import heeded, raise_pending


class Collected:
    """Ctrl-C arrives while this is collected."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass


@pytest.fixture(autouse=True)
def python_handles_the_signal() -> None:
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        pytest.skip("somebody else handles SIGINT here")


def test_an_interrupt_in_a_finaliser_is_raised_at_the_next_query(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with heeded():
        made = Collected()
        del made
        with pytest.raises(KeyboardInterrupt):
            Query(Clock(None)).satisfiable(True)
        raise_pending()
    assert "ignored" not in capfd.readouterr().err


def test_an_interrupt_elsewhere_is_raised_at_once_and_remembered_for_no_other_task() -> None:
    with pytest.raises(KeyboardInterrupt), heeded():
        os.kill(os.getpid(), signal.SIGINT)
    with heeded():
        raise_pending()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
