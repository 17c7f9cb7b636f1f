"""The conditions of a node are set as a kubelet's own functions set them."""

from pathlib import Path

import pytest
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_lines

RECORDING = get_recording("kubelet_nodeconditions")
HEARTBEATS = 8497


def test_all_recorded_heartbeats_agree() -> None:
    check_whole("kubelet_nodeconditions", {"heartbeat": HEARTBEATS})


def judge_line(line: object, folder: Path) -> tuple[int, int]:
    """Cases of one line, and how many of them agree."""
    tally = judge_lines("kubelet_nodeconditions", folder, line)
    return tally.cases, tally.agree


@pytest.mark.parametrize(
    ("field", "value"), [("status", "Unknown"), ("message", "no"), ("transition", 1), ("x", 1)]
)
def test_another_recorded_condition_is_noticed(field: str, value: object, tmp_path: Path) -> None:
    (line,) = read_lines("kubelet_nodeconditions", most=1)
    line["steps"][1]["conditions"][0][field] = value
    cases, agree = judge_line(line, tmp_path)
    assert cases - agree == 1


def test_an_event_that_is_missing_is_noticed(tmp_path: Path) -> None:
    (line,) = read_lines("kubelet_nodeconditions", most=1)
    line["steps"][0]["events"].pop()
    cases, agree = judge_line(line, tmp_path)
    assert cases - agree == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"case": "1"}, "steps: is missing"),
        ({"steps": [{"conditions": []}]}, "steps[0].now: is missing"),
        ({"steps": [{"now": 1}]}, "steps[0].conditions: is missing"),
        ({"steps": [{"now": "x", "conditions": []}]}, "must be an integer"),
        ({"steps": [{"now": 1, "conditions": [], "network down": 1}]}, "must be a boolean"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("kubelet_nodeconditions", tmp_path, line, message)
