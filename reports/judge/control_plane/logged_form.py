"""Whether one request agrees with itself in an audit log: its parts tell the same thing twice.

The API server fills the reference to an object from the URL and then from the body
(`apiserver/pkg/audit/request.go`), so that names, uids and revisions there are the same. It writes
a body that it has decoded with the kind and the version that it is of. A patch stays as it was.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from planespec.reports.judge.control_plane.kind_types import KINDS as JUDGED
from planespec.reports.judge.versions.api_requests import split_path
from planespec.reports.judge.versions.object_versions import get_api_version
from planespec.spec.api.api_errors import OPTIMISTIC_LOCK
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.objects.view import View

STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")
OPTIONS, OPTIONS_VERSIONS = "DeleteOptions", ("meta.k8s.io/__internal", "meta.k8s.io/v1", "v1")
_PARTS = {"binding": ("v1", "Binding"), "eviction": ("policy/v1", "Eviction")}
_DONE = {"create": (201,), "update": (200, 201), "patch": (200,), "delete": (200, 202)}
"""Codes of what is done; a patch that is applied makes what is not there, with 201."""
_CODES = {
    "AlreadyExists": 409,
    "Conflict": 409,
    "Forbidden": 403,
    "Invalid": 422,
    "NotFound": 404,
    "Timeout": 504,
    "TooManyRequests": 429,
}
"""The codes of the reasons that name one (`metav1.StatusReason`)."""


def find_form_fault(audit: View) -> str:
    """What two parts of an event of an audit log say differently; empty where they agree."""
    return next(_list_faults(audit), "")


def _list_faults(audit: View) -> Iterator[str]:
    about, verb = audit.view("objectRef"), audit.text("verb")
    if audit.has("stage") and audit.text("stage") not in STAGES:
        yield f"no stage is called {audit.text('stage')}"
    if audit.has("uri") and not _is_path_of(about, verb, audit.text("uri")):
        yield "its URL names another object"
    yield from _list_faults_of_body(about, verb, audit.view("requestObject"))
    yield from _list_faults_of_answer(about, audit.view("responseStatus"))
    code, is_apply = audit.view("responseStatus").integer("code") or 0, False
    if verb == "patch":
        is_apply = audit.view("requestObject").has("apiVersion")
    if 200 <= code < 300 and code not in _DONE.get(verb, (code,)) and not is_apply:
        yield f"{code} is no answer to {verb}"


def _is_path_of(about: View, verb: str, uri: str) -> bool:
    resource, part = about.text("resource"), about.text("subresource")
    name = "" if verb == "create" and not part else about.text("name")
    wanted = (resource, about.text("namespace"), name, part)
    return split_path(urlsplit(uri).path) == wanted


def _list_faults_of_body(about: View, verb: str, body: View) -> Iterator[str]:
    """Why a body is not of the object that a request is about, or not of its kind."""
    if not body.data:
        return
    if verb != "patch":
        told = (body.text("apiVersion"), body.text("kind"))
        if not _is_typed(told, about, verb):
            yield f"its body is {' '.join(each for each in told if each) or 'of no kind'}"
    meta = body.view("metadata")
    is_whole = verb in ("create", "update")
    for name in ("name", "namespace", "uid", "resourceVersion"):
        said, known = meta.text(name), about.text(name)
        is_needed = is_whole and name != "namespace"
        if known != said and (is_needed or (said and known)):
            yield f"its body has another {name}"


def _is_typed(told: tuple[str, str], about: View, verb: str) -> bool:
    kind, part = KINDS.get(about.text("resource"), ""), about.text("subresource")
    if verb == "delete":
        return told[1] == OPTIONS and told[0] in (*OPTIONS_VERSIONS, get_api_version(kind))
    if kind not in JUDGED or part not in ("", "status", *_PARTS):
        return True
    return told == _PARTS.get(part, (get_api_version(kind), kind))


def _list_faults_of_answer(about: View, answer: View) -> Iterator[str]:
    """Why an answer is not to that request."""
    code, details = answer.integer("code") or 0, answer.view("details")
    wanted = "Success" if code < 400 else "Failure"
    if answer.has("status") and answer.text("status") != wanted:
        yield f"its answer {code} is called {answer.text('status')}"
    if _CODES.get(answer.text("reason"), code) != code:
        yield f"its answer {code} has the reason {answer.text('reason')}"
    if _is_about_another(about, answer):
        return
    resource, part = about.text("resource"), about.text("subresource")
    kinds = ("", resource, f"{resource}/{part}", KINDS.get(resource, ""))
    names = ("", about.text("name") or details.text("name"))
    group = GROUPS.get(KINDS.get(resource, ""), details.text("group"))
    groups = ("", group) if part in _PARTS else (group,)
    is_about = details.text("kind") in kinds and details.text("name") in names
    if not _is_worded(about, answer):
        yield f"its answer is not worded as {answer.text('reason')} is"
    if not is_about or (details.text("kind") and details.text("group") not in groups):
        yield "its answer is about another object"


def _is_about_another(about: View, answer: View) -> bool:
    """Whether admission found the namespace gone, or the quota taken by somebody in between.

    Source: `plugin/pkg/admission/namespace/lifecycle`, `plugin/pkg/admission/resourcequota`.
    """
    details, reason = answer.view("details"), answer.text("reason")
    if reason == "NotFound" and details.text("kind") == "namespaces":
        return details.text("name") == about.text("namespace")
    return reason == "Conflict" and details.text("kind") == "resourcequotas"


def _is_worded(about: View, answer: View) -> bool:
    """Whether a message names the object in the words of its reason, as far as these are fixed.

    Source: `apimachinery/pkg/api/errors` (NewConflict, NewNotFound, NewAlreadyExists,
    NewApplyConflict) and `apiserver/pkg/registry/generic/registry/store.go`
    (OptimisticLockErrorMsg).
    """
    message, name = answer.text("message"), about.text("name")
    words = _WORDS.get(answer.text("reason"))
    is_apply = message.startswith(APPLY_FAILED) and answer.text("reason") == "Conflict"
    if words is None or not message or not name or is_apply:
        return True
    begin, end = (each.replace("NAME", name) for each in words)
    is_worded = message.startswith(begin) and end in message
    if answer.text("reason") != "Conflict":
        return is_worded and message.endswith(end)
    return is_worded and (OPTIMISTIC_LOCK[:28] not in message or message.endswith(OPTIMISTIC_LOCK))


APPLY_FAILED = "Apply failed with "
_WORDS = {
    "AlreadyExists": ("", '"NAME" already exists'),
    "Conflict": ("Operation cannot be fulfilled on ", '"NAME": '),
    "NotFound": ("", '"NAME" not found'),
}
