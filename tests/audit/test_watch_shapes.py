"""Watches as kubectl and clients print them: lists first, selectors, bookmarks, plain objects."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.log_files import is_log
from planespec.reports.audit.sources import audit_files
from planespec.reports.cli.main import run

Object = dict[str, Any]


def pod(name: str, revision: int, phase: str = "Running", **parts: Any) -> Object:
    meta = {"name": name, "namespace": "d", "uid": f"u-{name}", "resourceVersion": str(revision)}
    meta |= parts.pop("metadata", {})
    status = {"phase": phase, **parts.pop("status", {})}
    spec = {"containers": [{"name": "c", "image": "i"}], "nodeName": "n1"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def event(type_: str, item: Object) -> Object:
    return {"type": type_, "object": item}


def bookmark(revision: int) -> Object:
    meta = {"resourceVersion": str(revision), "creationTimestamp": None}
    return event("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": meta})


def follow(folder: Path, *records: Object, indent: int | None = None) -> Report:
    path = folder / "watch.json"
    path.write_text("".join(json.dumps(each, indent=indent) + "\n" for each in records))
    report = audit_files([str(path)])
    assert report.malformed == []
    return report


def ids(report: Report) -> list[str]:
    return [each.requirement.id for each in report.violations]


LISTED = [event("ADDED", pod(name, rv)) for name, rv in (("a", 900), ("b", 300), ("c", 700))]


def test_a_watch_begins_with_the_objects_that_are_there_in_any_order(tmp_path: Path) -> None:
    then = [event("MODIFIED", pod("b", 1000, "Succeeded")), event("ADDED", pod("e", 1001))]
    assert ids(follow(tmp_path, *LISTED, *then)) == []
    assert ids(follow(tmp_path, *LISTED)) == []


@pytest.mark.parametrize("late", [event("MODIFIED", pod("a", 899)), event("DELETED", pod("c", 1))])
def test_after_the_list_versions_go_up(late: Object, tmp_path: Path) -> None:
    assert "API-1" in ids(follow(tmp_path, *LISTED, late))


def test_an_object_added_after_the_list_is_newer_than_it(tmp_path: Path) -> None:
    runs = event("MODIFIED", pod("b", 1000))
    for end in (runs, bookmark(1000)):
        assert ids(follow(tmp_path, *LISTED, end, event("ADDED", pod("e", 950)))) == ["API-1"]
        assert ids(follow(tmp_path, *LISTED, end, event("ADDED", pod("e", 1001)))) == []


def test_what_comes_after_a_bookmark_is_newer(tmp_path: Path) -> None:
    changed = event("MODIFIED", pod("a", 950))
    assert ids(follow(tmp_path, *LISTED, changed)) == []
    assert ids(follow(tmp_path, *LISTED, bookmark(960), changed)) == ["API-1"]
    assert ids(follow(tmp_path, *LISTED, bookmark(940), changed)) == []


def test_a_client_that_watches_anew_gets_the_list_again(tmp_path: Path) -> None:
    runs = event("MODIFIED", pod("a", 950))
    again = [event("ADDED", pod("a", 950)), event("ADDED", pod("b", 990)), LISTED[2]]
    assert ids(follow(tmp_path, *LISTED, runs, *again)) == []
    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
    assert ids(follow(tmp_path, *LISTED, runs, gone, event("ADDED", pod("b", 990)))) == []
    assert ids(follow(tmp_path, *LISTED, runs, event("ADDED", pod("b", 990)))) == ["API-2"]


def test_an_object_that_stops_matching_a_selector_is_not_deleted(tmp_path: Path) -> None:
    left, back = event("DELETED", pod("a", 910)), event("ADDED", pod("a", 920))
    report = follow(tmp_path, LISTED[0], left, back, event("MODIFIED", pod("a", 930)))
    assert ids(report) == []
    assert list(report.exceptions) == ["an object left what a watch selects and came back"]
    assert ids(follow(tmp_path, LISTED[0], left, event("MODIFIED", pod("a", 930)))) == ["API-2"]


def test_an_object_whose_deletion_ended_does_not_come_back(tmp_path: Path) -> None:
    deleting = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    ended = event("DELETED", pod("a", 910, metadata=deleting))
    assert ids(follow(tmp_path, LISTED[0], ended, event("ADDED", pod("a", 920)))) == ["API-2"]


def test_in_a_watch_of_all_objects_a_deleted_one_never_comes_back(tmp_path: Path) -> None:
    head = {"scenario": "s", "actions": []}
    events = [head, LISTED[0], event("DELETED", pod("a", 910)), event("ADDED", pod("a", 920))]
    assert ids(follow(tmp_path, *events)) == ["API-2"]


HISTORY = [pod("a", 1, "Pending"), pod("a", 2), pod("a", 2), pod("a", 5, "Succeeded")]


@pytest.mark.parametrize("indent", [None, 4])
def test_objects_that_kubectl_prints_at_each_change_are_a_history(
    indent: int | None, tmp_path: Path
) -> None:
    assert ids(follow(tmp_path, *HISTORY, indent=indent)) == []
    revived = follow(tmp_path, *HISTORY, pod("a", 6), indent=indent)
    assert ids(revived) == ["API-6"]
    assert revived.is_log
    assert ids(follow(tmp_path, *HISTORY, pod("a", 4, "Succeeded"))) == ["API-1"]


def test_an_object_of_another_uid_in_a_history_is_another_object(tmp_path: Path) -> None:
    assert ids(follow(tmp_path, *HISTORY, pod("a", 6, metadata={"uid": "new"}))) == []


def test_one_object_printed_once_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(HISTORY[0]))
    assert not is_log(str(path))
    path.write_text(json.dumps({"kind": "List", "items": HISTORY}))
    assert not is_log(str(path))


def test_a_watch_in_yaml_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "watch.yaml"
    moved = pod("a", 1000)
    moved["spec"] = moved["spec"] | {"nodeName": "n2"}
    path.write_text(yaml.safe_dump_all([LISTED[0], event("MODIFIED", moved)]))
    assert ids(audit_files([str(path)])) == ["SCHED-1"]


def test_objects_that_kubectl_prints_in_yaml_are_a_history(tmp_path: Path) -> None:
    path = tmp_path / "history.yaml"
    path.write_text("---\n".join(yaml.safe_dump(each) for each in (*HISTORY, pod("a", 6))))
    assert ids(audit_files([str(path)])) == ["API-6"]


def test_a_watch_of_which_no_event_says_enough_is_unknown(tmp_path: Path) -> None:
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}}
    assert follow(tmp_path, event("ADDED", widget)).exit_code is ExitCode.UNKNOWN
    assert run(["audit", str(tmp_path / "watch.json")]) == ExitCode.UNKNOWN


def of_kind(version: str, kind: str, generation: int, revision: int, **fields: Any) -> Object:
    meta = {"name": "x", "namespace": "d", "uid": "u", "resourceVersion": str(revision)}
    meta |= {"generation": generation, **fields.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **fields}


ANNOTATED = {"metadata": {"annotations": {"a": "b"}}}
LABELLED = {"metadata": {"labels": {"a": "b"}}}
NEW_SPEC = {"spec": {"replicas": 9}}
SYNC = {"operation": {"sync": {}}}
GENERATIONS = {
    "a Deployment is annotated": ("apps/v1", "Deployment", ANNOTATED, True),
    "a StatefulSet is annotated": ("apps/v1", "StatefulSet", ANNOTATED, False),
    "a Deployment is labelled": ("apps/v1", "Deployment", LABELLED, False),
    "a Deployment is scaled": ("apps/v1", "Deployment", NEW_SPEC, True),
    "a Job is suspended": ("batch/v1", "Job", NEW_SPEC, True),
    "endpoints change": ("discovery.k8s.io/v1", "EndpointSlice", {"endpoints": [1]}, True),
    "a slice is labelled": ("discovery.k8s.io/v1", "EndpointSlice", LABELLED, True),
    "a slice is annotated": ("discovery.k8s.io/v1", "EndpointSlice", ANNOTATED, False),
    "a pod template changes": ("v1", "PodTemplate", {"template": {"spec": {}}}, True),
    "a PriorityClass is annotated": ("scheduling.k8s.io/v1", "PriorityClass", ANNOTATED, False),
    "webhooks change": (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        {"webhooks": [{"name": "w"}]},
        True,
    ),
    "a status changes": ("apps/v1", "Deployment", {"status": {"replicas": 1}}, False),
    "a custom resource has another spec": ("example.com/v1", "Widget", NEW_SPEC, True),
    "one has another operation": ("argoproj.io/v1alpha1", "Application", SYNC, True),
    "one without a status subresource": ("example.com/v1", "Widget", {"status": {"a": 1}}, True),
    "one is annotated": ("example.com/v1", "Widget", ANNOTATED, False),
    "a Deployment of another group": ("example.com/v1", "Deployment", ANNOTATED, False),
}
"""Kind, what changes, and whether the generation may go up with it."""


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_generation_goes_up_with_what_the_strategy_compares(name: str, tmp_path: Path) -> None:
    version, kind, change, may_rise = GENERATIONS[name]
    before = of_kind(version, kind, 1, 10, spec={"replicas": 1})
    after = of_kind(version, kind, 2, 11, **({"spec": {"replicas": 1}} | change))
    report = follow(tmp_path, event("ADDED", before), event("MODIFIED", after))
    assert ids(report) == ([] if may_rise else ["API-3"])


ALWAYS = (
    "a Deployment is scaled",
    "a pod template changes",
    "a slice is labelled",
    "endpoints change",
    "webhooks change",
)


@pytest.mark.parametrize("name", GENERATIONS)
def test_some_changes_never_leave_the_generation(name: str, tmp_path: Path) -> None:
    version, kind, change, _ = GENERATIONS[name]
    before = of_kind(version, kind, 1, 10, spec={"replicas": 1})
    after = of_kind(version, kind, 1, 11, **({"spec": {"replicas": 1}} | change))
    report = follow(tmp_path, event("ADDED", before), event("MODIFIED", after))
    always = change == NEW_SPEC or name in ALWAYS
    assert ids(report) == (["API-3"] if always else [])


@pytest.mark.parametrize("kind", ["Table", "PartialObjectMetadata"])
def test_events_that_show_no_objects_are_told_and_not_judged(kind: str, tmp_path: Path) -> None:
    shown = [of_kind("meta.k8s.io/v1", kind, n, n) for n in (1, 2)]
    report = follow(tmp_path, *(event("MODIFIED", each) for each in shown))
    assert (ids(report), report.exit_code) == ([], ExitCode.UNKNOWN)
    assert report.unjudged == [f"watch events that show a {kind}, no object (2)"]


def test_a_spec_that_was_cut_off_may_have_changed(tmp_path: Path) -> None:
    for version, kind in (("apps/v1", "Deployment"), ("example.com/v1", "Widget")):
        before, after = (of_kind(version, kind, n, n) for n in (1, 2))
        report = follow(tmp_path, event("ADDED", before), event("MODIFIED", after))
        assert ids(report) == []


def counted(revision: int, restarts: int, identity: str) -> Object:
    container = {"name": "c", "restartCount": restarts, "containerID": identity}
    return pod("a", revision, status={"containerStatuses": [container]})


def test_restarts_begin_again_with_a_container_that_is_new_to_the_node(tmp_path: Path) -> None:
    before = event("ADDED", counted(1, 5, "containerd://a"))
    for after, wanted in (("containerd://b", []), ("", []), ("containerd://a", ["API-7"])):
        found = follow(tmp_path, before, event("MODIFIED", counted(2, 0, after)))
        assert ids(found) == wanted
    unknown = event("ADDED", counted(1, 5, ""))
    assert ids(follow(tmp_path, unknown, event("MODIFIED", counted(2, 0, "")))) == ["API-7"]


def test_a_node_that_has_said_nothing_yet_has_unknown_room(tmp_path: Path) -> None:
    node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n1"}, "status": {}}
    item = pod("a", 3)
    item["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "5"}}
    full = {**node, "status": {"capacity": {"cpu": "4", "pods": "9"}}}
    assert ids(follow(tmp_path, event("ADDED", node), event("ADDED", item))) == []
    assert ids(follow(tmp_path, event("ADDED", full), event("ADDED", item))) == ["SCHED-3"]
