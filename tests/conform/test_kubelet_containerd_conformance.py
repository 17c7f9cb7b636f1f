"""Recorded lives of pods over containerd are explained; those tampered with are rejected."""

import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from life_tampering import CALLS
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_lines
from status_tampering import STATUSES

from planespec.reports.judge.judges import recognise

NAME = "kubelet_containerd"
RECORDING = get_recording(NAME)
COUNTS = {
    "CreateContainer": 469,
    "ExecSync": 976,
    "PullImage": 17,
    "RemoveContainer": 460,
    "RemovePodSandbox": 42,
    "RunPodSandbox": 120,
    "StartContainer": 467,
    "StopContainer": 240,
    "StopPodSandbox": 199,
    "status": 1156,
}
LINES = read_lines(NAME)


@pytest.mark.slow
def test_all_recorded_traces_are_explained() -> None:
    check_whole(NAME, COUNTS)


def is_explained(folder: Path, *lines: Any) -> bool:
    tally = judge_lines(NAME, folder, *lines)
    return tally.agree == tally.cases


def test_a_sample_of_the_recording_is_explained(tmp_path: Path) -> None:
    assert is_explained(tmp_path, *LINES[::4])
    assert recognise(RECORDING) == NAME


def list_tampered(count: int, seed: int) -> list[tuple[str, Any]]:
    """Traces with a fault in each, and its name; each sort of fault in turn."""
    rng = random.Random(seed)
    found: list[tuple[str, Any]] = []
    turn = 0
    while len(found) < count:
        tamper = [*CALLS, *STATUSES][turn % len([*CALLS, *STATUSES])]
        line = deepcopy(rng.choice(LINES))
        turn += 1
        if tamper(line, rng):
            found.append((tamper.__name__, line))
    return found


def count_missed(folder: Path, count: int, seed: int) -> Counter[str]:
    tampered = list_tampered(count, seed)
    return Counter(name for name, line in tampered if is_explained(folder, line))


def test_traces_tampered_with_are_rejected(tmp_path: Path) -> None:
    assert count_missed(tmp_path, 60, seed=3) == Counter()


@pytest.mark.slow
def test_five_hundred_traces_tampered_with_are_rejected(tmp_path: Path) -> None:
    tampered = list_tampered(500, seed=11)
    assert len({name for name, _ in tampered}) >= 27
    assert count_missed(tmp_path, 500, seed=11) == Counter()


def delay(line: Any, since: float, seconds: float) -> Any:
    """The same on a machine that stands still for a while."""
    line = deepcopy(line)
    for name in ("actions", "calls", "status"):
        for each in line[name]:
            each["t"] = round(each["t"] + (seconds if each["t"] > since else 0), 1)
    return line


def test_a_slower_machine_changes_no_verdict(tmp_path: Path) -> None:
    rng = random.Random(5)
    lines = [
        delay(line, rng.uniform(0, line["calls"][-1]["t"]), rng.uniform(0.5, 6))
        for line in LINES[1::5]
        if line["calls"]
    ]
    assert is_explained(tmp_path, *lines)


def test_statuses_that_nobody_saw_change_no_verdict(tmp_path: Path) -> None:
    rng = random.Random(6)
    lines = deepcopy(LINES[2::5])
    for line in lines:
        seen = [e for e in line["status"] if e["pod"] is None or rng.random() < 0.5]
        told = [{}, *(each["pod"] for each in seen)]
        line["status"] = [
            each for each, before in zip(seen, told, strict=False) if each["pod"] != before
        ]
    assert is_explained(tmp_path, *lines)


@pytest.mark.parametrize(
    ("key", "entry", "message"),
    [
        ("calls", {"call": "RunPodSandbox"}, "calls[0].t: is missing"),
        ("calls", {"t": "x", "call": "RunPodSandbox"}, "calls[0].t: must be a number"),
        ("calls", {"t": 1}, "calls[0].call: is missing"),
        ("calls", {"t": 1, "call": "Sing"}, "calls[0].call: is not known: 'Sing'"),
        ("calls", {"t": 1, "call": "RunPodSandbox"}, "calls[0].uid: is missing"),
        ("actions", {"t": 1, "action": "dance"}, "actions[0].action: is not known: 'dance'"),
        ("actions", {"t": 1, "action": "edit"}, "actions[0].manifest: is missing"),
        ("status", {"t": 1}, "status[0].pod: is missing"),
        ("status", {"t": 1, "pod": {"uid": "u"}}, "status[0].pod.phase: is missing"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    key: str, entry: object, message: str, tmp_path: Path
) -> None:
    line = {"pod": {"spec": {"containers": []}}, "actions": [], "calls": [], "status": []}
    check_refusal(NAME, tmp_path, line | {key: [entry]}, message)
