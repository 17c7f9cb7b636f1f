"""The versions of all objects of a scenario in order, each with the request that made it.

Causes are found object by object: the versions in order, each by a request that was sent before it
was heard of, changes the object to what is shown, and made no other. What the recorder did not
keep of an object is carried on from its creation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from planespec.reports.judge.controllers.traced.request_effects import follow, show
from planespec.reports.judge.controllers.traced.traced_line import Request, Scenario
from planespec.reports.judge.versions.object_versions import (
    KNOWN,
    History,
    Key,
    Version,
    order_versions,
)
from planespec.spec.controllers.batch.cron_jobs import read_time, write_time

Json = dict[str, Any]
_BEGINNING = read_time("2026-01-01T00:00:00Z")
_CLOSING = 0.05
"""Seconds after its end until when a scenario may still show something."""
ROUND = 0.005
"""Seconds by which recorded times may be off: they are rounded, and of two processes."""


class TracedHistory(History):
    """All versions of a scenario, and what has no cause."""

    def __init__(self, versions: Iterable[Version]) -> None:
        """Take versions as their watches told them."""
        super().__init__()
        self.faults: list[str] = []
        for version in sorted(versions, key=lambda each: (each.told, each.revision)):
            fault = self.find_disorder(version)
            if not fault:
                self.append(version)
            elif fault != KNOWN:
                self.faults.append(f"{version}: {fault}")


def make_history(scenario: Scenario) -> TracedHistory:
    """Give every version its cause."""
    history = TracedHistory(scenario.versions)
    accepted = [request for request in scenario.requests if request.is_accepted]
    for key, lives in history.by_key.items():
        mine = [request for request in accepted if request.concerns(key)]
        _Life(key, mine, history.faults).explain(order_versions(lives))
    for request in accepted:
        if request.received > scenario.duration + _CLOSING:
            _foresee(history, request, scenario)
    history.bound_times()
    return history


def _foresee(history: History, request: Request, scenario: Scenario) -> None:
    """Add what an accepted request makes after the watches were closed.

    Its revision is that which a later request names, or a new one.
    """
    lives = history.by_key.get(request.about, [])
    if not lives or lives[0].versions[-1].is_gone:
        return
    last = lives[0].versions[-1]
    newest = max(life.revisions[-1] for life in history.list_lives())
    named = [each.revision or 0 for each in scenario.requests if each.concerns(last.key)]
    revision = min((each for each in named if each > newest), default=newest + 1)
    for type_, data in follow(request, last.data, last):
        version = Version(
            last.key, last.uid, type_, revision, data, request.received, maker=request
        )
        version.data = _stamp(data, version)
        history.append(version)
        request.made.append(version)
        revision += 1


@dataclass(slots=True)
class _Life:
    """One name, under which objects come and go."""

    key: Key
    requests: list[Request]
    faults: list[str]
    before: Json | None = None
    pending: list[tuple[Request, tuple[str, Json]]] = field(default_factory=list)
    """What a request that has made a version is still to show."""

    def explain(self, versions: Sequence[Version]) -> None:
        """Find the cause of each, and what it is in full."""
        for version in versions:
            if version.type == "INITIAL":
                version.data = self._begin(version)
            else:
                self._find_cause(version)
            self.before = None if version.is_gone else version.data
            if version.maker is not None:
                version.maker.made.append(version)
        if self.pending:
            self.faults.append(f"{self.pending[0][0]}: it did not come to its end")

    def _begin(self, version: Version) -> Json:
        data = {**version.data, "apiVersion": "v1"}
        if version.kind == "Namespace":
            data = {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}, **data}
        return data

    def _find_cause(self, shown: Version) -> None:
        for request, (type_, data) in self._list_steps(shown):
            if type_ == shown.type and _is_shown(data, shown):
                shown.data, shown.maker = _stamp(data, shown), request
                return
        if not self._is_unseen_write(shown):
            self.faults.append(f"{shown} has no cause")
        known = self.before or {}
        meta = {**known.get("metadata", {}), **shown.meta}
        shown.data = _stamp({**known, **shown.data, "metadata": meta}, shown)

    def _is_unseen_write(self, shown: Version) -> bool:
        """Whether a version of a node shows nothing new.

        The attach-detach controller reports attached volumes in the status of nodes, which
        neither the watch nor the audit shows (`attachdetach/statusupdater`).
        """
        if self.before is None or (shown.kind, shown.type) != ("Node", "MODIFIED"):
            return False
        return _is_shown(self.before, shown)

    def _list_steps(self, shown: Version) -> Iterator[tuple[Request, tuple[str, Json]]]:
        """What may come next, the rest of what has begun first."""
        limit = shown.told + ROUND
        waiting, self.pending = self.pending, []
        yield from (each for each in waiting if each[0].received <= limit)
        for request in self._list_candidates(shown):
            steps = follow(request, self.before, shown)
            if steps:
                self.pending = [(request, step) for step in steps[1:]]
                yield request, steps[0]
                self.pending = []

    def _list_candidates(self, shown: Version) -> list[Request]:
        """Requests that may have made a version: sent before, and not spent."""
        limit = shown.told + ROUND
        return [each for each in self.requests if each.received <= limit and self._is_free(each)]

    def _is_free(self, request: Request) -> bool:
        if request.verb == "deletecollection":
            return all(version.key != self.key for version in request.made)
        return not request.made


def _stamp(data: Json, version: Version) -> Json:
    """Give an object its identity, and a creation time that puts it behind older ones."""
    since = write_time(_BEGINNING + timedelta(seconds=int(version.told)))
    meta = {"creationTimestamp": since, **data["metadata"]}
    meta |= {"resourceVersion": str(version.revision), "uid": version.uid}
    return {**data, "metadata": meta}


def _is_shown(data: Json, shown: Version) -> bool:
    told = {name: value for name, value in shown.data.items() if name != "metadata"}
    meta = {n: v for n, v in shown.meta.items() if n != "resourceVersion" and v}
    return show(data, shown) == {**told, "metadata": meta}
