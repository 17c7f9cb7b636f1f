"""Rules for workloads that keep pods running, and for disruption budgets.

The pod spec of a template is judged apart: see `object_rules.py`.

Source: `pkg/apis/apps/validation/validation.go`, `pkg/apis/policy/validation/validation.go`, and
ValidateReplicationControllerSpec of `pkg/apis/core/validation/validation.go`, v1.36, with the
defaults of `pkg/apis/apps/v1/defaults.go`.
"""

import re

from planespec.spec.labels import SelectorError, read_label_selector
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    FieldError,
    forbidden,
    invalid,
    not_supported,
    positive_or_zero,
    required,
)
from planespec.spec.validation.persistent_volumes import validate_claim_spec
from planespec.spec.validation.pod.pod_rules import validate_template_frame
from planespec.spec.validation.value_rules import (
    get_percent_errors,
    show_selector,
    validate_annotations,
    validate_labels,
    validate_selector,
)

MISMATCH = "`selector` does not match template `labels`"
_RETENTION = ENUMERATIONS["apps.StatefulSetPersistentVolumeClaimRetentionPolicy"]["whenDeleted"]
_EVICTION = ENUMERATIONS["policy.PodDisruptionBudgetSpec"]["unhealthyPodEvictionPolicy"]
_DEADLINE = 600
"""Seconds that a Deployment has for progress, unless it says otherwise."""


def validate_deployment(view: View) -> Errors:
    """Source: ValidateDeploymentSpec."""
    spec = view.view("spec")
    yield from positive_or_zero(spec.path("replicas"), spec.integer("replicas"))
    yield from _validate_selector(spec, "deployment")
    yield from _validate_template(spec, "ReplicaSet")
    yield from _validate_deployment_strategy(spec.view("strategy"))
    for name in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        yield from positive_or_zero(spec.path(name), spec.integer(name))
    deadline = spec.integer("progressDeadlineSeconds")
    deadline = _DEADLINE if deadline is None else deadline
    if deadline <= (spec.integer("minReadySeconds") or 0):
        words = "must be greater than minReadySeconds"
        yield invalid(spec.path("progressDeadlineSeconds"), deadline, words)


def validate_replica_set(view: View) -> Errors:
    """Source: ValidateReplicaSetSpec."""
    spec = view.view("spec")
    for name in ("replicas", "minReadySeconds"):
        yield from positive_or_zero(spec.path(name), spec.integer(name))
    yield from _validate_selector(spec, "deployment")
    yield from _validate_template(spec, "ReplicaSet")


def validate_stateful_set(view: View) -> Errors:
    """Source: ValidateStatefulSetSpec, which leaves the pod spec of the template to its pods."""
    spec = view.view("spec")
    policy = spec.text("podManagementPolicy")
    if policy not in ("", "OrderedReady", "Parallel"):
        words = "must be 'OrderedReady' or 'Parallel'"
        yield invalid(spec.path("podManagementPolicy"), policy, words)
    yield from _validate_stateful_strategy(spec.view("updateStrategy"))
    retention = spec.view("persistentVolumeClaimRetentionPolicy")
    for name in ("whenDeleted", "whenScaled"):
        value = retention.text(name)
        if value and value not in _RETENTION:
            yield not_supported(retention.path(name), value, _RETENTION)
    for name in ("replicas", "minReadySeconds"):
        yield from positive_or_zero(spec.path(name), spec.integer(name))
    ordinals = spec.view("ordinals")
    yield from positive_or_zero(ordinals.path("start"), ordinals.integer("start"))
    yield from _validate_selector(spec, "statefulset")
    yield from _match_template(spec, "")
    yield from validate_template_frame(spec.view("template"))
    yield from _validate_kept_running(spec.view("template"), "StatefulSet")


