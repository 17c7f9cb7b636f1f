"""The claims of the pods of a StatefulSet: their names, and who owns them.

By its policy a set keeps claims, or they go with the set, or with a pod that is scaled away: then
they name their owner, so that the garbage collector removes them.

Source: Kubernetes v1.36, `pkg/controller/statefulset/stateful_set_utils.go` (isClaimOwnerUpToDate,
updateClaimOwnerRefForSetAndPod), `stateful_pod_control.go` (PodClaimIsStale).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """What an owner reference is compared with."""

    api_version: str
    kind: str
    name: str
    uid: str

    def is_named(self, reference: View) -> bool:
        """Whether a reference names it, be it by another uid (`matchesRef`)."""
        named = tuple(reference.text(name) for name in ("apiVersion", "kind", "name"))
        return named == (self.api_version, self.kind, self.name)

    def make_reference(self) -> Json:
        """The reference by which it is the controller of a claim."""
        named = {"apiVersion": self.api_version, "kind": self.kind, "name": self.name}
        return {**named, "uid": self.uid, "controller": True, "blockOwnerDeletion": True}


@dataclass(frozen=True, slots=True)
class ClaimPolicy:
    """What becomes of claims (`persistentVolumeClaimRetentionPolicy`)."""

    goes_with_set: bool
    """`whenDeleted` is Delete."""
    goes_with_pod: bool
    """`whenScaled` is Delete."""


def read_claim_policy(spec: View) -> ClaimPolicy:
    """Read the policy of a set's spec; without one claims are kept."""
    policy = spec.view("persistentVolumeClaimRetentionPolicy")
    return ClaimPolicy(
        policy.text("whenDeleted") == "Delete", policy.text("whenScaled") == "Delete"
    )


@dataclass(frozen=True, slots=True)
class ClaimOwners:
    """A set and one of its pods, as the possible owners of a claim."""

    policy: ClaimPolicy
    set: Owner
    pod: Owner
    is_condemned: bool
    """Whether the pod is beyond the size of the set."""

    def is_up_to_date(self, claim: ApiObject) -> bool:
        """Whether a claim names the owners that it should, or must not be touched."""
        references = claim.meta.views("ownerReferences")
        if is_stale(references, self.set) or is_stale(references, self.pod):
            return True
        uids = {each.text("uid") for each in references}
        is_owned = self.set.uid in uids, self.pod.uid in uids
        if self._has_other_controller(references):
            return not any(is_owned)
        mine = [each for each in references if each.text("uid") in (self.set.uid, self.pod.uid)]
        if not all(each.flag("controller") for each in mine):
            return False
        return is_owned == self._wants_owners()

    def _wants_owners(self) -> tuple[bool, bool]:
        """Whether the set, and whether the pod is to own the claim."""
        with_pod = self.policy.goes_with_pod and self.is_condemned
        return self.policy.goes_with_set and not with_pod, with_pod

    def _has_other_controller(self, references: Sequence[View]) -> bool:
        """Whether somebody else controls the claim, which counts where it is not kept anyway."""
        if not (self.policy.goes_with_set or self.policy.goes_with_pod):
            return False
        for each in references:
            owner = next((o for o in (self.set, self.pod) if o.is_named(each)), None)
            if each.flag("controller") if owner is None else each.text("uid") != owner.uid:
                return True
        return False

    def list_references(self, claim: ApiObject) -> list[Json]:
        """The owner references that the claim is to have."""
        references = claim.meta.views("ownerReferences")
        owners = (self.set, self.pod)
        others = [r for r in references if not any(owner.is_named(r) for owner in owners)]
        kept: list[Json] = [dict(each.data) for each in others]
        if self._has_other_controller(references):
            return kept
        known = {each.text("uid") for each in others}
        wanted = zip(owners, self._wants_owners(), strict=True)
        new = [owner for owner, is_wanted in wanted if is_wanted and owner.uid not in known]
        return kept + [owner.make_reference() for owner in new]


def is_stale(references: Sequence[View], owner: Owner) -> bool:
    """Whether the first reference that names an owner is to one of another uid."""
    first = next((each for each in references if owner.is_named(each)), None)
    return first is not None and first.text("uid") != owner.uid


def name_claim(template: View, set_name: str, ordinal: int) -> str:
    """The name of the claim that a pod has by a template."""
    return f"{template.view('metadata').text('name')}-{set_name}-{ordinal}"


def has_storage(pod: Pod, names: dict[str, str]) -> bool:
    """Whether a pod mounts its claims; `names` are theirs by that of the volume."""
    mounted = {
        each.text("name"): each.view("persistentVolumeClaim").text("claimName")
        for each in pod.spec.views("volumes")
    }
    return all(mounted.get(volume) == name for volume, name in names.items())
