"""OPS requirements on autoscalers: what they measure can be measured, and what they set is theirs.

Source: `pkg/controller/podautoscaler/replica_calculator.go`, calculatePodRequests; v1.36.
"""

from collections.abc import Iterator, Mapping

from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import is_live
from planespec.spec.cluster.snapshot_records import WorkloadRecord
from planespec.spec.objects import Container, Pod, View
from planespec.spec.objects.interning import Stored
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
    for stored in cluster.store.list("HorizontalPodAutoscaler"):
        spec = View(stored.get("spec"), "spec")
        target = spec.view("scaleTargetRef")
        namespace = stored.key.namespace
        record = cluster.workloads.get((target.text("kind"), namespace, target.text("name")))
        if record is None:
            continue
        reference = refer_to(stored)
        for resource, name, field in _list_shares(stored, spec):
            yield from _judge_requests(cluster, reference, record, resource, name, field)
        yield from _judge_replicas(cluster, reference, record)


def _list_shares(stored: Stored, spec: View) -> Iterator[tuple[str, str, str]]:
    """Yield resource, container and field of what is measured as utilization.

    Without any metric the default is 80 % of the requested CPU.
    """
    if spec.has("targetCPUUtilizationPercentage"):
        yield "cpu", "", spec.path("targetCPUUtilizationPercentage")
    elif not spec.has("metrics") and "v2" in stored.version:
        yield "cpu", "", spec.path("metrics")
    for metric in spec.views("metrics"):
        for kind in ("resource", "containerResource"):
            view = metric.view(kind)
            target = view.view("target")
            is_share = target.has("averageUtilization") or view.has("targetAverageUtilization")
            if is_share:
                yield view.text("name"), view.text("container"), view.path("name")


def _judge_requests(
    cluster: Cluster,
    reference: Reference,
    record: WorkloadRecord,
    resource: str,
    name: str,
    field: str,
) -> Iterator[Violation]:
    """A limit stands for a request that is missing, and so does a default of a LimitRange."""
    pod = record.template.pod
    whole = pod.resources
    if whole is not None and resource in {**whole.requests, **whole.limits}:
        return
    if resource in _list_defaults(cluster, record.reference.namespace):
        return
    for container in _list_measured(pod, name):
        asked: Mapping[str, object] = {
            **container.resources.requests,
            **container.resources.limits,
        }
        if resource not in asked:
            message = f"container {container.name} of {record.reference} requests no {resource}"
            objects = (reference, record.reference)
            yield REQUESTS_KNOWN.violated(*objects, message=message, field=field)


def _list_measured(pod: Pod, name: str) -> list[Container]:
    return [each for each in pod.containers if not name or each.name == name]


def _list_defaults(cluster: Cluster, namespace: str) -> set[str]:
    """Return the resources for which a LimitRange of the namespace fills in requests."""
    found: set[str] = set()
    for stored in cluster.store.list("LimitRange"):
        for limit in View(stored.get("spec"), "spec").views("limits"):
            if stored.key.namespace == namespace and limit.text("type") == "Container":
                found |= {*limit.view("defaultRequest").data, *limit.view("default").data}
                found |= {*limit.view("max").data}
    return found


def _judge_replicas(
    cluster: Cluster, reference: Reference, record: WorkloadRecord
) -> Iterator[Violation]:
    """Applying the manifest again sets the replicas back; of a live object nobody can tell."""
    stored = cluster.store.find_named(*record.reference[:3])
    if stored is None or "status" in stored or is_live(stored):
        return
    spec = View(stored.get("spec"), "spec")
    if spec.has("replicas"):
        message = f"{record.reference} says {spec.integer('replicas')} replicas beside {reference}"
        objects = (record.reference, reference)
        yield REPLICAS_OWNED.violated(*objects, message=message, field="spec.replicas")
