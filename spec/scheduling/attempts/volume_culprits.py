"""Which volume, claim, class or disk keeps a pod off a node."""

from collections.abc import Iterator, Sequence

from planespec.spec.objects import View
from planespec.spec.objects.volumes import (
    NO_PROVISIONER,
    PersistentVolume,
    PersistentVolumeClaim,
)
from planespec.spec.pods.volume_matching import find_matching_volume, is_reachable
from planespec.spec.scheduling.attempts.pod_culprits import More, name_pods
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.node_volume_limits import list_exceeded
from planespec.spec.scheduling.plugins.volume_binding import (
    PodClaims,
    has_enough_capacity,
    see_from,
)
from planespec.spec.scheduling.plugins.volume_restrictions import (
    RestrictionState,
    find_disk_user,
)
from planespec.spec.scheduling.plugins.volume_zone import VolumeTopology, find_mismatch
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot, Storage


def name_restriction_culprits(
    snapshot: Snapshot, pod: PodInfo, state: RestrictionState, node: NodeInfo
) -> Iterator[str | More]:
    """Yield who uses the disk, and who uses a claim that only one pod may use."""
    for volume in pod.volumes:
        user = find_disk_user(volume, node)
        if user is not None:
            yield f"the disk of volume {volume.text('name')} is used by pod {user.key}"
    for name in sorted(state.exclusive_claims):
        users = snapshot.derive(_find_users, (pod.namespace, name))
        yield from name_pods(f"claim {name} (ReadWriteOncePod) is used by pod", users)


def _find_users(snapshot: Snapshot, claim: tuple[str, str]) -> Sequence[PodInfo]:
    namespace, name = claim
    pods = (each for node in snapshot.nodes.values() for each in node.pods)
    return [each for each in pods if each.namespace == namespace and name in each.claim_names]


def name_limit_culprits(
    snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo
) -> Iterator[str]:
    """Yield the drivers that cannot attach so many volumes."""
    for each in list_exceeded(snapshot.storage, pod, node):
        yield (
            f"driver {each.driver} takes {each.limit} volumes (CSINode {node.name}), has "
            f"{each.present}, and the pod adds {each.added}"
        )


def name_zone_culprits(
    snapshot: Snapshot, pod: PodInfo, state: Sequence[VolumeTopology], node: NodeInfo
) -> Iterator[str]:
    """Yield the volumes and zones that the node is not in."""
    found = find_mismatch(state, node)
    if found is not None:
        own = node.labels.get(found.key, "none")
        values = ", ".join(sorted(found.values))
        yield f"volume {found.volume} is in {found.key} {values}, the node in {own}"


def name_binding_culprits(
    snapshot: Snapshot, pod: PodInfo, state: PodClaims, node: NodeInfo
) -> Iterator[str]:
    """Yield what is wrong with each claim on the node."""
    storage = snapshot.storage
    for claim in state.bound:
        volume = storage.volumes.get(claim.volume_name)
        if volume is None:
            yield f"claim {claim.name} is bound to volume {claim.volume_name}, which is not there"
        elif not is_reachable(seen := see_from(storage, volume, node), node.labels):
            where = _write_terms(seen)
            yield f"volume {volume.name} of claim {claim.name} can be reached from {where}"
    for claim in state.waiting:
        yield from _name_waiting(storage, claim, node)


def _name_waiting(storage: Storage, claim: PersistentVolumeClaim, node: NodeInfo) -> Iterator[str]:
    if claim.selected_node not in (None, node.name):
        yield f"claim {claim.name} is being provisioned for node {claim.selected_node}"
        return
    volumes = storage.volumes_by_class.get(claim.class_name, ())
    if find_matching_volume(claim, volumes, node.labels, ()) is not None:
        return
    found = storage.classes.get(claim.class_name)
    if found is None:
        yield f"claim {claim.name}: storage class {claim.class_name} is not there"
    elif found.provisioner in ("", NO_PROVISIONER):
        yield (
            f"claim {claim.name}: none of {len(volumes)} volumes of class {found.name} fits, "
            "and the class makes none"
        )
    elif not found.allows_node(node.labels):
        yield f"claim {claim.name}: class {found.name} does not provision for the node's topology"
    elif not has_enough_capacity(storage, found, claim, node):
        size = claim.requested_storage
        yield f"claim {claim.name}: class {found.name} has no {size} left for the node"


def _write_terms(volume: PersistentVolume) -> str:
    """Write a volume's required node affinity."""
    terms = volume.spec.view("nodeAffinity").view("required").views("nodeSelectorTerms")
    return " or ".join(_write_term(term) for term in terms) or "no node"


def _write_term(term: View) -> str:
    parts = []
    for each in (*term.views("matchExpressions"), *term.views("matchFields")):
        values = ", ".join(each.texts("values"))
        suffix = f" [{values}]" if values else ""
        parts.append(f"{each.text('key')} {each.text('operator')}{suffix}")
    return " and ".join(parts) or "no node"
