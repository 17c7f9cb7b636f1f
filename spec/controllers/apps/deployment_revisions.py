"""The new ReplicaSet of a Deployment: found or made, with its revision; and old ones removed.

Source: Kubernetes v1.36, `pkg/controller/deployment/sync.go` (getNewReplicaSet,
cleanupDeployment), `util/deployment_util.go` (SetNewReplicaSetAnnotations). Left out: an API
server that refuses to make a ReplicaSet, but for a name that is taken.
"""

from collections.abc import Sequence
from typing import Any

from planespec.spec.controllers.apps.deployment_state import (
    DESIRED,
    MOST,
    NEVER,
    REVISION,
    DeploymentSync,
    OwnedSet,
    has_template_of,
    set_condition,
    sum_replicas,
)
from planespec.spec.controllers.apps.pod_ownership import make_reference
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.controllers.pod_making import TEMPLATE_HASH
from planespec.spec.quantity.amount import parse_int64

HISTORY = "deployment.kubernetes.io/revision-history"
LONGEST_HISTORY = 2000
"""How many characters of old revisions are remembered (`maxRevHistoryLengthInChars`)."""
LONGEST_NAME = 253
ROLLBACK = "deprecated.deployment.rollback.to"
NOT_COPIED = frozenset(
    (
        *("kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY),
        *(DESIRED, MOST, ROLLBACK),
    )
)
"""Annotations that a Deployment and its ReplicaSets do not have of each other."""

Both = tuple[OwnedSet | None, list[OwnedSet]]


def get_sets(sync: DeploymentSync, *, creates: bool) -> Both:
    """The new ReplicaSet and the old ones; the revision is brought up to date on the way.

    A new one is made where there is none and `creates` says so.
    """
    old, new = sync.list_old(), sync.find_new()
    revision = 1 + max((read_revision(each) or 0 for each in old), default=0)
    revision = max(revision, 1)
    if new is not None:
        return _update(sync, new, revision), old
    return (_create(sync, old, revision) if creates else None), old


def read_revision(owned: OwnedSet) -> int | None:
    """The revision of a ReplicaSet: 0 where it has none, None where it is no number."""
    text = owned.meta.annotations.get(REVISION)
    return 0 if text is None else parse_int64(text)


def _update(sync: DeploymentSync, new: OwnedSet, revision: int) -> OwnedSet:
    deployment = sync.deployment
    annotations, is_changed = annotate(sync.annotations, new.meta.annotations, revision)
    wait = deployment.min_ready_seconds
    if is_changed or (new.spec.integer("minReadySeconds") or 0) != wait:
        changed = new.change(annotations=annotations, min_ready_seconds=wait)
        sync.write_set("update", changed)
        return changed
    needs_write = _set_revision(sync, annotations.get(REVISION, ""))
    if deployment.deadline is not None and sync.find_condition("Progressing") is None:
        told = ("True", "FoundNewReplicaSet", f'Found new replica set "{new.name}"')
        _add_condition(sync, *told)
        needs_write = True
    if needs_write:
        sync.write_status()
    return new.change(annotations=annotations)


def _set_revision(sync: DeploymentSync, revision: str) -> bool:
    is_new = sync.annotations.get(REVISION, "") != revision
    sync.annotations[REVISION] = revision
    return is_new


def _add_condition(sync: DeploymentSync, status: str, reason: str, message: str) -> None:
    changed = dict(sync.status)
    set_condition(changed, sync.make_condition("Progressing", status, reason, message))
    sync.status = changed


def annotate(
    wanted: dict[str, str], present: dict[str, str], revision: int
) -> tuple[dict[str, str], bool]:
    """The annotations of a new ReplicaSet, and whether they differ from those `present`.

    `wanted` are those of the Deployment. A ReplicaSet that is come back to remembers its old
    revisions. One whose revision is no number keeps it, and counts as unchanged.
    """
    found, is_changed = dict(present), False
    for name, value in wanted.items():
        if name not in NOT_COPIED and found.get(name) != value:
            found[name] = value
            is_changed = True
    text = found.get(REVISION, "")
    old = parse_int64(text) if text else 0
    if old is None:
        return found, False
    if old < revision:
        if REVISION in found:
            _remember(found, text)
        found[REVISION] = str(revision)
        is_changed = True
    return found, is_changed


def _remember(annotations: dict[str, str], revision: str) -> None:
    """Add a revision to those that a ReplicaSet had; the oldest are forgotten."""
    before = annotations.get(HISTORY, "")
    known = before.split(",")
    if not known[0]:
        annotations[HISTORY] = revision
        return
    length = len(before) + len(revision) + 1
    while length > LONGEST_HISTORY and known:
        length -= len(known.pop(0)) + 1
    if length <= LONGEST_HISTORY:
        annotations[HISTORY] = ",".join([*known, revision])


def annotate_size(sync: DeploymentSync, annotations: dict[str, str]) -> dict[str, str]:
    """The annotations with the number that is wanted and the most that may be."""
    wanted, surge = sync.deployment.replicas, sync.deployment.max_surge
    return annotations | {DESIRED: str(wanted), MOST: str(wanted + surge)}


def compute_new_size(sync: DeploymentSync, sets: Sequence[OwnedSet], size: int) -> int:
    """How large a new ReplicaSet of that size may become (`NewRSNewReplicas`)."""
    deployment = sync.deployment
    if not deployment.is_rolling:
        return deployment.replicas
    most = deployment.replicas + deployment.limits[0]
    room = most - sum_replicas(sets)
    return size + min(room, deployment.replicas - size) if room > 0 else size


def _create(sync: DeploymentSync, old: list[OwnedSet], revision: int) -> OwnedSet | None:
    """Make the new ReplicaSet; one of another template has the name where hashes collide."""
    size = compute_new_size(sync, old, 0)
    annotations, _ = annotate(sync.annotations, {}, revision)
    new = _make_set(sync, size, annotate_size(sync, annotations))
    sync.write_set("create", new)
    there = next((each for each in (*sync.others, *old) if each.name == new.name), None)
    if there is not None:
        return _meet(sync, there, revision)
    if size > 0:
        said = f"Scaled up replica set {new.name} from 0 to {size}"
        sync.events.append(f"Normal ScalingReplicaSet {said}")
    needs_write = _set_revision(sync, str(revision))
    if sync.deployment.deadline is not None:
        told = ("True", "NewReplicaSetCreated", f'Created new replica set "{new.name}"')
        _add_condition(sync, *told)
        needs_write = True
    if needs_write:
        sync.write_status()
    return new


def _meet(sync: DeploymentSync, there: OwnedSet, revision: int) -> OwnedSet | None:
    """Take the ReplicaSet that has the name, if it is of this template; or count a collision.

    It is the Deployment's still where it is let go in this very sync.
    """
    owner = find_controller(there)
    is_own = owner is not None and owner.text("uid") == sync.deployment.meta.uid
    if is_own and has_template_of(there, sync.deployment):
        if _set_revision(sync, str(revision)):
            sync.write_status()
        return there
    count = sync.status.get("collisionCount") or 0
    sync.status = sync.status | {"collisionCount": count + 1}
    sync.write_status()
    sync.error = f'replicasets.apps "{there.name}" already exists'
    return None


def _make_set(sync: DeploymentSync, size: int, annotations: dict[str, str]) -> OwnedSet:
    deployment = sync.deployment
    template = deployment.spec.view("template")
    labels = template.view("metadata").text_map("labels")
    labels |= {TEMPLATE_HASH: sync.template_hash}
    meta: dict[str, Any] = dict(template.view("metadata").data) | {"labels": labels}
    return OwnedSet(
        {
            "metadata": {
                "name": name_set(deployment.name, sync.template_hash),
                "namespace": deployment.meta.namespace,
                "labels": labels,
                "annotations": annotations,
                "ownerReferences": [make_reference(deployment)],
            },
            "spec": {
                "replicas": size,
                "minReadySeconds": deployment.min_ready_seconds,
                "template": dict(template.data) | {"metadata": meta},
            },
        }
    )


def name_set(deployment: str, template_hash: str) -> str:
    """The name of a ReplicaSet; of a long name the end is cut, not the hash."""
    room = LONGEST_NAME - len(template_hash) - 1
    return f"{deployment[:room]}-{template_hash}"


def clean_up(sync: DeploymentSync, old: list[OwnedSet]) -> None:
    """Delete old ReplicaSets without pods that are more than history is to hold.

    Those that still have pods count, and are spared: fewer are deleted then.
    """
    limit = sync.deployment.spec.integer("revisionHistoryLimit")
    if limit is None or limit == NEVER:
        return
    known = [each for each in old if not each.meta.is_deleting]
    for each in _order_by_revision(known)[: max(len(known) - limit, 0)]:
        observed = each.status.integer("observedGeneration") or 0
        is_seen = (each.meta.integer("generation") or 0) <= observed
        if is_seen and not each.replicas and not each.status.integer("replicas"):
            sync.write_set("delete", each)


def _order_by_revision(sets: list[OwnedSet]) -> list[OwnedSet]:
    """The lowest revision first, of equal ones the oldest; by age where one is no number."""
    revisions = {each.name: read_revision(each) for each in sets}
    if None in revisions.values():
        return sorted(sets, key=lambda each: each.age)
    return sorted(sets, key=lambda each: (revisions[each.name] or 0, each.age))
