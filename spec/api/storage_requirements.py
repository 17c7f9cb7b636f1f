"""What the API server promises of what it stores and shows: API-11 and on.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (called "API concepts"), the
enhancement proposals (KEP), and `staging/src/k8s.io/apiserver`. A revision is a place in etcd's
history; the version of an object is the revision of its last write, 0 where there is none.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Stored(Protocol):
    """All there ever was."""

    @property
    def names(self) -> Iterable[Any]:
        """The names under which objects come and go."""

    @property
    def stored(self) -> Mapping[int, Mapping[Any, int]]:
        """The versions of the objects at each revision."""


class Cached(Stored, Protocol):
    """What API servers have heard of it."""

    @property
    def servers(self) -> Iterable[Any]:
        """The API servers."""

    @property
    def claimed(self) -> Mapping[Any, int]:
        """The revision that a cache takes itself to have reached."""

    @property
    def copy(self) -> Mapping[Any, Mapping[Any, int]]:
        """The versions of the objects in a cache."""


class Catching(Protocol):
    """How far API servers are."""

    @property
    def servers(self) -> Iterable[Any]:
        """The API servers."""

    @property
    def claimed(self) -> Mapping[Any, int]:
        """The revision that a cache takes itself to have reached."""

    @property
    def revision(self) -> int:
        """The revision of etcd."""


class Knowing(Protocol):
    """How far clients are."""

    @property
    def clients(self) -> Iterable[Any]:
        """Those who list and watch."""

    @property
    def known(self) -> Mapping[Any, int]:
        """The revision that a client knows; 0 for one that begins."""


class Seeing(Stored, Knowing, Protocol):
    """What clients have seen."""

    @property
    def view(self) -> Mapping[Any, Mapping[Any, int]]:
        """The versions of the objects that a client has seen."""

    @property
    def is_complete(self) -> Mapping[Any, bool]:
        """Whether it takes its view for whole."""


class Watching(Protocol):
    """What watches sent."""

    @property
    def was_repeated(self) -> bool:
        """Whether one sent an event that is not later than all it had sent."""


class Listing(Knowing, Protocol):
    """What clients asked for."""

    @property
    def waits_for(self) -> Mapping[Any, int]:
        """The revision that the server waits for; 0 where no request is open that has one."""

    @property
    def least(self) -> Mapping[Any, int]:
        """What a list must not be older than; 0 where that was not asked."""

    @property
    def floor(self) -> Mapping[Any, int]:
        """The revision of etcd when the latest state was asked for; 0 where it was not."""

    @property
    def is_asking(self) -> Mapping[Any, bool]:
        """Whether a request is open."""


@requirement("API-11", source="API concepts, Efficient detection of changes; KEP-365; #51313")
def seen_is_what_was_stored(s: Seeing) -> bool:
    """What a client has listed and watched is what was stored at the revision it knows."""
    return all(
        s.view[c][n] == s.stored[s.known[c]][n]
        for c in s.clients
        for n in s.names
        if s.is_complete[c]
    )


@requirement("API-12", source="API concepts, Resource versions; #59848")
def never_goes_back(before: Knowing, after: Knowing) -> bool:
    """What a client knows never goes back, unless it begins anew."""
    return all(after.known[c] >= before.known[c] or after.known[c] == 0 for c in after.clients)


@requirement("API-13", source="API concepts, Efficient detection of changes; pull 73845, #24004")
def shown_once_and_in_order(s: Watching) -> bool:
    """A watch shows every change after its start once, in the order of revisions."""
    return not s.was_repeated


@requirement("API-14", source="API concepts, Semantics for get and list: NotOlderThan")
def list_is_as_new_as_asked(s: Listing) -> bool:
    """A list is not older than was asked."""
    return all(s.is_asking[c] or s.known[c] >= s.least[c] for c in s.clients)


@requirement("API-15", source="API concepts, Semantics for get and list: Most Recent; KEP-2340")
def consistent_read_sees_writes_before_it(s: Listing) -> bool:
    """A read of the latest state has every write that was finished before it, from a cache too."""
    return all(s.is_asking[c] or s.known[c] >= s.floor[c] for c in s.clients)


@requirement("API-16", source="KEP-2340; KEP-4988; etcd#15220, #123072")
def cache_is_the_state_of_its_revision(s: Cached) -> bool:
    """A watch cache has what was stored at the revision that it has reached."""
    return all(
        s.copy[server][n] == s.stored[s.claimed[server]][n]
        for server in s.servers
        for n in s.names
    )


@requirement("API-33", source="KEP-2340", promise="always eventually")
def caches_catch_up(s: Catching) -> bool:
    """A watch cache reaches every revision at last, also one that is not of its resource."""
    return all(s.claimed[server] == s.revision for server in s.servers)
