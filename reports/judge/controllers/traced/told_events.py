"""Why a controller told an event: a look at what it is about tells it, at some moment before.

Events go out beside the work, so that the look may be LATE before. One that is told again is
counted up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.reports.judge.controllers.traced.attach_traces import Attached, AttachReasons
from planespec.reports.judge.controllers.traced.binder_traces import VolumeReasons, sync_claim
from planespec.reports.judge.controllers.traced.collector_traces import CollectorReasons
from planespec.reports.judge.controllers.traced.traced_history import TracedHistory
from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.versions.object_versions import Key
from planespec.spec.controllers.volume_care.attach_detach import attach, list_wishes
from planespec.spec.objects.view import View
from planespec.spec.objects.volumes import PersistentVolumeClaim

LATE = 1.0
"""Seconds between a look and its event, at the most."""
_ATTACHED = "AttachVolume.Attach succeeded for volume"
_FAILED = "AttachVolume.Attach failed for volume"


@dataclass(slots=True)
class EventReasons:
    """Finds reasons for events in a scenario."""

    binding: VolumeReasons
    attaching: AttachReasons
    collecting: CollectorReasons
    namespaces: list[str]

    def explain(self, event: View) -> str:
        """Why an event is not explained; empty where it is."""
        told = event.view("object")
        heard = read_number(event, "t")
        kind, _, name = told.text("about").partition("/")
        said = f"{told.text('type')} {told.text('reason')} {told.text('message')}"
        by = {
            "persistentvolume-controller": self._list_binding,
            "attachdetach-controller": self._list_attaching,
            "garbage-collector-controller": self._list_collecting,
        }.get(told.text("from"))
        if by is None:
            return f"nobody knows {told.text('from')}"
        for namespace in self.namespaces:
            if said in by(Key(kind, namespace, name), heard):
                return ""
        return f"no look at {told.text('about')} tells {said}"

    def _list_moments(self, heard: float) -> list[int]:
        return self.binding.moments.list_at(heard, LATE)

    @property
    def _history(self) -> TracedHistory:
        return self.binding.moments.history

    def _list_binding(self, key: Key, heard: float) -> Iterator[str]:
        if key.kind != "PersistentVolumeClaim":
            return
        moments = self._list_moments(heard)
        versions = {self._history.get(key, revision): None for revision in moments}
        claims = [PersistentVolumeClaim(each.data) for each in versions if each is not None]
        for revision in moments:
            binder = self.binding.read(revision, heard)
            for sync in (sync for claim in claims for sync in sync_claim(binder, claim)):
                yield from sync.events
                yield from sync.beside.events if sync.beside is not None else ()

    def _list_attaching(self, key: Key, heard: float) -> Iterator[str]:
        for revision in self._list_moments(heard):
            seen = self.attaching.read(revision)
            for wish in list_wishes(seen.pods, seen.claims, seen.nodes.values()):
                yield from _tell_attached(seen, wish.volume, wish.node)
                volume = seen.volumes.get(wish.volume)
                holders = [each for each in seen.list_nodes(wish.volume) if each != wish.node]
                if volume is not None and holders and attach(volume, wish.node, holders) is None:
                    yield from _tell_taken(seen, key, wish.volume, holders)

    def _list_collecting(self, key: Key, heard: float) -> Iterator[str]:
        for revision in self._list_moments(heard):
            graph = self.collecting.build(revision)
            found = self._history.get(key, revision)
            if found is not None:
                yield from graph.events


def _tell_attached(seen: Attached, volume: str, node: str) -> Iterator[str]:
    for each in seen.attachments:
        named = each.spec.view("source").text("persistentVolumeName")
        if (named, each.spec.text("nodeName")) != (volume, node):
            continue
        if each.status.flag("attached"):
            yield f'Normal SuccessfulAttachVolume {_ATTACHED} "{volume}" '
        error = each.status.view("attachError").text("message")
        if error:
            yield f'Warning FailedAttachVolume {_FAILED} "{volume}" : {error}'


def _tell_taken(seen: Attached, key: Key, volume: str, holders: list[str]) -> Iterator[str]:
    """Source: reportMultiAttachError; pods of other namespaces are not named."""
    users = [
        pod.name
        for pod in seen.pods
        if pod.spec.text("nodeName") in holders and pod.meta.namespace == key.namespace
    ]
    said = f'Warning FailedAttachVolume Multi-Attach error for volume "{volume}"'
    if users:
        yield f"{said} Volume is already used by pod(s) {', '.join(users)}"
    else:
        at_one = "Volume is already exclusively attached to one node"
        yield f"{said} {at_one} and can't be attached to another"
