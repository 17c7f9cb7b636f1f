"""What a controller may have seen when it sent a write.

What it knows of a kind is a state that once was: all changes up to a revision, none after. It is
not newer than the write, and not older than LAG. Its own writes it may know at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planespec.reports.judge.controllers.traced.traced_history import ROUND, History, Version
from planespec.reports.judge.controllers.traced.traced_line import Request

LAG = 0.5
"""Seconds by which a controller that keeps up may be behind."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The states of a scenario, by revision."""

    history: History
    versions: Sequence[Version]
    """All versions, by revision."""

    def list_before(self, write: Request, *, lag: float = LAG) -> list[int]:
        """The revisions that the sender of a write may have seen last, newest first."""
        return list(self._walk(write, lag))

    def _walk(self, write: Request, lag: float) -> Iterator[int]:
        made = self.history.made.get(write)
        limit = made[0].revision if made else None
        later = False
        for version in reversed(self.versions):
            if limit is not None and version.revision >= limit:
                continue
            if version.sent > write.sent + ROUND:
                continue
            yield version.revision
            if later and version.shown.heard < write.sent - lag:
                return
            later = True
        yield 0

    def list_during(self, request: Request, *, lag: float = LAG) -> list[int]:
        """The revisions at which a request that made nothing may have been answered."""
        end = (request.done if request.done is not None else request.sent + lag) + ROUND
        found = [0]
        for version in self.versions:
            if version.sent > end:
                continue
            if version.shown.heard < request.sent - ROUND:
                found.clear()
            found.append(version.revision)
        return found


def make_moments(history: History) -> Moments:
    """List the states of a history."""
    return Moments(history, history.list_versions())
