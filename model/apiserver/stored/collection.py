"""The garbage collector: objects that name others as their owners go with them.

The collector looks at a dependent, asks the API server for each owner that it names (and remembers
the absent ones), and decides; then it deletes with the uid and resourceVersion that it saw, so
that a dependent which was changed meanwhile is looked at again. An owner deleted in the foreground
waits for its dependents to go, one deleted with Orphan for them to be released.
Source: `pkg/controller/garbagecollector` (`garbagecollector.go`, attemptToDeleteItem;
`uid_cache.go`), v1.36. Left out: dependents that the collector has not heard of when their owner
ends, dependents of dependents, blockOwnerDeletion false, and kinds that cannot be resolved.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Sort,
    abstract,
    action,
    among,
    constant,
    each,
    instance,
    joint,
    mutant,
    only,
    reachable,
    recording,
    require,
    sort,
)
from planespec.model.parts.api_store import Name
from planespec.spec.api.collection_requirements import (
    Life,
    abandoned_children_are_collected,
    foreground_deletion_ends_after_its_dependents,
    no_child_of_a_live_owner_is_collected,
    orphaned_dependents_stay,
)


class Owner(Sort):
    """An object that others depend on: a uid, which never comes back."""


class Collector(Model):
    """Owners, their dependents, and the collector; how dependents are stored is another part's."""

    owners: Domain[Owner] = sort(2, at_least=1, at_most=3, symmetric=True)
    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    two_namespaces: bool = constant(default=False)
    """Whether a dependent may be in another namespace than the owner that it names."""

    delete_unversioned: bool = mutant(
        "A dependent is deleted though it was changed since it was looked at.",
        issue="#114603, pull 132632",
    )
    absent_by_uid: bool = mutant(
        "An owner that was not found in one namespace counts as absent in all.",
        issue="#65200, pull 92743",
        when="two_namespaces",
    )
    one_ends_all_end: bool = mutant(
        "A dependent is deleted with one owner in the foreground though another lives."
    )
    end_foreground_early: bool = mutant("A deletion in the foreground waits for no dependent.")
    orphan_late: bool = mutant("An owner is gone before its dependents are released.")
    look_in_graph: bool = mutant(
        "An owner that the collector has not heard of counts as absent; nobody is asked.",
        issue="#88097",
    )

    deadlock = False

    owner: Array[Owner, Life] = each(Life.NONE)
    child: Array[Name, Life] = each(Life.NONE)
    refs: Array[Name, set[Owner]] = each(set())
    is_away: Array[Name, bool] = each(False)
    """Whether it is in another namespace than the owners."""
    orphaned: set[Owner] = set()
    """History: owners that were deleted with Orphan."""

    absent: set[Owner] = set()
    """Owners that the collector asked for in their namespace, and that were not there."""
    absent_away: set[Owner] = only(set(), when="two_namespaces")
    """Owners that it asked for in another namespace."""
    doomed: set[Name] = set()
    """Dependents that it is about to delete."""
    changed: set[Name] = set()
    """Those of them that were changed since it looked at them."""
    heard: set[Owner] = only(set(), when="look_in_graph")
    """Owners that it has heard of."""
    has_restarted: bool = False

    requires = [
        no_child_of_a_live_owner_is_collected,
        foreground_deletion_ends_after_its_dependents,
        orphaned_dependents_stay,
    ]

    @action
    def make_owner(self, o: Owner) -> None:
        """An owner is made."""
        require(self.owner[o] == Life.NONE)
        self.owner[o] = Life.LIVE
        self.note_owner(o)

    @action(when="look_in_graph")
    def hear(self, o: Owner) -> None:
        """The collector hears of an owner."""
        require(self.owner[o] != Life.NONE and o not in self.heard)
        self.heard.add(o)

    def be_child(self, c: Name, o: Owner, away: bool) -> None:
        """An object is made as a dependent of an owner that may be gone by then."""
        require(self.child[c] == Life.NONE and self.owner[o] != Life.NONE)
        require(self.two_namespaces or not away)
        require(self.owner[o] != Life.GONE or o not in self.orphaned)
        self.child[c] = Life.LIVE
        self.refs[c] = {o}
        self.is_away[c] = away

    @action
    def adopt(self, c: Name, o: Owner) -> None:
        """A live owner adopts a dependent."""
        require(self.child[c] == Life.LIVE and not self.is_away[c])
        require(self.owner[o] == Life.LIVE and o not in self.refs[c])
        self.refs[c].add(o)
        self.touch(c)

    def note_change(self, c: Name) -> None:
        """A dependent was changed, and has another resourceVersion."""
        if c in self.doomed:
            self.changed.add(c)

    @joint
    def is_queued(self, c: Name) -> bool:
        """Whether the collector will look at a dependent."""
        return True

    @joint
    def note_conflict(self, c: Name) -> None:
        """It was refused, since the dependent was changed meanwhile."""

    @joint
    def note_restart(self) -> None:
        """It begins anew."""

    @joint
    def note_owner(self, o: Owner) -> None:
        """An owner was written."""

    @abstract
    def touch(self, n: Name) -> None:
        """Write a dependent."""

    @abstract
    def delete_child(self, c: Name) -> None:
        """Delete a dependent as the collector asks for it."""

    @action
    def delete_in_background(self, o: Owner) -> None:
        """An owner is gone at once."""
        require(self.owner[o] == Life.LIVE)
        self.owner[o] = Life.GONE
        self.note_owner(o)

    @action
    def delete_in_foreground(self, o: Owner) -> None:
        """An owner is to go after its dependents."""
        require(self.owner[o] == Life.LIVE)
        self.owner[o] = Life.FOREGROUND
        self.note_owner(o)

    @action
    def delete_and_orphan(self, o: Owner) -> None:
        """An owner is to go and leave its dependents."""
        require(self.owner[o] == Life.LIVE)
        self.orphaned.add(o)
        self.owner[o] = Life.GONE if self.orphan_late else Life.ORPHANING
        self.note_owner(o)

    @action(fair=Fairness.WEAK, per_instance=True)
    def examine(self, c: Name) -> None:
        """The collector looks at a dependent and at the owners that it names."""
        require(self.child[c] == Life.LIVE and len(self.refs[c]) > 0 and c not in self.doomed)
        require(self.is_queued(c))
        gone = {o for o in self.refs[c] if self.is_absent(c, o)}
        waiting = {o for o in self.refs[c] if o not in gone and self.owner[o] == Life.FOREGROUND}
        solid = {o for o in self.refs[c] if o not in gone and o not in waiting}
        require(len(gone) > 0 or len(waiting) > 0)
        self.remember(c, gone)
        if len(solid) == 0 or (self.one_ends_all_end and len(waiting) > 0):
            self.doomed.add(c)
        else:
            self.refs[c] = solid
            self.touch(c)

    def is_absent(self, c: Name, o: Owner) -> bool:
        """Whether the collector remembers, or is told, that there is no such owner there."""
        if self.look_in_graph and o not in self.heard:
            return True
        is_remembered = o in self.absent and not self.is_away[c]
        if is_remembered or self.owner[o] == Life.GONE or self.is_away[c]:
            return True
        return self.absent_by_uid and o in self.absent_away

    def remember(self, c: Name, gone: set[Owner]) -> None:
        """What was not found is not asked for again."""
        for o in self.owners:
            if o in gone and not self.is_away[c]:
                self.absent.add(o)
            if self.two_namespaces and o in gone and self.is_away[c]:
                self.absent_away.add(o)

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, c: Name = among("doomed")) -> None:
        """It deletes the dependent as it saw it, or is refused (409) and looks again."""
        self.doomed.remove(c)
        if c in self.changed and not self.delete_unversioned:
            self.note_conflict(c)
        else:
            self.delete_child(c)
        if c in self.changed:
            self.changed.remove(c)

    @action
    def restart(self) -> None:
        """The collector begins anew, once; it remembers nothing and looks at all there is."""
        require(not self.has_restarted)
        self.has_restarted = True
        self.absent = set()
        self.doomed = set()
        self.changed = set()
        if self.two_namespaces:
            self.absent_away = set()
        if self.look_in_graph:
            self.heard = set()
        self.note_restart()

    @action(fair=Fairness.WEAK, per_instance=True)
    def end_foreground(self, o: Owner) -> None:
        """An owner whose dependents are gone or released goes as well."""
        require(self.owner[o] == Life.FOREGROUND)
        require(not self.is_named(o) or self.end_foreground_early)
        self.owner[o] = Life.GONE
        self.note_owner(o)

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, c: Name, o: Owner) -> None:
        """A dependent is released from an owner that is to leave it."""
        require(self.child[c] == Life.LIVE and o in self.refs[c])
        require(self.owner[o] == Life.ORPHANING)
        self.refs[c].remove(o)
        self.touch(c)

    @action(fair=Fairness.WEAK, per_instance=True)
    def end_orphaning(self, o: Owner) -> None:
        """An owner whose dependents are released goes."""
        require(self.owner[o] == Life.ORPHANING and not self.is_named(o))
        self.owner[o] = Life.GONE
        self.note_owner(o)

    def is_named(self, o: Owner) -> bool:
        """Whether a dependent names an owner; the collector's graph knows them by uid alone."""
        return any(self.child[c] == Life.LIVE and o in self.refs[c] for c in self.names)


