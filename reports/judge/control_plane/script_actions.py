"""The actions of a script beside the requests that the API server logged.

An action tells when a request was sent and when its answer came, so the API server was asked in
between. Several threads ask for the same at the same time: a request belongs to the action that
ended first of those that are like it.
"""

from typing import Any

from planespec.reports.judge.control_plane.audited_writes import READS, USER, Write
from planespec.reports.judge.control_plane.created_objects import list_missing
from planespec.reports.judge.control_plane.scene import LAG, Action, Scene
from planespec.reports.judge.versions.api_requests import VERBS, split_path

_LOGGED = {do: verb for do, verb in VERBS.items() if verb not in READS}
"""The verbs of requests that were logged."""
CLOCKS = 0.1
"""Seconds by which the log may be off the script: it is written after the answer."""
Json = dict[str, Any]


def find_action(write: Write, scene: Scene) -> Action | None:
    """The action that a request of the script is; None where no action is left."""
    return _pair(scene).get(write)


def find_lost_action(scene: Scene) -> Action | None:
    """An action with an answer that no request in the log is, if there is one.

    What the API server did when it was killed may be missing there.
    """
    paired = set(map(id, _pair(scene).values()))
    for action in scene.actions:
        is_lost = any(each - LAG <= action.ended <= each + LAG for each in scene.kills)
        is_answered = action.do in _LOGGED and action.code and action.ended <= scene.end
        if is_answered and id(action) not in paired and not is_lost:
            return action
    return None


def _pair(scene: Scene) -> dict[Write, Action]:
    if "actions of writes" not in scene.memory:
        paired: dict[Write, Action] = {}
        left: dict[tuple[str, tuple[str, ...]], list[Action]] = {}
        for action in sorted(scene.actions, key=lambda each: each.ended):
            if action.do in _LOGGED:
                left.setdefault((_LOGGED[action.do], split_path(action.path)), []).append(action)
        for write in sorted(scene.writes, key=lambda each: each.done):
            if write.component != USER:
                continue
            found = left.get((write.verb, _tell_path(write)), [])
            fitting = [each for each in found if _fits(write, each)]
            if fitting:  # one without an answer only where no other is left
                paired[write] = min(fitting, key=lambda each: not each.code)
                found.remove(paired[write])
        scene.memory["actions of writes"] = paired
    known: dict[Write, Action] = scene.memory["actions of writes"]
    return known


def _tell_path(write: Write) -> tuple[str, str, str, str]:
    """What a path that asks so names: resource, namespace, name and subresource."""
    resource, _, part = write.resource.partition("/")
    is_new = write.verb == "create" and not part
    return resource, write.namespace, "" if is_new else write.name, part


def _fits(write: Write, action: Action) -> bool:
    """Whether a request is what an action says, with its answer and at its time."""
    if action.code and action.code != write.code:
        return False
    is_then = action.begun - CLOCKS <= write.received and write.done <= action.ended + CLOCKS
    body = action.data.get("body") or {}
    if not is_then or not isinstance(body, dict) or write.verb == "delete":
        return is_then and isinstance(body, dict)
    if write.verb == "patch":
        return bool(body == write.body)
    return next(list_missing(body, write.body, ""), None) is None
