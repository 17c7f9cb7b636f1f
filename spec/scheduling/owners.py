"""Services and controllers, from which a pod's peers are told.

Source: `pkg/scheduler/framework/plugins/helper/spread.go`, DefaultSelector and GetPodServices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planespec.spec.labels import EVERYTHING, Selector, SelectorError, read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import Pod, View

Key = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Owners:
    """Services by namespace, and controllers by kind, namespace and name."""

    services: Mapping[str, list[Mapping[str, str]]] = field(default_factory=dict)
    """The selectors of the services of each namespace that have one."""
    replication_controllers: Mapping[Key, View] = field(default_factory=dict)
    replica_sets: Mapping[Key, View] = field(default_factory=dict)
    stateful_sets: Mapping[Key, View] = field(default_factory=dict)

    def get_peer_selector(self, pod: Pod) -> Selector:
        """Return the merged selectors of the pod's services and controller.

        Of services that select the same key the last one counts. A pod of neither gets the empty
        selector.
        """
        namespace, labels = pod.meta.namespace or "default", pod.meta.labels
        exact: dict[str, str] = {}
        for wanted in self.services.get(namespace, ()):
            if all(labels.get(key) == value for key, value in wanted.items()):
                exact |= wanted
        kind, name = _get_controller(pod)
        key = (namespace, name)
        if kind == ("v1", "ReplicationController") and key in self.replication_controllers:
            exact |= self.replication_controllers[key].view("spec").text_map("selector")
        selector = select_exactly(exact)
        if kind == ("apps/v1", "ReplicaSet"):
            owner = _read_selector(self.replica_sets.get(key))
        elif kind == ("apps/v1", "StatefulSet"):
            owner = _read_selector(self.stateful_sets.get(key))
        else:
            owner = EVERYTHING
        return selector.with_requirements(owner.requirements)


def _get_controller(pod: Pod) -> tuple[tuple[str, str], str]:
    """Return API version and kind, and name, of the owner that controls the pod."""
    for reference in pod.meta.views("ownerReferences"):
        if reference.flag("controller"):
            kind = (reference.text("apiVersion"), reference.text("kind"))
            return kind, reference.text("name")
    return ("", ""), ""


def _read_selector(owner: View | None) -> Selector:
    """Read the controller's selector; one that is not there or cannot be read adds nothing."""
    if owner is None:
        return EVERYTHING
    spec = owner.view("spec")
    try:
        return read_label_selector(spec.data.get("selector"), spec.path("selector"))
    except SelectorError:
        return EVERYTHING
