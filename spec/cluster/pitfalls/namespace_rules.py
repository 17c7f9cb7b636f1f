"""OPS requirements on what a namespace lets in: its Pod Security level, limit ranges and quotas.

The API server asks these of pods only, so that a workload is accepted and its pods are not.
Left out: exemptions, which the configuration of the API server has, and what webhooks change.
"""

from collections.abc import Iterator, Sequence

from planespec.spec.admission.limit_ranger import (
    LimitItem,
    list_pod_breaches,
    set_container_defaults,
)
from planespec.spec.admission.resource_quota import (
    Quota,
    is_in_scope,
    list_unset,
    measure_pod,
    read_quota,
)
from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import list_autoscalers, list_limit_ranges
from planespec.spec.cluster.snapshot_records import WorkloadRecord
from planespec.spec.objects import Pod, View
from planespec.spec.objects.workload_views import WorkloadView, get_template_field
from planespec.spec.pod_security.namespace_policy import read_namespace_policy
from planespec.spec.pod_security.standards import find_faults
from planespec.spec.pods.pod_admission import default_pod_resources
from planespec.spec.quantity import Quantity, parse_quantity
from planespec.spec.requirement import Level, declare, judges

SECURE_ENOUGH = declare(
    "OPS-15",
    "A pod template meets the Pod Security level that its namespace enforces.",
    "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
)
WITHIN_LIMITS = declare(
    "OPS-16",
    "A pod template keeps to the limit ranges of its namespace and states what its quotas count.",
    "plugin/pkg/admission/limitranger/admission.go; pkg/quota/v1/evaluator/core/pods.go",
)
WITHIN_QUOTA = declare(
    "OPS-17",
    "The replicas that the workloads of a namespace ask for fit into its quotas.",
    "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
)
WITHIN_QUOTA_AT_MOST = declare(
    "OPS-18",
    "They fit into its quotas also while one rolls out, and at the maximum of its autoscaler.",
    "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    "warning",
)
ENFORCE = "pod-security.kubernetes.io/enforce"
ZERO = parse_quantity("0")
_SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")


def _list_workloads(cluster: Cluster) -> Iterator[tuple[WorkloadRecord, Pod]]:
    """Yield the workloads that nobody controls, each with a pod as the API server defaults it."""
    for record in cluster.workloads.values():
        stored = cluster.store.find_named(*record.reference[:3])
        if record.owner is None and stored is not None:
            template = WorkloadView(record.reference.kind, dict(stored)).template
            yield record, default_pod_resources(template.pod)


@judges(Level.SNAPSHOT, SECURE_ENOUGH)
def judge_security(cluster: Cluster) -> Iterator[Violation]:
    """Ask of each template what its namespace enforces of pods."""
    enforced = {
        name: labels for name, labels in cluster.namespace_labels.items() if ENFORCE in labels
    }
    for record, pod in _list_workloads(cluster) if enforced else ():
        enforce = read_namespace_policy(enforced.get(record.reference.namespace, {})).enforce
        for reason, detail in find_faults(pod, enforce.level, enforce.number):
            message = f"{enforce.level}: {reason}" + (f" ({detail})" if detail else "")
            field = f"{get_template_field(record.reference.kind)}spec"
            yield SECURE_ENOUGH.violated(record.reference, message=message, field=field)


@judges(Level.SNAPSHOT, WITHIN_LIMITS, WITHIN_QUOTA, WITHIN_QUOTA_AT_MOST)
def judge_resources(cluster: Cluster) -> Iterator[Violation]:
    """Take a pod of each workload through limit ranges, and count what all of them come to."""
    ranges, quotas = list_limit_ranges(cluster), _list_quotas(cluster)
    pods: dict[str, list[tuple[WorkloadRecord, Pod]]] = {}
    for record, pod in _list_workloads(cluster) if ranges or quotas else ():
        namespace = record.reference.namespace
        limits = ranges.get(namespace, ())
        for each in limits:
            pod = set_container_defaults(pod, each)
        pods.setdefault(namespace, []).append((record, pod))
        yield from _judge_limits(record, pod, limits)
        for reference, quota in quotas.get(namespace, ()):
            yield from _judge_unset(record, pod, reference, quota)
    for namespace, found in quotas.items():
        for reference, quota in found:
            yield from _judge_sum(cluster, reference, quota, pods.get(namespace, []))


