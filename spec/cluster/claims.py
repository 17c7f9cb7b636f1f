"""Requirements on claims: whether they can bind, and who shares them."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    CLAIM_BOUND,
    CLAIM_CAN_BIND,
    CLAIM_EXISTS,
    ONE_USER,
    SHARED_CLAIM,
    Violation,
)
from planespec.spec.cluster.evidence.certainty import knows_class
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_records import ClaimRecord, PodRecord, WorkloadRecord
from planespec.spec.requirement import Level, judges

_CLASS = "whether there is a StorageClass for a claim"
_SHARED_MODES = frozenset(("ReadWriteMany", "ReadOnlyMany"))


@judges(Level.SNAPSHOT, CLAIM_BOUND, CLAIM_EXISTS, CLAIM_CAN_BIND)
def judge_binding(cluster: Cluster) -> Iterator[Violation]:
    """Ask where the volume of each claim comes from."""
    for record in cluster.claims.values():
        claim = record.claim
        if claim.phase == "Lost":
            message = f"the claim lost its volume {claim.volume_name}"
            yield CLAIM_BOUND.violated(record.reference, message=message, field="status.phase")
        elif claim.phase == "Bound" or (claim.is_bound and not cluster.volumes):
            yield from _judge_volume(cluster, record)
        else:
            yield from _judge_source(cluster, record)
            if claim.phase == "Pending":
                message = "the claim is Pending"
                yield CLAIM_BOUND.violated(record.reference, message=message, field="status.phase")


def _judge_volume(cluster: Cluster, record: ClaimRecord) -> Iterator[Violation]:
    """The volume of a bound claim exists and is bound to this very claim."""
    name = record.claim.volume_name
    if not cluster.volumes or not name or not cluster.store.is_read("PersistentVolume"):
        return
    volume = cluster.volumes.get(name)
    if volume is None:
        message = f"PersistentVolume {name} does not exist"
        yield CLAIM_EXISTS.violated(record.reference, message=message, field="spec.volumeName")
    elif not volume.volume.is_bound_to(record.claim):
        message = f"PersistentVolume {name} is bound to another claim"
        objects = (record.reference, volume.reference)
        yield CLAIM_EXISTS.violated(*objects, message=message, field="spec.volumeName")


def _judge_source(cluster: Cluster, record: ClaimRecord) -> Iterator[Violation]:
    claim = record.claim
    name = claim.class_name
    if claim.volume_name or _find_volume(cluster, record):
        return
    if name:
        if cluster.has("StorageClass", "", name):
            return
        if not knows_class(cluster, "StorageClass"):
            cluster.doubt(_CLASS, record.reference)
        else:
            message = f"StorageClass {name} does not exist, and no volume of that class is free"
            yield CLAIM_CAN_BIND.violated(
                record.reference, message=message, field="spec.storageClassName"
            )
    elif record.names_class and not knows_class(cluster, "PersistentVolume"):
        cluster.doubt("whether there is a volume for a claim without a class", record.reference)
    elif record.names_class:
        message = "asks for no class, and no volume without a class fits"
        yield CLAIM_CAN_BIND.violated(record.reference, message=message, field="spec")
    elif cluster.default_class is None and not knows_class(cluster, "StorageClass"):
        cluster.doubt(_CLASS, record.reference)
    elif cluster.default_class is None:
        message = "names no storage class, the input has no default and no volume that fits"
        field = "spec.storageClassName"
        yield CLAIM_CAN_BIND.violated(record.reference, message=message, field=field)


def _find_volume(cluster: Cluster, record: ClaimRecord) -> bool:
    """Tell whether a volume is free for the claim, or reserved for it."""
    claim = record.claim
    for each in cluster.volumes.values():
        volume = each.volume
        wanted = claim.requested_storage
        is_free = volume.phase in ("", "Available") and not volume.spec.has("claimRef")
        if volume.is_bound_to(claim):
            return True
        if not is_free or volume.class_name != claim.class_name:
            continue
        is_large = wanted is None or volume.capacity >= wanted
        if is_large and claim.access_modes <= volume.access_modes:
            return True
    return False


@judges(Level.SNAPSHOT, SHARED_CLAIM)
def judge_shared(cluster: Cluster) -> Iterator[Violation]:
    """Look for workloads of which several replicas mount one claim that one node may mount."""
    for record in cluster.workloads.values():
        if record.replicas < 2 or (record.owner is not None and _has_owner(cluster, record)):
            continue
        namespace = record.reference.namespace
        for name, field in record.template.claims:
            claim = cluster.claims.get((namespace, name))
            if claim is None or not claim.claim.access_modes:
                continue
            if claim.claim.access_modes & _SHARED_MODES:
                continue
            modes = ", ".join(sorted(claim.claim.access_modes))
            message = f"{record.replicas} replicas mount claim {name}, which is {modes}"
            objects = (record.reference, claim.reference)
            field = f"spec.template.{field}"
            yield SHARED_CLAIM.violated(
                *objects, message=message, field=field, replicas=record.replicas
            )


def _has_owner(cluster: Cluster, record: WorkloadRecord) -> bool:
    owner = record.owner
    return owner is not None and cluster.has(owner.kind, record.reference.namespace, owner.name)


@judges(Level.SNAPSHOT, ONE_USER)
def judge_users(cluster: Cluster) -> Iterator[Violation]:
    """Look at which pods use each claim, and on which nodes."""
    users: dict[tuple[str, str], list[PodRecord]] = {}
    for pod in cluster.pods:
        if pod.node and not pod.is_terminal:
            for name, _ in pod.template.claims:
                users.setdefault((pod.reference.namespace, name), []).append(pod)
    for key, pods in users.items():
        record = cluster.claims.get(key)
        if record is None or len(pods) < 2:
            continue
        nodes = sorted({pod.node for pod in pods})
        modes = record.claim.access_modes
        objects = (record.reference, *(pod.reference for pod in pods))
        if modes == {"ReadWriteOncePod"}:
            message = f"ReadWriteOncePod claim is used by {len(pods)} pods"
            yield ONE_USER.violated(*objects, message=message, field="spec.accessModes")
        elif modes and not modes & _SHARED_MODES and len(nodes) > 1:
            message = f"ReadWriteOnce claim is used on {len(nodes)} nodes: {', '.join(nodes[:5])}"
            yield ONE_USER.violated(*objects, message=message, field="spec.accessModes")
