"""CPUs are given to containers as a real CPU manager gave them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.node.numa_judges import cpu_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_cpumanager")
SAMPLE = 60


def test_a_sample_of_the_recorded_cases_agrees(tmp_path: Path) -> None:
    lines = read_lines("kubelet_cpumanager", most=SAMPLE)
    tally = run(cpu_judge.judge, [write_lines(tmp_path, *lines)])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == sum(1 + len(line.get("steps", [])) for line in lines)
    assert recognise(RECORDING) == "kubelet_cpumanager"


@pytest.mark.slow
def test_all_recorded_cases_agree() -> None:
    tally = run(cpu_judge.judge, [RECORDING])
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.HOLDS, 14_311, 14_311)


def read_line() -> dict[str, Any]:
    """A line whose hints are merged, and that has a step with an error."""
    lines = read_lines("kubelet_cpumanager", most=SAMPLE)
    return next(line for line in lines if line.get("topologyHints") and has_error(line))


def has_error(line: dict[str, Any]) -> bool:
    return any("error" in step and "hints" in step for step in line["steps"])


@pytest.mark.parametrize(
    "tamper",
    [
        lambda step: step["hints"].append({"nodes": [9], "preferred": True}),
        lambda step: step["affinity"].update(preferred=not step["affinity"]["preferred"]),
        lambda step: step["affinity"].update(admit=False),
        lambda step: step.update(error="no"),
        lambda step: step.pop("error"),
        lambda step: step.update(default=[]),
        lambda step: step["assignments"].update(p99={"c0": [1]}),
    ],
)
def test_another_answer_to_one_step_is_told(
    tmp_path: Path, tamper: Callable[[dict[str, Any]], object]
) -> None:
    line = read_line()
    tamper(next(step for step in line["steps"] if "error" in step and "hints" in step))
    tally = run(cpu_judge.judge, [write_lines(tmp_path, line)])
    assert tally.cases - tally.agree == 1


@pytest.mark.parametrize("name", ["reserved", "allocatable", "defaultSet"])
def test_other_cpus_of_the_policy_are_told(tmp_path: Path, name: str) -> None:
    line = read_line() | {name: [1000]}
    tally = run(cpu_judge.judge, [write_lines(tmp_path, line)])
    assert (tally.cases - tally.agree, tally.kinds["policy"].agree) == (1, 0)


def test_another_reason_to_refuse_options_is_told(tmp_path: Path) -> None:
    line = next(line for line in read_lines("kubelet_cpumanager", most=SAMPLE) if "error" in line)
    line["error"] += "!"
    tally = run(cpu_judge.judge, [write_lines(tmp_path, line)])
    assert (tally.cases, tally.agree) == (1, 0)


PLACE = {"CoreID": 0, "SocketID": 0, "NUMANodeID": 0, "UncoreCacheID": 0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cpus": {}}, "cpus: must name a CPU"),
        ({"cpus": {"a": PLACE}}, "cpus.a: must be the number of a CPU"),
        ({"cpus": {"0": PLACE | {"CoreID": None}}}, "cpus.0.CoreID: is missing"),
        ({"cpus": {"0": PLACE | {"NUMANodeID": 1}}}, "cpus: must be on NUMA nodes with numbers"),
        ({"reservedSet": [1, 1]}, "reservedSet: must be a list of different numbers"),
        ({"reservedSet": [1000]}, "the machine has no CPUs 1000"),
        ({"options": {"align-by-socket": "true"}}, "align-by-socket is not specified here"),
        ({"reservedCount": None}, "reservedCount: is missing"),
        ({"steps": [{"op": "allocate"}]}, r"steps\[0\].pod: is missing"),
        ({"steps": [{"op": "x", "pod": "p", "container": "c"}]}, "must be allocate or remove"),
        ({"steps": [{"op": "allocate", "pod": "p", "container": "c"}]}, "spec: is missing"),
    ],
)
def test_malformed_lines_are_told_with_their_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        run(cpu_judge.judge, [write_lines(tmp_path, read_line() | change)])
