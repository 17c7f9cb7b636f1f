"""ReplicaSets in the API server, their pods, and what a controller hears of both.

A set has a size, which users change; it may be deleted, with its pods or without them (they are
orphaned), and made again under its name, which is another set. The garbage collector lets go of
the pods of a set that is being orphaned, and marks those whose set is gone. What a process hears
of a pod lowers what it expects of that pod's set, if it knows the set by that uid.
Source: `pkg/controller/replicaset/replica_set.go` (addPod, updatePod, deletePod, deleteRS),
`pkg/controller/garbagecollector`, v1.36. Left out: foreground deletion, statuses.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    choose,
    constant,
    each,
    initial,
    joint,
    mutant,
    require,
)
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.expectations import Count, Expectations, Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process

Uid = Annotated[int, Range(0, "remakes + 1")]
"""The uid of a set: how often one was made under its name; 0 for none."""


class PodSets(OwnedPods, Expectations):
    """Sets, who owns a pod, and how expectations are lowered."""

    most: int = constant(1, at_least=0, at_most=4, check="most <= names")
    """How large a set is at the most."""
    begun: int = constant(0, at_least=0, at_most=4, check="begun <= most")
    """How large the sets are at first; one of them, or none, has so many pods."""
    mixed: bool = constant(default=False)
    """Whether some of these pods are not ready; else all are."""
    scalings: int = constant(1, at_least=0, at_most=4)
    """How often somebody changes a size."""
    remakes: int = constant(0, at_least=0, at_most=2)
    """How often a set that was deleted is made again."""
    orphans: bool = constant(default=False)
    """Whether a set may be deleted without its pods."""
    relabels: int = constant(0, at_least=0, at_most=2)
    """How often somebody changes whether the labels of a pod are those of its set."""
    strays: int = constant(0, at_least=0, at_most=2)
    """How often somebody else deletes a pod."""

    expectations_survive: bool = mutant(
        "What is expected is forgotten when a sync finds no set, not when the set is deleted.",
        issue="#69376",
    )

    size: Array[Owner, Count] = each(begun)
    set_uid: Array[Owner, Uid] = each(1)
    made: Array[Owner, Uid] = each(1)
    is_orphaning: Array[Owner, bool] = each(False)
    """Whether a set is being deleted, and its pods let go."""
    seen_size: Array[Process, Array[Owner, Count]] = each(each(begun))
    seen_set: Array[Process, Array[Owner, Uid]] = each(each(1))
    seen_orphaning: Array[Process, Array[Owner, bool]] = each(each(False))

    owner: Array[Name, Owner | None] = each(None)
    owner_uid: Array[Name, Uid] = each(0)
    let_go_from: Array[Name, Owner | None] = each(None)
    let_go_by: Array[Name, Uid] = each(0)
    """History: in the deletion of which set a pod was let go, and its uid."""
    matches: Array[Name, bool] = each(True)
    """Whether the labels of a pod are those that its set selects."""
    served_owner: Array[Name, Owner | None] = each(None)
    served_owner_uid: Array[Name, Uid] = each(0)
    served_matches: Array[Name, bool] = each(True)
    seen_owner: Array[Process, Array[Name, Owner | None]] = each(each(None))
    seen_owner_uid: Array[Process, Array[Name, Uid]] = each(each(0))
    seen_matches: Array[Process, Array[Name, bool]] = each(each(True))

    scaled: Annotated[int, Range(0, "scalings")] = 0
    relabelled: Annotated[int, Range(0, "relabels")] = 0
    strayed: Annotated[int, Range(0, "strays")] = 0

    @initial
    def begin(self, o: Owner | None, pods: frozenset[Name]) -> None:
        """Everybody knows the pods that are there; they may have no owner."""
        require(len(pods) == self.begun and (o is not None or self.orphans))
        if self.begun > 0:
            self.revision = 1
            self.served = 1
            for p in self.processes:
                self.known[p] = 1
            for n in pods:
                self.begin_with(n, o)

    def begin_with(self, n: Name, o: Owner | None) -> None:
        """A pod of a set is there, may be ready, and is known."""
        self.uid[n] = 1
        self.version[n] = 1
        self.life[n] = PodLife.READY
        if self.mixed:
            self.life[n] = choose({PodLife.PENDING, PodLife.READY})
        self.owner[n] = o
        self.owner_uid[n] = 0 if o is None else 1
        self.served_uid[n] = 1
        self.served_version[n] = 1
        self.serve_fields(n)
        for p in self.processes:
            self.seen_uid[p][n] = 1
            self.seen_version[p][n] = 1
            self.list_fields(p, n)

    # Users.

    @action(when="scalings > 0")
    def scale(self, o: Owner, count: Count) -> None:
        """Somebody wants another number of pods."""
        require(self.set_uid[o] != 0 and self.scaled < self.scalings and count != self.size[o])
        require(count <= self.most)
        self.scaled += 1
        self.size[o] = count

    @action(when="remakes > 0")
    def delete_set(self, o: Owner) -> None:
        """Somebody deletes a set; its pods follow it."""
        require(self.set_uid[o] != 0 and not self.is_orphaning[o])
        self.clear_set(o)

    @action(when="orphans")
    def orphan_set(self, o: Owner) -> None:
        """Somebody deletes a set and keeps its pods."""
        require(self.set_uid[o] != 0 and not self.is_orphaning[o])
        self.is_orphaning[o] = True

    @action(when="remakes > 0")
    def make_set(self, o: Owner, count: Count) -> None:
        """Somebody makes a set under a name that another had."""
        require(self.set_uid[o] == 0 and self.made[o] <= self.remakes)
        require(count <= self.most)
        self.made[o] += 1
        self.set_uid[o] = self.made[o]
        self.size[o] = count

    @action(when="relabels > 0")
    def relabel(self, n: Name) -> None:
        """Somebody changes the labels of a pod."""
        require(self.relabelled < self.relabels and self.uid[n] != 0)
        self.relabelled += 1
        self.rewrite_pod(n)
        self.matches[n] = not self.matches[n]

    @action(when="strays > 0")
    def delete_one(self, n: Name) -> None:
        """Somebody else deletes a pod."""
        require(self.strayed < self.strays and self.is_active(n))
        self.strayed += 1
        self.write_life(n, PodLife.DELETING)

    # The garbage collector.

    @action(fair=Fairness.WEAK)
    def collect(self, n: Name) -> None:
        """A pod whose set is gone is deleted."""
        o = self.owner[n]
        require(self.is_active(n) and o is not None and self.owner_uid[n] != self.set_uid[o])
        self.write_life(n, PodLife.DELETING)

    @action(when="orphans", fair=Fairness.WEAK)
    def let_go(self, n: Name) -> None:
        """A pod of a set that is being orphaned gets no owner."""
        o = self.owner[n]
        require(self.uid[n] != 0 and o is not None and self.is_orphaning[o])
        self.rewrite_pod(n)
        self.let_go_from[n] = o
        self.let_go_by[n] = self.owner_uid[n]
        self.owner[n] = None
        self.owner_uid[n] = 0

    @action(when="orphans", fair=Fairness.WEAK)
    def end_set(self, o: Owner) -> None:
        """A set that has let go of all its pods is gone."""
        require(self.is_orphaning[o])
        require(not any(self.uid[n] != 0 and self.owner[n] == o for n in self.names))
        self.clear_set(o)

    def clear_set(self, o: Owner) -> None:
        """A set is gone."""
        self.set_uid[o] = 0
        self.size[o] = 0
        self.is_orphaning[o] = False

    def rewrite_pod(self, n: Name) -> None:
        """Something is written into a pod that stays where it is in its life."""
        self.write_life(n, self.life[n])

    # What processes hear.

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_set(self, p: Process, o: Owner) -> None:
        """A process hears of a set; of one that is gone, or is another, it expects nothing."""
        require(not self.knows_set(p, o))
        self.read_set(p, o)

    @joint
    def knows_set(self, p: Process, o: Owner) -> bool:
        """Whether a process knows a set as it is stored."""
        return (
            self.seen_size[p][o] == self.size[o]
            and self.seen_set[p][o] == self.set_uid[o]
            and self.seen_orphaning[p][o] == self.is_orphaning[o]
        )

    @joint
    def read_set(self, p: Process, o: Owner) -> None:
        """A process knows a set as it is stored."""
        if self.seen_set[p][o] != self.set_uid[o]:
            self.note_other_set(p, o)
        self.seen_size[p][o] = self.size[o]
        self.seen_set[p][o] = self.set_uid[o]
        self.seen_orphaning[p][o] = self.is_orphaning[o]

    @joint
    def note_other_set(self, p: Process, o: Owner) -> None:
        """A process hears that a set is gone, or is another."""
        if not self.expectations_survive:
            self.forget_expectations(p, o)

    def sees_set(self, p: Process, o: Owner) -> Uid:
        """The uid of the set that a process takes to be under a name; 0 for none."""
        return self.set_uid[o] if self.consistency == Consistency.LIVE else self.seen_set[p][o]

    def sees_size(self, p: Process, o: Owner) -> int:
        """The size that a process takes a set to have."""
        return self.size[o] if self.consistency == Consistency.LIVE else self.seen_size[p][o]

    def sees_orphaning(self, p: Process, o: Owner) -> bool:
        """Whether a process takes a set to be in deletion."""
        is_live = self.consistency == Consistency.LIVE
        return self.is_orphaning[o] if is_live else self.seen_orphaning[p][o]

    def sees_owner(self, p: Process, n: Name) -> Owner | None:
        """Whose a process takes a pod to be."""
        return self.owner[n] if self.consistency == Consistency.LIVE else self.seen_owner[p][n]

    def sees_owner_uid(self, p: Process, n: Name) -> Uid:
        """The uid of the set whose a process takes a pod to be."""
        is_live = self.consistency == Consistency.LIVE
        return self.owner_uid[n] if is_live else self.seen_owner_uid[p][n]

    def sees_match(self, p: Process, n: Name) -> bool:
        """Whether a process takes a pod to have the labels of its set."""
        is_live = self.consistency == Consistency.LIVE
        return self.matches[n] if is_live else self.seen_matches[p][n]

    @joint
    def note_other(self, p: Process, n: Name, uid: Revision, is_newest: bool) -> None:
        """What comes, is marked or goes lowers what is expected of its set."""
        old = self.seen_uid[p][n]
        is_marked = (self.life[n] if is_newest else self.served_life[n]) == PodLife.DELETING
        is_told = old == uid and self.seen_life[p][n] == PodLife.DELETING
        if old != 0 and (old != uid or is_marked) and not is_told:
            self.note_end(p, n, old, self.seen_owner[p][n], self.seen_owner_uid[p][n])
        if uid != 0 and old != uid:
            o = self.owner[n] if is_newest else self.served_owner[n]
            owner_uid = self.owner_uid[n] if is_newest else self.served_owner_uid[n]
            if is_marked:
                self.note_end(p, n, uid, o, owner_uid)
            elif o is not None and self.seen_set[p][o] == owner_uid:
                self.see_creation(p, o)

    def note_end(
        self, p: Process, n: Name, uid: Revision, o: Owner | None, owner_uid: Uid
    ) -> None:
        """A process hears that a pod of a set that it knows was marked, or is gone."""
        if o is not None and self.seen_set[p][o] == owner_uid:
            self.see_deletion(p, o, n, uid)

    @joint
    def clear_pod(self, n: Name) -> None:
        """Nobody owns what is not there."""
        self.owner[n] = None
        self.owner_uid[n] = 0
        self.let_go_from[n] = None
        self.let_go_by[n] = 0
        self.matches[n] = True

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_owner[n] = self.owner[n]
        self.served_owner_uid[n] = self.owner_uid[n]
        self.served_matches[n] = self.matches[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_owner[p][n] = self.served_owner[n]
        self.seen_owner_uid[p][n] = self.served_owner_uid[n]
        self.seen_matches[p][n] = self.served_matches[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_owner[p][n] = self.owner[n]
        self.seen_owner_uid[p][n] = self.owner_uid[n]
        self.seen_matches[p][n] = self.matches[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_owner[p][n] = None
        self.seen_owner_uid[p][n] = 0
        self.seen_matches[p][n] = True
