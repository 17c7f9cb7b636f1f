"""The queues of one priority level: which request waits, which runs next, which is refused.

A new request goes to the queue of its hand with the least work waiting; it is refused when that
queue is full and all seats are taken. Queues take turns by virtual time: the one whose oldest
request would finish first goes next, and if that request does not fit, nothing runs before it. A
request wider than the level has seats runs when nothing else does.

Times are nanoseconds on one clock; work is counted in hundredths of a millionth of a seat-second.

Source: `apiserver/pkg/util/flowcontrol/fairqueuing/queueset/queueset.go`, v1.36; KEP-1040. Left
out: the winding back of the clock before it overflows, after centuries, and the removal of
surplus queues when a configuration shrinks.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from planespec.spec.api.flow_control.concurrency_allocation import round_away
from planespec.spec.api.flow_control.shuffle_sharding import Dealer

ESTIMATED_SERVICE = 3_000_000
"""Nanoseconds that a request is taken to need until it has ended."""
NANOSECONDS_PER_UNIT = 10
"""A unit of work is a seat for this long."""


@dataclass(frozen=True, slots=True)
class Queuing:
    """How a level queues: number of queues, size of a hand, requests a queue holds."""

    queues: int
    hand: int
    length: int


@dataclass(frozen=True, slots=True)
class Work:
    """Seats of a request while it runs, and those it keeps afterwards for a while."""

    seats: int = 1
    final_seats: int = 0
    lingers: int = 0
    """Nanoseconds."""

    @property
    def width(self) -> int:
        """Seats that it occupies."""
        return max(self.seats, self.final_seats)

    def narrow(self, limit: int) -> "Work":
        """The same work with no more final seats than the level has, for longer."""
        if self.final_seats <= limit:
            return self
        return Work(self.seats, limit, self.final_seats * self.lingers // limit)

    @property
    def total(self) -> int:
        """Estimated work."""
        return _work(self.seats, ESTIMATED_SERVICE) + _work(self.final_seats, self.lingers)


def _work(seats: float, duration: int) -> int:
    return round_away(seats * duration / NANOSECONDS_PER_UNIT)


@dataclass(slots=True, eq=False)
class QueuedRequest:
    """A request of the level: waiting, running, lingering, or gone."""

    name: str
    work: Work
    queue: "_Queue | None" = None
    arrival: int = 0
    """Virtual time."""
    started: int | None = None
    """Nanoseconds; None while it waits."""


@dataclass(slots=True, eq=False)
class _Queue:
    waiting: deque[QueuedRequest] = field(default_factory=deque)
    executing: int = 0
    seats: int = 0
    next_start: int = 0
    """Virtual time at which its next request would start."""

    @property
    def backlog(self) -> int:
        return sum(request.work.total for request in self.waiting)

    @property
    def is_active(self) -> bool:
        return bool(self.waiting) or self.executing > 0

    def bound(self) -> None:
        """Never let a request start, in virtual time, before it arrived."""
        if self.waiting:
            self.next_start = max(self.next_start, self.waiting[0].arrival)


class QueueSet:
    """The requests of one priority level; every call tells what time it is."""

    def __init__(
        self, seats: int, queuing: Queuing | None, *, enqueued: int = 0, robin: int = 0
    ) -> None:
        """Start with nothing to do; raises DealError where hands cannot be dealt.

        `enqueued` is how many requests were put into queues before, `robin` the queue from which
        the last one was taken: they decide among equals.
        """
        self.limit = seats
        self.queuing = queuing
        self._dealer = Dealer(queuing.queues, queuing.hand) if queuing else None
        self._queues = [_Queue() for _ in range(queuing.queues if queuing else 0)]
        self.seats_in_use = 0
        self.executing = 0
        self._virtual, self._real = 0, 0
        self._enqueued, self._robin = enqueued, robin

    def arrive(self, now: int, name: str, flow: int, work: Work) -> QueuedRequest | None:
        """Take in a request of the flow with this hash; None when it is refused (429)."""
        self._advance(now)
        request = QueuedRequest(name, work, arrival=self._virtual)
        if self.queuing is None or self._dealer is None:
            if not self._fits(work.width):
                return None
            self._start(now, request)
            return request
        queue = request.queue = self._choose(self._dealer.deal(flow))
        if self.seats_in_use >= self.limit and len(queue.waiting) >= self.queuing.length:
            queue.bound()
            return None
        if not queue.is_active:
            queue.next_start = self._virtual
        queue.waiting.append(request)
        queue.bound()
        self._dispatch(now)
        return request

    def finish(self, now: int, request: QueuedRequest) -> None:
        """End a running request: its seats are free again unless it lingers."""
        assert request.started is not None, f"{request.name} does not run"
        self._advance(now)
        self.executing -= 1
        if request.queue is not None:
            request.queue.executing -= 1
            error = ESTIMATED_SERVICE - (now - request.started)
            request.queue.next_start -= _work(request.work.seats, error)
            request.queue.bound()
        if not request.work.lingers:
            self._free(request)
        self._dispatch(now)

    def release(self, now: int, request: QueuedRequest) -> None:
        """Free the seats of a request that lingered."""
        self._advance(now)
        self._free(request)
        self._dispatch(now)

    def give_up(self, now: int, request: QueuedRequest) -> None:
        """Take a request out of its queue: it waited too long, or its client went away."""
        self._advance(now)
        if request.queue is not None and request in request.queue.waiting:
            request.queue.waiting.remove(request)
            request.queue.bound()

    def resize(self, now: int, seats: int) -> None:
        """Give the level another number of seats, as borrowing does."""
        self._advance(now)
        self.limit = seats
        self._dispatch(now)

    def _choose(self, hand: Iterable[int]) -> _Queue:
        """The queue of the hand with the least work waiting; the first to be asked varies."""
        cards = list(hand)
        offset = self._enqueued % len(cards)
        self._enqueued += 1
        return min(
            (self._queues[card] for card in cards[offset:] + cards[:offset]),
            key=lambda queue: queue.backlog,
        )

    def _advance(self, now: int) -> None:
        """Let virtual time pass: the faster, the fewer queues share the seats."""
        active = sum(queue.is_active for queue in self._queues)
        if active:
            wanted = sum(
                queue.seats + sum(request.work.width for request in queue.waiting)
                for queue in self._queues
            )
            rate = min(wanted, self.limit) / active
            self._virtual += _work(rate, now - self._real)
        self._real = now

    def _dispatch(self, now: int) -> None:
        while self.seats_in_use < self.limit:
            queue = self._find_next()
            if queue is None or not self._fits(queue.waiting[0].work.width):
                return
            self._robin = self._queues.index(queue)
            request = queue.waiting.popleft()
            request.work = request.work.narrow(self.limit)
            self._start(now, request)
            queue.next_start += request.work.total
            queue.bound()

    def _find_next(self) -> _Queue | None:
        """The queue whose oldest request would finish first, the ones after the last first."""
        turn = self._robin + 1
        waiting = (queue for queue in self._queues[turn:] + self._queues[:turn] if queue.waiting)
        return min(
            waiting, key=lambda queue: queue.next_start + queue.waiting[0].work.total, default=None
        )

    def _fits(self, width: int) -> bool:
        if width > self.limit:
            return self.executing == 0
        return self.seats_in_use + width <= self.limit

    def _start(self, now: int, request: QueuedRequest) -> None:
        request.started = now
        self.executing += 1
        self.seats_in_use += request.work.width
        if request.queue is not None:
            request.queue.executing += 1
            request.queue.seats += request.work.width

    def _free(self, request: QueuedRequest) -> None:
        self.seats_in_use -= request.work.width
        if request.queue is not None:
            request.queue.seats -= request.work.width
