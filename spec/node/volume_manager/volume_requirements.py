"""What holds of one volume, from its making to its end, on the nodes of a cluster: CSI-1 on.

A volume of the access mode ReadWriteOnce or ReadWriteOncePod is for one node at a time. What is
attached, staged and published is the truth here, not what anybody takes for it.
Source: the CSI specification 1.12 (called "CSI spec"),
https://kubernetes.io/docs/concepts/storage/persistent-volumes/ (called "PV docs"),
`pkg/controller/volume/attachdetach`, `pkg/kubelet/volumemanager`, KEP-2268.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class AccessMode(Enum):
    """How many may use a volume."""

    RWO = "ReadWriteOnce"
    RWOP = "ReadWriteOncePod"
    RWX = "ReadWriteMany"


class PodPhase(Enum):
    """Where a pod that wants the volume is, at the API server."""

    PENDING = "waits for a node"
    BOUND = "has a node"
    DELETING = "is being deleted"
    GONE = "gone"


class Made(Protocol):
    """Volumes that a driver has made for one claim."""

    @property
    def made(self) -> Collection[Any]:
        """Where there are volumes for the claim: nodes from which they can be reached best."""

    @property
    def choice(self) -> Any:
        """The node for which the scheduler asked for a volume, or None."""

    @property
    def waits(self) -> bool:
        """Whether the class says WaitForFirstConsumer, and not Immediate."""


class Claimed(Made, Protocol):
    """The claim, too."""

    @property
    def is_deleted(self) -> bool:
        """Whether the claim is gone."""


class Attached(Made, Protocol):
    """Nodes to which the volume is attached."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All nodes."""

    @property
    def attached(self) -> Collection[Any]:
        """Nodes to which the volume is attached."""

    @property
    def forced(self) -> Collection[Any]:
        """Nodes that have not let go of it since it was to be detached by force.

        That is six minutes after a detach was wanted (maxWaitForUnmountDuration), and only from a
        node that is not healthy; the taint out-of-service excuses nothing.
        """


class Mounted(Attached, Protocol):
    """Nodes on which the volume is mounted, and pods for which it is."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods that want the volume."""

    @property
    def mode(self) -> AccessMode:
        """How many may use it."""

    @property
    def phase(self) -> Mapping[Any, PodPhase]:
        """Where a pod is, at the API server."""

    @property
    def place(self) -> Mapping[Any, Any]:
        """The node of a pod, or None."""

    @property
    def running(self) -> Mapping[Any, bool]:
        """Whether containers of a pod run, and write."""

    @property
    def staged(self) -> Collection[Any]:
        """Nodes on which the volume is mounted for all."""

    @property
    def published(self) -> Collection[Any]:
        """Pods for which the volume is mounted."""


@requirement("CSI-1", source="PV docs, Access modes; #61832, #103305")
def one_node_writes(s: Mounted) -> bool:
    """A volume for one node is written from one node, and one that was forced off at the most."""
    return s.mode == AccessMode.RWX or all(
        not (s.running[p] and s.running[q])
        or s.place[p] == s.place[q]
        or s.place[p] in s.forced
        or s.place[q] in s.forced
        for p in s.pods
        for q in s.pods
    )


@requirement("CSI-2", source="CSI spec, NodeUnstageVolume: after every NodeUnpublish; #77727")
def staged_while_published(s: Mounted) -> bool:
    """A volume is never unstaged from a node while it is published there."""
    return all(p not in s.published or s.place[p] in s.staged for p in s.pods)


@requirement(
    "CSI-3", source="CSI spec, ControllerUnpublishVolume; attachdetach reconciler; #93902"
)
def attached_while_staged(s: Mounted) -> bool:
    """A volume is never detached from a node on which it is staged, but by force."""
    return all(n not in s.staged or n in s.attached or n in s.forced for n in s.nodes)


@requirement("CSI-4", source="PV docs, ReadWriteOncePod; KEP-2485; #48953")
def one_pod_is_admitted(s: Mounted) -> bool:
    """A volume for one pod is published for one pod, and one on a node that was forced off."""
    return s.mode != AccessMode.RWOP or all(
        p == q
        or p not in s.published
        or q not in s.published
        or s.place[p] in s.forced
        or s.place[q] in s.forced
        for p in s.pods
        for q in s.pods
    )


@requirement("CSI-5", source="pkg/kubelet/volumemanager, readyToUnmount; #120150, #101791")
def published_while_running(s: Mounted) -> bool:
    """A volume is never unmounted from a pod whose containers run."""
    return all(not s.running[p] or p in s.published for p in s.pods)


@requirement("CSI-6", source="CSI spec, Volume lifecycle; #82190", promise="always eventually")
def released_at_last(s: Mounted) -> bool:
    """When all pods are gone, the volume is unmounted and detached everywhere at last."""
    return any(s.phase[p] != PodPhase.GONE for p in s.pods) or (
        len(s.attached) == 0 and len(s.staged) == 0 and len(s.published) == 0
    )


@requirement("CSI-7", source="Storage classes, volumeBindingMode: WaitForFirstConsumer")
def made_for_a_consumer(s: Made) -> bool:
    """With WaitForFirstConsumer no volume is made before a pod has been given a node."""
    return not s.waits or len(s.made) == 0 or s.choice is not None


@requirement("CSI-8", source="CSI spec, DeleteVolume; PV docs, Storage Object in Use Protection")
def attached_only_what_exists(s: Attached) -> bool:
    """A volume is never deleted while it is attached."""
    return len(s.attached) == 0 or len(s.made) > 0


@requirement(
    "CSI-9", source="pkg/controller/volume/attachdetach; #37777", promise="always eventually"
)
def a_lone_pod_starts(s: Mounted) -> bool:
    """A pod with a node to which no other pod holds the volume does not wait for ever."""
    return not any(
        s.phase[p] == PodPhase.BOUND
        and not s.running[p]
        and all(q == p or s.phase[q] in (PodPhase.PENDING, PodPhase.GONE) for q in s.pods)
        for p in s.pods
    )


@requirement("CSI-10", source="CSI spec, CreateVolume: idempotent by name; external-provisioner")
def one_volume_for_a_claim(s: Made) -> bool:
    """A claim never has two volumes."""
    return len(s.made) <= 1


@requirement(
    "CSI-11", source="CSI spec, DeleteVolume; external-provisioner", promise="always eventually"
)
def deleted_with_its_claim(s: Claimed) -> bool:
    """When a claim is gone, its volume is deleted at last."""
    return not s.is_deleted or len(s.made) == 0
