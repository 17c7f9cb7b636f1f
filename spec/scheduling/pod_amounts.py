"""What a pod takes of a node, as amounts; computed once for all pods that ask for the same.

Pods of one controller differ in name and labels, not in resources. So the fields that matter are
cut out as text, and the text is the key under which the amounts are kept.
Source: `pkg/scheduler/framework/types.go`, CalculateResource and getNonMissingContainerRequests.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from planespec.spec.objects import ObjectError, Pod
from planespec.spec.objects.interning import Stored
from planespec.spec.pods.resources import (
    CPU,
    MEMORY,
    NON_ZERO_REQUESTS,
    ResourceList,
    compute_pod_requests,
    has_pod_level_requests,
)
from planespec.spec.scheduling.amounts import Amounts, build_amounts

KEPT_TEXTS = 65536
"""Distinct texts whose amounts are remembered."""
_CONTAINER_FIELDS = ("name", "resources", "restartPolicy")
_STATUS_FIELDS = ("name", "resources", "allocatedResources")
_CONDITION_FIELDS = ("type", "reason")
_ENCODER = json.JSONEncoder(default=str)


@dataclass(frozen=True, slots=True)
class PodAmounts:
    """Effective requests, and the same with a minimum for containers that request nothing."""

    requests: Amounts
    non_zero: Amounts
    """CPU and memory only."""


def compute_pod_amounts(pod: Pod) -> PodAmounts:
    """Return what the pod takes. Raises ObjectError for a quantity that cannot be read."""
    stored = pod.data
    try:
        if isinstance(stored, Stored) and stored.spec is not None:
            return stored.spec.derive(_compute_shared, stored.status)
        return _compute(_cut_out(pod))
    except ObjectError as error:
        raise ObjectError(pod.path(error.field), error.message) from error


def _compute_shared(spec: Mapping[str, object], status: Mapping[str, object]) -> PodAmounts:
    """Compute them once for all pods of a store with this spec and this status."""
    return _compute(_cut_out(Pod({"spec": spec, "status": status})))


def _cut_out(pod: Pod) -> str:
    return _ENCODER.encode(pick_fields(pod))


def pick_fields(pod: Pod) -> dict[str, object]:
    """Return the fields that decide about requests; a test holds the rules to these."""
    spec, status = pod.spec.data, pod.status.data
    return {
        "spec": {
            "containers": _pick(spec.get("containers"), _CONTAINER_FIELDS),
            "initContainers": _pick(spec.get("initContainers"), _CONTAINER_FIELDS),
            "resources": spec.get("resources"),
            "overhead": spec.get("overhead"),
        },
        "status": {
            "containerStatuses": _pick(status.get("containerStatuses"), _STATUS_FIELDS),
            "initContainerStatuses": _pick(status.get("initContainerStatuses"), _STATUS_FIELDS),
            "conditions": _pick_resize_condition(status.get("conditions")),
        },
    }


def _pick(items: object, names: tuple[str, ...]) -> object:
    """Keep the named fields of each object of a list; anything else stays as it is."""
    if not isinstance(items, list):
        return items
    return [
        {name: item[name] for name in names if name in item} if isinstance(item, Mapping) else item
        for item in items
    ]


def _pick_resize_condition(conditions: object) -> object:
    """Keep only the condition that a resize is pending: others change all the time."""
    if not isinstance(conditions, list):
        return conditions
    found = [
        c for c in conditions if isinstance(c, Mapping) and c.get("type") == "PodResizePending"
    ]
    return _pick(found, _CONDITION_FIELDS)


@lru_cache(maxsize=KEPT_TEXTS)
def _compute(text: str) -> PodAmounts:
    pod = Pod(json.loads(text))
    quantities = compute_pod_requests(pod, use_status=True)
    return PodAmounts(build_amounts(quantities), _compute_non_zero(pod, quantities))


def _compute_non_zero(pod: Pod, quantities: ResourceList) -> Amounts:
    """Return CPU and memory with 100m and 200 MiB for every container that requests none.

    A pod that requests a resource as a whole is taken at its word for that resource.
    """
    missing = dict(NON_ZERO_REQUESTS)
    if has_pod_level_requests(pod):
        missing = {name: each for name, each in missing.items() if name not in quantities}
    filled = compute_pod_requests(pod, use_status=True, non_missing=missing)
    return build_amounts({name: filled[name] for name in (CPU, MEMORY) if name in filled})
