"""Answers of API servers that limit by priority and fairness to several requests at once.

As in `burst_answers` a request that runs ends when the line says so; what waits in a queue begins
when something else ended, and must then end in time. Open is the second of the clock at which a
burst began, on which `Retry-After` depends, and what the server had queued before, which decides
among equal queues.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from planespec.reports.judge.apiserver.chain.burst_answers import find_schema
from planespec.reports.judge.apiserver.chain.burst_requests import (
    BurstRequest,
    print_answer,
    read_burst,
    read_seconds,
    soon_after,
)
from planespec.reports.judge.apiserver.chain.open_values import settle
from planespec.reports.judge.runner import are_alike
from planespec.spec.api.flow_control.default_levels import DEFAULT_LEVELS, DEFAULT_SCHEMAS
from planespec.spec.api.flow_control.flow_schemas import (
    FlowRequest,
    FlowSchema,
    FlowUser,
    distinguish,
    read_flow_schema,
)
from planespec.spec.api.flow_control.priority_levels import (
    PriorityLevel,
    SeatBounds,
    read_priority_level,
    share_out,
)
from planespec.spec.api.flow_control.queue_set import QueuedRequest, QueueSet, Queuing, Work
from planespec.spec.api.flow_control.retry_after import RetryAfter
from planespec.spec.api.flow_control.shuffle_sharding import hash_flow
from planespec.spec.api.handlers.in_flight import TOO_MANY
from planespec.spec.api.handlers.statuses import answer_text
from planespec.spec.objects.view import View

WAIT_LIMIT = Fraction(15)
"""Seconds in a queue after which a request is refused: a quarter of its minute."""


def answer_fairness(given: View, recorded: View) -> object:
    """Answers with schema and level of each, and the seats that levels have."""
    levels, schemas = _read_configuration(given)
    bounds = share_out(given.integer("totalConcurrency") or 0, levels)
    seats = {name: float(each.nominal) for name, each in bounds.items()}
    expected, first = dict(recorded.data), None
    phases = _find_phases(recorded)
    for past, phase in product(_remember(levels[schemas[0].level].queuing), phases):
        answers = _Levels(levels, bounds, schemas, phase, past).serve(given, recorded)
        ours = settle({"answers": answers}, expected)
        assert isinstance(ours, dict), "settled from an object"
        if seats != dict(given.view("nominalSeats").data):
            ours["nominalSeats"] = seats
        if are_alike(expected, ours):
            return ours
        first = first or ours
    return first


def _find_phases(recorded: View) -> list[Fraction]:
    """Where in a second of the clock a burst may have begun: one for each way to cut it.

    A second may begin with any of the requests that are refused.
    """
    refused = [each for each in recorded.views("answers") if each.integer("code") == 429]
    return sorted({Fraction(0), *(-read_seconds(each, "tSent") % 1 for each in refused)})


def _remember(queuing: Queuing | None) -> Iterator[tuple[int, int]]:
    """What a level may remember: how many it had queued, up to a hand, and where it took last."""
    if queuing is None:
        return iter([(0, 0)])
    # Beyond a few queues, equals are rare, and to try all takes long.
    hands, queues = (range(max(1, min(most, 8))) for most in (queuing.hand, queuing.queues))
    return product(hands, queues)


def _read_configuration(given: View) -> tuple[dict[str, PriorityLevel], list[FlowSchema]]:
    schema = read_flow_schema("slow", given.view("flowSchema"))
    level = read_priority_level(given.view("priorityLevel"))
    return {**DEFAULT_LEVELS, schema.level: level}, [schema, *DEFAULT_SCHEMAS]


@dataclass(slots=True)
class _Levels:
    """The levels of one server during a burst."""

    levels: dict[str, PriorityLevel]
    bounds: dict[str, SeatBounds]
    schemas: list[FlowSchema]
    phase: Fraction
    past: tuple[int, int]
    """Of the level that the line is about; the others have so many seats that nothing waits."""
    sets: dict[str, QueueSet] = field(default_factory=dict)
    refusals: dict[str, RetryAfter] = field(default_factory=dict)
    under_way: list[tuple[BurstRequest, QueuedRequest, str]] = field(default_factory=list)

    def serve(self, given: View, recorded: View) -> list[object]:
        """The answers to all requests."""
        requests = read_burst(given, recorded, read_seconds(given, "slowUserSeconds"))
        placed = []
        for request in sorted(requests, key=lambda each: each.sent):
            self._let_end(request.sent)
            placed.append((request, self._take_in(request)))
        self._let_end(None)
        return [self._answer(request, place) for request, place in placed]

    def _take_in(self, request: BurstRequest) -> tuple[FlowSchema, QueuedRequest | int | None]:
        """Its schema, and its place in the level; seconds to retry after, None for exempt."""
        made = request.attributes
        schema = find_schema(self.schemas, self.levels, made)
        if self.levels[schema.level].exempt:
            return schema, None
        asked = FlowRequest(made.verb, made.is_resource, namespace=made.namespace)
        told_by = distinguish(schema, FlowUser(request.user.name), asked)
        flow = hash_flow(schema.name, told_by)
        place = self._queues(schema.level).arrive(
            _to_clock(request.sent), request.name, flow, Work()
        )
        if place is None:
            return schema, self._refuse(schema.level, request.sent)
        self.under_way.append((request, place, schema.level))
        return schema, place

    def _queues(self, level: str) -> QueueSet:
        if level not in self.sets:
            enqueued, robin = self.past if level == self.schemas[0].level else (0, 0)
            self.sets[level] = QueueSet(
                self.bounds[level].initial,
                self.levels[level].queuing,
                enqueued=enqueued,
                robin=robin,
            )
        return self.sets[level]

    def _refuse(self, level: str, time: Fraction) -> int:
        tracker = self.refusals.setdefault(level, RetryAfter())
        # The clock is far from zero, so that the first change is never put off.
        return tracker.refuse(1000 + int(time + self.phase))

    def _let_end(self, until: Fraction | None) -> None:
        """Let everything end that does before a time, and give up what waits too long."""
        while True:
            due = [
                (self._ends_at(request, place), request, place, level)
                for request, place, level in self.under_way
            ]
            due = [each for each in due if until is None or each[0] <= until]
            if not due:
                return
            time, request, place, level = min(due, key=lambda each: each[0])
            self.under_way.remove((request, place, level))
            if place.started is None:
                self._queues(level).give_up(_to_clock(time), place)
            else:
                self._queues(level).finish(_to_clock(time), place)

    def _ends_at(self, request: BurstRequest, place: QueuedRequest) -> Fraction:
        if place.started is None:
            return request.sent + WAIT_LIMIT
        # A line that has a request end before it began is impossible, and told as such below.
        return max(request.done, Fraction(place.started, 10**9))

    def _answer(
        self, request: BurstRequest, placed: tuple[FlowSchema, QueuedRequest | int | None]
    ) -> object:
        schema, place = placed
        headers: dict[str, object] = {
            "x-kubernetes-pf-flowschema-uid": schema.name,
            "x-kubernetes-pf-prioritylevel-uid": schema.level,
        }
        refused = answer_text(429, TOO_MANY)
        if isinstance(place, int):
            headers["retry-after"] = str(place)
            return print_answer(request, refused, soon_after(request.sent), headers)
        began = request.sent
        if place is not None:
            if place.started is None:
                headers["retry-after"] = "1"
                late = soon_after(request.sent + WAIT_LIMIT)
                return print_answer(request, refused, late, headers)
            began = max(began, Fraction(place.started, 10**9))
        answer = request.serve()
        return print_answer(request, answer, request.take(began, answer), headers)


def _to_clock(seconds: Fraction) -> int:
    return int(seconds * 10**9)
