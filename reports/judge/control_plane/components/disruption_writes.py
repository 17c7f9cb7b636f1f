"""Why the disruption controller may write the status of a budget, and the condition of a pod."""

from collections.abc import Iterator
from datetime import timedelta

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_cuts,
    find_status_fault,
    get_now,
    settle,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains
from planespec.reports.judge.versions.object_versions import Life, Version
from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.disruption_budget import (
    DELETION_TIMEOUT,
    KnownScales,
    sync_budget,
)
from planespec.spec.labels import SelectorError, read_label_selector
from planespec.spec.node.status_parts import find_condition
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

SCALED = ("ReplicaSet", "Deployment", "StatefulSet")
_TARGET = "DisruptionTarget"


@explains("disruption-controller update poddisruptionbudgets/status")
def explain_budget(write: Write, scene: Scene) -> str:
    """Why the controller could not find this status of a budget."""
    return answer(write, scene, find_status_fault(write, scene, "budget", _find_budget_fault))


def _find_budget_fault(write: Write, scene: Scene, base: Version) -> str:
    budget = ApiObject(base.data)
    wanted = settle(write.body.get("status") or {}, write)
    for cut, pods in _list_pods(write, scene, budget):
        for scales in _list_scales(write, scene, cut):
            status = sync_budget(budget, pods, scales.find, get_now(write), "").status
            if status is not None and settle(_keep_times(status, base), write) == wanted:
                scene.raise_least(write, base.uid, "Pod", cut)
                return ""
    return "no pods that it could have seen have this status"


def _list_pods(write: Write, scene: Scene, budget: ApiObject) -> Iterator[tuple[int, list[Pod]]]:
    """The pods that the budget selects, cut by cut."""
    try:
        selector = read_label_selector(budget.spec.data.get("selector"), "spec.selector")
    except SelectorError:
        return
    lives = [
        life
        for life in scene.history.list_lives("Pod")
        if any(selector.matches(_labels(each)) for each in life.versions)
    ]
    for cut in find_cuts(write, scene, lives, write.uid, "Pod"):
        seen = [found for life in lives if (found := life.at(cut)) is not None]
        yield cut, [Pod(each.data) for each in seen if selector.matches(_labels(each))]


def _labels(version: Version) -> dict[str, str]:
    return ApiObject(version.data).meta.labels


def _list_scales(write: Write, scene: Scene, cut: int) -> Iterator[KnownScales]:
    """What the controllers were told to have: as of the pods, then at other times."""
    lives = [life for kind in SCALED for life in scene.history.list_lives(kind)]
    told: list[dict[tuple[str, str], ApiObject]] = []
    for other in (cut, *reversed(find_cuts(write, scene, lives))):
        known = _read_scales(lives, other)
        if known not in told:
            told.append(known)
            yield KnownScales(known)


def _read_scales(lives: list[Life], cut: int) -> dict[tuple[str, str], ApiObject]:
    found = {(life.kind, life.uid): life.at(cut) for life in lives}
    return {
        key: ApiObject(
            {
                "metadata": {
                    "uid": each.uid,
                    "ownerReferences": each.meta.get("ownerReferences"),
                },
                "spec": {"replicas": each.data.get("spec", {}).get("replicas")},
            }
        )
        for key, each in found.items()
        if each is not None
    }


def _keep_times(status: dict[str, object], base: Version) -> dict[str, object]:
    """The status with the time at which its condition last changed, the write's where it did."""
    old = (base.data.get("status") or {}).get("conditions") or ()
    conditions = [
        {"lastTransitionTime": _find_time(each, list(old)), **each}
        for each in ApiObject(status).items("conditions")
        if isinstance(each, dict)
    ]
    return {**status, "conditions": conditions}


def _find_time(condition: dict[str, object], old: list[dict[str, object]]) -> object:
    found = find_condition(old, str(condition["type"]))
    is_same = found is not None and found.get("status") == condition.get("status")
    return found.get("lastTransitionTime") if found is not None and is_same else "now"


@explains("disruption-controller patch pods/status")
def explain_stale_target(write: Write, scene: Scene) -> str:
    """Why the condition of a pod that was to be disrupted may not be taken back.

    The controller does so when the pod is still there two minutes later, and not being deleted.
    """
    conditions = (write.body.get("status") or {}).get("conditions") or ()
    target = find_condition(conditions, _TARGET)
    if target is None or target.get("status") != "False":
        return "writes another condition than DisruptionTarget=False"
    lives = scene.list_named("Pod", write.name)
    for cut in find_cuts(write, scene, lives):
        for life in lives:
            found = life.at(cut)
            if found is not None and _is_stale(found, write):
                return ""
    return "no pod was to be disrupted for two minutes"


def _is_stale(pod: Version, write: Write) -> bool:
    found = find_condition((pod.data.get("status") or {}).get("conditions"), _TARGET)
    if found is None or found.get("status") != "True" or pod.meta.get("deletionTimestamp"):
        return False
    since = read_time(str(found.get("lastTransitionTime")))
    return since + DELETION_TIMEOUT <= get_now(write) + timedelta(seconds=1)
