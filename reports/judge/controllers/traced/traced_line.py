"""Reading a live scenario: what a script asked for, what watches showed, what controllers wrote.

Watches show of an object what the recorder kept: its metadata without what servers fill in, and
for some kinds spec and status. Audit events show of an update what its controller decides. Times
are seconds from the start of the scenario.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any
from urllib.parse import parse_qs, urlsplit

from planespec.reports.judge.controllers.traced.recorded_shapes import (
    check_body,
    check_meta,
    check_parts,
)
from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.versions.api_requests import VERBS, ApiRequest, split_path
from planespec.reports.judge.versions.object_versions import TYPES, Key, Version
from planespec.spec.objects.object_store import CLUSTER_SCOPED
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.objects.view import ObjectError, View

Json = dict[str, Any]
SCRIPT = "script"
"""Stands for who acts in a scenario: its writes are given, not explained."""
_SHOWN_META = ("name", "namespace", "uid", "resourceVersion", "deletionTimestamp", "finalizers")
_LONGEST = 86400.0
"""Seconds that a scenario takes at the most."""
_MAPS = ("labels", "annotations")


@dataclass(slots=True, eq=False, kw_only=True)
class Request(ApiRequest):
    """A request that somebody sent, and its answer; the component is a controller, or SCRIPT."""

    answer: View

    def concerns(self, key: Key) -> bool:
        """Whether it may be about an object."""
        if (self.kind, self.namespace) != (key.kind, key.namespace):
            return False
        return self.name == key.name or not self.name

    def __str__(self) -> str:
        """Say who asked for what, and when."""
        what = f"{self.subresource} of " if self.subresource else ""
        name = str(Key(self.kind, self.namespace, self.name or "(some)"))
        asked = f"{self.component}: {self.verb} {what}{name} at {self.received:g}"
        return f"{asked}, answered {self.code}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A line."""

    duration: float
    requests: list[Request]
    """Of the script and of controllers, by when they were sent."""
    versions: list[Version]
    """By revision; their objects are as the watches showed them."""
    told: list[View]
    """The events of kind Event."""


def read_scenario(line: View) -> Scenario:
    """Read a line; raises ObjectError."""
    line.needing("scenario", "duration", "actions", "events", "controllerWrites")
    asked = [_read_action(each) for each in line.views("actions")]
    written = [_read_write(each) for each in line.views("controllerWrites")]
    events = line.views("events")
    versions = [_read_version(each) for each in events if each.text("kind") != "Event"]
    requests = sorted([*asked, *_bound(written)], key=lambda request: request.received)
    duration = read_number(line, "duration")
    if any(not 0 <= each.received <= _LONGEST for each in requests) or duration > _LONGEST:
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
    for each in sorted(written, key=lambda request: request.received, reverse=True):
        what = (each.key, each.namespace, each.name)
        yield replace(each, done=later.get(what, inf))
        later[what] = each.received


def _read_action(action: View) -> Request:
    action.needing("t", "tDone", "do", "path", "code")
    if action.text("do") not in VERBS:
        raise ObjectError(action.path("do"), f"must be one of {', '.join(VERBS)}")
    path = action.text("path")
    resource, namespace, name, subresource = split_path(path)
    if resource not in KINDS:
        raise ObjectError(action.path("path"), f"leads to no resource: {path.partition('?')[0]}")
    body = action.data.get("body")
    check_body(body, action.path("body"))
    return Request(
        component=SCRIPT,
        verb=VERBS[action.text("do")],
        resource=f"{resource}/{subresource}" if subresource else resource,
        namespace=namespace,
        name=name or _read_new_name(body),
        revision=_read_base(body),
        received=read_number(action, "t"),
        done=read_number(action, "tDone"),
        code=action.needed_integer("code"),
        body=body,
        query=parse_qs(urlsplit(path).query),
        answer=action.view("answer"),
    )


def _read_new_name(body: object) -> str:
    """The name that a new object is to have; empty where the server makes one."""
    return View(body).view("metadata").text("name")


def _read_base(body: object) -> int | None:
    """The revision of the version that a request says it was made from."""
    view = View(body if isinstance(body, dict) else {})
    said = view.view("metadata").text("resourceVersion")
    said = said or view.view("preconditions").text("resourceVersion")
    return int(said) if said.isascii() and said.isdecimal() else None


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
    part = write.text("subresource")
    return Request(
        component=write.text("user").rpartition(":")[2],
        verb=write.text("verb"),
        resource=write.text("resource") + (f"/{part}" if part else ""),
        namespace="" if kind in CLUSTER_SCOPED else write.text("namespace"),
        name=name,
        revision=_read_base(body),
        received=read_number(write, "t"),
        done=inf,
        code=write.needed_integer("code"),
        body=body,
        query={},
        answer=View({}),
    )


def _read_version(event: View) -> Version:
    event.needing("t", "kind", "type", "object")
    if event.text("type") not in TYPES:
        raise ObjectError(event.path("type"), f"must be one of {', '.join(TYPES)}")
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
    uid = shown.text("uid")
    return Version(key, uid, event.text("type"), revision, data, told=at, until=at)


def _read_told(event: View) -> View:
    event.needing("t", "object").view("object").needing("reason", "about", "from")
    read_number(event, "t")
    return event
