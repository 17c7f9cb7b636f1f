"""What the requirements look at: the API objects, and what a scheduler remembers of them."""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol


class Stage(Enum):
    """The life of a pod in the API."""

    ABSENT = "absent"
    PRESENT = "present"
    TERMINATING = "terminating"
    """It has a deletionTimestamp, and the kubelet still runs it."""
    GONE = "gone"


class Fate(Enum):
    """What the kubelet of its node did with a pod."""

    WAITING = "waiting"
    RUNNING = "running"
    REJECTED = "rejected"
    """Refused at admission: the pod has failed and takes nothing."""


class Place(Enum):
    """Where a pod is in its scheduler.

    Source: `pkg/scheduler/backend/queue/scheduling_queue.go`; `pkg/scheduler/schedule_one.go`.
    """

    NOWHERE = "nowhere"
    ACTIVE = "active"
    BACKOFF = "backoff"
    UNSCHEDULABLE = "unschedulable"
    CYCLE = "in its scheduling cycle"
    PERMIT = "waiting for permission"
    BINDING = "being bound"
    DONE = "bound, not yet seen as bound"


class Pods(Protocol):
    """The pods as the API has them; `Any` stands for pods and nodes."""

    @property
    def pods(self) -> Iterable[Any]:
        """All pods there may ever be."""

    @property
    def stage(self) -> Mapping[Any, Stage]:
        """How far a pod's life has come."""

    @property
    def bound(self) -> Mapping[Any, Any]:
        """The node in a pod's spec, or None."""


class Machines(Pods, Protocol):
    """Pods and the nodes they run on."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All nodes there may ever be."""

    @property
    def allocatable(self) -> int:
        """What every node has to give, in units of the one resource."""

    @property
    def request(self) -> Mapping[Any, int]:
        """What a pod's containers ask for together."""

    @property
    def init_request(self) -> Mapping[Any, int]:
        """What a pod's init container asks for, before the others run; 0 for none."""

    @property
    def port(self) -> Mapping[Any, Any]:
        """The host port a pod takes, with `address` and `protocol`, or None."""

    @property
    def fate(self) -> Mapping[Any, Fate]:
        """What the kubelet did with a pod."""


class Memory(Machines, Protocol):
    """What schedulers remember; every pod has one that is to schedule it."""

    @property
    def schedulers(self) -> Collection[Any]:
        """All schedulers, each with its own pods (spec.schedulerName)."""

    @property
    def owner(self) -> Mapping[Any, Any]:
        """The scheduler of a pod."""

    @property
    def place(self) -> Mapping[Any, Place]:
        """Where a pod is in its scheduler."""

    @property
    def cached(self) -> Mapping[Any, Mapping[Any, Any]]:
        """For each scheduler and pod the node on which the pod takes room, or None."""

    @property
    def seen_stage(self) -> Mapping[Any, Mapping[Any, Stage]]:
        """How far a pod's life has come, as far as a scheduler's informer knows."""

    @property
    def seen_bound(self) -> Mapping[Any, Mapping[Any, Any]]:
        """The node in a pod's spec, as far as a scheduler's informer knows."""

    @property
    def seen_fate(self) -> Mapping[Any, Mapping[Any, Fate]]:
        """What the kubelet did with a pod, as far as a scheduler's informer knows."""

    @property
    def seen_node(self) -> Mapping[Any, Mapping[Any, bool]]:
        """Whether a node exists, as far as a scheduler's informer knows."""

    @property
    def late_binds(self) -> bool:
        """Whether a binding request may take effect after its sender gave it up."""


class Preemptions(Memory, Protocol):
    """Pods that make room for themselves."""

    @property
    def priority(self) -> Mapping[Any, int]:
        """The priority of a pod."""

    @property
    def guarded(self) -> Mapping[Any, bool]:
        """Whether a budget allows no disruption of a pod."""

    @property
    def nominated(self) -> Mapping[Any, Any]:
        """The node on which a scheduler keeps room for a pod, or None."""

    @property
    def preempting(self) -> Mapping[Any, Collection[Any]]:
        """The victims of a pod that are not deleted yet."""

    @property
    def chosen(self) -> Mapping[Any, Any]:
        """The node a pod's scheduling cycle has found, or None."""


def compute_request(s: Machines, p: Any) -> int:
    """Return what a pod takes: the more of its containers together and its init container."""
    return max(s.request[p], s.init_request[p])


def is_clash(s: Machines, p: Any, q: Any) -> bool:
    """Tell whether two pods take the same protocol and port on one address of a node.

    An empty address stands for all of them: `spec.scheduling.pod_info`.
    """
    if s.port[p] is None or s.port[q] is None:
        return False
    return s.port[p].protocol == s.port[q].protocol and (
        s.port[p].address is None
        or s.port[q].address is None
        or s.port[p].address == s.port[q].address
    )
