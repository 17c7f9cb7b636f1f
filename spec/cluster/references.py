"""OBJ requirements on references: what an object names exists."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    ACCOUNT_EXISTS,
    BACKEND_EXISTS,
    CLAIM_EXISTS,
    CLASS_EXISTS,
    CONFIGURATION_EXISTS,
    GOVERNING_SERVICE,
    OWNER_EXISTS,
    PRIORITY_CLASS,
    ROLE_EXISTS,
    SCALE_TARGET,
    Reference,
    Violation,
)
from planespec.spec.cluster.evidence.certainty import Mentions, knows_class
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.cluster.snapshot_records import Owner
from planespec.spec.objects.standing_objects import SYSTEM_CLASSES
from planespec.spec.objects.workload_views import get_template_field
from planespec.spec.requirement import Level, Requirement, judges

_MADE = ("ConfigMap", "Secret")
"""Kinds that operators, generators and the like make."""

Users = dict[tuple[str, str, str, str], list[tuple[Reference, str]]]
"""What is missing, by kind, namespace, name and key: who refers to it, and by which field."""


def list_templates(cluster: Cluster) -> Iterator[tuple[Reference, PodTemplate, str]]:
    """Yield every pod and workload with its template and the field the template stands in.

    A finished pod needs nothing any more.
    """
    for pod in cluster.pods:
        if not pod.is_terminal:
            yield pod.reference, pod.template, ""
    for record in cluster.workloads.values():
        yield record.reference, record.template, get_template_field(record.reference.kind)


@judges(Level.SNAPSHOT, CONFIGURATION_EXISTS, CLAIM_EXISTS, ACCOUNT_EXISTS)
def judge_pod_references(cluster: Cluster) -> Iterator[Violation]:
    """Look up what pods and templates refer to; one violation for each thing that is missing."""
    missing: Users = {}
    known: dict[tuple[int, str], tuple[tuple[str, str, str, str], ...]] = {}
    for reference, template, prefix in list_templates(cluster):
        key = (id(template), reference.namespace)
        if key not in known:
            known[key] = tuple(_list_missing(cluster, template, reference.namespace))
        for kind, name, item, field in known[key]:
            users = missing.setdefault((kind, reference.namespace, name, item), [])
            users.append((reference, prefix + field))
    mentions = Mentions(cluster) if missing and not cluster.is_live else None
    for (kind, namespace, name, item), users in missing.items():
        if mentions is not None and kind in _MADE and mentions.makes(kind, namespace, name):
            cluster.doubt(f"{kind}s that other objects of the input may make", users[0][0])
            continue
        requirement = _REQUIREMENTS[kind]
        what = f"{kind} {namespace}/{name}"
        message = f"{what} has no key {item}" if item else f"{what} does not exist"
        numbers = f"; {len(users)} objects refer to it" if len(users) > 1 else ""
        objects = [user for user, _ in users]
        yield requirement.violated(*objects, message=message + numbers, field=users[0][1])


_REQUIREMENTS: dict[str, Requirement] = {
    "ConfigMap": CONFIGURATION_EXISTS,
    "Secret": CONFIGURATION_EXISTS,
    "PersistentVolumeClaim": CLAIM_EXISTS,
    "ServiceAccount": ACCOUNT_EXISTS,
}


def _list_missing(
    cluster: Cluster, template: PodTemplate, namespace: str
) -> Iterator[tuple[str, str, str, str]]:
    for use in template.configuration:
        if cluster.lacks(use.kind, namespace, use.name):
            yield use.kind, use.name, "", use.field
        elif use.key and cluster.has(use.kind, namespace, use.name):
            record = cluster.named.get((use.kind, namespace, use.name))
            if record is not None and record.keys and use.key not in record.keys:
                yield use.kind, use.name, use.key, use.field
    for name, field in template.claims:
        if cluster.lacks("PersistentVolumeClaim", namespace, name):
            yield "PersistentVolumeClaim", name, "", field
    account = template.service_account
    if cluster.lacks("ServiceAccount", namespace, account):
        yield "ServiceAccount", account, "", "spec.serviceAccountName"


@judges(Level.SNAPSHOT, CLASS_EXISTS, BACKEND_EXISTS)
def judge_backends(cluster: Cluster) -> Iterator[Violation]:
    """Look up the Services behind Ingresses, and their ports and classes."""
    for ingress in cluster.ingresses:
        namespace = ingress.reference.namespace
        for backend in ingress.backends:
            service = cluster.services.get((namespace, backend.service))
            if service is None:
                if cluster.lacks("Service", namespace, backend.service):
                    message = f"Service {namespace}/{backend.service} does not exist"
                    yield BACKEND_EXISTS.violated(
                        ingress.reference, message=message, field=backend.field
                    )
                continue
            ports = {port.number for port in service.ports} | {p.name for p in service.ports}
            wanted = backend.port_name or backend.port_number
            if wanted not in ports and not service.is_external:
                message = f"Service {backend.service} has no port {wanted}"
                objects = (ingress.reference, service.reference)
                yield BACKEND_EXISTS.violated(*objects, message=message, field=backend.field)
        name = ingress.class_name
        if not name or cluster.has("IngressClass", "", name):
            continue
        if not knows_class(cluster, "IngressClass"):
            cluster.doubt("whether the IngressClass of an Ingress exists", ingress.reference)
            continue
        message = f"IngressClass {name} does not exist"
        field = "spec.ingressClassName"
        yield CLASS_EXISTS.violated(ingress.reference, message=message, field=field)


@judges(Level.SNAPSHOT, GOVERNING_SERVICE)
def judge_governing_services(cluster: Cluster) -> Iterator[Violation]:
    """Look up the Service of each StatefulSet; without it its pods have no names in DNS."""
    for record in cluster.workloads.values():
        name, namespace = record.service, record.reference.namespace
        if name and cluster.lacks("Service", namespace, name):
            message = f"Service {namespace}/{name} does not exist"
            field = "spec.serviceName"
            yield GOVERNING_SERVICE.violated(record.reference, message=message, field=field)


@judges(Level.SNAPSHOT, PRIORITY_CLASS)
def judge_priorities(cluster: Cluster) -> Iterator[Violation]:
    """Compare priorities of pods with their classes."""
    if not cluster.has_kind("PriorityClass"):
        return
    for reference, template, prefix in list_templates(cluster):
        name = template.priority_class
        if not name:
            continue
        value = _find_priority(cluster, name)
        field = f"{prefix}spec.priorityClassName"
        if value is None and cluster.has("PriorityClass", "", name):
            continue
        if value is None and not knows_class(cluster, "PriorityClass"):
            cluster.doubt("whether the PriorityClass of a pod exists", reference)
        elif value is None:
            message = f"PriorityClass {name} does not exist"
            yield PRIORITY_CLASS.violated(reference, message=message, field=field)
        elif template.priority is not None and template.priority != value:
            message = f"the pod has priority {template.priority}, its class {name} {value}"
            yield PRIORITY_CLASS.violated(reference, message=message, field=field)


def _find_priority(cluster: Cluster, name: str) -> int | None:
    if name in SYSTEM_CLASSES:
        return SYSTEM_CLASSES[name]
    record = cluster.named.get(("PriorityClass", "", name))
    return None if record is None else record.number or 0


@judges(Level.SNAPSHOT, ROLE_EXISTS, SCALE_TARGET)
def judge_links(cluster: Cluster) -> Iterator[Violation]:
    """Look up roles of bindings and targets of autoscalers."""
    for record in cluster.named.values():
        for kind, name, field in record.links:
            is_role = record.reference.kind != "HorizontalPodAutoscaler"
            namespace = "" if kind == "ClusterRole" else record.reference.namespace
            if cluster.has(kind, namespace, name) or not cluster.knows(kind, namespace):
                continue
            requirement = ROLE_EXISTS if is_role else SCALE_TARGET
            message = f"{Reference(kind, namespace, name)} does not exist"
            yield requirement.violated(record.reference, message=message, field=field)


@judges(Level.SNAPSHOT, OWNER_EXISTS)
def judge_owners(cluster: Cluster) -> Iterator[Violation]:
    """Look up the controllers of pods and workloads."""
    missing: dict[tuple[str, Owner], list[Reference]] = {}
    gone: dict[tuple[str, Owner], bool] = {}
    records = [(each.reference, each.owner) for each in cluster.workloads.values()]
    records += [(pod.reference, pod.owner) for pod in cluster.pods]
    for reference, owner in records:
        if owner is None or owner.kind == "Node":
            continue
        key = (reference.namespace, owner)
        if key not in gone:
            gone[key] = _is_gone(cluster, *key)
        if gone[key]:
            missing.setdefault(key, []).append(reference)
    for (namespace, owner), objects in missing.items():
        message = f"the controller {owner.kind} {namespace}/{owner.name} ({owner.uid}) is gone"
        field = "metadata.ownerReferences"
        yield OWNER_EXISTS.violated(*objects, message=message, field=field)


def _is_gone(cluster: Cluster, namespace: str, owner: Owner) -> bool:
    """Say whether the owner does not exist, or another object of its name does.

    Where its kind has no object in the namespace, it was not listed: it is rare that all are gone.
    """
    if not cluster.store.lists(owner.kind, namespace):
        return False
    key = (owner.kind, namespace, owner.name)
    return not cluster.has(*key) or cluster.get_uid(*key) not in ("", owner.uid)
