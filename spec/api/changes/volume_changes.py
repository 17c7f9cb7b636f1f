"""Nodes, PersistentVolumes, claims and autoscalers: defaults, and what an update may do.

Source: `pkg/registry/core/{node,persistentvolume,persistentvolumeclaim}/strategy.go`,
`pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`,
`pkg/apis/core/validation/validation.go`, `pkg/apis/{core/v1,autoscaling/v2}/defaults.go`, v1.36.
"""

import copy
from dataclasses import replace

from planespec.spec.api.api_errors import forbidden as refuse_access
from planespec.spec.api.changes.internal_types import to_internal
from planespec.spec.api.changes.preparing import (
    drop_status,
    find_value,
    is_same,
    keep,
    keeping,
    validate_content,
    validate_counts,
    validate_immutable,
    validate_new,
)
from planespec.spec.api.changes.shown_changes import show_difference
from planespec.spec.api.meta_updates import validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy, do_nothing
from planespec.spec.objects import View
from planespec.spec.quantity import Quantity
from planespec.spec.validation.field_errors import Errors, duplicate, forbidden, required
from planespec.spec.validation.resource_rules import validate_amount

_CIDRS = 'node updates may not change podCIDR except from "" to valid'
_PROVIDER = 'node updates may not change providerID except from "" to valid'
_CLAIM = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName "
    "for bound claims"
)
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_VOLUME_REST = frozenset(
    (
        *("capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy"),
        *("storageClassName", "mountOptions", "volumeMode", "nodeAffinity"),
        "volumeAttributesClassName",
    )
)
"""Fields of a volume's spec that are no source."""


# Nodes.


def _default_node(data: Json) -> None:
    status, spec = data.setdefault("status", {}), data.setdefault("spec", {})
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = copy.deepcopy(status["capacity"])
    single, several = spec.get("podCIDR"), spec.get("podCIDRs") or []
    if single and (not several or several[0] != single):
        spec["podCIDRs"] = [single]
    if spec.get("podCIDRs"):
        spec["podCIDR"] = spec["podCIDRs"][0]


def _validate_node(data: Json, old: Json) -> Errors:
    yield from validate_new(data)
    yield from _validate_node_change(data, old)


def _validate_node_change(data: Json, old: Json) -> Errors:
    """Source: ValidateNodeUpdate."""
    yield from validate_core_meta_change(data, old)
    for name in ("capacity", "allocatable"):
        for resource, amount in View(data).view("status").quantities(name).items():
            yield from validate_amount(f"status.{name}.{resource}", resource, amount)
    seen: list[object] = []
    for index, address in enumerate(View(data).view("status").items("addresses")):
        if address in seen:
            yield duplicate(f"status.addresses[{index}]", address)
        seen.append(address)
    ranges, before = (View(each).view("spec").texts("podCIDRs") for each in (data, old))
    if before and len(ranges) != len(before):
        yield forbidden("spec.podCIDRs", _CIDRS)
    for one, other in zip(ranges, before, strict=False) if len(ranges) == len(before) else ():
        if one != other:
            yield forbidden("spec.podCIDRs", _CIDRS)
    provider, was = (View(each).view("spec").text("providerID") for each in (data, old))
    if was and provider != was:
        yield forbidden("spec.providerID", _PROVIDER)
    yield from (each for each in validate_content(data) if each.field.startswith("metadata.taint"))


# Volumes.


def _default_volume(data: Json) -> None:
    spec, status = data.setdefault("spec", {}), data.setdefault("status", {})
    status["phase"] = status.get("phase") or "Pending"
    policy = spec.get("persistentVolumeReclaimPolicy")
    spec["persistentVolumeReclaimPolicy"] = policy or "Retain"
    spec.setdefault("volumeMode", "Filesystem")


def _validate_volume(data: Json, old: Json) -> Errors:
    """Source: ValidatePersistentVolumeUpdate, before which the strategy checks the same."""
    yield from validate_new(data)
    yield from validate_new(data)
    new, before = copy.deepcopy(data["spec"]), old["spec"]
    driver, was = new.get("csi"), before.get("csi")
    if driver and was and not was.get("controllerExpandSecretRef"):
        driver.pop("controllerExpandSecretRef", None)
    sources = [{k: v for k, v in e.items() if k not in _VOLUME_REST} for e in (before, new)]
    if not is_same(*sources):
        difference = show_difference("PersistentVolumeSource", *sources)
        words = "spec.persistentvolumesource is immutable after creation"
        yield forbidden("spec.persistentvolumesource", f"{words}\n{difference}")
    yield from validate_immutable(data, old, "spec.volumeMode", field="volumeMode")
    if before.get("nodeAffinity"):
        shown = to_internal("VolumeNodeAffinity", new.get("nodeAffinity"))
        path = "spec.nodeAffinity"
        yield from validate_immutable(data, old, path, field="nodeAffinity", shown=shown)
    yield from _validate_attributes(data, old)


def _validate_attributes(data: Json, old: Json) -> Errors:
    """The class of attributes of a volume, once it has one, is not taken away."""
    path = "spec.volumeAttributesClassName"
    if find_value(old, path) is not None and not find_value(data, path):
        words = "update from non-nil value to an empty/nil value is forbidden"
        yield forbidden(path, words)


def _validate_volume_status(data: Json, old: Json) -> Errors:
    """Source: ValidatePersistentVolumeStatusUpdate."""
    yield from validate_core_meta_change(data, old)
    if not find_value(data, "metadata.resourceVersion"):
        yield required("resourceVersion")


# Claims.


