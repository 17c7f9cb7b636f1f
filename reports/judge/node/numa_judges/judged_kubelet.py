"""What judges of the managers of a kubelet share: steps that allocate and remove containers."""

from abc import ABC, abstractmethod
from functools import cached_property

from planespec.spec.node.numa.topology import Hint, NumaNodes
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.objects.view import ObjectError, View

Answer = dict[str, object]
"""What was answered to a step, as it is recorded."""


class JudgedKubelet(ABC):
    """A manager under test, and the pods seen so far."""

    @cached_property
    def _pods(self) -> dict[str, Pod]:
        return {}

    @abstractmethod
    def allocate(self, pod: Pod, step: View) -> Answer:
        """Allocate the container of a step, and return what is answered to that."""

    @abstractmethod
    def remove(self, pod: str, container: str) -> None:
        """Take back what the container of a pod, by its uid, has."""

    @abstractmethod
    def write_state(self) -> Answer:
        """Return the state as it is recorded after each step."""

    def step(self, step: View) -> Answer:
        """Do what a step says, and return all that was answered to it."""
        step.needing("op", "pod", "container")
        answer: Answer = {}
        if step.text("op") == "allocate":
            answer = self.allocate(self._find_pod(step), step)
        elif step.text("op") == "remove":
            self.remove(step.text("pod"), step.text("container"))
        else:
            raise ObjectError(step.path("op"), "must be allocate or remove")
        return answer | self.write_state()

    def _find_pod(self, step: View) -> Pod:
        uid = step.text("pod")
        if step.has("spec"):
            data = {"metadata": {"uid": uid}, "spec": step.data["spec"]}
            self._pods[uid] = Pod(data, step.field)
        if uid not in self._pods:
            raise ObjectError(
                step.path("spec"), f"is missing, and no earlier step has it of {uid}"
            )
        return self._pods[uid]


def measure(count: int) -> NumaNodes:
    """A machine of so many NUMA nodes; how far they are from each other is not asked."""
    return NumaNodes(((10,) * count,) * count)


def find_container(pod: Pod, step: View) -> Container:
    """The container that a step names; `init` says among which."""
    containers = pod.init_containers if step.flag("init") else pod.containers
    for container in containers:
        if container.name == step.text("container"):
            return container
    raise ObjectError(step.path("container"), "is not in the pod")


def write_hint(hint: Hint) -> Answer:
    """A hint as it is recorded."""
    nodes = None if hint.nodes is None else sorted(hint.nodes)
    return {"nodes": nodes, "preferred": hint.preferred}
