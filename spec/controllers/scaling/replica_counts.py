"""How many replicas an autoscaler wants for one metric.

Pods without a metric are taken to use nothing where the others ask for more, and all that they
are entitled to where they ask for less; pods that are not ready count for nothing on the way up.

Source: Kubernetes v1.36, `pkg/controller/podautoscaler/replica_calculator.go` and
`metrics/utilization.go`. Values are thousandths, times seconds. Left out: requests of pods as a
whole.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from planespec.spec.node.status_parts import find_condition
from planespec.spec.objects.core_views import Pod

MOST_USAGE, MOST_REPLICAS = 2**63 - 1, 2**31 - 1
"""The most of either; a sum beyond the first asks for the second."""
OVERFLOWN = -(2**31)
"""What a number beyond 32 bits becomes where upstream does not look (amd64)."""


class NoReplicaCountError(Exception):
    """Why no number of replicas can be said; several arguments are several things to say."""


@dataclass(frozen=True, slots=True)
class PodMetric:
    """What was measured of a pod, over so many seconds before."""

    value: int
    at: float = 0
    window: float = 0


@dataclass(frozen=True, slots=True)
class ReplicaCount:
    """The replicas wanted, and what is used: in thousandths, and of requests in percent."""

    replicas: int
    usage: int
    utilization: int | None = None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """By which part usage may differ from its target without a change."""

    down: float
    up: float

    def covers(self, ratio: float) -> bool:
        """Whether a ratio of usage to its target is near enough (`isWithin`)."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True)
class Readiness:
    """When pods that began a moment ago are measured."""

    now: float
    cpu_initialization: float
    """Seconds in which a sample counts only if it is of a ready pod, whole since then."""
    initial_readiness_delay: float
    """Seconds after its start in which a pod that is not ready has never been."""


@dataclass(frozen=True, slots=True)
class _Groups:
    """Pods by what their metrics are worth (`groupPods`)."""

    ready: int = 0
    unready: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TimedPod:
    """A pod, when it started, and when its readiness changed last; None where it does not say."""

    pod: Pod
    started: float | None
    readiness_changed: float | None

    @property
    def readiness(self) -> str | None:
        """The status of its condition Ready."""
        conditions = [dict(each.data) for each in self.pod.status.views("conditions")]
        found = find_condition(conditions, "Ready")
        return None if found is None else str(found.get("status"))


