"""Following the events of a watch: what is known, and which requirements each event meets."""

from bisect import bisect_right
from collections.abc import Iterator
from math import inf

from planespec.spec.cluster.cluster_requirements import (
    ALLOCATABLE,
    LIFE,
    NOMINATED,
    REVISIONS,
    VICTIMS,
    Reference,
    Violation,
)
from planespec.spec.cluster.steps import generations, kubelet_steps, life, pods
from planespec.spec.cluster.steps.change import Change, State, read_revision
from planespec.spec.cluster.steps.occupancy import Occupancy, is_admitted, read_occupant, read_room
from planespec.spec.objects import Node, ObjectMeta
from planespec.spec.objects.interning import ObjectKey
from planespec.spec.objects.object_store import Store
from planespec.spec.requirement import Level, judges, list_judges

LONGEST_DELAY = 2.0
"""Seconds by which the watches of one cluster may be apart; recordings stay below 0.3."""
MISSING_NODE = "a binding to a node that does not exist is accepted"
SELECTED_AGAIN = "an object left what a watch selects and came back"
"""A watch with a selector tells so by DELETED and ADDED. One of all objects tells deletions only;
which of the two it is no event says, so only recordings that say so are held to it."""
Key = tuple[str, str, str]
"""Kind, namespace, name."""

JUDGED_ALONE = frozenset(
    ("Pod", "Node", "Deployment", "ReplicaSet", "StatefulSet", "PodDisruptionBudget")
)
"""Kinds of which one event says enough to break a requirement."""
MODULES = (generations, life, pods, kubelet_steps)
"""Where the judges of events and transitions are; they are known once imported."""


