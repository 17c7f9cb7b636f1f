"""Queues and seats of priority levels: who waits, who runs next, who is refused.

Source: apiserver/pkg/util/flowcontrol/fairqueuing/queueset/queueset.go, v1.36, as
`planespec.spec.api.flow_control.queue_set` has it. Virtual time here is that of start-time fair
queueing: it stands where the last request that was taken began; upstream lets it run with real
time, which forgives a queue that goes empty what it took beyond its share. Left out: hashes (a
flow has its hand of queues), round robin among equals (any of them may go), and that a request
takes more or less time than was estimated. A client sends only so many requests at once.
"""

from typing import Annotated, cast

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Fairness,
    Model,
    Range,
    Size,
    Sort,
    action,
    constant,
    each,
    joint,
    mutant,
    only,
    record,
    replace,
    require,
    sort,
    table,
)


class Level(Sort):
    """A priority level."""


class Queue(Sort):
    """A queue of a level."""


class Flow(Sort):
    """Requests of one schema and one user, or namespace."""


Lag = Annotated[int, Range("-most_lag", "most_lag")]
"""A virtual time, counted from now."""
Count = Annotated[int, Range(0, "sum(clients)")]
SeatCount = Annotated[int, Range(0, "sum(nominal) + sum(clients) * max(width)")]


@record
class Waiting:
    """A request in a queue."""

    flow: Flow
    arrival: Lag
    age: Annotated[int, Range(0, "wait_limit + 1")] = only(0, when="wait_limit > 0")
    """Ticks that it has waited."""


