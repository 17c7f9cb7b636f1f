"""What the handlers of the recorded API servers answer: enough of them for the recorded paths.

An answer that depends on whether an object exists is given for either; `exists` says which.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planespec.reports.judge.apiserver.chain.open_values import UID, VERSION, Open, match_text
from planespec.reports.judge.runner import ABSENT
from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.api.authorization.url_attributes import UrlRequest
from planespec.spec.api.handlers.filter_chain import Handled
from planespec.spec.api.handlers.statuses import (
    TEXT,
    HttpAnswer,
    answer_text,
    refuse_bad_request,
    refuse_existing,
    refuse_missing,
    refuse_route,
)
from planespec.spec.labels import SelectorError, parse_selector
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import parse_int64, quote

PATCHES = {
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
    "application/apply-patch+cbor",
}
"""Media types of a PATCH."""
_KINDS = {
    "configmaps": "ConfigMap",
    "secrets": "Secret",
    "nodes": "Node",
    "namespaces": "Namespace",
    "pods": "Pod",
    "endpoints": "Endpoints",
    "events": "Event",
    "limitranges": "LimitRange",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "persistentvolumes": "PersistentVolume",
    "podtemplates": "PodTemplate",
    "replicationcontrollers": "ReplicationController",
    "resourcequotas": "ResourceQuota",
    "serviceaccounts": "ServiceAccount",
    "services": "Service",
}
_CLUSTER_SCOPED = {"nodes", "namespaces", "persistentvolumes"}
_METHODS = {
    "collection": {"GET", "POST", "DELETE"},
    "object": {"GET", "PUT", "PATCH", "DELETE"},
    "log": {"GET"},
}
_NO_COLLECTION_DELETE = {"namespaces"}

_PAGES: dict[str, tuple[object, str]] = {
    "/api": ({"kind": "APIVersions"}, "application/json"),
    "/apis": ({"kind": "APIGroupList"}, "application/json"),
    "/openapi/v2": (
        {
            "large": True,
            "keys": [
                *("definitions", "info", "parameters", "paths", "security"),
                *("securityDefinitions", "swagger"),
            ],
        },
        "application/json",
    ),
    "/metrics": (
        match_text("metrics", r"# HELP .*"),
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
    ),
    "/debug/pprof/": (
        match_text("a page of profiles", r"<html>\n.*/debug/pprof/.*"),
        "text/html; charset=utf-8",
    ),
}
_HEALTH = ("/healthz", "/livez", "/readyz")
_COMPONENT = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
}
_BUILD = ("gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform")
_TEXT = match_text("a text", r".*")
VERSION_PAGE = {
    **_COMPONENT,
    "gitVersion": match_text("a version", r"v1\.36\.\d+.*"),
    **dict.fromkeys(_BUILD, _TEXT),
}


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request: the JSON value, and its media type."""

    value: object
    media_type: str = "application/json"


def respond(
    request: Attributes, method: str, url: UrlRequest, body: Body, *, exists: bool
) -> Handled:
    """Answer a request that was let through."""
    if not request.is_resource:
        return Handled(_open_page(request.path))
    refusal = _check_route(request, method)
    if refusal is not None:
        return Handled(refusal)
    if request.subresource:
        return Handled(refuse_missing(request))
    if not request.name or request.verb in ("list", "watch"):
        return _use_collection(request, method, url, body, exists=exists)
    return _use_object(request, method, body, exists=exists)


def _open_page(path: str) -> HttpAnswer:
    if path in _HEALTH:
        return HttpAnswer(200, "ok", TEXT, headers={"x-content-type-options": "nosniff"})
    if path == "/version":
        return HttpAnswer(200, VERSION_PAGE)
    if path not in _PAGES:
        return answer_text(404, "404 page not found")
    body, content_type = _PAGES[path]
    return HttpAnswer(200, body, content_type)


def _check_route(request: Attributes, method: str) -> HttpAnswer | None:
    """Refuse paths that name nothing, and methods that a path does not know."""
    if (request.group, request.version) != ("", "v1"):
        return answer_text(404, "404 page not found")
    namespaced = request.resource not in _CLUSTER_SCOPED
    known = request.resource in _KINDS and (
        namespaced or not request.namespace or request.resource == "namespaces"
    )
    if not known or (
        request.subresource and (request.resource, request.subresource) != ("pods", "log")
    ):
        return refuse_route(404)
    form = "log" if request.subresource else "object" if request.name else "collection"
    methods = _METHODS[form]
    if form == "collection" and request.resource in _NO_COLLECTION_DELETE:
        methods = methods - {"DELETE"}
    if form == "collection" and namespaced and not request.namespace:
        methods = {"GET"}
    return None if method in methods else refuse_route(405)


def _use_collection(
    request: Attributes, method: str, url: UrlRequest, body: Body, *, exists: bool
) -> Handled:
    if method == "POST":
        return _create(request, url, body, exists=exists)
    asked = url.query.get("limit", ["0"])[0]
    limit = parse_int64(asked)
    if limit is None:
        problem = f"strconv.ParseInt: parsing {quote(asked)}: invalid syntax"
        return Handled(refuse_bad_request(problem))
    try:
        parse_selector(url.query.get("labelSelector", [""])[0])
    except SelectorError as error:
        return Handled(refuse_bad_request(str(error)))
    kind = _KINDS[request.resource]
    return Handled(HttpAnswer(200, _list(kind, limit)))


