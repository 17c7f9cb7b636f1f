"""Ctrl-C gives what was found so far, and exit code 130."""

import json
import os
import signal
from pathlib import Path

import interrupting
import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode
from planespec.reports import mutation
from planespec.reports.cli.options import Teller


def interrupt_after(monkeypatch: pytest.MonkeyPatch, questions: int) -> None:
    """Let mutants be asked so many questions, then press Ctrl-C."""
    check, left = mutation.check, iter(range(questions))

    def interrupted(*arguments: object) -> object:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return check(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(mutation, "check", interrupted)


def test_mutants_asked_about_by_then_are_shown(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = planespec.write(COUNTER)
    interrupt_after(monkeypatch, 1)
    answer = planespec("mutate", path)
    assert answer.code == ExitCode.INTERRUPTED
    assert "runaway" in answer.out
    assert "harmless" not in answer.out
    assert "interrupted, 1 of 2 mutants asked about" in answer.err


def test_a_document_says_that_it_was_interrupted(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = planespec.write(COUNTER)
    interrupt_after(monkeypatch, 0)
    document = json.loads(planespec("mutate", path, "--json").out)
    assert (document["interrupted"], document["mutants"]) == (True, [])
    assert document["exit_code"] == ExitCode.INTERRUPTED


@pytest.mark.parametrize("command", ["check", "simulate"])
def test_ctrl_c_ends_one_wide_step_with_the_numbers_so_far(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def press_ctrl_c(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    for name in ("__call__", "tell"):
        monkeypatch.setattr(Teller, name, press_ctrl_c)
    wide = interrupting.WIDE.replace("300_000", "90_000_000")
    answer = planespec(command, planespec.write(wide, "wide.py"), "--engine", "native")
    assert answer.code == ExitCode.INTERRUPTED
    assert "(interrupted)" in answer.out
    assert answer.err == ""


def stressed(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    sent: list[signal.Signals],
    names: list[str],
    wide: str = interrupting.WIDE,
) -> list[str]:
    monkeypatch.setenv("PLANESPEC_CACHE", str(folder / "cache"))
    return interrupting.stress(count, 11, sent, names, folder, wide)[1]


def test_signals_at_a_few_random_moments_change_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = [signal.SIGINT, signal.SIGTERM]
    wide = interrupting.WIDE.replace("300_000", "60_000")
    assert stressed(tmp_path, monkeypatch, 2, signals, ["violated"], wide) == []


@pytest.mark.slow
def test_signals_at_many_random_moments_change_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = [signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
    assert stressed(tmp_path, monkeypatch, 60, signals, list(interrupting.COMMANDS)) == []
