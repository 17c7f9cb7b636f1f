"""A process whose standard streams are closed, as a shell's `<&-` leaves them."""

import sys
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

EMPTY = '{"apiVersion": "v1", "kind": "List", "items": []}'
READERS = {
    "audit": (["audit", "-"], ExitCode.PARSE, "-:1: holds no object of Kubernetes"),
    "a log": (["audit", "--log", "-"], ExitCode.UNKNOWN, "read nothing"),
    "an object": (["admit", "-", "--cluster", "empty.json"], ExitCode.PARSE, "has 0 objects"),
    "a pod": (["fit", "-", "--cluster", "empty.json"], ExitCode.PARSE, "has 0 pods"),
    "subjects": (["can", "ann", "get", "pods", "--cluster", "-"], ExitCode.UNKNOWN, "unknown"),
}


@pytest.mark.parametrize("case", READERS)
def test_closed_input_is_read_as_an_empty_one(
    planespec: Commands, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, code, said = READERS[case]
    planespec.write(EMPTY, "empty.json")
    monkeypatch.chdir(planespec.folder)
    monkeypatch.setattr(sys, "stdin", None)
    answer = planespec(*arguments)
    assert said in answer.out + answer.err
    assert answer.code == code


def test_a_model_is_explored_where_nothing_can_be_typed(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    file: Path = planespec.write(COUNTER)
    monkeypatch.setattr(sys, "stdin", None)
    answer = planespec("explore", file)
    assert "count = 0" in answer.out
    assert answer.code == 0


def test_a_model_is_explored_where_nothing_can_be_shown(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = planespec.write("1\n", "script.txt")
    file = planespec.write(COUNTER)
    monkeypatch.setattr(sys, "stdout", None)
    assert planespec("explore", file, "--script", script).code == 0
