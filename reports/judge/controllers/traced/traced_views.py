"""What a controller may have seen when it sent a write.

What it knows of a kind is a state that once was: all changes up to a revision, none after. It is
not newer than the write, and not older than LAG. Its own writes it may know at once.
"""

from dataclasses import dataclass
from math import inf

from planespec.reports.judge.controllers.traced.traced_history import ROUND, TracedHistory
from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.versions.object_versions import Key, Version, list_cuts

LAG = 0.5
"""Seconds by which a controller that keeps up may be behind."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The states of a scenario, by revision."""

    history: TracedHistory

    def list_before(self, write: Request) -> list[int]:
        """The revisions that the sender of a write may have seen last, newest first."""
        found = self.list_at(write.received, LAG)
        if not write.made:
            return found
        return [each for each in found if each < write.made[0].revision] or [0]

    def list_at(self, moment: float, lag: float) -> list[int]:
        """The revisions that who is not further behind may have seen last, newest first."""
        least = self.history.find_settled(moment - lag)
        return list(list_cuts(self.history.ordered, least, moment + ROUND))

    def list_met(self, request: Request, key: Key | None = None) -> list[Version]:
        """The versions of an object, its own if none is given, that a request may have met."""
        return self.history.list_between(key or request.about, *find_span(request))

    def may_miss(self, request: Request) -> bool:
        """Whether there may have been no object where a request came in."""
        return self.history.may_be_absent(request.about, *find_span(request))


def find_span(request: Request, *, lag: float = LAG) -> tuple[float, float]:
    """From when on and until when a request may have been answered."""
    done = request.received + lag if request.done == inf else request.done
    return request.received - ROUND, done + ROUND
