"""OBJ requirements on selectors: Services, workloads, disruption budgets."""

from collections.abc import Iterator, Mapping

from planespec.spec.cluster.cluster_requirements import (
    BUDGET_ALLOWS,
    ONE_BUDGET,
    SELECTOR_MATCHES,
    SELECTS_SOMETHING,
    TARGET_PORT,
    Reference,
    Violation,
)
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.cluster.snapshot_records import BudgetRecord, PodRecord, ServiceRecord
from planespec.spec.labels import Selector
from planespec.spec.objects.standing_objects import CONTROL_PLANE
from planespec.spec.objects.workload_views import WORKLOADS
from planespec.spec.requirement import Level, judges

Candidate = tuple[Mapping[str, str], PodTemplate, Reference]

_OF_JOB = ("batch.kubernetes.io/job-name", "job-name")
_OF_CONTROLLERS = {
    "Deployment": ("pod-template-hash",),
    "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "StatefulSet": (
        "apps.kubernetes.io/pod-index",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
    ),
    "Job": (
        *_OF_JOB,
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "controller-uid",
    ),
    "CronJob": (*_OF_JOB, "batch.kubernetes.io/controller-uid", "controller-uid"),
}
"""Labels that a controller gives to its pods besides those of the template.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/
"""


def may_carry(candidate: Candidate, key: str, value: str) -> bool:
    """Say whether pods of the candidate have the label, or its controller may add it."""
    labels, _, reference = candidate
    if labels.get(key) == value:
        return True
    if key in labels or key not in _OF_CONTROLLERS.get(reference.kind, ()):
        return False
    if key in _OF_JOB and reference.kind == "Job":
        return value == reference.name
    if key == "statefulset.kubernetes.io/pod-name":
        name, _, ordinal = value.rpartition("-")
        return name == reference.name and ordinal.isdecimal()
    return True


def is_selected(candidate: Candidate, selector: Selector) -> bool:
    """Say whether a selector selects pods of the candidate, as far as their labels are known."""
    if selector.matches(candidate[0]):
        return True
    added = _OF_CONTROLLERS.get(candidate[2].kind, ())
    return not selector.selects_nothing and all(
        each.matches(candidate[0])
        or (each.key in added and any(may_carry(candidate, each.key, v) for v in each.values))
        for each in selector.requirements
    )


class Candidates:
    """Pods and pod templates of each namespace by label, for selectors to look up."""

    def __init__(self, cluster: Cluster) -> None:
        """Take one pod of each group with equal labels and spec."""
        self._all: dict[str, list[Candidate]] = {}
        self._by_label: dict[tuple[str, str, str], list[Candidate]] = {}
        for namespace, groups in cluster.pod_groups.items():
            for labels, pods in groups.values():
                templates = {id(p.template): p for p in pods if not p.is_terminal}
                for pod in templates.values():
                    self._add(namespace, (labels, pod.template, pod.reference))
        for record in cluster.workloads.values():
            candidate = (record.labels, record.template, record.reference)
            self._add(record.reference.namespace, candidate)
        for candidate in cluster.foreign_templates:
            self._add(candidate[2].namespace, candidate)
        self._guessed = {
            stored.key.namespace
            for stored in cluster.list_foreign()
            if stored.key.namespace not in cluster.pod_groups
        }
        if not cluster.is_live:
            self._guessed.add(CONTROL_PLANE)

    def _add(self, namespace: str, candidate: Candidate) -> None:
        self._all.setdefault(namespace, []).append(candidate)
        for key, value in candidate[0].items():
            self._by_label.setdefault((namespace, key, value), []).append(candidate)
        for key in _OF_CONTROLLERS.get(candidate[2].kind, ()):
            self._by_label.setdefault((namespace, key, ""), []).append(candidate)

    def has_any(self, namespace: str) -> bool:
        """Say whether the namespace has pods or templates."""
        return namespace in self._all

    def has_all(self, namespace: str) -> bool:
        """Say whether what is not found is not there.

        Custom resources may stand for pods, and manifests do not have those of the control plane.
        """
        return self.has_any(namespace) and namespace not in self._guessed

    def select(self, namespace: str, wanted: Mapping[str, str]) -> list[Candidate]:
        """Return what carries all the labels."""
        lists = [
            [
                *self._by_label.get((namespace, *item), ()),
                *self._by_label.get((namespace, item[0], ""), ()),
            ]
            for item in wanted.items()
        ]
        shortest = min(lists, key=len, default=[])
        found = [e for e in shortest if all(may_carry(e, *item) for item in wanted.items())]
        return list({id(each): each for each in found}.values())

    def list(self, namespace: str) -> list[Candidate]:
        """Return all of the namespace."""
        return self._all.get(namespace, [])


_UNSEEN = "whether a selector selects pods that are not read, or that an operator makes"
_MAKERS = ("Pod", *WORKLOADS)


def reads_all_pods(cluster: Cluster) -> bool:
    """Say whether all could be read that pods come from."""
    return all(cluster.store.is_read(kind) for kind in _MAKERS)


