"""Memory is given from NUMA nodes as a real memory manager gave it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.node.numa_judges import memory_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_memorymanager")
SAMPLE = 60


def test_a_sample_of_the_recorded_steps_agrees(tmp_path: Path) -> None:
    lines = read_lines("kubelet_memorymanager", most=SAMPLE)
    tally = run(memory_judge.judge, [write_lines(tmp_path, *lines)])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == sum(len(line["steps"]) for line in lines)
    assert recognise(RECORDING) == "kubelet_memorymanager"


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    tally = run(memory_judge.judge, [RECORDING])
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.HOLDS, 11_079, 11_079)


def first_step() -> dict[str, Any]:
    step: dict[str, Any] = read_lines("kubelet_memorymanager", most=1)[0]["steps"][0]
    return step


@pytest.mark.parametrize(
    "tamper",
    [
        lambda step: step["hints"]["memory"][0].update(preferred=False),
        lambda step: step["assignments"]["p0"]["i0"][0].update(size=1),
        lambda step: step["machine"]["0"].update(numberOfAssignments=2),
        lambda step: step["machine"]["0"]["memoryMap"]["memory"].update(free=0),
        lambda step: step.update(error="[memorymanager] no"),
        lambda step: step.pop("assignments"),
    ],
)
def test_another_answer_to_one_step_is_told(
    tmp_path: Path, tamper: Callable[[dict[str, Any]], object]
) -> None:
    line = read_lines("kubelet_memorymanager", most=1)[0]
    tamper(line["steps"][0])
    tally = run(memory_judge.judge, [write_lines(tmp_path, line)])
    assert tally.cases - tally.agree == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nodes": []}, "nodes: is missing|nodes: must be 1 to 8"),
        ({"nodes": [{"id": 1, "memory": 1}]}, "nodes: must be 1 to 8 with ids from 0 on"),
        ({"nodes": [{"id": 0}]}, r"nodes\[0\].memory: is missing"),
        ({"topologyPolicy": "best"}, "no policy is called 'best'"),
        ({"steps": [{"op": "allocate"}]}, r"steps\[0\].pod: is missing"),
        ({"steps": [first_step() | {"op": "grow"}]}, r"steps\[0\].op: must be allocate or remove"),
        ({"steps": [first_step() | {"spec": None}]}, r"steps\[0\].spec: is missing"),
        ({"steps": [first_step() | {"container": "c9"}]}, "container: is not in the pod"),
    ],
)
def test_malformed_lines_are_told_with_their_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    line = read_lines("kubelet_memorymanager", most=1)[0] | change
    with pytest.raises(InputError, match=said):
        run(memory_judge.judge, [write_lines(tmp_path, line)])
