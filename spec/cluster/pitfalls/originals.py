"""What several judges here look up: templates that nobody made from another one, and beside them
the autoscalers and limit ranges that speak of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.admission.limit_ranger import LimitItem, read_limit_range
from planespec.spec.cluster.cluster_requirements import Reference
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.cluster.snapshot_records import Owner, WorkloadRecord
from planespec.spec.objects import Pod, View
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.workload_views import WorkloadView, get_template_field

WorkloadKey = tuple[str, str, str]
"""Kind, namespace and name."""


def is_live(stored: Stored) -> bool:
    """Say whether an API server gave the object out: only it sets uids."""
    return View(stored.get("metadata"), "metadata").has("uid")


@dataclass(frozen=True, slots=True)
class Original:
    """A template, and who has it."""

    template: PodTemplate
    namespace: str
    field: str
    """Where the template stands in the objects, with a dot behind it; empty for pods."""
    objects: list[Reference]


def list_originals(cluster: Cluster) -> list[Original]:
    """Return each distinct template of a namespace once, without those of controlled objects."""
    return cluster.derive(_find_originals)


def _find_originals(cluster: Cluster) -> list[Original]:
    found: dict[tuple[int, str, str], Original] = {}
    known: dict[tuple[str, Owner], bool] = {}
    for reference, template, owner in _list_all(cluster):
        namespace = reference.namespace
        if owner is not None:
            key = (namespace, owner)
            if key not in known:
                known[key] = cluster.has(owner.kind, namespace, owner.name)
            if known[key]:
                continue
        field = get_template_field(reference.kind)
        place = (id(template), namespace, field)
        if place not in found:
            found[place] = Original(template, namespace, field, [])
        found[place].objects.append(reference)
    return [*found.values()]


def _list_all(cluster: Cluster) -> Iterator[tuple[Reference, PodTemplate, Owner | None]]:
    for pod in cluster.pods:
        if not pod.is_terminal:
            yield pod.reference, pod.template, pod.owner
    for record in cluster.workloads.values():
        yield record.reference, record.template, record.owner


def get_node_name(cluster: Cluster, reference: Reference) -> str:
    """Return the node that a pod, or the template of a workload, names; shared parts keep none."""
    data = dict(cluster.store.find_named(*reference[:3]) or {})
    if reference.kind == "Pod":
        return Pod(data).node_name
    return WorkloadView(reference.kind, data).template.pod.node_name


# What the objects of a namespace say of its workloads.


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler of a workload that is there."""

    reference: Reference
    version: str
    spec: View
    target: WorkloadRecord


def list_autoscalers(cluster: Cluster) -> Mapping[WorkloadKey, Sequence[Autoscaler]]:
    """Return the autoscalers by the workload that they scale."""
    return cluster.derive(_find_autoscalers)


def _find_autoscalers(cluster: Cluster) -> Mapping[WorkloadKey, Sequence[Autoscaler]]:
    found: dict[WorkloadKey, list[Autoscaler]] = {}
    for stored in cluster.store.list("HorizontalPodAutoscaler"):
        spec = View(stored.get("spec"), "spec")
        target = spec.view("scaleTargetRef")
        key = (target.text("kind"), stored.key.namespace, target.text("name"))
        if key in cluster.workloads:
            made = Autoscaler(refer_to(stored), stored.version, spec, cluster.workloads[key])
            found.setdefault(key, []).append(made)
    return found


def list_limit_ranges(cluster: Cluster) -> Mapping[str, Sequence[Sequence[LimitItem]]]:
    """Return what each LimitRange of a namespace bounds."""
    return cluster.derive(_find_limit_ranges)


def _find_limit_ranges(cluster: Cluster) -> Mapping[str, Sequence[Sequence[LimitItem]]]:
    found: dict[str, list[Sequence[LimitItem]]] = {}
    for stored in cluster.store.list("LimitRange"):
        found.setdefault(stored.key.namespace, []).append(read_limit_range(dict(stored)))
    return found
