"""Deployments, ReplicaSets, StatefulSets and DaemonSets: defaults, and what an update may do.

Source: `pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/*/strategy.go`,
`pkg/apis/apps/validation/validation.go`, v1.36.
"""

from collections.abc import Sequence
from dataclasses import replace

from planespec.spec.api.changes.preparing import (
    begin,
    counting,
    default_template,
    is_same,
    keep,
    keeping,
    raise_generation,
    validate_content,
    validate_counts,
    validate_new,
    validate_not_decremented,
)
from planespec.spec.api.meta_updates import IMMUTABLE, validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, forbidden, invalid
from planespec.spec.validation.value_rules import show_selector

_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_TOO_MANY = "cannot be greater than status.replicas"
_STATEFUL_FIELDS = (
    *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"),
    *("persistentVolumeClaimRetentionPolicy", "minReadySeconds"),
)
_STATEFUL_WORDS = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
    "'minReadySeconds' are forbidden"
)


def _default_deployment(data: Json) -> None:
    spec = data.setdefault("spec", {})
    default_template(spec)
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _default_replica_set(data: Json) -> None:
    spec = data.setdefault("spec", {})
    default_template(spec)
    spec.setdefault("replicas", 1)


def _default_stateful_set(data: Json) -> None:
    spec = data.setdefault("spec", {})
    default_template(spec)
    spec["podManagementPolicy"] = spec.get("podManagementPolicy") or "OrderedReady"
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        strategy["rollingUpdate"].setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for name in ("whenDeleted", "whenScaled"):
        retention[name] = retention.get(name) or "Retain"
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in spec.get("volumeClaimTemplates") or ():
        claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        status = claim.setdefault("status", {})
        status["phase"] = status.get("phase") or "Pending"


def _default_daemon_set(data: Json) -> None:
    spec = data.setdefault("spec", {})
    default_template(spec)
    strategy = spec.setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    data["metadata"].setdefault("annotations", {}).setdefault(_TEMPLATE_GENERATION, "0")


def validate_same_selector(data: Json, old: Json) -> Errors:
    """The selector of a workload stays as it is."""
    spec, before = View(data).view("spec"), View(old).view("spec")
    if not is_same(spec.data.get("selector"), before.data.get("selector")):
        shown = show_selector(spec.view("selector")) if spec.has("selector") else None
        yield invalid("spec.selector", shown, IMMUTABLE)


def _validate_workload(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    yield from validate_content(data)
    yield from validate_same_selector(data, old)


def _prepare_daemon_set(data: Json, old: Json) -> None:
    """A change of the template counts in an annotation as well."""
    keep(data, old, ("status",))
    annotations = old["metadata"].get("annotations") or {}
    count = annotations.get(_TEMPLATE_GENERATION, "0")
    if not is_same(data["spec"].get("template"), old["spec"].get("template")):
        count = str(int(count) + 1)
        raise_generation(data, old)
    elif not is_same(data["spec"], old["spec"]):
        raise_generation(data, old)
    held = data["metadata"].setdefault("annotations", {})
    held[_TEMPLATE_GENERATION] = count


def _validate_daemon_set(data: Json, old: Json) -> Errors:
    yield from validate_same_selector(data, old)
    yield from validate_core_meta_change(data, old)
    yield from validate_content(data)


def _begin_daemon_set(data: Json) -> None:
    begin(data)
    data["metadata"].setdefault("annotations", {})[_TEMPLATE_GENERATION] = "1"


def _validate_stateful_set(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    yield from validate_content(data)
    frozen = {k: v for k, v in data["spec"].items() if k not in _STATEFUL_FIELDS}
    before = {k: v for k, v in old["spec"].items() if k not in _STATEFUL_FIELDS}
    if not is_same(frozen, before):
        yield forbidden("spec", _STATEFUL_WORDS)


# What controllers say.


def _exceeds(status: View, name: str, other: str, words: str) -> Errors:
    value = status.integer(name) or 0
    if value > (status.integer(other) or 0):
        yield invalid(status.path(name), value, words)


def _validate_replicas(status: View, names: Sequence[str], ready: str) -> Errors:
    """No count is above that of all replicas, nor the available above the ready ones."""
    for name in names:
        yield from _exceeds(status, name, "replicas", _TOO_MANY)
    words = f"cannot be greater than {ready}"
    yield from _exceeds(status, "availableReplicas", "readyReplicas", words)


def _validate_deployment_status(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    status = View(data).view("status")
    names = ("updatedReplicas", "readyReplicas", "availableReplicas")
    first = ("observedGeneration", "replicas", *names, "unavailableReplicas")
    yield from validate_counts(status, (*first, "terminatingReplicas", "collisionCount"))
    yield from _validate_replicas(status, names, "readyReplicas")
    yield from validate_not_decremented(data, old, "status.collisionCount")


def _validate_replica_set_status(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    status = View(data).view("status")
    names = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    last = ("observedGeneration", "terminatingReplicas")
    yield from validate_counts(status, ("replicas", *names, *last))
    yield from _validate_replicas(status, names, "readyReplicas")


def _validate_stateful_set_status(data: Json, old: Json) -> Errors:
    status = View(data).view("status")
    names = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    last = ("observedGeneration", "collisionCount")
    yield from validate_counts(status, ("replicas", *names, *last))
    yield from _validate_replicas(status, names, "status.readyReplicas")
    yield from validate_core_meta_change(data, old)
    yield from validate_not_decremented(data, old, "status.collisionCount")


def _validate_daemon_set_status(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    names = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled")
    more = ("numberReady", "observedGeneration", "updatedNumberScheduled")
    last = ("numberAvailable", "numberUnavailable", "collisionCount")
    yield from validate_counts(View(data).view("status"), (*names, *more, *last))
    yield from validate_not_decremented(data, old, "status.collisionCount")


DEPLOYMENT = Strategy(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    default=_default_deployment,
    prepare_create=begin,
    validate_create=validate_new,
    prepare_update=counting("annotations"),
    validate_update=_validate_workload,
)
DEPLOYMENT_STATUS = replace(
    DEPLOYMENT,
    prepare_update=keeping("spec", meta=("labels",)),
    resets=("spec", "metadata.labels"),
    validate_update=_validate_deployment_status,
)
REPLICA_SET = replace(
    DEPLOYMENT,
    kind="ReplicaSet",
    plural="replicasets",
    default=_default_replica_set,
    prepare_update=counting(),
)
REPLICA_SET_STATUS = replace(
    REPLICA_SET,
    prepare_update=keeping("spec"),
    validate_update=_validate_replica_set_status,
)
STATEFUL_SET = replace(
    DEPLOYMENT,
    kind="StatefulSet",
    plural="statefulsets",
    default=_default_stateful_set,
    prepare_update=counting(),
    validate_update=_validate_stateful_set,
)
STATEFUL_SET_STATUS = replace(
    STATEFUL_SET,
    prepare_update=keeping("spec"),
    validate_update=_validate_stateful_set_status,
)
DAEMON_SET = replace(
    DEPLOYMENT,
    kind="DaemonSet",
    plural="daemonsets",
    default=_default_daemon_set,
    prepare_create=_begin_daemon_set,
    prepare_update=_prepare_daemon_set,
    validate_update=_validate_daemon_set,
)
DAEMON_SET_STATUS = replace(
    DAEMON_SET,
    prepare_update=keeping("spec"),
    validate_update=_validate_daemon_set_status,
)