def _default_claim(data: Json) -> None:
    spec, status = data.setdefault("spec", {}), data.setdefault("status", {})
    status["phase"] = status.get("phase") or "Pending"
    spec.setdefault("volumeMode", "Filesystem")


def _validate_claim(data: Json, old: Json) -> Errors:
    yield from validate_new(data)
    yield from validate_core_meta_change(data, old)
    new, before = copy.deepcopy(data["spec"]), copy.deepcopy(old["spec"])
    if not before.get("volumeName"):
        keep(before, new, ("volumeName",))
    annotations = [each["metadata"].get("annotations") or {} for each in (data, old)]
    if annotations[0].get(_BETA_CLASS) != annotations[1].get(_BETA_CLASS):
        words = "is immutable"
        yield forbidden(f"metadata[{_BETA_CLASS}]", words)
    _allow_what_a_bound_claim_may(data, new, before)
    if not is_same(new, before):
        shown = show_difference("PersistentVolumeClaimSpec", before, new)
        yield forbidden("spec", f"{_CLAIM}\n{shown}")
    yield from _validate_size(data, old)
    yield from validate_immutable(data, old, "spec.volumeMode", field="volumeMode")
    if find_value(old, "status.currentVolumeAttributesClassName") is not None:
        yield from _validate_attributes(data, old)


def _allow_what_a_bound_claim_may(data: Json, new: Json, before: Json) -> None:
    """Leave out of the comparison what may change: a size, and a class of attributes."""
    if before.get("storageClassName") is None and new.get("storageClassName"):
        keep(new, before, ("storageClassName",))
    if find_value(data, "status.phase") != "Bound":
        return
    requests = (new.get("resources") or {}).get("requests")
    if requests is not None:
        keep(requests, (before.get("resources") or {}).get("requests") or {}, ("storage",))
    if new.get("volumeAttributesClassName") is not None:
        keep(new, before, ("volumeAttributesClassName",))


def _validate_size(data: Json, old: Json) -> Errors:
    """A claim shrinks only to what is larger than its volume."""
    size, before = _read_size(data), _read_size(old)
    held = View(old).view("status").view("capacity").quantity("storage")
    if size < before and size <= held:
        words = "field can not be less than status.capacity"
        yield forbidden("spec.resources.requests.storage", words)


def _review_claim(data: Json, old: Json) -> None:
    """Refuse that a claim grows. Source: `plugin/pkg/admission/storage/persistentvolume/resize`.

    Only a class that says so lets its claims grow, and no class is known here.
    """
    if _read_size(data) > _read_size(old):
        words = (
            "only dynamically provisioned pvc can be resized and the storageclass that "
            "provisions the pvc must support resize"
        )
        raise refuse_access("persistentvolumeclaims", data["metadata"]["name"], words)


def _read_size(data: Json) -> Quantity:
    return View(data).view("spec").view("resources").view("requests").quantity("storage")


def _validate_claim_status(data: Json, old: Json) -> Errors:
    """Source: ValidatePersistentVolumeClaimStatusUpdate."""
    yield from validate_core_meta_change(data, old)
    if not find_value(data, "metadata.resourceVersion"):
        yield required("resourceVersion")
    if not find_value(data, "spec.accessModes"):
        yield required("Spec.accessModes")


# Autoscalers.


def _default_autoscaler(data: Json) -> None:
    spec = data.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if behavior is not None:
        percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
        pods = {"type": "Pods", "value": 4, "periodSeconds": 15}
        up = behavior.setdefault("scaleUp", {})
        up.setdefault("stabilizationWindowSeconds", 0)
        down = behavior.setdefault("scaleDown", {})
        for rules, policies in ((up, [pods, percent]), (down, [percent])):
            rules.setdefault("selectPolicy", "Max")
            rules.setdefault("policies", copy.deepcopy(policies))


def _validate_autoscaler(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    yield from validate_content(data)


def _validate_autoscaler_status(data: Json, old: Json) -> Errors:
    yield from validate_core_meta_change(data, old)
    names = ("currentReplicas", "desiredReplicas")
    yield from validate_counts(View(data).view("status"), names)


NODE = Strategy(
    group="",
    version="v1",
    kind="Node",
    plural="nodes",
    is_namespaced=False,
    default=_default_node,
    validate_create=validate_new,
    prepare_update=keeping("status"),
    validate_update=_validate_node,
)
NODE_STATUS = replace(NODE, prepare_update=keeping("spec"), validate_update=_validate_node_change)
VOLUME = replace(
    NODE,
    kind="PersistentVolume",
    plural="persistentvolumes",
    returns_deleted=True,
    default=_default_volume,
    validate_update=_validate_volume,
)
VOLUME_STATUS = replace(
    VOLUME, prepare_update=keeping("spec"), validate_update=_validate_volume_status
)
CLAIM = replace(
    VOLUME,
    kind="PersistentVolumeClaim",
    plural="persistentvolumeclaims",
    is_namespaced=True,
    default=_default_claim,
    validate_update=_validate_claim,
    review=_review_claim,
)
CLAIM_STATUS = replace(
    CLAIM,
    prepare_update=keeping("spec"),
    validate_update=_validate_claim_status,
    review=do_nothing,
)
AUTOSCALER = Strategy(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    default=_default_autoscaler,
    prepare_create=drop_status,
    validate_create=validate_new,
    prepare_update=keeping("status"),
    validate_update=_validate_autoscaler,
)
AUTOSCALER_STATUS = replace(
    AUTOSCALER, prepare_update=keeping("spec"), validate_update=_validate_autoscaler_status
)
