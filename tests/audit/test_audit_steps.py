"""Steps of logs, one by one: what is a violation, and what is a fact."""

import json
from pathlib import Path
from typing import Any

import pytest

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.log_files import audit_logs
from planespec.spec.cluster.cluster_requirements import place_of


def request(
    verb: str, resource: str, name: str, second: int, code: int = 200, **body: Any
) -> dict[str, Any]:
    resource, _, subresource = resource.partition("/")
    target = {"resource": resource, "namespace": "x", "name": name, "uid": f"uid-{name}"}
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Event",
        "stage": "ResponseComplete",
        "verb": verb,
        "objectRef": target | ({"subresource": subresource} if subresource else {}),
        "responseStatus": {"code": code},
        "requestReceivedTimestamp": f"2026-01-01T00:00:{second:02}.000000Z",
        "requestObject": body,
    }


def bind(node: str, second: int, code: int = 201) -> dict[str, Any]:
    target = {"kind": "Node", "name": node}
    return request("create", "pods/binding", "a", second, code, target=target)


def follow(folder: Path, *lines: dict[str, Any]) -> Report:
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return audit_logs([str(path)])


def found(report: Report) -> list[tuple[str, int]]:
    assert report.malformed == []
    places = [(v.requirement.id, place_of(v)) for v in report.violations]
    return [(id_, place.line if place else 0) for id_, place in places]


def test_two_accepted_bindings_are_a_double_binding(tmp_path: Path) -> None:
    assert found(follow(tmp_path, bind("n1", 1), bind("n2", 2))) == [("SCHED-1", 2)]


@pytest.mark.parametrize("answer", ["requestObject", "responseObject"])
def test_a_pod_created_on_a_node_is_bound_to_it(tmp_path: Path, answer: str) -> None:
    made = request("create", "pods", "a", 1, 201)
    made[answer] = {"metadata": {"uid": "uid-a"}, "spec": {"nodeName": "n1"}}
    assert found(follow(tmp_path, made, bind("n2", 2))) == [("SCHED-1", 2)]
    assert found(follow(tmp_path, made, bind("n2", 2, 409))) == []
    made[answer]["spec"] = {}
    assert found(follow(tmp_path, made, bind("n2", 2))) == []


def test_the_same_name_after_a_deletion_of_all_is_another_pod(tmp_path: Path) -> None:
    first, second = bind("n1", 1), bind("n2", 3)
    for each in (first, second):
        del each["objectRef"]["uid"]
    gone = request("deletecollection", "pods", "", 2)
    assert found(follow(tmp_path, first, gone, second)) == []
    gone["objectRef"] |= {"namespace": "other"}
    assert found(follow(tmp_path, first, gone, second)) == [("SCHED-1", 3)]


def test_a_refused_second_binding_is_a_fact(tmp_path: Path) -> None:
    report = follow(tmp_path, bind("n1", 1), bind("n2", 2, 409))
    assert found(report) == []
    assert list(report.exceptions) == ["a second binding of a pod is refused (409)"]


def test_a_binding_to_a_deleted_node_is_noted(tmp_path: Path) -> None:
    report = follow(tmp_path, request("delete", "nodes", "n1", 1), bind("n1", 2))
    assert found(report) == []
    assert list(report.exceptions) == ["a binding to a node that does not exist is accepted"]


def test_an_accepted_update_of_an_older_version_is_found(tmp_path: Path) -> None:
    new, old = ({"metadata": {"resourceVersion": each}} for each in ("9", "7"))
    first = request("update", "configmaps", "c", 1, **new)
    assert found(follow(tmp_path, first, request("update", "configmaps", "c", 2, **old))) == [
        ("API-1", 2)
    ]
    late = request("update", "configmaps", "c", 0, **old)
    assert found(follow(tmp_path, first, late)) == []
    refused = request("update", "configmaps", "c", 2, 409, **old)
    assert found(follow(tmp_path, first, refused)) == []


