"""A write that NodeRestriction looks at, and how it is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.objects.view import ApiObject
from planespec.spec.quantity.amount import quote


@dataclass(frozen=True, slots=True)
class Write:
    """A request to write; `operation` is CREATE, UPDATE or DELETE.

    `name` is that of the URL, or of the new object.
    """

    user: User
    operation: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    new: ApiObject
    old: ApiObject


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the plugin looks at beside the request."""

    find: Callable[[str, str, str], ApiObject | None]
    """An object by resource, namespace ("" where it has none) and name, as caches have it."""
    allows: Callable[[Attributes], bool]
    """Whether the authorizers of the server allow a request."""
    registering: frozenset[str] = frozenset()
    """Labels that a patched server lets a node create itself with; upstream knows none."""


class NodeRefusedError(ValueError):
    """A write is refused; `code` is 403 or 404 and the message upstream's."""

    def __init__(self, code: int, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


class NodeProblem(ValueError):  # noqa: N818 - becomes the reason of a 403
    """Why a write is forbidden."""


def find_object(
    around: Surroundings, resource: str, kind: str, namespace: str, name: str
) -> ApiObject:
    """The object; raises NodeRefusedError with 404 where there is none."""
    found = around.find(resource, namespace, name)
    if found is None:
        raise NodeRefusedError(404, f"{kind} {quote(name)} not found")
    return found
