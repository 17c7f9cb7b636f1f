"""OPS requirement on selectors of workloads, and budgets of templates: each pod has one owner.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector;
`pkg/controller/controller_ref_manager.go`; v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import ONE_BUDGET, Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_records import WorkloadRecord
from planespec.spec.labels import Operator
from planespec.spec.requirement import Level, declare, judges

OWN_SELECTOR = declare(
    "OPS-12",
    "The selector of a workload selects no template of another one.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
    "warning",
)


def _group(cluster: Cluster) -> dict[str, list[WorkloadRecord]]:
    """Return the workloads that nobody controls, by namespace."""
    found: dict[str, list[WorkloadRecord]] = {}
    for record in cluster.workloads.values():
        if record.owner is None and record.reference.kind not in ("Job", "CronJob"):
            found.setdefault(record.reference.namespace, []).append(record)
    return found


@judges(Level.SNAPSHOT, OWN_SELECTOR)
def judge_overlaps(cluster: Cluster) -> Iterator[Violation]:
    """Compare the selectors of a namespace with the templates of the others."""
    for records in _group(cluster).values():
        by_label: dict[tuple[str, str], list[WorkloadRecord]] = {}
        for record in records:
            for item in record.labels.items():
                by_label.setdefault(item, []).append(record)
        for record in records:
            for other in _list_candidates(record, records, by_label):
                if other is not record and _selects(record, other):
                    message = f"{record.selector} also selects the pods of {other.reference}"
                    objects = (record.reference, other.reference)
                    yield OWN_SELECTOR.violated(*objects, message=message, field="spec.selector")


def _selects(record: WorkloadRecord, other: WorkloadRecord) -> bool:
    return record.selector is not None and record.selector.matches(other.labels)


def _list_candidates(
    record: WorkloadRecord,
    records: list[WorkloadRecord],
    by_label: dict[tuple[str, str], list[WorkloadRecord]],
) -> list[WorkloadRecord]:
    """Return the workloads that have the rarest label it asks for; without one it may see all."""
    if record.selector is None:
        return []
    exact = [
        (each.key, each.values[0])
        for each in record.selector.requirements
        if each.operator in (Operator.IN, Operator.EQUALS) and len(each.values) == 1
    ]
    lists = [by_label.get(item, []) for item in exact]
    return min(lists, key=len, default=records)


@judges(Level.SNAPSHOT, ONE_BUDGET)
def judge_budgets_of_templates(cluster: Cluster) -> Iterator[Violation]:
    """Look for templates that two budgets guard; where there are pods, those are judged."""
    by_namespace: dict[str, list[WorkloadRecord]] = _group(cluster) if cluster.budgets else {}
    for namespace, records in by_namespace.items():
        budgets = [each for each in cluster.budgets if each.reference.namespace == namespace]
        for record in records if namespace not in cluster.pod_groups else ():
            guards = [each.reference for each in budgets if each.selector.matches(record.labels)]
            if len(guards) > 1:
                names = ", ".join(each.name for each in guards)
                message = f"its pods will be guarded by {names}: their eviction answers 500"
                objects = (*guards, record.reference)
                yield ONE_BUDGET.violated(*objects, message=message, field="spec.selector")
