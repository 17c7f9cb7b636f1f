"""The versions of all objects of a scenario in order, each with the request that made it.

Causes are found object by object: the versions in order, each by a request that was sent before it
was heard of, changes the object to what is shown, and made no other. What the recorder did not
keep of an object is carried on from its creation.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from planespec.reports.judge.controllers.traced.request_effects import follow, show
from planespec.reports.judge.controllers.traced.traced_line import (
    Key,
    Request,
    Scenario,
    Shown,
)
from planespec.spec.controllers.batch.cron_jobs import read_time, write_time

Json = dict[str, Any]
_BEGINNING = read_time("2026-01-01T00:00:00Z")
_CLOSING = 0.05
"""Seconds after its end until when a scenario may still show something."""
ROUND = 0.005
"""Seconds by which recorded times may be off: they are rounded, and of two processes."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version of an object, as far as it is known in full."""

    shown: Shown
    data: Json
    cause: Request | None
    """None where it was there before, or where nothing explains it."""

    @property
    def revision(self) -> int:
        """The revision of the change."""
        return self.shown.revision

    @property
    def sent(self) -> float:
        """The earliest time at which it may have been made."""
        return self.cause.sent if self.cause is not None else self.shown.heard

    @property
    def is_end(self) -> bool:
        """Whether the object was gone with it."""
        return self.shown.type == "DELETED"


