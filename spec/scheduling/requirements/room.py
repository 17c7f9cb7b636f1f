"""Room: what the pods of a node take together."""

from typing import Any

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.observations import (
    Fate,
    Machines,
    Memory,
    Stage,
    compute_request,
    is_clash,
)


def is_running_on(s: Machines, p: Any, n: Any) -> bool:
    """Tell whether the kubelet of a node runs a pod, or still does while it is terminating."""
    return (
        s.bound[p] == n
        and s.fate[p] == Fate.RUNNING
        and s.stage[p] in (Stage.PRESENT, Stage.TERMINATING)
    )


def is_placed_on(s: Machines, p: Any, n: Any) -> bool:
    """Tell whether a pod is bound to a node and has neither failed nor gone."""
    return s.bound[p] == n and s.fate[p] != Fate.REJECTED and s.stage[p] != Stage.GONE


@requirement(
    "SCHED-3",
    source="pkg/kubelet/lifecycle/predicate.go; "
    "pkg/scheduler/framework/plugins/noderesources/fit.go",
)
def resource_fit(s: Machines) -> bool:
    """The requests of a node's pods do not exceed its allocatable, as the kubelet counts them."""
    return all(
        sum(compute_request(s, p) for p in s.pods if is_running_on(s, p, n)) <= s.allocatable
        for n in s.nodes
    )


@requirement("SCHED-4", source="pkg/scheduler/framework/plugins/nodeports/node_ports.go")
def host_ports(s: Machines) -> bool:
    """No two pods of a node take the same host address, protocol and port."""
    return not any(
        p != q and is_running_on(s, p, n) and is_running_on(s, q, n) and is_clash(s, p, q)
        for n in s.nodes
        for p in s.pods
        for q in s.pods
    )


@requirement("SCHED-14", source="pkg/kubelet/lifecycle/predicate.go; #106884, #106361")
def admissible(s: Memory) -> bool:
    """A kubelet has room and ports for all that is bound to its node by a scheduler on its own.

    Several schedulers do not know of each other in time, nor does one know of a request of its
    own that takes effect late: then kubelets refuse, and SCHED-3 and SCHED-4 hold all the same.
    """
    return (
        len(s.schedulers) > 1
        or s.late_binds
        or all(
            sum(compute_request(s, p) for p in s.pods if is_placed_on(s, p, n)) <= s.allocatable
            and not any(
                p != q and is_placed_on(s, p, n) and is_placed_on(s, q, n) and is_clash(s, p, q)
                for p in s.pods
                for q in s.pods
            )
            for n in s.nodes
        )
    )