@judges(Level.SNAPSHOT, TARGET_PORT, SELECTS_SOMETHING)
def judge_services(cluster: Cluster) -> Iterator[Violation]:
    """Look up what each Service selects, and the ports it names there."""
    candidates = cluster.derive(Candidates)
    is_read = reads_all_pods(cluster)
    for (namespace, _), service in cluster.services.items():
        if not service.selector or service.is_external or not candidates.has_any(namespace):
            continue
        selected = candidates.select(namespace, service.selector)
        if not selected and not (is_read and candidates.has_all(namespace)):
            cluster.doubt(_UNSEEN, service.reference)
        elif not selected:
            words = ",".join(f"{key}={value}" for key, value in service.selector.items())
            message = f"no pod or template of namespace {namespace} has the labels {words}"
            yield SELECTS_SOMETHING.violated(
                service.reference, message=message, field="spec.selector"
            )
        else:
            yield from _judge_target_ports(service, selected)


def _judge_target_ports(service: ServiceRecord, selected: list[Candidate]) -> Iterator[Violation]:
    for port in service.ports:
        if not port.target:
            continue
        lacking = [ref for _, template, ref in selected if port.target not in template.port_names]
        if lacking:
            message = f"{len(lacking)} of {len(selected)} selected have no port {port.target}"
            objects = (service.reference, *lacking)
            yield TARGET_PORT.violated(*objects, message=message, field=port.field)


@judges(Level.SNAPSHOT, SELECTOR_MATCHES)
def judge_workload_selectors(cluster: Cluster) -> Iterator[Violation]:
    """Compare each selector with the labels of the workload's own template."""
    for record in cluster.workloads.values():
        if record.selector is not None and not record.selector.matches(record.labels):
            message = f"the selector {record.selector} does not match the template's labels"
            field = "spec.selector"
            yield SELECTOR_MATCHES.violated(record.reference, message=message, field=field)


@judges(Level.SNAPSHOT, ONE_BUDGET, BUDGET_ALLOWS, SELECTS_SOMETHING)
def judge_budgets(cluster: Cluster) -> Iterator[Violation]:
    """Look up what each budget guards, and whether it can ever allow anything."""
    guards: dict[int, tuple[PodRecord, list[Reference]]] = {}
    candidates = cluster.derive(Candidates) if cluster.budgets else None
    for budget in cluster.budgets:
        namespace = budget.reference.namespace
        groups = cluster.pod_groups.get(namespace, {})
        pods = [
            pod
            for labels, members in groups.values()
            if budget.selector.matches(labels)
            for pod in members
            if not pod.is_terminal
        ]
        for pod in pods:
            guards.setdefault(id(pod), (pod, []))[1].append(budget.reference)
        assert candidates is not None
        matched = [e for e in candidates.list(namespace) if is_selected(e, budget.selector)]
        if not matched and not (reads_all_pods(cluster) and candidates.has_all(namespace)):
            if candidates.has_any(namespace):
                cluster.doubt(_UNSEEN, budget.reference)
        elif not matched:
            message = f"no pod or template of namespace {namespace} matches {budget.selector}"
            field = "spec.selector"
            yield SELECTS_SOMETHING.violated(budget.reference, message=message, field=field)
        wanted = sum(
            record.replicas
            for record in cluster.workloads.values()
            if record.owner is None
            and record.reference.namespace == namespace
            and budget.selector.matches(record.labels)
        )
        yield from _judge_numbers(budget, max(len(pods), wanted))
    yield from _judge_overlaps(guards)


def _judge_numbers(budget: BudgetRecord, pods: int) -> Iterator[Violation]:
    """Percentages are rounded up, of the pods the budget guards."""
    least, most = budget.min_available, budget.max_unavailable
    if most is not None and _scale(most, pods or 1) == 0:
        message = f"maxUnavailable {most} allows no disruption, ever"
        yield BUDGET_ALLOWS.violated(
            budget.reference, message=message, field="spec.maxUnavailable"
        )
    if least is not None and pods and _scale(least, pods) >= pods:
        message = f"minAvailable {least} of {pods} pods allows no disruption, ever"
        yield BUDGET_ALLOWS.violated(budget.reference, message=message, field="spec.minAvailable")
    if least is not None and _scale(least, 1) == 0:
        message = f"minAvailable {least} guards nothing"
        yield BUDGET_ALLOWS.violated(budget.reference, message=message, field="spec.minAvailable")


def _scale(value: object, total: int) -> int:
    if isinstance(value, int):
        return value
    return -(-int(str(value)[:-1]) * total // 100)


def _judge_overlaps(
    guards: dict[int, tuple[PodRecord, list[Reference]]],
) -> Iterator[Violation]:
    overlaps: dict[tuple[Reference, ...], list[Reference]] = {}
    for pod, budgets in guards.values():
        if len(budgets) > 1:
            overlaps.setdefault(tuple(budgets), []).append(pod.reference)
    for found, pods in overlaps.items():
        names = ", ".join(each.name for each in found)
        message = f"{len(pods)} pods are guarded by {names}: their eviction answers 500"
        yield ONE_BUDGET.violated(*found, *pods, message=message, field="spec.selector")
