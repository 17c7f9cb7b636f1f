"""Maps inside records: votes and clocks of log entries, vector clocks in messages."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    each,
    invariant,
    mutant,
    reachable,
    record,
    replace,
    require,
    sort,
)


class Server(Sort):
    """A server."""


class Kind(Enum):
    """Kinds of entries."""

    A = "a"
    B = "b"


Clock = Annotated[int, Range(0, 2)]


@record
class Entry:
    """An entry of the log with its votes, and a clock for each kind."""

    votes: Array[Server, bool]
    clock: Array[Kind, Clock] = each(0)

    def count(self) -> int:
        """How many votes there are."""
        return sum(self.votes.values())


@record
class Message:
    """A message with a vector clock, and what of it matters."""

    sender: Server
    clock: Array[Server, Clock]
    seen: Array[Server, Array[Kind, bool]] | None = None


class Clocks(Model):
    """Servers vote for entries, and tell each other their clocks."""

    servers: Domain[Server] = sort(2, symmetric=True)
    deadlock = False
    twice: bool = mutant("A vote sets all votes.")

    entries: Array[Kind, Entry] = each(Entry(votes=each(False)))
    clock: Array[Server, Array[Server, Clock]] = each(each(0))
    network: Annotated[set[Message], Size(2)] = set()
    kept: Annotated[Bag[Message], Size(1)] = Bag()
    log: Annotated[list[Entry], Size(1)] = []

    @action
    def vote(self, s: Server, k: Kind) -> None:
        """A server votes for an entry."""
        entry = self.entries[k]
        require(not entry.votes[s])
        if self.twice:
            self.entries[k] = replace(entry, votes=each(True))
        else:
            self.entries[k] = replace(entry, votes=entry.votes | {s: True})

    @action
    def tick(self, k: Kind) -> None:
        """The clock of an entry goes on that all have voted for."""
        entry = self.entries[k]
        require(entry.clock[k] < 2 and all(entry.votes.values()))
        self.entries[k] = Entry(entry.votes, {**entry.clock, k: entry.clock[k] + 1})
        if len(self.log) == 0:
            self.log.append(self.entries[k])

    @action
    def send(self, s: Server) -> None:
        """A server tells its clock."""
        require(len(self.network) < 1 and self.clock[s][s] < 2)
        self.clock[s][s] += 1
        votes = {k: self.entries[k].votes[s] for k in Kind}
        seen = {t: votes for t in self.servers}  # noqa: C420 - the language has no fromkeys
        self.network.add(Message(s, self.clock[s], seen if votes[Kind.A] else None))

    @action
    def receive(self, s: Server, m: Message = among("network")) -> None:
        """Another server takes the clock over."""
        require(m.sender != s and self.clock[s] != m.clock)
        self.network.remove(m)
        for t, time in m.clock.items():
            self.clock[s][t] = max(self.clock[s][t], time)
        if len(self.kept) == 0 and m.seen is not None:
            self.kept.add(replace(m, clock=self.clock[s]))

    @invariant
    def votes_come_one_by_one(self) -> bool:
        """The state after one vote is not one with two."""
        return self.entries[Kind.B].count() < 2 or not self.twice

    @invariant
    def nobody_knows_more_than_the_sender(self) -> bool:
        """A clock is highest at its own server."""
        return all(m.clock[t] <= self.clock[t][t] for m in self.network for t in self.servers)

    @invariant
    def seen_is_told(self) -> bool:
        """A message tells votes when there is one for the first kind."""
        return all(m.seen is None or m.seen[m.sender][Kind.A] for m in self.network)

    @reachable
    def is_kept(self) -> bool:
        """A message is kept whose clock is that of a server."""
        return any(m.clock == self.clock[s] for m in self.kept for s in self.servers)