def _list(kind: str, limit: int) -> dict[str, object]:
    metadata: dict[str, object] = {"resourceVersion": VERSION}
    if limit:
        metadata["continue"] = Open(
            "a continue token, or nothing", lambda value: value is ABSENT or isinstance(value, str)
        )
        metadata["remainingItemCount"] = Open(
            "a number, or nothing", lambda value: value is ABSENT or isinstance(value, int)
        )
    return {
        "kind": f"{kind}List",
        "apiVersion": "v1",
        "metadata": metadata,
        "items": _count(limit),
    }


def _count(limit: int) -> Open:
    return Open(
        "a number of objects",
        lambda value: isinstance(value, int) and 0 <= value <= (limit or 10**6),
    )


def _create(request: Attributes, url: UrlRequest, body: Body, *, exists: bool) -> Handled:
    value = body.value if isinstance(body.value, dict) else {}
    name = View(value, "in.body").view("metadata").text("name")
    typed = {"kind": _KINDS[request.resource], "apiVersion": "v1", **value}
    if exists and "dryRun" not in url.query:
        return Handled(refuse_existing(request, name), typed, name)
    stored = _store(request, name, value)
    if "dryRun" in url.query:
        stored["metadata"] = {"name": name, "namespace": request.namespace}
    return Handled(HttpAnswer(201, stored), typed, name)


def _store(request: Attributes, name: str, value: Mapping[str, object]) -> dict[str, object]:
    """An object as it is answered when it was written as `value`."""
    stored: dict[str, object] = {
        "kind": _KINDS[request.resource],
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": request.namespace,
            "resourceVersion": VERSION,
        },
    }
    if request.resource == "secrets":
        return {**stored, "data": {"a": "Yg=="}, "type": "Opaque"}
    if "data" in value:
        stored["data"] = value["data"]
    return stored


def _use_object(request: Attributes, method: str, body: Body, *, exists: bool) -> Handled:
    handlers: dict[str, Callable[[], Handled]] = {
        "GET": lambda: Handled(_get(request, exists=exists)),
        "DELETE": lambda: Handled(_delete(request, exists=exists)),
        "PUT": lambda: _replace(request, body, exists=exists),
        "PATCH": lambda: _patch(request, body, exists=exists),
    }
    return handlers[method]()


_NODE_INFO = (
    *("machineID", "systemUUID", "bootID", "kernelVersion", "osImage"),
    *("containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion"),
    *("operatingSystem", "architecture"),
)
_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def _get(request: Attributes, *, exists: bool) -> HttpAnswer:
    if not exists:
        return refuse_missing(request)
    if request.resource == "namespaces":
        body: dict[str, object] = _describe(request, request.name)
        body["spec"] = {"finalizers": ["kubernetes"]}
        body["status"] = {"phase": "Active"}
    elif request.resource == "nodes":
        body = _describe(request, request.name)
        body["spec"] = {"taints": [_NOT_READY]}
        body["status"] = {
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
            "nodeInfo": dict.fromkeys(_NODE_INFO, ""),
        }
    else:
        body = _store(request, request.name, {"data": _is_config(None)})
    return HttpAnswer(200, body)


def _describe(request: Attributes, name: str) -> dict[str, object]:
    metadata = {"name": name, "resourceVersion": VERSION}
    return {"kind": _KINDS[request.resource], "apiVersion": "v1", "metadata": metadata}


def _is_config(patched: Mapping[str, object] | None) -> Open:
    """What a ConfigMap can hold by what the recorder writes, with these values for certain."""

    def allows(value: object) -> bool:
        if not isinstance(value, dict) or value.get("a") not in ("b", "c"):
            return False
        if not value.keys() <= {"a", "z"} or value.get("z", "1") != "1":
            return False
        return all(value.get(key) == each for key, each in (patched or {}).items())

    return Open("the data of a ConfigMap", allows)


def _delete(request: Attributes, *, exists: bool) -> HttpAnswer:
    if not exists:
        return refuse_missing(request)
    details = {"name": request.name, "kind": request.resource, "uid": UID}
    status: dict[str, object] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
    return HttpAnswer(200, status, status=status)


def _replace(request: Attributes, body: Body, *, exists: bool) -> Handled:
    value = body.value if isinstance(body.value, dict) else {}
    wanted = _KINDS[request.resource]
    kind = value.get("kind", wanted)
    if kind != wanted:
        why = f"converting (v1.{kind}) to (core.{wanted}): unknown conversion"
        problem = f'{kind} in version "v1" cannot be handled as a {wanted}: {why}'
        return Handled(refuse_bad_request(problem))
    typed = {"kind": kind, "apiVersion": "v1", **value}
    name = str(value.get("metadata", {}).get("name", ""))
    if not name:
        why = f"the name of the object ({request.name} based on URL) was undeterminable"
        return Handled(refuse_bad_request(f"{why}: name must be provided"), typed)
    if name != request.name:
        why = f"the name of the object ({name}) does not match the name on the URL"
        return Handled(refuse_bad_request(f"{why} ({request.name})"), typed)
    if not exists:
        return Handled(refuse_missing(request), typed)
    return Handled(HttpAnswer(200, _store(request, name, value)), typed)


def _patch(request: Attributes, body: Body, *, exists: bool) -> Handled:
    if body.media_type not in PATCHES:
        return Handled(refuse_route(415, "415: Unsupported Media Type"))
    if not exists:
        return Handled(refuse_missing(request), body.value)
    data = body.value.get("data") if isinstance(body.value, dict) else None
    patched = data if isinstance(data, dict) else {}
    stored = _store(request, request.name, {"data": _is_config(patched)})
    return Handled(HttpAnswer(200, stored), body.value)
