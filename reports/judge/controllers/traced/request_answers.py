"""Whether each request got the answer that fits a state in which it may have been answered.

An accepted one made the versions that it leads to, or would have changed nothing; a refused one
met a state in which the server refuses it so.
"""

from typing import Any

from planespec.reports.judge.controllers.traced.request_effects import CHANGES, follow
from planespec.reports.judge.controllers.traced.traced_line import SCRIPT, Request
from planespec.reports.judge.controllers.traced.traced_views import Moments, find_span
from planespec.reports.judge.versions.api_requests import read_options
from planespec.reports.judge.versions.object_versions import History, Key, Version
from planespec.spec.api.api_errors import (
    ApiError,
    already_exists,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.quantity import QuantityError, read_quantity

Json = dict[str, Any]
UNWATCHED = ("StorageClass", "CSINode")
"""Kinds whose objects no watch shows."""


def explain_answer(request: Request, moments: Moments) -> str:
    """Why an answer is not explained; empty where it is."""
    if not request.is_accepted:
        return _explain_refusal(request, moments)
    if request.answer.has("reason"):
        return f"it was accepted and told {request.answer.text('reason')}"
    if request.verb == "get":
        return "nobody reads what is there"
    if request.kind in UNWATCHED:
        return ""
    made = request.made
    if request.verb == "deletecollection":
        return _explain_collection(request, made, moments)
    if not made and not any(_is_idle(request, each) for each in moments.list_met(request)):
        return "it was accepted and shows nowhere"
    return _explain_told(request, made, moments)


def _is_idle(request: Request, version: Version) -> bool:
    """Whether a request changes nothing of a version, though it may be done."""
    if request.verb == "create" or request.is_stale(str(version.revision)):
        return False
    if request.verb == "delete" and _refuse_deletion(request, version) is not None:
        return False
    return not follow(request, version.data, version)


def _explain_collection(request: Request, made: list[Version], moments: Moments) -> str:
    """What was there all the while was hit, or was being deleted."""
    hit = {version.key for version in made}
    begun, ended = find_span(request, lag=0)
    history = moments.history
    first = _list_of(request, history, history.find_settled(begun))
    last = {each.uid for each in _list_of(request, history, history.find_latest(ended))}
    for version in first:
        if version.key not in hit and version.uid in last and not _is_idle(request, version):
            return f"{version.key} was left out"
    return ""


def _list_of(request: Request, history: History, cut: int) -> list[Version]:
    alive = history.list_at(request.kind, cut)
    return [each for each in alive if each.key.namespace == request.namespace]


def _explain_told(request: Request, made: list[Version], moments: Moments) -> str:
    """Whether the answer shows the object as it was left."""
    answer = request.answer
    if request.component != SCRIPT or not answer.has("resourceVersion"):
        return ""
    shown = made or moments.list_met(request)
    if made and made[0].is_gone and made[0].before is not None:
        shown = [*made, made[0].before]  # an answer shows the version before the end
    if not any(_is_told(answer, each) for each in shown):
        return "its answer shows a version that never was"
    return ""


def _is_told(answer: View, shown: Version) -> bool:
    if answer.text("name") != shown.name or answer.text("uid") != shown.uid:
        return False
    if answer.text("resourceVersion") != str(shown.revision):
        return False
    return not answer.has("deletionTimestamp") or (
        answer.text("deletionTimestamp") == shown.meta.get("deletionTimestamp")
    )


# Refusals.


def _explain_refusal(request: Request, moments: Moments) -> str:
    met: list[Version | None] = [*moments.list_met(request)]
    met += [None] if moments.may_miss(request) else []
    if any(_is_refused(request, each, moments) for each in met):
        return ""
    return f"nothing explains the refusal {request.code}"


def _is_refused(request: Request, version: Version | None, moments: Moments) -> bool:
    try:
        error = _find_error(request, version, moments)
    except (ObjectError, QuantityError, ApiError, AttributeError, TypeError):
        return False
    if error is None or error.code != request.code:
        return False
    told = request.answer.text("message")
    return not told or told == error.message or error.code in (409, 422, 403)


def _find_error(request: Request, version: Version | None, moments: Moments) -> ApiError | None:
    """The error that a request meets in a state; None where it is accepted."""
    resource = _name_resource(request.kind)
    if request.verb == "create":
        return _refuse_new(request, version, moments)
    if request.verb == "delete" and (refused := _refuse_deletion(request, version)) is not None:
        return refused
    if version is None:
        return not_found(resource, request.name)
    if request.is_stale(str(version.revision)) or _is_raced(request, version, moments):
        return conflict(resource, request.name, "")
    if request.kind == "PersistentVolumeClaim" and request.verb == "patch":
        return _refuse_resize(request, version.data)
    return None


def _refuse_deletion(request: Request, version: Version | None) -> ApiError | None:
    """The error of options that make no sense, or that mean another object."""
    try:
        options = read_options(request)
        if version is not None:
            options.check(request.kind, version.data)
    except ApiError as error:
        return error
    return None


def _name_resource(kind: str) -> str:
    group = GROUPS.get(kind, "")
    return f"{plural_of(kind)}.{group}" if group else plural_of(kind)


def _refuse_new(request: Request, version: Version | None, moments: Moments) -> ApiError | None:
    if version is not None:
        return already_exists(_name_resource(request.kind), request.name)
    met = moments.list_met(request, Key("Namespace", "", request.namespace))
    is_ending = any(each.meta.get("deletionTimestamp") for each in met)
    return forbidden(_name_resource(request.kind), request.name, "") if is_ending else None


def _is_raced(request: Request, version: Version, moments: Moments) -> bool:
    """Whether an update whose version was not recorded may have come after another one."""
    if request.component == SCRIPT or request.verb != "update":
        return False
    if View(request.body).view("metadata").has("resourceVersion"):
        return False
    seen = moments.list_before(request)
    return any(_revision_at(version, moments, each) != version.revision for each in seen)


def _revision_at(version: Version, moments: Moments, revision: int) -> int:
    found = moments.history.get(version.key, revision)
    return version.revision if found is None else found.revision


def _refuse_resize(request: Request, claim: Json) -> ApiError | None:
    """Whether a claim may ask for another size: only more, when bound, if its class lets it grow.

    No class of these recordings does. Source: `pkg/apis/core/validation/validation.go`
    (ValidatePersistentVolumeClaimUpdate), `plugin/pkg/admission/storage/persistentvolume/resize`.
    """
    made = CHANGES["patch"](request, claim)
    wanted, had = (read_quantity(_get_size(each)) for each in (made, claim))
    if wanted.compare(had) == 0:
        return None
    is_bound = (claim.get("status") or {}).get("phase") == "Bound"
    if not is_bound or wanted.compare(had) < 0:
        return invalid("PersistentVolumeClaim", request.name, [])
    return forbidden("persistentvolumeclaims", request.name, "")


def _get_size(claim: Json) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])
