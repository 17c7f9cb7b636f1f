"""OPS requirements on autoscalers: what they measure can be measured, and what they set is theirs.

Source: `pkg/controller/podautoscaler/replica_calculator.go`, calculatePodRequests; v1.36.
"""

from collections.abc import Iterator, Mapping

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import (
    Autoscaler,
    is_live,
    list_autoscalers,
    list_limit_ranges,
)
from planespec.spec.objects import Container, Pod, View
from planespec.spec.requirement import Level, declare, judges

REQUESTS_KNOWN = declare(
    "OPS-5",
    "Containers request what an autoscaler measures as a share of the request.",
    "pkg/controller/podautoscaler/replica_calculator.go, calculatePodRequests",
)
REPLICAS_OWNED = declare(
    "OPS-6",
    "A manifest leaves the replicas of a workload to its autoscaler.",
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
    "warning",
)


@judges(Level.SNAPSHOT, REQUESTS_KNOWN, REPLICAS_OWNED)
def judge_autoscalers(cluster: Cluster) -> Iterator[Violation]:
    """Look at each autoscaler and the workload that it scales."""
    for found in list_autoscalers(cluster).values():
        for each in found:
            for resource, name, field in _list_shares(each):
                yield from _judge_requests(cluster, each, resource, name, field)
            yield from _judge_replicas(cluster, each)


def _list_shares(scaler: Autoscaler) -> Iterator[tuple[str, str, str]]:
    """Yield resource, container and field of what is measured as utilization.

    Without any metric the default is 80 % of the requested CPU.
    """
    spec = scaler.spec
    if spec.has("targetCPUUtilizationPercentage"):
        yield "cpu", "", spec.path("targetCPUUtilizationPercentage")
    elif not spec.has("metrics") and "v2" in scaler.version:
        yield "cpu", "", spec.path("metrics")
    for metric in spec.views("metrics"):
        for kind in ("resource", "containerResource"):
            view = metric.view(kind)
            target = view.view("target")
            is_share = target.has("averageUtilization") or view.has("targetAverageUtilization")
            if is_share:
                yield view.text("name"), view.text("container"), view.path("name")


def _judge_requests(
    cluster: Cluster, scaler: Autoscaler, resource: str, name: str, field: str
) -> Iterator[Violation]:
    """A limit stands for a request that is missing, and so does a default of a LimitRange."""
    record = scaler.target
    pod = record.template.pod
    whole = pod.resources
    if whole is not None and resource in {**whole.requests, **whole.limits}:
        return
    ranges = list_limit_ranges(cluster).get(record.reference.namespace, ())
    if any(resource in item.default_requests for items in ranges for item in items):
        return
    for container in _list_measured(pod, name):
        asked: Mapping[str, object] = {
            **container.resources.requests,
            **container.resources.limits,
        }
        if resource not in asked:
            message = f"container {container.name} of {record.reference} requests no {resource}"
            objects = (scaler.reference, record.reference)
            yield REQUESTS_KNOWN.violated(*objects, message=message, field=field)


def _list_measured(pod: Pod, name: str) -> list[Container]:
    return [each for each in pod.containers if not name or each.name == name]


def _judge_replicas(cluster: Cluster, scaler: Autoscaler) -> Iterator[Violation]:
    """Applying the manifest again sets the replicas back; of a live object nobody can tell."""
    record, reference = scaler.target, scaler.reference
    stored = cluster.store.find_named(*record.reference[:3])
    if stored is None or "status" in stored or is_live(stored):
        return
    spec = View(stored.get("spec"), "spec")
    if spec.has("replicas"):
        message = f"{record.reference} says {spec.integer('replicas')} replicas beside {reference}"
        objects = (record.reference, reference)
        yield REPLICAS_OWNED.violated(*objects, message=message, field="spec.replicas")
