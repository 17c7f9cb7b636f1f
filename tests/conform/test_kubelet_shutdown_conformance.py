"""Pods are grouped and ended as a real kubelet did at the shutdown of its node."""

from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.node import shutdown_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_shutdown")


def find_killing() -> dict[str, Any]:
    """The first recorded line in which a pod is killed."""
    records = read_lines("kubelet_shutdown")
    found: dict[str, Any] = next(each for each in records if each.get("kills"))
    return found


def test_all_recorded_shutdowns_agree() -> None:
    assert recognise(RECORDING) == "kubelet_shutdown"
    tally = run(shutdown_judge.judge, [RECORDING])
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.HOLDS, 2000, 2000)


@pytest.mark.parametrize(
    ("field", "value"), [("graceSeconds", 7), ("group", 9), ("evict", True), ("status", {})]
)
def test_a_kill_that_differs_in_one_field_is_told(
    tmp_path: Path, field: str, value: object
) -> None:
    record = find_killing()
    record["kills"][0][field] = value
    assert run(shutdown_judge.judge, [write_lines(tmp_path, record)]).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize("field", ["kills", "groups", "effective", "groupsInOrder"])
def test_an_answer_that_is_not_recorded_is_told(tmp_path: Path, field: str) -> None:
    record = find_killing()
    del record[field]
    assert run(shutdown_judge.judge, [write_lines(tmp_path, record)]).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"shutdownGracePeriod": -1}, "in.shutdownGracePeriod: must be 0 or more, not -1"),
        ({"shutdownGracePeriod": "10s"}, "in.shutdownGracePeriod: must be an integer"),
        ({"pods": [{"phase": "Running"}]}, r"in.pods\[0\].name: is missing"),
        (None, "in: is missing"),
    ],
)
def test_malformed_lines_are_told_with_their_field(
    tmp_path: Path, given: object, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        run(shutdown_judge.judge, [write_lines(tmp_path, {"in": given})])
