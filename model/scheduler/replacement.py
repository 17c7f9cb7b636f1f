"""A controller, and a kubelet that refuses its pods: how fast are they replaced?

The pods name their node themselves, so that no scheduler looks at them; the kubelet finds that
they do not fit and lets them fail; the controller makes another. With a backoff that doubles after
every failure the rate is bounded. Left out: the deletion of failed pods, and several replicas.
Source: `pkg/kubelet/lifecycle/predicate.go`; the backoff is that of Jobs
(`pkg/controller/job/backoff_utils.go`); ReplicaSets have none, which is the mutant.
"""

from typing import Annotated

from planespec.checker.lang import (
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
from planespec.model.parts.work_queue import longer
from planespec.spec.scheduling.requirements.leadership import replacement_is_slow

Count = Annotated[int, Range(0, "burst + 1")]
Ticks = Annotated[int, Range(0, "max_backoff")]


class Replacement(Model):
    """One replica, one node."""

    held_to = no_recording(
        "the recorded loops of refused pods (11_nodename_taint_loop) hold the audit; no test "
        "compares the model with them"
    )

    max_backoff: int = constant(4, at_least=1, at_most=16)
    """Ticks that a controller waits at most."""
    burst: int = constant(1, at_least=1, at_most=9)

    no_backoff: bool = mutant(
        "A controller replaces a failed pod at once, however often.", issue="#66381"
    )

    deadlock = False

    waiting: bool = False
    """A pod is there that the kubelet has not looked at."""
    running: bool = False
    node_has_room: bool = False
    wait: Ticks = 0
    """Ticks until the controller replaces a pod."""
    backoff: Ticks = 0
    """How long it waited the last time."""
    created: Count = 0

    requires = [replacement_is_slow]

    @action
    def create(self) -> None:
        """The controller misses its replica and makes a pod."""
        require(not self.waiting and not self.running and self.wait == 0)
        self.waiting = True
        if self.created <= self.burst:
            self.created += 1

    @action
    def admit(self) -> None:
        """The kubelet runs the pod; the controller forgets its failures."""
        require(self.waiting and self.node_has_room)
        self.waiting = False
        self.running = True
        self.backoff = 0

    @action
    def refuse(self) -> None:
        """The kubelet lets the pod fail, and the controller waits longer than the last time."""
        require(self.waiting and not self.node_has_room)
        self.waiting = False
        if not self.no_backoff:
            self.backoff = longer(self.backoff, self.max_backoff)
            self.wait = self.backoff

    @action
    def change_room(self) -> None:
        """Other pods come to the node, or go."""
        self.node_has_room = not self.node_has_room

    @action
    def tick(self) -> None:
        """Time goes on."""
        self.created = 0
        self.wait = max(0, self.wait - 1)

    @reachable
    def waits_longest(self) -> bool:
        """The controller waits as long as it ever does."""
        return self.wait == self.max_backoff

    @reachable
    def runs_at_last(self) -> bool:
        """A pod runs after others were refused."""
        return self.running

    instances = [
        instance("defaults"),
        instance("long-backoff", max_backoff=16, burst=2),
    ]