class Follower:
    """Judges watch events in the order of arrival; `exceptions` keeps documented facts."""

    def __init__(self, *, is_complete: bool = False) -> None:
        """Begin knowing nothing; `is_complete` says that every kind is followed from a list."""
        self._is_complete = is_complete
        self._of_transitions = [judge.find for judge in list_judges(Level.TRANSITION)]
        self._of_events = [judge.find for judge in list_judges(Level.EVENT)]
        self.store = Store()
        self.pods_by_uid: dict[str, State] = {}
        """The last state of every pod ever seen."""
        self.uids: dict[tuple[str, str], set[str]] = {}
        """The uids of all pods that ever had a name."""
        self.revisions: dict[Key, set[int]] = {}
        """Every revision seen of an object."""
        self.gone: dict[str, int | None] = {}
        """Uids of deleted objects, with their last revision."""
        self.exceptions: dict[str, list[Reference]] = {}
        self._owners: dict[int, Reference] = {}
        self._peaks: list[tuple[int, float]] = []
        self._streams: dict[tuple[str, str], int] = {}
        self._gaps: set[str] = set()
        self._running: set[str] = set()
        self._relisted: set[str] = set()
        self._ended: set[str] = set()
        self._bookmarks: dict[str, int] = {}
        self.judged = 0
        """Events that could break a requirement: of a pod and the like, or of what was there."""
        self._scheduled: set[str] = set()
        self._priorities: dict[str, int] = {}
        self.occupancy = Occupancy()

    def note(self, fact: str, reference: Reference) -> None:
        """Keep a documented fact of Kubernetes that looks like a violation and is none."""
        self.exceptions.setdefault(fact, []).append(reference)

    def interrupt(self, kind: str) -> None:
        """Take note that the watch of this kind was cut: events may be late or missed.

        A list may follow. Where the kind is not known, "", it may be any.
        """
        self._gaps.add(kind)
        for each in {kind} if kind else {*self._running}:
            self._relist(each)

    def has_gap(self, kind: str) -> bool:
        """Whether events of the kind may have been missed."""
        return kind in self._gaps or "" in self._gaps

    def pass_bookmark(self, kind: str, meta: ObjectMeta) -> None:
        """Take a bookmark in: what comes is newer, and the objects that were there are told."""
        revision = read_revision(meta, "resourceVersion")
        if revision is not None:
            self._bookmarks[kind] = max(revision, self._bookmarks.get(kind, 0))
        self._run(kind)

    def observe_again(self, reference: Reference, data: object) -> Iterator[Violation]:
        """Judge an object that is printed whenever it changes, with nothing else said.

        One printed twice the same has not changed; under a new uid it was deleted in between.
        """
        after = State(data, reference)
        key = self.store.identify(after.view, after.meta, reference.kind)
        before = self._recall(key)
        if before is not None and before.meta.uid != after.meta.uid:
            self.store.discard(key)
            before = None
        elif before is not None and before.revision == after.revision:
            return
        yield from self.observe("INITIAL" if before is None else "MODIFIED", reference, data)

    def observe(
        self, type_: str, reference: Reference, data: object, time: float | None = None
    ) -> Iterator[Violation]:
        """Judge one event and take it in; `time` is its arrival in seconds, where known.

        Raises ObjectError where a field cannot be read.
        """
        after = State(data, reference)
        key = self.store.identify(after.view, after.meta, reference.kind)
        before = self._recall(key)
        change = Change(type_, reference, before, after)
        self.judged += before is not None or reference.kind in JUDGED_ALONE
        found = [*self._judge_order(change), *self._judge_life(change)]
        if self._is_complete and after.revision is not None:
            found += self._judge_revision(change, after.revision, time)
        same = before is not None and before.meta.uid == after.meta.uid
        if before is not None and (same or type_ == "MODIFIED"):
            for judge in self._of_transitions:
                found += judge(change, before)
        for judge in self._of_events:
            found += judge(change)
        found += self._judge_cluster(change)
        self._take_in(key, change)
        yield from found

    def _recall(self, key: ObjectKey) -> State | None:
        """Return what the watch showed last of the object; None where it is not there."""
        stored = self.store.get(key)
        if stored is None:
            return None
        assert isinstance(stored.source, Reference)
        return State(stored, stored.source)

    def _is_listing(self, change: Change) -> bool:
        """Say whether an ADDED may be of a list: a watch begins with those of the present objects.

        They come in the order of their names, so their versions go up and down, until the first
        event of another type. A client that watches anew gets them again, most of them unchanged.
        """
        if self._is_complete or change.type != "ADDED":
            self._run(change.kind)
            return False
        if change.before is not None and change.before.revision == change.after.revision:
            self._relist(change.kind)
        return change.kind not in self._running

    def _run(self, kind: str) -> None:
        self._running.add(kind)
        self._relisted.discard(kind)

    def _relist(self, kind: str) -> None:
        self._running.discard(kind)
        self._relisted.add(kind)

    @judges(Level.LOG, REVISIONS)
    def _judge_order(self, change: Change) -> Iterator[Violation]:
        """One watch tells of one namespace, or of all cluster-scoped objects, in order."""
        revision = change.after.revision
        if revision is None:
            return
        stream = (change.kind, change.reference.namespace)
        last = max(self._streams.get(stream, 0), self._bookmarks.get(change.kind, 0))
        field = "metadata.resourceVersion"
        if change.type == "INITIAL" or self._is_listing(change):
            old = None if change.before is None else change.before.revision
            if old is not None and revision < old:
                message = f"a list shows resourceVersion {revision} after {old}"
                yield change.violates(REVISIONS, message, field, before=old, after=revision)
        elif revision <= last:
            message = f"resourceVersion {revision} comes after {last}"
            yield change.violates(REVISIONS, message, field, before=last, after=revision)
        self._streams[stream] = max(last, revision)

    @judges(Level.LOG, REVISIONS)
    def _judge_revision(
        self, change: Change, revision: int, time: float | None
    ) -> Iterator[Violation]:
        """A revision of the whole cluster belongs to one write, and arrives soon after it."""
        field = "metadata.resourceVersion"
        owner = self._owners.setdefault(revision, change.reference)
        if owner[:3] != change.reference[:3]:
            message = f"resourceVersion {revision} belongs to {owner}"
            objects = (change.reference, owner)
            yield REVISIONS.violated(*objects, message=message, field=field, after=revision)
        if time is None or change.type == "INITIAL":
            return
        index = bisect_right(self._peaks, (revision, inf))
        late = time - self._peaks[index][1] if index < len(self._peaks) else 0.0
        if late > LONGEST_DELAY and not self.has_gap(change.kind):
            message = (
                f"resourceVersion {revision} comes {late:.1f} s after {self._peaks[index][0]}"
            )
            yield change.violates(REVISIONS, message, field, after=revision)
        if not self._peaks or revision > self._peaks[-1][0]:
            self._peaks.append((revision, time))

    @judges(Level.LOG, LIFE)
    def _judge_life(self, change: Change) -> Iterator[Violation]:
        before, uid = change.before, change.after.meta.uid
        if change.type == "ADDED" and before is not None:
            if change.kind in self._relisted:
                return
            yield change.violates(LIFE, "added though it is there already")
        elif change.type in ("MODIFIED", "DELETED") and before is None:
            if uid in self.gone:
                yield change.violates(LIFE, f"{change.type} after its deletion")
            elif self._is_complete and not self.has_gap(change.kind):
                yield change.violates(LIFE, f"{change.type} though it was never added")
        elif change.type == "ADDED" and uid and uid in self.gone:
            is_back = uid not in self._ended or change.after.meta.is_deleting
            if is_back and not self._is_complete:
                self.note(SELECTED_AGAIN, change.reference)
                del self.gone[uid]
                return
            yield change.violates(LIFE, f"added again under the uid {uid} after its deletion")

    def _judge_cluster(self, change: Change) -> Iterator[Violation]:
        if change.kind == "Pod":
            yield from self._judge_pod(change)
        elif change.kind == "Node":
            yield from self._judge_node(change)
        elif change.kind == "Event":
            yield from self._judge_preemption(change)

    @judges(Level.LOG, NOMINATED)
    def _judge_pod(self, change: Change) -> Iterator[Violation]:
        state, uid = change.after, change.after.meta.uid
        node = state.spec.text("nodeName")
        was_free = change.before is not None and not change.before.spec.text("nodeName")
        if node and was_free and change.type != "INITIAL":
            self._scheduled.add(uid)
            if self.occupancy.rooms and node not in self.occupancy.rooms:
                self.note(MISSING_NODE, change.reference)
        nominated = state.status.text("nominatedNodeName")
        if nominated and self.occupancy.rooms and nominated not in self.occupancy.rooms:
            message = f"nominated to node {nominated}, which does not exist"
            yield change.violates(NOMINATED, message, "status.nominatedNodeName")
        key = (change.reference.namespace, change.reference.name)
        if change.type == "DELETED":
            yield from self.occupancy.place(key, None)
            return
        occupant = read_occupant(change.reference, state)
        admitted = is_admitted(state)
        yield from self.occupancy.place(key, occupant if admitted else None)
        if occupant is not None and not admitted and uid in self._scheduled:
            yield from self.occupancy.judge_alone(occupant)

    @judges(Level.LOG, ALLOCATABLE)
    def _judge_node(self, change: Change) -> Iterator[Violation]:
        name = change.reference.name
        if change.type == "DELETED":
            self.occupancy.rooms.pop(name, None)
            return
        room = read_room(change.reference, change.after)
        old = self.occupancy.rooms.get(name)
        self.occupancy.rooms[name] = room
        capacity = Node(change.after.view.data).capacity
        for resource, offered in Node(change.after.view.data).allocatable.items():
            if resource in capacity and offered > capacity[resource]:
                message = (
                    f"allocatable {resource} {offered} is above capacity {capacity[resource]}"
                )
                yield change.violates(ALLOCATABLE, message, f"status.allocatable[{resource}]")
        if old is None or (old.allocatable, old.pods) != (room.allocatable, room.pods):
            yield from self.occupancy.judge_fit(name, change.reference)

    @judges(Level.LOG, VICTIMS)
    def _judge_preemption(self, change: Change) -> Iterator[Violation]:
        """The scheduler's Event names the victim and, as `related`, whom it makes room for."""
        view = change.after.view
        if view.text("reason") != "Preempted" or change.type not in ("ADDED", "INITIAL"):
            return
        victim = view.view("regarding" if view.has("regarding") else "involvedObject")
        related = view.view("related")
        low = self._priorities.get(victim.text("uid"))
        high = self._priorities.get(related.text("uid"))
        if low is not None and high is not None and low >= high:
            message = (
                f"victim {victim.text('name')} has priority {low}, {related.text('name')} {high}"
            )
            yield change.violates(VICTIMS, message, "", victim=low, preemptor=high)

    def _take_in(self, key: ObjectKey, change: Change) -> None:
        state, uid = change.after, change.after.meta.uid
        if state.revision is not None:
            self.revisions.setdefault(change.reference[:3], set()).add(state.revision)
        stored = self.store.put(key, state.view.data, change.reference)
        if change.kind == "Pod":
            self.pods_by_uid[uid] = State(stored, change.reference)
            self.uids.setdefault(change.reference[1:3], set()).add(uid)
            self._priorities[uid] = state.spec.integer("priority") or 0
        if change.type == "DELETED":
            self.store.discard(key)
            self.gone[uid] = state.revision
            if state.meta.is_deleting and not state.meta.items("finalizers"):
                self._ended.add(uid)
