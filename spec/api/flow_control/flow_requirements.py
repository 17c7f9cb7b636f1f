"""What priority and fairness promises: FLOW-1 to FLOW-11.

Source: KEP-1040 (keps/sig-api-machinery/1040-priority-and-fairness), the Kubernetes documentation
"API Priority and Fairness" (called "the docs"), and the issues that are named.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Seats(Protocol):
    """Levels with their seats."""

    @property
    def levels(self) -> Iterable[Any]:
        """All priority levels."""

    @property
    def exempt(self) -> Mapping[Any, bool]:
        """Levels that are not limited."""

    @property
    def seats(self) -> Mapping[Any, int]:
        """Seats that a level has at present."""

    @property
    def nominal(self) -> Mapping[Any, int]:
        """Seats that its shares give it."""

    @property
    def least(self) -> Mapping[Any, int]:
        """Seats that it does not lend."""


class SeatsInUse(Seats, Protocol):
    """Who occupies seats."""

    @property
    def in_use(self) -> Mapping[Any, int]:
        """Seats of a level that are occupied, as the server counts."""

    @property
    def occupied(self) -> Mapping[Any, int]:
        """Seats that requests which run, or ended and linger, really take."""

    @property
    def running_in(self) -> Mapping[Any, int]:
        """Requests of a level that run."""


class Queues(Protocol):
    """Queues with what waits in them."""

    @property
    def queues(self) -> Iterable[Any]:
        """All queues."""

    @property
    def home(self) -> Mapping[Any, Any]:
        """The level of a queue."""

    @property
    def exempt(self) -> Mapping[Any, bool]:
        """Levels that are not limited."""

    @property
    def waiting(self) -> Mapping[Any, Sequence[Any]]:
        """Requests that wait in a queue, the oldest first."""


class Passed(Queues, Protocol):
    """How long the oldest request of a queue has been passed over."""

    @property
    def passed(self) -> Mapping[Any, int]:
        """Seats of requests that were taken from other queues of its level meanwhile."""

    @property
    def patience(self) -> int:
        """The most that fairness allows."""


class Aged(Queues, Protocol):
    """How long requests have waited."""

    @property
    def wait_limit(self) -> int:
        """Ticks after which a request is refused."""


class Stuck(Protocol):
    """Levels that wait for themselves."""

    @property
    def stuck(self) -> Collection[Any]:
        """Levels whose seats are all held by requests that wait for one which waits there."""


class Stopping(Protocol):
    """A server that stops, and the controller of its priority levels."""

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the controller goes on."""


@requirement("FLOW-1", source="KEP-1040, Dispatching; kubernetes#102848, #134196")
def seats_are_kept_to(before: SeatsInUse, after: SeatsInUse) -> bool:
    """No request begins beyond the seats of its level, unless it is too wide and runs alone."""
    return all(
        after.exempt[level]
        or after.in_use[level] <= before.in_use[level]
        or after.in_use[level] <= after.seats[level]
        or (after.running_in[level] == 1 and after.seats[level] > 0)
        for level in after.levels
    )


@requirement("FLOW-2", source="KEP-1040, Seat Borrowing: what is borrowed was lent")
def no_seat_is_made(s: Seats) -> bool:
    """Limited levels together never have more seats than their shares give them."""
    return sum(s.seats[level] for level in s.levels if not s.exempt[level]) <= sum(
        s.nominal[level] for level in s.levels if not s.exempt[level]
    )


@requirement("FLOW-3", source="the docs, Exempt requests; enhancements#1296")
def exempt_never_waits(s: Queues) -> bool:
    """A request of an exempt level never waits."""
    return all(not s.exempt[s.home[q]] or len(s.waiting[q]) == 0 for q in s.queues)


@requirement("FLOW-4", source="KEP-1040, Fair Queuing; kubernetes#95979, #104922")
def nobody_is_passed_over(s: Passed) -> bool:
    """While a request waits at the head of its queue, only so much is taken from other queues."""
    return all(s.passed[q] <= s.patience for q in s.queues)


@requirement("FLOW-5", source="the docs, Queuing: a time limit; kubernetes#119799")
def waiting_ends_in_time(s: Aged) -> bool:
    """No request waits longer than the limit: by then it runs, or is answered 429."""
    return all(each.age <= s.wait_limit for q in s.queues for each in s.waiting[q])


@requirement("FLOW-6", source="queueset.go, totSeatsInUse; kubernetes#140884")
def seats_are_counted(s: SeatsInUse) -> bool:
    """The seats in use are those of the requests that run or linger."""
    return all(s.in_use[level] == s.occupied[level] for level in s.levels)


@requirement("FLOW-7", source="KEP-1040, Seat Borrowing: lendablePercent")
def least_is_kept(s: Seats) -> bool:
    """A limited level keeps the seats that it does not lend."""
    return all(s.exempt[level] or s.seats[level] >= s.least[level] for level in s.levels)


@requirement("FLOW-8", source="the docs, Recursive server scenarios; enhancements#861")
def no_level_waits_for_itself(s: Stuck) -> bool:
    """Never are all seats of a level held by requests that wait for one which waits there."""
    return len(s.stuck) == 0


@requirement(
    "FLOW-9", source="apf_controller.go, Run; kubernetes#97323", promise="eventually always"
)
def stopping_ends(s: Stopping) -> bool:
    """When the server stops, the controller of its priority levels ends with all it started."""
    return not s.is_stopping or s.has_ended


class Loads(Protocol):
    """Requests, with what they hold in memory."""

    @property
    def requests(self) -> Iterable[Any]:
        """All requests."""

    @property
    def level(self) -> Mapping[Any, Any]:
        """The level in which a request has seats, or None."""

    @property
    def width(self) -> Mapping[Any, int]:
        """The seats that it takes."""

    @property
    def load(self) -> Mapping[Any, int]:
        """What it holds in memory, in units that one seat stands for (100 kB of a list)."""


@requirement("FLOW-10", source="apiserver/pkg/util/flowcontrol/request/list_work_estimator.go")
def seats_cover_memory(s: Loads) -> bool:
    """A request takes as many seats as what it holds in memory calls for."""
    return all(s.level[r] is None or s.load[r] <= s.width[r] for r in s.requests)


class Wanting(Queues, Protocol):
    """Which flows want something."""

    @property
    def flows(self) -> Iterable[Any]:
        """All flows; the first is looked at."""


@requirement(
    "FLOW-11", source="KEP-1040, Fair Queuing; kubernetes#104922", promise="always eventually"
)
def no_flow_starves(s: Wanting) -> bool:
    """A flow that wants something is served at last, whatever others want."""
    first = min(s.flows)
    return not any(each.flow == first for q in s.queues for each in s.waiting[q])
