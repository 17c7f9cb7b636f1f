"""How quotas look at new objects of each kind, refuse them, and are charged for them.

Sources: `staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go`
(CheckRequest), `pkg/quota/v1/evaluator/core/` and `pkg/quota/v1/generic/evaluator.go`, v1.36. A
quota is taken as counted: what `status.used` leaves out is 0. No resource is limited by
configuration.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planespec.spec.admission.resource_quota import (
    CLAIMS,
    CLASS_INFIX,
    COUNT_CLAIMS,
    COUNT_PODS,
    COUNT_SERVICES,
    LOAD_BALANCERS,
    NODE_PORTS,
    ONE,
    PODS,
    SERVICES,
    STORAGE,
    Quota,
    is_claim_in_scope,
    is_in_scope,
    list_unset,
    measure_claim,
    measure_pod,
    measure_service,
)
from planespec.spec.objects import Pod, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.pods.resources import ResourceList
from planespec.spec.quantity import Quantity

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_POD_NAMES = frozenset(
    (
        *(PODS, COUNT_PODS, *_COMPUTE),
        *(f"{kind}.{name}" for kind in ("requests", "limits") for name in _COMPUTE),
    )
)
_HUGE = ("hugepages-", "requests.hugepages-")
_CLAIM_NAMES = (CLAIMS, STORAGE, COUNT_CLAIMS)
_SERVICE_NAMES = frozenset((SERVICES, COUNT_SERVICES, NODE_PORTS, LOAD_BALANCERS))
_OLD_NAMES = frozenset(("configmaps", "resourcequotas", "replicationcontrollers", "secrets"))
"""Kinds that may also be counted without the prefix `count/`."""


@dataclass(frozen=True)
class Evaluator:
    """What a quota has to know of a kind."""

    measure: Callable[[View], ResourceList]
    bounds: Callable[[str], bool]
    """Whether a quota that bounds this name speaks of the kind."""
    is_in_scope: Callable[[View, Iterable[View]], bool]
    list_unset: Callable[[View, Iterable[str]], list[str]] = lambda _object, _names: []


def _bounds_pods(name: str) -> bool:
    is_extended = name.startswith("requests.") and "/" in name and "kubernetes.io/" not in name
    return name in _POD_NAMES or name.startswith(_HUGE) or is_extended


def _bounds_claims(name: str) -> bool:
    ends = tuple(f"{CLASS_INFIX}{each}" for each in _CLAIM_NAMES)
    return name in _CLAIM_NAMES or name.endswith(ends)


def _has_no_scope(_object: View, scopes: Iterable[View]) -> bool:
    return not list(scopes)


PODS_EVALUATOR = Evaluator(
    lambda pod: measure_pod(Pod(pod.data, pod.field)),
    _bounds_pods,
    lambda pod, scopes: is_in_scope(Pod(pod.data, pod.field), scopes),
    lambda pod, names: list_unset(Pod(pod.data, pod.field), names),
)
CLAIMS_EVALUATOR = Evaluator(
    lambda claim: measure_claim(PersistentVolumeClaim(claim.data, claim.field)),
    _bounds_claims,
    is_claim_in_scope,
)
_SERVICES_EVALUATOR = Evaluator(measure_service, _SERVICE_NAMES.__contains__, _has_no_scope)


def find_evaluator(resource: str) -> Evaluator:
    """Return how quotas see a resource, named as `pods` or `deployments.apps`."""
    known = {PODS: PODS_EVALUATOR, CLAIMS: CLAIMS_EVALUATOR, SERVICES: _SERVICES_EVALUATOR}
    if resource in known:
        return known[resource]
    names = {f"count/{resource}"} | ({resource} & _OLD_NAMES)
    usage = dict.fromkeys(names, ONE)
    return Evaluator(lambda _object: usage, usage.__contains__, _has_no_scope)


def list_refusals(evaluator: Evaluator, data: View, quotas: Iterable[Quota]) -> list[str]:
    """Return what may be said of a new object that quotas refuse; empty where they do not.

    Upstream asks the quotas in no fixed order, first of each whether all is stated that it counts.
    """
    met = _list_met(evaluator, data, quotas)
    unset = [(quota, evaluator.list_unset(data, quota.hard)) for quota in met]
    failed = [
        f"failed quota: {quota.name}: must specify {'; '.join(names)}"
        for quota, names in unset
        if names
    ]
    if failed:
        return failed
    usage = evaluator.measure(data)
    found = ((quota, dict(_list_exceeded(usage, quota))) for quota in met)
    return [_say_exceeded(quota, over) for quota, over in found if over]


def charge(evaluator: Evaluator, data: View, quotas: Sequence[Quota]) -> list[Quota]:
    """Return the quotas after the object was let in."""
    usage, met = evaluator.measure(data), _list_met(evaluator, data, quotas)
    return [_charge(quota, usage) if quota in met else quota for quota in quotas]


def _charge(quota: Quota, usage: ResourceList) -> Quota:
    used = dict(quota.used)
    for name, amount in usage.items():
        if name in quota.hard:
            used[name] = used[name] + amount if name in used else amount
    return replace(quota, used=used)


def _list_met(evaluator: Evaluator, data: View, quotas: Iterable[Quota]) -> list[Quota]:
    return [
        quota
        for quota in quotas
        if any(map(evaluator.bounds, quota.hard)) and evaluator.is_in_scope(data, quota.scopes)
    ]


def _list_exceeded(
    usage: ResourceList, quota: Quota
) -> Iterator[tuple[str, tuple[Quantity, Quantity, Quantity]]]:
    """Yield what is asked for, used and allowed; what is asked for as 0 is let through."""
    zero = ONE - ONE
    for name, hard in quota.hard.items():
        asked, used = usage.get(name), quota.used.get(name, zero)
        if asked is not None and asked.sign > 0 and used + asked > hard:
            yield name, (asked, used, hard)


def _say_exceeded(quota: Quota, over: dict[str, tuple[Quantity, Quantity, Quantity]]) -> str:
    asked, used, hard = (
        ",".join(f"{name}={each[part]}" for name, each in sorted(over.items()))
        for part in range(3)
    )
    return f"exceeded quota: {quota.name}, requested: {asked}, used: {used}, limited: {hard}"


def refuse_pod(pod: Pod, quotas: Iterable[Quota]) -> str | None:
    """Return why the quotas of its namespace refuse a new pod; None where they do not."""
    return next(iter(list_refusals(PODS_EVALUATOR, pod, quotas)), None)


def refuse_claim(claim: PersistentVolumeClaim, quotas: Iterable[Quota]) -> str | None:
    """Return why the quotas of its namespace refuse a new claim; None where they do not."""
    return next(iter(list_refusals(CLAIMS_EVALUATOR, claim, quotas)), None)
