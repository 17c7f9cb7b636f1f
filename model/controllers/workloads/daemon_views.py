"""A DaemonSet, its pods, the nodes, and what its controller has heard of them.

Source: `pkg/controller/daemon/daemon_controller.go` (NodeShouldRunDaemonPod), v1.36.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Domain,
    Sort,
    action,
    constant,
    each,
    joint,
    record,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.controllers.workloads.fresh_starts import FreshStarts
from planespec.model.parts.api_store import Name
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process


class Node(Sort):
    """A node."""


class Host(Enum):
    """What a node is to the pods of the set."""

    ABSENT = "not there"
    OPEN = "takes them"
    BARRED = "has a taint NoSchedule that they do not tolerate"
    HOSTILE = "has a taint NoExecute that they do not tolerate"


@record
class Daemon:
    """What a pod of the set is made for."""

    node: Node | None = None
    is_new: bool = False
    """Whether it is of the new template."""


class DaemonViews(OwnedPods, FreshStarts):
    """One DaemonSet, its pods, and nodes."""

    nodes: Domain[Node] = sort(2, at_least=1, at_most=3, symmetric=True)
    consistency: Consistency = constant(Consistency.OWN_WRITES)
    crashes: int = constant(0, at_least=0, at_most=9)

    host: Array[Node, Host] = each(Host.OPEN)
    is_rolled: bool = False
    """Whether the set asks for the new template."""
    seen_host: Array[Process, Array[Node, Host]] = each(each(Host.OPEN))
    seen_rolled: Array[Process, bool] = each(False)

    daemon: Array[Name, Daemon] = each(Daemon())
    served_daemon: Array[Name, Daemon] = each(Daemon())
    seen_daemon: Array[Process, Array[Name, Daemon]] = each(each(Daemon()))

    @property
    def may_run(self) -> dict[Node, bool]:
        """Whether a node takes pods of the set."""
        return {k: self.host[k] == Host.OPEN for k in self.nodes}

    @property
    def may_stay(self) -> dict[Node, bool]:
        """Whether a node keeps the pods that it has."""
        return {k: self.host[k] == Host.OPEN or self.host[k] == Host.BARRED for k in self.nodes}

    @property
    def daemons(self) -> dict[Node, int]:
        """How many pods of a node are active."""
        return {
            k: sum(1 for n in self.names if self.is_active(n) and self.daemon[n].node == k)
            for k in self.nodes
        }

    @property
    def serving(self) -> dict[Node, bool]:
        """Whether a node has a pod that is ready."""
        return {
            k: any(self.life[n] == PodLife.READY and self.daemon[n].node == k for n in self.names)
            for k in self.nodes
        }

    @property
    def updated(self) -> dict[Node, bool]:
        """Whether a node has a ready pod of the template that is asked for."""
        return {
            k: any(
                self.life[n] == PodLife.READY and self.daemon[n] == Daemon(k, self.is_rolled)
                for n in self.names
            )
            for k in self.nodes
        }

    @action
    def hear_set(self, p: Process) -> None:
        """The controller hears of the set as it is."""
        require(self.consistency != Consistency.LIVE)
        self.seen_rolled[p] = self.is_rolled

    @action
    def hear_node(self, p: Process, k: Node) -> None:
        """The controller hears of a node as it is."""
        require(self.consistency != Consistency.LIVE)
        self.seen_host[p][k] = self.host[k]

    def asks_new(self, p: Process) -> bool:
        """Whether the controller takes the new template to be asked for."""
        return self.is_rolled if self.consistency == Consistency.LIVE else self.seen_rolled[p]

    def sees_host(self, p: Process, k: Node) -> Host:
        """What the controller takes a node to be."""
        return self.host[k] if self.consistency == Consistency.LIVE else self.seen_host[p][k]

    def sees_daemon(self, p: Process, n: Name) -> Daemon:
        """What the controller takes a pod to be made for."""
        return self.daemon[n] if self.consistency == Consistency.LIVE else self.seen_daemon[p][n]

    def sees_on(self, p: Process, n: Name, k: Node) -> bool:
        """Whether the controller sees a pod of that node, marked or not."""
        return self.sees(p, n) != 0 and self.sees_daemon(p, n).node == k

    def sees_running(self, p: Process, n: Name, k: Node) -> bool:
        """Whether the controller sees a pod of that node that neither has ended nor is marked."""
        return self.sees_on(p, n, k) and self.sees_active(p, n)

    def sees_serving(self, p: Process, n: Name) -> bool:
        """Whether the controller sees a pod that is ready."""
        return self.sees(p, n) != 0 and self.sees_life(p, n) == PodLife.READY

    def is_current(self, p: Process, n: Name) -> bool:
        """Whether the controller takes a pod to be of the template that is asked for."""
        return self.sees_daemon(p, n).is_new == self.asks_new(p)

    @joint
    def clear_pod(self, n: Name) -> None:
        """No pod is made for anything."""
        self.daemon[n] = Daemon()

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_daemon[n] = self.daemon[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_daemon[p][n] = self.served_daemon[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_daemon[p][n] = self.daemon[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_daemon[p][n] = Daemon()
