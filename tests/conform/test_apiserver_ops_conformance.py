"""Requests for ConfigMaps are answered as a real API server did, and the watch tells the same."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.apiserver import object_requests
from planespec.reports.judge.runner import Tally, run

RECORDING = Path(__file__).parent.parent / "recorded" / "apiserver_ops.jsonl.gz"
BASE = "/api/v1/namespaces/ops/configmaps"


def judge(folder: Path, *ops: dict[str, Any], watch: list[Any] | None = None) -> Tally:
    """Judge a line of these requests."""
    line = {"kind": "configmap", "startResourceVersion": "10", "ops": ops, "watch": watch or []}
    path = folder / "one.jsonl"
    path.write_text(json.dumps(line) + "\n")
    return run(object_requests.judge, [path])


def make_map(revision: int, **more: Any) -> dict[str, Any]:
    meta = {"name": "a", "namespace": "ops", "uid": "u", "resourceVersion": str(revision)}
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": meta | more}


def created(revision: int, **more: Any) -> dict[str, Any]:
    body = {"metadata": {"name": "a", **more}}
    answer = make_map(revision, **more)
    return {"method": "POST", "path": BASE, "body": body, "code": 201, "object": answer}


def listed(query: str, revision: int, *items: dict[str, Any]) -> dict[str, Any]:
    shown = [{"metadata": each["metadata"]} for each in items]
    meta = {"resourceVersion": str(revision)}
    answer = {"kind": "ConfigMapList", "metadata": meta, "items": shown}
    return {"method": "GET", "path": BASE + query, "code": 200, "object": answer}


def refused(method: str, code: int, reason: str, message: str, **more: Any) -> dict[str, Any]:
    said = {"code": code, "reason": reason, "message": message, "status": "Failure"}
    return {"method": method, "path": f"{BASE}/a", **said, **more}


def test_answers_of_a_sample_agree(tmp_path: Path) -> None:
    with gzip.open(RECORDING, "rt") as lines:
        sample = [line for number, line in enumerate(lines) if number % 10 == 0]
    path = tmp_path / "sample.jsonl"
    path.write_text("".join(sample))
    tally = run(object_requests.judge, [path])
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 255)


@pytest.mark.slow
def test_all_recorded_answers_agree() -> None:
    tally = run(object_requests.judge, [RECORDING])
    counts = {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}
    assert counts == {
        "DELETE": (395, 395),
        "GET": (572, 572),
        "PATCH json-patch": (120, 120),
        "PATCH merge-patch": (124, 124),
        "PATCH strategic-merge-patch": (137, 137),
        "POST": (447, 447),
        "PUT": (605, 605),
        "watch": (150, 150),
    }
    assert tally.exit_code == ExitCode.HOLDS


def test_an_answer_that_is_wrong_in_one_field_is_told(tmp_path: Path) -> None:
    with gzip.open(RECORDING, "rt") as lines:
        record = json.loads(next(lines))
    index = next(i for i, each in enumerate(record["ops"]) if each["code"] == 422)
    record["ops"][index]["message"] += "!"
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record) + "\n")
    tally = run(object_requests.judge, [path])
    assert tally.cases - tally.agree == 1


def test_revisions_of_writes_rise(tmp_path: Path) -> None:
    added = {"type": "ADDED", "object": make_map(12)}
    assert judge(tmp_path, created(12), watch=[added]).exit_code == ExitCode.HOLDS
    added = {"type": "ADDED", "object": make_map(10)}
    assert judge(tmp_path, created(10), watch=[added]).exit_code == ExitCode.SAFETY


def test_a_cached_list_may_be_old_but_never_older_than_one_before(tmp_path: Path) -> None:
    added = [{"type": "ADDED", "object": make_map(12)}]
    old, new = listed("?resourceVersion=0", 11), listed("?resourceVersion=0", 12, make_map(12))
    agreeing = judge(tmp_path, created(12), old, new, watch=added)
    assert agreeing.exit_code == ExitCode.HOLDS
    backwards = judge(tmp_path, created(12), new, old, watch=added)
    assert (backwards.cases, backwards.agree) == (4, 3)


def test_a_list_without_a_version_shows_every_write(tmp_path: Path) -> None:
    tally = judge(tmp_path, created(12), listed("", 13), watch=[])
    assert tally.kinds["GET"].agree == 0


def test_what_was_compacted_stays_compacted(tmp_path: Path) -> None:
    query = "?resourceVersionMatch=Exact&resourceVersion=5"
    words = "The resourceVersion for the provided list is too old."
    gone = refused("GET", 410, "Expired", words) | {"path": BASE + query}
    assert judge(tmp_path, listed(query, 5), gone).exit_code == ExitCode.HOLDS
    assert judge(tmp_path, gone, listed(query, 5)).exit_code == ExitCode.SAFETY


def test_the_collector_may_end_an_object_between_two_requests(tmp_path: Path) -> None:
    options = {"propagationPolicy": "Orphan"}
    marked = {"deletionTimestamp": "set", "deletionGracePeriodSeconds": 0}
    dying = make_map(13, **marked, finalizers=["orphan"])
    delete = {"method": "DELETE", "path": f"{BASE}/a", "body": options, "code": 200}
    events = [
        {"type": "ADDED", "object": make_map(12)},
        {"type": "MODIFIED", "object": dying},
        {"type": "DELETED", "object": make_map(14, **marked, finalizers=["orphan"])},
    ]
    requests = [created(12), delete | {"object": dying}]
    missing = refused("GET", 404, "NotFound", 'configmaps "a" not found')
    tally = judge(tmp_path, *requests, missing, watch=events)
    assert tally.exit_code == ExitCode.HOLDS
    tally = judge(tmp_path, *requests, missing, watch=events[:2])
    assert tally.kinds["GET"].agree == 0


def test_deletion_options_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    body = {"propagationPolicy": "Orphan", "orphanDependents": True}
    words = "orphanDependents and deletionPropagation cannot be both set"
    wrong = 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan"'
    answer = refused("DELETE", 422, "Invalid", f"{wrong}: {words}", body=body)
    added = {"type": "ADDED", "object": make_map(12)}
    assert judge(tmp_path, created(12), answer, watch=[added]).exit_code == ExitCode.HOLDS


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"ops": [], "watch": []}, "startResourceVersion"),
        ({"startResourceVersion": "1", "ops": [{}], "watch": []}, r"ops\[0\].method"),
        (
            {
                "startResourceVersion": "1",
                "ops": [{"method": "GET", "path": "/nowhere", "code": 200}],
                "watch": [],
            },
            "is no path of ConfigMaps",
        ),
        (
            {
                "startResourceVersion": "1",
                "ops": [{"method": "GET", "path": BASE + "?resourceVersion=x", "code": 200}],
                "watch": [],
            },
            "is no revision",
        ),
    ],
)
def test_a_malformed_line_is_told(line: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(line) + "\n")
    with pytest.raises(InputError, match=message):
        run(object_requests.judge, [path])
