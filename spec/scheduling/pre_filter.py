"""Run the PreFilter plugins: what each says of the pod, and what it works out for its Filter.

Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreFilterPlugins and the PreFilter
extensions AddPod and RemovePod.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from planespec.spec.scheduling import (
    inter_pod_affinity,
    node_affinity,
    node_ports,
    node_volume_limits,
    pod_topology_spread,
    volume_binding,
    volume_restrictions,
    volume_zone,
)
from planespec.spec.scheduling.inter_pod_affinity import filtering as affinity_filtering
from planespec.spec.scheduling.inter_pod_affinity.filtering import AffinityState
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pod_topology_spread import filtering as spread_filtering
from planespec.spec.scheduling.pod_topology_spread.filtering import SpreadState
from planespec.spec.scheduling.profile import PRE_FILTER_ORDER
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SKIP, SUCCESS, Code, Status
from planespec.spec.scheduling.volume_binding import claims as volume_claims
from planespec.spec.scheduling.volume_binding.claims import PodClaims
from planespec.spec.scheduling.volume_restrictions import RestrictionState
from planespec.spec.scheduling.volume_zone import VolumeTopology


@dataclass(frozen=True, slots=True)
class PreFiltered:
    """One pod in one snapshot, with what the plugins have worked out for all nodes.

    A state of None belongs to a plugin that skipped or rejected the pod.
    """

    snapshot: Snapshot
    pod: PodInfo
    statuses: Mapping[str, Status]
    """What each plugin says alone, in the order of the profile."""
    node_names: frozenset[str] | None
    """The only nodes that come into question; None where all do."""
    restrictions: RestrictionState | None
    claims: PodClaims | None
    topologies: Sequence[VolumeTopology]
    spread: SpreadState | None
    affinity: AffinityState | None
    skipped: frozenset[str]
    """Plugins whose Filter is not called."""

    @property
    def rejection(self) -> Status | None:
        """What the first plugin that rejects the pod says, signed by it; None when none does."""
        for name, status in self.statuses.items():
            if status.code not in (Code.SUCCESS, Code.SKIP):
                return status.by(name)
        return None


def run_pre_filters(snapshot: Snapshot, pod: PodInfo) -> PreFiltered:
    """Ask every PreFilter plugin about `pod`, also those after one that rejects it."""
    wanted, node_names = node_affinity.pre_filter(pod)
    restricted, restrictions = volume_restrictions.pre_filter(snapshot, pod)
    claimed, claims = volume_claims.pre_filter(snapshot, pod)
    zoned, topologies = volume_zone.pre_filter(snapshot, pod)
    spread = spread_filtering.pre_filter(snapshot, pod)
    affinity = affinity_filtering.pre_filter(snapshot, pod)
    statuses = {
        node_affinity.NAME: wanted,
        node_ports.NAME: node_ports.pre_filter(pod),
        volume_restrictions.NAME: restricted,
        node_volume_limits.NAME: node_volume_limits.pre_filter(pod),
        volume_binding.NAME: claimed,
        volume_zone.NAME: zoned,
        pod_topology_spread.NAME: SKIP if spread is None else SUCCESS,
        inter_pod_affinity.NAME: SKIP if affinity is None else SUCCESS,
        "DynamicResources": SKIP,
        "NodeDeclaredFeatures": SKIP,
    }
    ordered = {name: statuses.get(name, SUCCESS) for name in PRE_FILTER_ORDER}
    return PreFiltered(
        snapshot=snapshot,
        pod=pod,
        statuses=ordered,
        node_names=node_names,
        restrictions=restrictions,
        claims=claims,
        topologies=topologies,
        spread=spread,
        affinity=affinity,
        skipped=frozenset(name for name, status in ordered.items() if status.code is Code.SKIP),
    )


def update_with_pod(
    pre_filtered: PreFiltered, other: PodInfo, node: NodeInfo, delta: int
) -> PreFiltered:
    """Return the states with `other` added to (delta 1) or removed from (-1) the node."""
    pod, restrictions = pre_filtered.pod, pre_filtered.restrictions
    spread, affinity = pre_filtered.spread, pre_filtered.affinity
    if restrictions is not None:
        restrictions = volume_restrictions.update(restrictions, other, delta)
    if spread is not None:
        spread = spread_filtering.update(spread, pod, other, node, delta)
    if affinity is not None:
        affinity = affinity_filtering.update(affinity, pod, other, node, delta)
    return replace(pre_filtered, restrictions=restrictions, spread=spread, affinity=affinity)
