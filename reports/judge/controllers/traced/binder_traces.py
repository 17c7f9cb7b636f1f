"""Why the binder of claims and volumes, and what protects both, sent a write.

The write is the first of a sync of its object, as the version is that it says it was made from;
of all else any state may have been seen that is not too old. Where a sync would write more than
once, what comes later is the first write of a sync that sees what came before.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from planespec.reports.judge.controllers.traced.traced_history import ROUND
from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.volume_care.binding_writes import (
    CLAIMS,
    VOLUMES,
    BinderSync,
    ObjectWrite,
)
from planespec.spec.controllers.volume_care.claim_binding import (
    ClaimBinder,
    MisboundError,
    list_choices,
)
from planespec.spec.controllers.volume_care.volume_protection import (
    protect_claim,
    protect_volume,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.objects.volumes import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)

Json = dict[str, Any]
_RESOURCES = {"PersistentVolumeClaim": CLAIMS, "PersistentVolume": VOLUMES}
_DECIDED = {"PersistentVolumeClaim": "volumeName", "PersistentVolume": "claimRef"}
PROTECTED = {
    "pvc-protection-controller": "PersistentVolumeClaim",
    "pv-protection-controller": "PersistentVolume",
}
"""Who protects what."""


def list_classes(requests: list[Request], until: float) -> dict[str, StorageClass]:
    """The storage classes that the script had made by then."""
    made = [
        each
        for each in requests
        if each.kind == "StorageClass" and each.verb == "create" and each.is_accepted
    ]
    return {each.name: StorageClass(each.body) for each in made if each.received <= until + ROUND}


@dataclass(slots=True)
class VolumeReasons:
    """Finds reasons for writes to claims and volumes in a scenario."""

    moments: Moments
    requests: list[Request]

    def explain_binding(self, write: Request) -> str:
        """Why a write of the binder is not explained; empty where it is."""
        based = self._find_base(write)
        if isinstance(based, str):
            return based
        for sync in self._list_syncs(write, based):
            if any(_says(each, write) for each in list_first(sync)):
                return ""
        return "no sync of what it may have seen writes it"

    def explain_protection(self, write: Request) -> str:
        """Why a write of one of the protecting controllers is not explained."""
        based = self._find_base(write)
        if isinstance(based, str):
            return based
        if write.kind != PROTECTED.get(write.component) or write.subresource:
            return f"it does not write {write.kind}"
        if any(_says(each, write) for each in self._list_protected(write, based)):
            return ""
        return "the finalizer stays in all that it may have seen"

    def _find_base(self, write: Request) -> Version | str:
        """The version that a write says it was made from, or why there is none."""
        if write.verb != "update" or write.kind not in _RESOURCES:
            return f"it does not {write.verb} {write.kind}"
        based = self.moments.history.find_base(write)
        if based is None or based.is_gone:
            return f"it is made from version {write.revision or 0}, which nobody saw"
        is_later = based.since > write.received + ROUND
        return "it is made from a version that came later" if is_later else based

    # The binder.

    def _list_syncs(self, write: Request, based: Version) -> Iterator[BinderSync]:
        """Syncs of the object that is written, and for a volume of claims that may want it."""
        seen = self.moments.list_before(write)
        known = {revision: self.read(revision, write.received) for revision in seen}
        if write.kind == "PersistentVolumeClaim":
            for binder in known.values():
                yield from sync_claim(binder, PersistentVolumeClaim(based.data))
            return
        volume = PersistentVolume(based.data)
        yield from (binder.sync_volume(volume) for binder in known.values())
        for claims_at, volumes_at in itertools.product(known.values(), repeat=2):
            others = [each for each in volumes_at.volumes if each.name != volume.name]
            binder = replace(claims_at, volumes=[volume, *others])
            for claim in claims_at.claims:
                yield from sync_claim(binder, claim)

    def read(self, revision: int, until: float) -> ClaimBinder:
        """The binder with what it knows at a moment."""

        def list_all(view: Any, kind: str) -> Any:
            return [view(each.data) for each in self.moments.history.list_at(kind, revision)]

        return ClaimBinder(
            list_all(PersistentVolume, "PersistentVolume"),
            list_all(PersistentVolumeClaim, "PersistentVolumeClaim"),
            list_all(Pod, "Pod"),
            list_classes(self.requests, until),
        )

    # What protects.

    def _list_protected(self, write: Request, based: Version) -> Iterator[ObjectWrite]:
        if write.kind == "PersistentVolume":
            made = protect_volume(PersistentVolume(based.data))
            if made is not None:
                yield ObjectWrite(VOLUMES, "", made)
            return
        for revision in self.moments.list_before(write):
            if revision < based.revision:
                return
            pods = self.read(revision, write.received).pods
            made = protect_claim(PersistentVolumeClaim(based.data), pods)
            if made is not None:
                yield ObjectWrite(CLAIMS, "", made)


def sync_claim(binder: ClaimBinder, claim: PersistentVolumeClaim) -> Iterator[BinderSync]:
    """Syncs of a claim, by the volume that is chosen where several are equal."""
    waits = binder.waits_for_consumer(claim)
    choices: list[PersistentVolume | None] = [
        *list_choices(claim, binder.volumes, waits_for_consumer=waits)
    ]
    for chosen in choices or [None]:
        try:
            yield binder.sync_claim(claim, chosen)
        except MisboundError as misbound:
            yield misbound.sync


def list_first(sync: BinderSync) -> Iterator[ObjectWrite]:
    """The first write of a sync, and of what it has begun."""
    yield from sync.writes[:1]
    if sync.beside is not None:
        yield from sync.beside.writes[:1]


def _says(meant: ObjectWrite, write: Request) -> bool:
    if (meant.resource, meant.subresource) != (_RESOURCES[write.kind], write.subresource):
        return False
    said, made = View(write.body), View(meant.object)
    if made.view("metadata").text("name") != write.name:
        return False
    names = ("annotations", "finalizers", "resourceVersion")
    if not _agree(said.view("metadata").data, made.view("metadata").data, names):
        return False
    if write.subresource:
        return _tell_status(said.view("status").data) == _tell_status(made.view("status").data)
    return _agree(said.view("spec").data, made.view("spec").data, (_DECIDED[write.kind],))


def _agree(said: Mapping[str, Any], made: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return all((said.get(name) or None) == (made.get(name) or None) for name in names)


def _tell_status(status: Mapping[str, Any]) -> Json:
    return {name: value for name, value in status.items() if value}
