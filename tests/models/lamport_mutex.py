"""Lamport's distributed mutual exclusion (TLA+ Examples, lamport_mutex; CACM 21(7), 1978).

Channels are queues, one for each ordered pair of processes. Clocks are bounded by a constraint:
states with a clock beyond `max_clock` are judged and not expanded, as in the original.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Model,
    Range,
    Size,
    action,
    constant,
    constraint,
    each,
    invariant,
    mutant,
    record,
    require,
)

Process = Annotated[int, Range(1, "processes")]
Clock = Annotated[int, Range(0, "max_clock + 1")]


class Kind(Enum):
    """What a message says."""

    REQUEST = "req"
    ACKNOWLEDGE = "ack"
    RELEASE = "rel"


@record
class Message:
    """A message; only requests carry a clock, the others 0."""

    kind: Kind
    clock: Clock


Channel = Annotated[list[Message], Size(4)]


class LamportMutex(Model):
    """A process enters when all have acknowledged its request and none has an older one."""

    processes: int = constant(3, at_least=1, at_most=5)
    max_clock: int = constant(6, at_least=1)
    impatient: bool = mutant("A process enters without looking at the requests of others.")

    clock: Array[Process, Clock] = each(1)
    request: Array[Process, Array[Process, Clock]] = each(each(0))
    acknowledged: Array[Process, set[Process]] = each(set())
    network: Array[Process, Array[Process, Channel]] = each(each([]))
    critical: set[Process] = set()

    def beats(self, p: int, q: int) -> bool:
        """Whether p believes that its request goes before that of q."""
        mine = self.request[p][p]
        other = self.request[p][q]
        return other == 0 or mine < other or (mine == other and p < q)

    def broadcast(self, p: int, m: Message) -> None:
        """Send a message to all other processes."""
        for q in range(1, self.processes + 1):
            if q != p:
                self.network[p][q].append(m)

    def take(self, p: int, q: int, kind: Kind) -> int:
        """Receive the first message from q to p, which is of this kind; answers its clock."""
        require(len(self.network[q][p]) > 0)
        first = self.network[q][p][0]
        require(first.kind == kind)
        self.network[q][p] = self.network[q][p][1:]
        return first.clock

    @action
    def ask(self, p: Process) -> None:
        """A process requests access."""
        require(self.request[p][p] == 0)
        self.request[p][p] = self.clock[p]
        self.broadcast(p, Message(Kind.REQUEST, self.clock[p]))
        self.acknowledged[p] = {p}

    @action
    def enter(self, p: Process) -> None:
        """A process enters the critical section."""
        require(len(self.acknowledged[p]) == self.processes)
        others = [q for q in range(1, self.processes + 1) if q != p]
        require(all(self.beats(p, q) for q in others) or self.impatient)
        self.critical.add(p)

    @action
    def leave(self, p: Process) -> None:
        """A process leaves the critical section and tells the others."""
        require(p in self.critical)
        self.critical.remove(p)
        self.broadcast(p, Message(Kind.RELEASE, 0))
        self.request[p][p] = 0
        self.acknowledged[p] = set()

    @action
    def receive_request(self, p: Process, q: Process) -> None:
        """A process notes a request, moves its clock on and acknowledges."""
        require(p != q)
        asked = self.take(p, q, Kind.REQUEST)
        self.request[p][q] = asked
        self.clock[p] = max(asked, self.clock[p]) + 1
        self.network[p][q].append(Message(Kind.ACKNOWLEDGE, 0))

    @action
    def receive_acknowledgement(self, p: Process, q: Process) -> None:
        """A process notes an acknowledgement."""
        require(p != q)
        self.take(p, q, Kind.ACKNOWLEDGE)
        self.acknowledged[p].add(q)

    @action
    def receive_release(self, p: Process, q: Process) -> None:
        """A process forgets the request of one that has left."""
        require(p != q)
        self.take(p, q, Kind.RELEASE)
        self.request[p][q] = 0

    @constraint
    def clocks_bounded(self) -> bool:
        """No clock is beyond the bound."""
        return all(self.clock[p] <= self.max_clock for p in range(1, self.processes + 1))

    @invariant
    def bounded_network(self) -> bool:
        """No channel ever holds more than three messages."""
        return all(len(channel) <= 3 for row in self.network for channel in row)

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section."""
        return len(self.critical) <= 1
