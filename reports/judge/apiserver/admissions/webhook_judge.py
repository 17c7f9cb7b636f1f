"""Judge of `admission_webhooks` recordings: requests to a server with webhooks and policies.

A line is `{"in": {"namespaceLabels", "objectsBefore", "configurations", "policies",
"behaviour"}, "out": {"requests": [{"method", "path", "body", "code", "calls", "warnings",
"object" or "message", "reason", "causes"}]}}`. Requests are counted by method. Of a call that
is answered with a wrong uid the uid is taken from the recorded message. Validating webhooks are
asked at once: their calls agree in any order, and where several refuse, or several policies do,
each refusal agrees.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planespec.reports.judge.apiserver.admissions.hooked_server import HookedServer, Outcome, Way
from planespec.reports.judge.runner import Comparison, UndecidedError, compare, judge_lines
from planespec.spec.admission.extensions.match_conditions import UnsupportedExpressionError
from planespec.spec.api.api_errors import Cause
from planespec.spec.objects import View

Json = dict[str, Any]
_UID = re.compile(r'expected response\.uid="([0-9a-f-]{36})"')
_SHOWN = ("name", "generateName", "labels", "annotations", "data", "immutable", "spec")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each request; InputError where a line is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("in", "out")
    server = HookedServer(line.view("in").needing("configurations", "policies", "behaviour"))
    for request in line.view("out").views("requests"):
        request.needing("method", "path", "code", "calls")
        server.webhooks.uids = _UID.findall(request.text("message"))[:1]
        try:
            outcome = server.answer(request)
        except UnsupportedExpressionError as error:
            raise UndecidedError(f"{where}: {error}") from error
        given = {name: request.data.get(name) for name in ("method", "path", "body")}
        expected = {name: each for name, each in request.data.items() if name not in given}
        actual = _choose(outcome, expected)
        yield compare(request.text("method"), where, given, expected, actual)


def _choose(outcome: Outcome, expected: Json) -> Json:
    """Return the possible answer that was given, or the first."""
    recorded, calls = expected.get("calls"), outcome.calls
    if isinstance(recorded, list) and _is_reordered(calls, recorded, outcome.in_order):
        calls = recorded
    ways = outcome.ways or [Way(None, tuple(outcome.warnings))]
    answers = [{**_write(outcome, way), "calls": calls} for way in ways]
    return next((each for each in answers if each == expected), answers[0])


def _is_reordered(calls: list[Json], recorded: list[Json], in_order: int) -> bool:
    """Say whether two lists differ only in the order of calls that are made at once."""
    if calls[:in_order] != recorded[:in_order] or len(calls) != len(recorded):
        return False
    left = recorded[in_order:]
    return all(left.count(each) == calls[in_order:].count(each) for each in left)


def _write(outcome: Outcome, way: Way) -> Json:
    warnings = [f'299 - "{_escape(each)}"' for each in way.warnings] or None
    refusal = way.refusal
    if refusal is None:
        return {"code": outcome.code, "warnings": warnings, "object": _show(outcome.object)}
    return {
        "code": refusal.code,
        "warnings": warnings,
        "message": refusal.message,
        "reason": refusal.reason,
        "causes": [_show_cause(each) for each in refusal.causes] or None,
    }


def _show_cause(cause: Cause) -> Json:
    said = {"reason": cause.reason, "message": cause.message, "field": cause.field}
    return {name: value for name, value in said.items() if value}


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _show(data: Json) -> Json:
    """Return an answered object as recordings have it, with null for what it lacks."""
    view = View(data)
    meta, spec = view.view("metadata"), view.view("spec")
    replicas = {"replicas": spec.data["replicas"]} if spec.has("replicas") else None
    held = {**data, **meta.data, "spec": replicas}
    shown: Json = {"kind": data.get("kind"), "apiVersion": data.get("apiVersion")}
    shown |= {name: held.get(name) or None for name in _SHOWN}
    shown |= {"finalizers": meta.data.get("finalizers")}
    return {**shown, "deleted": meta.has("deletionTimestamp")}
