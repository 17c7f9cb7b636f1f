"""Pods that differ from one read before only where all pods differ: name, uid, node, times.

Where nothing was to say of a pod, nothing is of others with the same parts, unless what stands in
those gaps is wrong itself: such a pod is left to the full reading.
"""

from typing import NamedTuple

from planespec.spec.cluster.accepted.metadata import list_name_errors
from planespec.spec.cluster.cluster_requirements import Place, Reference
from planespec.spec.cluster.snapshot_records import PodRecord
from planespec.spec.objects.interning import Common, ObjectKey, Stored


class _Example(NamedTuple):
    """A pod that was read, and the numbers of the gaps that its record is made of."""

    record: PodRecord
    name: int
    uid: int
    node: int
    scheduled: int | None
    """None where all such pods were bound at one time."""
    address: int | None
    """None where they have none."""


class AlikePods:
    """The pods read so far that others may be like."""

    def __init__(self) -> None:
        """Begin with none."""
        self._examples: dict[tuple[Common | None, ...], _Example] = {}
        self._texts: dict[str, str] = {}

    def learn(self, record: PodRecord) -> None:
        """Take note of a pod of which nothing was to say."""
        stored, progress = record.stored, record.progress
        parts = stored.take_apart()[0]
        if not progress.is_quiet or any(each is None or not each.is_shared for each in parts):
            return
        if not {"kind", "apiVersion"} <= stored.rest.data.keys():
            return  # a list says it
        metadata, spec, status = (part.list_gaps() for part in parts[:3] if part is not None)
        name, uid, node = metadata.get("name"), metadata.get("uid"), spec.get("nodeName")
        if name is None or uid is None or node is None:
            return
        condition = status.get("conditions", {}).get(progress.scheduled, {})
        time = condition.get("lastTransitionTime")
        address = status.get("podIP")
        self._examples[parts] = _Example(record, name, uid, node, time, address)

    def read(self, stored: Stored, source: Place) -> tuple[PodRecord, str] | None:
        """Return what an audit keeps of a pod, and its uid; None where it is like none."""
        example = self._examples.get(stored.take_apart()[0])
        if example is None:
            return None
        record = example.record
        metadata, spec, status = stored.list_values()
        name, uid, node = metadata[example.name], metadata[example.uid], spec[example.node]
        time = record.scheduled if example.scheduled is None else status[example.scheduled]
        address = record.address if example.address is None else status[example.address]
        for text in (name, uid, node, time, address or "none"):
            if type(text) is not str or not text:
                return None
        if any(list_name_errors("", "Pod", name)):
            return None
        like = record.stored.key
        stored.key = ObjectKey(like.group, like.kind, like.namespace, name)
        stored.version, stored.source = record.stored.version, source
        share = self._texts.setdefault
        made = PodRecord(
            Reference("Pod", like.namespace, name, source),
            stored,
            record.identity,
            record.progress,
            record.template,
            record.requests,
            share(node, node),
            share(time, time),
            address,
            (),
        )
        return made, uid
