"""Whole objects of a snapshot, and pod templates that nobody there made from another one."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.spec.cluster.cluster_requirements import Reference
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.cluster.snapshot_records import Owner
from planespec.spec.objects import View
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.workload_views import get_template_field


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


def get_node_name(cluster: Cluster, reference: Reference, field: str) -> str:
    """Return the node that a pod, or a template at `field`, names; templates do not keep it."""
    view = View(dict(cluster.store.find_named(*reference[:3]) or {}))
    for name in field.split(".")[:-1]:
        view = view.view(name)
    return view.view("spec").text("nodeName")
