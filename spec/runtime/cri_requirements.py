"""What a container runtime and the kubelet above it promise: CRI-1 on.

Source: the comments of `k8s.io/cri-api/pkg/apis/runtime/v1/api.proto` (called "CRI API"),
containerd v2.3.4, `internal/cri/server`, and issues of both, by number.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Shown(Enum):
    """What a runtime says of a sandbox or a container."""

    ABSENT = "is not listed"
    READY = "SANDBOX_READY"
    NOTREADY = "SANDBOX_NOTREADY"
    CREATED = "CONTAINER_CREATED"
    RUNNING = "CONTAINER_RUNNING"
    EXITED = "CONTAINER_EXITED"
    UNKNOWN = "CONTAINER_UNKNOWN"


class Life(Enum):
    """What has really happened to a container."""

    NEW = "was never to be started"
    BEGUN = "its start was accepted"
    ENDED = "its process has ended"


class Sandboxes(Protocol):
    """Sandboxes, and what a runtime says of them while it is up."""

    @property
    def sandboxes(self) -> Iterable[Any]:
        """All that there may be."""

    @property
    def pod_of(self) -> Mapping[Any, Any]:
        """The pod of a sandbox."""

    @property
    def attempt(self) -> Mapping[Any, int]:
        """With its pod the name of a sandbox."""

    @property
    def sandbox(self) -> Mapping[Any, Shown]:
        """What is said of a sandbox: ABSENT, READY or NOTREADY."""


class Containers(Sandboxes, Protocol):
    """Containers, too."""

    @property
    def containers(self) -> Iterable[Any]:
        """All that there may be."""

    @property
    def within(self) -> Mapping[Any, Any]:
        """The sandbox of a container, None where there is no such container."""

    @property
    def number(self) -> Mapping[Any, int]:
        """With the pod of its sandbox the name of a container."""

    @property
    def container(self) -> Mapping[Any, Shown]:
        """What is said of a container."""

    @property
    def life(self) -> Mapping[Any, Life]:
        """What has really happened to it."""

    @property
    def running(self) -> Collection[Any]:
        """Containers whose process runs."""


class Machine(Containers, Protocol):
    """What really is there, whatever the runtime says."""

    @property
    def is_up(self) -> bool:
        """Whether the runtime answers."""

    @property
    def alive(self) -> Collection[Any]:
        """Sandboxes whose process runs."""

    @property
    def network(self) -> Collection[Any]:
        """Sandboxes that have a network namespace with an address."""

    @property
    def stored(self) -> Collection[Any]:
        """Sandboxes of which there is a record that survives the runtime."""

    @property
    def asked(self) -> Any:
        """The sandbox that is being run, if any."""

    @property
    def undone(self) -> Collection[Any]:
        """Sandboxes whose run failed and is taken back."""

    @property
    def starting(self) -> Any:
        """The container that is being started, if any."""


class Wishes(Machine, Protocol):
    """What the kubelet wants."""

    @property
    def pods(self) -> Iterable[Any]:
        """All pods that there may be."""

    @property
    def gone(self) -> Collection[Any]:
        """Pods that were deleted; the others are wanted."""


class Images(Containers, Protocol):
    """The image of all containers."""

    @property
    def has_image(self) -> bool:
        """Whether it is there."""


@requirement("CRI-1", source="containerd#13599; CRI API, CreateContainer")
def created_in_ready_sandboxes(before: Containers, after: Containers) -> bool:
    """A container is created only in a sandbox that is ready."""
    return all(
        after.within[c] is None
        or before.within[c] is not None
        or before.sandbox[after.within[c]] == Shown.READY
        for c in after.containers
    )


@requirement("CRI-2", source="container_start.go, StartContainer")
def started_in_ready_sandboxes(before: Containers, after: Containers) -> bool:
    """A start is accepted only in a sandbox that is ready."""
    return all(
        after.life[c] != Life.BEGUN
        or before.life[c] == Life.BEGUN
        or before.sandbox[after.within[c]] == Shown.READY
        for c in after.containers
    )


@requirement("CRI-3", source="internal/registrar; containerd#6095")
def names_are_held_once(s: Containers) -> bool:
    """No two sandboxes, and no two containers, that are listed have one name."""
    return not any(
        a != b
        and s.sandbox[a] != Shown.ABSENT
        and s.sandbox[b] != Shown.ABSENT
        and s.pod_of[a] == s.pod_of[b]
        and s.attempt[a] == s.attempt[b]
        for a in s.sandboxes
        for b in s.sandboxes
    ) and not any(
        a != b
        and s.container[a] != Shown.ABSENT
        and s.container[b] != Shown.ABSENT
        and s.number[a] == s.number[b]
        and has_pod_of(s, a, b)
        for a in s.containers
        for b in s.containers
    )


def has_pod_of(s: Containers, a: Any, b: Any) -> bool:
    """Say whether two containers are of one pod."""
    one, other = s.within[a], s.within[b]
    return one is not None and other is not None and s.pod_of[one] == s.pod_of[other]


@requirement("CRI-4", source="CRI API, ContainerState; container_start.go, setContainerStarting")
def ended_for_good(s: Containers) -> bool:
    """A container whose process has ended never runs again."""
    return not any(s.life[c] == Life.ENDED for c in s.running)


@requirement(
    "CRI-5",
    source="CRI API, RemovePodSandbox; kubernetes#113145, kubernetes#113091",
    promise="always eventually",
)
def all_is_released(s: Wishes) -> bool:
    """Of a pod that is gone nothing is left in the end: no record, process, address, container."""
    return not any(s.pod_of[x] is not None and s.pod_of[x] in s.gone for x in s.sandboxes)


@requirement("CRI-6", source="CRI API, RemovePodSandbox: containers are forcibly removed")
def containers_go_with_their_sandbox(s: Machine) -> bool:
    """A container is listed only while its sandbox is."""
    return not any(
        s.container[c] != Shown.ABSENT
        and (s.within[c] is None or s.sandbox[s.within[c]] == Shown.ABSENT)
        for c in s.containers
    )


@requirement("CRI-7", source="containerd#5438, containerd#5768, containerd/cri#568")
def nothing_is_held_unseen(s: Machine) -> bool:
    """What runs or holds an address is of a sandbox that is listed, run or taken back."""
    return not s.is_up or all(
        s.sandbox[x] != Shown.ABSENT
        or x == s.asked
        or x in s.undone
        or (x not in s.network and x not in s.alive)
        for x in s.sandboxes
    )


@requirement("CRI-8", source="restart.go, loadContainer")
def what_runs_is_told(s: Machine) -> bool:
    """A container whose process runs is listed as running, or as unknown, or is being started."""
    return not s.is_up or all(
        c == s.starting or s.container[c] in (Shown.RUNNING, Shown.UNKNOWN) for c in s.running
    )


@requirement("CRI-9", source="kubernetes#120941, kubernetes#123087")
def one_runs_of_a_name(s: Containers) -> bool:
    """Of a container of a pod at most one process runs, whatever its number."""
    return not any(a != b and has_pod_of(s, a, b) for a in s.running for b in s.running)


@requirement("CRI-10", source="container_create.go, LocalResolve")
def created_from_images(before: Images, after: Images) -> bool:
    """A container is created only from an image that is there."""
    return before.has_image or all(
        after.within[c] is None or before.within[c] is not None for c in after.containers
    )


@requirement("CRI-11", source="kubernetes#106037; the kubelet's image_gc_manager.go")
def images_in_use_stay(before: Images, after: Images) -> bool:
    """An image that a container has is not collected, whether the container runs or not."""
    return (
        not before.has_image
        or after.has_image
        or all(before.within[c] is None for c in before.containers)
    )


@requirement("CRI-12", source="containerd#12438, containerd/cri#1014", promise="always eventually")
def wanted_pods_get_sandboxes(s: Wishes) -> bool:
    """A pod that is wanted has a ready sandbox again and again, whatever answers were lost."""
    return all(
        any(s.pod_of[x] == p and s.sandbox[x] == Shown.READY for x in s.sandboxes)
        for p in s.pods
        if p not in s.gone
    )


@requirement("CRI-13", source="containerd#10025, containerd#10390", promise="always eventually")
def ends_are_told(s: Machine) -> bool:
    """Of a process that has ended it is told in the end that it runs no more."""
    return all(c in s.running or s.container[c] != Shown.RUNNING for c in s.containers) and all(
        x in s.alive or s.sandbox[x] != Shown.READY for x in s.sandboxes
    )


@requirement("CRI-14", source="CRI API, StopContainer; containerd#8931")
def exited_containers_do_not_run(s: Machine) -> bool:
    """A container that is said to have exited does not run."""
    return not any(s.container[c] == Shown.EXITED for c in s.running)
