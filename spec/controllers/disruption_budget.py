"""How many pods of a budget may be evicted now: what its controller writes into the status.

Source: Kubernetes v1.36, `pkg/controller/disruption/disruption.go`. Left out: kinds of controllers
that are found by their scale subresource, conflicts, and the clearing of stale conditions of pods.
Times are RFC 3339 as in objects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.node.status_parts import put_condition
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity.amount import explain_atoi, parse_int64, quote

DELETION_TIMEOUT = timedelta(minutes=2)
"""How long a pod counts as about to go after its eviction was allowed."""
ALLOWED = "DisruptionAllowed"
SUFFICIENT, INSUFFICIENT = "SufficientPods", "InsufficientPods"
_NO_VALUE = "invalid value for IntOrString"

Json = dict[str, Any]
FindScale = Callable[[View], tuple[str, int] | None]
"""From an owner reference to the uid of what scales it, and the replicas there should be.

None where there is no such controller; raises BudgetError where it has no scale.
"""


class BudgetError(ValueError):
    """Why it cannot be said how many pods there should be."""


@dataclass(frozen=True, slots=True)
class BudgetSync:
    """The status that is written, None where nothing changes; and events."""

    status: Json | None
    events: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Expected:
    """How many pods there should be, how many of them healthy, and who has no controller."""

    count: int = 0
    healthy: int = 0
    unmanaged: Sequence[str] = ()


def sync_budget(
    budget: ApiObject, pods: Sequence[Pod], find_scale: FindScale, now: datetime, selector: str
) -> BudgetSync:
    """Bring the status of a budget up to date (`sync`).

    `pods` are those that it selects; `selector` is how Go prints its selector, for an event.
    """
    events = [] if pods else ["Normal NoPods No matching pods found"]
    try:
        expected = count_expected(budget, pods, find_scale)
    except BudgetError as error:
        said = f"Failed to calculate the number of expected pods: {error}"
        events.append(f"Warning CalculateExpectedPodCountFailed {said}")
        return BudgetSync(_fail_safe(budget, str(error)), events)
    if expected.unmanaged:
        events.append(f"Warning UnmanagedPods {_tell_unmanaged(selector)}")
    disrupted = _keep_disrupted(budget, pods, now, events)
    healthy = sum(_is_healthy(pod, disrupted, now) for pod in pods)
    allowed = max(healthy - expected.healthy, 0) if expected.count > 0 else 0
    status: Json = {
        "currentHealthy": healthy,
        "desiredHealthy": expected.healthy,
        "expectedPods": expected.count,
        "disruptionsAllowed": allowed,
    }
    return BudgetSync(_write(budget, status, disrupted), events)


def count_expected(budget: ApiObject, pods: Sequence[Pod], find_scale: FindScale) -> _Expected:
    """How many pods there should be (`getExpectedPodCount`); may raise BudgetError."""
    most = budget.spec.data.get("maxUnavailable")
    least = budget.spec.data.get("minAvailable")
    if most is not None:
        scale, unmanaged = sum_scales(pods, find_scale)
        return _Expected(scale, max(scale - scale_value(most, scale), 0), unmanaged)
    if isinstance(least, int):
        return _Expected(len(pods), least)
    if least is not None:
        scale, unmanaged = sum_scales(pods, find_scale)
        return _Expected(scale, scale_value(least, scale), unmanaged)
    return _Expected()


def scale_value(value: object, total: int) -> int:
    """An integer, or a percentage of a total rounded up."""
    if isinstance(value, int):
        return value
    text = str(value)
    if not text.endswith("%"):
        raise BudgetError(f"{_NO_VALUE}: invalid type: string is not a percentage")
    percent = parse_int64(text[:-1])
    if percent is None:
        said = f"invalid value {quote(text)}: {explain_atoi(text[:-1])}"
        raise BudgetError(f"{_NO_VALUE}: {said}")
    return -(-percent * total // 100)


def sum_scales(pods: Sequence[Pod], find_scale: FindScale) -> tuple[int, list[str]]:
    """The replicas of all controllers of the pods, and pods without one (`getExpectedScale`)."""
    scales: dict[str, int] = {}
    unmanaged = []
    for pod in pods:
        owner = find_controller(pod)
        if owner is None:
            unmanaged.append(pod.name)
        elif owner.text("uid") not in scales:
            scale = find_scale(owner)
            if scale is None:
                raise BudgetError(f'found no controllers for pod "{pod.name}"')
            uid, replicas = scale
            scales[uid] = replicas
    return sum(scales.values()), unmanaged


@dataclass(frozen=True, slots=True)
class KnownScales:
    """Controllers by kind and uid, as the finders of the controller look for them."""

    known: Mapping[tuple[str, str], ApiObject]

    def find(self, owner: View) -> tuple[str, int] | None:
        """What scales the pods of an owner: of a ReplicaSet its Deployment. May raise."""
        kind = owner.text("kind")
        if kind == "Job":
            raise BudgetError("jobs.batch does not implement the scale subresource")
        thing = self.known.get((kind, owner.text("uid")))
        if thing is None:
            return None
        above = find_controller(thing) if kind == "ReplicaSet" else None
        if above is not None and above.text("kind") == "Deployment":
            return self.find(above)
        return thing.meta.uid, thing.spec.integer("replicas") or 0


def find_controller(thing: ApiObject) -> View | None:
    """The owner reference of the controller of an object."""
    references = thing.meta.views("ownerReferences")
    return next((each for each in references if each.flag("controller")), None)


def _tell_unmanaged(selector: str) -> str:
    return (
        f"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be"
        " unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may"
        " result in undefined behavior. To account for these pods please set"
        ' ".spec.minAvailable" field of the PDB to an integer value.'
    )


def _keep_disrupted(
    budget: ApiObject, pods: Sequence[Pod], now: datetime, events: list[str]
) -> dict[str, str]:
    """Evictions that were allowed and whose pods are still here, for two minutes."""
    allowed = budget.status.text_map("disruptedPods")
    kept: dict[str, str] = {}
    for pod in pods:
        if pod.meta.is_deleting or pod.name not in allowed:
            continue
        if datetime.fromisoformat(allowed[pod.name]) + DELETION_TIMEOUT < now:
            # Upstream names the namespace twice, and not the budget.
            place = f"{budget.meta.namespace}/{budget.meta.namespace}"
            said = f"Pod was expected by PDB {place} to be deleted but it wasn't"
            events.append(f"Warning NotDeleted {said}")
        else:
            kept[pod.name] = allowed[pod.name]
    return kept


def _is_healthy(pod: Pod, disrupted: Mapping[str, str], now: datetime) -> bool:
    if pod.meta.is_deleting:
        return False
    at = disrupted.get(pod.name)
    if at is not None and datetime.fromisoformat(at) + DELETION_TIMEOUT > now:
        return False
    return is_ready(pod)


def _write(budget: ApiObject, status: Json, disrupted: Mapping[str, str]) -> Json | None:
    """The whole new status, None where all of it is as it was."""
    old = budget.status
    generation = budget.meta.integer("generation") or 0
    is_same = (
        all((old.integer(name) or 0) == value for name, value in status.items())
        and old.text_map("disruptedPods") == disrupted
        and (old.integer("observedGeneration") or 0) == generation
        and _is_up_to_date(old)
    )
    if is_same:
        return None
    enough = status["disruptionsAllowed"] > 0
    condition = {
        "type": ALLOWED,
        "status": "True" if enough else "False",
        "reason": SUFFICIENT if enough else INSUFFICIENT,
        "message": "",
        "observedGeneration": generation,
    }
    conditions = _put_condition(old, condition)
    status |= {"conditions": conditions, "observedGeneration": generation}
    return status | ({"disruptedPods": dict(disrupted)} if disrupted else {})


def _is_up_to_date(old: View) -> bool:
    """Whether the condition says what the status allows (`ConditionsAreUpToDate`)."""
    found = next((c for c in old.views("conditions") if c.text("type") == ALLOWED), None)
    is_allowed = (old.integer("disruptionsAllowed") or 0) > 0
    wanted = ("True", SUFFICIENT) if is_allowed else ("False", INSUFFICIENT)
    return found is not None and (found.text("status"), found.text("reason")) == wanted


def _put_condition(old: View, condition: Json) -> list[Json]:
    """The conditions with this one in the place of that of its type (`SetStatusCondition`)."""
    conditions: list[Json] = [dict(each.data) for each in old.views("conditions")]
    put_condition(conditions, condition)
    return conditions


def _fail_safe(budget: ApiObject, message: str) -> Json:
    """Allow nothing, and say why; the rest of the status stays (`failSafe`)."""
    condition: Json = {
        "type": ALLOWED,
        "status": "False",
        "reason": "SyncFailed",
        "message": message,
    }
    if generation := budget.status.integer("observedGeneration"):
        condition["observedGeneration"] = generation
    conditions = _put_condition(budget.status, condition)
    return {**budget.status.data, "disruptionsAllowed": 0, "conditions": conditions}
