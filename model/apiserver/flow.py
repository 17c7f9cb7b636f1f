"""Priority and fairness of the API server, put together of its parts.

Promises are about the first flow, which sends its next request when the last one was answered: it
is served if and only if none of it waits again and again. Fair are the server, which takes the
next request as soon as it fits, and what it runs.
"""

from typing import Any

from planespec.checker.lang import constant, instance, leads_to, no_recording, only, reachable
from planespec.model.apiserver.flow_borrowing import FlowBorrowing
from planespec.model.apiserver.flow_callback import FlowCallback
from planespec.model.apiserver.flow_queues import Flow
from planespec.model.apiserver.flow_waiting import FlowWaiting
from planespec.spec.api.flow_control.flow_requirements import (
    exempt_never_waits,
    least_is_kept,
    no_flow_starves,
    no_level_waits_for_itself,
    no_seat_is_made,
    nobody_is_passed_over,
    seats_are_counted,
    seats_are_kept_to,
    waiting_ends_in_time,
)

THREE: dict[str, Any] = {
    "queues": 3,
    "flows": 3,
    "home": [0, 0, 0],
    "width": [1, 1, 2],
    "lingers": [False, False, False],
    "guarded": [False, False, False],
    "room": [2],
}
"""Three queues of one level with two seats."""
FOUR: dict[str, Any] = {
    "queues": 4,
    "flows": 4,
    "home": [0, 0, 0, 0],
    "hands": [[0], [1], [2], [3]],
    "width": [1, 1, 2, 2],
    "lingers": [False, False, False, False],
    "guarded": [False, False, False, False],
    "room": [2],
}
"""Four queues of one level with two seats."""
TWO_LEVELS: dict[str, Any] = {
    "levels": 2,
    "home": [0, 1],
    "width": [1, 1],
    "room": [1, 1],
    "exempt": [False, False],
}
"""Two levels with a queue each."""
NO_SEATS: dict[str, Any] = {
    **TWO_LEVELS,
    "clients": [1, 2],
    "nominal": [0, 1],
    "least": [0, 1],
    "room": [0, 0],
}
"""Two levels that let nobody wait; the first has no seats."""
WEBHOOK: dict[str, Any] = {
    "guarded": [True, False],
    "hooks": [1],
    "calls_back": True,
    "wait_limit": 2,
}
"""Requests of the first flow wait for one of the second."""


class FlowControl(FlowWaiting, FlowBorrowing, FlowCallback):
    """Priority levels of one API server, with all parts; tables say which levels there are."""

    held_to = no_recording("queue sets were not recorded")
    promises: bool = constant(default=False)
    """Whether it is asked what happens to the first flow at last."""
    requires = [
        seats_are_kept_to,
        no_seat_is_made,
        exempt_never_waits,
        nobody_is_passed_over,
        only(waiting_ends_in_time, when="wait_limit > 0"),
        seats_are_counted,
        least_is_kept,
        only(no_level_waits_for_itself, when="calls_back"),
        only(no_flow_starves, when="promises"),
    ]
    instances = [
        instance("widths", clients=[3, 3], room=[2], most_lag=8),
        instance("even", width=[1, 1], clients=[4, 2], room=[3], patience=2),
        instance(
            "three-queues",
            **THREE,
            hands=[[0], [1], [2]],
            clients=[2, 2, 2],
            most_lag=9,
            patience=8,
        ),
        instance(
            "shared-queues",
            **THREE,
            hands=[[0, 1], [1, 2], [2]],
            clients=[2, 2, 1],
            most_lag=9,
            patience=8,
        ),
        instance(
            "three-widths",
            **{**THREE, "width": [1, 2, 3]},
            hands=[[0], [1], [2]],
            clients=[2, 2, 2],
            most_lag=14,
            patience=12,
        ),
        instance("four-queues", **FOUR, clients=[2, 2, 2, 2], most_lag=13, patience=12),
        instance("waiting", room=[2], most_lag=8, wait_limit=2),
        instance(
            "borrowing", **TWO_LEVELS, clients=[3, 2], nominal=[2, 1], least=[1, 1], borrows=True
        ),
        instance(
            "exempt",
            levels=2,
            home=[0, 1],
            width=[1, 2],
            clients=[3, 3],
            lingers=[True, True],
            nominal=[1, 3],
            least=[1, 3],
            room=[1, 1],
            exempt=[True, False],
        ),
        instance("refusing", **NO_SEATS),
        instance("webhook", **TWO_LEVELS, **WEBHOOK, nominal=[1, 1], least=[1, 1]),
        instance("served", promises=True, clients=[1, 3], room=[2], most_lag=8),
        instance(
            "called-back",
            **TWO_LEVELS,
            **WEBHOOK,
            promises=True,
            clients=[1, 1],
            nominal=[1, 1],
            least=[1, 1],
        ),
        instance(
            "all",
            levels=3,
            queues=4,
            flows=5,
            home=[0, 1, 1, 2],
            hands=[[0], [1], [1, 2], [3], [3]],
            width=[1, 1, 2, 1, 1],
            clients=[1, 2, 1, 1, 1],
            lingers=[False, True, False, False, False],
            guarded=[False, True, False, False, False],
            hooks=[4],
            calls_back=True,
            wait_limit=1,
            borrows=True,
            room=[0, 1, 1],
            nominal=[1, 2, 1],
            least=[1, 1, 1],
            exempt=[True, False, False],
        ),
    ]

    @reachable(when="max(room) > 0")
    def somebody_waits(self) -> bool:
        """A request waits in a queue."""
        return any(len(self.waiting[q]) > 0 for q in self.queues)

    @reachable(when="max(width) > 1 and min(clients) > 2")
    def queue_outgrows_its_limit(self) -> bool:
        """A queue holds more than its limit: while a seat is free, nobody is refused."""
        return any(len(self.waiting[q]) > self.room[self.home[q]] for q in self.queues)

    def runs(self) -> bool:
        """A request of the first flow runs."""
        return any(self.is_first(f) for q in self.queues for f in self.running[q])

    def runs_no_more(self) -> bool:
        """It has ended."""
        return not self.runs()

    def is_first(self, f: Flow) -> bool:
        """Whether a flow is the one that is looked at."""
        return f == min(self.flows)

    webhooks_come_back = leads_to(
        runs,
        runs_no_more,
        statement="A request that a webhook guards ends, though the webhook calls back.",
        source="the docs, Recursive server scenarios",
        when="promises and calls_back",
    )
