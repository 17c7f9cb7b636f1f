"""How long a request may wait in a queue of its priority level.

Source: apiserver/pkg/util/flowcontrol/fairqueuing/queueset/queuewait.go, v1.36: a quarter of what
is left until the request's deadline, 15 s where it has none; then it is taken out and answered
429. Here all wait alike. Whoever has waited that long is gone before the clock goes on.
"""

from planespec.checker.lang import Fairness, action, joint, mutant, replace, require
from planespec.model.apiserver.flow_queues import FlowQueues, Queue


class FlowWaiting(FlowQueues):
    """Time passes for those who wait."""

    look_on_arrival: bool = mutant(
        "Who waits too long is only looked for when another request comes to the queue.",
        issue="kubernetes#119799",
        when="wait_limit > 0",
    )

    @action(when="wait_limit > 0", fair=Fairness.WEAK)
    def tick(self) -> None:
        """Time passes."""
        require(self.is_settled() and any(len(self.waiting[q]) > 0 for q in self.queues))
        require(self.look_on_arrival or not any(self.is_late(q) for q in self.queues))
        for q in self.queues:
            self.waiting[q] = [
                replace(each, age=min(each.age + 1, self.wait_limit + 1))
                for each in self.waiting[q]
            ]

    @action(when="wait_limit > 0", fair=Fairness.WEAK, per_instance=True)
    def expire(self, q: Queue) -> None:
        """The oldest request of a queue has waited too long: it is answered 429."""
        require(self.is_settled() and self.is_late(q) and not self.look_on_arrival)
        self.refuse_oldest(q)

    @joint
    def note_arrival(self, q: Queue) -> None:
        """Before 1.29, requests that had waited too long were taken out here."""
        if self.look_on_arrival and self.is_late(q):
            self.refuse_oldest(q)

    def is_late(self, q: Queue) -> bool:
        """Whether the oldest request of a queue has waited as long as it may."""
        return (
            self.wait_limit > 0
            and len(self.waiting[q]) > 0
            and self.waiting[q][0].age >= self.wait_limit
        )

    def refuse_oldest(self, q: Queue) -> None:
        """Take a request out of its queue; the next one is at its head."""
        request = self.waiting[q].pop(0)
        self.passed[q] = 0
        self.bound(q)
        self.rest(q)
        self.note_end(request.flow)