def _list_quotas(cluster: Cluster) -> dict[str, list[tuple[Reference, Quota]]]:
    found: dict[str, list[tuple[Reference, Quota]]] = {}
    for stored in cluster.store.list("ResourceQuota"):
        made = (refer_to(stored), read_quota(dict(stored)))
        found.setdefault(stored.key.namespace, []).append(made)
    return found


def _judge_limits(
    record: WorkloadRecord, pod: Pod, limits: Sequence[Sequence[LimitItem]]
) -> Iterator[Violation]:
    for breach in dict.fromkeys(b for each in limits for b in list_pod_breaches(pod, each)):
        field = f"{get_template_field(record.reference.kind)}spec.containers"
        yield WITHIN_LIMITS.violated(record.reference, message=breach, field=field)


def _judge_unset(
    record: WorkloadRecord, pod: Pod, reference: Reference, quota: Quota
) -> Iterator[Violation]:
    unset = list_unset(pod, quota.hard) if is_in_scope(pod, quota.scopes) else []
    if unset:
        message = f"quota {quota.name} asks for {'; '.join(unset)}"
        field = f"{get_template_field(record.reference.kind)}spec.containers"
        yield WITHIN_LIMITS.violated(record.reference, reference, message=message, field=field)


def _judge_sum(
    cluster: Cluster,
    reference: Reference,
    quota: Quota,
    pods: list[tuple[WorkloadRecord, Pod]],
) -> Iterator[Violation]:
    counted = [
        (record, measure_pod(pod))
        for record, pod in pods
        if record.reference.kind in _SCALED and is_in_scope(pod, quota.scopes)
    ]
    most = {record.reference[:3]: _find_most(cluster, record) for record, _ in counted}
    for requirement, at_most in ((WITHIN_QUOTA, False), (WITHIN_QUOTA_AT_MOST, True)):
        over: dict[str, tuple[Quantity, Quantity]] = {}
        for name, hard in quota.hard.items():
            total = ZERO
            for record, usage in counted:
                count = most[record.reference[:3]] if at_most else record.replicas
                total += _times(usage.get(name, ZERO), count)
            if total > hard:
                over[name] = (total, hard)
        if over:
            told = ", ".join(f"{n} {a} of {h}" for n, (a, h) in sorted(over.items()))
            where = "at most" if at_most else "at their replicas"
            message = f"{len(counted)} workloads ask {where} for {told}"
            objects = (reference, *(record.reference for record, _ in counted))
            yield requirement.violated(*objects, message=message, field="spec.hard")
            return


def _times(quantity: Quantity, count: int) -> Quantity:
    """Add a quantity up; doubling keeps that short."""
    total = ZERO
    while count > 0:
        if count % 2:
            total += quantity
        quantity, count = quantity + quantity, count // 2
    return total


def _find_most(cluster: Cluster, record: WorkloadRecord) -> int:
    """Return the pods there may be at once: the autoscaler's maximum, and what a rollout adds."""
    scalers = list_autoscalers(cluster).get(record.reference[:3], ())
    most = max([record.replicas, *(each.spec.integer("maxReplicas") or 0 for each in scalers)])
    return most + _find_surge(cluster, record, most)


def _find_surge(cluster: Cluster, record: WorkloadRecord, replicas: int) -> int:
    """Return maxSurge, by default a quarter; percentages are rounded up."""
    stored = cluster.store.find_named(*record.reference[:3])
    if record.reference.kind != "Deployment" or stored is None:
        return 0
    strategy = View(stored.get("spec"), "spec").view("strategy")
    said: object = strategy.view("rollingUpdate").data.get("maxSurge", "25%")
    if strategy.text("type") == "Recreate":
        return 0
    if isinstance(said, str) and said.endswith("%") and said[:-1].isdecimal():
        return -(-replicas * int(said[:-1]) // 100)
    return said if isinstance(said, int) else 0