@dataclass(frozen=True, slots=True)
class ReplicaCalculator:
    """`ReplicaCalculator`, with the pods that the selector finds."""

    pods: Sequence[TimedPod]
    tolerances: Tolerances
    readiness: Readiness
    metrics: Mapping[str, PodMetric] = field(default_factory=dict)
    """Of pods, by name."""

    # Metrics of pods.

    def count_by_utilization(
        self, current: int, target: int, resource: str, container: str = ""
    ) -> ReplicaCount:
        """For a resource in percent of its requests (`GetResourceReplicas`)."""
        groups, metrics = self._sort(resource)
        requests = self._read_requests(resource, container)
        ratio, utilization, usage = _compare_with_requests(metrics, requests, target)

        def count(replicas: int) -> ReplicaCount:
            return ReplicaCount(replicas, usage, utilization)

        is_rising = bool(groups.unready) and ratio > 1.0
        if not is_rising and not groups.missing:
            return count(current if self.tolerances.covers(ratio) else ceil(ratio * groups.ready))
        if ratio < 1.0:
            most = max(100, target)
            metrics |= {name: PodMetric(requests[name] * most // 100) for name in groups.missing}
        elif ratio > 1.0:
            metrics |= dict.fromkeys(groups.missing, PodMetric(0))
        if is_rising:
            metrics |= dict.fromkeys(groups.unready, PodMetric(0))
        new_ratio, _, _ = _compare_with_requests(metrics, requests, target)
        return count(self._settle(current, ratio, new_ratio, len(metrics)))

    def _read_requests(self, resource: str, container: str) -> dict[str, int]:
        """What each pod requests; the error has what may be said of each pod that fails.

        Upstream names the first of these in the order of a map.
        """
        requests, failures = dict[str, int](), list[str]()
        for each in self.pods:
            try:
                requests[each.pod.name] = get_request(each.pod, resource, container)
            except NoReplicaCountError as error:
                failures.append(str(error))
        if failures:
            raise NoReplicaCountError(*failures)
        return requests

    def count_by_value(self, current: int, target: int, resource: str = "") -> ReplicaCount:
        """For a resource, or any metric of pods, by its average (`calcPlainMetricReplicas`)."""
        groups, metrics = self._sort(resource)
        ratio, usage = _compare(metrics.values(), target)
        is_rising = bool(groups.unready) and ratio > 1.0
        if not is_rising and not groups.missing:
            if self.tolerances.covers(ratio):
                return ReplicaCount(current, usage)
            return ReplicaCount(ceil(ratio * groups.ready), usage)
        if ratio != 1.0:
            assumed = PodMetric(target if ratio < 1.0 else 0)
            metrics |= dict.fromkeys(groups.missing, assumed)
        if is_rising:
            metrics |= dict.fromkeys(groups.unready, PodMetric(0))
        new_ratio, _ = _compare(metrics.values(), target)
        return ReplicaCount(self._settle(current, ratio, new_ratio, len(metrics)), usage)

    def _sort(self, resource: str) -> tuple[_Groups, dict[str, PodMetric]]:
        if not self.pods:
            raise NoReplicaCountError(
                "no pods returned by selector while calculating replica count"
            )
        groups = self._group(resource)
        passed = groups.ignored | groups.unready
        metrics = {name: metric for name, metric in self.metrics.items() if name not in passed}
        if not metrics:
            said = "did not receive metrics for targeted pods (pods might be unready)"
            raise NoReplicaCountError(said)
        return groups, metrics

    def _group(self, resource: str) -> _Groups:
        names: dict[str, set[str]] = {"unready": set(), "missing": set(), "ignored": set()}
        ready = 0
        for each in self.pods:
            pod = each.pod
            if pod.meta.is_deleting or pod.phase == "Failed":
                names["ignored"].add(pod.name)
            elif pod.phase == "Pending":
                names["unready"].add(pod.name)
            elif pod.name not in self.metrics:
                names["missing"].add(pod.name)
            elif resource == "cpu" and self._is_unready(each):
                names["unready"].add(pod.name)
            else:
                ready += 1
        return _Groups(ready, **{kind: frozenset(those) for kind, those in names.items()})

    def _is_unready(self, each: TimedPod) -> bool:
        """Whether a pod's use of CPU says nothing yet."""
        if each.readiness is None or each.started is None:
            return True
        changed, times = each.readiness_changed or 0, self.readiness
        if each.started + times.cpu_initialization > times.now:
            metric = self.metrics[each.pod.name]
            return each.readiness == "False" or metric.at < changed + metric.window
        never = each.started + times.initial_readiness_delay > changed
        return each.readiness == "False" and never

    def _settle(self, current: int, ratio: float, new_ratio: float, measured: int) -> int:
        """The replicas after assumptions; no change where these turn the direction around."""
        turns = (ratio < 1.0 < new_ratio) or (new_ratio < 1.0 < ratio)
        if self.tolerances.covers(new_ratio) or turns:
            return current
        wanted = ceil(new_ratio * measured)
        turns = (new_ratio < 1.0 and wanted > current) or (new_ratio > 1.0 and wanted < current)
        return current if turns else wanted

    # Metrics of one object, or of something outside.

    def count_by_total(self, current: int, target: int, total: int) -> ReplicaCount:
        """For a total that should be as said (`GetObjectMetricReplicas`)."""
        total = min(total, MOST_USAGE)
        ratio = total / target
        if current == 0:
            wanted = ceil(ratio)
            return ReplicaCount(OVERFLOWN if wanted > MOST_REPLICAS else wanted, total)
        if self.tolerances.covers(ratio):
            return ReplicaCount(current, total)
        if not self.pods:
            said = "no pods returned by selector while calculating replica count"
            raise NoReplicaCountError(f"unable to calculate ready pods: {said}")
        ready = [p for p in self.pods if p.pod.phase == "Running" and p.readiness == "True"]
        return ReplicaCount(min(ceil(ratio * len(ready)), MOST_REPLICAS), total)

    def count_by_share(self, current: int, target: int, total: int) -> ReplicaCount:
        """For a total of which each replica should have so much (`GetObjectPerPod...`).

        There must be a replica.
        """
        if total > MOST_USAGE:
            return ReplicaCount(MOST_REPLICAS, MOST_USAGE)
        is_near = self.tolerances.covers(total / (target * current))
        wanted = min(ceil(total / target), MOST_REPLICAS)
        return ReplicaCount(current if is_near else wanted, ceil(total / current))


def get_request(pod: Pod, resource: str, container: str = "") -> int:
    """What a pod, or one container of it, requests (`calculateRequests`)."""
    sidecars = [each for each in pod.init_containers if each.restarts_always]
    found = [c for c in (*pod.containers, *sidecars) if container in ("", c.name)]
    if not found and container:
        raise NoReplicaCountError(f"container {container} not found in Pod {pod.name}")
    total = 0
    for each in found:
        request = each.resources.requests.get(resource)
        if request is None:
            said = f"missing request for {resource} in container {each.name} of Pod {pod.name}"
            raise NoReplicaCountError(said)
        total += request.milli_value
    return total


def _compare(metrics: Collection[PodMetric], target: int) -> tuple[float, int]:
    usage = sum(metric.value for metric in metrics) // len(metrics)
    return usage / target, usage


def _compare_with_requests(
    metrics: Mapping[str, PodMetric], requests: Mapping[str, int], target: int
) -> tuple[float, int, int]:
    """Ratio to the target, percent of requests, and average (`GetResourceUtilizationRatio`)."""
    used, requested = _sum_known(metrics, requests)
    if requested == 0:
        raise NoReplicaCountError("no metrics returned matched known pods")
    utilization = used * 100 // requested
    known = sum(name in requests for name in metrics)
    return utilization / target, utilization, used // known


def _sum_known(metrics: Mapping[str, PodMetric], requests: Mapping[str, int]) -> tuple[int, int]:
    known: Iterable[str] = [name for name in metrics if name in requests]
    return sum(metrics[name].value for name in known), sum(requests[name] for name in known)
