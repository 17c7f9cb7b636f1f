"""The status manager holds and sends what a recorded kubelet held and sent."""

from pathlib import Path

import pytest
from recordings import (
    check_refusal,
    check_whole,
    count_cases,
    get_recording,
    read_lines,
)

from planespec.reports.judge.judges import recognise

NAME = "kubelet_statusmanager"
RECORDING = get_recording(NAME)
COUNTS = {
    "RemoveOrphanedStatuses": 191,
    "SetContainerReadiness": 1437,
    "SetContainerStartup": 586,
    "SetPodStatus": 4364,
    "TerminatePod": 626,
    "apiPodGone": 495,
    "couldHaveRunningContainers": 384,
    "markDeleted": 318,
    "podUpdate": 205,
    "syncBatch": 2313,
}


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    check_whole("kubelet_statusmanager", COUNTS)


def test_a_sample_of_the_recording_agrees(tmp_path: Path) -> None:
    lines = read_lines(NAME, most=110)
    steps = sum(len(line["steps"]) for line in lines)
    assert count_cases(NAME, tmp_path, *lines) == (steps, 0)
    assert recognise(RECORDING) == "kubelet_statusmanager"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 99),
        ("finished", True),
        ("transitionTimeChanged", {"Ready": True}),
        ("updates", 0),
        ("api", [{"verb": "get"}]),
        ("cached", {"phase": "Running"}),
    ],
)
def test_another_answer_to_one_step_is_noticed(field: str, value: object, tmp_path: Path) -> None:
    line = read_lines(NAME, most=3)[2]
    step = next(each for each in line["steps"] if len(each["api"]) > 1)
    step[field] = value
    assert count_cases(NAME, tmp_path, line) == (len(line["steps"]), 1)


POD = {"metadata": {"name": "a", "uid": "u"}, "spec": {"containers": [{"name": "c"}]}}


def make_line(**step: object) -> dict[str, object]:
    return {"pod": POD, "static": False, "mirror": False, "steps": [{"api": []} | step]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"pod": POD, "static": False, "steps": []}, "mirror: is missing"),
        (make_line(), "steps[0].op: is missing"),
        (make_line(op="Sing"), "steps[0].op: is of no kind that is known: 'Sing'"),
        (make_line(op="SetPodStatus"), "steps[0].status: is missing"),
        (make_line(op="SetPodStatus", status={"conditions": [{}]}), "conditions[0].type"),
        (make_line(op="SetPodStatus", status={"containerStatuses": [{}]}), "[0].name: is missing"),
        (make_line(op="podUpdate", generation="x"), "must be an integer"),
        (make_line(op="syncBatch") | {"pod": {"metadata": {"name": "a"}}}, "pod.spec: is missing"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)
