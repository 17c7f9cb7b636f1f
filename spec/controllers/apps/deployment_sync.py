"""One sync of a Deployment: its ReplicaSets scaled, made and removed, and its status.

Only one kind of step is done in a sync: a change of size goes before a rollout, in which the new
ReplicaSet grows before an old one shrinks.

Source: Kubernetes v1.36, `pkg/controller/deployment/deployment_controller.go` (syncDeployment),
`sync.go` (scale), `rolling.go`, `recreate.go`. Left out: requests that fail. The hash of a
template is given, not computed: it is that of a Go value as Go prints it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from planespec.spec.controllers.apps.deployment_revisions import (
    annotate_size,
    clean_up,
    compute_new_size,
    get_sets,
)
from planespec.spec.controllers.apps.deployment_rollback import read_rollback, roll_back
from planespec.spec.controllers.apps.deployment_scaling import (
    find_sizes,
    is_saturated,
    list_by_size,
)
from planespec.spec.controllers.apps.deployment_state import (
    DESIRED,
    Deployment,
    DeploymentSync,
    OwnedSet,
    list_active,
    set_condition,
    sum_replicas,
    sum_status,
)
from planespec.spec.controllers.apps.deployment_status import (
    PROGRESSING,
    TIMED_OUT,
    is_complete,
    sync_rollout_status,
    sync_status,
)
from planespec.spec.controllers.apps.pod_ownership import claim
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

_PATCH = "application/strategic-merge-patch+json"
_SELECTS_ALL = "This deployment is selecting all pods. A non-empty selector is required."


def start_sync(
    deployment: Deployment, sets: Iterable[ApiObject], now: datetime, template_hash: str
) -> DeploymentSync:
    """Claim the ReplicaSets of a Deployment; `sets` are all of its namespace."""
    found = [OwnedSet(each.data, each.field) for each in sets]
    selector = read_label_selector(deployment.spec.data.get("selector"))
    claimed = claim(deployment, selector, found)
    own = [each for each in claimed.kept if isinstance(each, OwnedSet)]
    own.sort(key=lambda each: each.age)
    others = [each for each in found if each not in own]
    sync = DeploymentSync(deployment, own, now, template_hash, others)
    sync.status, sync.annotations = deployment.copy_status(), dict(deployment.meta.annotations)
    changed = [*claimed.adopted, *claimed.released]
    for each, patch in zip(changed, claimed.list_patches(deployment), strict=True):
        action = {"verb": "patch", "resource": "replicasets", "patchType": _PATCH}
        sync.actions.append(action | {"name": each.name, "patch": patch})
    return sync


def sync_deployment(
    deployment: Deployment,
    sets: Iterable[ApiObject],
    pods: Iterable[Pod],
    now: datetime,
    template_hash: str,
) -> DeploymentSync:
    """Bring a Deployment on; a new ReplicaSet is named after `template_hash`."""
    if deployment.spec.data.get("selector") == {}:
        return _refuse(deployment, now)
    sync = start_sync(deployment, sets, now, template_hash)
    if deployment.meta.is_deleting:
        new, old = get_sets(sync, creates=False)
        sync_status(sync, [*old, new], new)
        return sync
    _note_pause(sync)
    if deployment.spec.flag("paused"):
        _scale(sync)
    elif (revision := read_rollback(deployment)) is not None:
        roll_back(sync, revision)
    elif _is_scaled(sync):
        _scale(sync)
    elif deployment.is_rolling:
        _roll(sync)
    elif (kind := deployment.spec.view("strategy").text("type")) == "Recreate":
        _recreate(sync, list(pods))
    else:
        sync.error = f"unexpected deployment strategy type: {kind}"
    return sync


def _refuse(deployment: Deployment, now: datetime) -> DeploymentSync:
    """A Deployment that selects every pod is only observed."""
    sync = DeploymentSync(deployment, [], now, "")
    sync.status, sync.annotations = deployment.copy_status(), dict(deployment.meta.annotations)
    sync.events.append(f"Warning SelectingAll {_SELECTS_ALL}")
    generation = deployment.meta.integer("generation") or 0
    if (deployment.status.integer("observedGeneration") or 0) < generation:
        sync.status["observedGeneration"] = generation
        sync.write_status()
    return sync


def _note_pause(sync: DeploymentSync) -> None:
    """Say that a rollout is paused or goes on, unless it is said to have timed out."""
    condition, is_paused = sync.find_condition(PROGRESSING), sync.deployment.spec.flag("paused")
    reason = "" if condition is None else condition.get("reason", "")
    if sync.deployment.deadline is None or reason == TIMED_OUT:
        return
    if is_paused == (reason == "DeploymentPaused"):
        return
    how = ("Paused", "paused") if is_paused else ("Resumed", "resumed")
    told = ("Unknown", f"Deployment{how[0]}", f"Deployment is {how[1]}")
    changed = dict(sync.status)
    set_condition(changed, sync.make_condition(PROGRESSING, *told))
    sync.status = changed
    sync.write_status()


def _is_scaled(sync: DeploymentSync) -> bool:
    """Whether an active ReplicaSet was made for another size (`isScalingEvent`)."""
    new, old = get_sets(sync, creates=False)
    wanted = {each.read_number(DESIRED) for each in list_active([*old, new])}
    return bool(wanted - {None, sync.deployment.replicas})


# A change of size, or a pause.


def _scale(sync: DeploymentSync) -> None:
    new, old = get_sets(sync, creates=False)
    _share(sync, new, old)
    if sync.deployment.spec.flag("paused"):
        clean_up(sync, old)
    sync_status(sync, [*old, new], new)


def _share(sync: DeploymentSync, new: OwnedSet | None, old: Sequence[OwnedSet]) -> None:
    """Give the wanted size to the only active ReplicaSet, or share it out (`scale`)."""
    wanted = sync.deployment.replicas
    youngest_first = sorted(old, key=lambda each: each.age, reverse=True)
    active = list_active([*youngest_first, new])
    if len(active) <= 1:
        latest = new if new is not None else next(iter(youngest_first), None)
        only = active[0] if active else latest
        if only is not None:
            resize(sync, only, wanted)
    elif is_saturated(sync.deployment, new):
        for each in list_active(youngest_first):
            resize(sync, each, 0)
    elif sync.deployment.is_rolling:
        ordered = list_by_size(sync.deployment, active)
        for each, size in zip(ordered, find_sizes(sync, ordered), strict=True):
            write_size(sync, each, size)


def resize(sync: DeploymentSync, owned: OwnedSet, size: int) -> OwnedSet:
    """Change the size of a ReplicaSet if it has another."""
    return owned if owned.replicas == size else write_size(sync, owned, size)


def write_size(sync: DeploymentSync, owned: OwnedSet, size: int) -> OwnedSet:
    """Write size and the annotations of size if any of them is another."""
    annotations = annotate_size(sync, owned.meta.annotations)
    if owned.replicas == size and annotations == owned.meta.annotations:
        return owned
    changed = owned.change(size, annotations=annotations)
    sync.write_set("update", changed)
    if owned.replicas != size:
        way = "up" if owned.replicas < size else "down"
        said = f"Scaled {way} replica set {owned.name} from {owned.replicas} to {size}"
        sync.events.append(f"Normal ScalingReplicaSet {said}")
    return changed


# Rollouts.


def _roll(sync: DeploymentSync) -> None:
    new, old = get_sets(sync, creates=True)
    if new is None:
        return
    sets = [*old, new]
    is_scaled = _grow_new(sync, sets, new) or _shrink_old(sync, sets, list_active(old), new)
    if not is_scaled and is_complete(sync.deployment, sync.status):
        clean_up(sync, old)
    sync_rollout_status(sync, sets, new)


def _grow_new(sync: DeploymentSync, sets: Sequence[OwnedSet], new: OwnedSet) -> bool:
    """Bring the new ReplicaSet nearer to its size; whether that was written."""
    wanted, size = sync.deployment.replicas, new.replicas
    target = wanted if size >= wanted else compute_new_size(sync, sets, size)
    resize(sync, new, target)
    return target != size


def _shrink_old(
    sync: DeploymentSync, sets: Sequence[OwnedSet], old: list[OwnedSet], new: OwnedSet
) -> bool:
    """Take pods from old ReplicaSets: first those that are not available; whether any."""
    if not old:
        return False
    least = sync.deployment.replicas - sync.deployment.max_unavailable
    most = sum_replicas(sets) - least - (new.replicas - new.available)
    if most <= 0:
        return False
    removed = 0
    for index, each in enumerate(old):
        sick = each.replicas - each.available
        if removed >= most or sick == 0:
            continue
        if sick < 0:  # more are available than wanted: upstream gives up here
            return False
        count = min(most - removed, sick)
        old[index] = resize(sync, each, each.replicas - count)
        removed += count
    return removed + _shrink_available(sync, old, [*old, new], least) > 0


def _shrink_available(
    sync: DeploymentSync, old: Sequence[OwnedSet], sets: Sequence[OwnedSet], least: int
) -> int:
    """Take pods from the oldest ReplicaSets as long as enough are available; how many."""
    most, removed = sum_status(sets, "availableReplicas") - least, 0
    for each in old:
        if removed < most and each.replicas:
            count = min(each.replicas, most - removed)
            resize(sync, each, each.replicas - count)
            removed += count
    return removed


def _recreate(sync: DeploymentSync, pods: Sequence[Pod]) -> None:
    new, old = get_sets(sync, creates=False)
    active = list_active(old)
    for each in active:
        resize(sync, each, 0)
    if active or _has_old_pods(sync, new, old, pods):
        sync_rollout_status(sync, [*old, new], new)
        return
    if new is None:
        new, old = get_sets(sync, creates=True)
    if new is None:
        return
    resize(sync, new, sync.deployment.replicas)
    if is_complete(sync.deployment, sync.status):
        clean_up(sync, old)
    sync_rollout_status(sync, [*old, new], new)


def _has_old_pods(
    sync: DeploymentSync, new: OwnedSet | None, old: Sequence[OwnedSet], pods: Iterable[Pod]
) -> bool:
    """Whether an old ReplicaSet counts pods, or a pod of one has not ended."""
    if sum_status(old, "replicas") > 0:
        return True
    selector = read_label_selector(sync.deployment.spec.data.get("selector"))
    owners = {each.meta.uid for each in sync.sets} - {new.meta.uid if new is not None else ""}
    for pod in pods:
        owner = find_controller(pod)
        is_old = owner is not None and owner.text("uid") in owners
        if is_old and selector.matches(pod.meta.labels) and not pod.is_terminal:
            return True
    return False
