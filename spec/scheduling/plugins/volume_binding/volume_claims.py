"""The claims of a pod, sorted by what still has to happen to them.

Source: `pkg/scheduler/framework/plugins/volumebinding/volume_binding.go` (podHasPVCs) and
`binder.go` (GetPodVolumeClaims).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planespec.spec.objects import View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.scheduling.listers import NotFoundError, Storage
from planespec.spec.scheduling.plugin import Prepared
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SKIP, SUCCESS, unresolvable

UNBOUND_IMMEDIATE = unresolvable("pod has unbound immediate PersistentVolumeClaims")


@dataclass(frozen=True, slots=True)
class PodClaims:
    """Claims bound for good, and claims that wait for the pod's node."""

    bound: Sequence[PersistentVolumeClaim]
    waiting: Sequence[PersistentVolumeClaim]


def get_claim_name(pod: PodInfo, volume: View) -> str:
    """Return the claim behind a volume, "" where there is none.

    That of a generic ephemeral volume is called after pod and volume.
    """
    if volume.has("persistentVolumeClaim"):
        return volume.view("persistentVolumeClaim").text("claimName")
    return f"{pod.name}-{volume.text('name')}" if volume.has("ephemeral") else ""


def sort_claims(snapshot: Snapshot, pod: PodInfo) -> Prepared[PodClaims]:
    """Skip pods without claims; reject those with a claim that no node can help."""
    try:
        claims = list(_find_claims(snapshot.storage, pod))
    except ValueError as error:
        return Prepared(unresolvable(str(error)))
    if not claims:
        return Prepared(SKIP)
    bound = [claim for claim in claims if claim.is_bound]
    waiting = [
        claim for claim in claims if not claim.is_bound and _is_waiting(snapshot.storage, claim)
    ]
    if len(bound) + len(waiting) < len(claims):
        return Prepared(UNBOUND_IMMEDIATE)
    return Prepared(SUCCESS, PodClaims(bound, waiting))


def _find_claims(storage: Storage, pod: PodInfo) -> Iterator[PersistentVolumeClaim]:
    """Yield the pod's claims; ValueError with upstream's reason for one that cannot be used."""
    for volume in pod.volumes:
        name = get_claim_name(pod, volume)
        if not name:
            continue
        is_ephemeral = not volume.has("persistentVolumeClaim")
        claim = storage.claims.get((pod.namespace, name))
        if claim is None and is_ephemeral:
            raise NotFoundError(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim"
                f' "{name}"'
            )
        claim = storage.get_claim(pod.namespace, name)
        if claim.phase == "Lost":
            lost = f'bound to non-existent persistentvolume "{claim.volume_name}"'
            raise ValueError(f'persistentvolumeclaim "{name}" {lost}')
        if claim.meta.is_deleting:
            raise ValueError(f'persistentvolumeclaim "{name}" is being deleted')
        if is_ephemeral and not _is_owned(claim, pod):
            raise ValueError(
                f"PVC {pod.namespace}/{name} was not created for pod {pod.key} (pod is not owner)"
            )
        yield claim


def _is_owned(claim: PersistentVolumeClaim, pod: PodInfo) -> bool:
    """Tell whether the pod controls the claim."""
    return any(
        reference.flag("controller") and reference.text("uid") == pod.pod.meta.uid
        for reference in claim.meta.views("ownerReferences")
    )


def _is_waiting(storage: Storage, claim: PersistentVolumeClaim) -> bool:
    """Tell whether a claim not fully bound waits for its first consumer.

    A claim that names a volume of its own choice is bound immediately.
    """
    if claim.volume_name or claim.class_name not in storage.classes:
        return False
    return storage.classes[claim.class_name].waits_for_consumer
