"""Spread constraints of a pod, and the cluster's defaults for pods that have none.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/{common,plugin}.go`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planespec.spec.labels import Selector, read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import View
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
DEFAULT_SKEWS = ((HOSTNAME, 3), (ZONE, 5))
"""The cluster's default constraints, both soft: topology key and maxSkew."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint with its defaults filled in."""

    max_skew: int
    topology_key: str
    selector: Selector
    min_domains: int = 1
    honors_node_affinity: bool = True
    honors_node_taints: bool = False


def build_hard_constraints(pod: PodInfo) -> Sequence[Constraint]:
    """Return the constraints with whenUnsatisfiable DoNotSchedule; the defaults have none."""
    return _read_constraints(pod, "DoNotSchedule")


def build_soft_constraints(pod: PodInfo, snapshot: Snapshot) -> Sequence[Constraint]:
    """Return the constraints with ScheduleAnyway; the defaults where the pod has none at all.

    The defaults spread the pods of the services and the controller that `pod` belongs to; a pod
    of neither has no defaults.
    """
    if pod.has_spread_constraints:
        return _read_constraints(pod, "ScheduleAnyway")
    selector = snapshot.get_default_selector(pod)
    if selector.is_empty:
        return ()
    return [Constraint(skew, key, selector) for key, skew in DEFAULT_SKEWS]


def _read_constraints(pod: PodInfo, action: str) -> Sequence[Constraint]:
    return [
        Constraint(
            max_skew=view.integer("maxSkew") or 0,
            topology_key=view.text("topologyKey"),
            selector=_read_selector(view, pod),
            min_domains=1 if (count := view.integer("minDomains")) is None else count,
            honors_node_affinity=view.text("nodeAffinityPolicy") in ("", "Honor"),
            honors_node_taints=view.text("nodeTaintsPolicy") == "Honor",
        )
        for view in pod.spread_constraint_views
        if view.text("whenUnsatisfiable") == action
    ]


def _read_selector(view: View, pod: PodInfo) -> Selector:
    """Return the selector narrowed to the pod's own values of matchLabelKeys it carries.

    A constraint without a selector, which matches nothing, becomes one of only those values.
    """
    selector = read_label_selector(view.data.get("labelSelector"), view.path("labelSelector"))
    own = {key: pod.labels[key] for key in view.texts("matchLabelKeys") if key in pod.labels}
    if not own:
        return selector
    return select_exactly(own).with_requirements(selector.requirements)
