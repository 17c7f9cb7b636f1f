"""The parts of the API server's storage over one store, each of which can be checked alone.

Every write, whoever makes it, is a revision of etcd that the watch caches of all servers hear of.
Objects are made in a namespace that may end, as dependents of owners that may go; clients list,
watch, write and delete them; the collector deletes what its owners left, by the version that it
saw, and is refused when a client wrote meanwhile. A server takes from its watch cache what a PATCH
begins from, and whether the namespace is active. Clients write through one of the servers.
Left out: the promises that something happens at last, since only so many writes take effect; they
are with the parts alone. Owners and the namespace are never shown to clients, who watch objects.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    action,
    choose,
    constant,
    each,
    initial,
    instance,
    joint,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.apiserver.stored.collection import Collector, Owner
from planespec.model.apiserver.stored.namespaces import NamespaceEnd
from planespec.model.apiserver.stored.object_writers import ObjectWriters
from planespec.model.apiserver.stored.storage_clients import ListsAndWatches
from planespec.model.apiserver.stored.watch_caches import Server
from planespec.model.parts.api_store import Client, Name, Revision
from planespec.spec.api.collection_requirements import Life, Phase
from planespec.spec.api.write_requirements import Answer


class OneStore(ListsAndWatches, ObjectWriters, Collector, NamespaceEnd):
    """Watch caches, listers, writers, the collector and a namespace over one store."""

    held_to = no_recording("the parts are held; what they do together was not recorded")

    names: Domain[Name] = sort(1, at_least=1, at_most=2, symmetric=True)
    servers: Domain[Server] = sort(1, at_least=1, at_most=2, symmetric=True)
    clients: Domain[Client] = sort(1, at_least=1, at_most=2, symmetric=True)
    owners: Domain[Owner] = sort(2, at_least=1, at_most=2, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=8)
    """How many writes take effect, of all parts together: a bound."""
    deletes: bool = constant(default=False)
    """Whether clients delete objects, which may have finalizers and time to end."""

    via: Server | None = None
    """The server through which clients write and objects are made."""
    uid_at: Array[Revision, Revision] = each(0)
    """What the object that a revision wrote held: its uid, count and label."""
    count_at: Array[Revision, Revision] = each(0)
    mark_at: Array[Revision, bool] = each(False)
    terminating_since: Revision = 0
    """The revision in which the namespace began to end; 0 for none."""
    gone_since: Revision = 0

    @initial
    def start(self) -> None:
        """Clients write through one of the servers; owners are there from before."""
        self.via = choose(self.servers)
        for o in self.owners:
            self.owner[o] = Life.LIVE

    # The store, as its watch caches will hear of it.

    @joint
    def note_revision(self) -> None:
        """All is as it was in the revision before; whoever wrote was answered so."""
        self.last = Answer.ACCEPTED
        for n in self.names:
            self.stored[self.revision][n] = self.stored[self.revision - 1][n]

    @joint
    def note_version(self, n: Name) -> None:
        """What was written is in the history; the collector's look at it is old."""
        self.stored[self.revision][n] = self.version[n]
        self.note_change(n)
        if self.uid[n] == 0:
            self.is_stored[n] = False
            if self.child[n] == Life.LIVE:
                self.child[n] = Life.ENDED

    @joint
    def note_content(self, n: Name) -> None:
        """Caches will have what the object holds now."""
        self.uid_at[self.version[n]] = self.uid[n]
        self.count_at[self.version[n]] = self.count[n]
        self.mark_at[self.version[n]] = self.is_marked[n]

    @joint
    def note_owner(self, o: Owner) -> None:
        """The write of an owner is one elsewhere."""
        self.stamp()

    @joint
    def note_phase(self) -> None:
        """So is that of the namespace."""
        self.stamp()
        if self.phase == Phase.TERMINATING:
            self.terminating_since = self.revision
        else:
            self.gone_since = self.revision

    # What servers take from their watch caches.

    def heard_version(self, n: Name) -> Revision:
        """The version of the object in the cache of the server."""
        s = self.via
        assert s is not None
        return self.copy[s][n]

    def heard_uid(self, n: Name) -> Revision:
        """Its uid there."""
        return self.uid_at[self.heard_version(n)] if self.heard_version(n) != 0 else 0

    def heard_count(self, n: Name) -> Revision:
        """What stands in it there."""
        return self.count_at[self.heard_version(n)]

    def heard_mark(self, n: Name) -> bool:
        """Whether it has the label there."""
        return self.mark_at[self.heard_version(n)]

    def heard_phase(self, s: Server) -> Phase:
        """Where the namespace is, as far as a cache has come."""
        if 0 < self.gone_since <= self.claimed[s]:
            return Phase.GONE
        if 0 < self.terminating_since <= self.claimed[s]:
            return Phase.TERMINATING
        return Phase.ACTIVE

    # Objects that are made as dependents, and deleted by collector and namespace.

    @action
    def make_child(self, c: Name, o: Owner, away: bool) -> None:
        """A server stores an object that it let in, as a dependent of an owner."""
        self.finish_request(c)
        self.be_child(c, o, away)
        self.begin(c)

    def delete_child(self, c: Name) -> None:
        """The collector deletes a dependent, which may be marked only."""
        if not self.is_held(c):
            self.child[c] = Life.GONE
        self.delete_now(c)

    def remove_content(self, o: Name) -> None:
        """So does the namespace controller."""
        if self.deletes:
            require(not self.is_held(o) or not self.is_deleting[o])
        self.delete_now(o)

    def is_held(self, n: Name) -> bool:
        """Whether an object stays though it is deleted."""
        return self.deletes and (self.has_finalizer[n] or self.is_ending[n])

    def delete_now(self, n: Name) -> None:
        """Delete an object without time to end, or mark it."""
        if not self.is_held(n):
            self.take_away(n)
        elif self.deletes and not self.is_deleting[n]:
            self.touch(n)
            self.is_deleting[n] = True

    @reachable(when="writes > 2")
    def collector_was_overtaken(self) -> bool:
        """A client wrote an object that the collector is about to delete."""
        return any(n in self.changed and self.added[n] > 0 for n in self.names)

    instances = [
        instance("two-writes", owners=1, writes=2),
        instance("two-servers", owners=1, writes=2, servers=2),
        instance("three-writes", owners=1, writes=3),
        instance("adopted", slow=True, writes=3),
        instance("deletions", slow=True, owners=1, writes=3, deletes=True),
        instance("four-writes", slow=True, owners=1),
    ]
