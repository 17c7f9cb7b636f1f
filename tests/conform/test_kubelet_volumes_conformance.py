"""Volumes are attached, mounted and expanded as a real kubelet's volume manager did it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import check_whole, get_recording, judge_lines, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_volumes")
SAMPLE = 90
KINDS = {
    "desire": 3444,
    "finishRunning": 215,
    "markRemountRequired": 611,
    "nodeStatusVolumesAttached": 1672,
    "populatorHasAddedPods": 407,
    "reconcile": 8207,
    "reportedInUse": 1829,
    "resize": 608,
    "setUpOutcome": 390,
    "undesire": 3292,
    "unmountDeviceFails": 612,
}


def test_a_sample_of_the_recorded_steps_agrees(tmp_path: Path) -> None:
    lines = read_lines("kubelet_volumes", every=8, most=SAMPLE)
    tally = run(load_judge("kubelet_volumes"), [write_lines(tmp_path, *lines)])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == sum(len(line["steps"]) for line in lines)
    assert recognise(RECORDING) == "kubelet_volumes"


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    check_whole("kubelet_volumes", KINDS)


def read_mount() -> tuple[dict[str, Any], dict[str, Any]]:
    """A line that ends with a mount that fails, and that step."""
    for line in read_lines("kubelet_volumes", most=200):
        for index, step in enumerate(line["steps"]):
            if any("error" in done and done["op"] == "mount" for done in step.get("done", ())):
                return {**line, "steps": line["steps"][: index + 1]}, step
    raise AssertionError("no mount of the recording fails")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("calls", []),
        ("events", []),
        ("after", {"attached": [], "desired": [], "mounted": [], "running": []}),
    ],
)
def test_another_outcome_of_one_round_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line, step = read_mount()
    assert judge_lines("kubelet_volumes", tmp_path, line).exit_code == ExitCode.HOLDS
    step[field] = value
    tally = judge_lines("kubelet_volumes", tmp_path, line)
    assert tally.cases - tally.agree == 1


def test_an_operation_that_never_ran_cannot_end(tmp_path: Path) -> None:
    line, step = read_mount()
    step["done"].append({"op": "detach", "pod": "", "volume": "fake-plugin/vol-a"})
    tally = judge_lines("kubelet_volumes", tmp_path, line)
    assert tally.cases - tally.agree == 1


def read_choice() -> tuple[dict[str, Any], dict[str, Any]]:
    """A line of which a round serves one of several pods, up to that round, and the round."""
    for line in read_lines("kubelet_volumes"):
        for index, step in enumerate(line["steps"]):
            volumes = [each["volume"] for each in step["after"]["desired"]]
            for call in step.get("calls", ()):
                is_held = not step["done"] and len(step["calls"]) == 1
                if call["op"] == "mount" and is_held and volumes.count(call["volume"]) > 1:
                    return {**line, "steps": line["steps"][: index + 1]}, step
    raise AssertionError("no round of the recording chooses")


def test_any_pod_that_wants_a_volume_may_be_served_but_none_that_does_not(
    tmp_path: Path,
) -> None:
    line, step = read_choice()
    [call] = step["calls"]
    mounted = {(each["volume"], each["pod"]) for each in step["after"]["mounted"]}
    wanting = {
        each["pod"]
        for each in step["after"]["desired"]
        if each["volume"] == call["volume"] and (each["volume"], each["pod"]) not in mounted
    }
    for pod in ("p0", "p1", "p2"):
        for shown in (call, *step["after"]["running"]):
            if shown["volume"] == call["volume"]:
                shown["pod"] = pod
        tally = judge_lines("kubelet_volumes", tmp_path, line)
        assert (tally.exit_code == ExitCode.HOLDS) is (pod in wanting)


def put(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda line: line["steps"][0].update(fields)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda line: line["steps"][0].pop("op"), r"steps\[0\].op: is missing"),
        (put(op="Jump"), "is of no kind that is known: 'Jump'"),
        (put(op="reconcile"), "calls: is missing"),
        (put(op="resize"), "size: is missing"),
        (put(op="resize", size="big"), "size"),
        (put(op="setUpOutcome", value="odd"), "'odd' is none of ok, fail"),
        (put(op="desire", volume=None), "volume: is missing"),
        (lambda line: line.pop("supportsRemount"), "supportsRemount: is missing"),
    ],
)
def test_a_malformed_line_is_told_with_its_place(
    tamper: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    line: dict[str, Any] = read_lines("kubelet_volumes", most=1)[0]
    line["steps"] = line["steps"][:1]
    tamper(line)
    with pytest.raises(InputError, match=said) as raised:
        judge_lines("kubelet_volumes", tmp_path, line)
    assert raised.value.line == 1
