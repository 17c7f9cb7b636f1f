"""Rules for PersistentVolumes and claims.

Source: `pkg/apis/core/validation/validation.go`, ValidatePersistentVolumeSpec,
ValidatePersistentVolumeClaimSpec, v1.36.
"""

from collections.abc import Sequence

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.pod.placement_rules import validate_node_selector
from planespec.spec.validation.pod.volume_sources import (
    PERSISTENT_SOURCES,
    needing,
    validate_driver_name,
    validate_sources,
)
from planespec.spec.validation.resource_rules import validate_amount, validate_positive
from planespec.spec.validation.value_rules import (
    validate_annotations,
    validate_labels,
    validate_selector,
    validate_without_backsteps,
)

ACCESS_MODES = ENUMERATIONS["core.PersistentVolumeClaimSpec"]["accessModes"]
_VOLUME_MODES = ENUMERATIONS["core.PersistentVolumeSpec"]["volumeMode"]
_RECLAIM = ENUMERATIONS["core.PersistentVolumeSpec"]["persistentVolumeReclaimPolicy"]
_SECRETS = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
)
_INLINE = "in the context of inline volumes"


def validate_volume_spec(spec: View, *, is_inline: bool = False) -> Errors:
    """Check the spec of a PersistentVolume, or that of a VolumeAttachment's inline volume."""
    yield from _validate_access_modes(spec, "")
    if is_inline:
        yield from _validate_inline(spec)
    else:
        yield from _validate_capacity(spec)
    yield from _validate_choices(spec)
    yield from _validate_affinity(spec)
    yield from validate_sources(spec, PERSISTENT_SOURCES | _OTHERS)
    if spec.has("local") and not spec.has("nodeAffinity"):
        yield required(spec.path("nodeAffinity"), "Local volume requires node affinity")
    path, policy = spec.view("hostPath").text("path"), spec.text("persistentVolumeReclaimPolicy")
    if path.strip("/") in ("", ".") and spec.has("hostPath") and policy == "Recycle":
        words = "may not be 'recycle' for a hostPath mount of '/'"
        yield forbidden(spec.path("persistentVolumeReclaimPolicy"), words)
    yield from _validate_class(spec, "storageClassName")
    yield from _validate_attributes_class(spec)


def _validate_inline(spec: View) -> Errors:
    for name in ("claimRef", "capacity", "nodeAffinity", "storageClassName"):
        if spec.data.get(name):
            yield forbidden(spec.path(name), f"may not be specified {_INLINE}")
    if not spec.has("csi"):
        yield required(spec.path("csi"), f"has to be specified {_INLINE}")


def _validate_access_modes(spec: View, detail: str) -> Errors:
    field, modes = spec.path("accessModes"), spec.texts("accessModes")
    if not modes:
        yield required(field, detail)
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield not_supported(field, mode, ACCESS_MODES)
    known = [mode for mode in modes if mode in ACCESS_MODES]
    if "ReadWriteOncePod" in known and set(known) != {"ReadWriteOncePod"}:
        yield forbidden(field, "may not use ReadWriteOncePod with other access modes")


def _validate_capacity(spec: View) -> Errors:
    field, amounts = spec.path("capacity"), spec.quantities("capacity")
    if not amounts:
        yield required(field)
    if set(amounts) != {"storage"}:
        shown = {name: str(amount) for name, amount in sorted(amounts.items())}
        yield not_supported(field, shown, ("storage",))
    for name, amount in amounts.items():
        if amount.value < 0:
            where = f"{field}[{name}]"
            yield invalid(where, amount.value, "must be a valid resource quantity")
        yield from validate_positive(f"{field}[{name}]", amount)


def _validate_choices(spec: View) -> Errors:
    choices: tuple[tuple[str, Sequence[str]], ...] = (
        ("persistentVolumeReclaimPolicy", _RECLAIM),
        ("volumeMode", _VOLUME_MODES),
    )
    for name, allowed in choices:
        value = spec.text(name)
        if value and value not in allowed:
            yield not_supported(spec.path(name), value, allowed)


def _validate_affinity(spec: View) -> Errors:
    if not spec.has("nodeAffinity"):
        return
    affinity = spec.view("nodeAffinity")
    if affinity.has("required"):
        yield from validate_node_selector(affinity.view("required"))
    else:
        yield required(affinity.path("required"), "must specify required node constraints")


