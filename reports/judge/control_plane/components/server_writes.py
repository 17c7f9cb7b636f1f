"""Why the API server may write into the status of a budget or a quota: it admits requests.

An eviction is taken off the budget of its pod, new objects are counted in the quotas that they
meet, before they are stored; several that wait may be counted in one update of a quota.
"""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_cuts,
    find_status_fault,
    list_in_flight,
    settle,
    tell_now,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.admission.quota_evaluators import charge, find_evaluator
from planespec.spec.admission.resource_quota import Quota, read_quota
from planespec.spec.controllers.eviction_charges import (
    charge_budget,
    is_free,
    needs_no_budget,
)
from planespec.spec.labels import SelectorError, read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.pods.resources import ResourceList

EVICTIONS = "pods/eviction"
FORBIDDEN = 403


@explains("kube-apiserver update poddisruptionbudgets/status")
def explain_eviction(write: Write, scene: Scene) -> str:
    """Why no eviction that was under way takes this from a budget."""
    return answer(write, scene, find_status_fault(write, scene, "budget", _find_eviction_fault))


def _find_eviction_fault(write: Write, scene: Scene, base: Version) -> str:
    budget, wanted = ApiObject(base.data), settle(write.body.get("status") or {}, write)
    for asked in list_in_flight(write, scene, EVICTIONS):
        if not _may_charge(write, scene, budget, asked.name):
            continue
        status = charge_budget(budget, asked.name, tell_now(write))
        if status is not None and settle(status, write) == wanted:
            return ""
    return "no eviction that was under way is what it took off"


def _may_charge(write: Write, scene: Scene, budget: ApiObject, name: str) -> bool:
    """Whether a pod of that name asks this budget before it goes."""
    try:
        selector = read_label_selector(budget.spec.data.get("selector"), "spec.selector")
    except SelectorError:
        return False
    lives = scene.list_named("Pod", name)
    for cut in find_cuts(write, scene, lives):
        for life in lives:
            found = life.at(cut)
            pod = None if found is None else Pod(found.data)
            is_guarded = pod is not None and selector.matches(pod.meta.labels)
            if pod and is_guarded and not needs_no_budget(pod) and not is_free(budget, pod):
                return True
    return False


@explains("kube-apiserver update resourcequotas/status")
def explain_charge(write: Write, scene: Scene) -> str:
    """Why no new objects that were asked for come to what a quota is charged."""
    return answer(write, scene, find_status_fault(write, scene, "quota", _find_charge_fault))


def _find_charge_fault(write: Write, scene: Scene, base: Version) -> str:
    before, after = read_quota(base.data), read_quota(write.body)
    status = write.body.get("status") or {}
    if settle(status.get("hard"), write) != settle(_get_status(base).get("hard"), write):
        return "changes what the quota allows"
    if any(used > after.hard[name] for name, used in after.used.items() if name in after.hard):
        return "uses more than the quota allows"
    if not _is_reached(before, after, list(_list_asked(write, scene))):
        return "no new objects that were asked for come to what it adds"
    return ""


def _get_status(version: Version) -> dict[str, object]:
    return dict(ApiObject(version.data).status.data)


def _list_asked(write: Write, scene: Scene) -> Iterator[tuple[str, View]]:
    """New objects that were asked for and not refused: by a quota or by another plugin."""
    for each in scene.writes:
        if each.received > write.received:
            return
        is_new = each.verb == "create" and "/" not in each.resource and each.done >= write.done
        if is_new and each.code != FORBIDDEN:
            yield each.resource, View(each.body)


def _is_reached(before: Quota, after: Quota, asked: list[tuple[str, View]]) -> bool:
    """Whether some of the objects, at least one, come to the difference of two quotas."""
    wanted = _tell(after.used)
    reached = {_tell(before.used): before}
    start = dict(reached)
    for resource, view in asked:
        for quota in list(reached.values()):
            charged = charge(find_evaluator(resource), view, [quota])[0]
            told = _tell(charged.used)
            if told == wanted and told not in start:
                return True
            reached.setdefault(told, charged)
    return False


def _tell(used: ResourceList) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(amount)) for name, amount in used.items()))
