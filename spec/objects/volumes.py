"""Persistent volumes, claims, storage classes and what a node's CSI drivers can attach."""

from collections.abc import Mapping
from functools import cached_property

from planespec.spec.objects.view import ApiObject, ObjectMeta, View
from planespec.spec.quantity import Quantity

BETA_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
"""An old way to name the class; where it is present it wins over the field."""
BIND_COMPLETED_ANNOTATION = "pv.kubernetes.io/bind-completed"
DEFAULT_CLASS_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
SELECTED_NODE_ANNOTATION = "volume.kubernetes.io/selected-node"
NO_PROVISIONER = "kubernetes.io/no-provisioner"


def is_default_class(meta: ObjectMeta) -> bool:
    """Say by its metadata whether a StorageClass is one that claims get which name none."""
    return any(meta.annotations.get(name) == "true" for name in DEFAULT_CLASS_ANNOTATIONS)


class _StorageObject(ApiObject):
    """An object about storage."""

    @property
    def phase(self) -> str:
        """`status.phase`."""
        return self.status.text("phase")

    @cached_property
    def class_name(self) -> str:
        """The storage class, by annotation or field; empty where none is named.

        Source: `component-helpers/storage/volume/pv_helpers.go`, GetPersistentVolumeClaimClass.
        """
        annotation = self.meta.annotations.get(BETA_CLASS_ANNOTATION)
        return self.spec.text("storageClassName") if annotation is None else annotation

    @property
    def volume_mode(self) -> str:
        """Filesystem or Block."""
        return self.spec.text("volumeMode") or "Filesystem"

    @cached_property
    def access_modes(self) -> frozenset[str]:
        """The access modes asked for or offered."""
        return frozenset(self.spec.texts("accessModes"))


class PersistentVolumeClaim(_StorageObject):
    """A PersistentVolumeClaim object."""

    @property
    def namespace(self) -> str:
        """The namespace; empty reads as default."""
        return self.meta.namespace or "default"

    @property
    def volume_name(self) -> str:
        """The volume it is bound to, or asks for; empty where none."""
        return self.spec.text("volumeName")

    @property
    def is_bound(self) -> bool:
        """Whether the binding is complete in both directions."""
        return bool(self.volume_name) and BIND_COMPLETED_ANNOTATION in self.meta.annotations

    @property
    def selected_node(self) -> str | None:
        """The node the scheduler chose for provisioning, None before that."""
        return self.meta.annotations.get(SELECTED_NODE_ANNOTATION)

    @cached_property
    def requested_storage(self) -> Quantity | None:
        """The size asked for; None where the claim does not say."""
        requests = self.spec.view("resources").view("requests")
        return requests.quantity("storage") if requests.has("storage") else None


class PersistentVolume(_StorageObject):
    """A PersistentVolume object."""

    @cached_property
    def capacity(self) -> Quantity:
        """The size it offers; zero where it does not say."""
        return self.spec.view("capacity").quantity("storage")

    @property
    def csi(self) -> View | None:
        """The CSI source; None for other volumes."""
        return self.spec.view("csi") if self.spec.has("csi") else None

    def is_bound_to(self, claim: PersistentVolumeClaim) -> bool:
        """Tell whether claimRef names this very claim; without a uid the name is enough."""
        if not self.spec.has("claimRef"):
            return False
        reference = self.spec.view("claimRef")
        if (reference.text("namespace") or "default", reference.text("name")) != (
            claim.namespace,
            claim.name,
        ):
            return False
        return reference.text("uid") in ("", claim.meta.uid)


class StorageClass(_StorageObject):
    """A StorageClass object."""

    @property
    def provisioner(self) -> str:
        """The driver that makes its volumes."""
        return self.text("provisioner")

    @property
    def binding_mode(self) -> str:
        """Immediate (the default) or WaitForFirstConsumer."""
        return self.text("volumeBindingMode") or "Immediate"

    @property
    def waits_for_consumer(self) -> bool:
        """Whether volumes are bound only when a pod is scheduled."""
        return self.binding_mode == "WaitForFirstConsumer"

    @cached_property
    def allowed_topologies(self) -> list[dict[str, frozenset[str]]]:
        """Alternatives, each a map of label key to allowed values."""
        return [
            {
                expression.text("key"): frozenset(expression.texts("values"))
                for expression in term.views("matchLabelExpressions")
            }
            for term in self.views("allowedTopologies")
        ]

    def allows_node(self, labels: Mapping[str, str]) -> bool:
        """Tell whether it may provision for a node with these labels; no alternatives allow any.

        An empty alternative allows none. Source: `component-helpers/scheduling/corev1/helpers.go`
        and `pkg/apis/core/v1/helper/helpers.go`, MatchTopologySelectorTerms.
        """
        if not self.allowed_topologies:
            return True
        return any(
            term and all(labels.get(key) in values for key, values in term.items())
            for term in self.allowed_topologies
        )


class CSINode(_StorageObject):
    """A CSINode object: the drivers on a node and how many volumes each can attach."""

    @cached_property
    def volume_limits(self) -> dict[str, int]:
        """Driver to most volumes attached at once; drivers without a limit are left out."""
        limits = {}
        for driver in self.spec.views("drivers"):
            count = driver.view("allocatable").integer("count")
            if count is not None:
                limits[driver.text("name")] = count
        return limits
