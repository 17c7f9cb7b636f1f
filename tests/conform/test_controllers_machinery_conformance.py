"""What controllers stand on answers as recorded: queues, expectations, a lease, pods collected."""

from pathlib import Path
from typing import Any

import pytest
from recordings import (
    check_lines,
    check_refusal,
    check_whole,
    get_recording,
    judge_lines,
    pick_line,
    read_lines,
)

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import recognise

NAME = "controllers_machinery"
RECORDING = get_recording(NAME)
LINES = read_lines(NAME, every=7)


def test_a_sample_of_the_recorded_lines_agrees(tmp_path: Path) -> None:
    check_lines(NAME, tmp_path, LINES)
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_lines_agree() -> None:
    counts = {"delta_fifo": 750, "expectations": 750, "leader_election": 300}
    check_whole(NAME, counts | {"podgc": 600, "rate_limiter": 200, "workqueue": 750})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("delta_fifo", "hasSynced", "yes"),
        ("delta_fifo", "store", ["x/z"]),
        ("expectations", "x", {"satisfied": None}),
        ("leader_election", "candidates", []),
        ("rate_limiter", "requeues", 99),
        ("workqueue", "len", 99),
    ],
)
def test_another_answer_to_one_step_is_noticed(
    kind: str, field: str, value: Any, tmp_path: Path
) -> None:
    line = pick_line(LINES, kind)
    line["out"]["after"][-1][field] = value
    assert [each.kind for each in judge_lines(NAME, tmp_path, line).disagreements] == [kind]


def test_an_answer_too_few_is_noticed(tmp_path: Path) -> None:
    line = pick_line(LINES, "workqueue")
    del line["out"]["after"][-1]
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def test_writes_for_one_pod_have_an_order_and_those_of_a_group_have_none(tmp_path: Path) -> None:
    def count_patched(line: Any) -> int:
        return sum(write["verb"] == "patch" for write in line["out"]["after41Seconds"])

    line = next(line for line in LINES if line["kind"] == "podgc" and count_patched(line) > 1)
    groups = line["out"]["after41Seconds"]
    parted = {**line["out"], "after41Seconds": sorted(groups, key=lambda w: w["verb"] != "patch")}
    assert judge_lines(NAME, tmp_path, {**line, "out": parted}).exit_code == ExitCode.HOLDS
    swapped = {**line["out"], "after41Seconds": groups[::-1]}
    assert judge_lines(NAME, tmp_path, {**line, "out": swapped}).exit_code == ExitCode.SAFETY
    short = {**line["out"], "after41Seconds": groups[:-1]}
    assert judge_lines(NAME, tmp_path, {**line, "out": short}).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"kind": "x", "in": {}, "out": {"a": 1}}, "kind: 'x' is none of delta_fifo"),
        ({"kind": "podgc", "in": {"nodes": []}, "out": {"first": []}}, "terminatedPodThreshold"),
        (("workqueue", {"get": True}), "in.ops[0]: would wait for ever: nothing is queued"),
        (("workqueue", {"put": "a"}), "in.ops[0]: has none of add, done, get, shutDown"),
        (("expectations", {"key": "x", "raise": [1]}), "raise: must be two integers"),
        (("leader_election", {"do": "win"}), "in.ops[0].do: 'win' is none of advance"),
        (("leader_election", {"do": "release", "who": 0}), "in.ops[0].who: must be from 0 to -1"),
        (("leader_election", {"do": "advance"}), "in.ops[0].seconds: must be a number"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: Any, message: str, tmp_path: Path
) -> None:
    if isinstance(line, tuple):
        kind, op = line
        line = {"kind": kind, "in": {"ops": [op]}, "out": {"after": [{"a": 1}]}}
    check_refusal(NAME, tmp_path, line, message)
