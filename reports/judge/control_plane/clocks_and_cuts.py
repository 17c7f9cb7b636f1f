"""What explanations of writes ask of a scene: who asked for what before, and what could be seen.

Times in a request are those of its component's clock a moment before it came in; `settle` makes
them alike, so that what was written and what should have been can be compared.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_effects import shape
from planespec.reports.judge.control_plane.write_explainers import list_present, why_refused
from planespec.reports.judge.versions.object_versions import (
    Life,
    Version,
    list_cuts,
    order_versions,
)
from planespec.spec.controllers.batch.cron_jobs import read_time, write_time
from planespec.spec.objects.view import View

Json = dict[str, Any]
LONGEST_LAG = 30.0
"""Seconds by which an informer may be behind: a watch that was cut is taken up again by then."""
CLOCKS = 3.0
"""Seconds between a time in a request and its arrival: a request waits for its turn."""
NOW = "now"
"""Stands for a time that is that of the write."""
FORBIDDEN, CONFLICT = 403, 409
_RBAC = "cannot "
"""What is said to a component whose roles the API server has not read yet."""
_LENGTH = len("2026-01-01T00:00:00Z")


def list_of(write: Write, scene: Scene) -> list[Write]:
    """The changes that the same component, under the same name, asked for."""
    known: dict[str, list[Write]] = scene.memory.setdefault("writes by identity", {})
    if not known:
        for each in scene.writes:
            if not each.is_read:
                known.setdefault(each.component + each.identity, []).append(each)
    return known.get(write.component + write.identity, [])


def list_own(write: Write, scene: Scene) -> Iterator[Write]:
    """Those that came in before this one."""
    for each in list_of(write, scene):
        if each is write:
            return
        yield each


def list_in_flight(write: Write, scene: Scene, resource: str) -> Iterator[Write]:
    """Requests for a resource that had come in and had no answer when a write came in."""
    for each in scene.writes:
        if each.received > write.received:
            return
        if each.resource == resource and each.done >= write.received:
            yield each


def find_cuts(
    write: Write, scene: Scene, lives: Iterable[Life], key: str = "", kind: str = ""
) -> list[int]:
    """The cuts that tell these objects apart and whoever wrote may have had, from the least on.

    A key, with the kind, says whose earlier writes bound them.
    """
    least = scene.history.find_settled(write.received - LONGEST_LAG)
    if key:
        least = max(least, scene.get_least(write, key, kind))
    return sorted(list_cuts(order_versions(lives), least, write.received))


def answer(write: Write, scene: Scene, fault: str) -> str:
    """The fault of a write, or of the answer to it; empty where neither has one."""
    if fault or write.is_accepted:
        return fault
    if write.code == FORBIDDEN and _RBAC in write.message:
        return "" if scene.is_starting(write) else "the API server knew the roles"
    if (write.code, write.reason) == (CONFLICT, "Conflict") and _is_other(write, scene):
        return ""
    said = why_refused(write, scene)
    return f"no rule explains the answer {write.code}" if said is None else said


def _is_other(write: Write, scene: Scene) -> bool:
    """Whether what has the name may be another object than the one that was meant."""
    body = View(write.body)
    uid = body.view("preconditions").text("uid") or body.view("metadata").text("uid")
    return bool(uid) and any(each.uid != uid for each in list_present(write, scene))


def get_now(write: Write) -> datetime:
    """When a write came in."""
    return datetime.fromtimestamp(write.received, UTC)


def tell_now(write: Write) -> str:
    """The same as objects write it."""
    return write_time(get_now(write))


def settle(value: Any, write: Write) -> Any:
    """A value with times as of the write named so, and without what is as good as absent."""
    if isinstance(value, dict):
        found = {name: settle(each, write) for name, each in value.items()}
        return {name: each for name, each in found.items() if each not in (None, "", {}, [])}
    if isinstance(value, list):
        return [settle(each, write) for each in value]
    if isinstance(value, str) and is_time(value):
        return NOW if is_as_of(value, write) else value
    return value


def is_time(text: str) -> bool:
    """Whether a text looks like a time of an object."""
    return len(text) == _LENGTH and text[10] == "T" and text[-1] == "Z"


def is_as_of(text: str, write: Write) -> bool:
    """Whether a time in a request is about that of its arrival; one of whole seconds."""
    try:
        moment = read_time(text).timestamp()
    except (ValueError, OverflowError):
        return False
    return write.received - 1 - CLOCKS <= moment <= write.received


def find_foreign_change(write: Write, base: Version, *parts: str) -> str:
    """What a whole update changes beside the parts of an object that it may change.

    A part is `status`, or with a dot `metadata.annotations`.
    """
    said, was = (_leave_out(shape(each), parts) for each in (write.body, base.data))
    names = (name for name in sorted(said.keys() | was.keys()) if said.get(name) != was.get(name))
    return next((f"changes {name}" for name in names), "")


def _leave_out(data: Json, parts: tuple[str, ...]) -> Json:
    found = dict(data)
    for part in parts:
        first, _, second = part.partition(".")
        if not second:
            found.pop(first, None)
        elif first in found:
            found[first] = {name: each for name, each in found[first].items() if name != second}
    return found


def find_status_fault(
    write: Write,
    scene: Scene,
    what: str,
    find_fault: Callable[[Write, Scene, Version], str],
    *parts: str,
) -> str:
    """The fault of an update of a status, held to the version that it was made from.

    `parts` is what it may change, the status where none are given.
    """
    base = scene.find_base(write)
    if base is None:
        return f"was made from no version of the {what}"
    return find_foreign_change(write, base, *(parts or ("status",))) or find_fault(
        write, scene, base
    )
