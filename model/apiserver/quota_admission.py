"""Quota over several API servers: each charges the quota by compare-and-swap, then stores.

A server reads the quota from a cache that lags, checks the object against it and writes the new
usage under the resourceVersion that it read; on a conflict it reads the quota itself and checks
again, three times (checkQuotas). Only then is the object stored, which may still fail: the quota
stays charged until the quota controller counts again. The controller lists objects through a cache
and writes under the version of the quota that it knows.
Source: staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go and
resource_access.go (checkAttributes, checkQuotas with its retries, UpdateQuotaStatus),
pkg/controller/resourcequota/resource_quota_controller.go (syncResourceQuota).
Left out: scopes, several quotas, amounts above one, batching of requests by namespace.
The controller of 1.36 may count while an object is charged and not yet stored, which brings
`used` below the truth for a moment (kubernetes#123434, open): `counts_early`. Without it the
controller waits until nothing is in flight, as the requirement asks.
"""

from enum import Enum
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
    only,
    reachable,
    require,
    sort,
)
from planespec.spec.admission.admission_requirements import (
    a_dry_run_leaves_no_trace,
    a_refused_request_stores_nothing,
    stored_stays_within_hard,
    used_becomes_what_is_stored,
    used_covers_what_is_stored,
    used_stays_within_hard,
)


class Server(Sort):
    """An API server."""


class Request(Sort):
    """A request to create an object; the object has its name."""


class Phase(Enum):
    """How far a request is."""

    NEW = "new"
    READ = "read"
    """Its server has looked at a quota."""
    CHARGED = "charged"
    """The quota counts it."""
    ENDED = "ended"


Usage = Annotated[int, Range(0, "requests")]
Version = Annotated[int, Range(0, "requests + recounts")]
Tries = Annotated[int, Range(0, 3)]