def validate_daemon_set(view: View) -> Errors:
    """Source: ValidateDaemonSetSpec."""
    spec = view.view("spec")
    selector = spec.view("selector")
    yield from validate_selector(selector)
    try:
        is_matched = _matches(spec)
    except SelectorError:
        is_matched = True
    if not is_matched:
        yield _build_mismatch(spec)
    if spec.has("selector") and not _has_terms(selector):
        words = "empty selector is invalid for daemonset"
        yield invalid(selector.field, show_selector(selector), words)
    yield from validate_template_frame(spec.view("template"))
    yield from _validate_kept_running(spec.view("template"), "DaemonSet")
    for name in ("minReadySeconds", "revisionHistoryLimit"):
        yield from positive_or_zero(spec.path(name), spec.integer(name))
    yield from _validate_daemon_strategy(spec.view("updateStrategy"))


def validate_replication_controller(view: View) -> Errors:
    """Source: ValidateReplicationControllerSpec; the selector defaults to the labels."""
    spec = view.view("spec")
    template = spec.view("template")
    labels = ObjectMeta(template.data.get("metadata"), template.path("metadata")).labels
    selector = spec.text_map("selector") or labels
    yield from positive_or_zero(spec.path("minReadySeconds"), spec.integer("minReadySeconds"))
    if not selector:
        yield required(spec.path("selector"))
    yield from positive_or_zero(spec.path("replicas"), spec.integer("replicas"))
    if not spec.has("template"):
        yield required(template.field)
        return
    if any(labels.get(key) != value for key, value in selector.items()):
        yield invalid(template.path("metadata.labels"), _show_labels(labels), MISMATCH)
    yield from validate_template_frame(template)
    yield from _validate_kept_running(template, "ReplicationController")


def validate_controller_revision(view: View) -> Errors:
    """Source: ValidateControllerRevision."""
    if not view.has("data"):
        yield required("data", "data is mandatory")
    yield from positive_or_zero("revision", view.integer("revision"))


def validate_pod_template_object(view: View) -> Errors:
    """Source: ValidatePodTemplate."""
    return validate_template_frame(view.view("template"))


def validate_disruption_budget(view: View) -> Errors:
    """Source: ValidatePodDisruptionBudgetSpec."""
    spec = view.view("spec")
    names = ("minAvailable", "maxUnavailable")
    if all(spec.has(name) for name in names):
        words = "minAvailable and maxUnavailable cannot be both set"
        yield invalid(spec.field, _show_budget(spec), words)
    for name in names:
        if spec.has(name):
            yield from validate_number_or_percent(spec, name)
            yield from validate_at_most_all(spec, name)
    yield from validate_selector(spec.view("selector"))
    policy = spec.text("unhealthyPodEvictionPolicy")
    if policy and policy not in _EVICTION:
        yield not_supported(spec.path("unhealthyPodEvictionPolicy"), policy, sorted(_EVICTION))


def _show_budget(spec: View) -> dict[str, object]:
    """Show the spec as its internal type, whose fields have no other names in JSON."""
    shown: dict[str, object] = {"MinAvailable": spec.data.get("minAvailable")}
    shown["Selector"] = show_selector(spec.view("selector")) if spec.has("selector") else None
    shown["MaxUnavailable"] = spec.data.get("maxUnavailable")
    shown["UnhealthyPodEvictionPolicy"] = spec.data.get("unhealthyPodEvictionPolicy")
    return shown


# Selectors and templates.


def _has_terms(selector: View) -> bool:
    return bool(selector.data.get("matchLabels") or selector.data.get("matchExpressions"))


def _validate_selector(spec: View, kind: str) -> Errors:
    selector = spec.view("selector")
    if not spec.has("selector"):
        yield required(selector.field)
        return
    yield from validate_selector(selector)
    if not _has_terms(selector):
        words = f"empty selector is invalid for {kind}"
        yield invalid(selector.field, show_selector(selector), words)


