"""The attach-detach controller: to which nodes volumes are attached, and when they come off.

A volume is attached to a node for a pod that runs there, if the node lets the controller do so,
and if no other node has it, unless it may be written by several. It comes off when no pod of the
node wants it any more and the kubelet does not report it as in use, or the node is marked as out
of service, or the kubelet has not let go for MAX_WAIT.

Source: Kubernetes v1.36, `pkg/controller/volume/attachdetach` (`attach_detach_controller.go`,
`reconciler/reconciler.go`, `util/util.go`) and `pkg/volume/csi/csi_attacher.go`. Left out: plugins
other than CSI, volumes that pods name without a claim, and a second node that is wanted meanwhile.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ApiObject
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim

MANAGED = "volumes.kubernetes.io/controller-managed-attach-detach"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
MAX_WAIT = 360.0
"""Seconds after which a volume is detached though its kubelet has it in use."""
_ENDED = ("Succeeded", "Failed")
_SHARED = ("ReadWriteMany", "ReadOnlyMany")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """A volume, by its name, and the node that is to have it."""

    volume: str
    node: str


def name_attachment(volume: PersistentVolume, node: str) -> str:
    """The name of the VolumeAttachment of a CSI volume and a node (`getAttachmentName`)."""
    csi = volume.spec.view("csi")
    what = f"{csi.text('volumeHandle')}{csi.text('driver')}{node}"
    return f"csi-{hashlib.sha256(what.encode()).hexdigest()}"


def name_device(volume: PersistentVolume) -> str:
    """The unique name under which nodes report the volume."""
    csi = volume.spec.view("csi")
    return f"kubernetes.io/csi/{csi.text('driver')}^{csi.text('volumeHandle')}"


def list_wishes(
    pods: Iterable[Pod],
    claims: Iterable[PersistentVolumeClaim],
    nodes: Iterable[Node],
) -> set[Wish]:
    """What pods want that have a node and have not ended, on nodes that the controller serves."""
    bound = {(c.namespace, c.name): c.volume_name for c in claims if c.phase == "Bound"}
    managed = {node.name for node in nodes if node.meta.annotations.get(MANAGED) == "true"}
    return {
        Wish(bound[pod.meta.namespace, claim], pod.spec.text("nodeName"))
        for pod in pods
        if pod.spec.text("nodeName") in managed and pod.status.text("phase") not in _ENDED
        for claim in list_claims(pod)
        if (pod.meta.namespace, claim) in bound
    }


def list_claims(pod: Pod) -> list[str]:
    """The names of the claims that a pod mounts."""
    named = (v.view("persistentVolumeClaim").text("claimName") for v in pod.spec.views("volumes"))
    return [name for name in named if name]


def attach(volume: PersistentVolume, node: str, attached: Collection[str]) -> Json | None:
    """The attachment to be made; None where another of the nodes that have the volume keeps it.

    One that may not be shared has to be off all other nodes first (`isMultiAttachForbidden`).
    """
    is_shared = any(mode in _SHARED for mode in volume.access_modes)
    if node in attached or (attached and not is_shared):
        return None
    return {
        "metadata": {"name": name_attachment(volume, node)},
        "spec": {
            "attacher": volume.spec.view("csi").text("driver"),
            "source": {"persistentVolumeName": volume.name},
            "nodeName": node,
        },
        "status": {"attached": False},
    }


def may_detach(
    attachment: ApiObject,
    volumes: Mapping[str, PersistentVolume],
    wishes: Collection[Wish],
    node: Node | None,
) -> bool:
    """Whether a volume comes off a node, before the wait is over."""
    name = attachment.spec.view("source").text("persistentVolumeName")
    on = attachment.spec.text("nodeName")
    if Wish(name, on) in wishes:
        return False
    if node is None or any(t.text("key") == OUT_OF_SERVICE for t in node.spec.views("taints")):
        return True
    volume = volumes.get(name)
    in_use = node.status.texts("volumesInUse")
    return volume is None or name_device(volume) not in in_use
