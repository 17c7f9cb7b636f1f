"""Kubelets admit the pods bound to their nodes, and end them.

`Nodes` is this part alone: pods are bound to nodes by anybody, in any number.
"""

from planespec.checker.lang import (
    action,
    given,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
)
from planespec.model.scheduler.apiserver import ApiServer
from planespec.model.scheduler.cluster_state import Objects
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.bindings import host_ports, resource_fit
from planespec.spec.scheduling.requirements.observations import Fate, Stage, is_clash


class Kubelet(Objects):
    """One kubelet for each node."""

    kubelet_admits_all: bool = mutant("A kubelet runs whatever is bound to it.")
    kubelet_skips_init: bool = mutant(
        "A kubelet does not count init containers where the scheduler does.", issue="#127868"
    )
    kubelet_skips_ports: bool = mutant("A kubelet does not look at host ports.")

    @action
    def admit(self, p: Pod) -> None:
        """A kubelet hears of a pod bound to its node, and runs or refuses it."""
        self.settle()
        require(self.kubelets)
        n = given(self.bound[p])
        require(self.stage[p] == Stage.PRESENT and self.fate[p] == Fate.WAITING)
        if self.is_admissible(p, n) or self.kubelet_admits_all:
            self.fate[p] = Fate.RUNNING
        else:
            self.fate[p] = Fate.REJECTED
        self.note_pod(p)

    @action
    def finish(self, p: Pod) -> None:
        """The containers of a terminating pod have ended: it leaves the API."""
        self.settle()
        require(self.stage[p] == Stage.TERMINATING)
        self.stage[p] = Stage.GONE
        self.note_pod(p)

    def is_admissible(self, p: Pod, n: Node) -> bool:
        """Whether a pod fits beside what the kubelet runs already."""
        used = sum(self.count_at_kubelet(q) for q in self.pods if self.is_run(q, n))
        return used + self.count_at_kubelet(p) <= self.allocatable and (
            self.kubelet_skips_ports
            or not any(q != p and self.is_run(q, n) and is_clash(self, p, q) for q in self.pods)
        )

    def is_run(self, p: Pod, n: Node) -> bool:
        """Whether the kubelet of a node runs a pod, be it terminating."""
        return self.bound[p] == n and self.fate[p] == Fate.RUNNING and self.stage[p] != Stage.GONE

    def count_at_kubelet(self, p: Pod) -> int:
        """What a pod takes, as the kubelet counts."""
        if self.kubelet_skips_init:
            return self.request[p]
        return max(self.request[p], self.init_request[p])


class Nodes(ApiServer, Kubelet):
    """Kubelets without a scheduler: whatever is bound, what runs on a node fits there."""

    held_to = no_recording("kubelets that refuse pods were not recorded one by one")
    requires = [resource_fit, host_ports]

    def settle(self) -> None:
        """Nobody has to hear of anything."""

    @action
    def bind(self, p: Pod, n: Node) -> None:
        """Somebody binds a pod, whether it fits or not."""
        require(self.stage[p] == Stage.PRESENT and self.bound[p] is None)
        self.bound[p] = n

    @reachable
    def refused(self) -> bool:
        """A pod that does not fit beside another is refused."""
        return any(self.fate[p] == Fate.REJECTED for p in self.pods)

    instances = [
        instance("small", kubelets=True),
        instance("ports", kubelets=True, ports=True, allocatable=2),
    ]
