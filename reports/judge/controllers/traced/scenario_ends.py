"""What must have followed by the end of a scenario: whoever watches has nothing left to do.

What a controller would still write is right if its reason is younger than SLACK. Three exceptions
stand in the real code:

- The binder looks at a claim or volume when that changes itself; what follows from another one's
  change waits for the resync, every 15 s (`pv_controller_base.go`, resync).
- The collector does not decide about an object one of whose owners is of a kind that nobody knows
  (`garbagecollector.go`, attemptToDeleteItem), and so the foreground deletion of another owner
  that it blocks does not end.
- A volume stays attached while a kubelet has it in use (`attachdetach/reconciler`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.reports.judge.controllers.traced.attach_traces import (
    AttachReasons,
    list_attachments,
)
from planespec.reports.judge.controllers.traced.binder_traces import (
    VolumeReasons,
    list_first,
    sync_claim,
)
from planespec.reports.judge.controllers.traced.collector_traces import (
    CollectorReasons,
    read_object,
)
from planespec.reports.judge.controllers.traced.traced_line import Scenario
from planespec.reports.judge.versions.object_versions import Key, Version
from planespec.spec.controllers.garbage_collection import (
    ORPHAN,
    CollectionError,
    Collector,
    Identity,
    read_owners,
)
from planespec.spec.controllers.namespace_deletion import GRACE, may_delete_content
from planespec.spec.controllers.volume_care.attach_detach import list_wishes, may_detach
from planespec.spec.controllers.volume_care.volume_protection import (
    protect_claim,
    protect_volume,
)
from planespec.spec.objects.resource_names import find_served_resource
from planespec.spec.objects.view import ApiObject
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim

_BOUND = ("PersistentVolume", "PersistentVolumeClaim")
SLACK = 1.0
"""Seconds within which controllers follow."""


@dataclass(slots=True)
class Ends:
    """The state at the end of a scenario."""

    scenario: Scenario
    collecting: CollectorReasons
    binding: VolumeReasons
    attaching: AttachReasons

    @property
    def last(self) -> int:
        """The revision of the last change."""
        versions = self.collecting.moments.history.ordered
        return versions[-1].revision if versions else 0

    def _is_settled(self, *versions: Version) -> bool:
        """Whether changes are so old that what follows from them must have followed."""
        newest = max((each.told for each in versions), default=0.0)
        return newest < self.scenario.duration - SLACK

    def list_faults(self) -> Iterator[str]:
        """What is missing."""
        alive = self.collecting.moments.history.list_at("", self.last)
        yield from self._list_uncollected(alive)
        yield from self._list_namespaces(alive)
        yield from self._list_unbound(alive)
        yield from self._list_protected(alive)
        yield from self._list_attached(alive)

    # Garbage and namespaces.

    def _list_uncollected(self, alive: list[Version]) -> Iterator[str]:
        graph = self.collecting.build(self.last)
        collector = Collector(graph, find_served_resource, self._get)
        for version in alive:
            try:
                writes = collector.attempt(graph.nodes[version.uid])
            except CollectionError:
                continue
            is_orphaning = _is_deleting(version) and ORPHAN in _list_finalizers(version)
            if (writes or is_orphaning) and self._is_settled(*self._list_family(version)):
                yield f"{version.key} is left to the garbage collector"

    def _get(self, identity: Identity) -> ApiObject | None:
        key = Key(identity.kind, identity.namespace, identity.name)
        found = self.collecting.moments.history.get(key, self.last)
        return None if found is None else read_object(found)

    def _list_family(self, version: Version) -> list[Version]:
        """All versions of an object, of its owners and of its dependents."""
        uids = {each.uid for each in read_owners(read_object(version))} | {version.uid}
        return [
            each
            for each in self.collecting.moments.history.ordered
            if each.uid in uids
            or any(o.uid == version.uid for o in read_owners(read_object(each)))
        ]

    def _list_namespaces(self, alive: list[Version]) -> Iterator[str]:
        """A namespace ends after the first look, or one more where something was left then."""
        for version in alive:
            key = version.key
            if key.kind != "Namespace" or not may_delete_content(read_object(version)):
                continue
            if any(each.key.namespace == key.name for each in alive):
                continue
            content = [
                each
                for each in self.collecting.moments.history.ordered
                if each.key.namespace == key.name
            ]
            life = self.collecting.moments.history.lives[key.kind, version.uid]
            since = next(each.since for each in life.versions if _is_deleting(each)) + GRACE
            ended = max((each.told for each in content), default=0.0)
            due = since if ended < since else ended + GRACE
            if due < self.scenario.duration - SLACK:
                yield f"{key} does not end"

    # Claims and volumes.

    def _list_unbound(self, alive: list[Version]) -> Iterator[str]:
        """What the binder had to do when it looked last, and still has."""
        for version in alive:
            if version.kind in _BOUND and self._has_work(version, self.last):
                looks = [each for each in self._list_looks(version) if self._is_settled(each)]
                if any(self._has_work(version, each.revision) for each in looks):
                    yield f"{version.key} is left to the binder"

    def _list_looks(self, version: Version) -> Iterator[Version]:
        """The changes after which the binder looks at an object, from its own last one on.

        The end of one of a pair leads to a look at the other, if it named that; a volume that
        names a claim which names none yet, to a look at the claim.
        """
        yield version
        thing = version.data
        is_claim = version.kind == "PersistentVolumeClaim"
        for each in self.binding.moments.history.ordered:
            if each.revision <= version.revision or each.kind not in _BOUND:
                continue
            spec = each.data.get("spec") or {}
            if is_claim and (spec.get("claimRef") or {}).get("uid") == version.uid:
                if each.is_gone or not thing["spec"].get("volumeName"):
                    yield each
            elif (
                not is_claim
                and each.is_gone
                and spec.get("volumeName") == thing["metadata"]["name"]
            ):
                yield each

    def _has_work(self, version: Version, revision: int) -> bool:
        binder = self.binding.read(revision, self.scenario.duration)
        if version.kind == "PersistentVolume":
            sync = binder.sync_volume(PersistentVolume(version.data))
            return any(True for _ in list_first(sync))
        if version.kind == "PersistentVolumeClaim":
            syncs = sync_claim(binder, PersistentVolumeClaim(version.data))
            return any(True for sync in syncs for _ in list_first(sync))
        return False

    def _list_protected(self, alive: list[Version]) -> Iterator[str]:
        pods = self.binding.read(self.last, self.scenario.duration).pods
        users = [v for v in self.binding.moments.history.ordered if v.kind == "Pod"]
        for version in alive:
            made = None
            if version.kind == "PersistentVolume":
                made = protect_volume(PersistentVolume(version.data))
            elif version.kind == "PersistentVolumeClaim":
                made = protect_claim(PersistentVolumeClaim(version.data), pods)
            if made is not None and self._is_settled(version, *users):
                yield f"{version.key} is left to what protects it"

    def _list_attached(self, alive: list[Version]) -> Iterator[str]:
        seen = self.attaching.read(self.last)
        kinds = ("Pod", "Node", "PersistentVolumeClaim", "VolumeAttachment")
        concerned = [v for v in self.attaching.moments.history.ordered if v.kind in kinds]
        if not self._is_settled(*concerned):
            return
        wishes = list_wishes(seen.pods, seen.claims, seen.nodes.values())
        for each in seen.attachments:
            node = seen.nodes.get(each.spec.text("nodeName"))
            if not each.meta.is_deleting and may_detach(each, seen.volumes, wishes, node):
                yield f"{each.name} is still attached"
        for made in list_attachments(seen):
            yield f"{made['metadata']['name']} is not attached"


def _is_deleting(version: Version) -> bool:
    return bool(version.data["metadata"].get("deletionTimestamp"))


def _list_finalizers(version: Version) -> list[str]:
    return list(version.data["metadata"].get("finalizers") or ())
