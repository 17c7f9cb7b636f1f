"""A Deployment, its ReplicaSets and pods, and what its controller hears of them.

The ReplicaSet controller is a coarse part: it makes and deletes pods one at a time, and reports.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    initial,
    require,
    sort,
    table,
)
from planespec.model.parts.informers import Consistency


class Template(Sort):
    """A template of pods; templates that are the same have one ReplicaSet."""


Count = Annotated[int, Range(0, "2 * (replicas + surge)")]


class Strategy(Enum):
    """How old pods give way to new ones."""

    ROLLING = "RollingUpdate"
    RECREATE = "Recreate"


class Rollouts(Model):
    """Users, the ReplicaSet controller, nodes, and what is heard."""

    templates: Domain[Template] = sort(2, at_least=1, at_most=3)
    replicas: int = constant(2, at_least=1, at_most=4)
    surge: int = constant(1, at_least=0, at_most=2)
    unavailable: int = constant(0, at_least=0, check="unavailable <= replicas")
    strategy: Strategy = constant(Strategy.ROLLING, check="surge + unavailable > 0")
    consistency: Consistency = constant(Consistency.MONOTONIC)
    """How old the caches are: as stored, never older than own writes, or any."""
    edits: int = constant(1, at_least=0, at_most=4)
    """How often somebody changes the template."""
    pauses: int = constant(0, at_least=0, at_most=2)
    """How often somebody pauses the Deployment."""
    losses: int = constant(0, at_least=0, at_most=2)
    """How often a pod that was ready is not."""
    crashes: int = constant(0, at_least=0, at_most=2)
    never_ready: Array[Template, bool] = table(each(False))
    """Templates whose pods are never ready."""

    deadlock = False

    template: Template | None = None
    is_paused: bool = False
    size: Array[Template, Count] = each(0)
    reported: Array[Template, Count] = each(0)
    """The pods in the status of a ReplicaSet (`replicas`)."""
    available: Array[Template, Count] = each(0)
    """Those of them that are ready (`availableReplicas`)."""
    pending: Array[Template, Count] = each(0)
    ready: Array[Template, Count] = each(0)
    ending: Array[Template, Count] = each(0)

    seen_template: Template | None = None
    seen_paused: bool = False
    seen_size: Array[Template, Count] = each(0)
    seen_reported: Array[Template, Count] = each(0)
    seen_available: Array[Template, Count] = each(0)
    seen_pods: Array[Template, Count] = each(0)
    """The pods that the controller sees, also those that end."""
    is_newest: Array[Template, bool] = each(True)
    """Whether the version of a ReplicaSet in the cache is the newest."""
    wrote: Array[Template, bool] = each(False)
    """Whether the controller has not heard of its own last write."""

    at_template: Template | None = None
    at_paused: bool = False
    plan: Array[Template, Count | None] = each(None)
    """The sizes that the sync under way has yet to write."""

    is_planned_late: Array[Template, bool] = each(False)
    """Whether the sync has read an old version of a ReplicaSet, or it was written since."""

    edited: Annotated[int, Range(0, "edits")] = 0
    paused: Annotated[int, Range(0, "pauses")] = 0
    lost: Annotated[int, Range(0, "losses")] = 0
    crashed: Annotated[int, Range(0, "crashes")] = 0
    wrote_over: bool = False

    @initial
    def begin(self) -> None:
        """The first template is rolled out, and everybody knows."""
        t = min(self.templates)
        self.template = t
        self.seen_template = t
        self.size[t] = self.replicas
        self.reported[t] = self.replicas
        self.available[t] = self.replicas
        self.ready[t] = self.replicas
        self.seen_size[t] = self.replicas
        self.seen_reported[t] = self.replicas
        self.seen_available[t] = self.replicas
        self.seen_pods[t] = self.replicas

    # Users.

    @action
    def edit(self, t: Template) -> None:
        """Somebody wants another template, or one that was before."""
        require(self.edited < self.edits and self.template != t)
        self.edited += 1
        self.template = t

    @action(when="pauses > 0")
    def pause(self) -> None:
        """Somebody pauses the Deployment."""
        require(self.paused < self.pauses and not self.is_paused)
        self.paused += 1
        self.is_paused = True

    @action(when="pauses > 0")
    def resume(self) -> None:
        """Somebody lets it go on."""
        require(self.is_paused)
        self.is_paused = False

    # The ReplicaSet controller, and nodes.

    @action(fair=Fairness.WEAK, per_instance=True)
    def make_pod(self, t: Template) -> None:
        """A pod is made where there are fewer than wanted."""
        require(self.pending[t] + self.ready[t] < self.size[t])
        self.pending[t] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_pod(self, t: Template) -> None:
        """A pod is marked where there are more than wanted, first one that is not ready."""
        require(self.pending[t] + self.ready[t] > self.size[t])
        if self.pending[t] > 0:
            self.pending[t] -= 1
        else:
            self.ready[t] -= 1
        self.ending[t] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def report(self, t: Template) -> None:
        """The status of a ReplicaSet is written."""
        there = self.pending[t] + self.ready[t]
        require(self.reported[t] != there or self.available[t] != self.ready[t])
        self.reported[t] = there
        self.available[t] = self.ready[t]
        self.is_newest[t] = False
        self.is_planned_late[t] = self.at_template is not None

    @action(fair=Fairness.WEAK, per_instance=True)
    def become_ready(self, t: Template) -> None:
        """A pod is ready."""
        require(self.pending[t] > 0 and not self.never_ready[t])
        self.pending[t] -= 1
        self.ready[t] += 1

    @action(when="losses > 0")
    def become_unready(self, t: Template) -> None:
        """A pod is no longer ready."""
        require(self.lost < self.losses and self.ready[t] > 0)
        self.lost += 1
        self.ready[t] -= 1
        self.pending[t] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def end_pod(self, t: Template) -> None:
        """A pod that is marked has stopped."""
        require(self.ending[t] > 0)
        self.ending[t] -= 1

    # What the controller hears.

    @action(fair=Fairness.WEAK)
    def hear(self) -> None:
        """The controller hears of the Deployment."""
        require(self.seen_template != self.template or self.seen_paused != self.is_paused)
        self.seen_template = self.template
        self.seen_paused = self.is_paused

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_set(self, t: Template) -> None:
        """The controller hears of a ReplicaSet."""
        require(not self.is_newest[t])
        self.read_set(t)

    def read_set(self, t: Template) -> None:
        """The controller knows a ReplicaSet as it is stored."""
        self.is_newest[t] = True
        self.wrote[t] = False
        self.seen_size[t] = self.size[t]
        self.seen_reported[t] = self.reported[t]
        self.seen_available[t] = self.available[t]

    @action(when="strategy.name == 'RECREATE'", fair=Fairness.WEAK, per_instance=True)
    def hear_pods(self, t: Template) -> None:
        """The controller hears of pods."""
        there = self.pending[t] + self.ready[t] + self.ending[t]
        require(self.seen_pods[t] != there)
        self.seen_pods[t] = there

    def look(self) -> None:
        """A controller that reads what is stored knows everything."""
        self.seen_template = self.template
        self.seen_paused = self.is_paused
        for t in self.templates:
            self.read_set(t)
            if self.strategy == Strategy.RECREATE:
                self.seen_pods[t] = self.pending[t] + self.ready[t] + self.ending[t]
