"""What the node lifecycle controller makes of a node: its taints, its status, its pods.

Source: Kubernetes v1.36, `pkg/controller/nodelifecycle/node_lifecycle_controller.go`
(doNoScheduleTaintingPass, doNoExecuteTaintingPass, processTaintBaseEviction, tryUpdateNodeHealth)
and `pkg/controller/util/node/controller_utils.go` (MarkPodsNotReady, SwapNodeControllerTaint).
Left out: labels, and the rate at which nodes of a zone are tainted (`zone_disruption`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from planespec.spec.node.status_parts import find_condition

Json = dict[str, Any]
Key = tuple[str, str]
"""Key and effect of a taint, by which two are the same."""

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"
CONDITION_TAINTS = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
"""The NoSchedule taint of each condition and status."""
WATCHED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
"""Conditions that are unknown once nothing is heard of a node; the network's is not."""
STOPPED = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
NEVER = {"reason": "NodeStatusNeverUpdated", "message": "Kubelet never posted node status."}


def get_key(taint: Json) -> Key:
    """By what taints are told apart."""
    return str(taint.get("key")), str(taint.get("effect"))


def list_schedule_taints(node: Json) -> set[Key]:
    """The NoSchedule taints that follow from the conditions of a node and from a cordon."""
    conditions = (node.get("status") or {}).get("conditions") or ()
    found = {
        (key, NO_SCHEDULE)
        for each in conditions
        if (key := CONDITION_TAINTS.get((str(each.get("type")), str(each.get("status")))))
    }
    if (node.get("spec") or {}).get("unschedulable"):
        found.add((UNSCHEDULABLE, NO_SCHEDULE))
    return found


def list_taint_changes(node: Json) -> Iterator[tuple[set[Key], set[Key]]]:
    """What the controller may add to and take from the taints of a node that it sees so.

    The taint of a node that is not reached comes with NoExecute, the one of the other kind goes;
    both go from a node that is ready, and from all nodes when every zone is down.
    """
    present = {get_key(each) for each in (node.get("spec") or {}).get("taints") or ()}
    wanted = list_schedule_taints(node)
    mine = {(key, NO_SCHEDULE) for key in (*CONDITION_TAINTS.values(), UNSCHEDULABLE)}
    yield wanted - present, (present & mine) - wanted
    both = {(NOT_READY, NO_EXECUTE), (UNREACHABLE, NO_EXECUTE)}
    ready = find_condition((node.get("status") or {}).get("conditions"), "Ready") or {}
    if ready.get("status") in ("False", "Unknown"):
        key = NOT_READY if ready["status"] == "False" else UNREACHABLE
        yield {(key, NO_EXECUTE)}, both - {(key, NO_EXECUTE)}
    for gone in (both, *({each} for each in sorted(both))):
        if ready.get("status") == "True" or gone <= present:
            yield set(), gone


def make_unknown(node: Json, now: str) -> Json:
    """The status of a node of which nothing was heard for the grace period."""
    status: Json = dict(node.get("status") or {})
    conditions: list[Json] = [dict(each) for each in status.get("conditions") or ()]
    for kind in WATCHED:
        old = find_condition(conditions, kind)
        if old is None:
            since = (node.get("metadata") or {}).get("creationTimestamp")
            times = {"lastHeartbeatTime": since, "lastTransitionTime": now}
            conditions.append({"type": kind, "status": "Unknown", **times, **NEVER})
        elif old.get("status") != "Unknown":
            old |= {"status": "Unknown", "lastTransitionTime": now, **STOPPED}
    return status | {"conditions": conditions}


def make_pod_unready(pod: Json, now: str) -> Json | None:
    """The status of a pod whose node was lost; None where the pod is not ready as it is."""
    status: Json = dict(pod.get("status") or {})
    conditions: list[Json] = [dict(each) for each in status.get("conditions") or ()]
    ready = find_condition(conditions, "Ready")
    if ready is None or ready.get("status") == "False":
        return None
    ready |= {"status": "False", "lastTransitionTime": now}
    return status | {"conditions": conditions}


def find_cleared(taints: Sequence[Json], gone: set[Key]) -> list[Json]:
    """The taints that stay."""
    return [each for each in taints if get_key(each) not in gone]
