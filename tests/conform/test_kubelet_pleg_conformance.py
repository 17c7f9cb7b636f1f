"""A kubelet notices what a recorded one noticed, to the last relist."""

from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_lines

from planespec.reports.judge.judges import recognise
from planespec.reports.judge.runner import UndecidedError

RECORDING = get_recording("kubelet_pleg")


def test_all_recorded_relists_agree() -> None:
    check_whole("kubelet_pleg", {"relist": 12503})
    assert recognise(RECORDING) == "kubelet_pleg"


def judge_line(line: object, folder: Path) -> tuple[int, int]:
    """Cases of one line, and how many of them disagree."""
    tally = judge_lines("kubelet_pleg", folder, line)
    return tally.cases, tally.cases - tally.agree


def read_first_line() -> dict[str, Any]:
    line: dict[str, Any] = read_lines("kubelet_pleg", most=1)[0]
    return line


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("events", {"p1": ["ContainerDied c0"]}),
        ("events", {}),
        ("podsInspected", 0),
        ("healthy", False),
        ("healthError", "pleg has yet to be successful"),
    ],
)
def test_another_answer_to_one_relist_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line = read_first_line()
    step = next(each for each in line["steps"] if len(each["events"].get("p1", [])) > 1)
    step[field] = value
    assert judge_line(line, tmp_path) == (len(line["steps"]), 1)


def test_more_events_than_the_channel_holds_are_not_decided(tmp_path: Path) -> None:
    line = {**read_first_line(), "channelCapacity": 1}
    with pytest.raises(UndecidedError, match="than the channel holds"):
        judge_line(line, tmp_path)


def make_line(**fields: object) -> dict[str, object]:
    step = {"advance": 1, "events": {}, "podsInspected": 0, "healthy": True} | fields
    return {"channelCapacity": 100, "steps": [step]}


LISTED = {"id": "c", "pod": "p", "sandbox": False, "state": "running"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "channelCapacity: is missing"),
        (make_line(advance=None), "steps[0].advance: is missing"),
        (make_line(advance=-1), "steps[0].advance: must not be negative"),
        (make_line(events={"p": [1]}), "must be a string"),
        (make_line(listFails="no"), "must be a boolean"),
        (make_line(runtime=[{"id": "c", "pod": "p"}]), "runtime[0].state: is missing"),
        (make_line(runtime=[{**LISTED, "state": "x"}]), "must be one of created, running"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("kubelet_pleg", tmp_path, line, message)
