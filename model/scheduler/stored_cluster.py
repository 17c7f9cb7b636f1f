"""The scheduler's cluster over one store: schedulers hear of pods through watch caches that lag.

Every write of a pod is a revision of etcd. A scheduler hears of it when the API server at which it
watches has; a binding goes to that server, which begins from its copy of the pod, compares when it
stores, and begins again from what is stored where it lost. So a pod is bound once, whatever the
caches show. Source: `pkg/registry/core/pod/storage/storage.go` (assignPod), and the parts'.
Left out: nodes, of which schedulers hear as before; a scheduler that begins anew lists the latest
state, and then watches from there, so that it never goes back.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    choose,
    constant,
    each,
    initial,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.apiserver.stored.watch_caches import Server, WatchCaches
from planespec.model.parts.api_store import Name, Revision
from planespec.model.scheduler.apiserver import ApiServer
from planespec.model.scheduler.binding import Binding
from planespec.model.scheduler.cycle import Cycle
from planespec.model.scheduler.kubelet import Kubelet
from planespec.model.scheduler.memory import Informer, Memory
from planespec.model.scheduler.preemption import Preemption
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.model.scheduler.victims import Victims
from planespec.spec.scheduling.requirements.bindings import (
    assumed_is_bound,
    bound_once,
    released_when_gone,
    resource_fit,
    waiting_takes_no_room,
)
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage


class StoredCluster(
    ApiServer, Kubelet, Memory, Informer, Victims, Cycle, Binding, Preemption, WatchCaches
):
    """The parts of the scheduler and the watch caches of the API server."""

    held_to = no_recording("the parts are held; what they do together was not recorded")

    pods: Domain[Pod] = sort(1, at_least=1, at_most=2, symmetric=True)
    names: Domain[Name] = sort(1, at_least=1, at_most=2, symmetric=True)
    nodes: Domain[Node] = sort(2, at_least=1, at_most=2, symmetric=True)
    servers: Domain[Server] = sort(1, at_least=1, at_most=2, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=8)
    """How many writes of pods take effect: a bound."""
    late_binds: bool = constant(True)
    crashes: bool = constant(True)

    bind_from_copy: bool = mutant(
        "A server binds what its copy shows as not bound, whatever is stored by now."
    )

    name: Array[Pod, Name | None] = each(None)
    """Under which name a pod is stored."""
    watched: Array[Scheduler, Server | None] = each(None)
    """The server of a scheduler."""
    heard: Array[Scheduler, Array[Pod, Revision]] = each(each(0))
    """The revision up to which a scheduler has heard of a pod."""
    stage_at: Array[Revision, Stage] = each(Stage.ABSENT)
    """What a pod was as of the revision that wrote it."""
    bound_at: Array[Revision, Node | None] = each(None)
    fate_at: Array[Revision, Fate] = each(Fate.WAITING)

    requires = [
        bound_once,
        assumed_is_bound,
        resource_fit,
        released_when_gone,
        waiting_takes_no_room,
    ]

    @initial
    def start(self) -> None:
        """Pods of one kind, each with a name and a scheduler, which has a server."""
        for p in self.pods:
            self.owner[p] = choose(self.schedulers)
            self.name[p] = choose(self.names)
        for s in self.schedulers:
            self.watched[s] = choose(self.servers)
        require(all(p == q or self.name[p] != self.name[q] for p in self.pods for q in self.pods))

    @joint
    def note_pod(self, p: Pod) -> None:
        """A write of a pod is a revision."""
        require(self.revision < self.writes)
        for n in self.names:
            self.stored[self.revision + 1][n] = self.stored[self.revision][n]
        self.revision += 1
        r = self.revision
        for n in self.names:
            if n == self.name[p]:
                self.stored[r][n] = 0 if self.stage[p] == Stage.GONE else r
        self.stage_at[r] = self.stage[p]
        self.bound_at[r] = self.bound[p]
        self.fate_at[r] = self.fate[p]

    def last_heard(self, s: Scheduler, p: Pod) -> Revision:
        """The revision of the last write of a pod that the server of a scheduler knows."""
        n = self.name[p]
        at = self.watched[s]
        assert n is not None
        assert at is not None
        if self.copy[at][n] != 0:
            return self.copy[at][n]
        found = 0
        for r in range(1, self.writes + 1):
            if r <= self.fed[at] and self.stored[r][n] != self.stored[r - 1][n]:
                found = r
        return found

    def told_stage(self, s: Scheduler, p: Pod) -> Stage:
        """Where a pod is, as the watch cache has it."""
        return self.stage_at[self.last_heard(s, p)]

    def told_bound(self, s: Scheduler, p: Pod) -> Node | None:
        """To which node it is bound, as the watch cache has it."""
        return self.bound_at[self.last_heard(s, p)]

    def told_fate(self, s: Scheduler, p: Pod) -> Fate:
        """What its kubelet did with it, as the watch cache has it."""
        return self.fate_at[self.last_heard(s, p)]

    def is_pod_news(self, s: Scheduler, p: Pod) -> bool:
        """Whether the server has something later than what a scheduler has heard."""
        return self.last_heard(s, p) > self.heard[s][p]

    @joint
    def note_news(self, s: Scheduler, p: Pod) -> None:
        """A scheduler has heard what its server had."""
        self.heard[s][p] = self.last_heard(s, p)

    @joint
    def note_listed(self, s: Scheduler, p: Pod) -> None:
        """A scheduler has listed what is stored."""
        self.heard[s][p] = self.revision

    def is_bindable(self, p: Pod) -> bool:
        """Whether the API server would bind a pod now: as it is stored, not as its copy is."""
        if self.bind_from_copy:
            s = self.owner_of(p)
            return self.told_stage(s, p) == Stage.PRESENT and self.told_bound(s, p) is None
        return self.stage[p] == Stage.PRESENT and (self.bound[p] is None or self.bound_again)

    @reachable
    def bound_before_it_is_heard(self) -> bool:
        """A pod is about to be bound whose binding its server has not heard of."""
        return any(
            self.place[p] == Place.BINDING
            and self.bound[p] is not None
            and self.told_bound(self.owner_of(p), p) is None
            for p in self.pods
        )

    instances = [
        instance("one-pod"),
        instance("two-servers", servers=2),
        instance("two-pods", slow=True, pods=2, nodes=1, names=2, writes=6, crashes=False),
    ]
