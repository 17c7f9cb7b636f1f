"""Pods and nodes come and go in the API; kubelets admit bound pods and end them."""

from planespec.checker.lang import action, mutant, require
from planespec.model.scheduler.cluster_state import State
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage, is_clash


class ApiServer(State):
    """What users do."""

    @action
    def create_pod(self, p: Pod) -> None:
        """A user creates a pod."""
        self.settle()
        require(self.stage[p] == Stage.ABSENT)
        self.stage[p] = Stage.PRESENT

    @action
    def delete_pod(self, p: Pod) -> None:
        """A user deletes a pod; it is gone at once unless a kubelet has to end it."""
        self.settle()
        require(self.deletes and self.stage[p] == Stage.PRESENT)
        self.delete(p)

    @action
    def delete_node(self, n: Node) -> None:
        """A node is taken out of the cluster; the pods bound to it stay bound."""
        self.settle()
        require(self.node_changes and self.node_exists[n])
        self.node_exists[n] = False

    @action
    def add_node(self, n: Node) -> None:
        """A node of the same name joins."""
        self.settle()
        require(not self.node_exists[n])
        self.node_exists[n] = True

    def delete(self, p: Pod) -> None:
        """The API deletes a pod, gracefully where it is bound."""
        if self.bound[p] is None:
            self.stage[p] = Stage.GONE
        else:
            self.stage[p] = Stage.TERMINATING

    def settle(self) -> None:
        """Let nothing else happen before informers know everything, unless they may lag."""
        if not self.lag:
            require(
                all(
                    self.seen_stage[s][p] == self.stage[p]
                    and self.seen_bound[s][p] == self.bound[p]
                    and self.seen_fate[s][p] == self.fate[p]
                    for s in self.schedulers
                    for p in self.pods
                )
            )
            require(
                all(
                    self.seen_node[s][n] == self.node_exists[n]
                    for s in self.schedulers
                    for n in self.nodes
                )
            )

    def owner_of(self, p: Pod) -> Scheduler:
        """The scheduler that a pod names."""
        s = self.owner[p]
        assert s is not None
        return s

    def is_waiting(self, p: Pod) -> bool:
        """Whether a pod waits in the queue."""
        return self.place[p] in (Place.ACTIVE, Place.BACKOFF, Place.UNSCHEDULABLE)


class Kubelet(ApiServer):
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
        n = self.bound[p]
        require(self.kubelets and n is not None)
        assert n is not None
        require(self.stage[p] == Stage.PRESENT and self.fate[p] == Fate.WAITING)
        if self.is_admissible(p, n) or self.kubelet_admits_all:
            self.fate[p] = Fate.RUNNING
        else:
            self.fate[p] = Fate.REJECTED

    @action
    def finish(self, p: Pod) -> None:
        """The containers of a terminating pod have ended: it leaves the API."""
        self.settle()
        require(self.stage[p] == Stage.TERMINATING)
        self.stage[p] = Stage.GONE

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
