"""RBAC decides as a real API server did, to the last recorded review and refused Role."""

from pathlib import Path

import pytest
from recordings import (
    check_refusal,
    check_whole,
    get_recording,
    judge_lines,
    read_lines,
    write_lines,
)

from planespec.reports.judge.judges import load_judge, recognise

KINDS = {
    "rbac": {"aggregation": 6, "review": 3600},
    "rbac_escalation": {"attempt": 600},
}


def read_first_line(name: str) -> dict[str, object]:
    line: dict[str, object] = read_lines(name, most=1)[0]
    return line


@pytest.mark.parametrize("name", KINDS)
def test_all_recorded_cases_agree(name: str) -> None:
    check_whole(name, KINDS[name])
    assert recognise(get_recording(name)) == name


def judge_line(name: str, line: object, folder: Path) -> tuple[int, int]:
    """Cases of one line, and how many of them agree."""
    tally = judge_lines(name, folder, line)
    return tally.cases, tally.agree


@pytest.mark.parametrize(
    ("field", "value"),
    [("allowed", False), ("reason", "RBAC: allowed by nobody"), ("err", "x"), ("denied", True)],
)
def test_another_answer_to_one_review_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line = read_first_line("rbac")
    reviews = line["reviews"]
    assert isinstance(reviews, list)
    allowed = next(each for each in reviews if each["allowed"])
    allowed[field] = value
    cases, agree = judge_line("rbac", line, tmp_path)
    assert cases - agree == 1


def test_other_rules_of_an_aggregated_role_are_noticed(tmp_path: Path) -> None:
    line = read_first_line("rbac")
    objects = line["objects"]
    assert isinstance(objects, list)
    role = next(each for each in objects if "aggregationRule" in each)
    role["rules"].reverse()
    judge = load_judge("rbac")
    disagree = [each.kind for each in judge(write_lines(tmp_path, line)) if not each.agrees]
    assert disagree == ["aggregation"]


@pytest.mark.parametrize(("field", "value"), [("code", 201), ("message", "no")])
def test_another_answer_to_an_attempt_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line = read_first_line("rbac_escalation")
    attempts = line["attempts"]
    assert isinstance(attempts, list)
    refused = next(each for each in attempts if each["code"] == 403)
    refused[field] = value
    cases, agree = judge_line("rbac_escalation", line, tmp_path)
    assert cases - agree == 1


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("rbac", {"objects": []}, "reviews: is missing"),
        ("rbac", {"objects": [], "reviews": [{}]}, "reviews[0].spec: is missing"),
        ("rbac", {"objects": [], "reviews": [{"spec": {"user": "u"}}]}, "has neither"),
        ("rbac", {"objects": [{"kind": "Role", "rules": 1}], "reviews": []}, "must be a list"),
        ("rbac_escalation", {"held": []}, "attempts: is missing"),
        ("rbac_escalation", {"held": [{"verbs": [1]}], "attempts": []}, "must be a string"),
        ("rbac_escalation", {"held": [], "attempts": [{"rules": []}]}, "code: is missing"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    name: str, line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(name, tmp_path, line, message)
