"""What the etcd store promises, as predicates over its state and what one watch was given.

Source: https://etcd.io/docs/v3.6/learning/api_guarantees/ (called "the guarantees"). A revision
is a place in the history, counted from 1; in a real store the first is 2. `watch_guarantees`
has the nine guarantees of a watch over what a client recorded; those here speak of states.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Change(Protocol):
    """What one revision did: put or deleted these keys."""

    @property
    def keys(self) -> Collection[Any]:
        """The keys it touched."""

    @property
    def is_deletion(self) -> bool:
        """Whether it deleted them."""

    @property
    def is_swap(self) -> bool:
        """Whether it was made on the condition that its key was as the client had read it."""

    @property
    def based_on(self) -> int:
        """For a swap the revision at which its client saw the key last changed; 0 is absent."""


class Revisions(Protocol):
    """How far a store is."""

    @property
    def revision(self) -> int:
        """The revision of the latest change."""


class History(Protocol):
    """All there ever was."""

    @property
    def history(self) -> Sequence[Change]:
        """The change of revision r at place r - 1."""


class Keys(History, Protocol):
    """The keys as a read finds them."""

    @property
    def keys(self) -> Iterable[Any]:
        """All keys that may exist."""

    @property
    def create(self) -> Mapping[Any, int]:
        """The revision that created a key; 0 for one that is absent."""

    @property
    def mod(self) -> Mapping[Any, int]:
        """The revision that changed a key last; 0 for one that is absent."""

    @property
    def version(self) -> Mapping[Any, int]:
        """How often a key was put since its creation; 0 for one that is absent."""


class Leased(Protocol):
    """Keys and leases."""

    @property
    def keys(self) -> Iterable[Any]:
        """All keys that may exist."""

    @property
    def lease(self) -> Mapping[Any, Any]:
        """The lease a key is attached to, or None."""

    @property
    def granted(self) -> Collection[Any]:
        """The leases that live."""


class Compacted(Keys, Protocol):
    """What compaction left."""

    @property
    def kept(self) -> Collection[int]:
        """The revisions that are still stored."""


class Watched(Protocol):
    """One watch of all keys, and what its client was given."""

    @property
    def is_watching(self) -> bool:
        """Whether it was opened and not cancelled."""

    @property
    def start(self) -> int:
        """The first revision asked for."""

    @property
    def seen(self) -> Collection[int]:
        """The revisions whose events were delivered."""

    @property
    def notified(self) -> int:
        """The revision of the latest progress notification; 0 before the first."""


class Refusing(Keys, Revisions, Protocol):
    """A store that refuses requests."""

    @property
    def refused(self) -> int:
        """How many requests it refused so far."""


class Told(Protocol):
    """A lease, and what its client was told."""

    @property
    def granted(self) -> bool:
        """Whether the lease lives."""

    @property
    def told(self) -> int:
        """For how many ticks more its client was told that it lives, unless given up."""


class Shown(Protocol):
    """A lease, and what a client saw of it."""

    @property
    def ttl(self) -> int:
        """The ticks that were granted."""

    @property
    def shown(self) -> int:
        """The ticks that were said to be left when a client last asked."""


@requirement("ETCD-1", source="the guarantees, Revisions: the store's revision only increases")
def revision_never_falls(before: Revisions, after: Revisions) -> bool:
    """The revision never falls, not even in a crash."""
    return after.revision >= before.revision


@requirement("ETCD-2", source="etcd API reference, key-value pair: create, mod and version")
def versions_count_puts(s: Keys) -> bool:
    """The version of a key counts its puts from its creation to its last change."""
    return all(
        s.version[k] == 0 and s.mod[k] == 0
        if s.create[k] == 0
        else s.version[k]
        == sum(1 for r in range(s.create[k], s.mod[k] + 1) if k in s.history[r - 1].keys)
        and not any(
            k in s.history[r - 1].keys and (s.history[r - 1].is_deletion or r > s.mod[k])
            for r in range(s.create[k], len(s.history) + 1)
        )
        for k in s.keys
    )


@requirement("ETCD-3", source="the guarantees, Transactions; Kubernetes' optimistic updates")
def swap_replaces_what_was_read(s: History) -> bool:
    """A swap that succeeds replaces exactly what its client had read."""
    return all(
        s.history[a - 1].based_on
        == sum(
            b
            for b in range(1, a)
            if k in s.history[b - 1].keys
            and not s.history[b - 1].is_deletion
            and not any(k in s.history[m - 1].keys for m in range(b + 1, a))
        )
        for a in range(1, len(s.history) + 1)
        if s.history[a - 1].is_swap
        for k in s.history[a - 1].keys
    )


@requirement("ETCD-4", source="etcd API reference, leases: keys are deleted with their lease")
def leased_keys_end(s: Leased) -> bool:
    """No key is attached to a lease that is not granted."""
    return all(s.lease[k] is None or s.lease[k] in s.granted for k in s.keys)


@requirement("ETCD-5", source="the guarantees, Watch: Reliable and Resumable")
def watch_misses_nothing(s: Watched) -> bool:
    """A watch was given every event from its start to the last it was given."""
    return not s.is_watching or all(r in s.seen for last in s.seen for r in range(s.start, last))


@requirement("ETCD-6", source="the guarantees, Watch: Bookmarkable")
def progress_is_complete(s: Watched) -> bool:
    """A progress notification says that every event up to its revision was delivered."""
    return (
        not s.is_watching
        or s.notified == 0
        or (s.notified >= s.start - 1 and all(r in s.seen for r in range(s.start, s.notified + 1)))
    )


@requirement("ETCD-7", source="etcd operations guide, compaction: the latest values stay")
def compaction_keeps_the_latest(s: Compacted) -> bool:
    """Compaction leaves the latest version of every key that exists."""
    return all(s.mod[k] == 0 or s.mod[k] in s.kept for k in s.keys)


@requirement("ETCD-8", source="etcd API reference, watch: start_revision; etcd#19487")
def watch_begins_where_asked(s: Watched) -> bool:
    """A watch is given nothing from before the revision that it asked to start at."""
    return not s.is_watching or all(r >= s.start for r in s.seen)


@requirement("ETCD-9", source="the guarantees, Atomicity; etcd#18667")
def refusal_changes_nothing(before: Refusing, after: Refusing) -> bool:
    """A request that is refused changes neither the revision nor a key."""
    return after.refused == before.refused or (
        after.revision == before.revision
        and all(
            after.mod[k] == before.mod[k] and after.version[k] == before.version[k]
            for k in after.keys
        )
    )


@requirement("ETCD-10", source="etcd API reference, leases: TTL of a keep-alive; etcd#15247")
def lease_lives_as_long_as_told(s: Told) -> bool:
    """A lease does not end before the time is over that its client was told."""
    return s.granted or s.told == 0


@requirement("ETCD-11", source="etcd API reference, LeaseTimeToLive: TTL; etcd#17506")
def shows_no_more_than_granted(s: Shown) -> bool:
    """Who asks how much time is left of a lease is never told more than was granted."""
    return s.shown <= s.ttl
