"""Every requirement on a snapshot, one after the other."""

from collections.abc import Iterator

from planespec.spec.cluster import claims, neighbours, placement, references, selection
from planespec.spec.cluster.cluster_requirements import (
    BOUND_ONCE,
    CONTAINERS_RUN,
    IDENTITY,
    METADATA,
    NODE_READY,
    POD_SCHEDULED,
    POD_SUCCEEDS,
    PRELOADED_IMAGE,
    REPEATED_FIELD,
    SERVED,
    STATUS_ADDS_UP,
    VALID_OBJECT,
    VALID_POD,
    VALID_SERVICE,
    WORKLOAD_AVAILABLE,
    Reference,
    Violation,
)
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.names import normalize_image_name
from planespec.spec.objects import ObjectError, Pod
from planespec.spec.requirement import (
    REQUIREMENTS,
    Level,
    Requirement,
    import_all,
    judges,
    list_judges,
    load_requirements,
)
from planespec.spec.schema import schema_judge

MODULES = (
    placement,
    neighbours,
    claims,
    references,
    selection,
    schema_judge,
)
"""Where judges of snapshots are, besides `pitfalls` and `node_life`; imported, they are known."""
import_all(f"{__package__}.pitfalls")
import_all(f"{__package__}.node_life")

MOST_IMAGES = 50
"""Images that a node's status has room for."""

AUDITED = (Level.SNAPSHOT, Level.EVENT, Level.TRANSITION, Level.LOG)
"""What an audit judges."""


@judges(
    Level.SNAPSHOT,
    IDENTITY,
    METADATA,
    SERVED,
    BOUND_ONCE,
    VALID_SERVICE,
    VALID_POD,
    VALID_OBJECT,
    REPEATED_FIELD,
)
def judge_as_read(cluster: Cluster) -> Iterator[Violation]:
    """Repeat what reading has found: identities, API versions, what breaks the rules of a kind."""
    yield from cluster.violations
    yield from cluster.repeated.list_violations()


@judges(Level.SNAPSHOT, PRELOADED_IMAGE)
def judge_images(cluster: Cluster) -> Iterator[Violation]:
    """Look for images that are never pulled and that no node of the input has.

    A node names its 50 largest images only (kubelet, nodeStatusMaxImages), so that one with 50 may
    have others; and a container that has started had its image.
    """
    present = {
        normalize_image_name(name) for node in cluster.nodes.values() for name in node.images
    }
    if any(
        len(node.node.status.items("images")) >= MOST_IMAGES for node in cluster.nodes.values()
    ):
        return
    users: dict[str, list[tuple[Reference, str]]] = {}
    for reference, template, prefix in references.list_templates(cluster):
        for image, field in template.never_pulled:
            if normalize_image_name(image) not in present and not _runs(cluster, reference):
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


def _runs(cluster: Cluster, reference: Reference) -> bool:
    stored = cluster.store.find_named(*reference[:3]) if reference.kind == "Pod" else None
    return stored is not None and Pod(stored).phase == "Running"


@judges(
    Level.SNAPSHOT,
    CONTAINERS_RUN,
    NODE_READY,
    WORKLOAD_AVAILABLE,
    POD_SUCCEEDS,
    STATUS_ADDS_UP,
)
def judge_status(cluster: Cluster) -> Iterator[Violation]:
    """Repeat what the status of pods, nodes and workloads complains of; `waiting` has the rest."""
    for pod in cluster.pods:
        for id_, message in pod.troubles:
            if id_ == POD_SCHEDULED.id:
                continue
            yield REQUIREMENTS[id_].violated(pod.reference, message=message, field="status")
    for node in cluster.nodes.values():
        for id_, message in node.troubles:
            yield REQUIREMENTS[id_].violated(node.reference, message=message, field="status")
    for record in cluster.workloads.values():
        for id_, message in record.troubles:
            yield REQUIREMENTS[id_].violated(record.reference, message=message, field="status")


def judge_cluster(cluster: Cluster, unread: list[ObjectError]) -> Iterator[Violation]:
    """Evaluate every requirement on a snapshot that has been read in.

    A field that turns out to be unreadable only here ends one judge, and is put into `unread`.
    """
    for judge in list_judges(Level.SNAPSHOT):
        try:
            yield from judge.find(cluster)
        except ObjectError as error:
            unread.append(error)


def list_audited() -> list[Requirement]:
    """Every requirement that a snapshot or a log is judged by, area by area, by number."""
    found = load_requirements().values()
    return [each for each in found if any(level in AUDITED for level in each.levels)]


def list_unjudged(cluster: Cluster) -> Iterator[str]:
    """Say what the input is too small to judge."""
    for what, objects in cluster.doubts.items():
        named = ", ".join(dict.fromkeys(map(str, objects[:3])))
        more = f" and {len(objects) - 3:,} more" if len(objects) > 3 else ""
        yield f"{what}: {named}{more}"
    yield from cluster.repeated.list_notes()
    needed: dict[str, int] = {}
    for _, template, _ in references.list_templates(cluster):
        for kind, _ in {(use.kind, use.name) for use in template.configuration}:
            needed[kind] = needed.get(kind, 0) + 1
        if template.claims:
            kind = "PersistentVolumeClaim"
            needed[kind] = needed.get(kind, 0) + len(template.claims)
    for kind, count in sorted(needed.items()):
        if not cluster.counts.get(kind):
            references_to = "1 reference to a" if count == 1 else f"{count:,} references to"
            yield f"{references_to} {kind}{'s' * (count > 1)}, of which the input has none"
    yield from schema_judge.list_unjudged_kinds(cluster.unjudged_kinds)
    bound = sum(bool(pod.node) for pod in cluster.pods)
    if bound and not cluster.nodes:
        yield f"the placement of {bound:,} pods, as the input has no nodes"
