"""Rules for autoscalers of pods.

Source: `pkg/apis/autoscaling/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/autoscaling/v2/defaults.go`.
"""

from planespec.spec.names import get_dns1123_label_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.resource_rules import validate_container_resource
from planespec.spec.validation.value_rules import get_path_segment_errors

_SOURCES = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
_CONTROLLER = "ReplicationController"
"""The one kind without an API group that can be scaled."""
_TARGETS = ENUMERATIONS["autoscaling.MetricTarget"]["type"]
_SELECTIONS = ENUMERATIONS["autoscaling.HPAScalingRules"]["selectPolicy"]
_POLICIES = ENUMERATIONS["autoscaling.HPAScalingPolicy"]["type"]
_LONGEST_WINDOW, _LONGEST_PERIOD = 3600, 1800


def validate_autoscaler(view: View) -> Errors:
    """Source: validateHorizontalPodAutoscalerSpec."""
    spec = view.view("spec")
    least, most = spec.integer("minReplicas"), spec.integer("maxReplicas") or 0
    least = 1 if least is None else least
    if least < 1:
        yield invalid(spec.path("minReplicas"), least, "must be greater than or equal to 1")
    if most < 1:
        yield required(spec.path("maxReplicas"), "must be set and greater than 0")
    if most < least:
        words = "must be greater than or equal to `minReplicas`"
        yield invalid(spec.path("maxReplicas"), most, words)
    target = spec.view("scaleTargetRef")
    yield from _validate_reference(target, needs_group=target.text("kind") != _CONTROLLER)
    for metric in spec.views("metrics"):
        yield from _validate_metric(metric)
    kinds = {metric.text("type") for metric in spec.views("metrics")}
    if least == 0 and not kinds & {"Object", "External"}:
        words = "must specify at least one Object or External metric to support scaling to zero"
        yield forbidden(spec.path("metrics"), f"{words} replicas")
    for name in ("scaleUp", "scaleDown"):
        if spec.view("behavior").has(name):
            yield from _validate_rules(spec.view("behavior").view(name))
    # A percentage of version 1 is read as a metric on cpu, and is named so.
    percentage = spec.integer("targetCPUUtilizationPercentage")
    if percentage is not None and percentage < 1:
        field = spec.path("metrics[0].resource.target.averageUtilization")
        yield invalid(field, percentage, "must be greater than 0")


def _validate_reference(view: View, *, needs_group: bool) -> Errors:
    """Source: ValidateCrossVersionObjectReference, ValidateAPIVersion."""
    for name in ("kind", "name"):
        if not view.text(name):
            yield required(view.path(name))
        else:
            yield from checked(view.path(name), view.text(name), get_path_segment_errors)
    field, version = view.path("apiVersion"), view.text("apiVersion")
    if version.count("/") > 1:
        yield invalid(field, version, f"unexpected GroupVersion string: {version}")
    elif needs_group and not version.rpartition("/")[0]:
        yield invalid(field, version, "apiVersion must specify API group")


def _validate_metric(metric: View) -> Errors:
    """Source: validateMetricSpec."""
    kind, field = metric.text("type"), metric.path("type")
    if not kind:
        yield required(field, "must specify a metric source type")
    if kind not in _SOURCES:
        yield not_supported(field, kind, sorted(_SOURCES))
    present = [name for name in _SOURCES.values() if metric.has(name)]
    if present:
        yield from _validate_source(metric.view(present[0]), present[0])
    expected = _SOURCES.get(kind, "")
    if expected and expected not in present:
        words = "must populate information for the given metric source"
        yield required(metric.path(expected), words)
    for name in present if len(present) > 1 else ():
        if name != expected:
            yield forbidden(metric.path(name), "must populate the given metric source only")


