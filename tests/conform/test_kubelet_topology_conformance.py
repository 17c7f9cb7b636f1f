"""Hints of affinity are merged as a real topology manager did."""

from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.node.numa_judges import topology_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_topology")
LINE: dict[str, Any] = {
    "numaNodes": 1,
    "distances": {"0": [10]},
    "providerHints": [{"cpu": [{"nodes": [0], "preferred": True}]}],
    "merge": {"none": {"admit": True, "nodes": None, "preferred": False}},
}


def test_all_recorded_merges_agree() -> None:
    assert recognise(RECORDING) == "kubelet_topology"
    tally = run(topology_judge.judge, [RECORDING])
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.HOLDS, 2000, 2000)


@pytest.mark.parametrize(("field", "value"), [("admit", False), ("preferred", True)])
def test_one_policy_that_answers_otherwise_is_told(
    tmp_path: Path, field: str, value: object
) -> None:
    (record,) = read_lines("kubelet_topology", most=1)
    record["merge"]["none"][field] = value
    assert run(topology_judge.judge, [write_lines(tmp_path, record)]).exit_code == ExitCode.SAFETY


def test_a_policy_that_was_not_recorded_is_told(tmp_path: Path) -> None:
    assert run(topology_judge.judge, [write_lines(tmp_path, LINE)]).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"numaNodes": 0}, "numaNodes: must be from 1 to 64, not 0"),
        ({"numaNodes": 2}, "distances.0: must have 2 distances, not 1"),
        ({"distances": {"0": [-1]}}, r"distances.0\[0\]: must be an integer, 0 or more"),
        (
            {"providerHints": [{"cpu": [{"nodes": [64]}]}]},
            r"providerHints\[0\].cpu\[0\].nodes: must be below 64",
        ),
        ({"merge": None}, "merge: is missing"),
        ({"providerHints": [{"cpu": 1}]}, r"providerHints\[0\].cpu: must be a list"),
    ],
)
def test_malformed_lines_are_told_with_their_field(
    tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        run(topology_judge.judge, [write_lines(tmp_path, LINE | wrong)])
