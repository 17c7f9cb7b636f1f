"""Whole clusters, recorded, are explained write by write; those tampered with are rejected."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cluster_tampering import (
    WAYS,
    change_a_label,
    change_an_answer,
    come_late,
    count_alike,
    count_wrongly,
    leave_a_version_out,
    leave_a_write_out,
    leave_an_action_out,
)
from recordings import RECORDED, judge_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.control_plane.cluster_exceptions import EXCEPTIONS, find_exception
from planespec.reports.judge.control_plane.cluster_judge import judge, read_recording
from planespec.reports.judge.control_plane.version_makers import Makers
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

NAME = "cluster"
RECORDINGS = sorted((RECORDED / "cluster").glob("*.jsonl.gz"))
SMALL = [each for each in RECORDINGS if each.stat().st_size < 40_000]
STATEFUL = RECORDED / "cluster" / "07_statefulset_00.jsonl.gz"
PLACED = RECORDED / "cluster" / "03_placement_constraints_04.jsonl.gz"
KILLED = RECORDED / "cluster" / "09_component_restarts_02.jsonl.gz"


@pytest.mark.slow
def test_all_recorded_writes_are_explained() -> None:
    tally = run(load_judge(NAME), RECORDINGS)
    assert tally.files == len(RECORDINGS) == 51
    assert tally.cases > 30_000
    assert tally.exit_code == ExitCode.HOLDS


def test_a_sample_of_the_recordings_is_explained() -> None:
    assert run(load_judge(NAME), SMALL[1:12:5]).exit_code == ExitCode.HOLDS


def read(path: Path) -> Any:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def is_explained(folder: Path, records: Any) -> bool:
    return all(each.agrees for each in judge(write_lines(folder, *records)))


def count_tampered(
    folder: Path, paths: list[Path], count: int
) -> tuple[Counter[str], Counter[str]]:
    """How many were tampered with in each way, and how many of them were explained."""
    rng = random.Random(11)
    kept = {path: read(path) for path in paths}
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    turn = 0
    while sum(done.values()) < count:
        tamper = WAYS[turn * 2 % len(WAYS)]
        turn += 1
        for _ in range(30):
            records = deepcopy(kept[rng.choice(paths)])
            if tamper(records, rng):
                done[tamper.__name__] += 1
                missed[tamper.__name__] += is_explained(folder, records)
                break
    return done, missed


def test_recordings_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, [STATEFUL, PLACED], 12)
    assert not +missed
    assert len(done) == 12


@pytest.mark.slow
def test_five_hundred_recordings_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, RECORDINGS, 500)
    assert missed.total() <= 5, +missed
    assert len(done) == len(WAYS)


def test_every_exception_occurs() -> None:
    scene, _ = read_recording(KILLED)
    makers = Makers(scene.history, scene.writes, scene.end)
    found = {find_exception(each, scene) for each in (*makers.faults, *makers.idle)}
    assert found == set(EXCEPTIONS)


# Faults, and what is said of them.


QUOTA = RECORDED / "cluster" / "12_quota_and_concurrency_04.jsonl.gz"


def tell_faults(folder: Path, records: Any) -> set[tuple[str, object]]:
    """The kinds of the cases that disagree, and why."""
    found = judge(write_lines(folder, *records))
    return {(each.kind, each.actual) for each in found if not each.agrees}


def find_audit(records: Any, who: str, verb: str, resource: str, code: int = 0) -> Any:
    """The last such request, accepted unless a code is asked for."""
    found = [
        each["audit"]
        for each in records
        if "audit" in each and who in each["audit"]["user"]
        if (each["audit"]["verb"], each["audit"]["objectRef"]["resource"]) == (verb, resource)
        if code in (0, each["audit"]["responseStatus"]["code"])
    ]
    return found[-1]


def test_a_pod_of_another_revision_is_noticed(tmp_path: Path) -> None:
    records = read(STATEFUL)
    audit = find_audit(records, "statefulset-controller", "create", "pods")
    audit["requestObject"]["metadata"]["labels"]["controller-revision-hash"] = "db-other"
    fault = "no state that it could have seen asks for it"
    assert ("statefulset-controller create pods", fault) in tell_faults(tmp_path, records)


def test_a_revision_of_another_number_is_noticed(tmp_path: Path) -> None:
    records = read(STATEFUL)
    find_audit(records, "statefulset", "create", "controllerrevisions")["requestObject"][
        "revision"
    ] = 7
    fault = "no template that it could have seen is so"
    kind = "statefulset-controller create controllerrevisions"
    assert (kind, fault) in tell_faults(tmp_path, records)


def test_a_refusal_for_want_of_room_is_held_to_the_quota(tmp_path: Path) -> None:
    records = read(QUOTA)
    audit = find_audit(records, "replicaset", "create", "pods", 403)
    status = audit["responseStatus"]
    status["message"] = status["message"].replace(
        "limited: requests.cpu=1", "limited: requests.cpu=9"
    )
    kind = "replicaset-controller create pods"
    assert (kind, "the quota had room") in tell_faults(tmp_path, records)


def test_a_writer_that_no_rule_knows_is_not_explained(tmp_path: Path) -> None:
    records = read(STATEFUL)
    audit = find_audit(records, "statefulset-controller", "create", "pods")
    audit["agent"] = "my-operator/v1"
    fault = ("my-operator create pods", "no rule explains such writes")
    assert fault in tell_faults(tmp_path, records)


def tamper(way: Callable[[Any, random.Random], bool], path: Path, seed: int = 1) -> Any:
    records = read(path)
    assert way(records, random.Random(seed))
    return records


@pytest.mark.parametrize(
    ("way", "path", "kind", "fault"),
    [
        (change_an_answer, PLACED, "actions", "nobody logged "),
        (leave_an_action_out, PLACED, "user create ", "no action asked for it"),
        (leave_a_version_out, PLACED, "", "what it changed was not seen"),
        (leave_a_write_out, STATEFUL, "MODIFIED StatefulSet", "nobody wrote it"),
        (change_a_label, STATEFUL, "MODIFIED Pod", "differs from what was asked for"),
        (
            *(count_wrongly, STATEFUL, "statefulset-controller update statefulsets/status"),
            "no state that it could have seen has this status",
        ),
        (
            *(count_alike, STATEFUL, "statefulset-controller update statefulsets/status"),
            "no state that it could have seen has this status",
        ),
        (come_late, STATEFUL, "MODIFIED StatefulSet", "came when it was there"),
    ],
)
def test_what_is_wrong_is_said(
    way: Any, path: Path, kind: str, fault: str, tmp_path: Path
) -> None:
    faults = tell_faults(tmp_path, tamper(way, path))
    assert any(kind in each and fault in str(said) for each, said in faults), faults


FIRST = {
    "scenario": "x",
    "kindOfScenario": "x",
    "namespace": "n",
    "startUnix": 0,
    "duration": 9,
    "actions": [],
}
META = {"uid": "u", "name": "a", "resourceVersion": "5"}
EVENT = {"t": 1, "kind": "ReplicaSet", "type": "ADDED", "object": {"metadata": META}}
AUDIT = {
    "requestReceivedTimestamp": "2026-11-22T13:27:00Z",
    "verb": "create",
    "user": "u",
    "agent": "",
    "objectRef": {"resource": "pods"},
    "responseStatus": {"code": 201},
}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (EVENT | {"t": "soon"}, "t: must be a number"),
        (EVENT | {"object": {"metadata": META | {"labels": 3}}}, "cannot unmarshal number"),
        (EVENT | {"object": {"metadata": {}}}, "object.metadata.uid: is missing"),
        ({"audit": AUDIT | {"responseStatus": {}}}, "audit.responseStatus.code: is missing"),
        ({"audit": AUDIT | {"requestObject": {"spec": 3}}}, "cannot unmarshal number"),
        (
            {"audit": AUDIT | {"requestReceivedTimestamp": "now"}},
            "audit.requestReceivedTimestamp: must be a time",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        judge_lines(NAME, tmp_path, FIRST, line)
    assert message in error.value.message
    assert error.value.line == 2
