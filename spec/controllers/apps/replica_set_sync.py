"""One sync of a ReplicaSet: pods adopted and released, made and deleted, and the status written.

Source: Kubernetes v1.36, `pkg/controller/replicaset/replica_set.go` (syncReplicaSet,
manageReplicas) and `replica_set_utils.go`. Left out: expectations (see
`machinery/creation_expectations.py`), deletions and status writes that fail, the sync that is
put off until a pod has been ready for long enough. Which pod comes first is the order of a map
upstream; here it is the order given.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from planespec.spec.controllers.apps.deletion_order import (
    Candidate,
    choose_for_deletion,
    rank_pods,
)
from planespec.spec.controllers.apps.pod_ownership import claim, is_available, is_claimed
from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.controllers.batch.job_state import is_active, is_terminating
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.labels import read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Json = dict[str, Any]
Create = Callable[[], str]
"""Asks for one pod; returns the error, "" where there is none."""

BURST = 500
"""Pods that are made or deleted at the most in one sync (`BurstReplicas`)."""


def create_none_fails() -> str:
    """An API server that makes every pod."""
    return ""


@dataclass(slots=True)
class ReplicaSetSync:
    """What one sync does."""

    patches: list[Json] = field(default_factory=list)
    created: int = 0
    calls: int = 0
    """How many pods were asked for."""
    candidates: list[Candidate] = field(default_factory=list)
    """The pods of which some are deleted; none where it has none too many."""
    deleted: list[Candidate] = field(default_factory=list)
    error: str = ""
    status: Json | None = None
    """The status that is written; None where it is as it was."""


def start_slowly(count: int, create: Create) -> tuple[int, int, list[str]]:
    """Call in batches of 1, 2, 4, ... until one has errors (`slowStartBatch`).

    Returns how many calls there were and how many went well, and the errors of the last batch.
    """
    calls = done = 0
    size = min(count, 1)
    while size > 0:
        results = [create() for _ in range(size)]
        errors = [error for error in results if error]
        calls += size
        done += size - len(errors)
        if errors:
            return calls, done, errors
        size = min(2 * size, count - calls)
    return calls, done, []


def list_related(
    owner: ApiObject, replica_sets: Iterable[ApiObject], pods: Iterable[Pod]
) -> list[Pod]:
    """Pods that match a ReplicaSet of the same controller (`getIndirectlyRelatedPods`).

    A ReplicaSet without a controller has none, its own neither.
    """
    reference = find_controller(owner)
    if reference is None:
        return []
    selectors = [
        (each.meta.namespace, read_label_selector(each.spec.data.get("selector")))
        for each in replica_sets
        if (other := find_controller(each)) is not None
        and other.text("uid") == reference.text("uid")
    ]
    return [
        pod
        for pod in pods
        if any(
            pod.meta.namespace == namespace and selector.matches(pod.meta.labels)
            for namespace, selector in selectors
        )
    ]


def sync_replica_set(
    replica_set: ApiObject,
    pods: Sequence[Pod],
    now: datetime,
    *,
    replica_sets: Sequence[ApiObject] = (),
    create: Create = create_none_fails,
    choose_error: Callable[[list[str]], str] = lambda errors: errors[0],
) -> ReplicaSetSync:
    """Bring a ReplicaSet to its size; `replica_sets` are all that there are.

    Of several pods that could not be made at once `choose_error` says which error counts.
    """
    sync = ReplicaSetSync()
    selector = read_label_selector(replica_set.spec.data.get("selector"))
    claimed = claim(replica_set, selector, [pod for pod in pods if is_active(pod)])
    sync.patches = claimed.list_patches(replica_set)
    kept = [pod for pod in claimed.kept if isinstance(pod, Pod)]
    wanted = replica_set.spec.needed_integer("replicas")
    if not replica_set.meta.is_deleting:
        if len(kept) < wanted:
            count = min(wanted - len(kept), BURST)
            sync.calls, sync.created, errors = start_slowly(count, create)
            sync.error = choose_error(errors) if errors else ""
        elif len(kept) > wanted:
            related = list_related(replica_set, replica_sets, pods)
            sync.candidates = rank_pods(kept, related, now)
            count = min(len(kept) - wanted, BURST)
            sync.deleted = choose_for_deletion(sync.candidates, count)
    ending = sum(is_terminating(pod) and is_claimed(replica_set, selector, pod) for pod in pods)
    sync.status = find_status(replica_set, kept, ending, sync.error, now)
    return sync


def find_status(
    replica_set: ApiObject, pods: Sequence[Pod], ending: int, error: str, now: datetime
) -> Json | None:
    """The status after a sync that ended with `error`; None where nothing of it is new."""
    old, spec = replica_set.status, replica_set.spec
    labels = select_exactly(spec.view("template").view("metadata").text_map("labels"))
    wait = spec.integer("minReadySeconds") or 0
    status: Json = dict(old.data)
    status |= {
        "replicas": len(pods),
        "fullyLabeledReplicas": sum(labels.matches(pod.meta.labels) for pod in pods),
        "readyReplicas": sum(map(is_ready, pods)),
        "availableReplicas": sum(is_available(pod, wait, now) for pod in pods),
        "terminatingReplicas": ending,
        "conditions": _find_conditions(replica_set, len(pods), error, now),
    }
    generation = replica_set.meta.integer("generation") or 0
    is_known = old.has("terminatingReplicas") and generation == (
        old.integer("observedGeneration") or 0
    )
    if is_known and all(_is_same(old.data.get(name), new) for name, new in status.items()):
        return None
    return status | {"observedGeneration": generation}


def _is_same(old: object, new: object) -> bool:
    return old == new or not (old or new)


def _find_conditions(replica_set: ApiObject, count: int, error: str, now: datetime) -> list[Json]:
    """The conditions, with ReplicaFailure as long as pods cannot be made."""
    old: list[Json] = [dict(each.data) for each in replica_set.status.views("conditions")]
    has_failed = any(each.get("type") == "ReplicaFailure" for each in old)
    if not error:
        return [each for each in old if each.get("type") != "ReplicaFailure"]
    if has_failed:
        return old
    missing = replica_set.spec.needed_integer("replicas") - count
    reason = "FailedCreate" if missing > 0 else "FailedDelete"
    condition = {"type": "ReplicaFailure", "status": "True", "reason": reason, "message": error}
    return [*old, condition | {"lastTransitionTime": write_time(now)}]
