"""What a pod asks for beside what a node has, in the units in which the pod was written."""

from collections.abc import Sequence
from dataclasses import dataclass

from planespec.spec.pods.resources import compute_pod_requests
from planespec.spec.quantity import Quantity
from planespec.spec.quantity.quantity import Format
from planespec.spec.scheduling.amounts import CPU, EPHEMERAL_STORAGE, MEMORY, PODS
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.plugins.node_resources_fit import TOO_MANY_PODS
from planespec.spec.scheduling.pod_info import PodInfo

_MILLI = -3


@dataclass(frozen=True)
class Shortage:
    """A resource that does not suffice; cpu in thousandths, the rest in bytes or pieces."""

    resource: str
    asked: int
    free: int
    allocatable: int
    text: str
    """The same for people, in the unit the pod was written in."""


def list_shortages(pod: PodInfo, node: NodeInfo, status: Status) -> Sequence[Shortage]:
    """Return what is short on a node that NodeResourcesFit rejected with this status."""
    found = []
    if TOO_MANY_PODS in status.reasons:
        free = node.allowed_pods - len(node.pods)
        found.append(_measure(PODS, 1, free, node.allowed_pods, None))
    written = compute_pod_requests(pod.pod, use_status=True)
    wanted, room, taken = pod.requests, node.allocatable, node.requested
    rows = [
        (CPU, wanted.milli_cpu, room.milli_cpu, taken.milli_cpu),
        (MEMORY, wanted.memory, room.memory, taken.memory),
        (
            EPHEMERAL_STORAGE,
            wanted.ephemeral_storage,
            room.ephemeral_storage,
            taken.ephemeral_storage,
        ),
    ]
    for name, amount in wanted.scalars.items():
        rows.append((name, amount, room.scalars.get(name, 0), taken.scalars.get(name, 0)))
    for name, asked, offered, used in rows:
        if f"Insufficient {name}" in status.reasons:
            found.append(_measure(name, asked, offered - used, offered, written.get(name)))
    return found


def _measure(name: str, asked: int, free: int, offered: int, written: Quantity | None) -> Shortage:
    texts = [write_amount(name, amount, written) for amount in (asked, free, offered)]
    text = f"{name}: asked {texts[0]}, free {texts[1]} of {texts[2]} allocatable"
    return Shortage(name, asked, free, offered, text)


def write_amount(name: str, amount: int, written: Quantity | None) -> str:
    """Write an amount as the pod wrote its request: `1500m`, `2Gi`, `512M`."""
    scale = _MILLI if name == CPU else 0
    style = Format.DECIMAL_SI if written is None else written.format
    if style == Format.BINARY_SI and abs(amount) % 1024:
        whole = f"{amount / 2**30:.2f}Gi" if abs(amount) >= 2**30 else f"{amount / 2**20:.2f}Mi"
        return whole if abs(amount) >= 2**20 else str(amount)
    return str(Quantity(amount, scale, False, style))
