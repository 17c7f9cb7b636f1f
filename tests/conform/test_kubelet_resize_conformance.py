"""Pods are resized in place as a real kubelet's allocation manager did it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import check_whole, get_recording, judge_lines, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_resize")
SAMPLE = 100
KINDS = {
    "AddPod": 5190,
    "PushPendingResize": 1995,
    "RemoveOrphanedPods": 280,
    "RemovePod": 688,
    "RetryPendingResizes": 3121,
    "UpdatePodFromAllocation": 245,
    "resizeFinished": 411,
    "sourcesReady": 277,
    "specResize": 3979,
}


def test_a_sample_of_the_recorded_steps_agrees(tmp_path: Path) -> None:
    lines = read_lines("kubelet_resize", every=10, most=SAMPLE)
    tally = run(load_judge("kubelet_resize"), [write_lines(tmp_path, *lines)])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == sum(len(line["steps"]) for line in lines)
    assert recognise(RECORDING) == "kubelet_resize"


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    check_whole("kubelet_resize", KINDS)


def read_retry() -> tuple[dict[str, Any], dict[str, Any]]:
    """A line that ends with a retry which takes up a resize, and that step."""
    for line in read_lines("kubelet_resize"):
        for index, step in enumerate(line["steps"]):
            if "events" in step and step["after"]:
                return {**line, "steps": line["steps"][: index + 1]}, step
    raise AssertionError("no line takes up a resize")


@pytest.mark.parametrize(
    ("field", "value"),
    [("after", {}), ("pending", ["u9"]), ("events", []), ("synced", [])],
)
def test_another_outcome_of_one_retry_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line, step = read_retry()
    assert judge_lines("kubelet_resize", tmp_path, line).exit_code == ExitCode.HOLDS
    step[field] = value
    tally = judge_lines("kubelet_resize", tmp_path, line)
    assert tally.cases - tally.agree == 1


def drop(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda line: line["steps"][-1].pop(name)


def put(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda line: line["steps"][-1].update(fields)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (drop("op"), r"steps\[0\].op: is missing"),
        (drop("pending"), r"steps\[0\].pending: is missing"),
        (drop("spec"), r"steps\[0\].spec: is missing"),
        (put(op="Jump"), "'p0' is no pod on the node|of no kind that is known"),
        (put(op="PushPendingResize", pod="p7"), "'p7' is no pod on the node"),
        (put(spec={"containers": [{}]}), "name: is missing"),
        (
            put(spec={"containers": [{"name": "c", "resources": {"requests": {"cpu": "x"}}}]}),
            "cpu",
        ),
        (lambda line: line.update(allocatable={"cpu": "much"}), "allocatable.cpu"),
        (lambda line: line.pop("memoryManagerPolicy"), "memoryManagerPolicy: is missing"),
    ],
)
def test_a_malformed_line_is_told_with_its_place(
    tamper: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    line: dict[str, Any] = read_lines("kubelet_resize", most=1)[0]
    line["steps"] = line["steps"][:1]
    tamper(line)
    with pytest.raises(InputError, match=said) as raised:
        judge_lines("kubelet_resize", tmp_path, line)
    assert raised.value.line == 1
