"""One sync of a StatefulSet: its pods, their claims, its revisions, its status.

Pods that are wanted go first, from the lowest ordinal on; then those that are too many, from the
highest on; then one pod of an old template is deleted. An ordered set waits at each step for a pod
that is not available yet.

Source: Kubernetes v1.36, `pkg/controller/statefulset/stateful_set_control.go`,
`stateful_pod_control.go`. Left out: pods and revisions to adopt or release, events, requests that
fail but for names that are taken, and `maxUnavailable` (its feature gate is off). Claims of one
pod are made in the order of their templates; upstream takes that of a map. What is written in the
sync is not seen by it: upstream reads caches.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from planespec.spec.controllers.apps.pod_ownership import make_reference
from planespec.spec.controllers.apps.revision_history import (
    find_update,
    list_surplus,
    read_revision_of,
    read_template,
)
from planespec.spec.controllers.apps.stateful_claims import has_storage, is_stale
from planespec.spec.controllers.apps.stateful_set_state import (
    INDEX_LABEL,
    NAME_LABEL,
    REVISION_LABEL,
    Json,
    RefusedError,
    StatefulSet,
    StatefulSync,
    get_ordinal,
    get_revision,
    is_created,
    is_running_and_ready,
    run_for_all,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject


def sync_stateful_set(
    stateful_set: StatefulSet,
    pods: Iterable[Pod],
    revisions: Iterable[ApiObject],
    claims: Iterable[ApiObject],
    now: datetime,
) -> StatefulSync:
    """Bring a StatefulSet on."""
    history = sorted(map(read_revision_of, revisions), key=lambda each: each.rank)
    template = read_template(stateful_set.spec)
    collisions = stateful_set.status.integer("collisionCount") or 0
    update, changes, collisions = find_update(history, stateful_set.name, template, collisions)
    name = stateful_set.status.text("currentRevision")
    current = next((each for each in history if each.name == name), update)
    found = list(pods)
    sync = StatefulSync(
        stateful_set, found, {each.name: each for each in claims}, now, current, update
    )
    sync.taken = {pod.name for pod in found}
    for change in changes:
        number = {"revision": change.revision.number}
        sync.write(change.verb, "controllerrevisions", change.revision.name, number)
    sync.status = {
        "observedGeneration": stateful_set.meta.integer("generation") or 0,
        "currentRevision": current.name,
        "updateRevision": update.name,
        "collisionCount": collisions,
    }
    _bring_on(sync)
    sync.write_status()
    live = {current.name, update.name, *map(get_revision, found)}
    limit = stateful_set.spec.integer("revisionHistoryLimit")
    for each in list_surplus(history, live, 10 if limit is None else limit):
        sync.begin()
        sync.write("delete", "controllerrevisions", each.name)
    return sync


def _bring_on(sync: StatefulSync) -> None:
    sync.count(sync.pods)
    replicas, condemned = _part(sync)
    if sync.owner.meta.is_deleting:
        return
    both = [*replicas, *condemned]
    sick = [*replicas, *reversed(condemned)]
    first_sick = next((pod for pod in sick if sync.is_unavailable(pod)), None)
    is_over = (
        run_for_all(sync, replicas, lambda pod: _bring_pod_on(sync, pod))
        or run_for_all(sync, condemned, lambda pod: _fix_claims(sync, pod))
        or run_for_all(sync, condemned, lambda pod: _remove(sync, pod, first_sick))
    )
    sync.count(both)
    if not is_over and sync.owner.spec.view("updateStrategy").text("type") != "OnDelete":
        _replace_one(sync, replicas)


def _part(sync: StatefulSync) -> tuple[list[Pod], list[Pod]]:
    """The pods that are wanted, with those that are missing; and those that are too many."""
    wanted = range(sync.owner.start, sync.owner.start + sync.owner.replicas)
    known = {get_ordinal(pod): pod for pod in sync.pods}
    replicas = [known.get(number) or _make_pod(sync, number) for number in wanted]
    condemned = [pod for pod in sync.pods if get_ordinal(pod) >= 0]
    condemned = [pod for pod in condemned if not sync.owner.has_ordinal(get_ordinal(pod))]
    return replicas, sorted(condemned, key=get_ordinal, reverse=True)


# A new pod.


def _make_pod(sync: StatefulSync, ordinal: int) -> Pod:
    """A pod that is not there yet: of the current revision as long as that is to stay."""
    revision = sync.current if _is_kept(sync.owner, ordinal) else sync.update
    name = f"{sync.owner.name}-{ordinal}"
    meta: dict[str, Any] = dict(revision.template.get("metadata") or {})
    labels = {**(meta.get("labels") or {}), REVISION_LABEL: revision.name}
    labels |= {NAME_LABEL: name, INDEX_LABEL: str(ordinal)}
    meta |= {"name": name, "namespace": sync.owner.meta.namespace, "labels": labels}
    meta["ownerReferences"] = [make_reference(sync.owner)]
    spec: dict[str, Any] = dict(revision.template.get("spec") or {})
    spec |= {"hostname": name, "subdomain": sync.owner.spec.text("serviceName")}
    pod = Pod({"metadata": meta, "spec": spec})
    return Pod({"metadata": meta, "spec": spec | {"volumes": _mount(sync, pod)}})


def _is_kept(stateful_set: StatefulSet, ordinal: int) -> bool:
    """Whether a pod of that ordinal is not rolled out to yet (`newVersionedStatefulSetPod`)."""
    partition = stateful_set.partition
    if partition is not None:
        return ordinal < stateful_set.start + partition
    current = stateful_set.status.integer("currentReplicas") or 0
    return stateful_set.is_rolling and ordinal < stateful_set.start + current


def _mount(sync: StatefulSync, pod: Pod) -> list[Json]:
    """The volumes of a pod, those of its claims in the place of others of their name."""
    names = sync.owner.name_claims(pod)
    mounted: list[Json] = [
        {"name": volume, "persistentVolumeClaim": {"claimName": name}}
        for volume, name in names.items()
    ]
    others = (each for each in pod.spec.views("volumes") if each.text("name") not in names)
    return mounted + [dict(each.data) for each in others]


# A pod that is wanted.


def _bring_pod_on(sync: StatefulSync, pod: Pod) -> bool:
    """Make, replace or repair a pod; whether an ordered set waits (`processReplica`)."""
    if pod.is_terminal:
        if not pod.meta.is_deleting:
            sync.write("delete", "pods", pod.name)
        return True
    if not is_created(pod):
        if _has_stale_claim(sync, pod):
            return True
        _create(sync, pod)
        if sync.owner.is_ordered:
            return True
    if pod.phase == "Pending":
        _create_claims(sync, pod)
        _update_claims(sync, pod)
    is_settled = is_running_and_ready(pod) and not sync.is_unavailable(pod)
    if sync.owner.is_ordered and not is_settled:
        return True
    _repair(sync, pod)
    return False


def _create(sync: StatefulSync, pod: Pod) -> None:
    _create_claims(sync, pod)
    containers = pod.containers
    image = {"image": containers[0].image if containers else ""}
    sync.write("create", "pods", pod.name, {"labels": pod.meta.labels} | image)
    if pod.name in sync.taken:
        raise RefusedError(f'pods "{pod.name}" already exists')
    sync.taken.add(pod.name)
    _update_claims(sync, pod)


def _repair(sync: StatefulSync, pod: Pod) -> None:
    """Give a pod its identity, its storage, and its claims their owners (`UpdateStatefulPod`)."""
    has_identity = sync.owner.has_identity(pod)
    mounts = has_storage(pod, sync.owner.name_claims(pod))
    if has_identity and mounts and _has_good_claims(sync, pod):
        return
    labels = dict(pod.meta.labels)
    if not has_identity:
        ordinal = get_ordinal(pod)
        labels |= {NAME_LABEL: f"{sync.owner.name}-{ordinal}", INDEX_LABEL: str(ordinal)}
    if not mounts:
        _create_claims(sync, pod)
    _update_claims(sync, pod)
    sync.write("update", "pods", pod.name, {"labels": labels})


# Claims.


def _list_claims(sync: StatefulSync, pod: Pod) -> list[ApiObject]:
    names = sync.owner.name_claims(pod).values()
    return [sync.claims[name] for name in names if name in sync.claims]


def _has_stale_claim(sync: StatefulSync, pod: Pod) -> bool:
    """Whether a claim that goes with its pod still names an earlier one."""
    owners = sync.owner.find_owners(pod)
    return owners.policy.goes_with_pod and any(
        is_stale(claim.meta.views("ownerReferences"), owners.pod)
        for claim in _list_claims(sync, pod)
    )


def _create_claims(sync: StatefulSync, pod: Pod) -> None:
    """Make the claims that are missing; those that are being deleted are in the way."""
    errors = []
    selected = sync.owner.spec.view("selector").text_map("matchLabels")
    names = sync.owner.name_claims(pod).values()
    for template, name in zip(sync.owner.claim_templates, names, strict=True):
        claim = sync.claims.get(name)
        if claim is not None:
            if claim.meta.is_deleting:
                errors.append(f"pvc {name} is being deleted")
            continue
        labels = template.view("metadata").text_map("labels") | selected
        sync.write("create", "persistentvolumeclaims", name, {"labels": labels})
        if name in sync.made_claims:
            said = f'persistentvolumeclaims "{name}" already exists'
            errors.append(f"failed to create PVC {name}: {said}")
        sync.made_claims.add(name)
    if errors:
        raise RefusedError(*errors)


def _has_good_claims(sync: StatefulSync, pod: Pod) -> bool:
    owners = sync.owner.find_owners(pod)
    return all(owners.is_up_to_date(claim) for claim in _list_claims(sync, pod))


def _update_claims(sync: StatefulSync, pod: Pod) -> None:
    """Write the owners of claims that have others."""
    owners = sync.owner.find_owners(pod)
    for claim in _list_claims(sync, pod):
        if not owners.is_up_to_date(claim):
            told = {"labels": claim.meta.labels, "ownerReferences": owners.list_references(claim)}
            sync.write("update", "persistentvolumeclaims", claim.name, told)


def _fix_claims(sync: StatefulSync, pod: Pod) -> bool:
    _update_claims(sync, pod)
    return False


# Pods that go.


def _remove(sync: StatefulSync, pod: Pod, first_sick: Pod | None) -> bool:
    """Delete a pod that is too many; whether an ordered set waits (`processCondemned`)."""
    if pod.meta.is_deleting:
        return sync.owner.is_ordered
    is_well = is_running_and_ready(pod) and sync.is_available(pod)
    if not is_well and sync.owner.is_ordered and pod is not first_sick:
        return True
    sync.write("delete", "pods", pod.name)
    return True


def _replace_one(sync: StatefulSync, replicas: Sequence[Pod]) -> None:
    """Delete the last pod of an old revision, unless a later one is not available yet.

    Pods below the partition stay as they are. It is counted by place here, not by ordinal.
    """
    for pod in reversed(replicas[sync.owner.partition or 0 :]):
        if get_revision(pod) != sync.update.name and not pod.meta.is_deleting:
            sync.begin()
            sync.write("delete", "pods", pod.name)
            sync.status["currentReplicas"] -= 1
            return
        if sync.is_unavailable(pod):
            return
