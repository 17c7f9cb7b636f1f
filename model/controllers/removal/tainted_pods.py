"""Taint eviction of pods that are made again under their name, as a StatefulSet makes them.

The maker is a stand-in: it makes so many pods, and knows at once that a name is free. The real
controller in its place is `controllers.tainted_set`. Source: as in `taint_evictor`.
Left out: readiness.
"""

from typing import Annotated

from planespec.checker.lang import (
    Fairness,
    Range,
    action,
    constant,
    instance,
    joint,
    reachable,
    recording,
    require,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.removal.removal_types import Host
from planespec.model.controllers.removal.taint_evictor import TaintEviction
from planespec.model.parts.api_store import Name
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process


class TaintedPods(TaintEviction):
    """Pods that follow one another under a name, on nodes that are tainted and untainted."""

    held_to = [
        recording(
            "tests/recorded/controllers_rest.jsonl.gz",
            cases=1_500,
            of="the taint eviction controller of Kubernetes 1.36.2",
            part="which timer a pod is given when the taints of its node change",
            test="tests/spec/controllers/removal/test_taint_model_beside_the_rule.py"
            "::test_the_model_decides_as_the_rule_does",
            through="planespec.spec.controllers.taint_eviction",
            conform="controllers_rest",
            kinds=("taint_eviction",),
        )
    ]

    makes: int = constant(2, at_least=1, at_most=4)
    """How many pods are made: a bound."""
    writes: int = constant(6, at_least=1, at_most=20, check="writes >= 3 * makes")

    made: Annotated[int, Range(0, "makes")] = 0

    @action(fair=Fairness.WEAK)
    def make(self, p: Process, n: Name, h: Host) -> None:
        """The workload makes its next pod, which is bound to a node without the taint."""
        require(self.made < self.makes and self.uid[n] == 0)
        self.made += 1
        self.make_pod(p, n)
        self.put_on(n, h)

    @action
    def remove(self, n: Name) -> None:
        """Somebody deletes the pod."""
        require(self.is_active(n))
        self.write_life(n, PodLife.DELETING)

    @joint
    def may_start(self, n: Name) -> bool:
        """Readiness is left out."""
        return False

    @reachable(when="makes > 1")
    def timer_outlives_its_pod(self) -> bool:
        """A timer runs for a pod that is gone, though the controller has nothing left to do."""
        return self.is_outlived

    instances = [
        instance("small", crashes=0),
        instance("told-apart", crashes=0, merges=False),
        instance("failures", crashes=0, makes=1, writes=3, failures=1),
        instance("other-taint", crashes=0, makes=1, writes=3, other_taint=True),
        instance("live", consistency=Consistency.LIVE),
        instance("patient", crashes=0, patience=2),
        instance("crash"),
        instance("two-taints", slow=True, taints=2),
    ]
