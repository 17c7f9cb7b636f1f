"""Rules for what asks the API server a question: access reviews, token reviews, certificates.

Source: `pkg/apis/authorization/validation/validation.go`,
`pkg/registry/authentication/tokenreview` and `pkg/apis/certificates/validation`, v1.36.
Left out: the certificate request inside its PEM block, and selectors of a review.
"""

import base64
import binascii

from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, invalid, required
from planespec.spec.validation.value_rules import validate_signer_name

_PEM_START = b"-----BEGIN CERTIFICATE REQUEST-----"


def validate_subject_access_review(review: View) -> Errors:
    """Source: ValidateSubjectAccessReview; metadata must be empty but for managed fields."""
    spec = review.view("spec")
    resource, path = (spec.has(f"{name}Attributes") for name in ("resource", "nonResource"))
    if resource and path:
        words = "cannot be specified in combination with resourceAttributes"
        given = dict(spec.view("nonResourceAttributes").data)
        yield invalid("spec.nonResourceAttributes", given, words)
    if not resource and not path:
        words = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        yield invalid("spec.resourceAttributes", None, words)
    if not spec.text("user") and not spec.texts("groups"):
        words = "at least one of user or group must be specified"
        yield invalid("spec.user", "", words)
    meta = dict(review.view("metadata").data)
    if meta.keys() - {"managedFields"}:
        yield invalid("metadata", meta, "must be empty")


def find_token_review_problem(review: View) -> str:
    """Why a TokenReview is a bad request; "" where it is none."""
    if not review.view("spec").text("token"):
        return "token is required for TokenReview in authentication"
    return ""


def validate_certificate_request(request: View) -> Errors:
    """Source: validateCertificateSigningRequest, of the PEM block only its type."""
    spec = request.view("spec")
    try:
        block = base64.b64decode(spec.text("request"), validate=True)
    except binascii.Error:
        block = b""
    if not block.lstrip().startswith(_PEM_START):
        yield invalid("spec.request", None, "PEM block type must be CERTIFICATE REQUEST")
    if not spec.texts("usages"):
        yield required("spec.usages")
    yield from validate_signer_name("spec.signerName", spec.text("signerName"))
