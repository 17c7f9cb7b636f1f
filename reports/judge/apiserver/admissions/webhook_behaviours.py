"""What the webhooks of `admission_webhooks` recordings do, and how the API server tells it.

Each is named by its `behaviour`. The texts of failed connections are those of Go's client.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from planespec.spec.admission.extensions.admission_request import AdmissionRequest
from planespec.spec.admission.extensions.webhook_dispatch import Webhook
from planespec.spec.admission.extensions.webhook_replies import (
    GROUP,
    CallError,
    Reply,
    choose_version,
    read_reply,
)
from planespec.spec.objects import ObjectError, View
from planespec.spec.quantity.amount import quote

Json = dict[str, Any]
_UNREACHED = ("down", "wrongca", "noservice")
"""What keeps a call from being made: the webhook does not see it."""
_REDIRECTED = """<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 501</p>
        <p>Message: Unsupported method ('GET').</p>
        <p>Error code explanation: 501 - Server does not support this operation.</p>
    </body>
</html>"""
_NOT_JSON = (
    "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of "
    'type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)
_SCHEME = "k8s.io/apiserver/pkg/util/webhook/client.go:71"
_OTHER_UID = "x"


class BehavingWebhooks:
    """Answers calls as a recorded line says, and keeps them as recordings show them."""

    def __init__(self, behaviours: View, uids: list[str]) -> None:
        """`uids` holds the identity of a call that the recorded answer tells, if it does.

        Which call is not told, so that it is taken for that of each.
        """
        self.behaviours, self.uids = behaviours, uids
        self.calls: list[Json] = []

    def __call__(self, webhook: Webhook, request: AdmissionRequest) -> Reply:
        """Answer as the webhook does. Raises CallError."""
        short = webhook.name.partition(".")[0]
        behaviour = self.behaviours.needing(short).view(short).needing("do")
        does = behaviour.text("do")
        version = choose_version(webhook.view)
        if does not in _UNREACHED:
            self.calls.append(_show_call(short, webhook, request, version))
        _connect(webhook, behaviour)
        uid = self.uids[0] if self.uids else "uid"
        review = _review(behaviour, uid, version)
        is_mutating = short.startswith("m")
        return read_reply(View(review), uid, version, is_mutating=is_mutating)


def _connect(webhook: Webhook, behaviour: View) -> None:
    """Fail where no answer comes that is one of HTTP and JSON. Raises CallError."""
    seconds = webhook.view.integer("timeoutSeconds") or 10
    client = webhook.view.view("clientConfig")
    service = client.view("service")
    host = f"{service.text('name')}.{service.text('namespace')}.svc:443"
    url = client.text("url") or f"https://{host}{service.text('path')}"
    failed = f'failed to call webhook: Post "{url}?timeout={seconds}s"'
    does = behaviour.text("do")
    late = behaviour.data.get("seconds")
    words = {
        "down": f"{failed}: dial tcp {urlsplit(url).netloc}: connect: connection refused",
        "wrongca": f"{failed}: tls: failed to verify certificate: x509: certificate signed by "
        "unknown authority",
        "noservice": f'{failed}: service "{service.text("name")}" not found',
        "http500": _fail_on_server("unknown"),
        "redirect": _fail_on_server(_REDIRECTED),
        "notjson": f"failed to call webhook: {_NOT_JSON}",
    }
    if does in words:
        raise CallError(words[does])
    if does == "slow" and isinstance(late, int | float) and late > seconds:
        raise CallError(f"{failed}: context deadline exceeded")


def _fail_on_server(text: str) -> str:
    return (
        f"failed to call webhook: an error on the server ({quote(text)}) has prevented the "
        "request from succeeding"
    )


def _review(behaviour: View, uid: str, version: str) -> Json:
    """Return the AdmissionReview that comes back. Raises CallError where it is none."""
    does = behaviour.text("do")
    if does == "wrongkind":
        words = f'no kind "Pod" is registered for version "v1" in scheme "{_SCHEME}"'
        raise CallError(f"failed to call webhook: {words}")
    if does == "wrongversion" and version == "v1":
        words = "converting (v1beta1.AdmissionReview) to (v1.AdmissionReview)"
        raise CallError(f"failed to call webhook: {words}: unknown conversion")
    review: Json = {"apiVersion": f"{GROUP}/{version}", "kind": "AdmissionReview"}
    if does == "noresponse":
        return review
    return {**review, "response": {"uid": uid, **_respond(behaviour)}}


def _respond(behaviour: View) -> Json:
    does = behaviour.text("do")
    known: Mapping[str, Json] = {
        "allow": {},
        "slow": {},
        "wrongversion": {},
        "baduid": {"uid": _OTHER_UID},
        "warn": {"warnings": ["careful"]},
        "deny": {"allowed": False, "status": behaviour.data.get("status") or {}},
        "patch": {"patch": behaviour.data.get("patch"), "patchType": "JSONPatch"},
        "nopatchtype": {"patch": []},
        "badpatchtype": {"patch": {}, "patchType": "JSONPatch"},
    }
    if does not in known:
        raise ObjectError(behaviour.path("do"), f"{does!r} is nothing that a webhook does")
    return {"allowed": True, **known[does]}


# A call as the webhook saw it.


def _show_call(short: str, webhook: Webhook, request: AdmissionRequest, version: str) -> Json:
    kind, resource = request.kind.to_json("kind"), request.resource.to_json("resource")
    seconds = webhook.view.integer("timeoutSeconds") or 10
    shown: Json = {
        "webhook": short,
        "operation": request.operation,
        "dryRun": request.dry_run or None,
        "requestKind": _drop_empty(kind),
        "kind": _drop_empty(kind),
        "resource": _drop_empty(resource),
        "requestResource": _drop_empty(resource),
        "subResource": request.subresource or None,
        "name": request.name or None,
        "object": None if request.object is None else show_object(request.object),
        "oldObject": None if request.old is None else show_object(request.old),
        "user": request.username,
        "apiVersion": f"{GROUP}/{version}",
        "query": f"timeout={seconds}s",
    }
    return {name: value for name, value in shown.items() if value is not None}


def _drop_empty(data: Json) -> Json:
    return {name: value for name, value in data.items() if value}


def show_object(data: Json) -> Json:
    """Return what recordings show of an object."""
    view = View(data)
    meta, spec = view.view("metadata"), view.view("spec")
    shown: Json = {"kind": view.text("kind"), "apiVersion": view.text("apiVersion")}
    for name in ("name", "generateName", "labels", "annotations"):
        shown[name] = meta.data.get(name)
    shown["data"] = data.get("data")
    shown["immutable"] = data.get("immutable")
    shown["spec"] = {"replicas": spec.data.get("replicas")} if spec.has("replicas") else None
    shown["finalizers"] = meta.data.get("finalizers")
    return {name: value for name, value in shown.items() if value is not None and value != {}}
