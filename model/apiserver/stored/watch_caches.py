"""Etcd behind API servers whose watch caches lag: parts of `apiserver.storage`.

Etcd's history is kept whole: which objects there were at each revision. A revision may also belong
to a write to another resource, of which a cache hears only when etcd tells its progress. A cache
hears events one after another, keeps the latest of them for watches, and is filled anew when its
own watch of etcd breaks.
Source: `apiserver/pkg/storage/cacher` (`watch_cache.go`, `cacher.go`, `progress`), KEP-2340.
Left out: what an object holds, several resources, compaction (a cache that is filled anew forgets
all events), and a cache that is not ready.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.parts.api_store import Name, Revision
from planespec.spec.api.storage_requirements import (
    cache_is_the_state_of_its_revision,
    caches_catch_up,
)


class Server(Sort):
    """An API server."""


Kept = Annotated[int, Range(1, "writes + 1")]


class History(Model):
    """What etcd has, and had at each revision."""

    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=20)
    """How many writes take effect: a bound."""

    deadlock = False

    revision: Revision = 0
    stored: Array[Revision, Array[Name, Revision]] = each(each(0))
    """What there was at each revision: the version of each object, 0 for none."""

    def next_event(self, after: Revision) -> Revision:
        """The first later revision that changed something here; 0 for none."""
        found = 0
        for r in range(1, self.writes + 1):
            if found == 0 and after < r <= self.revision and self.is_event(r):
                found = r
        return found

    def is_event(self, r: Revision) -> bool:
        """Whether a revision changed something here."""
        return any(self.stored[r][n] != self.stored[r - 1][n] for n in self.names)


class AnyWrites(History):
    """Writes of anybody."""

    writes: int = constant(3, at_least=1, at_most=9)

    @action
    def write(self, n: Name) -> None:
        """An object is made or changed."""
        self.stamp()
        self.stored[self.revision][n] = self.revision

    @action
    def remove(self, n: Name) -> None:
        """An object is deleted, or changed so that it is selected no more."""
        require(self.stored[self.revision][n] != 0)
        self.stamp()
        self.stored[self.revision][n] = 0

    @action
    def write_elsewhere(self) -> None:
        """Something is written that is of no concern here."""
        self.stamp()

    def stamp(self) -> None:
        """A write takes effect and gets the next revision; all else stays."""
        require(self.revision < self.writes)
        for n in self.names:
            self.stored[self.revision + 1][n] = self.stored[self.revision][n]
        self.revision += 1


class WatchCaches(History):
    """What each API server has heard of what etcd has."""

    servers: Domain[Server] = sort(2, at_least=1, at_most=3, symmetric=True)

    notify_early: bool = mutant(
        "Etcd tells its progress before the events up to there were sent.", issue="etcd#15220"
    )
    cache_keeps_deleted: bool = mutant(
        "A cache that is filled anew keeps objects that were deleted meanwhile.", issue="#123072"
    )
    fed: Array[Server, Revision] = each(0)
    """The revision of the last event that a cache has heard."""
    claimed: Array[Server, Revision] = each(0)
    """The revision that a cache takes itself to have reached."""
    copy: Array[Server, Array[Name, Revision]] = each(each(0))
    """What a cache has."""
    oldest: Array[Server, Kept] = each(1)
    """The first revision from which on a cache has kept all events."""

    requires = [cache_is_the_state_of_its_revision]

    @action(fair=Fairness.WEAK, per_instance=True)
    def feed(self, s: Server) -> None:
        """A cache hears the next event from etcd."""
        r = self.next_event(self.fed[s])
        require(r != 0)
        for n in self.names:
            if self.stored[r][n] != self.stored[r - 1][n]:
                self.copy[s][n] = self.stored[r][n]
        self.fed[s] = r
        if self.claimed[s] < r:
            self.claimed[s] = r

    @action(fair=Fairness.WEAK, per_instance=True)
    def progress(self, s: Server) -> None:
        """Etcd tells a cache that it has sent all events up to its revision."""
        require(self.claimed[s] < self.revision and not self.is_silent())
        require(self.next_event(self.fed[s]) == 0 or self.notify_early)
        self.claimed[s] = self.revision

    @action
    def drop_oldest(self, s: Server) -> None:
        """A cache keeps its oldest event no longer."""
        require(self.oldest[s] <= self.fed[s])
        self.oldest[s] += 1

    @action
    def fill_anew(self, s: Server) -> None:
        """The cache's watch of etcd broke: it lists, and has no events from before."""
        require(self.claimed[s] < self.revision or self.oldest[s] <= self.revision)
        self.fed[s] = self.revision
        self.claimed[s] = self.revision
        self.oldest[s] = self.revision + 1
        for n in self.names:
            now = self.stored[self.revision][n]
            if now != 0 or not self.cache_keeps_deleted:
                self.copy[s][n] = now

    def is_silent(self) -> bool:
        """Whether etcd never tells its progress."""
        return False


class LaggingCaches(AnyWrites, WatchCaches):
    """The caches alone, which catch up."""

    held_to = no_recording("it is a part; what a cache has heard is not shown")

    silent: bool = mutant("Etcd does not tell its progress.", issue="KEP-2340")

    requires = [caches_catch_up]

    def is_silent(self) -> bool:
        """Whether etcd never tells its progress."""
        return self.silent

    @reachable
    def has_not_heard(self) -> bool:
        """A cache has heard nothing of what was written elsewhere."""
        return any(
            self.next_event(self.fed[s]) == 0 and self.claimed[s] < self.revision
            for s in self.servers
        )

    instances = [instance("one-server", servers=1), instance("two-servers")]
