"""Quota by compare-and-swap with amounts and revisions that know no bound: the model to prove.

Workers of any servers take one request after another, each for any amount. They read the quota
from a cache that may be any revision late, charge it under the revision that they read, and store
the object; the quota controller counts again what is stored. `quota_admission` has the retries,
dry runs and refusals, within bounds, and says where the source is.
Left out: a controller that counts while an object is on its way (`quota_admission`,
`counts_early`).
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    Sort,
    action,
    each,
    initial,
    instance,
    invariant,
    lemma,
    mutant,
    no_recording,
    require,
    sort,
)
from planespec.model.apiserver.quota_admission import Phase, Server
from planespec.spec.admission.admission_requirements import used_stays_within_hard


class Worker(Sort):
    """Serves one request after another."""


class UnboundedQuota(Model):
    """Any number of creations, deletions and recounts."""

    held_to = no_recording(
        "quotas were recorded one request after another, which spec/admission is held to"
    )

    servers: Domain[Server] = sort(2, at_least=1)
    workers: Domain[Worker] = sort(3, at_least=1)

    blind_update: bool = mutant(
        "The new usage is written whatever the quota has become.",
        issue="kubernetes#24494, kubernetes#67761",
    )
    counts_early: bool = mutant(
        "The controller counts what is stored while charged objects are on their way.",
        issue="kubernetes#123434, kubernetes#128410",
    )
    unchecked: bool = mutant("The object is charged without a look at what the quota allows.")

    deadlock = False

    hard: Nat = 0
    used: Nat = 0
    version: Nat = 0
    """The resourceVersion of the quota."""
    in_store: Nat = 0
    """What all stored objects take."""
    known: Array[Server, Nat] = each(0)
    known_version: Array[Server, Nat] = each(0)
    phase: Array[Worker, Phase] = each(Phase.NEW)
    amount: Array[Worker, Nat] = each(0)
    """What the object of a request takes."""
    seen: Array[Worker, Nat] = each(0)
    seen_version: Array[Worker, Nat] = each(0)

    requires = [used_stays_within_hard]

    @initial
    def limit(self, hard: Nat) -> None:
        """The quota may be of any size."""
        self.hard = hard

    @action
    def receive(self, w: Worker, s: Server, amount: Nat) -> None:
        """A request comes, and the quota is read from the cache of its server."""
        require(self.phase[w] == Phase.NEW)
        self.phase[w] = Phase.READ
        self.amount[w] = amount
        self.seen[w] = self.known[s]
        self.seen_version[w] = self.known_version[s]

    @action
    def charge(self, w: Worker) -> None:
        """The new usage is written under the version that was read, if there is room."""
        require(self.phase[w] == Phase.READ)
        require(self.seen[w] + self.amount[w] <= self.hard or self.unchecked)
        require(self.seen_version[w] == self.version or self.blind_update)
        self.used = self.seen[w] + self.amount[w]
        self.version += 1
        self.phase[w] = Phase.CHARGED

    @action
    def read_again(self, w: Worker) -> None:
        """After a conflict the quota itself is read."""
        require(self.phase[w] == Phase.READ and self.seen_version[w] != self.version)
        self.seen[w] = self.used
        self.seen_version[w] = self.version

    @action
    def give_up(self, w: Worker) -> None:
        """The request is refused, charged or not."""
        require(self.phase[w] in (Phase.READ, Phase.CHARGED))
        self.phase[w] = Phase.NEW

    @action
    def store(self, w: Worker) -> None:
        """The object is stored."""
        require(self.phase[w] == Phase.CHARGED)
        self.in_store += self.amount[w]
        self.phase[w] = Phase.NEW

    @action
    def delete(self, amount: Nat) -> None:
        """Objects are deleted."""
        require(amount <= self.in_store)
        self.in_store -= amount

    @action
    def hear(self, s: Server) -> None:
        """The cache of a server is brought up to date."""
        self.known[s] = self.used
        self.known_version[s] = self.version

    @action
    def count_again(self) -> None:
        """The controller writes what is stored, while nothing is on its way."""
        require(self.counts_early or all(self.phase[w] != Phase.CHARGED for w in self.workers))
        self.used = self.in_store
        self.version += 1

    def on_its_way(self, w: Worker) -> int:
        """What a worker has charged and not yet stored."""
        return self.amount[w] if self.phase[w] == Phase.CHARGED else 0

    @invariant
    def what_is_stored_is_charged(self) -> bool:
        """The quota is charged for all that is stored and all that is on its way."""
        return self.in_store + sum(self.on_its_way(w) for w in self.workers) <= self.used

    @invariant
    def what_is_stored_is_within_hard(self) -> bool:
        """What is stored never takes more than the quota allows."""
        return self.in_store <= self.hard

    @lemma
    def caches_are_true_or_late(self) -> bool:
        """A cache under the version of the quota shows its usage, and none is ahead of it."""
        return all(
            self.known_version[s] < self.version
            or (self.known_version[s] == self.version and self.known[s] == self.used)
            for s in self.servers
        )

    @lemma
    def what_was_read_is_true_or_late(self) -> bool:
        """So does what a worker has read."""
        return all(
            self.phase[w] != Phase.READ
            or self.seen_version[w] < self.version
            or (self.seen_version[w] == self.version and self.seen[w] == self.used)
            for w in self.workers
        )

    instances = [
        instance("small", servers=2, workers=2),
        instance("large", servers=2, workers=4),
    ]