def _validate_class(spec: View, name: str) -> Errors:
    if value := spec.text(name):
        yield from checked(spec.path(name), value, get_dns1123_subdomain_errors)


def _validate_attributes_class(spec: View) -> Errors:
    name = "volumeAttributesClassName"
    if not spec.has(name):
        return
    if not spec.text(name):
        yield required(spec.path(name), "an empty string is disallowed")
    yield from _validate_class(spec, name)
    if not spec.has("csi"):
        yield required(spec.path("csi"), f"has to be specified when using {name}")


def _validate_local(view: View) -> Errors:
    path = view.text("path")
    if not path:
        yield required(view.path("path"))
    else:
        yield from validate_without_backsteps(view.path("path"), path)


def _validate_csi(view: View) -> Errors:
    """Source: validateCSIPersistentVolumeSource."""
    yield from validate_driver_name(view.path("driver"), view.text("driver"))
    yield from needing("volumeHandle")(view)
    for name in _SECRETS:
        if view.has(name):
            secret = view.view(name)
            yield from needing("name", "namespace")(secret)
            if secret.text("name"):
                name_field, name_value = secret.path("name"), secret.text("name")
                yield from checked(name_field, name_value, get_dns1123_subdomain_errors)
            if secret.text("namespace"):
                field, value = secret.path("namespace"), secret.text("namespace")
                yield from checked(field, value, get_dns1123_label_errors)


_OTHERS = {"local": _validate_local, "csi": _validate_csi}


# Claims.


def validate_claim_spec(spec: View) -> Errors:
    """Check the spec of a PersistentVolumeClaim."""
    yield from _validate_access_modes(spec, "at least 1 access mode is required")
    if spec.has("selector"):
        yield from validate_selector(spec.view("selector"))
    field = f"{spec.path('resources')}[storage]"
    requests = spec.view("resources").quantities("requests")
    if "storage" not in requests:
        yield required(field)
    elif requests["storage"].sign <= 0:
        yield from validate_positive(field, requests["storage"])
    else:
        yield from validate_amount(field, "storage", requests["storage"])
    yield from _validate_class(spec, "storageClassName")
    mode = spec.text("volumeMode")
    if mode and mode not in _VOLUME_MODES:
        yield not_supported(spec.path("volumeMode"), mode, _VOLUME_MODES)
    yield from _validate_data_sources(spec)
    yield from _validate_class(spec, "volumeAttributesClassName")


def _validate_data_sources(spec: View) -> Errors:
    source, reference = spec.view("dataSource"), spec.view("dataSourceRef")
    for name in ("dataSource", "dataSourceRef"):
        if spec.has(name):
            yield from _validate_data_source(spec.view(name))
    both = spec.has("dataSource") and spec.has("dataSourceRef")
    names = ("apiGroup", "kind", "name")
    if both and reference.text("namespace"):
        words = "may not be specified when dataSourceRef.namespace is specified"
        yield invalid(spec.field, source.field, words)
    elif both and any(source.text(name) != reference.text(name) for name in names):
        yield invalid(spec.field, source.field, "must match dataSourceRef")


def _validate_data_source(view: View) -> Errors:
    yield from needing("name", "kind")(view)
    group, kind = view.text("apiGroup"), view.text("kind")
    if not group and kind != "PersistentVolumeClaim":
        words = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        yield invalid(view.field, kind, words)
    if group:
        yield from checked(view.path("apiGroup"), group, get_dns1123_subdomain_errors)
    if namespace := view.text("namespace"):
        yield from checked(view.path("namespace"), namespace, get_dns1123_label_errors)


def validate_claim_template(view: View) -> Errors:
    """Check the template of a claim that is made for a pod: only labels and annotations."""
    meta = ObjectMeta(view.data.get("metadata"), view.path("metadata"))
    yield from validate_annotations(meta.path("annotations"), meta.annotations)
    yield from validate_labels(meta.path("labels"), meta.labels)
    for name, value in meta.data.items():
        if value and name not in ("annotations", "labels"):
            yield forbidden(meta.path(name), "cannot be set")
    yield from validate_claim_spec(view.view("spec"))
