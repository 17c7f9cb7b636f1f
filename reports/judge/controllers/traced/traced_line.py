"""Reading a live scenario: what a script asked for, what watches showed, what controllers wrote.

Watches show of an object what the recorder kept: its metadata without what servers fill in, and
for some kinds spec and status. Audit events show of an update what its controller decides. Times
are seconds from the start of the scenario.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from planespec.reports.judge.controllers.traced.recorded_shapes import (
    check_body,
    check_meta,
    check_parts,
)
from planespec.reports.judge.recorded_fields import read_number
from planespec.spec.objects.object_store import CLUSTER_SCOPED
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.objects.view import ObjectError, View

Json = dict[str, Any]
SCRIPT = "script"
"""Stands for who acts in a scenario: its writes are given, not explained."""
VERSIONS = ("INITIAL", "ADDED", "MODIFIED", "DELETED")
_VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "PUT": "update", "GET": "get"}
_SHOWN_META = ("name", "namespace", "uid", "resourceVersion", "deletionTimestamp", "finalizers")
_LONGEST = 86400.0
"""Seconds that a scenario takes at the most."""
_MAPS = ("labels", "annotations")


@dataclass(frozen=True, slots=True)
class Key:
    """Which object; the namespace is empty where its kind has none."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Write it as messages do."""
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A request that somebody sent, and its answer."""

    user: str
    """A controller, or SCRIPT."""
    sent: float
    done: float | None
    """When it was answered; None where that was not recorded."""
    verb: str
    kind: str
    namespace: str
    name: str
    """Empty for a collection, and for an object whose name the server makes."""
    subresource: str
    body: Any
    options: Mapping[str, str]
    """Parameters of the URL."""
    code: int
    answer: View

    @property
    def is_accepted(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.code < 300

    def concerns(self, key: Key) -> bool:
        """Whether it may be about an object."""
        if (self.kind, self.namespace) != (key.kind, key.namespace):
            return False
        return self.name == key.name or not self.name

    def __str__(self) -> str:
        """Say who asked for what, and when."""
        what = f"{self.subresource} of " if self.subresource else ""
        name = str(Key(self.kind, self.namespace, self.name or "(some)"))
        return f"{self.user}: {self.verb} {what}{name} at {self.sent:g}, answered {self.code}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of an object as a watch showed it."""

    heard: float
    type: str
    key: Key
    uid: str
    revision: int
    data: Json
    """Under the names that the API gives them; spec and status only where they were recorded."""

    def __str__(self) -> str:
        """Name the version."""
        return f"{self.key} {self.type} {self.revision}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A line."""

    duration: float
    requests: list[Request]
    """Of the script and of controllers, by when they were sent."""
    versions: list[Shown]
    """By revision."""
    told: list[View]
    """The events of kind Event."""


def read_scenario(line: View) -> Scenario:
    """Read a line; raises ObjectError."""
    line.needing("scenario", "duration", "actions", "events", "controllerWrites")
    asked = [_read_action(each) for each in line.views("actions")]
    written = [_read_write(each) for each in line.views("controllerWrites")]
    events = line.views("events")
    versions = [_read_version(each) for each in events if each.text("kind") != "Event"]
    requests = sorted([*asked, *_bound(written)], key=lambda request: request.sent)
    duration = read_number(line, "duration")
    if any(not 0 <= each.sent <= _LONGEST for each in requests) or duration > _LONGEST:
        raise ObjectError("t", "must be a time within a day")
    return Scenario(
        duration,
        requests,
        sorted(versions, key=lambda version: version.revision),
        [_read_told(each) for each in events if each.text("kind") == "Event"],
    )


def _bound(written: Iterable[Request]) -> Iterator[Request]:
    """Say of each write by when it was answered: its sender has sent the same again."""
    later: dict[tuple[str, ...], float] = {}
    for each in sorted(written, key=lambda request: request.sent, reverse=True):
        what = (each.user, each.verb, each.kind, each.namespace, each.name, each.subresource)
        yield replace(each, done=later.get(what))
        later[what] = each.sent