@dataclass(slots=True)
class History:
    """All versions, by object and by revision; and what has no cause."""

    lives: dict[Key, list[Version]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    made: dict[Request, list[Version]] = field(default_factory=lambda: defaultdict(list))

    def list_versions(self) -> list[Version]:
        """All versions by revision."""
        found = [version for life in self.lives.values() for version in life]
        return sorted(found, key=lambda version: version.revision)

    def get(self, key: Key, revision: int) -> Version | None:
        """The version of an object that is there at a revision; None where there is none."""
        found = None
        for version in self.lives.get(key, ()):
            if version.revision > revision:
                break
            found = version
        return None if found is None or found.is_end else found

    def list_alive(self, revision: int, kind: str = "") -> list[Version]:
        """What is there at a revision, of a kind or of all."""
        keys = [key for key in self.lives if kind in ("", key.kind)]
        found = [self.get(key, revision) for key in keys]
        return [version for version in found if version is not None]


def make_history(scenario: Scenario) -> History:
    """Give every version its cause."""
    history = History(faults=list(_find_disorder(scenario.versions)))
    by_key: dict[Key, list[Shown]] = defaultdict(list)
    for version in scenario.versions:
        by_key[version.key].append(version)
    accepted = [request for request in scenario.requests if request.is_accepted]
    for key, versions in by_key.items():
        mine = [request for request in accepted if request.concerns(key)]
        history.lives[key] = list(_Life(key, mine, history).explain(versions))
    for request in accepted:
        if request.sent > scenario.duration + _CLOSING:
            _foresee(history, request, scenario)
    return history


def _find_disorder(versions: Sequence[Shown]) -> Iterator[str]:
    """Versions that a watch of their kind showed before older ones."""
    last: dict[tuple[str, str], float] = {}
    revisions: set[int] = set()
    for shown in versions:
        watch = (shown.key.kind, shown.key.namespace)
        if shown.heard < last.get(watch, 0.0):
            yield f"{shown} was heard of before an older version of its kind"
        if shown.revision in revisions and shown.type != "INITIAL":
            yield f"{shown} has the revision of another version"
        last[watch] = shown.heard
        revisions.add(shown.revision)


def _foresee(history: History, request: Request, scenario: Scenario) -> None:
    """Add what an accepted request makes after the watches were closed.

    Its revision is that which a later request names, or a new one.
    """
    key = Key(request.kind, request.namespace, request.name)
    life = history.lives.get(key, [])
    if not life or life[-1].is_end:
        return
    last = life[-1]
    newest = max(version.revision for each in history.lives.values() for version in each)
    named = [read_base(each) for each in scenario.requests if each.concerns(key)]
    revision = min((each for each in named if each > newest), default=newest + 1)
    for type_, data in follow(request, last.data, key, last.shown):
        shown = replace(last.shown, heard=request.sent, type=type_, revision=revision)
        version = Version(shown, _stamp(data, shown), request)
        life.append(version)
        history.made[request].append(version)
        revision += 1


def read_base(request: Request) -> int:
    """The revision of the version that a request says it was made from; 0 where it says none."""
    body = request.body if isinstance(request.body, dict) else {}
    meta, conditions = body.get("metadata") or {}, body.get("preconditions") or {}
    said = str(meta.get("resourceVersion") or conditions.get("resourceVersion") or "")
    return int(said) if said.isascii() and said.isdecimal() else 0


@dataclass(slots=True)
class _Life:
    """One name, under which objects come and go."""

    key: Key
    requests: list[Request]
    history: History
    before: Json | None = None
    pending: list[tuple[Request, tuple[str, Json]]] = field(default_factory=list)
    """What a request that has made a version is still to show."""

    def explain(self, versions: Sequence[Shown]) -> Iterator[Version]:
        for shown in versions:
            if shown.type == "INITIAL":
                version = Version(shown, self._begin(shown), None)
            else:
                version = self._find_cause(shown)
            self.before = None if shown.type == "DELETED" else version.data
            if version.cause is not None:
                self.history.made[version.cause].append(version)
            yield version
        if self.pending:
            self.history.faults.append(f"{self.pending[0][0]}: it did not come to its end")

    def _begin(self, shown: Shown) -> Json:
        data = {**shown.data, "apiVersion": "v1"}
        if shown.key.kind == "Namespace":
            data = {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}, **data}
        return data

    def _find_cause(self, shown: Shown) -> Version:
        for request, (type_, data) in self._list_steps(shown):
            if type_ == shown.type and _is_shown(data, shown):
                self.before = None
                return Version(shown, _stamp(data, shown), request)
        if not self._is_unseen_write(shown):
            self.history.faults.append(f"{shown} has no cause")
        known = self.before or {}
        meta = {**known.get("metadata", {}), **shown.data["metadata"]}
        return Version(shown, _stamp({**known, **shown.data, "metadata": meta}, shown), None)

    def _is_unseen_write(self, shown: Shown) -> bool:
        """Whether a version of a node shows nothing new.

        The attach-detach controller reports attached volumes in the status of nodes, which
        neither the watch nor the audit shows (`attachdetach/statusupdater`).
        """
        if self.before is None or (shown.key.kind, shown.type) != ("Node", "MODIFIED"):
            return False
        return _is_shown(self.before, shown)

    def _list_steps(self, shown: Shown) -> Iterator[tuple[Request, tuple[str, Json]]]:
        """What may come next, the rest of what has begun first."""
        limit = shown.heard + ROUND
        waiting, self.pending = self.pending, []
        yield from (each for each in waiting if each[0].sent <= limit)
        for request in self._list_candidates(shown):
            steps = follow(request, self.before, self.key, shown)
            if steps:
                self.pending = [(request, step) for step in steps[1:]]
                yield request, steps[0]
                self.pending = []

    def _list_candidates(self, shown: Shown) -> list[Request]:
        """Requests that may have made a version: sent before, and not spent."""
        limit = shown.heard + ROUND
        return [each for each in self.requests if each.sent <= limit and self._is_free(each)]

    def _is_free(self, request: Request) -> bool:
        made = self.history.made.get(request, ())
        if request.verb == "deletecollection":
            return all(version.shown.key != self.key for version in made)
        return not made


def _stamp(data: Json, shown: Shown) -> Json:
    """Give an object its identity, and a creation time that puts it behind older ones."""
    since = write_time(_BEGINNING + timedelta(seconds=int(shown.heard)))
    meta = {"creationTimestamp": since, **data["metadata"]}
    meta |= {"resourceVersion": str(shown.revision), "uid": shown.uid}
    return {**data, "metadata": meta}


def _is_shown(data: Json, shown: Shown) -> bool:
    told = {name: value for name, value in shown.data.items() if name != "metadata"}
    meta = {n: v for n, v in shown.data["metadata"].items() if n != "resourceVersion" and v}
    return show(data, shown) == {**told, "metadata": meta}
