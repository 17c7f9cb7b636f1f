"""Every requirement on a snapshot, one after the other."""

from collections.abc import Callable, Iterator

from planespec.spec.cluster import claims, neighbours, placement, references, selection
from planespec.spec.cluster.cluster_requirements import (
    AUDITED,
    PRELOADED_IMAGE,
    VALID_POD,
    VALID_SERVICE,
)
from planespec.spec.cluster.finding import Reference, Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.names import normalize_image_name
from planespec.spec.objects import ObjectError


def judge_validity(cluster: Cluster) -> Iterator[Violation]:
    """Repeat what the API server says of Services, pods and templates."""
    for service in cluster.services.values():
        for error in service.errors:
            field, _, message = error.partition(": ")
            yield VALID_SERVICE.violated(service.reference, message=message, field=field)
    seen: set[tuple[int, str]] = set()
    for reference, template, prefix in references.list_templates(cluster):
        key = (id(template), reference.namespace)
        if not template.errors or key in seen:
            continue
        seen.add(key)
        for error in template.errors:
            field, _, message = error.partition(": ")
            yield VALID_POD.violated(reference, message=message, field=prefix + field)


def judge_images(cluster: Cluster) -> Iterator[Violation]:
    """Look for images that are never pulled and that no node of the input has."""
    present = {
        normalize_image_name(name) for node in cluster.nodes.values() for name in node.images
    }
    users: dict[str, list[tuple[Reference, str]]] = {}
    for reference, template, prefix in references.list_templates(cluster):
        for image, field in template.never_pulled:
            if normalize_image_name(image) not in present:
                users.setdefault(image, []).append((reference, prefix + field))
    for image, found in users.items():
        where = (
            f"none of {len(cluster.nodes)} nodes has it"
            if cluster.nodes
            else ("it must be loaded on every node beforehand")
        )
        message = f"image {image} is never pulled (imagePullPolicy Never): {where}"
        objects = [reference for reference, _ in found]
        yield PRELOADED_IMAGE.violated(*objects, message=message, field=found[0][1])


def judge_status(cluster: Cluster) -> Iterator[Violation]:
    """Repeat what the status of pods, nodes and workloads complains of."""
    for pod in cluster.pods:
        for id_, message in pod.troubles:
            yield AUDITED[id_].violated(pod.reference, message=message, field="status")
    for node in cluster.nodes.values():
        for id_, message in node.troubles:
            yield AUDITED[id_].violated(node.reference, message=message, field="status")
    for record in cluster.workloads.values():
        for id_, message in record.troubles:
            yield AUDITED[id_].violated(record.reference, message=message, field="status")


JUDGES: tuple[Callable[[Cluster], Iterator[Violation]], ...] = (
    placement.judge_fit,
    placement.judge_ports,
    placement.judge_nodes_exist,
    placement.judge_constraints,
    neighbours.judge_affinity,
    placement.judge_schedulable,
    claims.judge_users,
    judge_validity,
    references.judge_pod_references,
    references.judge_backends,
    references.judge_governing_services,
    references.judge_priorities,
    references.judge_links,
    references.judge_owners,
    selection.judge_services,
    selection.judge_workload_selectors,
    selection.judge_budgets,
    claims.judge_binding,
    claims.judge_shared,
    judge_images,
    judge_status,
)


def judge_cluster(cluster: Cluster, unread: list[ObjectError]) -> Iterator[Violation]:
    """Evaluate every requirement on a snapshot that has been read in.

    A field that turns out to be unreadable only here ends one judge, and is put into `unread`.
    """
    yield from cluster.violations
    for judge in JUDGES:
        try:
            yield from judge(cluster)
        except ObjectError as error:
            unread.append(error)


def list_unjudged(cluster: Cluster) -> Iterator[str]:
    """Say what the input is too small to judge."""
    needed: dict[str, int] = {}
    for _, template, _ in references.list_templates(cluster):
        for use in template.configuration:
            needed[use.kind] = needed.get(use.kind, 0) + 1
        if template.claims:
            kind = "PersistentVolumeClaim"
            needed[kind] = needed.get(kind, 0) + len(template.claims)
    for kind, count in sorted(needed.items()):
        if not cluster.has_kind(kind):
            yield f"{count:,} references to {kind}s, of which the input has none"
    bound = sum(bool(pod.node) for pod in cluster.pods)
    if bound and not cluster.nodes:
        yield f"the placement of {bound:,} pods, as the input has no nodes"
