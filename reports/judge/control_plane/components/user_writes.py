"""What the script asked for: requests that stand among the actions, and the answers to them.

The script is the environment: whatever it asks for is in order, once an action says so. Its
refusals are held to the history: taken names, objects that are gone, stale revisions, quotas,
budgets that allow no eviction, and pods that may not change so.
"""

import re
from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.quota_refusals import explain_quota
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.script_actions import find_action
from planespec.reports.judge.control_plane.write_explainers import (
    explain_answer,
    explains,
    list_present,
)
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

OBJECTS = (
    *("configmaps", "deployments", "jobs", "nodes", "poddisruptionbudgets", "pods"),
    *("priorityclasses", "resourcequotas", "statefulsets"),
)
_VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)
_NEEDS = re.compile(
    r"The disruption budget (\S+) needs (\d+) healthy pods and has (\d+) currently"
)
_RACE = re.compile(r"The disruption budget (\S+) does not allow evicting pods currently")
_BEHIND = re.compile(r"The disruption budget (\S+) is still being processed by the server\.")
_BOUND = re.compile(r'pod (\S+) is already assigned to node "([^"]*)"')


@explains(*(f"user {verb} {each}" for each in OBJECTS for verb in ("update", "patch", "delete")))
def explain_request(write: Write, scene: Scene) -> str:
    """A request that is among the actions; a refusal that the history bears out."""
    if find_action(write, scene) is None:
        return "no action asked for it"
    if write.is_accepted:
        return ""
    if write.code == 422:
        return _explain_invalid(write, scene)
    return explain_answer(write, scene)


@explains(*(f"user create {each}" for each in OBJECTS))
def explain_creation(write: Write, scene: Scene) -> str:
    """A new object that is among the actions, or one that a quota has no room for."""
    if find_action(write, scene) is None:
        return "no action asked for it"
    if write.is_accepted:
        return ""
    if write.code == 403:
        return explain_quota(write, scene)
    return explain_answer(write, scene)


def _explain_invalid(write: Write, scene: Scene) -> str:
    """A pod that is being deleted takes no finalizer, and one that waits takes no gate."""
    meta, spec = (write.body.get(name) or {} for name in ("metadata", "spec"))
    for version in list_present(write, scene):
        added = set(meta.get("finalizers") or ()) - set(version.meta.get("finalizers") or ())
        if added and version.meta.get("deletionTimestamp"):
            return ""
        old = {each["name"] for each in version.data["spec"].get("schedulingGates") or ()}
        gates = {each.get("name") for each in spec.get("schedulingGates") or ()}
        if gates - old:
            return ""
    return "nothing in it is forbidden"


@explains("user create pods/binding")
def explain_binding(write: Write, scene: Scene) -> str:
    """A binding binds a pod that is not bound; another is told where the pod is."""
    if find_action(write, scene) is None:
        return "no action asked for it"
    match = _BOUND.search(write.message)
    if write.is_accepted:
        return ""
    if (write.code, write.reason) != (409, "Conflict") or match is None:
        return explain_answer(write, scene)
    bound = {each.data["spec"].get("nodeName") for each in list_present(write, scene)}
    return "" if match[2] in bound else "the pod was not bound so"


# Evictions.


@explains("user create pods/eviction")
def explain_eviction(write: Write, scene: Scene) -> str:
    """An eviction is refused where a budget does not allow it."""
    if find_action(write, scene) is None:
        return "no action asked for it"
    if write.is_accepted:
        return ""
    if write.code == 500:
        several = write.message == _SEVERAL and len(_list_budgets(write, scene)) > 1
        return "" if several else "there was one budget for the pod at the most"
    if write.code == 429:
        return _explain_violation(write, scene)
    return explain_answer(write, scene)


def _list_budgets(write: Write, scene: Scene) -> set[str]:
    """The names of budgets over a pod that may have been there."""
    return {each.name for each in _list_versions(write, scene)}


def _list_versions(write: Write, scene: Scene) -> Iterator[Version]:
    """The versions of budgets over a pod that may have been stored when it was evicted."""
    labels = [Pod(each.data).meta.labels for each in list_present(write, scene)]
    for life in scene.history.list_lives("PodDisruptionBudget"):
        for each in life.versions:
            is_over = each.after is not None and each.after.until < write.received
            if each.is_gone or each.since > write.done or is_over:
                continue
            selector = read_label_selector(ApiObject(each.data).spec.data.get("selector"))
            if any(selector.matches(found) for found in labels):
                yield each


def _explain_violation(write: Write, scene: Scene) -> str:
    cause = write.causes[0] if write.causes else ""
    if write.message != _VIOLATES:
        return "no rule explains such a message"
    for version in _list_versions(write, scene):
        status = ApiObject(version.data).status
        allowed = status.integer("disruptionsAllowed") or 0
        observed = status.integer("observedGeneration") or 0
        counted = tuple(str(status.integer(n) or 0) for n in ("desiredHealthy", "currentHealthy"))
        needs, race, behind = (each.fullmatch(cause) for each in (_NEEDS, _RACE, _BEHIND))
        if needs and needs[1] == version.name and needs.groups()[1:] == counted and allowed <= 0:
            return ""
        is_behind = observed < version.meta.get("generation", 0) or _is_changing(write, scene)
        if behind and behind[1] == version.name and is_behind:
            return ""
        if race and race[1] == version.name and allowed <= 0:
            return ""
    return "the budget allowed it"


def _is_changing(write: Write, scene: Scene) -> bool:
    """Whether the pod changed meanwhile: one that is not ready goes only as it was looked at."""
    present = [Pod(each.data) for each in list_present(write, scene)]
    return len(present) > 1 and not all(map(is_ready, present))
