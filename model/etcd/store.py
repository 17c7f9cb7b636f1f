"""The etcd key-value store: swaps on what was read, leases, compaction, a watch with progress.

Source: the etcd API guarantees and server/mvcc of release 3.5. Every request is atomic, as Raft
makes it. Values are left out: a put is told by its revision. Of transactions with several
operations there are two: one that re-creates a key in the revision that deletes it, and one that
is refused for a read of the past. Left out: other members (`restore` is what a watch sees of one
that lagged), and time: a lease may end at any moment, see `etcd.leases`. Revisions count from 1,
the empty store is at 0.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    constant,
    each,
    instance,
    mutant,
    only,
    reachable,
    record,
    recording,
    require,
    sort,
)
from planespec.spec.etcd.etcd_requirements import (
    compaction_keeps_the_latest,
    leased_keys_end,
    progress_is_complete,
    refusal_changes_nothing,
    revision_never_falls,
    swap_replaces_what_was_read,
    versions_count_puts,
    watch_begins_where_asked,
    watch_misses_nothing,
)


class Key(Sort):
    """A key."""


class Lease(Sort):
    """A lease."""


Revision = Annotated[int, Range(0, "revisions")]
"""0 is the empty store, and for a key that it is absent."""

Position = Annotated[int, Range(0, "revisions + 1")]
"""A revision a watch waits for; 0 is none."""


@record
class Change:
    """What one revision did; `based_on` is what the client of a swap had read."""

    keys: frozenset[Key]
    is_deletion: bool
    is_swap: bool
    based_on: Revision


class Store(Model):
    """A store of `keys` and `leases` for `revisions` changes, a client of swaps and one watch."""

    held_to = [
        recording(
            "tests/recorded/etcd.jsonl.gz",
            cases=7_399,
            of="etcd 3.5.1",
            part="revisions, keys, leases, transactions, compaction, and the events of a watch",
            test="tests/spec/etcd/test_etcd_model_beside_the_store.py"
            "::test_every_step_of_the_model_is_one_of_the_store",
            through="planespec.spec.etcd",
            conform="etcd",
        )
    ]

    keys: Domain[Key] = sort(2, at_least=1, symmetric=True)
    leases: Domain[Lease] = sort(1, at_least=1, symmetric=True)
    revisions: int = constant(4, at_least=1, at_most=8)

    rewrites: bool = constant(False)
    """Whether a transaction may delete a key and put it again."""
    refusals: int = constant(0, at_least=0, at_most=3)
    """How many transactions are refused in all."""
    restores: bool = constant(False)
    """Whether the member of the watch lags and is restored from a snapshot."""

    compare_version: bool = mutant("A swap compares the version, which begins anew with a key.")
    keep_version: bool = mutant("A key that is created again goes on counting its version.")
    keep_leased: bool = mutant("A lease that ends leaves its keys.")
    forget_deletion: bool = mutant(
        "Compaction forgets a deletion at the compacted revision.", issue="etcd#18089"
    )
    forget_latest: bool = mutant("Compaction forgets everything below its revision.")
    notify_early: bool = mutant(
        "Progress is notified before the past is delivered.", issue="etcd#15220"
    )
    notify_future: bool = mutant(
        "Progress is notified to a watch of the future.", issue="etcd#20221"
    )
    forget_revision: bool = mutant(
        "A restart takes the revision from what compaction left.", issue="etcd#17780"
    )
    forget_rewritten: bool = mutant(
        "Compaction at the revision that re-creates a key forgets its put.",
        issue="etcd#22376",
        when="rewrites",
    )
    restore_lowers: bool = mutant(
        "A restored member looks at a watch of the future from where it stands.",
        issue="etcd#19487",
        when="restores",
    )
    resume_drops_deletion: bool = mutant(
        "A compaction that a restart resumes drops a deletion that stands alone.",
        issue="etcd#19179",
    )
    refused_writes: bool = mutant(
        "A transaction that is refused for a read leaves its put.",
        issue="etcd#18667",
        when="refusals > 0",
    )

    deadlock = False

    revision: Revision = 0
    history: Annotated[list[Change], Size("revisions")] = []
    create: Array[Key, Revision] = each(0)
    mod: Array[Key, Revision] = each(0)
    version: Array[Key, Revision] = each(0)
    lease: Array[Key, Lease | None] = each(None)
    granted: set[Lease] = set()
    compacted: Revision = 0
    kept: set[Revision] = set()
    read_mod: Array[Key, Revision] = each(0)
    read_version: Array[Key, Revision] = each(0)
    is_watching: bool = False
    start: Position = 0
    position: Position = 0
    seen: set[Revision] = set()
    notified: Revision = 0
    rewritten: set[Revision] = only(set(), when="rewrites")
    """Revisions that deleted a key and put it again."""
    refused: Annotated[int, Range(0, "refusals")] = only(0, when="refusals > 0")

    requires = [
        revision_never_falls,
        versions_count_puts,
        swap_replaces_what_was_read,
        leased_keys_end,
        watch_misses_nothing,
        progress_is_complete,
        compaction_keeps_the_latest,
        watch_begins_where_asked,
        only(refusal_changes_nothing, when="refusals > 0"),
    ]

    @action
    def grant(self, lease: Lease) -> None:
        """A lease is granted; the revision stays."""
        require(lease not in self.granted)
        self.granted.add(lease)

    @action
    def end_lease(self, lease: Lease) -> None:
        """A lease expires or is revoked; its keys are deleted in one revision."""
        require(lease in self.granted)
        self.granted.remove(lease)
        attached = {k for k in self.keys if self.lease[k] == lease}
        if len(attached) > 0 and not self.keep_leased:
            require(self.revision < self.revisions)
            self.commit(Change(frozenset(attached), True, False, 0))
            for k in self.keys:
                if k in attached:
                    self.forget(k)

    @action
    def put(self, k: Key, lease: Lease | None) -> None:
        """A client writes a key, attached to a lease or not."""
        require(lease is None or lease in self.granted)
        self.write(k, lease, is_swap=False)

    @action
    def delete(self, k: Key) -> None:
        """A client deletes a key that exists."""
        require(self.mod[k] > 0)
        self.erase(k, is_swap=False)

    @action
    def read(self, k: Key) -> None:
        """The client of swaps reads a key, or that it is absent."""
        self.read_mod[k] = self.mod[k]
        self.read_version[k] = self.version[k]

    @action
    def swap(self, k: Key) -> None:
        """It writes the key if nobody changed it since."""
        require(self.is_as_read(k))
        self.write(k, None, is_swap=True)

    @action
    def swap_to_nothing(self, k: Key) -> None:
        """It deletes the key if nobody changed it since."""
        require(self.mod[k] > 0 and self.is_as_read(k))
        self.erase(k, is_swap=True)

    @action(when="rewrites")
    def rewrite(self, k: Key) -> None:
        """One transaction deletes the only key, by a range without end, and puts it again."""
        require(self.mod[k] > 0)
        require(all(self.mod[other] == 0 for other in self.keys if other != k))
        self.forget(k)
        self.write(k, None, is_swap=False)
        self.rewritten.add(self.revision)

    @action(when="refusals > 0")
    def refuse(self, k: Key, at: Revision) -> None:
        """A transaction that puts a key and reads what is compacted is refused."""
        require(self.refused < self.refusals and 0 < at < self.compacted)
        self.refused += 1
        if self.refused_writes:
            self.write(k, None, is_swap=False)

    @action
    def compact(self, at: Revision) -> None:
        """What neither a read nor a watch at the revision or later asks for is forgotten."""
        require(self.compacted < at <= self.revision)
        self.compacted = at
        self.kept = {r for r in self.kept if self.is_needed(r, at)}

    @action
    def restart(self) -> None:
        """The store crashes and comes back with what is on disk: everything."""
        c = self.compacted
        if self.resume_drops_deletion and c in self.kept and self.history[c - 1].is_deletion:
            self.kept.remove(c)
        if self.forget_revision:
            self.revision = max((r for r in self.kept), default=0)

    @action(when="restores")
    def restore(self) -> None:
        """The member lagged and gets a snapshot; a watch goes on where it stood."""
        require(self.is_watching)
        if self.restore_lowers and self.position > self.revision:
            self.position = max(self.revision, 1)

    @action
    def open_watch(self, start: Position) -> None:
        """A client watches all keys from a revision on, which may be in the future."""
        require(not self.is_watching and self.start == 0 and start > 0)
        self.start = start
        self.position = start
        self.is_watching = start >= self.compacted

    @action
    def deliver(self) -> None:
        """The next revision that the watch waits for is delivered, if it is still stored."""
        require(self.is_watching and self.position <= self.revision)
        if self.position < self.compacted:
            self.is_watching = False
        else:
            if self.position in self.kept:
                self.seen.add(self.position)
            self.position += 1

    @action
    def notify_progress(self) -> None:
        """The client asks for progress; it is told once the past is delivered."""
        require(self.is_watching and self.revision > self.notified)
        require(self.position > self.revision or self.notify_early)
        require(self.start <= self.revision + 1 or self.notify_future)
        self.notified = self.revision

    @action
    def resume_watch(self) -> None:
        """The connection is lost; the client goes on after the last it was told of."""
        require(self.is_watching)
        last = max(
            r if r in self.seen or r == self.notified else 0 for r in range(self.revisions + 1)
        )
        require(last + 1 > self.start)
        self.position = last + 1

    @reachable
    def swap_after_swap(self) -> bool:
        """Two swaps succeed, one upon the other."""
        return len(self.history) >= 2 and self.history[0].is_swap and self.history[1].is_swap

    @reachable
    def watch_cancelled(self) -> bool:
        """Compaction overtakes a watch."""
        return self.start > 0 and not self.is_watching

    @reachable
    def told_after_compaction(self) -> bool:
        """A watch is given an event and told of progress although something was compacted."""
        return self.compacted > 0 and self.notified > 0 and len(self.seen) > 0

    def is_as_read(self, k: Key) -> bool:
        """Whether the guard of a swap holds."""
        if self.compare_version:
            return self.version[k] == self.read_version[k]
        return self.mod[k] == self.read_mod[k]

    def is_needed(self, r: Revision, at: Revision) -> bool:
        """Whether compaction at a revision must keep another."""
        change = self.history[r - 1]
        if r > at:
            return True
        if r == at and self.forget_rewritten and r in self.rewritten:
            return False
        if r == at:
            return not (change.is_deletion and (self.forget_deletion or self.forget_revision))
        if self.forget_latest or change.is_deletion:
            return False
        return any(
            not any(k in self.history[later - 1].keys for later in range(r + 1, at + 1))
            for k in change.keys
        )

    def write(self, k: Key, lease: Lease | None, is_swap: bool) -> None:
        """Put a key in a new revision."""
        require(self.revision < self.revisions)
        self.commit(Change(frozenset({k}), False, is_swap, self.read_mod[k] if is_swap else 0))
        if self.create[k] == 0:
            self.create[k] = self.revision
        self.mod[k] = self.revision
        self.version[k] += 1
        self.lease[k] = lease

    def erase(self, k: Key, is_swap: bool) -> None:
        """Delete a key in a new revision."""
        require(self.revision < self.revisions)
        self.commit(Change(frozenset({k}), True, is_swap, self.read_mod[k] if is_swap else 0))
        self.forget(k)

    def commit(self, change: Change) -> None:
        """Begin the next revision."""
        self.history.append(change)
        self.revision += 1
        self.kept.add(self.revision)

    def forget(self, k: Key) -> None:
        """A key is absent from now on."""
        self.create[k] = 0
        self.mod[k] = 0
        if not self.keep_version:
            self.version[k] = 0
        self.lease[k] = None

    instances = [
        instance("small", keys=1, leases=1, revisions=2),
        instance("two-keys", keys=2, leases=1, revisions=2),
        instance("two-keys-three-revisions", keys=2, leases=1, revisions=3),
        instance("four-revisions", keys=1, leases=1, revisions=4),
        instance(
            "rewrites-and-restores",
            keys=1,
            leases=1,
            revisions=3,
            rewrites=True,
            refusals=1,
            restores=True,
        ),
    ]
