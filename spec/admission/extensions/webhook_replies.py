"""What a webhook answers, and what the API server accepts as an answer.

Sources: `apiserver/pkg/admission/plugin/webhook/request/admissionreview.go`
(VerifyAdmissionResponse), `webhook/errors/statuserror.go` and `webhook/mutating/dispatcher.go`;
v1.36.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from planespec.spec.api.api_errors import ApiError, Cause
from planespec.spec.objects import View

GROUP = "admission.k8s.io"
VERSIONS = ("v1", "v1beta1")
"""Versions of AdmissionReview that the API server speaks."""
JSON_PATCH = "JSONPatch"
_LEAST_ERROR = 400


class CallError(Exception):
    """A webhook could not be asked, or its answer is none: its failure policy decides."""


@dataclass(frozen=True)
class Reply:
    """An answer that was accepted."""

    allowed: bool
    status: View
    """Why it is not allowed: code, reason, message."""
    patch: Sequence[Any] = ()
    """The operations of a JSON patch."""
    warnings: Sequence[str] = ()
    patch_type: str = JSON_PATCH


def choose_version(webhook: View) -> str:
    """Return the version in which a webhook is asked: its first that is known.

    Raises CallError where it has none.
    """
    for version in webhook.texts("admissionReviewVersions"):
        if version in VERSIONS:
            return version
    words = "webhook does not accept known AdmissionReview versions (v1, v1beta1)"
    raise CallError(f"could not create admission objects: {words}")


def read_reply(review: View, uid: str, version: str, *, is_mutating: bool) -> Reply:
    """Accept an AdmissionReview as answer to the request of this uid. Raises CallError.

    Its `patch` is taken as JSON, not as the text in base64 that carries it.
    """
    try:
        return _read(review, uid, version, is_mutating)
    except _InvalidError as error:
        raise CallError(f"received invalid webhook response: {error}") from error


class _InvalidError(ValueError):
    """An answer breaks a rule."""


def _read(review: View, uid: str, version: str, is_mutating: bool) -> Reply:
    if not review.has("response"):
        raise _InvalidError("webhook response was absent")
    response = review.view("response")
    if version == "v1":
        _check_identity(review, response, uid)
        _check_patch(response, is_mutating)
    patch = response.data.get("patch") if is_mutating else None
    if patch is not None and not isinstance(patch, list):
        kind = "object" if isinstance(patch, dict) else "string"
        words = f"json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch"
        raise CallError(f"received undecodable patch in webhook response: {words}")
    # The older version did not ask for the type of a patch.
    patch_type = response.text("patchType") if version == "v1" else JSON_PATCH
    return Reply(
        response.flag("allowed"),
        response.view("status"),
        patch or (),
        response.texts("warnings"),
        patch_type,
    )


def _check_identity(review: View, response: View, uid: str) -> None:
    told = response.text("uid")
    if told != uid:
        raise _InvalidError(f'expected response.uid="{uid}", got "{told}"')
    wanted = f"{GROUP}/v1, Kind=AdmissionReview"
    found = f"{review.text('apiVersion')}, Kind={review.text('kind')}"
    if found != wanted:
        raise _InvalidError(f"expected webhook response of {wanted}, got {found}")


def _check_patch(response: View, is_mutating: bool) -> None:
    has_patch, has_type = response.has("patch"), response.has("patchType")
    if not is_mutating:
        for name in ("patch", "patchType"):
            if response.has(name):
                raise _InvalidError(f"validating webhook may not return response.{name}")
    elif has_patch and not has_type:
        raise _InvalidError("webhook returned response.patch but not response.patchType")
    elif has_type and not has_patch:
        raise _InvalidError("webhook returned response.patchType but not response.patch")
    elif has_type and not response.text("patchType"):
        raise _InvalidError('webhook returned invalid response.patchType of ""')


# How a request ends by it.


def refuse_denied(webhook: str, status: View) -> ApiError:
    """Return the refusal of a webhook that does not allow; no code below 400 stands."""
    code = status.integer("code") or 0
    reason, message = status.text("reason"), status.text("message")
    why = message or reason
    said = f'admission webhook "{webhook}" denied the request'
    told = f"{said}: {why}" if why else f"{said} without explanation"
    return ApiError(max(code, _LEAST_ERROR), reason or None, told)


def fail_internally(message: str) -> ApiError:
    """Return the answer to an error that is nobody's refusal. Source: NewInternalError."""
    words = f"Internal error occurred: {message}"
    return ApiError(500, "InternalError", words, [Cause("", message, None)])


def refuse_unasked(webhook: str, error: CallError) -> ApiError:
    """Return the answer where a webhook that fails closed could not be asked."""
    return fail_internally(f'failed calling webhook "{webhook}": {error}')
