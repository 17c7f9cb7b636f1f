"""The constants that bound an instance and switch features, and the variables that parts share.

Three groups of variables: what the API holds, what schedulers have heard of it, and what they mean
to do. A part takes those that it speaks of, so that the kubelet knows no scheduler.
A feature that is off costs no states. Pods differ in request, priority, port and scheduler in
every way that the constants allow: the initial states are all assignments.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    abstract,
    choose,
    constant,
    each,
    initial,
    joint,
    require,
    sort,
)
from planespec.model.scheduler.scheduler_types import (
    Address,
    Amount,
    HostPort,
    InitAmount,
    Node,
    Pod,
    Priority,
    Protocol,
    Scheduler,
)
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage


class Individuals(Model):
    """How many there are of each sort."""

    deadlock = False

    pods: Domain[Pod] = sort(2, at_least=1, at_most=6, symmetric=True)
    nodes: Domain[Node] = sort(1, at_least=1, at_most=4, symmetric=True)
    schedulers: Domain[Scheduler] = sort(1, at_least=1, at_most=3, symmetric=True)


class Objects(Individuals):
    """What the API holds: pods, what they ask for and how they are, and nodes."""

    allocatable: int = constant(1, at_least=1, at_most=9)
    max_request: int = constant(1, at_least=1, at_most=9, check="max_request <= allocatable")
    priorities: int = constant(1, at_least=1, at_most=9)
    """With more than one, pods preempt others of a lower priority."""

    deletes: bool = constant(True)
    node_changes: bool = constant(False)
    """Whether nodes are deleted and added again under the same name."""
    init_containers: bool = constant(False)
    ports: bool = constant(False)
    budgets: bool = constant(False)
    """Whether disruption budgets guard some of the pods."""
    kubelets: bool = constant(False)

    request: Array[Pod, Amount] = each(1)
    init_request: Array[Pod, InitAmount] = each(0)
    priority: Array[Pod, Priority] = each(1)
    guarded: Array[Pod, bool] = each(False)
    port: Array[Pod, HostPort | None] = each(None)
    owner: Array[Pod, Scheduler | None] = each(None)
    """Which scheduler a pod names (spec.schedulerName); always one."""

    stage: Array[Pod, Stage] = each(Stage.ABSENT)
    bound: Array[Pod, Node | None] = each(None)
    fate: Array[Pod, Fate] = each(Fate.WAITING)
    node_exists: Array[Node, bool] = each(True)
    late_bind: Array[Pod, Node | None] = each(None)
    """A binding request under way that nobody waits for."""

    @initial
    def start(self) -> None:
        """Pods of all kinds, none of them created."""
        for p in self.pods:
            self.owner[p] = choose(self.schedulers)
            self.request[p] = choose(range(1, self.max_request + 1))
            self.priority[p] = choose(range(1, self.priorities + 1))
            if self.init_containers:
                self.init_request[p] = choose(range(self.max_request + 1))
            if self.budgets:
                self.guarded[p] = choose({False, True})
            if self.ports:
                self.choose_port(p)

    def choose_port(self, p: Pod) -> None:
        """A pod may want the port of the host, with any protocol and on any address."""
        wants_port = choose({False, True})
        if wants_port:
            protocol = choose(Protocol)
            address = choose(Address)
            on_all = choose({False, True})
            self.port[p] = HostPort(protocol, None if on_all else address)

    def owner_of(self, p: Pod) -> Scheduler:
        """The scheduler that a pod names."""
        s = self.owner[p]
        assert s is not None
        return s

    @joint
    def note_pod(self, p: Pod) -> None:
        """A pod was written."""

    @abstract
    def settle(self) -> None:
        """Let nothing else happen before somebody knows everything."""


class Views(Objects):
    """What schedulers have heard of the API, each by an informer."""

    lag: bool = constant(True)
    """Whether informers may be behind; events they miss are merged into the next."""

    seen_stage: Array[Scheduler, Array[Pod, Stage]] = each(each(Stage.ABSENT))
    seen_bound: Array[Scheduler, Array[Pod, Node | None]] = each(each(None))
    seen_fate: Array[Scheduler, Array[Pod, Fate]] = each(each(Fate.WAITING))
    seen_node: Array[Scheduler, Array[Node, bool]] = each(each(True))

    @joint
    def note_news(self, s: Scheduler, p: Pod) -> None:
        """A scheduler is told how a pod is."""

    @joint
    def note_listed(self, s: Scheduler, p: Pod) -> None:
        """A scheduler that begins anew has listed a pod as it is."""

    def settle(self) -> None:
        """Let nothing else happen before informers know everything, unless they may lag."""
        if not self.lag:
            require(
                all(
                    self.seen_stage[s][p] == self.stage[p]
                    and self.seen_bound[s][p] == self.bound[p]
                    and self.seen_fate[s][p] == self.fate[p]
                    for s in self.schedulers
                    for p in self.pods
                )
            )
            require(
                all(
                    self.seen_node[s][n] == self.node_exists[n]
                    for s in self.schedulers
                    for n in self.nodes
                )
            )


class Plans(Views):
    """What schedulers mean to do with pods: cache, queue, nominations."""

    permit: bool = constant(False)
    api_errors: bool = constant(False)
    late_binds: bool = constant(False)
    """Whether a binding request that timed out, or whose sender died, may take effect later."""
    crashes: bool = constant(False)
    flush: bool = constant(False)
    """Whether unschedulable pods are tried again after a while (5 minutes), woken or not."""

    cached: Array[Scheduler, Array[Pod, Node | None]] = each(each(None))
    """On which node a pod takes room in a scheduler's cache, assumed or known."""
    place: Array[Pod, Place] = each(Place.NOWHERE)
    chosen: Array[Pod, Node | None] = each(None)
    """What filters and scores found for a pod, from the snapshot its cycle began with."""
    moved: Array[Pod, bool] = each(False)
    """An event arrived during a pod's cycle that may have made room for it."""
    nominated: Array[Pod, Node | None] = each(None)
    preempting: Array[Pod, set[Pod]] = each(set())
    unheard: Array[Pod, bool] = each(False)
    """A nomination is not counted yet; never so but in a mutant."""

    def is_waiting(self, p: Pod) -> bool:
        """Whether a pod waits in the queue."""
        return self.place[p] in (Place.ACTIVE, Place.BACKOFF, Place.UNSCHEDULABLE)
