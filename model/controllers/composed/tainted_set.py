"""A StatefulSet on nodes that are tainted: its controller makes again what taint eviction deletes.

Both controllers run in one process, kube-controller-manager, over one cache of pods. The scheduler
is one step with the making: a pod is bound to a node without the taint. Pods become ready, are
deleted by hand, rolled out and scaled as in `controllers.stateful_set`; nodes are tainted as in
`controllers.taint_eviction`, where a stand-in makes the pods.
Source: those of the parts. Left out: what the parts leave out, and that under OWN_WRITES each
controller waits for its own writes only; here it waits for those of both.
"""

from typing import Annotated

from planespec.checker.lang import (
    Domain,
    Fairness,
    Range,
    choose,
    constant,
    instance,
    joint,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.controllers.removal.taint_evictor import TaintEviction
from planespec.model.controllers.workloads.stateful_set import SetControl
from planespec.model.parts.api_store import Name
from planespec.model.parts.informers import Consistency


class TaintedSet(SetControl, TaintEviction):
    """One StatefulSet, and the controller that evicts its pods."""

    held_to = no_recording("the parts are held; what they do together was not recorded")

    names: Domain[Name] = sort(1, at_least=1, at_most=2)
    writes: int = constant(14, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.OWN_WRITES)
    crashes: int = constant(0, at_least=0, at_most=9)
    size: int = constant(1, at_least=0, check="size <= names")

    rushes: int = constant(1, at_least=0, at_most=3)
    """How often a pod is bound where the controller still takes a node to be tainted: a bound."""

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_set[p]": Fairness.WEAK,
        "list_again[p]": Fairness.WEAK,
        "tick": Fairness.WEAK,
    }

    rushed: Annotated[int, Range(0, "rushes")] = 0

    @joint
    def fill_pod(self, n: Name) -> None:
        """The pod is bound."""
        h = choose(self.hosts)
        if not self.tainted[h] and any(
            self.seen_tainted[p][h] or self.taken_tainted[p][h] for p in self.processes
        ):
            require(self.rushed < self.rushes)
            self.rushed += 1
        self.put_on(n, h)

    @property
    def is_calm(self) -> bool:
        """Whether, since all pods were well, nothing but the template changed: no taint, too."""
        return self.is_formed and not self.was_rough and self.came == 0

    @reachable
    def comes_back(self) -> bool:
        """A pod is ready that was made again, while the node of the one before is tainted."""
        return any(self.is_well[n] and self.uid[n] > 1 for n in self.names) and any(
            self.tainted[h] and self.taken_tainted[p][h]
            for p in self.processes
            for h in self.hosts
        )

    @reachable(when="disturbances > 0")
    def timer_outlives_its_pod(self) -> bool:
        """A timer runs for a pod that is gone, though the controller has nothing left to do."""
        return self.is_outlived

    instances = [
        instance("start", disturbances=0, writes=10),
        instance("restart", disturbances=0, writes=10, crashes=1),
        instance("small", slow=True),
    ]
