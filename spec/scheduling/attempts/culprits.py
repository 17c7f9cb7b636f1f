"""What it is that keeps a pod off a node: which taint, which term, which port and its holder.

The scheduler's own reasons say only which plugin it was. Each function here is asked after its
plugin has rejected the node, and names objects and values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from planespec.spec.objects import Taint, View
from planespec.spec.pods.node_selection import is_tolerated, read_node_selector_term
from planespec.spec.scheduling.attempts.measures import list_shortages
from planespec.spec.scheduling.attempts.pod_culprits import (
    MOST_NAMED,
    More,
    name_affinity_culprits,
    name_spread_culprits,
)
from planespec.spec.scheduling.attempts.volume_culprits import (
    name_binding_culprits,
    name_limit_culprits,
    name_restriction_culprits,
    name_zone_culprits,
)
from planespec.spec.scheduling.devices.device_inventory import is_usable_on
from planespec.spec.scheduling.framework import PreFiltered
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.plugins.dynamic_resources import ClaimState, is_selected
from planespec.spec.scheduling.plugins.node_affinity import REQUIRED
from planespec.spec.scheduling.plugins.node_declared_features import list_missing_features
from planespec.spec.scheduling.plugins.taint_toleration import HARD_EFFECTS
from planespec.spec.scheduling.pod_info import PodInfo, is_port_conflict
from planespec.spec.scheduling.snapshot import Snapshot


def name_culprits(asked: PreFiltered, node: NodeInfo, status: Status) -> Sequence[str]:
    """Say who or what is behind a rejection; empty where the reasons say it all."""
    if status.plugin == "NodeResourcesFit":
        return [each.text for each in list_shortages(asked.pod, node, status)]
    name = _NAMES.get(status.plugin)
    if name is None:
        return ()
    found: list[str] = []
    more = 0
    for each in name(asked.snapshot, asked.pod, asked.states.get(status.plugin), node):
        if isinstance(each, More):
            more += each.left
        elif len(found) < MOST_NAMED:
            found.append(each)
        else:
            more += 1
    return [*found, f"and {more:,} more"] if more else found


def _name_cordon(snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Iterator[str]:
    yield f"node {node.name} is cordoned (spec.unschedulable)"


def _name_node(snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Iterator[str]:
    yield f"the pod asks for node {pod.node_name} (spec.nodeName)"


def _name_taints(snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Iterator[str]:
    for taint in list_untolerated(pod, node):
        yield f"taint {write_taint(taint)} is not tolerated"


def list_untolerated(pod: PodInfo, node: NodeInfo) -> list[Taint]:
    """Return every hard taint of the node that the pod does not tolerate."""
    return [
        taint
        for taint in node.taints
        if taint.effect in HARD_EFFECTS and not is_tolerated(taint, pod.tolerations)
    ]


def write_taint(taint: Taint) -> str:
    """Write a taint as `kubectl taint` does."""
    value = f"={taint.value}" if taint.value else ""
    return f"{taint.key}{value}:{taint.effect}"


def _name_selectors(
    snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo
) -> Iterator[str]:
    """Yield the labels of nodeSelector that differ, and why each required term fails."""
    for key, value in pod.required_node_affinity.labels.items():
        if node.labels.get(key) != value:
            yield f"nodeSelector {key}={value}: {_write_label(node, key)}"
    terms = pod.affinity.view("nodeAffinity").view(REQUIRED).views("nodeSelectorTerms")
    read = pod.required_node_affinity.terms
    if read is None or any(term.matches(node.name, node.labels) for term in read.terms):
        return
    for number, term in enumerate(terms, 1):
        words = "; ".join(_list_failing(term, node)) or "it is empty or cannot be read"
        yield f"node affinity term {number} of {len(terms)}: {words}"


def _list_failing(term: View, node: NodeInfo) -> Iterator[str]:
    for field in ("matchExpressions", "matchFields"):
        for each in term.views(field):
            alone = read_node_selector_term(View({field: [each.data]}), "")
            if not alone.matches(node.name, node.labels):
                values = ", ".join(each.texts("values"))
                key = each.text("key")
                asked = f"{key} {each.text('operator')}" + (f" [{values}]" if values else "")
                is_label = field == "matchExpressions"
                yield f"{asked}: {_write_label(node, key) if is_label else f'it is {node.name}'}"


def _write_label(node: NodeInfo, key: str) -> str:
    return f"the node has {key}={node.labels[key]}" if key in node.labels else "no such label"


def _name_ports(snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Iterator[str]:
    for wanted in pod.host_ports:
        for other in node.pods:
            if is_port_conflict(other.host_ports, wanted):
                yield f"{wanted.protocol} port {wanted.port} is held by pod {other.key}"


def _name_features(
    snapshot: Snapshot, pod: PodInfo, state: frozenset[str], node: NodeInfo
) -> Iterator[str]:
    for name in list_missing_features(state, node):
        yield f"the node does not declare the feature {name}"


def _name_devices(
    snapshot: Snapshot, pod: PodInfo, state: ClaimState, node: NodeInfo
) -> Iterator[str]:
    for name, nodes in state.allocated:
        if nodes is not None and not is_selected(nodes, node):
            yield f"the devices of claim {name} cannot be used on the node"
    for claim in state.waiting:
        for request in claim.requests:
            for each in request:
                number = "all devices" if each.count is None else f"{each.count} of"
                yield f"claim {claim.name}, request {each.name}: {number} class {each.class_name}"
    for name, (class_name, count) in state.extended.items():
        yield f"{name}: {count} of device class {class_name}"
    yield from _name_holders(snapshot, state, node)


def _name_holders(snapshot: Snapshot, state: ClaimState, node: NodeInfo) -> Iterator[str]:
    devices = snapshot.devices
    here = [
        device
        for pool in devices.pools
        for place, device in pool.places
        if is_usable_on(place, node.name, node.labels)
    ]
    if not here:
        yield "the node has no devices"
    for device in here:
        holder = devices.allocated.get(device.id)
        if holder is not None:
            yield f"device {device.id} is held by claim {'/'.join(holder)}"


Namer = Callable[[Snapshot, PodInfo, Any, NodeInfo], Iterable[str | More]]
_NAMES: Mapping[str, Namer] = {
    "NodeUnschedulable": _name_cordon,
    "NodeName": _name_node,
    "TaintToleration": _name_taints,
    "NodeAffinity": _name_selectors,
    "NodePorts": _name_ports,
    "NodeDeclaredFeatures": _name_features,
    "DynamicResources": _name_devices,
    "VolumeRestrictions": name_restriction_culprits,
    "NodeVolumeLimits": name_limit_culprits,
    "VolumeBinding": name_binding_culprits,
    "VolumeZone": name_zone_culprits,
    "PodTopologySpread": name_spread_culprits,
    "InterPodAffinity": name_affinity_culprits,
}
