"""The controller that configures priority levels, when its server stops.

Run starts a worker and waits for the server to stop; then it shuts the worker's queue down and
returns. The worker takes what is in the queue, a hint that something changed, until the queue is
shut down and empty. A failed attempt is put into the queue again, which a queue that is shut down
does not accept.

Source: apiserver/pkg/util/flowcontrol/apf_controller.go (Run, runWorker, processNextWorkItem) and
client-go/util/workqueue/queue.go, v1.36. Left out: caches that are not filled yet, and pauses.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Fairness,
    Model,
    Range,
    action,
    constant,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
)
from planespec.spec.api.flow_control.flow_requirements import stopping_ends


class Worker(Enum):
    """What the worker does."""

    NEW = "is about to begin"
    WAITS = "waits for the queue"
    WORKS = "reads the configuration"
    ENDED = "has ended"


class FlowShutdown(Model):
    """Changes come, attempts fail, and at some time the server stops."""

    held_to = no_recording("no recorded server was stopped while its configuration changed")

    changes: int = constant(2, at_least=0, at_most=9)

    work_inline: bool = mutant(
        "Run does the worker's work itself, and shuts the queue down when that has ended.",
        issue="kubernetes#97323",
    )
    leave_queue: bool = mutant(
        "Run returns and leaves the queue as it is.", issue="kubernetes#110057"
    )

    deadlock = False

    is_stopping: bool = False
    """Whether the server was told to stop."""
    is_shut_down: bool = False
    """Whether the queue is."""
    has_returned: bool = False
    """Whether Run has."""
    is_pending: bool = False
    """Whether the hint is in the queue."""
    worker: Worker = Worker.NEW
    changed: Annotated[int, Range(0, "changes")] = 0

    requires = [stopping_ends]

    @action
    def change(self) -> None:
        """A priority level or a flow schema changes."""
        require(self.changed < self.changes)
        self.changed += 1
        self.put_in_queue()

    @action
    def stop(self) -> None:
        """The server is told to stop."""
        require(not self.is_stopping)
        self.is_stopping = True

    @action(fair=Fairness.WEAK)
    def begin(self) -> None:
        """The worker begins, unless the server stops already."""
        require(self.worker == Worker.NEW)
        self.worker = Worker.ENDED if self.is_stopping else Worker.WAITS

    @action(fair=Fairness.WEAK)
    def take(self) -> None:
        """The worker takes the hint."""
        require(self.worker == Worker.WAITS and self.is_pending)
        self.is_pending = False
        self.worker = Worker.WORKS

    @action(fair=Fairness.WEAK)
    def succeed(self) -> None:
        """The configuration is in force."""
        require(self.worker == Worker.WORKS)
        self.worker = Worker.WAITS

    @action
    def fail(self) -> None:
        """The attempt fails, and is to be made again."""
        require(self.worker == Worker.WORKS)
        self.worker = Worker.WAITS
        self.put_in_queue()

    @action(fair=Fairness.WEAK)
    def end(self) -> None:
        """The worker finds the queue empty and shut down."""
        require(self.worker == Worker.WAITS and self.is_shut_down and not self.is_pending)
        self.worker = Worker.ENDED

    @action(fair=Fairness.WEAK)
    def end_run(self) -> None:
        """Run shuts the queue down and returns."""
        require(self.is_stopping and not self.has_returned)
        require(not self.work_inline or self.worker == Worker.ENDED)
        self.is_shut_down = not self.leave_queue
        self.has_returned = True

    def put_in_queue(self) -> None:
        """The queue takes the hint once, and not at all when it is shut down."""
        self.is_pending = self.is_pending or not self.is_shut_down

    @property
    def has_ended(self) -> bool:
        """Whether neither Run nor its worker goes on."""
        return self.has_returned and self.worker == Worker.ENDED

    @reachable
    def works_while_stopping(self) -> bool:
        """The worker is still at work when the server is told to stop."""
        return self.is_stopping and self.worker == Worker.WORKS

    instances = [instance("few-changes"), instance("many-changes", changes=9)]