def _matches(spec: View) -> bool:
    """Say whether the selector matches the labels of the template; raises SelectorError."""
    template = spec.view("template")
    labels = ObjectMeta(template.data.get("metadata"), template.path("metadata")).labels
    if not spec.has("selector"):
        return False
    return read_label_selector(spec.data["selector"], spec.path("selector")).matches(labels)


def _match_template(spec: View, detail: str) -> Errors:
    try:
        if not _matches(spec):
            yield _build_mismatch(spec)
    except SelectorError:
        yield invalid(spec.path("selector"), show_selector(spec.view("selector")), detail)


def find_template(view: View) -> View | None:
    """Return the pod template of a workload; None where upstream does not look at it."""
    spec = view.view("spec")
    try:
        if spec.has("selector"):
            read_label_selector(spec.data["selector"], spec.path("selector"))
    except SelectorError:
        return None
    return spec.view("template")


def _build_mismatch(spec: View) -> FieldError:
    template = spec.view("template")
    meta = ObjectMeta(template.data.get("metadata"), template.path("metadata"))
    return invalid(meta.path("labels"), _show_labels(meta.labels), MISMATCH)


def _show_labels(labels: dict[str, str]) -> object:
    return dict(sorted(labels.items())) if labels else None


def _validate_template(spec: View, kind: str) -> Errors:
    """Source: ValidatePodTemplateSpecForReplicaSet; not done where the selector is broken."""
    try:
        _matches(spec)
    except SelectorError:
        yield from _match_template(spec, "invalid label selector")
        return
    yield from _match_template(spec, "")
    yield from validate_template_frame(spec.view("template"))
    yield from _validate_kept_running(spec.view("template"), kind)


def _validate_kept_running(template: View, kind: str) -> Errors:
    """Pods of a workload of this kind are always started again."""
    spec = template.view("spec")
    policy = spec.text("restartPolicy") or "Always"
    if policy != "Always":
        yield not_supported(spec.path("restartPolicy"), policy, ("Always",))
    if spec.has("activeDeadlineSeconds"):
        words = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden(spec.path("activeDeadlineSeconds"), words)


def validate_stateful_claims(view: View) -> Errors:
    """Check the claims a StatefulSet would make, which upstream leaves until it makes them."""
    for claim in view.view("spec").views("volumeClaimTemplates"):
        meta = ObjectMeta(claim.data.get("metadata"), claim.path("metadata"))
        yield from validate_labels(meta.path("labels"), meta.labels)
        yield from validate_annotations(meta.path("annotations"), meta.annotations)
        yield from validate_claim_spec(claim.view("spec"))


# Strategies.


def _validate_deployment_strategy(strategy: View) -> Errors:
    """Source: ValidateDeploymentStrategy."""
    kind, rolling = strategy.text("type") or "RollingUpdate", strategy.view("rollingUpdate")
    if kind == "Recreate":
        if strategy.has("rollingUpdate"):
            words = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden(rolling.field, words)
    elif kind == "RollingUpdate":
        names = ("maxUnavailable", "maxSurge")
        for name in names:
            yield from validate_number_or_percent(rolling, name)
        if all(_read_number(rolling, name, "25%") == 0 for name in names):
            value = rolling.data.get("maxUnavailable")
            words = "may not be 0 when `maxSurge` is 0"
            yield invalid(rolling.path("maxUnavailable"), value, words)
        yield from validate_at_most_all(rolling, "maxUnavailable")
    else:
        shown = {"Type": kind, "RollingUpdate": _show_rolling(strategy)}
        yield not_supported_value(strategy.field, shown, ("Recreate", "RollingUpdate"))


def _show_rolling(strategy: View) -> object:
    rolling = strategy.view("rollingUpdate")
    if not strategy.has("rollingUpdate"):
        return None
    names = {"MaxUnavailable": "maxUnavailable", "MaxSurge": "maxSurge"}
    return {shown: rolling.data.get(name, 0) for shown, name in names.items()}


