"""How objects of one kind are stored: names, scope, and what a write may do.

A strategy is what upstream calls so (`apiserver/pkg/registry/rest`): what is set and dropped
before an object is stored, and which rules it is held to then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planespec.spec.validation.field_errors import Errors

Json = dict[str, Any]
Prepare = Callable[[Json, Json], None]
ValidateChange = Callable[[Json, Json], Errors]


def do_nothing(*_objects: Json) -> None:
    """Leave an object as it is."""


def find_nothing(*_objects: Json) -> Errors:
    """Find no fault."""
    return iter(())


@dataclass(frozen=True)
class Strategy:
    """What is particular to a kind, or to a subresource of it."""

    group: str
    version: str
    kind: str
    plural: str
    is_namespaced: bool = True
    default: Callable[[Json], None] = do_nothing
    """Fills in what a decoded object does not say."""
    prepare_create: Callable[[Json], None] = do_nothing
    validate_create: Callable[[Json], Errors] = find_nothing
    mutate: Prepare = do_nothing
    """What admission makes of the new object, before anything else looks at it."""
    begin_update: Prepare = do_nothing
    """What a resource fills in from outside. Raises ApiError."""
    review: Prepare = do_nothing
    """What admission refuses once the object is valid. Raises ApiError."""
    prepare_update: Prepare = do_nothing
    """Changes the new object by the old one, before anything is checked."""
    validate_update: ValidateChange = find_nothing
    resets: tuple[str, ...] = ("spec",)
    """Of a status: dotted paths of what it does not write, so that nobody owns it by it."""
    is_graceful: bool = False
    """Whether an object that is deleted has time to end, as a pod that runs."""
    returns_deleted: bool = False
    """Whether a deletion answers with the object."""
    allows_unconditional_update: bool = True
    """Whether an update need not say the resource version it was made from."""
    allows_create_on_update: bool = False

    @property
    def resource(self) -> str:
        """The resource with its group, as messages call it: deployments.apps."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """The kind with its group, as messages call it: Deployment.apps."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def api_version(self) -> str:
        """Group and version, as an object says them."""
        return f"{self.group}/{self.version}" if self.group else self.version