class QuotaAdmission(Model):
    """`requests` creations through `servers`, a quota of `hard`, and `recounts` recounts."""

    held_to = no_recording(
        "quotas were recorded one request after another, which spec/admission is held to"
    )

    servers: Domain[Server] = sort(2, at_least=1, at_most=3, symmetric=True)
    requests: Domain[Request] = sort(3, at_least=1, at_most=5, symmetric=True)
    hard: int = constant(1, at_least=0, at_most=4)
    recounts: int = constant(0, at_least=0, at_most=3)
    """How often the quota controller writes what it counted."""
    deletes: bool = constant(False)
    """Whether objects are deleted."""

    blind_update: bool = mutant(
        "The new usage is written whatever the quota has become.",
        issue="kubernetes#24494, kubernetes#67761",
    )
    unchecked_retry: bool = mutant("After a conflict the object is charged without a check.")
    counts_early: bool = mutant(
        "The controller counts what is stored while charged objects are on their way.",
        issue="kubernetes#123434, kubernetes#128410",
        when="recounts > 0",
    )
    counts_stale: bool = mutant(
        "The controller counts what it knew before its cache heard of the last objects.",
        issue="kubernetes#123434",
        when="recounts > 0",
    )
    never_counts: bool = mutant(
        "The controller does not count again what was charged in vain.",
        issue="kubernetes#65107",
        when="recounts > 0",
    )
    dry_run_charges: bool = mutant("A dry run charges the quota.", issue="kubernetes#66391")
    dry_run_stores: bool = mutant("A dry run is stored like any other request.")
    stores_first: bool = mutant("The object is stored before the quota says whether it may be.")

    deadlock = False

    used: Usage = 0
    version: Version = 0
    """The resourceVersion of the quota: how often it was written."""
    stored: set[Request] = set()
    refused: set[Request] = set()
    dry: set[Request] = set()
    traces: Usage = 0
    counted: Annotated[int, Range(0, "recounts")] = only(0, when="recounts > 0")
    listed: Usage = only(0, when="recounts > 0")
    """How many objects the controller's cache has."""

    known: Array[Server, Usage] = each(0)
    """The usage that a server's cache shows."""
    known_version: Array[Server, Version] = each(0)
    phase: Array[Request, Phase] = each(Phase.NEW)
    at: Array[Request, Server | None] = each(None)
    seen: Array[Request, Usage] = each(0)
    """The usage that the server of a request reckons with."""
    seen_version: Array[Request, Version] = each(0)
    tries: Array[Request, Tries] = each(0)

    requires = [
        stored_stays_within_hard,
        used_stays_within_hard,
        used_covers_what_is_stored,
        a_dry_run_leaves_no_trace,
        a_refused_request_stores_nothing,
        only(used_becomes_what_is_stored, when="recounts > requests"),
    ]

    @action
    def receive(self, q: Request, s: Server, dry: bool) -> None:
        """A server takes a request and reads the quota from its cache."""
        require(self.phase[q] == Phase.NEW)
        self.phase[q] = Phase.READ
        self.at[q] = s
        self.seen[q] = self.known[s]
        self.seen_version[q] = self.known_version[s]
        if dry:
            self.dry.add(q)
        if self.stores_first:
            self.stored.add(q)

    @action
    def refuse(self, q: Request) -> None:
        """403: the quota would be exceeded, as far as the server knows."""
        require(self.phase[q] == Phase.READ and self.seen[q] >= self.hard)
        require(self.tries[q] == 0 or not self.unchecked_retry)
        self.end(q)
        self.refused.add(q)

    @action(fair=Fairness.WEAK, per_instance=True)
    def charge(self, q: Request) -> None:
        """The new usage is written, if the quota still is what was read; else it is read again."""
        require(self.phase[q] == Phase.READ)
        require(self.seen[q] < self.hard or (self.unchecked_retry and self.tries[q] > 0))
        if q in self.dry and not self.dry_run_charges:
            self.phase[q] = Phase.CHARGED
        elif self.seen_version[q] == self.version or self.blind_update:
            self.write(min(self.seen[q] + 1, len(self.requests)))
            self.phase[q] = Phase.CHARGED
            self.note(q)
            if q in self.dry:
                self.traces += 1
        else:
            self.try_again(q)

    def try_again(self, q: Request) -> None:
        """A conflict: the server reads the quota itself; after three it gives up."""
        if self.tries[q] == 3:
            self.end(q)
            self.refused.add(q)
        else:
            self.tries[q] += 1
            self.seen[q] = self.used
            self.seen_version[q] = self.version

    def note(self, q: Request) -> None:
        """A server remembers the quota that it wrote, until its cache knows better."""
        for s in self.servers:
            if self.at[q] == s:
                self.known[s] = self.used
                self.known_version[s] = self.version

    def write(self, used: Usage) -> None:
        """The status of the quota is written."""
        require(self.version < len(self.requests) + self.recounts)
        self.used = used
        self.version += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def store(self, q: Request) -> None:
        """The object is stored, unless it was a dry run."""
        require(self.phase[q] == Phase.CHARGED)
        if q not in self.dry or self.dry_run_stores:
            self.stored.add(q)
        self.end(q)

    @action
    def fail(self, q: Request) -> None:
        """The object is refused after all, by what comes after quota; the quota stays charged."""
        require(self.phase[q] == Phase.CHARGED)
        self.end(q)
        self.refused.add(q)
        self.stored.discard(q)

    def end(self, q: Request) -> None:
        """Nothing of the request is remembered but its outcome."""
        self.phase[q] = Phase.ENDED
        self.at[q] = None
        self.seen[q] = 0
        self.seen_version[q] = 0
        self.tries[q] = 0

    @action
    def hear(self, s: Server) -> None:
        """The cache of a server is brought up to date."""
        require(self.known_version[s] != self.version)
        self.known[s] = self.used
        self.known_version[s] = self.version

    @action(when="deletes")
    def delete(self, q: Request) -> None:
        """An object is deleted; the controller will notice."""
        require(q in self.stored and self.phase[q] == Phase.ENDED)
        self.stored.remove(q)

    @action(when="recounts > 0", fair=Fairness.WEAK)
    def list_objects(self) -> None:
        """The controller's cache of objects is brought up to date."""
        require(self.listed != len(self.stored))
        self.listed = len(self.stored)

    @action(when="recounts > 0", fair=Fairness.WEAK)
    def count_again(self) -> None:
        """The controller writes what it counts, under the version that it read."""
        require(self.counted < self.recounts and not self.never_counts)
        require(self.listed == len(self.stored) or self.counts_stale)
        require(self.counts_early or not self.is_busy())
        require(self.used != self.listed)
        self.counted += 1
        self.write(self.listed)

    def is_busy(self) -> bool:
        """Whether an object is charged and not yet stored."""
        return any(self.phase[q] == Phase.CHARGED for q in self.requests)

    @reachable
    def conflicts(self) -> bool:
        """A server meets a conflict and reads the quota again."""
        return any(self.tries[q] > 0 for q in self.requests)

    @reachable
    def charged_in_vain(self) -> bool:
        """The quota counts what was refused after it was charged."""
        return self.used > len(self.stored) and all(
            self.phase[q] in (Phase.NEW, Phase.ENDED) for q in self.requests
        )

    @reachable(when="hard > 0")
    def full(self) -> bool:
        """The quota is used up by what is stored."""
        return len(self.stored) == self.hard

    @reachable(when="hard > 0")
    def refused_by_an_old_cache(self) -> bool:
        """A request is refused though there is room by now."""
        return len(self.refused) > 0 and self.used < self.hard

    instances = [
        instance("two-servers"),
        instance("room-for-two", hard=2),
        instance("recounted", requests=2, deletes=True, recounts=3),
    ]