def _validate_stateful_strategy(strategy: View) -> Errors:
    kind, rolling = strategy.text("type") or "RollingUpdate", strategy.view("rollingUpdate")
    if kind == "OnDelete":
        if strategy.has("rollingUpdate"):
            words = "only allowed for updateStrategy 'RollingUpdate'"
            yield invalid(rolling.field, _show_stateful_rolling(rolling), words)
    elif kind == "RollingUpdate":
        yield from positive_or_zero(rolling.path("partition"), rolling.integer("partition"))
        if rolling.has("maxUnavailable"):
            yield from validate_number_or_percent(rolling, "maxUnavailable")
            if _read_number(rolling, "maxUnavailable", 1) == 0:
                value = rolling.data["maxUnavailable"]
                yield invalid(rolling.path("maxUnavailable"), value, "cannot be 0")
            yield from validate_at_most_all(rolling, "maxUnavailable")
    else:
        shown = {"Type": kind, "RollingUpdate": None}
        if strategy.has("rollingUpdate"):
            shown["RollingUpdate"] = _show_stateful_rolling(rolling)  # type: ignore[assignment]
        yield invalid(strategy.field, shown, "must be 'RollingUpdate' or 'OnDelete'")


def _show_stateful_rolling(rolling: View) -> dict[str, object]:
    partition = rolling.integer("partition") or 0
    return {"Partition": partition, "MaxUnavailable": rolling.data.get("maxUnavailable")}


def _validate_daemon_strategy(strategy: View) -> Errors:
    """Source: ValidateDaemonSetUpdateStrategy, ValidateRollingUpdateDaemonSet."""
    kind, rolling = strategy.text("type") or "RollingUpdate", strategy.view("rollingUpdate")
    if kind == "OnDelete":
        return
    if kind != "RollingUpdate":
        shown = {"Type": kind, "RollingUpdate": _show_rolling(strategy)}
        yield not_supported_value(strategy.field, shown, ("RollingUpdate", "OnDelete"))
        return
    for check in (validate_number_or_percent, validate_at_most_all):
        for name in ("maxUnavailable", "maxSurge"):
            yield from check(rolling, name)
    has_unavailable = _read_number(rolling, "maxUnavailable", 1) != 0
    has_surge = _read_number(rolling, "maxSurge", 0) != 0
    if has_unavailable and has_surge:
        words = "may not be set when maxUnavailable is non-zero"
        yield invalid(rolling.path("maxSurge"), rolling.data["maxSurge"], words)
    elif not has_unavailable and not has_surge:
        yield required(rolling.path("maxUnavailable"), "cannot be 0 when maxSurge is 0")


def not_supported_value(field: str, value: object, allowed: tuple[str, ...]) -> FieldError:
    """The value, an object, is not one of those allowed."""
    listed = ", ".join(f'"{each}"' for each in allowed)
    made = invalid(field, value, f"supported values: {listed}")
    return FieldError(field, made.message.replace("Invalid value", "Unsupported value", 1))


# Numbers and percentages.


def validate_number_or_percent(view: View, name: str) -> Errors:
    """Source: ValidatePositiveIntOrPercent."""
    field, value = view.path(name), view.data.get(name)
    if isinstance(value, str):
        for detail in get_percent_errors(value):
            yield invalid(field, value, detail)
    else:
        yield from positive_or_zero(field, view.integer(name))


def validate_at_most_all(view: View, name: str) -> Errors:
    """Source: IsNotMoreThan100Percent."""
    value = view.data.get(name)
    if isinstance(value, str) and not get_percent_errors(value) and int(value[:-1]) > 100:
        yield invalid(view.path(name), value, "must not be greater than 100%")


def _read_number(view: View, name: str, default: int | str) -> int:
    """Return the number, or that of the percentage; a text that is none is 0."""
    value = view.data.get(name)
    value = default if value is None else value
    if isinstance(value, str):
        digits = re.fullmatch("([+-]?[0-9]+)%?", value)
        return int(digits[1]) if digits else 0
    return value if isinstance(value, int) else 0
