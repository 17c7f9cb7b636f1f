"""Recorded lives of pods in a cluster are explained; those tampered with are rejected."""

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from object_tampering import OBJECTS
from recordings import RECORDED, judge_lines
from version_tampering import VERSIONS

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

NAME = "kubelet"
FAULTS = [*VERSIONS, *OBJECTS]
RECORDINGS = sorted((RECORDED / "cluster").glob("*.jsonl.gz"))
COUNTS = {"ADDED": 1501, "DELETED": 729, "INITIAL": 38, "MODIFIED": 6654}


@pytest.mark.slow
def test_all_recorded_lives_are_explained() -> None:
    tally = run(load_judge(NAME), RECORDINGS)
    assert tally.files == len(RECORDINGS) == 51
    assert {kind: count.agree for kind, count in tally.kinds.items()} == COUNTS
    assert tally.cases == sum(COUNTS.values())
    assert tally.exit_code == ExitCode.HOLDS


def test_a_sample_of_the_recordings_is_explained() -> None:
    assert run(load_judge(NAME), RECORDINGS[4::16]).exit_code == ExitCode.HOLDS


def test_a_recording_is_known_by_whether_it_has_an_audit_log(tmp_path: Path) -> None:
    whole, watched = RECORDINGS[0], tmp_path / "watched.jsonl"
    lines = gzip.decompress(whole.read_bytes()).splitlines(keepends=True)
    watched.write_bytes(b"".join(each for each in lines if not each.startswith(b'{"audit"')))
    assert (recognise(whole), recognise(watched)) == ("cluster", NAME)


def list_streams(paths: Sequence[Path]) -> list[Any]:
    """The watch events of each pod, with what the first line says of deletions."""
    streams = []
    for path in paths:
        with gzip.open(path, "rt") as lines:
            first, *others = [json.loads(line) for line in lines]
        first["actions"] = [each for each in first["actions"] if each["do"] == "DELETE"]
        pods = defaultdict(list)
        for each in others:
            if each.get("kind") == "Pod" and each["type"] in COUNTS:
                pods[each["object"]["metadata"]["uid"]].append(each)
        streams += [[first, *events] for events in pods.values()]
    return streams


def is_explained(folder: Path, stream: Any) -> bool:
    tally = judge_lines(NAME, folder, *stream)
    return tally.agree == tally.cases


def count_tampered(folder: Path, streams: list[Any], count: int) -> tuple[Counter[str], int]:
    """How many were tampered with in each way, and how many of them were explained."""
    rng = random.Random(7)
    done: Counter[str] = Counter()
    missed = turn = 0
    while sum(done.values()) < count:
        tamper = FAULTS[turn % len(FAULTS)]
        turn += 1
        for _ in range(30):
            stream = deepcopy(rng.choice(streams))
            if tamper(stream, rng):
                done[tamper.__name__] += 1
                missed += is_explained(folder, stream)
                break
    return done, missed


def test_lives_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, list_streams(RECORDINGS[34:36]), 40)
    assert missed == 0
    assert len(done) > 18


@pytest.mark.slow
def test_five_hundred_lives_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, list_streams(RECORDINGS), 500)
    assert missed == 0
    assert len(done) == len(FAULTS)


def test_versions_that_nobody_saw_change_no_verdict(tmp_path: Path) -> None:
    rng = random.Random(9)
    for stream in list_streams(RECORDINGS[29:30]):
        seen = [each for each in stream if each.get("type") != "MODIFIED" or rng.random() < 0.6]
        assert is_explained(tmp_path, seen)


META = {"uid": "u", "name": "a", "resourceVersion": "5"}
POD = {"metadata": META, "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Pending"}}
FIRST = {"scenario": "x", "kindOfScenario": "x", "actions": []}


def make_event(**object_: object) -> dict[str, object]:
    return {"t": 1, "kind": "Pod", "type": "ADDED", "object": POD | object_}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"t": 1, "kind": "Pod", "type": "ADDED"}, "object: is missing"),
        (make_event(metadata={"name": "a"}), "object.metadata.uid: is missing"),
        (
            make_event(metadata=META | {"resourceVersion": "x"}),
            "resourceVersion: must be a number",
        ),
        (make_event(spec={"containers": [{}]}), "object.spec.containers[0].name: is missing"),
        (make_event(status={"containerStatuses": [{"name": "c"}]}), "must have name, state"),
        (
            make_event(
                status={
                    "containerStatuses": [
                        {"name": "c", "state": "up", "restartCount": 0, "ready": True}
                    ]
                }
            ),
            "containerStatuses[0].state: must be",
        ),
        (make_event(status={"conditions": [{}]}), "conditions[0].type: is missing"),
    ],
)
def test_a_malformed_event_is_reported_with_its_place(
    event: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        judge_lines(NAME, tmp_path, FIRST, event)
    assert message in error.value.message
    assert error.value.line == 2


@pytest.mark.parametrize(
    ("action", "agrees"),
    [
        ({"do": "DELETE", "path": "/api/v1/namespaces/n/pods/a?gracePeriodSeconds=0"}, True),
        ({"do": "DELETE", "path": "/p/pods?gracePeriodSeconds=0&labelSelector=x"}, True),
        ({"do": "DELETE", "path": "/p/pods/a", "body": {"gracePeriodSeconds": 0}}, True),
        (
            {
                "do": "POST",
                "path": "/p/pods/a/eviction",
                "body": {"deleteOptions": {"gracePeriodSeconds": 0}},
            },
            True,
        ),
        ({"do": "DELETE", "path": "/p/pods/a?gracePeriodSeconds=10"}, False),
        ({"do": "DELETE", "path": "/p/pods/b?gracePeriodSeconds=0"}, False),
    ],
)
def test_only_what_was_removed_at_once_may_go_while_containers_run(
    action: object, agrees: bool, tmp_path: Path
) -> None:
    entry = {"name": "c", "state": {"running": {}}, "restartCount": 0, "ready": True}
    ready = [
        {"type": each, "status": "True"} for each in ("Ready", "ContainersReady", "Initialized")
    ]
    status = {
        "phase": "Running",
        "containerStatuses": [entry | {"started": True}],
        "conditions": ready,
    }
    last = META | {"deletionTimestamp": "2026-11-22T13:27:00Z", "deletionGracePeriodSeconds": 0}
    gone = make_event(metadata=last, status=status) | {"type": "DELETED"}
    assert is_explained(tmp_path, [FIRST | {"actions": [action]}, gone]) is agrees
