"""Judge of `ssa`: server-side apply by several managers mixed with other writes of one object.

A line is `{"kind": "ssa", "in": {"object": KIND, "ops": [{"method", "contentType", "query", "sub",
"body" or "change"}]}, "out": {"answers": [{"code", "reason", "message", "causes"} or {"code",
"object", "managedFields"}]}}`. Objects are shown in part; managed fields without time, in the
order of managers. A PUT sends the object as it is, with or without its managed fields, and one
change. Upstream goes through the managers of a conflict in the order of a map, so causes of
several managers may come in any order of managers; the message has them sorted. Warnings are not
compared.
Kinds: one for each kind of object with each sort of request.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from planespec.reports.input.lines import at, read_records
from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.apply.managers import read_managers, write_managers
from planespec.spec.api.changes.plain_kinds import CONFIG_MAP
from planespec.spec.api.changes.service_changes import SERVICE
from planespec.spec.api.changes.workload_changes import DEPLOYMENT
from planespec.spec.api.deletion import DeleteOptions
from planespec.spec.api.object_api import ObjectApi, Request
from planespec.spec.objects import View

Json = dict[str, Any]
_STRATEGIES = {each.kind: each for each in (CONFIG_MAP, DEPLOYMENT, SERVICE)}
_SORTS = {
    "application/apply-patch+yaml": "apply",
    "application/json-patch+json": "json patch",
    "application/merge-patch+json": "merge patch",
    "application/strategic-merge-patch+json": "strategic merge patch",
}
_NAMESPACE = "apply"


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each request; InputError for a broken line."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record).needing("in", "out")
            given, answers = line.view("in"), line.view("out").views("answers")
            requests = [each.needing("method") for each in given.views("ops")]
            if len(answers) != len(requests):
                raise ValueError("out.answers: must be one for each of in.ops")
            judged = _Line(given)
        for index, (request, answer) in enumerate(zip(requests, answers, strict=True)):
            with at(path, number):
                yield judged.judge(f"{path}:{number} ops[{index}]", request, answer)


class _Counting:
    """Makes identities and revisions that nobody sees."""

    def __init__(self) -> None:
        self._revision = 0

    def make_uid(self) -> str:
        """Return an identity."""
        return f"uid-{self._revision}"

    def make_suffix(self) -> str:
        """Return the end of a generated name."""
        return "xxxxx"

    def advance(self) -> int:
        """Return the next revision."""
        self._revision += 1
        return self._revision

    def tell_time(self) -> str:
        """Return a time: none is compared."""
        return "2026-01-01T00:00:00Z"


class _Line:
    """One object and what was asked of it."""

    def __init__(self, given: View) -> None:
        kind = given.text("object")
        if kind not in _STRATEGIES:
            raise ValueError(f"in.object: no kind of these recordings: {kind!r}")
        self._kind = kind
        self._api = ObjectApi(_STRATEGIES[kind], _NAMESPACE, _Counting(), load_merge_types())
        self._name = next(
            (
                name
                for each in given.views("ops")
                if isinstance(each.data.get("body"), Mapping)
                and (name := each.view("body").view("metadata").text("name"))
            ),
            "o",
        )

    def judge(self, where: str, request: View, answer: View) -> Comparison:
        """Answer one request, and compare."""
        expected = _read_answer(answer)
        try:
            actual = self._answer(request)
        except ApiError as error:
            actual = _tell(error)
        if _is_same_but_for_order(expected, actual):
            actual["causes"] = expected["causes"]
        sort = _SORTS.get(request.text("contentType"), request.text("method"))
        kind = f"{self._kind}{request.text('sub')} {sort}"
        return compare(kind, where, dict(request.data), expected, actual)

    def _answer(self, request: View) -> Json:
        query = {k: v[0] for k, v in parse_qs(request.text("query").lstrip("?"), True).items()}
        if request.text("method") == "DELETE":
            self._api.registry.delete(self._name, DeleteOptions())
            return {"code": 200}
        if request.text("method") == "PUT":
            asked = Request(query, manager=query.get("fieldManager", ""))
            current = self._api.registry.objects.get(self._name)
            if current is None:
                self._api.registry.get(self._name)
            made, _ = self._api.put(self._name, _change(current or {}, request), asked)
            return _show(self._kind, 200, made)
        scope = request.text("sub").lstrip("/")
        asked = Request(query, query.get("fieldManager", ""), request.text("contentType"), scope)
        made, is_new = self._api.patch(self._name, request.data.get("body"), asked)
        return _show("Scale" if scope else self._kind, 201 if is_new else 200, made)


def _change(current: Json, request: View) -> Json:
    """Return the object that a PUT sends."""
    meta = dict(current["metadata"])
    note, change = request.text("note"), request.text("change")
    if note.endswith("without managedFields"):
        meta.pop("managedFields", None)
    elif note.endswith("with managedFields [{}]"):
        meta["managedFields"] = [{}]
    path, _, value = change.partition("=")
    place, _, key = path.partition(".")
    if place == "labels":
        meta["labels"] = {**(meta.get("labels") or {}), key: value}
        return {**current, "metadata": meta}
    return {**current, "metadata": meta, place: {**(current.get(place) or {}), key: value}}


def _is_same_but_for_order(expected: Json, actual: Json) -> bool:
    """Say whether two answers differ in the order of causes of several managers alone."""
    one, other = expected.get("causes"), actual.get("causes")
    if not one or not other or expected.get("message") != actual.get("message"):
        return False
    names = {each["message"] for each in one}
    return all(
        [each for each in one if each["message"] == name]
        == [each for each in other if each["message"] == name]
        for name in names | {each["message"] for each in other}
    )


def _read_answer(answer: View) -> Json:
    said = {name: value for name, value in answer.data.items() if name != "warnings"}
    for cause in answer.views("causes"):
        cause.needing("message").text("message")
    if answer.has("managedFields"):
        entries = [each.data for each in answer.views("managedFields")]
        said["managedFields"] = sorted(entries, key=_rank)
    return said


def _rank(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("manager", "operation", "apiVersion", "subresource")
    return tuple(str(entry.get(name) or "") for name in names)


def _tell(error: ApiError) -> Json:
    causes = [each._asdict() for each in error.causes]
    said: Json = {"code": error.code, "reason": error.reason, "message": error.message}
    return said | {"causes": causes or None}


def _show(kind: str, code: int, data: Json) -> Json:
    """Return an answer as recordings show it."""
    managers = write_managers(read_managers(data["metadata"].get("managedFields")))
    entries = [
        {
            **{name: each.get(name) for name in ("manager", "operation", "apiVersion")},
            "subresource": each.get("subresource"),
            "fields": each["fieldsV1"],
        }
        for each in managers
    ]
    shown = _PARTS[kind](data)
    return {"code": code, "object": shown, "managedFields": sorted(entries, key=_rank)}


def _pick(data: Json, *names: str) -> Json:
    return {name: data[name] for name in names if data.get(name)}


def _show_meta(data: Json) -> Json:
    return _pick(data["metadata"], "name", "labels", "annotations", "finalizers")


def _show_config_map(data: Json) -> Json:
    head = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": _show_meta(data)}
    return head | _pick(data, "data", "immutable")


def _show_deployment(data: Json) -> Json:
    template = data["spec"]["template"]
    pod = template["spec"]
    containers = [
        _pick(each, "name", "image", "args", "env", "ports")
        for each in pod.get("containers") or ()
    ]
    shown = {
        "metadata": {"labels": template["metadata"].get("labels")},
        "spec": {
            "containers": containers,
            "volumes": pod.get("volumes"),
            "tolerations": pod.get("tolerations"),
        },
    }
    spec = {"replicas": data["spec"]["replicas"], "paused": data["spec"].get("paused")}
    return {
        "kind": "Deployment",
        "metadata": _show_meta(data),
        "spec": {**spec, "template": shown},
    }


def _show_service(data: Json) -> Json:
    spec = data["spec"]
    shown = {"ports": spec.get("ports"), "selector": spec.get("selector"), "type": spec["type"]}
    return {"kind": "Service", "metadata": _show_meta(data), "spec": shown}


def _show_scale(data: Json) -> Json:
    return {"kind": "Scale", "spec": _pick(data["spec"], "replicas")}


_PARTS = {
    "ConfigMap": _show_config_map,
    "Deployment": _show_deployment,
    "Scale": _show_scale,
    "Service": _show_service,
}
