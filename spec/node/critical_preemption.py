"""Which pods a kubelet kills so that a critical pod finds room on its node.

First it finds the Guaranteed pods that have to go even if all others go, then the Burstable ones
that have to go besides if all BestEffort ones go, then BestEffort ones. Among pods of one class
those are chosen that bring it nearest to what is missing. Priority only decides who may be killed
at all; grouping by priority came after v1.36.
Source: `pkg/kubelet/preemption/preemption.go`, `pkg/kubelet/types/pod_update.go` (Preemptable),
`pkg/api/v1/resource/helpers.go` (GetResourceRequest), v1.36.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planespec.spec.node.admission_failures import AdmissionFailure, InsufficientResource
from planespec.spec.objects.core_views import Pod
from planespec.spec.pods.qos import QosClass, compute_qos_class, is_critical
from planespec.spec.pods.resources import (
    CPU,
    MEMORY,
    ResourceList,
    add_resources,
    compute_pod_requests,
    has_pod_level_resources,
    is_pod_level_resource,
)
from planespec.spec.quantity import ZERO

PODS = "pods"
REASON = "Preempting"
MESSAGE = "Preempted in order to admit critical pod"
_COMPARED_RESOURCES = (MEMORY, CPU)

Requirements = Sequence[tuple[str, int]]
"""Resources and how much of each is still missing; a name may stand there twice."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the failures of a pod."""

    failures: tuple[AdmissionFailure, ...]
    """Those that still keep it out."""
    killed: tuple[Pod, ...] = ()
    """Pods that the kubelet kills, in this order; one that cannot be killed stops nothing."""
    error: str = ""
    """Why no room could be made; the pod is kept out then too."""


class NoVictimsError(ValueError):
    """All pods that may be killed do not make enough room."""


def recover_by_preemption(
    pod: Pod, failures: Sequence[AdmissionFailure], running: Iterable[Pod]
) -> Recovery:
    """Make room for a critical pod that only lacks resources (`HandleAdmissionFailure`).

    Of another pod all failures stay; of a critical one with failures that are not about
    resources only those stay, and nothing is killed.
    """
    if not is_critical(pod):
        return Recovery(tuple(failures))
    short = [each for each in failures if isinstance(each, InsufficientResource)]
    others = tuple(each for each in failures if not isinstance(each, InsufficientResource))
    if others:
        return Recovery(others)
    try:
        victims = find_victims(pod, running, [(each.resource, each.missing) for each in short])
    except NoVictimsError as error:
        found = f"preemption: error finding a set of pods to preempt: {error}"
        return Recovery((), error=found)
    return Recovery((), tuple(victims))


def can_preempt(preemptor: Pod, other: Pod) -> bool:
    """Say whether a pod may take the place of another (`Preemptable`).

    A critical pod of any that is not, otherwise the higher of two priorities that are set.
    """
    if is_critical(preemptor) and not is_critical(other):
        return True
    if preemptor.priority is None or other.priority is None:
        return False
    return preemptor.priority > other.priority


def find_victims(pod: Pod, running: Iterable[Pod], missing: Requirements) -> list[Pod]:
    """Choose the pods to kill, BestEffort ones first (`getPodsToPreempt`).

    Raises NoVictimsError.
    """
    victims = [_Victim(each) for each in running if can_preempt(pod, each)]
    best_effort, burstable, guaranteed = (
        [each for each in victims if each.qos == qos]
        for qos in (QosClass.BEST_EFFORT, QosClass.BURSTABLE, QosClass.GUARANTEED)
    )
    unmet = _subtract(missing, [*best_effort, *burstable, *guaranteed])
    if unmet:
        raise NoVictimsError(_explain(unmet))
    most = _choose_by_distance(guaranteed, _subtract(missing, [*best_effort, *burstable]))
    more = _choose_by_distance(burstable, _subtract(missing, [*best_effort, *most]))
    least = _choose_by_distance(best_effort, _subtract(missing, [*more, *most]))
    return [each.pod for each in (*least, *more, *most)]


class _Victim:
    """A pod that may be killed, and what it requests, read once."""

    def __init__(self, pod: Pod) -> None:
        self.pod = pod
        self.qos = pod.status.text("qosClass") or compute_qos_class(pod)
        """As recorded; a class that there is not is in none of the three lists."""
        self._requests = _compute_requests(pod)

    def get_request(self, name: str) -> int:
        """What would become free of a resource (`GetResourceRequest`)."""
        if name == PODS:
            return 1
        quantity = self._requests.get(name, ZERO)
        return quantity.milli_value if name == CPU else quantity.value


def _compute_requests(pod: Pod) -> ResourceList:
    """Return what the pod requests; overhead counts only for what is requested.

    Of a pod that states resources as a whole, what its containers request does not count.
    """
    requests: ResourceList = {}
    if not has_pod_level_resources(pod):
        requests = compute_pod_requests(pod, with_overhead=False)
    elif pod.resources is not None:
        stated = pod.resources.requests
        requests = {name: each for name, each in stated.items() if is_pod_level_resource(name)}
    overhead = {
        name: each for name, each in pod.overhead.items() if not requests.get(name, ZERO).is_zero
    }
    add_resources(requests, overhead)
    return requests


def _choose_by_distance(victims: Sequence[_Victim], missing: Requirements) -> list[_Victim]:
    """Choose pods until nothing is missing, each time the one that brings it nearest.

    Of equally near ones the pod that requests less, of equal ones the later
    (`getPodsToPreemptByDistance`). A chosen pod's place is taken by the last of the list.
    """
    left, chosen = list(victims), []
    while missing:
        if not left:
            raise NoVictimsError(_explain(missing))
        nearest, best = float(len(missing) + 1), 0
        for index, victim in enumerate(left):
            distance = _measure(missing, victim)
            is_tie = distance == nearest and _is_smaller(victim, left[best])
            if distance < nearest or is_tie:
                nearest, best = distance, index
        missing = _subtract(missing, [left[best]])
        chosen.append(left[best])
        left[best] = left[-1]
        left.pop()
    return chosen


def _measure(missing: Requirements, victim: _Victim) -> float:
    """Sum the squares of the shares that would still be missing without the pod."""
    distance = 0.0
    for name, amount in missing:
        rest = float(amount - victim.get_request(name))
        if rest > 0:
            share = rest / float(amount)
            distance += share * share
    return distance


def _subtract(missing: Requirements, victims: Iterable[_Victim]) -> Requirements:
    """Return what is still missing when these pods are gone."""
    pods = list(victims)
    rests = [(name, amount - sum(p.get_request(name) for p in pods)) for name, amount in missing]
    return [(name, rest) for name, rest in rests if rest > 0]


def _is_smaller(first: _Victim, second: _Victim) -> bool:
    """Say whether the first requests no more memory, or as much and no more CPU."""
    pairs = [(first.get_request(n), second.get_request(n)) for n in _COMPARED_RESOURCES]
    return next((one < other for one, other in pairs if one != other), True)


def _explain(missing: Requirements) -> str:
    listed = "".join(f"(res: {name}, q: {amount}), " for name, amount in missing)
    return f"no set of running pods found to reclaim resources: [{listed}]"
