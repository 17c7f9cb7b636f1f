"""The actions of a script beside the requests that the API server logged.

An action tells when a request was sent and when its answer came, so the API server was asked in
between. Several threads ask for the same at the same time: a request belongs to the action that
ended first of those that are like it.
"""

from collections import Counter
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import READS, USER, Write
from planespec.reports.judge.control_plane.created_objects import list_missing
from planespec.reports.judge.control_plane.scene import LAG, Action, Scene
from planespec.reports.judge.control_plane.write_explainers import list_present
from planespec.reports.judge.versions.api_requests import VERBS, split_path
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.objects.view import View

_LOGGED = {do: verb for do, verb in VERBS.items() if verb not in READS}
"""The verbs of requests that were logged."""
CLOCKS = 0.1
"""Seconds by which the log may be off the script: it is written after the answer."""
TYPED = ("apiVersion", "kind")
SLOWEST = 5.0
"""Seconds after which a script has an answer that the API server has given."""
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


def find_disorder(scene: Scene) -> str:
    """What action is not where it stands: all are in order, a thread waits for its answers."""
    last, ended = 0.0, dict[str, float]()
    for action in scene.actions:
        thread = str(action.data.get("thread") or "")
        if action.begun < max(last, ended.get(thread, 0.0)) or action.ended < action.begun:
            return f"{action.do} {action.path} was not at that time"
        last, ended[thread] = action.begun, action.ended
    return ""


def find_wrong_answer(scene: Scene) -> str:
    """What action had another answer than the one that its request was given, if there is one.

    Once the makers of versions are known.
    """
    for write, action in _pair(scene).items():
        fault = _find_answer_fault(write, View(action.data).view("answer"), scene)
        if action.code and fault:
            return f"{action.do} {action.path} {fault}"
    return ""


def _find_answer_fault(write: Write, answer: View, scene: Scene) -> str:
    status = "Success" if write.is_accepted else "Failure"
    for name, told in (
        ("reason", write.reason),
        ("message", write.message),
        ("status", status),
    ):
        if answer.has(name) and told and answer.text(name) != told:
            return f"has another {name} in its answer"
    details, known = answer.view("details"), _list_known(write, scene)
    names = {each.name for each in known} | {write.name} - {""}
    if any(each.text("name") not in {"", *names} for each in (answer, details)):
        return "was answered with another name"
    if not write.is_accepted or write.kind not in scene.history.kinds:
        return ""
    if any(each.text("uid") not in {"", *(e.uid for e in known)} for each in (answer, details)):
        return "was answered with another uid"
    revisions = {"", *(str(each.revision) for each in known)}
    is_known = answer.text("resourceVersion") in revisions
    return "" if is_known else "was answered with another version"


def _list_known(write: Write, scene: Scene) -> list[Version]:
    """The versions that an answer may tell of: an object that goes is told as it was."""
    if not write.made:
        return list_present(write, scene)
    return write.made + [each.before for each in write.made if each.is_gone and each.before]


def _pair(scene: Scene) -> dict[Write, Action]:
    if "actions of writes" not in scene.memory:
        paired: dict[Write, Action] = {}
        user = _find_user(scene)
        left: dict[tuple[str, tuple[str, ...]], list[Action]] = {}
        for action in sorted(scene.actions, key=lambda each: each.ended):
            if action.do in _LOGGED:
                left.setdefault((_LOGGED[action.do], split_path(action.path)), []).append(action)
        for write in sorted(scene.writes, key=lambda each: each.done):
            if write.component != USER or write.identity != user:
                continue
            found = left.get((write.verb, _tell_path(write)), [])
            fitting = [each for each in found if _fits(write, each)]
            if fitting:  # one without an answer only where no other is left
                paired[write] = min(fitting, key=lambda each: not each.code)
                found.remove(paired[write])
        scene.memory["actions of writes"] = paired
    known: dict[Write, Action] = scene.memory["actions of writes"]
    return known


def _find_user(scene: Scene) -> str:
    """The name under which a script asks, which is one: that of most of its requests."""
    names = Counter(each.identity for each in scene.writes if each.component == USER)
    return max(names, key=lambda each: names[each], default="")


def _tell_path(write: Write) -> tuple[str, str, str, str]:
    """What a path that asks so names: resource, namespace, name and subresource."""
    resource, _, part = write.resource.partition("/")
    is_new = write.verb == "create" and not part
    return resource, write.namespace, "" if is_new else write.name, part


def _fits(write: Write, action: Action) -> bool:
    """Whether a request is what an action says, with its answer and at its time."""
    if action.code and action.code != write.code:
        return False
    is_begun = action.begun - CLOCKS <= write.received
    is_then = is_begun and write.done - CLOCKS <= action.ended <= write.done + SLOWEST
    body = action.data.get("body") or {}
    if not is_then or not isinstance(body, dict) or write.verb == "delete":
        return is_then and isinstance(body, dict)
    if write.verb == "patch":
        return bool(body == write.body)
    is_typed = all(body.get(name, write.body.get(name)) == write.body.get(name) for name in TYPED)
    return is_typed and next(list_missing(body, write.body, ""), None) is None
