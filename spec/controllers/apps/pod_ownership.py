"""Whose a pod is: what a controller adopts, releases and leaves alone; and when a pod counts.

Source: Kubernetes v1.36, `pkg/controller/controller_ref_manager.go` (ClaimObject),
`pkg/controller/controller_utils.go` (IsPodActive, FilterClaimedPods), `pkg/api/v1/pod/util.go`.
Left out: an API server that refuses the patch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.labels import Selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]


def make_reference(owner: ApiObject) -> Json:
    """The reference by which an object names its controller (`NewControllerRef`)."""
    return {
        "apiVersion": owner.text("apiVersion"),
        "kind": owner.text("kind"),
        "name": owner.name,
        "uid": owner.meta.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


@dataclass(slots=True)
class Claimed:
    """The objects of a controller, and the patches that make others its own or let them go."""

    kept: list[ApiObject] = field(default_factory=list)
    adopted: list[ApiObject] = field(default_factory=list)
    """Those of `kept` that nobody had before."""
    released: list[ApiObject] = field(default_factory=list)

    def list_patches(self, owner: ApiObject) -> list[Json]:
        """The strategic merge patches, without an order among each other."""
        taken = [_patch(each, make_reference(owner)) for each in self.adopted]
        gone = {"$patch": "delete", "uid": owner.meta.uid}
        return taken + [_patch(each, gone) for each in self.released]


def _patch(thing: ApiObject, reference: Json) -> Json:
    return {"metadata": {"uid": thing.meta.uid, "ownerReferences": [reference]}}


def claim(owner: ApiObject, selector: Selector, things: Iterable[ApiObject]) -> Claimed:
    """Find out what is the controller's, in the order given (`ClaimObject`).

    A controller that is being deleted takes nothing and lets nothing go.
    """
    claimed = Claimed()
    for thing in things:
        reference, is_match = find_controller(thing), selector.matches(thing.meta.labels)
        if reference is None:
            if is_match and _can_adopt(owner, thing):
                claimed.adopted.append(thing)
                claimed.kept.append(thing)
        elif reference.text("uid") == owner.meta.uid:
            if is_match:
                claimed.kept.append(thing)
            elif not owner.meta.is_deleting:
                claimed.released.append(thing)
    return claimed


def _can_adopt(owner: ApiObject, thing: ApiObject) -> bool:
    is_near = owner.meta.namespace in ("", thing.meta.namespace)
    return is_near and not owner.meta.is_deleting and not thing.meta.is_deleting


def is_claimed(owner: ApiObject, selector: Selector, thing: ApiObject) -> bool:
    """Whether an object is the controller's already, and matches (`FilterClaimedPods`)."""
    reference = find_controller(thing)
    is_own = reference is not None and reference.text("uid") == owner.meta.uid
    return is_own and selector.matches(thing.meta.labels)


# Pods.


def find_ready_condition(pod: Pod) -> View | None:
    """The condition Ready of a pod, be it true or not."""
    conditions = pod.status.views("conditions")
    return next((each for each in conditions if each.text("type") == "Ready"), None)


def is_available(pod: Pod, min_ready_seconds: int, now: datetime) -> bool:
    """Whether a pod has been ready for so long (`IsPodAvailable`); longer, not as long."""
    condition = find_ready_condition(pod)
    if condition is None or condition.text("status") != "True":
        return False
    if min_ready_seconds == 0:
        return True
    since = condition.text("lastTransitionTime")
    return bool(since) and read_time(since) + timedelta(seconds=min_ready_seconds) < now
