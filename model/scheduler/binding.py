"""Binding: the request to the API server, its answers, and what becomes of it without them.

Source: `pkg/scheduler/schedule_one.go`, bindingCycle and handleBindingCycleError;
`pkg/registry/core/pod/storage/storage.go`, BindingREST. The API server does not ask whether the
node exists: that is a documented fact of Kubernetes.
"""

from planespec.checker.lang import abstract, action, choose, given, mutant, require
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.scheduler_types import Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage


class Binding(Plans):
    """Bind, conflict, forget; crash and restart."""

    bound_again: bool = mutant("The API server lets a pod be bound to another node.")
    not_forgotten: bool = mutant(
        "A pod whose binding failed goes back to the queue and keeps its room.", issue="#26043"
    )
    restart_forgets_bound: bool = mutant(
        "A scheduler starts before its cache has all pods of the API."
    )

    @action
    def bind(self, p: Pod) -> None:
        """The API server binds the pod, and the scheduler hears so."""
        self.settle()
        require(self.place[p] == Place.BINDING and self.is_bindable(p))
        self.bound[p] = self.chosen[p]
        self.note_pod(p)
        self.chosen[p] = None
        self.place[p] = Place.DONE
        if self.seen_bound[self.owner_of(p)][p] is not None:
            self.place[p] = Place.NOWHERE

    @action
    def fail_to_bind(self, p: Pod) -> None:
        """The API server refuses (the pod is gone, ending or bound), or has an error."""
        self.settle()
        require(self.place[p] == Place.BINDING)
        require(self.api_errors or not self.is_bindable(p))
        self.recover(p)

    @action
    def time_out(self, p: Pod) -> None:
        """The scheduler gives a request up that may still take effect."""
        self.settle()
        require(self.late_binds and self.place[p] == Place.BINDING)
        require(self.late_bind[p] is None)
        self.late_bind[p] = self.chosen[p]
        self.recover(p)

    @action
    def bind_late(self, p: Pod) -> None:
        """A request that nobody waits for arrives; it takes effect if it still can."""
        self.settle()
        n = given(self.late_bind[p])
        if self.is_bindable(p):
            self.bound[p] = n
            self.note_pod(p)
        self.late_bind[p] = None

    @action
    def crash(self, s: Scheduler) -> None:
        """A scheduler dies and another process of the same name starts with a new list."""
        require(self.crashes)
        for p in self.pods:
            if self.owner[p] == s:
                self.abandon(p)
            self.list_pod(s, p)
        for n in self.nodes:
            self.seen_node[s][n] = self.node_exists[n]

    def abandon(self, p: Pod) -> None:
        """What a dead process knew of a pod is lost; its request may be under way."""
        if self.late_binds and self.place[p] == Place.BINDING and self.late_bind[p] is None:
            was_sent = choose({False, True})
            if was_sent:
                self.late_bind[p] = self.chosen[p]
        self.place[p] = Place.NOWHERE
        self.chosen[p] = None
        self.moved[p] = False
        self.nominated[p] = None
        self.unheard[p] = False
        self.preempting[p] = set()

    def list_pod(self, s: Scheduler, p: Pod) -> None:
        """A new process learns how a pod is."""
        self.seen_stage[s][p] = self.stage[p]
        self.seen_bound[s][p] = self.bound[p]
        self.seen_fate[s][p] = self.fate[p]
        self.note_listed(s, p)
        self.cached[s][p] = None
        if self.stage[p] not in (Stage.ABSENT, Stage.GONE) and self.fate[p] != Fate.REJECTED:
            if not self.restart_forgets_bound:
                self.cached[s][p] = self.bound[p]
            if self.bound[p] is None and self.owner[p] == s:
                self.place[p] = Place.ACTIVE

    def recover(self, p: Pod) -> None:
        """After a failed binding: forget what was assumed and try again."""
        if not self.not_forgotten:
            self.forget(p)
        self.retry(p)

    def is_bindable(self, p: Pod) -> bool:
        """Whether the API server would bind a pod now."""
        return self.stage[p] == Stage.PRESENT and (self.bound[p] is None or self.bound_again)

    @abstract
    def forget(self, p: Pod) -> None:
        """Give back the room of an assumed pod."""

    @abstract
    def retry(self, p: Pod) -> None:
        """Back to the queue."""
