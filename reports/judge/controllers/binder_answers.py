"""What our binder of claims and volumes answers to one question or in one sync."""

from collections.abc import Iterable, Mapping
from typing import Any

from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.volume_care.binding_writes import BinderSync, ObjectWrite
from planespec.spec.controllers.volume_care.claim_binding import (
    ClaimBinder,
    MisboundError,
    list_choices,
    read_classes,
)
from planespec.spec.objects.core_views import Node
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.objects.volumes import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.pods.volume_matching import find_matching_volume

_OF_METADATA = ("annotations", "finalizers")
_OF_SPEC = ("claimRef", "volumeName")
_EVEN_EMPTY = "storageClassName"

Answers = dict[str, Any]


def answer_match(given: View, out: View) -> Answers:
    """Answer which volume a claim gets, by the controller and by the function beneath.

    The recorder asked the controller several times; each of its answers must be one of ours.
    """
    given.needing("claim")
    claim, volumes = _read_claim(given.view("claim")), _read_volumes(given)
    waits = given.flag("delayBinding")
    choices = {v.name for v in list_choices(claim, volumes, waits_for_consumer=waits)} or {""}
    told = out.texts("controllerChoice")
    is_ours = bool(told) and set(told) <= choices
    node = Node(given.view("node").data) if given.has("node") else None
    labels = None if node is None else node.meta.labels
    found = find_matching_volume(claim, volumes, labels, waits_for_consumer=waits)
    answers: Answers = {"controllerChoice": told if is_ours else sorted(choices)}
    return answers if found is None else answers | {"find": found.name}


def answer_claim_sync(given: View, out: View) -> Answers:
    """Answer what one sync of a claim writes; with several best volumes, as was recorded."""
    given.needing("claim")
    claim, volumes = _read_claim(given.view("claim")), _read_volumes(given)
    binder = ClaimBinder(volumes=volumes, classes=_read_classes(given))
    waits = binder.waits_for_consumer(claim)
    choices = list_choices(claim, volumes, waits_for_consumer=waits)
    syncs = [_sync_claim(binder, claim, each) for each in choices]
    return _follow(out, syncs or [_sync_claim(binder, claim, None)])


def _sync_claim(
    binder: ClaimBinder, claim: PersistentVolumeClaim, chosen: PersistentVolume | None
) -> Answers:
    try:
        return _tell(binder.sync_claim(claim, chosen))
    except MisboundError as misbound:
        return _tell(misbound.sync) | {"error": str(misbound)}


def answer_volume_sync(given: View, out: View) -> Answers:
    """Answer what one sync of a volume writes.

    Recycling goes on beside the sync: what it writes may have come after the recording.
    """
    given.needing("volume")
    claims = [_read_claim(each) for each in given.views("claims")]
    binder = ClaimBinder(claims=claims, classes=_read_classes(given))
    volume = _read_volume(given.view("volume"))
    sync = binder.sync_volume(volume)
    answers = [_tell(sync)]
    if sync.beside is not None:
        both = BinderSync(sync.writes + sync.beside.writes, sync.events + sync.beside.events)
        answers.insert(0, _tell(both))
    return _follow(out, answers)


def _follow(out: View, possible: list[Answers]) -> Answers:
    """The recorded answer if it is possible, else the first that is."""
    return next((each for each in possible if are_alike(out.data, each)), possible[0])


def _read_claim(view: View) -> PersistentVolumeClaim:
    claim = PersistentVolumeClaim(view.data, view.field)
    _check(claim)
    return claim


def _read_volume(view: View) -> PersistentVolume:
    volume = PersistentVolume(view.data, view.field)
    _check(volume)
    volume.spec.view("claimRef")
    return volume


def _check(thing: ApiObject) -> None:
    """See that there are objects where the binder writes something into them."""
    thing.meta.needing("name").text("name")
    thing.meta.text_map("annotations")
    for name in ("spec", "status"):
        thing.view(name)


def _read_volumes(given: View) -> list[PersistentVolume]:
    return [_read_volume(each) for each in given.views("volumes")]


def _read_classes(given: View) -> dict[str, StorageClass]:
    return read_classes(StorageClass(each.data, each.field) for each in given.views("classes"))


def _tell(sync: BinderSync) -> Answers:
    answers: Answers = {"actions": [_tell_write(write) for write in sync.writes]}
    return answers | ({"events": sync.events} if sync.events else {})


def _tell_write(write: ObjectWrite) -> Answers:
    """Of an object, what the binder decides."""
    metadata, spec = write.object["metadata"], write.object.get("spec") or {}
    told = _pick(metadata, _OF_METADATA) | _pick(spec, _OF_SPEC)
    if _EVEN_EMPTY in spec:
        told[_EVEN_EMPTY] = spec[_EVEN_EMPTY]
    status = write.object.get("status") or {}
    if left := _pick(status, status):
        told["status"] = left
    action: Answers = {"verb": "update", "resource": write.resource, "name": metadata["name"]}
    action |= {"object": told}
    return action | ({"subresource": write.subresource} if write.subresource else {})


def _pick(fields: Mapping[str, Any], names: Iterable[str]) -> Answers:
    return {name: fields[name] for name in names if fields.get(name)}
