"""RBAC decides as a real API server did, to the last recorded review and refused Role."""

import gzip
import json
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

RECORDED = Path(__file__).parent.parent / "recorded"
KINDS = {
    "rbac": {"aggregation": 6, "review": 3600},
    "rbac_escalation": {"attempt": 600},
}


def get_recording(name: str) -> Path:
    return RECORDED / f"{name}.jsonl.gz"


def read_first_line(name: str) -> dict[str, object]:
    line: dict[str, object] = json.loads(
        gzip.decompress(get_recording(name).read_bytes()).splitlines()[0]
    )
    return line


@pytest.mark.parametrize("name", KINDS)
def test_all_recorded_cases_agree(name: str) -> None:
    tally = run(load_judge(name), [get_recording(name)])
    assert {kind: count.agree for kind, count in tally.kinds.items()} == KINDS[name]
    assert tally.cases == sum(KINDS[name].values())
    assert tally.exit_code == ExitCode.HOLDS
    assert recognise(get_recording(name)) == name


def judge_line(name: str, line: object, folder: Path) -> tuple[int, int]:
    """Cases of one line, and how many of them agree."""
    path = folder / "line.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    tally = run(load_judge(name), [path])
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
    path = tmp_path / "line.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    disagree = [each.kind for each in judge(path) if not each.agrees]
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
    with pytest.raises(InputError) as error:
        judge_line(name, line, tmp_path)
    assert message in error.value.message
    assert error.value.line == 1
