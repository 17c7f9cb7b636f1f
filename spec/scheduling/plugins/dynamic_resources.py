"""DynamicResources: the pod's resource claims have their devices, or get them on the node.

Extended resources that a device class serves are claims, too, on nodes that do not offer them
themselves. Of the scores the prioritised lists of requests are left out: every node gets 0.
Source: `pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.objects import ObjectMeta, View
from planespec.spec.pods.node_selection import NodeSelector, read_node_selector
from planespec.spec.scheduling.devices.allocator import Allocation, Assignment
from planespec.spec.scheduling.devices.device_inventory import Devices, FailedSelectorError
from planespec.spec.scheduling.devices.device_requests import (
    DeviceClaim,
    NoClassError,
    make_implicit_claim,
    read_device_claim,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SUCCESS,
    Plugin,
    PluginScores,
    Prepared,
    Status,
    error,
    unresolvable,
    unschedulable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

ELSEWHERE = unschedulable("resourceclaim not available on the node")
CANNOT_ALLOCATE = unschedulable("cannot allocate all claims")
MOST_USERS = 256
"""Pods that may share one claim."""


@dataclass(frozen=True)
class ClaimState:
    """The claims of a pod."""

    allocated: Sequence[tuple[str, NodeSelector | None]]
    """Names of claims that hold devices, and the nodes on which those can be used."""
    waiting: Sequence[DeviceClaim]
    extended: Mapping[str, tuple[str, int]]
    """Extended resources that a class serves: class and number."""


class DynamicResources(Plugin[ClaimState]):
    """spec.resourceClaims, and extended resources served by devices."""

    name = "DynamicResources"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[ClaimState]:
        """Look up the claims; skip pods that need no device."""
        extended = list_served_resources(snapshot.devices, pod)
        if not extended and not pod.pod.spec.has("resourceClaims"):
            return Prepared.of(None)
        allocated, waiting = [], []
        try:
            for name, claim in find_claims(snapshot.devices, pod):
                if claim is None:
                    return Prepared(unresolvable(name))
                status = claim.view("status")
                if not status.has("allocation"):
                    spec = claim.view("spec")
                    waiting.append(read_device_claim(name, spec, snapshot.devices.classes))
                    continue
                if _is_full(status, pod):
                    return Prepared(unschedulable("resourceclaim in use"))
                allocated.append((name, _read_nodes(status.view("allocation"))))
        except NoClassError as missing:
            return Prepared(unresolvable(str(missing)))
        return Prepared.of(ClaimState(allocated, waiting, extended))

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: ClaimState, node: NodeInfo
    ) -> Status:
        """Reject a node that cannot use the devices of a claim, or lacks devices for one."""
        for _, nodes in state.allocated:
            if nodes is not None and not is_selected(nodes, node):
                return ELSEWHERE
        try:
            found = allocate(snapshot.devices, state, node)
        except FailedSelectorError as failed:
            return error(str(failed))
        return CANNOT_ALLOCATE if found is None else SUCCESS

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores:
        """Give every node 0."""
        raw = {node.name: 0 for node in candidates}
        return PluginScores(raw, raw)


def allocate(devices: Devices, state: ClaimState, node: NodeInfo) -> Sequence[Assignment] | None:
    """Return the devices the pod gets on the node; None where they do not suffice.

    Raises UnsupportedSelectorError for what is not modelled.
    """
    claims = [*state.waiting]
    offered = node.allocatable.scalars
    implicit = {name: each for name, each in state.extended.items() if name not in offered}
    if implicit:
        claims.append(make_implicit_claim(implicit, devices.classes))
    return Allocation(devices, node.name, node.labels).allocate(claims) if claims else ()


def list_served_resources(devices: Devices, pod: PodInfo) -> Mapping[str, tuple[str, int]]:
    """Return the extended resources of the pod that a device class serves: class and number."""
    if not devices.classes:
        return {}
    served = devices.extended_resources
    wanted = pod.requests.scalars
    return {name: (served[name], count) for name, count in wanted.items() if name in served}


def find_claims(devices: Devices, pod: PodInfo) -> Sequence[tuple[str, View | None]]:
    """Return the claims of the pod by name; for one that cannot be used upstream's reason, None.

    A claim made from a template has the name that the status says.
    """
    made = {
        each.text("name"): each.text("resourceClaimName")
        for each in pod.pod.status.views("resourceClaimStatuses")
        if each.has("resourceClaimName")
    }
    found: list[tuple[str, View | None]] = []
    for each in pod.pod.spec.views("resourceClaims"):
        name = each.text("resourceClaimName") or made.get(each.text("name"), "")
        claim = devices.claims.get((pod.namespace, name))
        if not name:
            found.append((f'pod "{pod.key}": ResourceClaim not created yet', None))
        elif claim is None:
            found.append((f'could not find v1.ResourceClaim "{pod.namespace}/{name}"', None))
        elif ObjectMeta(claim.data.get("metadata"), "metadata").is_deleting:
            found.append((f'resourceclaim "{name}" is being deleted', None))
        else:
            found.append((name, claim))
    return found


def is_selected(nodes: NodeSelector, node: NodeInfo) -> bool:
    """Tell whether devices with this node selector can be used on the node."""
    return any(term.matches(node.name, node.labels) for term in nodes.terms)


def _is_full(status: View, pod: PodInfo) -> bool:
    users = status.views("reservedFor")
    own = pod.pod.meta.uid
    return len(users) >= MOST_USERS and all(user.text("uid") != own for user in users)


def _read_nodes(allocation: View) -> NodeSelector | None:
    if not allocation.has("nodeSelector"):
        return None
    return read_node_selector(allocation.data["nodeSelector"], allocation.path("nodeSelector"))
