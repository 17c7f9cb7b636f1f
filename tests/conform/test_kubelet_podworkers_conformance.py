"""Pod workers go through the states through which those of a recorded kubelet went."""

from copy import deepcopy
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

NAME = "kubelet_podworkers"
RECORDING = get_recording(NAME)
COUNTS = {
    "cacheContainers": 654,
    "cacheFail": 294,
    "return": 4376,
    "syncKnownPods": 5513,
    "update": 8304,
}


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    check_whole(NAME, COUNTS)


def test_a_sample_of_the_recording_agrees(tmp_path: Path) -> None:
    lines = read_lines(NAME, every=6)
    assert count_cases(NAME, tmp_path, *lines) == (sum(len(line["steps"]) for line in lines), 0)
    assert recognise(RECORDING) == NAME


LINE = read_lines(NAME, most=1)[0]
STEP = next(each for each in LINE["steps"] if each["after"].get("enqueued"))
UID = STEP["uid"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("pods", UID, "working"), True),
        (("pods", UID, "syncedAt"), 1),
        (("pods", UID, "finished"), True),
        (("pods", UID, "active", "rv"), "77"),
        (("pods", UID, "gracePeriod"), 3),
        (("queries", UID), []),
        (("enqueued",), [{"delay": "now", "uid": UID}]),
        (("completedChClosed",), [0]),
        (("waitingStatic",), {"s_ns": ["u-s2"]}),
        (("startedStatic",), {"s_ns": "u-s1"}),
    ],
)
def test_another_state_after_one_step_is_noticed(
    path: tuple[str, ...], value: object, tmp_path: Path
) -> None:
    line = deepcopy(LINE)
    place = next(each for each in line["steps"] if each == STEP)["after"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert count_cases(NAME, tmp_path, line) == (len(line["steps"]), 1)


def make_line(**step: object) -> dict[str, object]:
    return {"case": "1-0", "steps": [{"after": {}} | step]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"case": "1-0"}, "steps: is missing"),
        (make_line(), "steps[0].op: is missing"),
        (make_line(op="Sing"), "steps[0].op: is of no kind that is known: 'Sing'"),
        (make_line(op="update", uid="u-z"), "steps[0].uid: must be one of u-a,"),
        (make_line(op="update", uid="u-a"), "steps[0].pod: is missing"),
        (make_line(op="update", uid="u-a", pod={}, updateType="x"), "updateType: must be one of"),
        (make_line(op="return", uid="u-a", outcome="bad"), "outcome: must be one of"),
        (
            make_line(op="return", uid="u-a", outcome="ok", fn="SyncPod"),
            "fn: does not run for u-a",
        ),
        (make_line(op="cacheContainers", uid="u-a", value="x"), "value: must be one of none"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)
