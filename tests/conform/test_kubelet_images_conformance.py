"""Images are removed and pulled as a real kubelet did, to the last recorded step."""

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_texts

from planespec.reports.judge.judges import recognise

KINDS = {
    "kubelet_imagegc": {"DeleteUnusedImages": 803, "GarbageCollect": 6672},
    "kubelet_imagepull": {"Always": 3613, "IfNotPresent": 7165, "Never": 3679},
}
GC = {"policy": {"high": 85, "low": 80}}


@pytest.mark.parametrize("name", KINDS)
def test_all_recorded_steps_agree(name: str) -> None:
    check_whole(name, KINDS[name])
    assert recognise(get_recording(name)) == name


def read_failed_round() -> tuple[dict[str, Any], dict[str, Any]]:
    """A line whose last step removes something, and that it was not enough; and the step."""
    for text in read_texts("kubelet_imagegc"):
        line: dict[str, Any] = json.loads(text)
        for index, step in enumerate(line["steps"]):
            if step["removed"] and step["records"] and "error" in step:
                return {**line, "steps": line["steps"][: index + 1]}, step
    raise AssertionError("no round of the recording fails")


@pytest.mark.parametrize(
    ("field", "value"),
    [("removed", []), ("error", "full"), ("events", []), ("records", {})],
)
def test_another_outcome_of_one_round_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line, step = read_failed_round()
    step[field] = value
    tally = judge_lines("kubelet_imagegc", tmp_path, line)
    assert tally.cases - tally.agree == 1


def make_round(removed: list[str], **more: object) -> dict[str, object]:
    """A round that needs 50 bytes of images with the same age, of 20, 30 and 40 bytes."""
    added = [{"id": name, "size": size} for name, size in (("a", 20), ("b", 30), ("c", 40))]
    left = {each["id"]: each for each in added if each["id"] not in removed}
    records = {key: {"detectedSecondsAgo": 0, "pinned": False} for key in left}
    step = {"op": "GarbageCollect", "capacity": 1000, "available": 150, "added": added}
    return {**step, "removed": removed, "records": records, "events": [], **more}


@pytest.mark.parametrize(
    ("removed", "agree"),
    [
        (["a", "b"], 1),
        (["b", "c"], 1),
        (["a", "c"], 1),
        (["a", "b", "c"], 0),
        (["c"], 0),
        ([], 0),
    ],
)
def test_a_choice_among_images_of_the_same_age_agrees_where_some_order_gives_it(
    removed: list[str], agree: int, tmp_path: Path
) -> None:
    tally = judge_lines("kubelet_imagegc", tmp_path, {**GC, "steps": [make_round(removed)]})
    assert (tally.cases, tally.agree) == (1, agree)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "policy: is missing"),
        ({"policy": {"high": 1}, "steps": []}, "policy.low: is missing"),
        ({"policy": {"high": 1, "low": 2}, "steps": []}, "can not be higher"),
        ({"policy": {"high": 1, "low": -2}, "steps": []}, "policy.low: must not be negative"),
        ({**GC, "steps": [{"op": "x"}]}, "steps[0].removed: is missing"),
        ({**GC, "steps": [make_round([], op="x")]}, "'x' is none of DeleteUnusedImages"),
        ({**GC, "steps": [make_round([], added=[{}])]}, "added[0].id: is missing"),
        ({**GC, "steps": [make_round([], available="x")]}, "available: must be an integer"),
    ],
)
def test_a_malformed_line_of_rounds_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("kubelet_imagegc", tmp_path, line, message)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ref", "app"),
        ("error", "ErrImagePull"),
        ("message", "Back-off pulling image"),
        ("events", []),
        ("calls", ["PullImage"]),
        ("backoffSeconds", 11),
    ],
)
def test_another_answer_to_one_pull_is_noticed(field: str, value: object, tmp_path: Path) -> None:
    text = next(each for each in read_texts("kubelet_imagepull") if "ImagePullBackOff" in each)
    line = json.loads(text)
    step = next(each for each in line["steps"] if each.get("error") == "ImagePullBackOff")
    step[field] = value
    tally = judge_lines("kubelet_imagepull", tmp_path, line)
    assert tally.cases - tally.agree == 1


PULL = {"uid": "u", "image": "app", "policy": "Always", "events": []}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"case": "x"}, "steps: is missing"),
        ({"steps": [{**PULL, "uid": None}]}, "steps[0].uid: is missing"),
        ({"steps": [{**PULL, "policy": "x"}]}, "'x' is none of Always, IfNotPresent, Never"),
        ({"steps": [{**PULL, "advance": -1}]}, "advance: must not be negative"),
        ({"steps": [{**PULL, "present": [1]}]}, "present[0]: must be a string"),
    ],
)
def test_a_malformed_line_of_pulls_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("kubelet_imagepull", tmp_path, line, message)
