"""Rules for classes of pods, and for leases.

Source: `pkg/apis/scheduling/validation/validation.go`, `pkg/apis/node/validation/validation.go`,
`pkg/apis/coordination/validation/validation.go`, v1.36.
"""

from planespec.spec.names import get_dns1123_label_errors, get_label_key_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    above_zero,
    checked,
    each_invalid,
    forbidden,
    not_supported,
    positive_or_zero,
)
from planespec.spec.validation.pod.placement_rules import validate_tolerations
from planespec.spec.validation.resource_rules import (
    validate_container_resource,
    validate_requirements,
)
from planespec.spec.validation.value_rules import validate_labels

_HIGHEST = 1_000_000_000
_SYSTEM = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_PREEMPTION = ENUMERATIONS["scheduling.PriorityClass"]["preemptionPolicy"]
_STRATEGY = "OldestEmulationVersion"


def validate_priority_class(view: View) -> Errors:
    """Source: ValidatePriorityClass."""
    name, value = view.view("metadata").text("name"), view.integer("value") or 0
    if name.startswith("system-"):
        why = ""
        if name not in _SYSTEM:
            why = f"{name} is not a known system priority class"
        elif value != _SYSTEM[name]:
            why = f"value of {name} PriorityClass must be {_SYSTEM[name]}"
        elif view.flag("globalDefault"):
            why = f"globalDefault of {name} PriorityClass must be false"
        if why:
            words = "priority class names with 'system-' prefix are reserved for system use only"
            yield forbidden("metadata.name", f"{words}. error: {why}")
    elif value > _HIGHEST:
        words = f"maximum allowed value of a user defined priority is {_HIGHEST}"
        yield forbidden("value", words)
    policy = view.text("preemptionPolicy")
    if policy and policy not in _PREEMPTION:
        yield not_supported("preemptionPolicy", policy, _PREEMPTION)


def validate_runtime_class(view: View) -> Errors:
    """Source: ValidateRuntimeClass."""
    yield from checked("handler", view.text("handler"), get_dns1123_label_errors)
    if view.has("overhead"):
        fixed = View({"limits": view.view("overhead").data.get("podFixed")}, "overhead")
        yield from validate_requirements(fixed, validate_container_resource, ())
    scheduling = view.view("scheduling")
    field = scheduling.path("nodeSelector")
    yield from validate_labels(field, scheduling.text_map("nodeSelector"))
    yield from validate_tolerations(scheduling.views("tolerations"))


def validate_lease(view: View) -> Errors:
    """Source: ValidateLeaseSpec."""
    spec = view.view("spec")
    seconds = spec.integer("leaseDurationSeconds")
    if seconds is not None:
        yield from above_zero(spec.path("leaseDurationSeconds"), seconds)
    yield from positive_or_zero(spec.path("leaseTransitions"), spec.integer("leaseTransitions"))
    strategy, field = spec.text("strategy"), spec.path("strategy.strategy")
    if spec.has("strategy") and "/" not in strategy and strategy != _STRATEGY:
        yield not_supported(field, strategy, (_STRATEGY,))
    elif "/" in strategy:
        yield from each_invalid(field, strategy, get_label_key_errors(strategy))
    if spec.text("preferredHolder") and not strategy:
        words = "may only be specified if `strategy` is defined"
        yield forbidden(spec.path("preferredHolder"), words)
