"""Deployments: what is filled in, and what an update may change.

Source: `pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/deployment/strategy.go`,
`pkg/apis/apps/validation/validation.go`, v1.36.
"""

from planespec.spec.admission.pod_defaults import default_pod_spec
from planespec.spec.api.changes.preparing import begin, counting
from planespec.spec.api.meta_updates import IMMUTABLE, validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, invalid
from planespec.spec.validation.object_rules import find_kind, validate_object
from planespec.spec.validation.pod.pod_rules import validate_template_spec
from planespec.spec.validation.value_rules import show_selector

AFTER_TEMPLATE = (
    *("spec.strategy", "spec.minReadySeconds", "spec.revisionHistoryLimit"),
    *("spec.progressDeadlineSeconds", "spec.updateStrategy"),
)


def default_template(template: Json) -> None:
    """Fill in the pod spec of a template."""
    template.setdefault("metadata", {})
    default_pod_spec(template.setdefault("spec", {}))


def default_deployment(data: Json) -> None:
    """Fill in a Deployment."""
    spec = data.setdefault("spec", {})
    default_template(spec.setdefault("template", {}))
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def validate_content(data: Json) -> Errors:
    """Hold an object to the rules of its kind alone, the pod spec where upstream looks at it."""
    group = data["apiVersion"].rpartition("/")[0]
    kind, view = find_kind(group, data["kind"]), View(data)
    assert kind is not None
    errors = list(kind.validate(view))
    template = None if kind.find_template is None else kind.find_template(view)
    if template is None:
        yield from errors
        return
    first = next(
        (i for i, each in enumerate(errors) if each.field.startswith(AFTER_TEMPLATE)), len(errors)
    )
    yield from errors[:first]
    yield from validate_template_spec(template)
    yield from errors[first:]


def validate_same_selector(data: Json, old: Json) -> Errors:
    """The selector of a workload stays as it is."""
    selector = View(data).view("spec").view("selector")
    if selector.data != View(old).view("spec").view("selector").data:
        present = View(data).view("spec").has("selector")
        yield invalid("spec.selector", show_selector(selector) if present else None, IMMUTABLE)


def _validate_deployment(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    yield from validate_content(data)
    yield from validate_same_selector(data, old)


def _validate_new(data: Json) -> Errors:
    meta = [each for each in validate_object(data) if each.field.startswith("metadata")]
    yield from meta
    yield from validate_content(data)


DEPLOYMENT = Strategy(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    default=default_deployment,
    prepare_create=begin,
    validate_create=_validate_new,
    prepare_update=counting("annotations"),
    validate_update=_validate_deployment,
)
