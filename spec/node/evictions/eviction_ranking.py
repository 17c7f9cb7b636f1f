"""In which order a kubelet would evict its pods, and what each of them uses.

Source: Kubernetes v1.36, `pkg/kubelet/eviction/helpers.go` (orderedBy, buildSignalToRankFunc),
`pkg/api/v1/resource/helpers.go` (GetResourceRequestQuantity).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.node.evictions.eviction_thresholds import (
    CONTAINER_FS,
    CONTAINER_FS_INODES,
    IMAGE_FS,
    IMAGE_FS_INODES,
    PIDS,
    RESOURCES,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.pods.resources import compute_pod_requests, has_pod_level_resources
from planespec.spec.quantity import ZERO, Format, Quantity
from planespec.spec.scheduling.unstable_sort import sort_as_go_does

ROOT, LOGS, VOLUMES = "root", "logs", "volumes"


@dataclass(frozen=True, slots=True)
class FsUsage:
    """What is used of a file system: bytes and inodes; what is not measured is 0."""

    used: int = 0
    inodes: int = 0


@dataclass(frozen=True, slots=True)
class ContainerUsage:
    """What one container uses; None is not measured."""

    name: str
    memory: int | None = None
    """Bytes of the working set."""
    root: FsUsage | None = None
    logs: FsUsage | None = None


@dataclass(frozen=True, slots=True)
class PodUsage:
    """What a pod uses, as the summary of the node's statistics says."""

    memory: int | None = None
    processes: int = 0
    ephemeral_storage: int = 0
    """Bytes of containers, logs and volumes together."""
    containers: tuple[ContainerUsage, ...] = ()
    volumes: Mapping[str, FsUsage] = field(default_factory=dict)
    """By name of the volume."""


@dataclass(frozen=True, slots=True)
class Disks:
    """How the file systems of a node are divided."""

    has_image_fs: bool = False
    """Images are not on the file system of the kubelet."""
    is_split: bool = False
    """Writable layers of containers are not where images are."""

    def measured(self, signal: str) -> Set[str]:
        """Return what counts as used when pods are ranked because of a signal about disks."""
        if not self.has_image_fs:
            return {ROOT, LOGS, VOLUMES}
        if not self.is_split:
            on_image_fs = (IMAGE_FS, IMAGE_FS_INODES, CONTAINER_FS, CONTAINER_FS_INODES)
            return {ROOT} if signal in on_image_fs else {LOGS, VOLUMES}
        if signal == IMAGE_FS:
            return {ROOT}
        return set() if signal == IMAGE_FS_INODES else {ROOT, LOGS, VOLUMES}


def to_bytes(number: int) -> Quantity:
    """Return a number of bytes as a quantity."""
    return Quantity(number, 0, False, Format.BINARY_SI)


def rank_pods(
    signal: str, pods: Iterable[Pod], usages: Mapping[str, PodUsage], disks: Disks
) -> list[Pod]:
    """Order pods as they would be evicted because of a signal; `usages` is by uid.

    Memory and disks: pods that use more than they request, then low priority, then how much more.
    Processes: low priority, then how many. Pods without statistics come first. Equal ones keep the
    order in which Go's sort leaves them.
    """
    keyed = [(_make_key(signal, pod, usages.get(pod.meta.uid), disks), pod) for pod in pods]
    return [pod for _, pod in sort_as_go_does(keyed, lambda one, two: one[0] < two[0])]


def _make_key(signal: str, pod: Pod, usage: PodUsage | None, disks: Disks) -> Any:
    priority = pod.priority or 0
    if signal == PIDS:
        return (priority, usage is not None, -usage.processes if usage else 0)
    if usage is None:
        return (0, priority, ZERO)
    resource = RESOURCES[signal]
    if resource == "memory":
        used = to_bytes(usage.memory or 0)
        request = compute_request(pod, resource)
        return (1 if used > request else 2, priority, request - used)
    used = measure_disk(pod, usage, disks.measured(signal), inodes=resource == "inodes")
    exceeds = used > compute_request(pod, resource)
    # Upstream takes requested bytes from inodes too.
    return (1 if exceeds else 2, priority, compute_request(pod, "ephemeral-storage") - used)


def compute_request(pod: Pod, resource: str) -> Quantity:
    """Compute what a pod requests of a resource as eviction sees it.

    Resources of the pod as a whole replace all of its containers' requests, also of resources that
    it does not name. Overhead is added to what is not zero.
    """
    if has_pod_level_resources(pod):
        supported = ("cpu", "memory")
        own = pod.resources.requests if pod.resources is not None else {}
        request = own.get(resource, ZERO) if resource in supported else ZERO
    else:
        request = compute_pod_requests(pod, with_overhead=False).get(resource, ZERO)
    if resource in pod.overhead and not request.is_zero:
        request += pod.overhead[resource]
    return request


def measure_disk(pod: Pod, usage: PodUsage, measured: Set[str], *, inodes: bool) -> Quantity:
    """Sum bytes or inodes of a pod's containers and of its local volumes."""
    parts: list[FsUsage | None] = []
    for container in usage.containers:
        parts += [container.root] if ROOT in measured else []
        parts += [container.logs] if LOGS in measured else []
    if VOLUMES in measured:
        names = [each.text("name") for each in pod.spec.views("volumes") if _is_local(each)]
        parts += [usage.volumes.get(name) for name in names]
    known = [part for part in parts if part is not None]
    return to_bytes(sum(part.inodes if inodes else part.used for part in known))


def _is_local(volume: View) -> bool:
    if any(volume.has(source) for source in ("hostPath", "gitRepo", "configMap")):
        return True
    return volume.has("emptyDir") and not volume.view("emptyDir").text("medium")
