"""Writes and consistent reads of an API server with revisions that never end, to be proved.

It has what `apiserver.writers` and `apiserver.storage` say of revisions: clients that count in an
object and write it back, caches that lag by any number of revisions, lists that wait for a
revision, watches that go on. What a cache has at a revision is not said; that a client knows a
revision is. So it allows more than those models do, and what is proved holds for any number of
writes.
Source: as there.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    action,
    each,
    instance,
    lemma,
    mutant,
    no_recording,
    require,
    sort,
)
from planespec.model.apiserver.stored.watch_caches import Server
from planespec.model.parts.api_store import Client, Name
from planespec.spec.api.storage_requirements import (
    consistent_read_sees_writes_before_it,
    list_is_as_new_as_asked,
    never_goes_back,
)
from planespec.spec.api.write_requirements import no_update_is_lost, uid_never_comes_back


class UnboundedStorage(Model):
    """Objects, caches and clients for ever."""

    held_to = no_recording("the same as apiserver.writers and apiserver.storage, without a bound")

    names: Domain[Name] = sort(1, at_least=1, at_most=3)
    servers: Domain[Server] = sort(2, at_least=1, at_most=4)
    clients: Domain[Client] = sort(2, at_least=1, at_most=4)

    blind_writes: bool = mutant("A write takes effect though its resourceVersion is old.")
    uids_return: bool = mutant("What is created again under a name has the uid it had before.")
    lists_any: bool = mutant(
        "A client whose watch broke lists any state, however old.", issue="#59848"
    )
    list_without_waiting: bool = mutant(
        "A list that must not be older is answered before the cache is there."
    )
    latest_from_cache: bool = mutant(
        "The latest state is taken from the cache as it is.", issue="KEP-2340"
    )

    deadlock = False

    revision: Nat = 0
    uid: Array[Name, Nat] = each(0)
    version: Array[Name, Nat] = each(0)
    count: Array[Name, Nat] = each(0)
    added: Array[Name, Nat] = each(0)
    read: Array[Client, Array[Name, Nat]] = each(each(0))
    held: Array[Client, Array[Name, Nat]] = each(each(0))

    claimed: Array[Server, Nat] = each(0)
    known: Array[Client, Nat] = each(0)
    is_asking: Array[Client, bool] = each(False)
    waits_for: Array[Client, Nat] = each(0)
    least: Array[Client, Nat] = each(0)
    floor: Array[Client, Nat] = each(0)

    requires = [
        no_update_is_lost,
        uid_never_comes_back,
        never_goes_back,
        list_is_as_new_as_asked,
        consistent_read_sees_writes_before_it,
    ]

    @action
    def write_elsewhere(self) -> None:
        """Something else is written."""
        self.revision += 1

    @action
    def make(self, n: Name) -> None:
        """An object is made under a free name."""
        require(self.uid[n] == 0)
        self.revision += 1
        self.uid[n] = 1 if self.uids_return else self.revision
        self.version[n] = self.revision
        self.count[n] = 0
        self.added[n] = 0

    @action
    def remove(self, n: Name) -> None:
        """An object is deleted."""
        require(self.uid[n] != 0)
        self.revision += 1
        self.uid[n] = 0
        self.version[n] = 0

    @action
    def look(self, c: Client, n: Name) -> None:
        """A client reads an object."""
        require(self.uid[n] != 0)
        self.read[c][n] = self.version[n]
        self.held[c][n] = self.count[n]

    @action
    def put(self, c: Client, n: Name) -> None:
        """A client writes back one more, and may not hear that it was accepted."""
        require(self.uid[n] != 0 and self.read[c][n] != 0)
        require(self.version[n] == self.read[c][n] or self.blind_writes)
        self.revision += 1
        self.version[n] = self.revision
        self.count[n] = self.held[c][n] + 1
        self.added[n] += 1

    @action
    def catch_up(self, s: Server, r: Nat) -> None:
        """A cache comes to a revision that etcd has reached."""
        require(self.claimed[s] < r and r <= self.revision)
        self.claimed[s] = r

    @action
    def list_any(self, c: Client) -> None:
        """A client that knows nothing yet asks for whatever there is."""
        require(self.known[c] == 0 or self.lists_any)
        self.ask(c, 0)

    @action
    def list_not_older(self, c: Client, r: Nat) -> None:
        """A client asks for a list that is at least of a revision it has heard of."""
        require(self.known[c] <= r and r <= self.revision)
        self.ask(c, r)
        self.least[c] = r

    @action
    def list_latest(self, c: Client) -> None:
        """A client asks for what there is now; the server asks etcd how far it is."""
        self.ask(c, self.known[c] if self.latest_from_cache else self.revision)
        self.floor[c] = self.revision

    def ask(self, c: Client, wait: Nat) -> None:
        """Send a request."""
        require(not self.is_asking[c])
        self.is_asking[c] = True
        self.waits_for[c] = wait
        self.least[c] = 0
        self.floor[c] = 0

    @action
    def answer(self, c: Client, s: Server) -> None:
        """A server answers from its cache, once that has come so far."""
        require(self.is_asking[c])
        require(self.claimed[s] >= self.waits_for[c] or self.list_without_waiting)
        self.is_asking[c] = False
        self.known[c] = self.claimed[s]

    @action
    def give_up(self, c: Client) -> None:
        """A server gives a request up (504)."""
        require(self.is_asking[c])
        self.is_asking[c] = False
        self.least[c] = 0
        self.floor[c] = 0

    @action
    def hear(self, c: Client, s: Server, r: Nat) -> None:
        """A watch goes on to a revision that its server has reached."""
        require(not self.is_asking[c] and self.known[c] > 0)
        require(self.known[c] < r and r <= self.claimed[s])
        self.known[c] = r

    @action
    def begin_anew(self, c: Client) -> None:
        """A client begins anew and knows nothing."""
        require(not self.is_asking[c])
        self.known[c] = 0
        self.least[c] = 0
        self.floor[c] = 0

    @lemma
    def nobody_is_ahead_of_etcd(self) -> bool:
        """Caches, clients and what they wait for are of revisions that were."""
        return all(s >= 0 and s <= self.revision for s in self.claimed.values()) and all(
            self.known[c] <= self.revision
            and self.waits_for[c] <= self.revision
            and self.floor[c] <= self.revision
            and self.least[c] <= self.revision
            for c in self.clients
        )

    @lemma
    def a_request_waits_for_enough(self) -> bool:
        """A request waits for what it asked for, and for what its client knows."""
        return all(
            not self.is_asking[c]
            or (
                self.waits_for[c] >= self.known[c]
                and self.waits_for[c] >= self.least[c]
                and self.waits_for[c] >= self.floor[c]
            )
            for c in self.clients
        )

    @lemma
    def versions_were_given_out(self) -> bool:
        """No object, and none that was read, has a version that is still to come."""
        return all(
            self.uid[n] <= self.revision and self.version[n] <= self.revision for n in self.names
        ) and all(self.read[c][n] <= self.revision for c in self.clients for n in self.names)

    @lemma
    def a_version_is_of_one_state(self) -> bool:
        """Who has read the version that is stored has read what is stored."""
        return all(
            self.uid[n] == 0
            or self.read[c][n] == 0
            or self.read[c][n] != self.version[n]
            or self.held[c][n] == self.count[n]
            for c in self.clients
            for n in self.names
        )

    instances = [
        instance("two-clients"),
        instance("three-clients", slow=True, names=2, servers=3, clients=3),
    ]
