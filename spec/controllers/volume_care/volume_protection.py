"""The finalizers that keep claims and volumes while they are used, and when they come off.

A claim is used by every pod that has a node and mounts it, whatever the phase of the pod; a pod
without a node does not keep it. A volume is used while it is Bound. Before a claim is let go the
pods are listed at the API server, too.

Source: Kubernetes v1.36, `pkg/controller/volume/pvcprotection/pvc_protection_controller.go`
(processPVC, isBeingUsed, podUsesPVC) and
`pkg/controller/volume/pvprotection/pv_protection_controller.go` (processPV, isBeingUsed).
Left out: claims that generic ephemeral volumes make.
"""

from collections.abc import Iterable
from typing import Any

from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim

CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"

Json = dict[str, Any]


def protect_claim(claim: PersistentVolumeClaim, pods: Iterable[Pod]) -> Json | None:
    """The claim that is written in one sync; None where it stays as it is."""
    is_used = any(uses(pod, claim) for pod in pods)
    return _protect(claim, CLAIM_PROTECTION, is_used=is_used)


def protect_volume(volume: PersistentVolume) -> Json | None:
    """The volume that is written in one sync; None where it stays as it is."""
    return _protect(volume, VOLUME_PROTECTION, is_used=volume.phase == "Bound")


def uses(pod: Pod, claim: PersistentVolumeClaim) -> bool:
    """Whether a pod keeps a claim: it has a node, and a volume of the claim."""
    if pod.meta.namespace != claim.namespace or not pod.spec.text("nodeName"):
        return False
    volumes = pod.spec.views("volumes")
    return any(v.view("persistentVolumeClaim").text("claimName") == claim.name for v in volumes)


def _protect(thing: ApiObject, finalizer: str, *, is_used: bool) -> Json | None:
    present = thing.meta.texts("finalizers")
    if thing.meta.is_deleting:
        if finalizer not in present or is_used:
            return None
        return _finalize(thing, [each for each in present if each != finalizer])
    return None if finalizer in present else _finalize(thing, [*present, finalizer])


def _finalize(thing: ApiObject, finalizers: list[str]) -> Json:
    return {**thing.data, "metadata": {**thing.meta.data, "finalizers": finalizers}}
