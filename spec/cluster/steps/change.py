"""One event of a watch: an object before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.requirement import Requirement


@dataclass(frozen=True)
class Change:
    """One event: `before` is what the watch showed last, None for an object not known."""

    type: str
    """ADDED, MODIFIED, DELETED, or INITIAL for an object of a list."""
    reference: Reference
    before: "State | None"
    after: "State"

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.reference.kind

    def violates(
        self, requirement: Requirement, message: str, field: str = "", **numbers: int | str
    ) -> Violation:
        """Make a violation by this step; the event before it is named too.

        A step lies between two events, and either of them may be the wrong one.
        """
        before = () if self.before is None else (self.before.reference,)
        objects = (self.reference, *before)
        return requirement.violated(*objects, message=message, field=field, **numbers)


class State:
    """An object at one moment, read when asked for."""

    def __init__(self, data: object, reference: Reference) -> None:
        """Keep plain JSON and where it stands; raises ObjectError unless it is an object."""
        self.view, self.reference = View(data), reference
        self.meta = ObjectMeta(self.view.data.get("metadata"), "metadata")

    @cached_property
    def spec(self) -> View:
        """`spec`."""
        return self.view.view("spec")

    @cached_property
    def status(self) -> View:
        """`status`."""
        return self.view.view("status")

    @cached_property
    def revision(self) -> int | None:
        """The resourceVersion as a number, None where there is none."""
        return read_revision(self.meta, "resourceVersion")

    @property
    def is_terminal(self) -> bool:
        """Whether it is a pod that has ended."""
        return self.status.text("phase") in ("Succeeded", "Failed")


def read_revision(meta: View, name: str) -> int | None:
    """Read a resourceVersion; ObjectError where it is no decimal number.

    Since KEP-5504 resource versions of the API server are ordered numbers.
    """
    text = meta.text(name)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise ObjectError(meta.path(name), f"must be a decimal number, not {text[:40]!r}")
    return int(text)


def get_condition(status: View, type_: str) -> Mapping[str, object] | None:
    """Return a condition of a status by its type."""
    for condition in status.views("conditions"):
        if condition.text("type") == type_:
            return condition.data
    return None
