"""The hard constraints (whenUnsatisfiable DoNotSchedule): the skew stays within maxSkew.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/filtering.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.labels import Selector, read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import View
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Status, unresolvable, unschedulable
from planespec.spec.scheduling.plugins.taint_toleration import find_untolerated_hard_taint
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


def has_all_keys(node: NodeInfo, constraints: Sequence[Constraint]) -> bool:
    """Tell whether the node carries the topology key of every constraint; others do not count."""
    labels = node.labels
    return all(constraint.topology_key in labels for constraint in constraints)


def is_node_included(constraint: Constraint, pod: PodInfo, node: NodeInfo) -> bool:
    """Tell whether the constraint's inclusion policies count the node for this pod.

    nodeAffinityPolicy Honor leaves out nodes the pod's node selector and required affinity
    exclude; nodeTaintsPolicy Honor leaves out nodes with taints the pod does not tolerate.
    """
    if constraint.honors_node_affinity and not pod.required_node_affinity.matches(
        node.name, node.labels
    ):
        return False
    return not constraint.honors_node_taints or find_untolerated_hard_taint(pod, node) is None


def count_matching_pods(constraint: Constraint, namespace: str, node: NodeInfo) -> int:
    """Return how many pods of `namespace` on the node the constraint's selector matches.

    An empty selector counts nothing, and pods that are being deleted do not count (#87621).
    """
    selector = constraint.selector
    if selector.is_empty:
        return 0
    return sum(
        other.namespace == namespace
        and not other.is_terminating
        and selector.matches(other.labels)
        for other in node.pods
    )


MISMATCH = "node(s) didn't match pod topology spread constraints"
TOO_SKEWED = unschedulable(MISMATCH)
MISSING_KEY = unresolvable(f"{MISMATCH} (missing required label)")


@dataclass(frozen=True, slots=True)
class SpreadState:
    """The pods each hard constraint counts in each domain of the cluster."""

    constraints: Sequence[Constraint]
    counts: Sequence[Mapping[str, int]]
    """For each constraint: domain, that is value of the topology key, to matching pods."""


def pre_filter(snapshot: Snapshot, pod: PodInfo) -> SpreadState | None:
    """Count the domains of every hard constraint; None when the pod has none."""
    constraints = build_hard_constraints(pod)
    if not constraints:
        return None
    counts: list[dict[str, int]] = [{} for _ in constraints]
    for node in snapshot.nodes.values():
        if has_all_keys(node, constraints):
            for constraint, by_domain in zip(constraints, counts, strict=True):
                if is_node_included(constraint, pod, node):
                    domain = node.labels[constraint.topology_key]
                    matching = count_matching_pods(constraint, pod.namespace, node)
                    by_domain[domain] = by_domain.get(domain, 0) + matching
    return SpreadState(constraints, counts)


def update(
    state: SpreadState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
) -> SpreadState:
    """Return the state with `other` added to (delta 1) or removed from (-1) the node.

    Unlike the first count this one does not leave out pods that are being deleted, as upstream.
    """
    if other.namespace != pod.namespace or not has_all_keys(node, state.constraints):
        return state
    counts = list(state.counts)
    for index, constraint in enumerate(state.constraints):
        if constraint.selector.matches(other.labels) and is_node_included(constraint, pod, node):
            domain = node.labels[constraint.topology_key]
            counts[index] = {**counts[index], domain: counts[index].get(domain, 0) + delta}
    return SpreadState(state.constraints, counts)


def filter_node(state: SpreadState, pod: PodInfo, node: NodeInfo) -> Status:
    """Reject a node without the topology key, or one that would raise a skew above maxSkew.

    skew = matching pods of the node's domain + (1 if the pod matches itself) - the minimum over
    all domains; the minimum counts as 0 while there are fewer than minDomains domains.
    """
    for constraint, by_domain in zip(state.constraints, state.counts, strict=True):
        domain = node.labels.get(constraint.topology_key)
        if domain is None:
            return MISSING_KEY
        if get_skew(constraint, by_domain, pod, domain)[0] > constraint.max_skew:
            return TOO_SKEWED
    return SUCCESS


def get_skew(
    constraint: Constraint, by_domain: Mapping[str, int], pod: PodInfo, domain: str
) -> tuple[int, int]:
    """Return the skew with the pod placed in `domain`, and the minimum it is measured from."""
    itself = constraint.selector.matches(pod.labels)
    least = _global_minimum(constraint, by_domain)
    return by_domain.get(domain, 0) + itself - least, least


def _global_minimum(constraint: Constraint, by_domain: Mapping[str, int]) -> int:
    if len(by_domain) < constraint.min_domains:
        return 0
    return min(by_domain.values(), default=0)
