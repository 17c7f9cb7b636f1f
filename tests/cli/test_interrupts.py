"""Ctrl-C gives what was found so far, and exit code 130."""

import json

import pytest
from commands import COUNTER, Commands

from planespec.checker.exit_codes import ExitCode
from planespec.reports import mutation


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
