"""What the pods of each node take, followed from event to event.

A pod counts once the kubelet has taken it in (it has a start time) until it has ended or is gone.
Before that the kubelet may still refuse it: the pod may have been created with a node name, or two
schedulers may have filled one node at once. So before that a pod that came through a scheduler is
only compared with the whole node.
Source: `pkg/kubelet/kubelet_pods.go`, filterOutInactivePods.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planespec.spec.cluster.cluster_requirements import (
    HOST_PORTS,
    RESOURCE_FIT,
    Reference,
    Violation,
)
from planespec.spec.cluster.steps.change import State
from planespec.spec.objects import Node, Pod
from planespec.spec.pods.resources import compute_allocated_requests
from planespec.spec.requirement import Level, judges
from planespec.spec.scheduling.amounts import PODS, Amounts, build_amounts
from planespec.spec.scheduling.pod_info import HostPort, is_port_conflict, read_host_ports


@dataclass(frozen=True, slots=True)
class Occupant:
    """A pod on a node."""

    reference: Reference
    node: str
    requests: Amounts
    ports: tuple[HostPort, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """What a node offers."""

    reference: Reference
    allocatable: Amounts | None
    """None where the status does not say."""
    pods: int


def is_admitted(state: State) -> bool:
    """Say whether the kubelet has taken the pod in."""
    return state.status.has("startTime") or state.status.text("phase") == "Running"


def read_occupant(reference: Reference, state: State) -> Occupant | None:
    """Return what the pod takes and where; None where it has no node or has ended."""
    node = state.spec.text("nodeName")
    if not node or state.is_terminal:
        return None
    pod = Pod(state.view.data)
    return Occupant(
        reference,
        node,
        build_amounts(compute_allocated_requests(pod)),
        tuple(read_host_ports(pod)),
    )


def read_room(reference: Reference, state: State) -> Room:
    """Read what a node offers; one that has not said so yet offers all that is asked for."""
    node = Node(state.view.data)
    if not node.shows_room:
        return Room(reference, None, 0)
    allocatable = node.allocatable
    pods = allocatable[PODS].value if PODS in allocatable else 0
    return Room(reference, build_amounts(allocatable), pods)


def list_shortages(requested: Amounts, room: Amounts) -> Mapping[str, tuple[int, int]]:
    """Return requested and allocatable of every resource that is short."""
    pairs = {
        "cpu (milli)": (requested.milli_cpu, room.milli_cpu),
        "memory (bytes)": (requested.memory, room.memory),
        "ephemeral-storage (bytes)": (requested.ephemeral_storage, room.ephemeral_storage),
    }
    for name, amount in requested.scalars.items():
        pairs[name] = (amount, room.scalars.get(name, 0))
    return {name: pair for name, pair in pairs.items() if pair[0] > max(pair[1], 0)}


class Occupancy:
    """Nodes and the pods on them."""

    def __init__(self) -> None:
        """Begin with an empty cluster."""
        self.rooms: dict[str, Room] = {}
        self._pods: dict[str, dict[tuple[str, str], Occupant]] = {}
        self._node_of: dict[tuple[str, str], str] = {}

    def place(self, key: tuple[str, str], occupant: Occupant | None) -> Iterator[Violation]:
        """Put a pod on its node or take it away; judge the node it comes to or changes on."""
        before = self._node_of.pop(key, None)
        old = self._pods[before].pop(key) if before is not None else None
        if occupant is None:
            return
        self._node_of[key] = occupant.node
        others = self._pods.setdefault(occupant.node, {})
        is_same = old is not None and (old.node, old.requests, old.ports) == (
            occupant.node,
            occupant.requests,
            occupant.ports,
        )
        if not is_same:
            yield from self._judge_ports(occupant, others)
        others[key] = occupant
        if not is_same:
            yield from self.judge_fit(occupant.node, occupant.reference)

    @judges(Level.LOG, RESOURCE_FIT)
    def judge_alone(self, occupant: Occupant) -> Iterator[Violation]:
        """Compare one pod with the whole of its node."""
        room = self.rooms.get(occupant.node)
        if room is None or room.allocatable is None:
            return
        for name, (asked, offered) in list_shortages(occupant.requests, room.allocatable).items():
            asks = f"bound to node {occupant.node}, requests {asked:,} {name}"
            message = f"{asks}, allocatable is {offered:,}"
            yield RESOURCE_FIT.violated(
                occupant.reference,
                room.reference,
                message=message,
                requested=asked,
                allocatable=offered,
            )

    @judges(Level.LOG, RESOURCE_FIT)
    def judge_fit(self, node: str, by: Reference) -> Iterator[Violation]:
        """Compare the sum of a node's pods with what it offers; `by` made the change."""
        room, pods = self.rooms.get(node), self._pods.get(node, {})
        if room is None or room.allocatable is None:
            return
        requested = sum((each.requests for each in pods.values()), Amounts())
        short = dict(list_shortages(requested, room.allocatable))
        if len(pods) > room.pods:
            short[PODS] = (len(pods), room.pods)
        for name, (asked, offered) in short.items():
            asks = f"{len(pods)} pods on node {node} request {asked:,} {name}"
            message = f"{asks}, allocatable is {offered:,}"
            yield RESOURCE_FIT.violated(
                by, room.reference, message=message, requested=asked, allocatable=offered
            )

    @judges(Level.LOG, HOST_PORTS)
    def _judge_ports(
        self, occupant: Occupant, others: Mapping[tuple[str, str], Occupant]
    ) -> Iterator[Violation]:
        for other in others.values() if occupant.ports else ():
            for port in occupant.ports:
                if is_port_conflict(other.ports, port):
                    message = f"{port.protocol} {port.address}:{port.port} of node {occupant.node}"
                    taken = f"{message} is taken by {other.reference}"
                    yield HOST_PORTS.violated(occupant.reference, other.reference, message=taken)
