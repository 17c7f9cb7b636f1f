"""Clients that list and watch through API servers whose watch caches lag.

A client lists (any state, one not older than a revision it has heard of, the state of exactly the
revision it knows, or the latest), or has the objects streamed to it; then it watches from there.
A watch may break; the client goes on at any server, from what it knows, or lists again when that
is forgotten (410). A list that waits too long is given up (504).
Source: `apiserver/pkg/storage/cacher`, `client-go/tools/cache/reflector.go`, KEP-365, KEP-2340,
KEP-3157. Left out: pages, selectors (an object that is selected no more is one that was removed),
and how old a first list of "any" is: it may be older than what the client's last life knew.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Range,
    action,
    constant,
    each,
    given,
    instance,
    mutant,
    only,
    reachable,
    recording,
    require,
    sort,
)
from planespec.model.apiserver.stored.watch_caches import AnyWrites, Server, WatchCaches
from planespec.model.parts.api_store import Client, Name, Revision
from planespec.spec.api.storage_requirements import (
    consistent_read_sees_writes_before_it,
    list_is_as_new_as_asked,
    never_goes_back,
    seen_is_what_was_stored,
    shown_once_and_in_order,
)

Least = Annotated[int, Range(0, "writes")]


class ListsAndWatches(WatchCaches):
    """Clients of lagging API servers."""

    clients: Domain[Client] = sort(1, at_least=1, at_most=3, symmetric=True)
    streams: bool = constant(default=False)
    """Whether objects may be streamed (WatchList)."""

    lists_any: bool = mutant(
        "A client whose watch broke lists any state, however old.", issue="#59848"
    )
    list_without_waiting: bool = mutant(
        "A list that must not be older is answered before the cache is there."
    )
    latest_from_cache: bool = mutant(
        "The latest state is taken from the cache as it is.", issue="KEP-2340"
    )
    exact_is_now: bool = mutant("A list of exactly one revision shows what the cache has now.")
    keep_missing: bool = mutant(
        "A client that lists again keeps objects that are not in the list.",
        issue="#51313, #55587",
    )
    start_included: bool = mutant(
        "A watch from a revision delivers the event of that revision itself.", issue="#24004"
    )
    list_is_an_event: bool = mutant(
        "A cache that was filled anew takes the revision of its list for an event that it has.",
        issue="#49956",
    )
    start_at_cache: bool = mutant(
        "A watch from a revision ahead of the cache begins where the cache is."
    )
    forget_removed: bool = mutant(
        "A watch loses the event that an object was removed.", issue="#94437, #56261"
    )
    bookmark_ahead: bool = mutant("A bookmark is sent before events that it passes.")
    end_initial_early: bool = mutant(
        "The bookmark that ends the initial events is sent before all of them.",
        issue="#122805",
        when="streams",
    )
    initial_again: bool = mutant(
        "Events from before a watch are sent after its initial events.",
        issue="pull 73845",
        when="streams",
    )

    known: Array[Client, Revision] = each(0)
    """The revision that a client knows."""
    view: Array[Client, Array[Name, Revision]] = each(each(0))
    """The objects that it has seen, by version."""
    is_complete: Array[Client, bool] = each(False)
    """Whether it has all objects there were at that revision."""
    at: Array[Client, Server | None] = each(None)
    """Where it watches."""
    sent: Array[Client, Revision] = each(0)
    """Up to which revision its watch has sent events."""
    is_asking: Array[Client, bool] = each(False)
    """Whether it waits for an answer."""
    wants_stream: Array[Client, bool] = only(each(False), when="streams")
    """Whether it waits for a stream of all objects, and not for a list."""
    waits_for: Array[Client, Least] = each(0)
    """The revision that the server waits for before it answers."""
    least: Array[Client, Least] = each(0)
    """What the last list that was answered must not be older than."""
    floor: Array[Client, Least] = each(0)
    """The revision of etcd when the latest state was asked for, in the last list answered."""
    owed: Array[Client, set[Name]] = only(each(set()), when="streams")
    """Objects still to be streamed."""
    was_repeated: bool = False
    """History: whether a watch sent an event that is not later than all it had sent."""

    requires = [
        seen_is_what_was_stored,
        never_goes_back,
        shown_once_and_in_order,
        list_is_as_new_as_asked,
        consistent_read_sees_writes_before_it,
    ]

    @action
    def list_any(self, c: Client) -> None:
        """A client that knows nothing yet asks for whatever there is."""
        require(self.known[c] == 0 or self.lists_any)
        self.ask(c, 0)

    @action
    def list_not_older(self, c: Client, r: Revision) -> None:
        """A client asks for a list that is at least of a revision it has heard of."""
        require(0 < r <= self.revision and self.known[c] <= r)
        self.ask(c, r)
        self.least[c] = r

    @action
    def list_latest(self, c: Client) -> None:
        """A client asks for what there is now; the server asks etcd how far it is."""
        self.ask(c, 0 if self.latest_from_cache else self.revision)
        self.floor[c] = self.revision

    @action
    def list_exactly(self, c: Client, s: Server) -> None:
        """A client reads the state of the revision that it knows once more."""
        r = self.known[c]
        require(r > 0 and self.at[c] is None and not self.is_asking[c])
        require(self.oldest[s] - 1 <= r <= self.claimed[s])
        for n in self.names:
            self.view[c][n] = self.copy[s][n] if self.exact_is_now else self.stored[r][n]
        self.is_complete[c] = True

    @action(when="streams")
    def ask_for_stream(self, c: Client) -> None:
        """A client that has nothing asks for all objects one by one, and then for changes."""
        require(not self.is_complete[c])
        self.ask(c, self.revision)
        self.wants_stream[c] = True
        self.floor[c] = self.revision

    def ask(self, c: Client, wait: Revision) -> None:
        """Send a request."""
        require(self.at[c] is None and not self.is_asking[c])
        self.is_asking[c] = True
        self.waits_for[c] = wait
        self.least[c] = 0
        self.floor[c] = 0

    @action
    def answer(self, c: Client, s: Server) -> None:
        """A server answers a list from its cache, once that has come so far."""
        require(self.is_asking[c] and not (self.streams and self.wants_stream[c]))
        require(self.claimed[s] >= self.waits_for[c] or self.list_without_waiting)
        for n in self.names:
            if self.copy[s][n] != 0 or not self.keep_missing:
                self.view[c][n] = self.copy[s][n]
        self.is_complete[c] = True
        self.end_request(c, self.claimed[s])

    @action
    def give_up(self, c: Client) -> None:
        """A server gives a request up (504)."""
        require(self.is_asking[c] and self.at[c] is None)
        self.least[c] = 0
        self.floor[c] = 0
        self.end_request(c, self.known[c])

    def end_request(self, c: Client, r: Revision) -> None:
        """A client waits no longer, and knows a revision."""
        self.is_asking[c] = False
        if self.streams:
            self.wants_stream[c] = False
        self.waits_for[c] = 0
        self.known[c] = r
        self.sent[c] = 0

    @action(when="streams")
    def begin_stream(self, c: Client, s: Server) -> None:
        """A server begins to send what its cache has."""
        require(self.wants_stream[c] and self.claimed[s] >= self.waits_for[c])
        require(self.at[c] is None)
        self.at[c] = s
        self.waits_for[c] = 0
        self.sent[c] = self.claimed[s]
        self.owed[c] = {n for n in self.names if self.copy[s][n] != 0}
        for n in self.names:
            self.view[c][n] = 0

    @action(when="streams")
    def send_initial(self, c: Client, n: Name) -> None:
        """An object is sent as it was when the stream began."""
        require(n in self.owed[c])
        self.owed[c].remove(n)
        self.view[c][n] = self.stored[self.sent[c]][n]

    @action(when="streams")
    def end_initial(self, c: Client) -> None:
        """A bookmark ends the initial events."""
        require(self.at[c] is not None and self.is_asking[c])
        require(len(self.owed[c]) == 0 or self.end_initial_early)
        self.owed[c] = set()
        self.is_complete[c] = True
        self.is_asking[c] = False
        self.wants_stream[c] = False
        self.known[c] = self.sent[c]
        if self.initial_again and self.sent[c] > 0:
            self.sent[c] -= 1

    @action
    def watch(self, c: Client, s: Server) -> None:
        """A client watches from what it knows; a server without all events since answers 410."""
        require(self.is_complete[c] and self.at[c] is None and not self.is_asking[c])
        needed = self.oldest[s] - (2 if self.list_is_an_event else 1)
        require(self.known[c] >= needed)
        self.at[c] = s
        self.sent[c] = max(self.known[c], self.oldest[s] - 1)
        if self.start_included and self.known[c] > 0:
            self.sent[c] -= 1
        if self.start_at_cache and self.claimed[s] < self.known[c]:
            self.sent[c] = self.claimed[s]

    @action
    def deliver(self, c: Client) -> None:
        """A watch sends the next event that its server has heard of."""
        s = given(self.at[c])
        require(self.is_complete[c])
        r = self.next_event(self.sent[c])
        require(r != 0 and r <= self.fed[s])
        if r <= self.known[c]:
            self.was_repeated = True
        for n in self.names:
            changed = self.stored[r][n] != self.stored[r - 1][n]
            if changed and (self.stored[r][n] != 0 or not self.forget_removed):
                self.view[c][n] = self.stored[r][n]
        self.known[c] = r
        self.sent[c] = r

    @action
    def bookmark(self, c: Client) -> None:
        """A watch tells how far its server is, all events up to there being sent."""
        s = given(self.at[c])
        require(self.is_complete[c] and self.known[c] < self.claimed[s])
        r = self.next_event(self.sent[c])
        require(r == 0 or r > self.claimed[s] or self.bookmark_ahead)
        self.known[c] = self.claimed[s]
        if not self.bookmark_ahead:
            self.sent[c] = self.claimed[s]

    @action
    def break_off(self, c: Client) -> None:
        """A watch breaks; a stream that was not whole counts for nothing."""
        require(self.at[c] is not None)
        self.at[c] = None
        if self.streams:
            self.owed[c] = set()
        if self.is_asking[c]:
            self.least[c] = 0
            self.floor[c] = 0
        self.end_request(c, self.known[c])

    @action
    def begin_anew(self, c: Client) -> None:
        """A client begins anew and knows nothing."""
        require(self.known[c] > 0 and self.at[c] is None and not self.is_asking[c])
        self.known[c] = 0
        self.least[c] = 0
        self.floor[c] = 0
        self.is_complete[c] = False
        for n in self.names:
            self.view[c][n] = 0

    @reachable(when="servers > 1")
    def watches_a_lagging_server(self) -> bool:
        """A client watches at a server that is behind what it knows."""
        return any(
            self.at[c] == s and self.claimed[s] < self.known[c]
            for c in self.clients
            for s in self.servers
        )

    @reachable
    def has_to_list_again(self) -> bool:
        """No server has kept the events that a client would need."""
        return any(
            self.is_complete[c] and all(self.known[c] < self.oldest[s] - 1 for s in self.servers)
            for c in self.clients
        )


class Storage(AnyWrites, ListsAndWatches):
    """Those clients, and writes of anybody, within `writes` revisions."""

    held_to = [
        recording(
            "tests/recorded/watchlist.jsonl.gz",
            cases=98,
            of="kube-apiserver v1.36.2, etcd 3.5.1 and 3.6.13",
            part="what a server answers to lists and watches",
            conform="watchlist",
            through="planespec.spec.api.watching.list_serving",
            test="tests/spec/watching/test_storage_model_beside_the_rules.py"
            "::test_clients_of_the_model_see_what_the_rules_answer",
        )
    ]

    instances = [
        instance("small", servers=1),
        instance("two-servers"),
        instance("streams", names=2, writes=3, servers=1, streams=True),
        instance("streams-of-two-servers", writes=2, streams=True),
        instance("two-clients", slow=True, writes=2, clients=2),
        instance("four-writes", slow=True, writes=4),
    ]
