"""The status of a Deployment: its counters, whether it is available, whether it gets on.

Source: Kubernetes v1.36, `pkg/controller/deployment/sync.go` (calculateStatus,
syncDeploymentStatus), `progress.go` (syncRolloutStatus), `util/deployment_util.go`.
"""

from collections.abc import Sequence
from datetime import timedelta

from planespec.spec.controllers.apps.deployment_state import (
    Deployment,
    DeploymentSync,
    Json,
    OwnedSet,
    drop_condition,
    find_condition,
    set_condition,
    sum_replicas,
    sum_status,
)
from planespec.spec.controllers.batch.cron_jobs import read_time

PROGRESSING = "Progressing"
FAILURE = "ReplicaFailure"
DONE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
_POINTERS = ("terminatingReplicas", "collisionCount")

Sets = Sequence[OwnedSet | None]


def compute_status(sync: DeploymentSync, sets: Sets, new: OwnedSet | None) -> Json:
    """The status that follows from ReplicaSets; `sets` are all, with the new one."""
    deployment = sync.deployment
    available, wanted = sum_status(sets, "availableReplicas"), sum_replicas(sets)
    status: Json = {
        "observedGeneration": deployment.meta.integer("generation") or 0,
        "replicas": sum_status(sets, "replicas"),
        "updatedReplicas": sum_status([new], "replicas"),
        "readyReplicas": sum_status(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(wanted - available, 0),
        "terminatingReplicas": _count_terminating(sets),
        "collisionCount": sync.status.get("collisionCount"),
        "conditions": list(sync.status.get("conditions") or ()),
    }
    if available >= deployment.replicas - deployment.max_unavailable:
        told = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        lacks = "Deployment does not have minimum availability."
        told = ("False", "MinimumReplicasUnavailable", lacks)
    set_condition(status, sync.make_condition("Available", *told))
    return status


def _count_terminating(sets: Sets) -> int | None:
    """Pods that are being deleted; None as long as a ReplicaSet that was synced does not say."""
    for each in sets:
        is_synced = each is not None and bool(each.status.integer("observedGeneration"))
        if each is not None and is_synced and not each.status.has("terminatingReplicas"):
            return None
    return sum_status(sets, "terminatingReplicas")


def write_if_new(sync: DeploymentSync, status: Json) -> None:
    """Write a status unless it is what there was."""
    if _normalize(status) != _normalize(sync.status):
        sync.status = status
        sync.write_status()


def _normalize(status: Json) -> Json:
    """Without what is as good as absent; a pointer to 0 is not."""
    pointers = ("terminatingReplicas", "collisionCount")
    return {n: v for n, v in status.items() if v or (n in pointers and v is not None)}


def sync_status(sync: DeploymentSync, sets: Sets, new: OwnedSet | None) -> None:
    """Bring the status up to date without a look at progress (`syncDeploymentStatus`)."""
    write_if_new(sync, compute_status(sync, sets, new))


def sync_rollout_status(sync: DeploymentSync, sets: Sets, new: OwnedSet | None) -> None:
    """Bring the status up to date during a rollout (`syncRolloutStatus`)."""
    status = compute_status(sync, sets, new)
    if sync.deployment.deadline is None:
        drop_condition(status, PROGRESSING)
    elif not _has_ended(sync, status):
        _judge_progress(sync, status, new)
    failure = _find_failure(sets, new)
    if failure is not None:
        set_condition(status, failure)
    else:
        drop_condition(status, FAILURE)
    write_if_new(sync, status)


def _has_ended(sync: DeploymentSync, status: Json) -> bool:
    """Whether the rollout was over before, so that this is only a resync."""
    current = sync.find_condition(PROGRESSING)
    is_updated = bool(status["replicas"] == status["updatedReplicas"])
    return is_updated and current is not None and current.get("reason") == DONE


def _judge_progress(sync: DeploymentSync, status: Json, new: OwnedSet | None) -> None:
    deployment, current = sync.deployment, sync.find_condition(PROGRESSING)
    who = f'Deployment "{deployment.name}"' if new is None else f'ReplicaSet "{new.name}"'
    if is_complete(deployment, status):
        told = ("True", DONE, f"{who} has successfully progressed.")
        set_condition(status, sync.make_condition(PROGRESSING, *told))
    elif is_progressing(sync.status, status):
        told = ("True", "ReplicaSetUpdated", f"{who} is progressing.")
        condition = sync.make_condition(PROGRESSING, *told)
        if current is not None and current["status"] == "True":
            condition["lastTransitionTime"] = current.get("lastTransitionTime")
        # The time of the update changes although status and reason may be the same.
        drop_condition(status, PROGRESSING)
        set_condition(status, condition)
    elif has_timed_out(sync, status):
        told = ("False", TIMED_OUT, f"{who} has timed out progressing.")
        set_condition(status, sync.make_condition(PROGRESSING, *told))


def is_complete(deployment: Deployment, status: Json) -> bool:
    """Whether all wanted pods are new and available, and there are no others."""
    names = ("updatedReplicas", "replicas", "availableReplicas")
    is_all = all((status.get(name) or 0) == deployment.replicas for name in names)
    observed = status.get("observedGeneration") or 0
    return is_all and observed >= (deployment.meta.integer("generation") or 0)


def is_progressing(old: Json, new: Json) -> bool:
    """Whether there are more new, ready or available pods than before, or fewer old ones."""

    def get(status: Json, name: str) -> int:
        return int(status.get(name) or 0)

    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    left = [get(each, "replicas") - get(each, "updatedReplicas") for each in (old, new)]
    return left[1] < left[0] or any(get(new, name) > get(old, name) for name in more)


def has_timed_out(sync: DeploymentSync, status: Json) -> bool:
    """Whether the last progress is longer ago than the deadline, or was already."""
    condition, deadline = find_condition(status, PROGRESSING), sync.deployment.deadline
    if deadline is None or condition is None or condition.get("reason") == DONE:
        return False
    if condition.get("reason") == TIMED_OUT:
        return True
    since = condition.get("lastUpdateTime")
    return since is None or read_time(since) + timedelta(seconds=deadline) < sync.now


def _find_failure(sets: Sets, new: OwnedSet | None) -> Json | None:
    """The condition ReplicaFailure of the new ReplicaSet, or else of the oldest that has one."""
    for owned in (new, *sets):
        for each in owned.status.views("conditions") if owned is not None else ():
            if each.text("type") == FAILURE:
                at = each.data.get("lastTransitionTime")
                names = ("type", "status", "reason", "message")
                told: Json = {name: each.text(name) for name in names}
                return told | {"lastTransitionTime": at, "lastUpdateTime": at}
    return None


def tell_status(status: Json) -> Json:
    """As JSON has it: without what is empty, but for pointers."""
    kept = {n: v for n, v in status.items() if v or (n in _POINTERS and v is not None)}
    if "conditions" in kept:
        kept["conditions"] = [
            {name: text for name, text in each.items() if text} for each in kept["conditions"]
        ]
    return kept