def test_a_status_that_leaves_a_terminal_phase_is_found(tmp_path: Path) -> None:
    lines = [
        request("patch", "pods/status", "a", second, status={"phase": phase})
        for second, phase in enumerate(("Running", "Succeeded", "Running"))
    ]
    assert found(follow(tmp_path, *lines)) == [("API-6", 3)]


def test_a_delete_that_lost_is_a_fact_and_a_write_after_one_that_won_is_not(
    tmp_path: Path,
) -> None:
    lost = request("delete", "pods", "a", 1, 409)
    write = request("patch", "pods/status", "a", 2)
    assert found(follow(tmp_path, lost, write)) == []
    won = request("delete", "pods", "a", 1, 200, gracePeriodSeconds=0)
    assert found(follow(tmp_path, won, write)) == [("API-8", 2)]


def pod(type_: str, revision: int, **parts: Any) -> dict[str, Any]:
    meta = {"name": "a", "namespace": "x", "uid": "u", "resourceVersion": str(revision)}
    meta |= {"generation": 1, **parts.pop("metadata", {})}
    spec = {"containers": [{"name": "c"}], **parts.pop("spec", {})}
    item = {"kind": "Pod", "metadata": meta, "spec": spec, **parts}
    return {"type": type_, "object": item}


def job(type_: str, revision: int, *conditions: str) -> dict[str, Any]:
    listed = [{"type": each, "status": "True", "reason": f"R{revision}"} for each in conditions]
    meta = {"name": "j", "namespace": "x", "uid": "u", "resourceVersion": str(revision)}
    item = {"kind": "Job", "metadata": meta, "spec": {}, "status": {"conditions": listed}}
    return {"type": type_, "object": item}


def test_what_a_job_ended_with_stays_and_other_conditions_may_change(tmp_path: Path) -> None:
    failed = follow(tmp_path, job("ADDED", 2, "Failed"), job("MODIFIED", 3))
    [violation] = failed.violations
    assert violation.message == "condition Failed was True and changed"
    assert found(follow(tmp_path, job("ADDED", 2, "Suspended"), job("MODIFIED", 3))) == []


def test_steps_of_a_watch_are_judged(tmp_path: Path) -> None:
    on = {"nodeName": "n1"}
    deleting = {"deletionTimestamp": "2026-01-01T00:00:09Z", "generation": 2}
    cases = {
        "SCHED-1": pod("MODIFIED", 3, spec={"nodeName": "n2"}),
        "API-1": pod("MODIFIED", 1, spec=on),
        "API-2": pod("MODIFIED", 3, spec=on, metadata={"uid": "v"}),
        "API-3": pod("MODIFIED", 3, spec=on, metadata={"generation": 5}),
        "API-4": pod("MODIFIED", 3, spec=on | {"hostNetwork": True}, metadata={"generation": 2}),
    }
    for id_, step in cases.items():
        assert (id_, 2) in found(follow(tmp_path, pod("ADDED", 2, spec=on), step))
    taken_back = [pod("ADDED", 2), pod("MODIFIED", 3, metadata=deleting), pod("MODIFIED", 4)]
    assert ("API-5", 3) in found(follow(tmp_path, *taken_back))
    gone = [pod("ADDED", 2), pod("DELETED", 3), pod("MODIFIED", 4)]
    assert found(follow(tmp_path, *gone)) == [("API-2", 3)]
    back = [pod("ADDED", 2), pod("DELETED", 3), pod("ADDED", 4)]
    assert found(follow(tmp_path, {"scenario": "s", "actions": []}, *back)) == [("API-2", 4)]
    again = [pod("ADDED", 2), pod("DELETED", 3), pod("ADDED", 4, metadata={"uid": "w"})]
    assert found(follow(tmp_path, *again)) == []
    fine = [pod("ADDED", 2), pod("MODIFIED", 3, spec=on), pod("DELETED", 4, spec=on)]
    assert found(follow(tmp_path, *fine)) == []
