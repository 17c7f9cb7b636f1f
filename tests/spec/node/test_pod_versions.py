"""Versions of a pod: which may follow which, by what upstream promises."""

from copy import deepcopy
from typing import Any

import pytest

from planespec.spec.node.pod_life.pod_versions import Happening, explain_version

Json = dict[str, Any]
SPEC = {"containers": [{"name": "app"}], "restartPolicy": "Always", "nodeName": "n1"}
CONDITIONS = ("Ready", "ContainersReady", "Initialized")


def make_pod(status: Json | None = None, meta: Json | None = None, **spec: Any) -> Json:
    return {"metadata": meta or {}, "spec": SPEC | spec, "status": status or {"phase": "Pending"}}


def make_status(phase: str, state: Json, reason: str = "", **more: Any) -> Json:
    entry = {"name": "app", "state": state, "ready": not reason, "started": "running" in state}
    entry |= {"restartCount": 0} | more
    told = [{"type": each, "status": "False", "reason": reason} for each in CONDITIONS[:2]]
    if not reason:
        told = [{"type": each, "status": "True"} for each in CONDITIONS[:2]]
    told.append({"type": "Initialized", "status": "True"})
    return {"phase": phase, "conditions": told, "containerStatuses": [entry]}


RUNNING = make_status("Running", {"running": {"startedAt": "2026-11-22T10:00:00Z"}})
END = {"exitCode": 1, "reason": "Error", "containerID": "x://1"}
FAILED = make_status("Failed", {"terminated": END}, "PodFailed")


def explain(before: Json | None, after: Json, **happening: bool) -> str:
    return explain_version(before, after, Happening(**happening))


def test_a_pod_that_comes_and_runs_is_explained() -> None:
    assert explain(None, make_pod()) == ""
    assert explain(make_pod(), make_pod(RUNNING)) == ""


def test_a_pod_refused_by_its_kubelet_fails_with_a_reason() -> None:
    refused = {"phase": "Failed", "reason": "OutOfcpu"}
    assert explain(make_pod(), make_pod(refused)) == ""
    assert "must be Pending" in explain(make_pod(), make_pod({"phase": "Failed"}))


def test_a_terminal_phase_is_never_left() -> None:
    never = make_pod(FAILED, restartPolicy="Never")
    assert explain(make_pod(RUNNING, restartPolicy="Never"), never) == ""
    assert "has left Failed" in explain(never, make_pod(RUNNING, restartPolicy="Never"))


def test_a_phase_is_kept_while_containers_could_run() -> None:
    kept = deepcopy(FAILED) | {"phase": "Running"}
    assert (
        explain(make_pod(RUNNING, restartPolicy="Never"), make_pod(kept, restartPolicy="Never"))
        == ""
    )


@pytest.mark.parametrize(
    ("meta", "is_forced", "grace", "reason"),
    [
        ({"deletionGracePeriodSeconds": 0}, False, 30, "the object is gone, and app run on"),
        ({"deletionGracePeriodSeconds": 0}, True, 30, ""),
        ({"deletionGracePeriodSeconds": 0}, False, 0, ""),
        ({"deletionGracePeriodSeconds": 9}, True, 30, "the object is gone with some grace left"),
    ],
)
def test_an_object_goes_when_its_containers_have_stopped(
    meta: Json, is_forced: bool, grace: int, reason: str
) -> None:
    last = make_pod(
        RUNNING, {"deletionTimestamp": "now"} | meta, terminationGracePeriodSeconds=grace
    )
    before = make_pod(RUNNING, terminationGracePeriodSeconds=grace)
    assert explain(before, last, is_gone=True, is_forced=is_forced) == reason


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"deletionTimestamp": "now"}, {}, "the deletion was taken back"),
        (
            {"deletionTimestamp": "now", "deletionGracePeriodSeconds": 5},
            {"deletionTimestamp": "now", "deletionGracePeriodSeconds": 6},
            "the grace of the deletion has become longer",
        ),
    ],
)
def test_a_deletion_only_ever_comes_nearer(first: Json, second: Json, reason: str) -> None:
    assert explain(make_pod(RUNNING, first), make_pod(RUNNING, second)) == reason


def test_a_restart_waits_for_its_back_off_unless_the_kubelet_forgot_it() -> None:
    last = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-22T09:59:55Z"}
    after = deepcopy(RUNNING)
    after["containerStatuses"][0] |= {"restartCount": 2, "lastState": {"terminated": last}}
    assert explain(make_pod(RUNNING), make_pod(after)) == "app must wait 10 s before it runs again"
    assert explain(make_pod(RUNNING), make_pod(after), may_forget=True) == ""
    last["finishedAt"] = "2026-11-22T09:59:49Z"
    assert explain(make_pod(RUNNING), make_pod(after)) == ""


def test_one_that_was_lost_may_be_followed_by_another_of_its_name() -> None:
    before, after = deepcopy(RUNNING), deepcopy(RUNNING)
    before["containerStatuses"][0]["containerID"] = "x://1"
    lost = {"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}}
    told = {"containerID": "x://1", "restartCount": 1}
    after["containerStatuses"][0] |= told
    assert explain(make_pod(before), make_pod(after)) == "app was not restarted"
    after["containerStatuses"][0]["lastState"] = lost
    assert explain(make_pod(before), make_pod(after)) == ""


def test_a_node_that_is_not_ready_makes_its_pods_unready() -> None:
    after = deepcopy(RUNNING)
    after["conditions"][0] = {"type": "Ready", "status": "False"}
    assert explain(make_pod(RUNNING), make_pod(after)) == ""
    after["conditions"][1] = {"type": "ContainersReady", "status": "False"}
    assert "ContainersReady must be" in explain(make_pod(RUNNING), make_pod(after))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"nodeName": "n2"}, "the pod has left its node"),
        ({"hostNetwork": True}, "spec.hostNetwork has changed"),
        ({"tolerations": [{"key": "a"}]}, ""),
    ],
)
def test_little_of_a_spec_may_change(change: Json, reason: str) -> None:
    assert explain(make_pod(), make_pod(**change)) == reason


def test_a_container_that_ended_for_good_does_not_come_back_beside_one_that_runs() -> None:
    two = {"containers": [{"name": "app"}, {"name": "b"}], "restartPolicy": "Never"}
    before, after = deepcopy(RUNNING), deepcopy(RUNNING)
    for status in (before, after):
        status["containerStatuses"].append(status["containerStatuses"][0] | {"name": "b"})
        unready = {"status": "False", "reason": "ContainersNotReady"}
        status["conditions"][:2] = [each | unready for each in status["conditions"][:2]]
    ended = {"state": {"terminated": END}, "ready": False, "started": False}
    before["containerStatuses"][1] |= ended
    after["containerStatuses"][1] |= {"ready": False, "restartCount": 1}
    reason = "a container that ended for good has come back"
    assert explain(make_pod(before, **two), make_pod(after, **two)) == reason
    always = two | {"restartPolicy": "Always"}
    assert explain(make_pod(before, **always), make_pod(after, **always)) == ""
