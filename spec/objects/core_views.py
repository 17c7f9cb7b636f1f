"""Pods, their containers, resources and tolerations; nodes and their taints."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Toleration:
    """What a pod says about the taints it accepts; empty key or effect means any."""

    key: str
    operator: str
    value: str
    effect: str
    seconds: int | None
    """How long after a NoExecute taint the pod may stay; None is for ever."""


def read_toleration(value: object, field: str = "") -> Toleration:
    """Read a toleration from plain JSON."""
    view = View(value, field)
    return Toleration(
        view.text("key"),
        view.text("operator"),
        view.text("value"),
        view.text("effect"),
        view.integer("tolerationSeconds"),
    )


class ResourceRequirements(View):
    """`resources` of a container, of a pod, or of a container's status."""

    @cached_property
    def requests(self) -> dict[str, Quantity]:
        """What the scheduler sets aside."""
        return self.quantities("requests")

    @cached_property
    def limits(self) -> dict[str, Quantity]:
        """What the kernel enforces."""
        return self.quantities("limits")


class Container(View):
    """A container, init container or sidecar."""

    @property
    def name(self) -> str:
        """The name, unique in its pod."""
        return self.text("name")

    @property
    def image(self) -> str:
        """The image reference."""
        return self.text("image")

    @cached_property
    def resources(self) -> ResourceRequirements:
        """`resources`."""
        return ResourceRequirements(self.data.get("resources"), self.path("resources"))

    @property
    def restarts_always(self) -> bool:
        """Whether `restartPolicy` is Always: among init containers, a sidecar."""
        return self.text("restartPolicy") == "Always"


def list_containers(spec: View) -> Iterator[View]:
    """Yield the containers of every sort in the spec of a pod, those that initialize first."""
    for name in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.views(name)


class Pod(ApiObject):
    """A Pod object."""

    @cached_property
    def containers(self) -> list[Container]:
        """The regular containers."""
        return [Container(view.data, view.field) for view in self.spec.views("containers")]

    @cached_property
    def init_containers(self) -> list[Container]:
        """The init containers in order, sidecars among them."""
        return [Container(view.data, view.field) for view in self.spec.views("initContainers")]

    @cached_property
    def resources(self) -> ResourceRequirements | None:
        """Resources of the pod as a whole, None where the pod does not say."""
        if not self.spec.has("resources"):
            return None
        return ResourceRequirements(self.spec.data["resources"], self.spec.path("resources"))

    @cached_property
    def overhead(self) -> dict[str, Quantity]:
        """What the runtime class adds to the containers."""
        return self.spec.quantities("overhead")

    @cached_property
    def tolerations(self) -> list[Toleration]:
        """The tolerations in the order of the object."""
        return [read_toleration(view.data, view.field) for view in self.spec.views("tolerations")]

    @cached_property
    def node_selector(self) -> dict[str, str]:
        """The labels a node must have."""
        return self.spec.text_map("nodeSelector")

    @property
    def node_name(self) -> str:
        """The node the pod is bound to; empty before that."""
        return self.spec.text("nodeName")

    @property
    def priority(self) -> int | None:
        """The priority that admission has resolved, None where it has not."""
        return self.spec.integer("priority")

    @property
    def priority_class_name(self) -> str:
        """The name of the priority class."""
        return self.spec.text("priorityClassName")

    @property
    def phase(self) -> str:
        """Pending, Running, Succeeded, Failed, Unknown, or empty before the first status."""
        return self.status.text("phase")

    @property
    def is_terminal(self) -> bool:
        """Whether all containers have ended for good."""
        return self.phase in ("Succeeded", "Failed")


# Nodes and their taints.


@dataclass(frozen=True, slots=True)
class Taint:
    """A mark on a node that keeps pods away which do not tolerate it."""

    key: str
    value: str
    effect: str
    """NoSchedule, PreferNoSchedule or NoExecute."""


def read_taint(value: object, field: str = "") -> Taint:
    """Read a taint from plain JSON."""
    view = View(value, field)
    return Taint(view.text("key"), view.text("value"), view.text("effect"))


class Node(ApiObject):
    """A Node object."""

    @property
    def is_unschedulable(self) -> bool:
        """Whether the node is cordoned."""
        return self.spec.flag("unschedulable")

    @cached_property
    def taints(self) -> list[Taint]:
        """The taints in the order of the object."""
        return [read_taint(view.data, view.field) for view in self.spec.views("taints")]

    @cached_property
    def allocatable(self) -> dict[str, Quantity]:
        """What pods may request in sum; capacity where it is missing, as the API server defaults.

        Source: `pkg/apis/core/v1/defaults.go`, SetDefaults_NodeStatus.
        """
        if not self.status.has("allocatable"):
            return self.capacity
        return self.status.quantities("allocatable")

    @property
    def shows_room(self) -> bool:
        """Whether the status says what pods may request; one that was cut does not."""
        return self.status.has("allocatable") or self.status.has("capacity")

    @cached_property
    def capacity(self) -> dict[str, Quantity]:
        """What the machine has."""
        return self.status.quantities("capacity")
