"""The core of the scheduler with amounts that know no bound: the model to prove, not to search.

One scheduler with its cache, an API server that binds a pod once, pods with any requests for cpu
and memory, nodes with any allocatable. What an informer tells late only keeps room longer.
Source: `pkg/scheduler/schedule_one.go`; `pkg/scheduler/backend/cache/cache.go`.
Left out: all but NodeResourcesFit, several schedulers, nodes that shrink or leave, crashes, and
requests that take effect after their sender gave them up; `cluster` has these, within bounds.
The kubelet runs whatever is bound to its node, so that the proof rests on the scheduler alone.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    action,
    each,
    given,
    initial,
    instance,
    invariant,
    lemma,
    mutant,
    no_recording,
    require,
    sort,
)
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.bindings import bound_once, resource_fit
from planespec.spec.scheduling.requirements.observations import Fate, Stage


class Core(Model):
    """Pods arrive, are assumed, bound, run and deleted; nodes join; one scheduler."""

    held_to = no_recording(
        "what a scheduler assumes and an API server binds meanwhile was not recorded"
    )

    nodes: Domain[Node] = sort(2, at_least=1)
    pods: Domain[Pod] = sort(3, at_least=1)

    stale_check: bool = mutant("The fit check sees pods that are bound, not those assumed.")
    accept_twice: bool = mutant("The API server accepts a binding of a pod that is bound.")
    skip_assume: bool = mutant("A binding is sent without room being taken in the cache.")
    forget_terminating: bool = mutant("A pod takes no room in the cache once it is terminating.")

    deadlock = False

    allocatable: Nat = 0
    """The most cpu that a node may have: SCHED-3 knows one amount, `nodes_have_room` each."""
    joined: Array[Node, bool] = each(False)
    cpu: Array[Node, Nat] = each(0)
    memory: Array[Node, Nat] = each(0)
    stage: Array[Pod, Stage] = each(Stage.ABSENT)
    fate: Array[Pod, Fate] = each(Fate.WAITING)
    request: Array[Pod, Nat] = each(0)
    init_request: Array[Pod, Nat] = each(0)
    memory_request: Array[Pod, Nat] = each(0)
    bound: Array[Pod, Node | None] = each(None)
    cached: Array[Pod, Node | None] = each(None)
    """On which node a pod takes room in the cache, assumed or seen bound."""
    sent: Array[Pod, Node | None] = each(None)
    """The node in a binding request that is under way."""

    requires = [bound_once, resource_fit]

    @initial
    def choose(self, largest: Nat) -> None:
        """Nodes may be of any size."""
        self.allocatable = largest

    @action
    def join(self, n: Node, cpu: Nat, memory: Nat) -> None:
        """A node joins and states its allocatable."""
        require(not self.joined[n] and cpu <= self.allocatable)
        self.joined[n] = True
        self.cpu[n] = cpu
        self.memory[n] = memory

    @action
    def arrive(self, p: Pod, cpu: Nat, init_cpu: Nat, memory: Nat) -> None:
        """A pod is created and states its requests, which never change."""
        require(self.stage[p] == Stage.ABSENT)
        self.stage[p] = Stage.PRESENT
        self.request[p] = cpu
        self.init_request[p] = init_cpu
        self.memory_request[p] = memory

    @action
    def assume(self, p: Pod, n: Node) -> None:
        """The scheduler finds room in its cache, takes it, and sends the binding.

        It may not have heard that the pod is gone, or bound by somebody else.
        """
        require(self.stage[p] != Stage.ABSENT and self.joined[n])
        require(self.cached[p] is None and self.sent[p] is None)
        require(self.has_room(p, n))
        if not self.skip_assume:
            self.cached[p] = n
        self.sent[p] = n

    @action
    def bind(self, p: Pod) -> None:
        """The API server accepts the binding: 201."""
        require(self.is_bindable(p))
        self.bound[p] = given(self.sent[p])
        self.sent[p] = None

    @action
    def refuse(self, p: Pod) -> None:
        """The API server refuses it, 409 or 404, and the scheduler forgets the pod."""
        require(self.sent[p] is not None and not self.is_bindable(p))
        self.sent[p] = None
        self.cached[p] = None

    @action
    def bind_by_hand(self, p: Pod, n: Node) -> None:
        """Somebody else binds a pod that asks for nothing, to a node that may not exist.

        What asks for more and passes the scheduler by may overfill a node: left out.
        """
        require(self.is_bindable(p) and self.asks_nothing(p))
        self.bound[p] = n

    @action
    def hear_bound(self, p: Pod) -> None:
        """The informer tells of a pod that is bound; it takes room where it is."""
        require(self.sent[p] is None and self.stage[p] != Stage.GONE)
        self.cached[p] = given(self.bound[p])

    @action
    def hear_end(self, p: Pod) -> None:
        """The informer tells, at any later time, that a pod is gone."""
        early = self.forget_terminating and self.stage[p] == Stage.TERMINATING
        require(self.sent[p] is None and (self.stage[p] == Stage.GONE or early))
        self.cached[p] = None

    @action
    def run(self, p: Pod) -> None:
        """The kubelet of its node runs a pod."""
        require(self.stage[p] == Stage.PRESENT and self.bound[p] is not None)
        self.fate[p] = Fate.RUNNING

    @action
    def delete(self, p: Pod) -> None:
        """A pod is deleted: at once, or by its kubelet if it is bound."""
        require(self.stage[p] == Stage.PRESENT)
        self.stage[p] = Stage.GONE if self.bound[p] is None else Stage.TERMINATING

    @action
    def end(self, p: Pod) -> None:
        """The kubelet has ended a terminating pod."""
        require(self.stage[p] == Stage.TERMINATING)
        self.stage[p] = Stage.GONE

    def is_bindable(self, p: Pod) -> bool:
        """Whether the API server accepts a binding of the pod."""
        is_free = self.bound[p] is None or self.accept_twice
        return self.stage[p] == Stage.PRESENT and is_free

    def demand(self, p: Pod) -> int:
        """What a pod takes of the cpu: as much as its init container or the others together."""
        return max(self.request[p], self.init_request[p])

    def asks_nothing(self, p: Pod) -> bool:
        """Whether a pod takes no room."""
        return self.demand(p) == 0 and self.memory_request[p] == 0

    def takes_room(self, p: Pod, n: Node) -> bool:
        """Whether a pod takes room on a node, as far as the fit check sees."""
        if self.stale_check:
            return self.bound[p] == n and self.stage[p] != Stage.GONE
        return self.cached[p] == n

    def has_room(self, p: Pod, n: Node) -> bool:
        """Whether a node has the cpu and the memory a pod asks for: NodeResourcesFit."""
        cpu = sum(self.demand(q) for q in self.pods if self.takes_room(q, n))
        memory = sum(self.memory_request[q] for q in self.pods if self.takes_room(q, n))
        return (
            cpu + self.demand(p) <= self.cpu[n]
            and memory + self.memory_request[p] <= self.memory[n]
        )

    def is_on(self, p: Pod, n: Node) -> bool:
        """Whether a pod is bound to a node and not gone."""
        return self.bound[p] == n and self.stage[p] != Stage.GONE

    @invariant
    def nodes_have_room(self) -> bool:
        """The pods bound to a node ask for no more cpu and memory than that node has."""
        return all(
            sum(self.demand(p) for p in self.pods if self.is_on(p, n)) <= self.cpu[n]
            and sum(self.memory_request[p] for p in self.pods if self.is_on(p, n))
            <= self.memory[n]
            for n in self.nodes
        )

    @lemma
    def the_cache_fits(self) -> bool:
        """What takes room on a node in the cache is no more than the node has."""
        return all(
            sum(self.demand(p) for p in self.pods if self.cached[p] == n) <= self.cpu[n]
            and sum(self.memory_request[p] for p in self.pods if self.cached[p] == n)
            <= self.memory[n]
            for n in self.nodes
        )

    @lemma
    def bound_pods_are_cached(self) -> bool:
        """A pod that is bound takes its room in the cache, unless it asks for nothing."""
        return all(
            self.bound[p] is None
            or self.stage[p] == Stage.GONE
            or self.cached[p] == self.bound[p]
            or self.asks_nothing(p)
            for p in self.pods
        )

    @lemma
    def sent_bindings_are_assumed(self) -> bool:
        """A binding is sent for the node where the pod is assumed, and not once it is bound."""
        return all(
            self.sent[p] is None
            or (self.cached[p] == self.sent[p] and (self.bound[p] is None or self.asks_nothing(p)))
            for p in self.pods
            if self.stage[p] != Stage.GONE
        )

    @lemma
    def absent_pods_are_nowhere(self) -> bool:
        """A pod that was not created is not bound, not cached and not being bound."""
        return all(
            self.bound[p] is None and self.cached[p] is None and self.sent[p] is None
            for p in self.pods
            if self.stage[p] == Stage.ABSENT
        )

    @lemma
    def no_node_is_above_the_largest(self) -> bool:
        """No node has more cpu than the largest may have."""
        return all(self.cpu[n] <= self.allocatable for n in self.nodes)

    @lemma
    def nodes_to_come_have_nothing(self) -> bool:
        """A node that has not joined has no room."""
        return all(
            self.joined[n] or (self.cpu[n] == 0 and self.memory[n] == 0) for n in self.nodes
        )

    instances = [
        instance("small", nodes=2, pods=3),
        instance("large", nodes=3, pods=4),
    ]
