"""Why the attach-detach controller made or deleted an attachment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.spec.controllers.volume_care.attach_detach import (
    attach,
    list_wishes,
    may_detach,
)
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim

Json = dict[str, Any]
_SHOWN = ("metadata", "spec", "status")


@dataclass(frozen=True, slots=True)
class Attached:
    """What the controller knows at a moment."""

    pods: list[Pod]
    claims: list[PersistentVolumeClaim]
    volumes: dict[str, PersistentVolume]
    nodes: dict[str, Node]
    attachments: list[ApiObject]

    def list_nodes(self, volume: str) -> list[str]:
        """The nodes that have a volume, or are getting or losing it."""
        return [
            each.spec.text("nodeName")
            for each in self.attachments
            if each.spec.view("source").text("persistentVolumeName") == volume
        ]


@dataclass(slots=True)
class AttachReasons:
    """Finds reasons for the writes of the attach-detach controller in a scenario."""

    moments: Moments

    def explain(self, write: Request) -> str:
        """Why a write is not explained; empty where it is."""
        if write.kind != "VolumeAttachment" or write.verb not in ("create", "delete"):
            return f"it does not {write.verb} {write.kind}"
        seen = (self.read(each) for each in self.moments.list_before(write))
        if write.verb == "delete":
            may = any(self._may_detach(write, each) for each in seen)
            return "" if may else "a pod wants the volume there, or the node has it in use"
        said = {name: View(write.body).view(name).data for name in _SHOWN}
        may = any(said == made for each in seen for made in list_attachments(each))
        return "" if may else "no pod wants the volume there, or another node has it"

    def _may_detach(self, write: Request, seen: Attached) -> bool:
        found = [each for each in seen.attachments if each.name == write.name]
        wishes = list_wishes(seen.pods, seen.claims, seen.nodes.values())
        return any(
            may_detach(each, seen.volumes, wishes, seen.nodes.get(each.spec.text("nodeName")))
            for each in found
            if not each.meta.is_deleting
        )

    def read(self, revision: int) -> Attached:
        """What the controller knows at a moment."""

        def list_all(view: Any, kind: str) -> Any:
            return [view(each.data) for each in self.moments.history.list_at(kind, revision)]

        volumes = list_all(PersistentVolume, "PersistentVolume")
        nodes = list_all(Node, "Node")
        return Attached(
            list_all(Pod, "Pod"),
            list_all(PersistentVolumeClaim, "PersistentVolumeClaim"),
            {each.name: each for each in volumes},
            {each.name: each for each in nodes},
            list_all(ApiObject, "VolumeAttachment"),
        )


def list_attachments(seen: Attached) -> Iterator[Json]:
    """The attachments that the controller makes at a moment."""
    for wish in list_wishes(seen.pods, seen.claims, seen.nodes.values()):
        volume = seen.volumes.get(wish.volume)
        if volume is not None:
            made = attach(volume, wish.node, seen.list_nodes(wish.volume))
            if made is not None:
                yield made
