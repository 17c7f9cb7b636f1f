"""The four conditions by which a kubelet tells how its node is.

The kubelet computes them anew at each heartbeat from what stands in the node's status. A condition
of pressure keeps reason, message and time of transition until its status changes; Ready is written
whole each time and keeps the time of transition alone.
Source: Kubernetes v1.36, `pkg/kubelet/nodestatus/setters.go`; `NewAggregate` of
`apimachinery/pkg/util/errors`.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace

READY = "Ready"
REQUIRED_CAPACITY = ("cpu", "memory", "pods")
"""What a node has to report to be ready."""
LOCAL_STORAGE = "ephemeral-storage"
"""Required as well where the kubelet isolates local storage."""


@dataclass(frozen=True, slots=True)
class NodeCondition:
    """One condition of a node's status; times are seconds of the kubelet's clock."""

    type: str
    status: str
    """True, False or Unknown."""
    reason: str = ""
    message: str = ""
    heartbeat: int = 0
    transition: int = 0


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """What the parts of a kubelet say at one heartbeat; None is no error."""

    runtime_error: str | None = None
    network_error: str | None = None
    storage_error: str | None = None
    shutdown_error: str | None = None
    soft_requirements: str | None = None
    """What the container manager would like to have and misses; it never makes a node unready."""
    capacity: Set[str] = frozenset((*REQUIRED_CAPACITY, LOCAL_STORAGE))
    """The resources in the node's capacity."""
    isolates_local_storage: bool = True
    pressures: Set[str] = frozenset()
    """The conditions of pressure that the eviction manager reports."""


@dataclass(frozen=True, slots=True)
class NodeReport:
    """The conditions in the order of the status, and the events of this heartbeat in order."""

    conditions: tuple[NodeCondition, ...] = ()
    events: tuple[str, ...] = field(default=())
    """Reasons of events about the node; all are of type Normal."""


@dataclass(frozen=True, slots=True)
class _Wording:
    reason: str
    message: str
    event: str


_PRESSURES = {
    "MemoryPressure": (
        _Wording(
            "KubeletHasInsufficientMemory",
            "kubelet has insufficient memory available",
            "NodeHasInsufficientMemory",
        ),
        _Wording(
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
            "NodeHasSufficientMemory",
        ),
    ),
    "DiskPressure": (
        _Wording("KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"),
        _Wording(
            "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"
        ),
    ),
    "PIDPressure": (
        _Wording(
            "KubeletHasInsufficientPID",
            "kubelet has insufficient PID available",
            "NodeHasInsufficientPID",
        ),
        _Wording(
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
            "NodeHasSufficientPID",
        ),
    ),
}
"""Each condition of pressure: what is said while there is some, and while there is none."""
PRESSURES = tuple(_PRESSURES)
CONDITION_ORDER = (*PRESSURES, READY)
"""The order in which a kubelet sets them: Ready has to be the last of a new status."""


def update_conditions(
    conditions: Iterable[NodeCondition],
    health: NodeHealth,
    now: int,
    order: Iterable[str] = CONDITION_ORDER,
) -> NodeReport:
    """Set the named conditions in order; one that is new is appended, others stay where they are.

    Conditions of other types are left alone. Raises KeyError for a type that no kubelet sets.
    """
    report = NodeReport(tuple(conditions))
    for name in order:
        if name == READY:
            report = _set_ready(report, health, now)
        else:
            report = _set_pressure(report, name, name in health.pressures, now)
    return report


def describe_errors(health: NodeHealth) -> str | None:
    """Return why the node is not ready, None if it is: one reason bare, several in brackets.

    The same text is said once.
    """
    errors = [health.runtime_error, health.network_error]
    errors += [health.storage_error, health.shutdown_error, _describe_missing(health)]
    distinct = dict.fromkeys(error for error in errors if error is not None)
    if len(distinct) > 1:
        return f"[{', '.join(distinct)}]"
    return next(iter(distinct), None)


def _describe_missing(health: NodeHealth) -> str | None:
    required = list(REQUIRED_CAPACITY)
    if health.isolates_local_storage:
        required.append(LOCAL_STORAGE)
    missing = [name for name in required if name not in health.capacity]
    if not missing:
        return None
    return f"missing node capacity for resources: {', '.join(missing)}"


def _set_ready(report: NodeReport, health: NodeHealth, now: int) -> NodeReport:
    problem = describe_errors(health)
    if problem is None:
        new = NodeCondition(READY, "True", "KubeletReady", "kubelet is posting ready status", now)
    else:
        new = NodeCondition(READY, "False", "KubeletNotReady", problem, now)
    if health.soft_requirements is not None:
        new = replace(new, message=f"{new.message}. WARNING: {health.soft_requirements}")
    old = _find(report, READY, first=True)
    if old is None:
        return _put(report, None, replace(new, transition=now))
    current = report.conditions[old]
    if current.status == new.status:
        return _put(report, old, replace(new, transition=current.transition))
    event = "NodeReady" if new.status == "True" else "NodeNotReady"
    return _put(report, old, replace(new, transition=now), event)


def _set_pressure(report: NodeReport, name: str, is_under: bool, now: int) -> NodeReport:
    wording, status = _PRESSURES[name][0 if is_under else 1], str(is_under)
    index = _find(report, name, first=False)
    old = NodeCondition(name, "Unknown") if index is None else report.conditions[index]
    kept = replace(old, heartbeat=now)
    if old.status == status:
        return _put(report, index, kept)
    new = NodeCondition(name, status, wording.reason, wording.message, now, now)
    return _put(report, index, new, wording.event)


def _find(report: NodeReport, name: str, *, first: bool) -> int | None:
    """Find the condition of a type; a status that has it twice is read from either end."""
    choose: Callable[[list[int]], int] = min if first else max
    found = [index for index, each in enumerate(report.conditions) if each.type == name]
    return choose(found) if found else None


def _put(report: NodeReport, index: int | None, new: NodeCondition, event: str = "") -> NodeReport:
    conditions = list(report.conditions)
    if index is None:
        conditions.append(new)
    else:
        conditions[index] = new
    return NodeReport(tuple(conditions), (*report.events, event) if event else report.events)
