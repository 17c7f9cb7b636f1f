"""What the scheduler writes of a pod that fits nowhere: why, and the node it waits for.

Source: Kubernetes v1.36, `pkg/scheduler/framework/types.go` (FitError), `schedule_one.go`
(handleSchedulingFailure), `framework/runtime/framework.go` (RunPostFilterPlugins) and
`framework/preemption/preemption.go` (Preempt). The plugins after the filters are asked in their
order: DynamicResources has nothing to give back, then DefaultPreemption.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from planespec.spec.node.status_parts import Json, set_condition
from planespec.spec.scheduling.framework import Feasibility
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.preemption import Preemption, run_preemption

UNSCHEDULABLE = "Unschedulable"
SCHEDULER_ERROR = "SchedulerError"
"""The reasons of PodScheduled=False that the scheduler writes."""
NO_CLAIMS = "no new claims to deallocate"
"""What DynamicResources says where no claim of the pod can be given back."""
NOT_HELPFUL = "Preemption is not helpful for scheduling"
PREEMPTED: dict[str, str] = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "PreemptionByScheduler",
    "message": "default-scheduler: preempting to accommodate a higher priority pod",
}
"""The condition of a victim; times and generation are left out."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What one attempt without a node comes to."""

    message: str
    nominated: str | None
    """The node that the pod waits for, empty for none; None: as it was before."""
    preemption: Preemption


def list_failures(feasibility: Feasibility) -> list[Failure]:
    """What may be said of a pod that no node took: one entry for each node preemption may take."""
    preemption = run_preemption(feasibility)
    message = _tell_filters(feasibility)
    if preemption.selected:
        return [Failure(message, node, preemption) for node in preemption.selected]
    if preemption.refusal:
        told = f"{message} {NO_CLAIMS}, preemption: {preemption.refusal}"
        return [Failure(told, None, preemption)]
    helpless = tell_nodes(
        len(feasibility.pre_filtered.snapshot.nodes), preemption.statuses.values(), NOT_HELPFUL
    )
    return [Failure(f"{message} {NO_CLAIMS}, preemption: {helpless}", "", preemption)]


def _tell_filters(feasibility: Feasibility) -> str:
    count = len(feasibility.pre_filtered.snapshot.nodes)
    rejection = feasibility.pre_filtered.rejection
    if rejection is not None:
        return f"0/{count} nodes are available: {', '.join(rejection.reasons)}."
    return tell_nodes(count, feasibility.rejected.values())


def tell_nodes(count: int, statuses: Iterable[Status], absent: str = "") -> str:
    """Say of how many nodes there are which reasons; `absent` is that of nodes without any."""
    listed = list(statuses)
    reasons = Counter(reason for status in listed for reason in status.reasons)
    if absent and len(listed) < count:
        reasons[absent] += count - len(listed)
    told = ", ".join(sorted(f"{number} {reason}" for reason, number in reasons.items()))
    return f"0/{count} nodes are available:" + (f" {told}." if told else "")


def put_failure(pod: Json, failure: Failure, now: str) -> Json:
    """The status of a pod after a failed attempt, as of a time (`updatePod`)."""
    status: Json = dict(pod.get("status") or {})
    told: dict[str, Any] = {"type": "PodScheduled", "status": "False", "reason": UNSCHEDULABLE}
    status["conditions"] = set_condition(pod, told | {"message": failure.message}, now)
    if failure.nominated is not None:
        status.pop("nominatedNodeName", None)
        if failure.nominated:
            status["nominatedNodeName"] = failure.nominated
    return status
