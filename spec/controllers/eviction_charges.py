"""What an eviction asks of the budget over its pod, and what it writes into the budget's status.

Source: Kubernetes v1.36, `pkg/registry/core/pod/storage/eviction.go`. Left out: dry runs, and the
repetition after conflicts.
"""

from typing import Any

from planespec.spec.controllers.disruption_budget import ALLOWED
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Json = dict[str, Any]
MOST_DISRUPTED = 2000
"""Pods in `disruptedPods` above which nothing is evicted any more (`MaxDisruptedPodSize`)."""


def needs_no_budget(pod: Pod) -> bool:
    """Whether a pod goes without asking: it has ended, not begun, or is going (`canIgnorePDB`)."""
    return pod.phase in ("Succeeded", "Failed", "Pending") or pod.meta.is_deleting


def is_free(budget: ApiObject, pod: Pod) -> bool:
    """Whether a pod that is not ready goes without being counted, and enough others are healthy.

    Where the budget says AlwaysAllow it goes whatever the others are.
    """
    if is_ready(pod):
        return False
    if budget.spec.text("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    desired = budget.status.integer("desiredHealthy") or 0
    return (budget.status.integer("currentHealthy") or 0) >= desired > 0


def charge_budget(budget: ApiObject, pod_name: str, now: str) -> Json | None:
    """The status of a budget after it let a pod go at a time; None where it does not.

    It lets none go while its controller has not looked at its newest spec.
    """
    status = budget.status
    if (status.integer("observedGeneration") or 0) < (budget.meta.integer("generation") or 0):
        return None
    left = (status.integer("disruptionsAllowed") or 0) - 1
    disrupted = dict(status.view("disruptedPods").data)
    if left < 0 or len(disrupted) > MOST_DISRUPTED:
        return None
    after: Json = dict(status.data)
    after |= {"disruptionsAllowed": left, "disruptedPods": disrupted | {pod_name: now}}
    if left == 0:
        after["conditions"] = _forbid(budget, now)
    return after


def _forbid(budget: ApiObject, now: str) -> list[Json]:
    """The conditions once nothing is allowed any more (`UpdateDisruptionAllowedCondition`)."""
    new: Json = {
        "type": ALLOWED,
        "status": "False",
        "observedGeneration": budget.status.integer("observedGeneration") or 0,
        "lastTransitionTime": now,
        "reason": "InsufficientPods",
        "message": "",
    }
    found, is_there = list[Json](), False
    for each in budget.status.views("conditions"):
        is_it = each.text("type") == ALLOWED
        if is_it and each.text("status") == "False":
            new["lastTransitionTime"] = each.text("lastTransitionTime")
        found.append(new if is_it else dict(each.data))
        is_there |= is_it
    return found if is_there else [*found, new]