def _read_action(action: View) -> Request:
    action.needing("t", "tDone", "do", "path", "code")
    if action.text("do") not in _VERBS:
        raise ObjectError(action.path("do"), f"must be one of {', '.join(_VERBS)}")
    path, _, query = action.text("path").partition("?")
    kind, namespace, name, subresource = _read_path(path, action)
    body = action.data.get("body")
    check_body(body, action.path("body"))
    name = name or _read_new_name(body)
    return Request(
        SCRIPT,
        read_number(action, "t"),
        read_number(action, "tDone"),
        _VERBS[action.text("do")],
        kind,
        namespace,
        name,
        subresource,
        body,
        {name: values[-1] for name, values in parse_qs(query).items()},
        action.needed_integer("code"),
        action.view("answer"),
    )


def _read_new_name(body: object) -> str:
    """The name that a new object is to have; empty where the server makes one."""
    return View(body).view("metadata").text("name")


def _read_path(path: str, action: View) -> tuple[str, str, str, str]:
    """Kind, namespace, name and subresource of a path of the API."""
    parts = [part for part in path.split("/") if part]
    parts = parts[2:] if parts[:1] == ["api"] else parts[3:]
    namespace = ""
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    if not parts or parts[0] not in KINDS:
        raise ObjectError(action.path("path"), f"leads to no resource: {path}")
    kind, (name, subresource) = KINDS[parts[0]], [*parts[1:3], "", ""][:2]
    return kind, namespace, name, subresource


def _read_write(write: View) -> Request:
    write.needing("t", "user", "verb", "resource", "code")
    kind = KINDS.get(write.text("resource"), "")
    if not kind:
        raise ObjectError(write.path("resource"), "is no resource that is known")
    body, name = write.data.get("request"), write.text("name")
    check_body(body, write.path("request"))
    if not isinstance(body, dict):
        raise ObjectError(write.path("request"), "must be an object")
    if write.text("verb") == "create":
        name = name or _read_new_name(body)
    return Request(
        write.text("user").rpartition(":")[2],
        read_number(write, "t"),
        None,
        write.text("verb"),
        kind,
        "" if kind in CLUSTER_SCOPED else write.text("namespace"),
        name,
        write.text("subresource"),
        body,
        {},
        write.needed_integer("code"),
        View({}),
    )


def _read_version(event: View) -> Shown:
    event.needing("t", "kind", "type", "object")
    if event.text("type") not in VERSIONS:
        raise ObjectError(event.path("type"), f"must be one of {', '.join(VERSIONS)}")
    shown = event.view("object").needing("name", "uid", "resourceVersion")
    check_meta(shown)
    check_parts(shown)
    if not shown.text("resourceVersion").isdecimal():
        raise ObjectError(shown.path("resourceVersion"), "must be a number")
    meta: Json = {name: shown.text(name) for name in _SHOWN_META[:5] if shown.has(name)}
    if shown.has("finalizers"):
        meta["finalizers"] = shown.texts("finalizers")
    if owners := [dict(each.data) for each in shown.views("ownerReferences")]:
        meta["ownerReferences"] = owners
    meta |= {name: found for name in _MAPS if (found := shown.text_map(name))}
    data: Json = {"kind": event.text("kind"), "metadata": meta}
    data |= {name: dict(shown.view(name).data) for name in ("spec", "status") if shown.has(name)}
    key = Key(event.text("kind"), shown.text("namespace"), shown.text("name"))
    revision = int(shown.text("resourceVersion"))
    at = read_number(event, "t")
    if not 0 <= at <= _LONGEST:
        raise ObjectError(event.path("t"), "must be a time within a day")
    return Shown(at, event.text("type"), key, shown.text("uid"), revision, data)


def _read_told(event: View) -> View:
    event.needing("t", "object").view("object").needing("reason", "about", "from")
    read_number(event, "t")
    return event
