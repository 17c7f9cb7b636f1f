"""A webhook that calls the API server back while the server waits for it.

A request that the webhook guards keeps its seats until the webhook answers; the webhook first
sends a request of its own, which passes priority and fairness like any other. It must be of
another level: else all seats may be held by requests that wait for one that waits for a seat.
When the webhook's request is refused, its call fails, and the guarded request ends in an error.

Source: the Kubernetes documentation, "API Priority and Fairness", Recursive server scenarios;
KEP-1040, priority inversions.
"""

from planespec.checker.lang import (
    Array,
    Fairness,
    action,
    choose,
    constant,
    each,
    joint,
    mutant,
    only,
    require,
    table,
)
from planespec.model.apiserver.flow_queues import Count, Flow, FlowQueues, Level, Queue


class FlowCallback(FlowQueues):
    """Guarded requests wait for requests of a webhook."""

    calls_back: bool = constant(default=False)
    guarded: Array[Flow, bool] = table([False, False])
    """Flows whose requests a webhook looks at."""
    hooks: set[Flow] = table([])
    """Flows of the webhook itself."""
    share_level: bool = mutant(
        "The webhook's own requests are of the level that it guards.",
        issue="enhancements#861, kubernetes#94907",
        when="calls_back",
    )

    due: Array[Flow, Count] = only(each(0), when="calls_back")
    """Running requests of a flow whose webhook has not called back yet."""
    called: Array[Flow, Count] = only(each(0), when="calls_back")
    """Running requests of a flow that wait for a request of the webhook."""

    @action(when="calls_back", fair=Fairness.WEAK, per_instance=True)
    def call_back(self, f: Flow, hook: Flow, q: Queue) -> None:
        """The webhook sends its request, which may be refused: then the call has failed."""
        require(self.is_settled() and self.due[f] > 0 and hook in self.hooks)
        hand = self.hands[f] if self.share_level else self.hands[hook]
        require(q in hand and self.is_shortest(q, hand))
        self.due[f] -= 1
        if not self.is_refused(hook, q):
            self.called[f] += 1
            self.take_in(hook, q)

    @joint
    def may_arrive(self, f: Flow) -> bool:
        """The webhook sends no requests of its own accord."""
        return f not in self.hooks

    @joint
    def note_start(self, f: Flow) -> None:
        """The webhook is called."""
        if self.calls_back and self.guarded[f]:
            self.due[f] += 1

    @joint
    def may_finish(self, q: Queue, f: Flow) -> bool:
        """A guarded request ends when the webhook has answered."""
        return (
            not self.calls_back
            or not self.guarded[f]
            or self.due[f] + self.called[f] < sum(self.running[p].count(f) for p in self.queues)
        )

    @joint
    def note_end(self, f: Flow) -> None:
        """The webhook has what it wanted, or an error: it answers."""
        if self.calls_back and f in self.hooks:
            asking = choose(self.flows)
            require(self.called[asking] > 0)
            self.called[asking] -= 1

    @property
    def stuck(self) -> set[Level]:
        """Levels whose seats are all held by requests that wait for one which waits there."""
        return {
            level
            for level in self.levels
            if not self.exempt[level]
            and self.in_use[level] >= self.seats[level]
            and self.running_in[level] > 0
            and all(
                self.home[q] != level or all(self.is_calling(f) for f in self.running[q])
                for q in self.queues
            )
            and any(
                self.home[q] == level and any(each.flow in self.hooks for each in self.waiting[q])
                for q in self.queues
            )
        }

    def is_calling(self, f: Flow) -> bool:
        """Whether every running request of a flow waits for the webhook's."""
        return self.guarded[f] and self.called[f] == sum(
            self.running[q].count(f) for q in self.queues
        )