class FlowQueues(Model):
    """Requests arrive, wait in queues, run on seats, and end."""

    levels: Domain[Level] = sort(1, at_least=1)
    queues: Domain[Queue] = sort(2, at_least=1)
    flows: Domain[Flow] = sort(2, at_least=1)
    home: Array[Queue, Level] = table([0, 0])
    """The level of a queue; a level without queuing has one queue, which takes no request."""
    hands: Array[Flow, set[Queue]] = table([[0], [1]])
    """The queues that a flow is dealt."""
    width: Array[Flow, int] = table([2, 1], check="min(width) > 0")
    """Seats that a request of a flow takes."""
    clients: Array[Flow, int] = table([2, 2])
    """Requests of a flow that are under way at once."""
    lingers: Array[Flow, bool] = table([False, False])
    """Whether a request keeps its seats for a while when it has ended: a write many watch."""
    nominal: Array[Level, int] = table([2])
    """Seats by shares."""
    least: Array[Level, int] = table([2])
    """Seats that a level does not lend."""
    room: Array[Level, int] = table([1])
    """Requests that a queue of a level holds; 0 for a level that refuses what does not fit."""
    exempt: Array[Level, bool] = table([False])
    most_lag: int = constant(6, at_least=1, at_most=99)
    """How far virtual times may lie apart."""
    patience: int = constant(4, at_least=0, at_most=99)
    """Seats of other queues' requests that may be taken while one waits at the head of its."""
    wait_limit: int = constant(0, at_least=0, at_most=9)
    """Ticks that a request may wait; 0 for a model without time."""

    keep_start: bool = mutant(
        "A queue that was never quite empty begins where it stopped, however long ago.",
        issue="kubernetes#91567, kubernetes#95979",
    )
    begin_now: bool = mutant(
        "Whatever waits loses what it has waited for whenever another request is taken.",
        issue="kubernetes#104922",
    )
    ignore_width: bool = mutant(
        "A request is taken when a seat is free, however many it needs.",
        issue="kubernetes#102848",
    )
    open_jail: bool = mutant(
        "A level without seats runs a request as long as nothing else runs.",
        issue="kubernetes#134196",
    )
    limit_exempt: bool = mutant(
        "Exempt requests wait for seats as others do.", issue="enhancements#1296"
    )
    forget_lingering: bool = mutant(
        "A queue goes with the seats of a request that lingers.",
        issue="kubernetes#140884",
    )

    deadlock = False

    waiting: Array[Queue, Annotated[list[Waiting], Size("sum(clients)")]] = each([])
    start: Array[Queue, Lag] = each(0)
    """The virtual time at which the next request of a queue would begin."""
    running: Array[Queue, Annotated[Bag[Flow], Size("sum(clients)")]] = each(Bag())
    lingering: Array[Queue, Annotated[Bag[Flow], Size("sum(clients)")]] = each(Bag())
    seats: Array[Level, SeatCount] = nominal
    in_use: Array[Level, SeatCount] = each(0)
    passed: Array[Queue, Annotated[int, Range(0, "patience + 1")]] = each(0)
    """Seats of requests taken from other queues of the level while the head has waited."""

    @action
    def arrive(self, f: Flow, q: Queue) -> None:
        """A request comes; it goes to the queue of its hand with the least work waiting."""
        require(self.is_settled() and self.may_arrive(f))
        require(self.count(f) < self.clients[f])
        require(q in self.hands[f] and self.is_shortest(q, self.hands[f]))
        self.take_in(f, q)

    @action(fair=Fairness.WEAK, per_instance=True)
    def dispatch(self, q: Queue) -> None:
        """The request that would finish first, in virtual time, begins."""
        require(self.can_dispatch(q))
        request = self.waiting[q].pop(0)
        self.pass_over(q, request.flow)
        self.advance(q)
        self.start[q] += self.width[request.flow]
        self.bound(q)
        self.run(q, request.flow)

    @action(fair=Fairness.WEAK, per_instance=True)
    def finish(self, q: Queue, f: Flow) -> None:
        """A request ends; its seats are free unless it lingers."""
        require(self.is_settled() and f in self.running[q] and self.may_finish(q, f))
        self.running[q].remove(f)
        if self.lingers[f]:
            self.lingering[q].add(f)
        else:
            self.in_use[self.home[q]] -= self.width[f]
            self.remove_surplus(q)
        self.note_end(f)
        self.rest(q)

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, q: Queue, f: Flow) -> None:
        """The seats of a request that lingered are free."""
        require(self.is_settled() and f in self.lingering[q])
        self.lingering[q].remove(f)
        self.in_use[self.home[q]] = max(self.in_use[self.home[q]] - self.width[f], 0)
        self.remove_surplus(q)

    @joint
    def may_arrive(self, f: Flow) -> bool:
        """Whether clients send requests of this flow."""
        return True

    @joint
    def may_finish(self, q: Queue, f: Flow) -> bool:
        """Whether a request of this flow has nothing left to do."""
        return True

    @joint
    def note_arrival(self, q: Queue) -> None:
        """Another request comes to a queue."""

    @joint
    def note_start(self, f: Flow) -> None:
        """A request of the flow begins."""

    @joint
    def note_end(self, f: Flow) -> None:
        """A request of the flow has ended, run or refused."""

    def take_in(self, f: Flow, q: Queue) -> None:
        """Let a request wait or run; not enabled where it is refused."""
        require(not self.is_refused(f, q))
        if self.has_queues(self.home[q]):
            self.note_arrival(q)
            self.queue_up(f, q)
        else:
            self.run(q, f)

    def is_refused(self, f: Flow, q: Queue) -> bool:
        """Whether a request is answered 429 at once."""
        if self.has_queues(self.home[q]):
            return self.is_full(q)
        return not self.fits(self.home[q], self.width[f])

    def is_shortest(self, q: Queue, hand: set[Queue]) -> bool:
        """Whether no queue of a hand has less work waiting."""
        return all(self.backlog(q) <= self.backlog(p) for p in hand)

    def queue_up(self, f: Flow, q: Queue) -> None:
        """Put a request at the end of a queue."""
        self.waiting[q].append(Waiting(f, 0))
        self.bound(q)

    def run(self, q: Queue, f: Flow) -> None:
        """A request takes its seats."""
        self.in_use[self.home[q]] += self.width[f]
        self.running[q].add(f)
        self.note_start(f)

    def remove_surplus(self, q: Queue) -> None:
        """A queue that a smaller configuration does not have goes when it has nothing left."""
        if self.forget_lingering and not self.is_active(q):
            forgotten = sum(self.width[f] for f in self.lingering[q])
            self.in_use[self.home[q]] = max(self.in_use[self.home[q]] - forgotten, 0)

    def pass_over(self, q: Queue, f: Flow) -> None:
        """Count what the heads of other queues see taken."""
        for p in self.queues:
            if p == q:
                self.passed[p] = 0
            elif self.home[p] == self.home[q] and len(self.waiting[p]) > 0:
                self.passed[p] = min(self.passed[p] + self.width[f], self.patience + 1)

    def advance(self, q: Queue) -> None:
        """Virtual time is now where the request that is taken begins, if that is later."""
        by = max(self.start[q], 0)
        for p in self.queues:
            if self.home[p] == self.home[q]:
                self.waiting[p] = [
                    replace(each, arrival=max(each.arrival - by, -self.most_lag))
                    for each in self.waiting[p]
                ]
                self.start[p] = max(self.start[p] - by, -self.most_lag)
                if self.begin_now and len(self.waiting[p]) > 0:
                    self.start[p] = max(self.start[p], 0)
                self.rest(p)

    def bound(self, q: Queue) -> None:
        """No request begins, in virtual time, before it arrived."""
        if len(self.waiting[q]) > 0 and not self.keep_start:
            self.start[q] = max(self.start[q], self.waiting[q][0].arrival)

    def rest(self, q: Queue) -> None:
        """A queue in which nothing waits will begin now, or later; all do once nothing runs."""
        if len(self.waiting[q]) == 0 and not (self.keep_start and self.is_active(q)):
            self.start[q] = max(self.start[q], 0)
        level = self.home[q]
        if not any(self.is_active(p) for p in self.queues if self.home[p] == level):
            for p in self.queues:
                if self.home[p] == level:
                    self.start[p] = 0

    def can_dispatch(self, q: Queue) -> bool:
        """Whether the head of a queue is the next of its level, and fits."""
        level = self.home[q]
        return (
            self.is_next(q)
            and self.in_use[level] < self.seats[level]
            and self.fits(level, self.width[self.waiting[q][0].flow])
        )

    def is_next(self, q: Queue) -> bool:
        """Whether no other queue of the level has a request that would finish earlier."""
        return len(self.waiting[q]) > 0 and all(
            self.home[p] != self.home[q]
            or len(self.waiting[p]) == 0
            or self.finish_time(q) <= self.finish_time(p)
            for p in self.queues
        )

    def finish_time(self, q: Queue) -> int:
        """When the head of a queue would finish, in virtual time."""
        return self.start[q] + self.width[self.waiting[q][0].flow]

    def fits(self, level: Level, width: int) -> bool:
        """Whether seats are free; what is wider than the level runs when nothing else does."""
        if self.exempt[level] and not self.limit_exempt:
            return True
        if width > self.seats[level] and not self.ignore_width:
            return self.running_in[level] == 0 and (self.seats[level] > 0 or self.open_jail)
        if self.ignore_width:
            return self.in_use[level] < self.seats[level]
        return self.in_use[level] + width <= self.seats[level]

    def is_settled(self) -> bool:
        """Whether nothing can begin: the server lets that happen before anything else."""
        return not any(self.can_dispatch(q) for q in self.queues)

    def has_queues(self, level: Level) -> bool:
        """Whether requests of a level may wait."""
        return self.room[level] > 0 and (self.limit_exempt or not self.exempt[level])

    def is_full(self, q: Queue) -> bool:
        """Whether a request that comes is refused: never while a seat is free."""
        level = self.home[q]
        return self.in_use[level] >= self.seats[level] and len(self.waiting[q]) >= self.room[level]

    def is_active(self, q: Queue) -> bool:
        """Whether something waits in a queue, or runs that came from it."""
        return len(self.waiting[q]) > 0 or len(self.running[q]) > 0

    def backlog(self, q: Queue) -> int:
        """Work that waits in a queue."""
        return sum(self.width[each.flow] for each in self.waiting[q])

    def count(self, f: Flow) -> int:
        """Requests of a flow that wait, run or linger."""
        return sum(
            sum(1 for each in self.waiting[q] if each.flow == f)
            + self.running[q].count(f)
            + self.lingering[q].count(f)
            for q in self.queues
        )

    @property
    def running_in(self) -> Array[Level, int]:
        """Requests of each level that run."""
        found = {
            level: sum(len(self.running[q]) for q in self.queues if self.home[q] == level)
            for level in self.levels
        }
        return cast(Array[Level, int], found)

    @property
    def occupied(self) -> Array[Level, int]:
        """Seats of each level that requests really take."""
        found = {
            level: sum(
                sum(self.width[f] for f in self.running[q])
                + sum(self.width[f] for f in self.lingering[q])
                for q in self.queues
                if self.home[q] == level
            )
            for level in self.levels
        }
        return cast(Array[Level, int], found)
