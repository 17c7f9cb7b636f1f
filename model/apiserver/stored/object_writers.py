"""Clients that write through an API server: PUT, PATCH, DELETE, dry runs, and lost answers.

A PUT has the resourceVersion that its client read and is refused when that is old. A PATCH has
none: the server makes it from the copy in its watch cache and compares when it stores; if it lost,
it begins again from what is stored. So does a request that the copy refuses, or that the copy has
fulfilled already. DELETE names the object by uid; a finalizer, or the time that a pod is given to
end, keeps an object that is marked for deletion.
Source: `apiserver/pkg/storage/etcd3/store.go` (GuaranteedUpdate, Delete),
`apiserver/pkg/registry/generic/registry/store.go`, `apiserver/pkg/registry/rest/delete.go`, v1.36.
Left out: create by update, managed fields, generations, and several finalizers.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    abstract,
    action,
    choose,
    constant,
    each,
    joint,
    mutant,
    only,
    reachable,
    require,
    sort,
)
from planespec.model.parts.api_store import Client, Name, ObjectStore, Revision
from planespec.spec.api.write_requirements import (
    Answer,
    answers_are_true,
    deletion_ends_when_nothing_holds_it,
    deletion_is_never_taken_back,
    finalizers_hold_an_object,
    no_answer_without_effect_changes_anything,
    no_finalizer_is_added_in_the_end,
    no_update_is_lost,
    uid_never_comes_back,
    what_is_meant_is_deleted,
)


class ObjectWriters(ObjectStore):
    """Clients count in an object, mark it, and delete it, through a server with a copy."""

    clients: Domain[Client] = sort(1, at_least=1, at_most=3, symmetric=True)
    deletes: bool = constant(default=True)
    """Whether objects are deleted, with finalizers and time to end."""

    dry_run_stores: bool = mutant("A dry run is stored.", issue="pull 66391, pull 66936")
    refused_is_stored: bool = mutant("What is refused has been stored before.")
    patch_blindly: bool = mutant("A PATCH is stored whatever was written meanwhile.")
    fulfilled_by_cache: bool = mutant(
        "A PATCH that the copy in the cache has fulfilled already is answered as done."
    )
    refused_by_cache: bool = mutant(
        "A DELETE is refused since the copy in the cache has another uid.", when="deletes"
    )
    delete_by_name: bool = mutant("A DELETE does not look at the uid.", when="deletes")
    ignore_finalizers: bool = mutant("A DELETE does not look at finalizers.", when="deletes")
    unmark: bool = mutant("A PUT takes the mark of deletion away.", when="deletes")
    add_in_the_end: bool = mutant(
        "A finalizer is added to an object that is marked for deletion.", when="deletes"
    )
    keep_unheld: bool = mutant(
        "An object stays when its last finalizer is removed.", when="deletes"
    )

    count: Array[Name, Revision] = each(0)
    """What stands in the object."""
    added: Array[Name, Revision] = each(0)
    """History: how many counts of this object were accepted."""
    is_marked: Array[Name, bool] = each(False)
    """A label that one client wants and another does not."""
    has_finalizer: Array[Name, bool] = only(each(False), when="deletes")
    is_deleting: Array[Name, bool] = only(each(False), when="deletes")
    is_ending: Array[Name, bool] = only(each(False), when="deletes")
    """Whether it was given time to end, and has not ended."""
    is_done: Array[Name, bool] = only(each(False), when="deletes")
    """History: whether that is done for which the finalizer stands."""

    read: Array[Client, Revision] = each(0)
    """The version from which a client, or the server for it, makes a write; 0 for none."""
    held: Array[Client, Revision] = each(0)
    """The count in it."""
    meant: Array[Client, Revision] = only(each(0), when="deletes")
    """The uid of the object that a client wants to delete."""
    is_patching: Array[Client, bool] = each(False)
    last: Answer = Answer.NONE
    was_misjudged: bool = False
    """History: whether a request was answered by a copy that is not what is stored."""
    was_mistaken: bool = only(False, when="deletes")
    """History: whether an object was deleted that was not meant."""

    requires = [
        no_update_is_lost,
        uid_never_comes_back,
        no_answer_without_effect_changes_anything,
        answers_are_true,
        only(finalizers_hold_an_object, when="deletes"),
        only(deletion_is_never_taken_back, when="deletes"),
        only(no_finalizer_is_added_in_the_end, when="deletes"),
        only(deletion_ends_when_nothing_holds_it, when="deletes"),
        only(what_is_meant_is_deleted, when="deletes"),
    ]

    def begin(self, n: Name) -> None:
        """An object is made; it may have a finalizer."""
        self.create(n)
        self.count[n] = 0
        self.added[n] = 0
        self.is_marked[n] = False
        if self.deletes:
            self.has_finalizer[n] = choose({False, True})
            self.is_done[n] = False
        self.note_content(n)
        self.last = Answer.ACCEPTED

    @joint
    def note_content(self, n: Name) -> None:
        """An object holds something else as of its version."""

    @action
    def write_elsewhere(self) -> None:
        """Something else is written."""
        self.stamp()
        self.last = Answer.ACCEPTED

    @action
    def look(self, c: Client, n: Name) -> None:
        """A client reads an object."""
        require(self.uid[n] != 0 and not self.is_patching[c])
        self.take(c, self.version[n], self.count[n])
        if self.deletes:
            self.meant[c] = self.uid[n]

    def take(self, c: Client, version: Revision, count: Revision) -> None:
        """A write will be made from this."""
        self.read[c] = version
        self.held[c] = count

    @action
    def put(self, c: Client, n: Name) -> None:
        """A client writes back one more; without an answer it tries the same write again."""
        require(self.read[c] != 0 and not self.is_patching[c])
        accepted = self.update(n, self.read[c])
        if accepted:
            self.count_from(c, n)
            if self.deletes and self.unmark:
                self.is_deleting[n] = False
        elif self.refused_is_stored and self.uid[n] != 0:
            self.count[n] = self.held[c]
        self.last = Answer.ACCEPTED if accepted else Answer.REFUSED
        heard = self.is_answered()
        if heard:
            self.let_go(c)

    def count_from(self, c: Client, n: Name) -> None:
        """What is stored becomes one more than what the write was made from."""
        self.count[n] = self.held[c] + 1
        self.added[n] += 1
        self.note_content(n)

    def let_go(self, c: Client) -> None:
        """A client is done with a request."""
        self.take(c, 0, 0)
        self.is_patching[c] = False

    @action
    def dry_run(self, c: Client, n: Name) -> None:
        """A client asks whether its write would be accepted."""
        require(self.read[c] != 0 and not self.is_patching[c])
        if self.dry_run_stores and self.uid[n] != 0 and self.version[n] == self.read[c]:
            self.touch(n)
        self.last = Answer.DRY

    def touch(self, n: Name) -> None:
        """An object is written."""
        self.stamp()
        self.version[n] = self.revision
        self.note_version(n)
        self.note_content(n)

    @action
    def patch(self, c: Client, n: Name) -> None:
        """A client asks to add one; the server begins from its copy."""
        require(self.heard_uid(n) != 0 and not self.is_patching[c])
        self.take(c, self.heard_version(n), self.heard_count(n))
        self.is_patching[c] = True

    @action
    def store_patch(self, c: Client, n: Name) -> None:
        """The server stores what it made, or makes it anew from what is stored by now."""
        require(self.is_patching[c])
        if self.uid[n] == 0:
            self.last = Answer.REFUSED
            self.let_go(c)
        elif self.version[n] == self.read[c] or self.patch_blindly:
            self.touch(n)
            self.count_from(c, n)
            self.last = Answer.ACCEPTED
            self.let_go(c)
        else:
            self.take(c, self.version[n], self.count[n])

    @action
    def mark(self, n: Name) -> None:
        """A client wants the label; where it is there already nothing is written."""
        require(self.uid[n] != 0)
        is_cached = self.heard_uid(n) == self.uid[n] and self.heard_mark(n)
        if self.fulfilled_by_cache and is_cached:
            self.was_misjudged = self.was_misjudged or not self.is_marked[n]
        elif not self.is_marked[n]:
            self.touch(n)
            self.is_marked[n] = True
            self.note_content(n)
        self.last = Answer.ACCEPTED

    @action
    def clear(self, n: Name) -> None:
        """Another client does not want the label."""
        require(self.uid[n] != 0 and self.is_marked[n])
        self.touch(n)
        self.is_marked[n] = False
        self.note_content(n)
        self.last = Answer.ACCEPTED

    @action(when="deletes")
    def ask_to_delete(self, c: Client, n: Name) -> None:
        """A client deletes the object that it read; a pod may be given time to end."""
        require(self.meant[c] != 0)
        is_meant = self.uid[n] == self.meant[c]
        is_refused = self.refused_by_cache and self.heard_uid(n) != self.meant[c]
        if self.uid[n] == 0 or is_refused or not (is_meant or self.delete_by_name):
            self.was_misjudged = self.was_misjudged or is_meant
            self.last = Answer.REFUSED
        else:
            self.was_mistaken = self.was_mistaken or not is_meant
            self.mark_or_remove(n)
            self.last = Answer.ACCEPTED
        self.meant[c] = 0

    def mark_or_remove(self, n: Name) -> None:
        """An object that nothing holds is removed; else it is marked, once."""
        needs_time = choose({False, True})
        is_held = self.is_ending[n] or (self.has_finalizer[n] and not self.ignore_finalizers)
        if is_held or (needs_time and not self.is_deleting[n]):
            if not self.is_deleting[n]:
                self.touch(n)
                self.is_deleting[n] = True
                self.is_ending[n] = needs_time
        else:
            self.take_away(n)

    def take_away(self, n: Name) -> None:
        """An object is no more."""
        gone = self.delete(n, self.uid[n])
        require(gone)
        self.count[n] = 0
        self.added[n] = 0
        self.is_marked[n] = False
        if self.deletes:
            self.has_finalizer[n] = False
            self.is_deleting[n] = False
            self.is_ending[n] = False
            self.is_done[n] = False

    @action(when="deletes")
    def end(self, n: Name) -> None:
        """Who was given time has ended (the kubelet deletes with no time left)."""
        require(self.is_ending[n])
        if self.has_finalizer[n]:
            self.touch(n)
            self.is_ending[n] = False
        else:
            self.take_away(n)
        self.last = Answer.ACCEPTED

    @action(when="deletes")
    def clean_up(self, n: Name) -> None:
        """A controller does what the finalizer stands for."""
        require(self.is_deleting[n] and self.has_finalizer[n] and not self.is_done[n])
        self.is_done[n] = True

    @action(when="deletes")
    def finalize(self, n: Name) -> None:
        """It removes its finalizer; an object that nothing holds any more goes with it."""
        require(self.has_finalizer[n] and self.is_done[n])
        if self.is_ending[n] or self.keep_unheld:
            self.touch(n)
            self.has_finalizer[n] = False
        else:
            self.take_away(n)
        self.last = Answer.ACCEPTED

    @action(when="deletes")
    def add_finalizer(self, n: Name) -> None:
        """A controller adds its finalizer, unless the object is marked for deletion (422)."""
        require(self.uid[n] != 0 and not self.has_finalizer[n])
        if self.is_deleting[n] and not self.add_in_the_end:
            self.last = Answer.REFUSED
        else:
            self.touch(n)
            self.has_finalizer[n] = True
            self.is_done[n] = False
            self.last = Answer.ACCEPTED

    @reachable
    def a_patch_lost_once(self) -> bool:
        """A PATCH is about to be stored that was made anew."""
        return any(
            self.is_patching[c] and self.read[c] > self.heard_version(n) and self.uid[n] != 0
            for c in self.clients
            for n in self.names
        )

    @reachable(when="deletes")
    def held_by_both(self) -> bool:
        """An object that was deleted is held by a finalizer and by time."""
        return any(self.has_finalizer[n] and self.is_ending[n] for n in self.names)

    @abstract
    def heard_uid(self, n: Name) -> Revision:
        """The uid of the object in the server's watch cache; 0 for none."""
        raise NotImplementedError

    @abstract
    def heard_version(self, n: Name) -> Revision:
        """Its version there."""
        raise NotImplementedError

    @abstract
    def heard_count(self, n: Name) -> Revision:
        """What stands in it there."""
        raise NotImplementedError

    @abstract
    def heard_mark(self, n: Name) -> bool:
        """Whether it has the label there."""
        raise NotImplementedError
