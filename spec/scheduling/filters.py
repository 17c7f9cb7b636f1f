"""The Filter plugins of the profile by name, in its order, each as a function of pod and node.

A Filter is asked only where its PreFilter neither skipped nor rejected the pod.
"""

from collections.abc import Callable, Mapping

from planespec.spec.scheduling import (
    inter_pod_affinity,
    node_affinity,
    node_name,
    node_ports,
    node_resources_fit,
    node_unschedulable,
    node_volume_limits,
    pod_topology_spread,
    taint_toleration,
    volume_binding,
    volume_restrictions,
    volume_zone,
)
from planespec.spec.scheduling.inter_pod_affinity import filtering as affinity_filtering
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_topology_spread import filtering as spread_filtering
from planespec.spec.scheduling.pre_filter import PreFiltered
from planespec.spec.scheduling.status import SUCCESS, Status
from planespec.spec.scheduling.volume_binding import filtering as volume_filtering

Filter = Callable[[PreFiltered, NodeInfo], Status]


def _check_restrictions(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    state = pre_filtered.restrictions
    if state is None:
        return SUCCESS
    return volume_restrictions.filter_node(state, pre_filtered.pod, node)


def _check_binding(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    claims = pre_filtered.claims
    if claims is None:
        return SUCCESS
    return volume_filtering.filter_node(pre_filtered.snapshot, claims, node)


def _check_spread(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    state = pre_filtered.spread
    return (
        SUCCESS if state is None else spread_filtering.filter_node(state, pre_filtered.pod, node)
    )


def _check_affinity(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    state = pre_filtered.affinity
    if state is None:
        return SUCCESS
    return affinity_filtering.filter_node(state, pre_filtered.pod, node)


FILTERS: Mapping[str, Filter] = {
    node_unschedulable.NAME: lambda pre, node: node_unschedulable.filter_node(pre.pod, node),
    node_name.NAME: lambda pre, node: node_name.filter_node(pre.pod, node),
    taint_toleration.NAME: lambda pre, node: taint_toleration.filter_node(pre.pod, node),
    node_affinity.NAME: lambda pre, node: node_affinity.filter_node(pre.pod, node),
    node_ports.NAME: lambda pre, node: node_ports.filter_node(pre.pod, node),
    node_resources_fit.NAME: lambda pre, node: node_resources_fit.filter_node(pre.pod, node),
    volume_restrictions.NAME: _check_restrictions,
    node_volume_limits.NAME: lambda pre, node: node_volume_limits.filter_node(
        pre.snapshot, pre.pod, node
    ),
    volume_binding.NAME: _check_binding,
    volume_zone.NAME: lambda pre, node: volume_zone.filter_node(pre.topologies, node),
    pod_topology_spread.NAME: _check_spread,
    inter_pod_affinity.NAME: _check_affinity,
}
"""Name to Filter; the order is the profile's, in which the first rejection ends the check."""
