"""Nodes and their taints."""

from dataclasses import dataclass
from functools import cached_property

from planespec.spec.objects.meta import ObjectMeta
from planespec.spec.objects.view import View
from planespec.spec.quantity import Quantity


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


class Node(View):
    """A Node object."""

    @cached_property
    def meta(self) -> ObjectMeta:
        """`metadata`."""
        return ObjectMeta(self.data.get("metadata"), self.path("metadata"))

    @property
    def name(self) -> str:
        """The name of the node."""
        return self.meta.name

    @cached_property
    def spec(self) -> View:
        """`spec`."""
        return self.view("spec")

    @cached_property
    def status(self) -> View:
        """`status`."""
        return self.view("status")

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
        """What pods may request in sum."""
        return self.status.quantities("allocatable")

    @cached_property
    def capacity(self) -> dict[str, Quantity]:
        """What the machine has."""
        return self.status.quantities("capacity")
