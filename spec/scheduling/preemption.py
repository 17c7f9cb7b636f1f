"""DefaultPreemption: may the pod preempt, on which nodes, and which of them is chosen.

Source: `pkg/scheduler/framework/preemption/preemption.go` and
`pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go`. Extenders are left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.framework import (
    Feasibility,
    PreFiltered,
    run_filters_with_nominated_pods,
    update_with_pod,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Code, Status, error, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import DisruptionBudget, Snapshot
from planespec.spec.scheduling.unstable_sort import sort_as_go_does

NO_VICTIMS = unresolvable("No preemption victims found for incoming pod")


@dataclass(frozen=True, slots=True)
class Victims:
    """The pods to evict from a node, most important first, and how many PDBs forbid it."""

    pods: Sequence[PodInfo]
    pdb_violations: int


def select_victims(pre_filtered: PreFiltered, node: NodeInfo) -> Victims | Status:
    """Return the victims on `node`, or why evicting pods from it does not help.

    All pods of lower priority are taken away; if the pod fits then, as many as possible are
    reprieved: first those whose eviction breaks a disruption budget, then the others, each group
    from the most important pod down. Budgets are best effort: they order, they do not forbid.
    """
    pod = pre_filtered.pod
    potential = [other for other in node.pods if other.priority < pod.priority]
    if not potential:
        return NO_VICTIMS
    for other in potential:
        node = node.without_pod(other)
        pre_filtered = update_with_pod(pre_filtered, other, node, -1)
    status = run_filters_with_nominated_pods(pre_filtered, node)
    if not status.is_success:
        return status
    ordered = sort_as_go_does(potential, is_more_important)
    violating, others = split_by_budget(ordered, pre_filtered.snapshot.disruption_budgets)
    pods, violations = _reprieve(pre_filtered, node, violating, others)
    if violating and others:
        pods = sort_as_go_does(pods, is_more_important)
    if not pods:
        return error(f'expected at least one victim pod on node "{node.name}"')
    return Victims(pods, violations)


def _reprieve(
    pre_filtered: PreFiltered,
    node: NodeInfo,
    violating: Sequence[PodInfo],
    others: Sequence[PodInfo],
) -> tuple[list[PodInfo], int]:
    """Put pods back one by one while the preemptor fits; return the rest and the violations."""
    victims, violations = [], 0
    for number, other in enumerate((*violating, *others)):
        fuller = node.with_pod(other)
        state = update_with_pod(pre_filtered, other, fuller, 1)
        if run_filters_with_nominated_pods(state, fuller).is_success:
            node, pre_filtered = fuller, state
        else:
            # Upstream adds the pod and takes it away again, which frees a host port that
            # another pod of the node shares with it.
            node = fuller.without_pod(other)
            victims.append(other)
            violations += number < len(violating)
    return victims, violations


def is_more_important(one: PodInfo, other: PodInfo) -> bool:
    """Order by priority, then by the earlier start; a pod that has not started counts as last."""
    if one.priority != other.priority:
        return one.priority > other.priority
    return one.start_time < other.start_time


def split_by_budget(
    pods: Iterable[PodInfo], budgets: Sequence[DisruptionBudget]
) -> tuple[list[PodInfo], list[PodInfo]]:
    """Return the pods whose eviction exceeds a budget, and the others, each in the given order.

    Every pod uses up one disruption of each budget that matches it, whether or not one is left.
    Pods without labels, budgets without a selector, and pods already listed in disruptedPods do
    not count.
    """
    left = [budget.disruptions_allowed for budget in budgets]
    violating: list[PodInfo] = []
    others: list[PodInfo] = []
    for pod in pods:
        (violating if _exceeds(pod, budgets, left) else others).append(pod)
    return violating, others


def _exceeds(pod: PodInfo, budgets: Sequence[DisruptionBudget], left: list[int]) -> bool:
    exceeds = False
    for index, budget in enumerate(budgets if pod.labels else ()):
        if budget.matches(pod.namespace, pod.labels) and pod.name not in budget.disrupted_pods:
            left[index] -= 1
            exceeds |= left[index] < 0
    return exceeds


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
