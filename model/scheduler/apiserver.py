"""Pods and nodes come and go in the API.

Left out: changes of a pod's spec (requests and ports are immutable), and force deletion.
Source: `apiserver/pkg/registry/rest/delete.go`, BeforeDelete; `pkg/registry/core/pod/strategy.go`.
"""

from planespec.checker.lang import action, require
from planespec.model.scheduler.state import State
from planespec.model.scheduler.types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Place, Stage


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