def _validate_source(source: View, name: str) -> Errors:
    if name == "object":
        yield from _validate_reference(source.view("describedObject"), needs_group=False)
    if name in ("object", "external", "pods"):
        yield from _validate_identifier(source.view("metric"))
    elif not source.text("name"):
        yield required(source.path("name"), "must specify a resource name")
    elif name == "containerResource":
        yield from validate_container_resource(source.path("name"), source.text("name"))
    if name == "containerResource":
        field, container = source.path("container"), source.text("container")
        if not container:
            yield required(field, "must specify a container")
        else:
            yield from checked(field, container, get_dns1123_label_errors)
    target = source.view("target")
    yield from _validate_target(target)
    yield from _validate_presence(target, name)


def _validate_identifier(metric: View) -> Errors:
    name = metric.text("name")
    if not name:
        yield required(metric.path("name"), "must specify a metric name")
    else:
        yield from checked(metric.path("name"), name, get_path_segment_errors)


def _validate_target(target: View) -> Errors:
    """Source: validateMetricTarget."""
    kind = target.text("type")
    if not kind:
        yield required(target.path("type"), "must specify a metric target type")
    if kind not in _TARGETS:
        words = "must be either Utilization, Value, or AverageValue"
        yield invalid(target.path("type"), kind, words)
    for name in ("value", "averageValue"):
        if target.has(name) and target.quantity(name).sign <= 0:
            yield invalid(target.path(name), target.quantity(name), "must be positive")
    share = target.integer("averageUtilization")
    if share is not None and share < 1:
        yield invalid(target.path("averageUtilization"), share, "must be greater than 0")


def _validate_presence(target: View, name: str) -> Errors:
    """Say which amounts a target of this source needs, and which exclude each other."""
    has_value, has_average = target.has("value"), target.has("averageValue")
    has_share = target.has("averageUtilization")
    average, share = target.path("averageValue"), target.path("averageUtilization")
    if name == "object" and not (has_value or has_average):
        yield required(average, "must set either a target value or averageValue")
    if name == "external" and not (has_value or has_average):
        yield required(average, "must set either a target value for metric or a per-pod target")
    if name == "external" and has_value and has_average:
        words = "may not set both a target value for metric and a per-pod target"
        yield forbidden(target.path("value"), words)
    if name == "pods" and not has_average:
        yield required(average, "must specify a positive target averageValue")
    if name in ("resource", "containerResource"):
        if not (has_share or has_average):
            yield required(share, "must set either a target raw value or a target utilization")
        if has_share and has_average:
            words = "may not set both a target raw value and a target utilization"
            yield forbidden(average, words)


def _validate_rules(rules: View) -> Errors:
    """Source: validateScalingRules; policies that are absent get defaults."""
    seconds, field = rules.integer("stabilizationWindowSeconds"), "stabilizationWindowSeconds"
    if seconds is not None and seconds < 0:
        yield invalid(rules.path(field), seconds, "must be greater than or equal to zero")
    if seconds is not None and seconds > _LONGEST_WINDOW:
        words = f"must be less than or equal to {_LONGEST_WINDOW}"
        yield invalid(rules.path(field), seconds, words)
    choice = rules.text("selectPolicy")
    if choice and choice not in _SELECTIONS:
        yield not_supported(rules.path("selectPolicy"), choice, _SELECTIONS)
    policies = rules.views("policies")
    if rules.has("policies") and not policies:
        yield required(rules.path("policies"), "must specify at least one Policy")
    for policy in policies:
        yield from _validate_policy(policy)
    if rules.has("tolerance") and rules.quantity("tolerance").sign < 0:
        amount = rules.quantity("tolerance")
        yield invalid(rules.path("tolerance"), amount, "must be greater or equal to zero")


def _validate_policy(policy: View) -> Errors:
    """Source: validateScalingPolicy."""
    kind = policy.text("type")
    if kind not in _POLICIES:
        yield not_supported(policy.path("type"), kind, _POLICIES)
    for name in ("value", "periodSeconds"):
        amount = policy.integer(name) or 0
        if amount <= 0:
            yield invalid(policy.path(name), amount, "must be greater than zero")
    seconds = policy.integer("periodSeconds") or 0
    if seconds > _LONGEST_PERIOD:
        words = f"must be less than or equal to {_LONGEST_PERIOD}"
        yield invalid(policy.path("periodSeconds"), seconds, words)
