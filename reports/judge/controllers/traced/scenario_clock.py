"""Whether the times that a server wrote fit one clock: the wall clock beside that of the scenario.

Times are written in whole seconds. Each says that the scenario began within some interval; all of
these have a moment in common.
"""

from collections.abc import Iterator

from planespec.reports.judge.versions.object_versions import History, Version
from planespec.spec.controllers.batch.cron_jobs import read_time

SKEW = 0.02
"""Seconds by which clocks of different processes may differ."""


def find_odd_time(history: History) -> str:
    """A time that fits no common beginning; empty where all do."""
    lower, upper = float("-inf"), float("inf")
    for version, text in _list_times(history):
        try:
            told = read_time(text).timestamp()
        except ValueError:
            return f"{version} has a time that is none: {text}"
        low, high = told - version.told - SKEW, told + 1 - version.since + SKEW
        if high < lower or low > upper:
            return f"{version} was not made at {text}"
        lower, upper = max(lower, low), min(upper, high)
    return ""


def _list_times(history: History) -> Iterator[tuple[Version, str]]:
    """The times that were written in each version anew."""
    for life in history.list_lives():
        before: set[str] = set()
        for version in life.versions:
            if version.maker is None:
                continue
            found = set(_find_times(version))
            for text in found - before:
                yield version, text
            before = found


def _find_times(version: Version) -> Iterator[str]:
    meta, status = version.data["metadata"], version.data.get("status") or {}
    grace = meta.get("deletionGracePeriodSeconds")
    if meta.get("deletionTimestamp") and not grace:
        yield str(meta["deletionTimestamp"])
    if status.get("lastPhaseTransitionTime"):
        yield str(status["lastPhaseTransitionTime"])