class Collection(Collector):
    """Dependents of which nothing is stored but whose they are."""

    held_to = [
        recording(
            "tests/recorded/gc.jsonl.gz",
            cases=180,
            of="kube-controller-manager and kube-apiserver v1.36.2",
            part="what the collector does about dependents, and when owners that wait may go",
            test="tests/spec/controllers/test_collection_model_beside_the_collector.py"
            "::test_the_collector_of_the_model_decides_as_the_rule",
            through="planespec.spec.controllers.garbage_collection",
            conform="gc",
        )
    ]

    names: Domain[Name] = sort(2, at_least=1, at_most=3, symmetric=True)

    drop_after_conflict: bool = mutant(
        "A dependent that was changed meanwhile is not looked at again."
    )

    forget_at_start: bool = mutant(
        "A collector that begins anew does not look at what it finds.", issue="#109748"
    )

    dropped: set[Name] = only(set(), when="drop_after_conflict or forget_at_start")

    requires = [abandoned_children_are_collected]

    @action
    def make_child(self, c: Name, o: Owner, away: bool) -> None:
        """A dependent is made, of an owner that may be gone by then."""
        self.be_child(c, o, away)

    def touch(self, n: Name) -> None:
        """A dependent is changed."""
        self.note_change(n)

    def delete_child(self, c: Name) -> None:
        """A dependent is gone."""
        self.child[c] = Life.GONE

    @joint
    def is_queued(self, c: Name) -> bool:
        """Unless it was dropped."""
        if self.drop_after_conflict or self.forget_at_start:
            return c not in self.dropped
        return True

    @joint
    def note_conflict(self, c: Name) -> None:
        """It looks again."""
        if self.drop_after_conflict:
            self.dropped.add(c)

    @joint
    def note_restart(self) -> None:
        """It looks at all there is."""
        if self.forget_at_start:
            self.dropped = {c for c in self.names if self.child[c] == Life.LIVE}

    @reachable
    def adopted_while_doomed(self) -> bool:
        """A dependent is adopted by a live owner while the collector is about to delete it."""
        return any(
            c in self.changed and any(self.owner[o] == Life.LIVE for o in self.refs[c])
            for c in self.names
        )

    @reachable
    def released_and_left(self) -> bool:
        """A dependent is left without an owner."""
        return any(self.child[c] == Life.LIVE and len(self.refs[c]) == 0 for c in self.names)

    instances = [
        instance("one-child", names=1),
        instance("two-children"),
        instance("two-namespaces", two_namespaces=True),
        instance("three-children", slow=True, names=3),
    ]
