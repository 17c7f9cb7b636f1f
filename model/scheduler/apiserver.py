"""Pods and nodes come and go in the API."""

from planespec.checker.lang import action, require
from planespec.model.scheduler.cluster_state import Objects
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.observations import Stage


class ApiServer(Objects):
    """What users do."""

    @action
    def create_pod(self, p: Pod) -> None:
        """A user creates a pod."""
        self.settle()
        require(self.stage[p] == Stage.ABSENT)
        self.stage[p] = Stage.PRESENT
        self.note_pod(p)

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
        self.note_pod(p)
