"""The kubelet's status manager, where no recorded line leads: its source is v1.36."""

from typing import Any

import pytest

from planespec.spec.node.status_manager import StatusManager
from planespec.spec.node.status_parts import diff_statuses, is_same_to_kubelet, normalize_status
from planespec.spec.node.status_transitions import has_initialized, is_legal_change

ENDED = {"terminated": {"exitCode": 1}}
RUNS = {"running": {}}


def make_pod(**spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "a", "uid": "u", "generation": 2},
        "spec": {"containers": [{"name": "c"}], **spec},
    }


def make_status(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"phase": "Running", "containerStatuses": [{"name": "c", "state": state}], **fields}


@pytest.mark.parametrize(
    ("policy", "container", "legal"),
    [
        ("Always", {}, True),
        ("OnFailure", {}, True),
        ("Never", {}, False),
        ("Never", {"restartPolicy": "Always"}, True),
        ("Never", {"restartPolicy": "OnFailure"}, True),
        ("Never", {"restartPolicyRules": [{"action": "Restart"}]}, False),
        ("Never", {"restartPolicyRules": [{"action": "RestartAllContainers"}]}, True),
    ],
)
def test_a_container_comes_back_only_as_its_policy_allows(
    policy: str, container: dict[str, Any], legal: bool
) -> None:
    spec = {"restartPolicy": policy, "containers": [{"name": "c"} | container]}
    assert is_legal_change(make_status(ENDED), make_status(RUNS), spec) is legal


@pytest.mark.parametrize(
    ("operator", "values", "legal"),
    [("In", [1], True), ("In", [2], False), ("NotIn", [2], True), ("NotIn", [1], False)],
)
def test_a_rule_of_exit_codes_decides_before_the_policy(
    operator: str, values: list[int], legal: bool
) -> None:
    rule = {"action": "Restart", "exitCodes": {"operator": operator, "values": values}}
    container = {"name": "c", "restartPolicy": "Never", "restartPolicyRules": [rule]}
    spec = {"restartPolicy": "Never", "containers": [container]}
    assert is_legal_change(make_status(ENDED), make_status(RUNS), spec) is legal


def test_a_status_of_another_init_container_than_specified_is_refused() -> None:
    spec = {"restartPolicy": "Never", "initContainers": [{"name": "i"}]}
    old = {"initContainerStatuses": [{"name": "other", "state": RUNS}]}
    assert not is_legal_change(old, {}, spec)


def test_a_pod_has_initialized_by_what_its_last_init_container_did() -> None:
    pod = make_pod(initContainers=[{"name": "i"}])
    assert not has_initialized(pod)
    for code, expected in ((0, True), (1, False)):
        state = {"terminated": {"exitCode": code}}
        pod["status"] = {"initContainerStatuses": [{"name": "i", "state": state}]}
        assert has_initialized(pod) is expected
    sidecar = make_pod(initContainers=[{"name": "i", "restartPolicy": "Always"}])
    sidecar["status"] = {"initContainerStatuses": [{"name": "i", "state": RUNS}]}
    assert not has_initialized(sidecar)
    sidecar["status"]["initContainerStatuses"][0]["started"] = True
    assert has_initialized(sidecar)


def test_messages_share_their_room_by_bytes() -> None:
    pod = make_pod(initContainers=[{"name": "i"}])
    status = make_status({"terminated": {"message": "x" + "\u00e9" * 4000}})
    normalize_status(pod, status)
    message = status["containerStatuses"][0]["state"]["terminated"]["message"]
    assert message == "x" + "\u00e9" * 3071 + "\ufffd"


def test_what_others_write_is_not_compared_and_a_lost_condition_is() -> None:
    owned = {"type": "Ready", "status": "True"}
    shared = {"type": "DisruptionTarget", "status": "True"}
    other = {"type": "example.test/gate", "status": "True"}
    old = {"conditions": [owned, other], "resourceClaimStatuses": [{"name": "r"}]}
    assert is_same_to_kubelet(old, {"conditions": [owned]})
    assert not is_same_to_kubelet({"conditions": [owned, shared]}, {"conditions": [owned]})
    assert not is_same_to_kubelet(old, {"conditions": [owned], "phase": "Running"})


def test_a_patch_deletes_conditions_and_tells_their_order() -> None:
    one, two = {"type": "a", "status": "True"}, {"type": "b", "status": "True"}
    order = "$setElementOrder/conditions"
    assert diff_statuses({"conditions": [one, two]}, {"conditions": [two]}) == {
        "conditions": [{"$patch": "delete", "type": "a"}],
        order: [{"type": "b"}],
    }
    moved = diff_statuses({"conditions": [one, two]}, {"conditions": [two, one]})
    assert moved == {order: [{"type": "b"}, {"type": "a"}]}
    assert diff_statuses({"conditions": [one], "reason": "x"}, {"conditions": [one]}) == {
        "reason": None
    }


def test_a_pod_is_deleted_once_it_ended_and_that_was_sent() -> None:
    manager = StatusManager(make_pod(), api_pod=make_pod())
    manager.pod["metadata"]["deletionTimestamp"] = "t"
    assert manager.api_pod is not None
    manager.api_pod["metadata"]["deletionTimestamp"] = "t"
    manager.set_pod_status(make_status(RUNS))
    manager.could_run = True
    manager.terminate_pod()
    manager.sync_batch(everything=False)
    assert [each.verb for each in manager.requests] == ["get", "patch"]
    manager.could_run = False
    manager.sync_batch(everything=True)
    assert [each.verb for each in manager.requests[2:]] == ["get", "patch", "delete"]
    assert manager.held is None


def test_a_pod_that_ended_is_sent_as_not_ready() -> None:
    conditions = [
        {"type": "Ready", "status": "True"},
        {"type": "ContainersReady", "status": "True"},
    ]
    manager = StatusManager(make_pod(), api_pod=make_pod(), now="t")
    manager.set_pod_status(make_status(RUNS, conditions=conditions) | {"phase": "Succeeded"})
    manager.sync_batch(everything=False)
    assert manager.api_pod is not None
    sent = {each["type"]: each for each in manager.api_pod["status"]["conditions"]}
    for each in sent.values():
        assert (each["status"], each["reason"]) == ("False", "PodCompleted")
    assert sent.keys() == {"Ready", "ContainersReady"}
