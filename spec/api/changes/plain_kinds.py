"""Kinds without a spec, or with little to say of it: what is filled in, what an update may do.

Source: `pkg/registry/*/*/strategy.go`, `pkg/apis/*/validation/validation.go`,
`pkg/apis/*/v1/defaults.go`, v1.36.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace

from planespec.spec.api.changes.preparing import (
    counting,
    drop_status,
    keep,
    keeping,
    validate_content,
    validate_counts,
    validate_immutable,
    validate_new,
)
from planespec.spec.api.meta_updates import validate_core_meta_change, validate_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, forbidden, invalid

_FROZEN = "field is immutable when `immutable` is set"
_NAME_LABEL = "kubernetes.io/metadata.name"
_RBAC = "rbac.authorization.k8s.io"


def _validate_frozen(data: Json, old: Json, fields: Sequence[str]) -> Errors:
    """Nothing of an object that was made immutable changes, nor does it become mutable."""
    if not old.get("immutable"):
        return
    if not data.get("immutable"):
        yield forbidden("immutable", _FROZEN)
    for name in fields:
        if (data.get(name) or {}) != (old.get(name) or {}):
            yield forbidden(name, _FROZEN)


def _validate_config_map(data: Json, old: Json) -> Errors:
    """Source: ValidateConfigMapUpdate."""
    yield from validate_core_meta_change(data, old)
    yield from _validate_frozen(data, old, ("data", "binaryData"))
    yield from validate_new(data)


def _default_secret(data: Json) -> None:
    """Texts become data: what is said of a key there goes before."""
    texts = data.pop("stringData", None) or {}
    for key, text in texts.items():
        data.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()
    data["type"] = data.get("type") or "Opaque"


def _validate_secret(data: Json, old: Json) -> Errors:
    """Source: ValidateSecretUpdate."""
    yield from validate_core_meta_change(data, old)
    yield from validate_immutable(data, old, "type")
    yield from _validate_frozen(data, old, ("data",))
    yield from validate_new(data)


def _prepare_namespace(data: Json, old: Json) -> None:
    """Finalizers of the spec are written by a subresource alone."""
    keep(data, old, ("status",))
    keep(data.setdefault("spec", {}), old.get("spec") or {}, ("finalizers",))


def _default_namespace(data: Json) -> None:
    """The name is a label too; it is put back as often as it is taken away."""
    if data["metadata"].get("name"):
        data["metadata"].setdefault("labels", {})[_NAME_LABEL] = data["metadata"]["name"]
    status = data.setdefault("status", {})
    status["phase"] = status.get("phase") or "Active"


def _validate_namespace(data: Json, old: Json) -> Errors:
    yield from validate_new(data)
    yield from validate_core_meta_change(data, old)


def _validate_namespace_status(data: Json, old: Json) -> Errors:
    """Source: ValidateNamespaceStatusUpdate, which writes the field so."""
    yield from validate_core_meta_change(data, old)
    phase = View(data).view("status").text("phase")
    is_going = bool(data["metadata"].get("deletionTimestamp"))
    wanted, words = ("Terminating", "is not empty") if is_going else ("Active", "is empty")
    if phase != wanted:
        detail = f"may only be '{wanted}' if `deletionTimestamp` {words}"
        yield invalid("status.Phase", phase, detail)


def _validate_lease(data: Json, old: Json) -> Errors:
    yield from validate_meta_change(data, old)
    yield from validate_content(data)


def _default_priority_class(data: Json) -> None:
    data.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _validate_priority_class(data: Json, old: Json) -> Errors:
    """Source: ValidatePriorityClassUpdate."""
    yield from validate_core_meta_change(data, old)
    if data.get("value", 0) != old.get("value", 0):
        yield forbidden("value", "may not be changed in an update.")
    yield from validate_immutable(data, old, "preemptionPolicy")


def _validate_budget(data: Json, _old: Json) -> Errors:
    return validate_content(data)


def _validate_budget_status(data: Json, _old: Json) -> Errors:
    """Source: ValidatePodDisruptionBudgetStatusUpdate."""
    names = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    yield from validate_counts(View(data).view("status"), names)


def _default_binding(data: Json) -> None:
    for subject in data.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = _RBAC
    role = data.setdefault("roleRef", {})
    role["apiGroup"] = role.get("apiGroup") or _RBAC


def _validate_binding(data: Json, old: Json) -> Errors:
    """Source: ValidateClusterRoleBindingUpdate."""
    yield from validate_new(data)
    yield from validate_core_meta_change(data, old)
    if data.get("roleRef") != old.get("roleRef"):
        role = View(data).view("roleRef")
        names = (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name"))
        shown = {printed: role.text(name) for printed, name in names}
        yield invalid("roleRef", shown, "cannot change roleRef")


def _validate_storage_class(data: Json, old: Json) -> Errors:
    """Source: ValidateStorageClassUpdate."""
    yield from validate_new(data)
    yield from validate_core_meta_change(data, old)
    for name in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
        yield from validate_immutable(data, old, name)


def _default_storage_class(data: Json) -> None:
    data.setdefault("reclaimPolicy", "Delete")
    data.setdefault("volumeBindingMode", "Immediate")


def _validate_attachment(data: Json, old: Json) -> Errors:
    """Source: ValidateVolumeAttachmentUpdate."""
    yield from validate_new(data)
    spec = View(data).view("spec")
    source = spec.view("source")
    shown = {
        "Attacher": spec.text("attacher"),
        "Source": {
            "PersistentVolumeName": source.data.get("persistentVolumeName"),
            "InlineVolumeSpec": source.data.get("inlineVolumeSpec"),
        },
        "NodeName": spec.text("nodeName"),
    }
    yield from validate_immutable(data, old, "spec", shown=shown)


CONFIG_MAP = Strategy(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    validate_create=validate_new,
    validate_update=_validate_config_map,
)
SECRET = replace(
    CONFIG_MAP,
    kind="Secret",
    plural="secrets",
    default=_default_secret,
    validate_update=_validate_secret,
)
NAMESPACE = replace(
    CONFIG_MAP,
    kind="Namespace",
    plural="namespaces",
    is_namespaced=False,
    default=_default_namespace,
    prepare_update=_prepare_namespace,
    validate_update=_validate_namespace,
)
NAMESPACE_STATUS = replace(
    NAMESPACE,
    prepare_update=keeping("spec"),
    validate_update=_validate_namespace_status,
)
LEASE = Strategy(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    plural="leases",
    validate_create=validate_new,
    validate_update=_validate_lease,
    allows_unconditional_update=False,
    allows_create_on_update=True,
)
PRIORITY_CLASS = Strategy(
    group="scheduling.k8s.io",
    version="v1",
    kind="PriorityClass",
    plural="priorityclasses",
    is_namespaced=False,
    default=_default_priority_class,
    validate_create=validate_new,
    validate_update=_validate_priority_class,
)
DISRUPTION_BUDGET = Strategy(
    group="policy",
    version="v1",
    kind="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    validate_create=validate_content,
    prepare_update=counting(),
    validate_update=_validate_budget,
    allows_unconditional_update=False,
)
DISRUPTION_BUDGET_STATUS = replace(
    DISRUPTION_BUDGET,
    prepare_update=keeping("spec"),
    validate_update=_validate_budget_status,
)
CLUSTER_ROLE_BINDING = Strategy(
    group=_RBAC,
    version="v1",
    kind="ClusterRoleBinding",
    plural="clusterrolebindings",
    is_namespaced=False,
    default=_default_binding,
    validate_create=validate_new,
    validate_update=_validate_binding,
    allows_create_on_update=True,
)
STORAGE_CLASS = Strategy(
    group="storage.k8s.io",
    version="v1",
    kind="StorageClass",
    plural="storageclasses",
    returns_deleted=True,
    is_namespaced=False,
    default=_default_storage_class,
    validate_create=validate_new,
    validate_update=_validate_storage_class,
)
ATTACHMENT = Strategy(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttachment",
    plural="volumeattachments",
    returns_deleted=True,
    is_namespaced=False,
    prepare_create=drop_status,
    validate_create=validate_new,
    prepare_update=keeping("status"),
    validate_update=_validate_attachment,
    allows_unconditional_update=False,
)
ATTACHMENT_STATUS = replace(
    ATTACHMENT,
    prepare_update=keeping(
        "spec", meta=("labels", "annotations", "finalizers", "ownerReferences")
    ),
    resets=("spec", "metadata"),
)
