"""How the API server words a 403.

Source: `apiserver/pkg/endpoints/handlers/responsewriters/errors.go` (`ForbiddenStatusError`) and
`apimachinery/pkg/api/errors/errors.go` (`NewForbidden`), v1.36.
"""

from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.quantity.amount import quote

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def make_forbidden_text(group: str, resource: str, name: str, why: str) -> str:
    """The message of a 403 about an object, a resource (no name) or a path (no resource)."""
    if not resource:
        return f"forbidden: {why}"
    qualified = f"{resource}.{group}" if group else resource
    return (
        f"{qualified} {quote(name)} is forbidden: {why}"
        if name
        else (f"{qualified} is forbidden: {why}")
    )


def describe_refusal(request: Attributes, reason: str = "") -> str:
    """The message of the 403 for a request that no authorizer allows."""
    why = describe_request(request).translate(_MARKUP)
    if reason:
        why = f"{why}: {reason}"
    resource = request.resource if request.is_resource else ""
    return make_forbidden_text(request.group, resource, request.name, why)


def describe_request(request: Attributes) -> str:
    """Who cannot do what, as the message of a 403 says it."""
    who = f"User {quote(request.user.name)} cannot {request.verb}"
    if not request.is_resource:
        return f"{who} path {quote(request.path)}"
    what = f"{who} resource {quote(request.combined_resource)} in API group {quote(request.group)}"
    if request.namespace:
        return f"{what} in the namespace {quote(request.namespace)}"
    return f"{what} at the cluster scope"
