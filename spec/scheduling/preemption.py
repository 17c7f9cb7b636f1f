"""DefaultPreemption: may the pod preempt, on which nodes, and which of them is chosen.

Source: `pkg/scheduler/framework/preemption/preemption.go` and
`pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go`. Extenders are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.framework import Feasibility
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import Code, Status
from planespec.spec.scheduling.victims import Victims, select_victims

NEVER = "not eligible due to preemptionPolicy=Never."
TERMINATING = "not eligible due to a terminating pod on the nominated node."
PRIORITY_OFFSET = 2**31
"""Added to every priority in a sum, so that it is not negative and the number of pods counts."""


@dataclass(frozen=True, slots=True)
class Preemption:
    """What preemption can do for a pod that fits nowhere."""

    refusal: str
    """Why the pod may not preempt; empty when it may."""
    potential: Sequence[str]
    """Nodes whose rejection removing pods may cure."""
    candidates: Mapping[str, Victims]
    statuses: Mapping[str, Status]
    """Potential nodes on which it does not help, and why."""
    selected: Sequence[str]
    """The best candidates; upstream takes one of them, in the random order of a map."""


def run_preemption(feasibility: Feasibility) -> Preemption:
    """Return what DefaultPreemption decides for a pod that no node accepted."""
    pre_filtered, rejected = feasibility.pre_filtered, feasibility.rejected
    snapshot, pod = pre_filtered.snapshot, pre_filtered.pod
    potential = [name for name, status in rejected.items() if status.code is Code.UNSCHEDULABLE]
    refusal = get_refusal(snapshot, pod, rejected)
    if refusal:
        return Preemption(refusal, potential, {}, {}, ())
    candidates: dict[str, Victims] = {}
    statuses: dict[str, Status] = {}
    for name in potential:
        answer = select_victims(pre_filtered, snapshot.nodes[name])
        if isinstance(answer, Victims):
            candidates[name] = answer
        else:
            statuses[name] = answer
    return Preemption("", potential, candidates, statuses, choose_nodes(candidates))


def get_refusal(snapshot: Snapshot, pod: PodInfo, rejected: Mapping[str, Status]) -> str:
    """Return why `pod` may not preempt others, or "".

    preemptionPolicy Never; or pods it preempted before are still terminating on its nominated
    node, unless that node has become unresolvable for it. Source: PodEligibleToPreemptOthers.
    """
    if pod.preemption_policy == "Never":
        return NEVER
    nominated = pod.nominated_node_name
    if not nominated or nominated not in snapshot.nodes:
        return ""
    if nominated in rejected and rejected[nominated].code is Code.UNRESOLVABLE:
        return ""
    waits = any(
        other.priority < pod.priority and other.is_terminating_by_preemption
        for other in snapshot.nodes[nominated].pods
    )
    return TERMINATING if waits else ""


def choose_nodes(candidates: Mapping[str, Victims]) -> Sequence[str]:
    """Return the candidates that share the best place.

    Fewest budget violations; lowest priority of the most important victim; smallest sum of
    priorities; fewest victims; latest start of the earliest among the most important victims.
    Source: pickOneNodeForPreemption.
    """
    names = list(candidates)
    for criterion in _CRITERIA:
        if len(names) > 1:
            best = min(criterion(candidates[name]) for name in names)
            names = [name for name in names if criterion(candidates[name]) == best]
    return names


def _latest_start(victims: Victims) -> float:
    highest = max(pod.priority for pod in victims.pods)
    return -min(pod.start_time for pod in victims.pods if pod.priority == highest)


_CRITERIA: Sequence[Callable[[Victims], float]] = (
    lambda victims: victims.pdb_violations,
    lambda victims: victims.pods[0].priority,
    lambda victims: sum(pod.priority + PRIORITY_OFFSET for pod in victims.pods),
    lambda victims: len(victims.pods),
    _latest_start,
)
