"""What an audit says: which requirement is violated, by which objects, with which numbers."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Where an object begins in the input; lines count from 1."""

    file: str
    line: int


class Reference(NamedTuple):
    """Which object is meant."""

    kind: str
    namespace: str
    """Empty for cluster-scoped objects."""
    name: str
    place: Place | None = None

    def __str__(self) -> str:
        scope = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {scope}{self.name}"


@dataclass(frozen=True, slots=True)
class AuditRequirement:
    """A requirement on a cluster; `level` is "error", or "warning" for what may be meant so."""

    id: str
    statement: str
    source: str
    level: str = "error"

    def violated(
        self, *objects: Reference, message: str, field: str = "", **numbers: int | str
    ) -> "Violation":
        """Make a violation of this requirement; the first object is the one to look at."""
        return Violation(self, objects, message, field, numbers)


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation."""

    requirement: AuditRequirement
    objects: tuple[Reference, ...]
    message: str
    """What is wrong, with the numbers."""
    field: str = ""
    """The field at fault, such as `spec.ports[0].name`; empty where it is no single one."""
    numbers: Mapping[str, int | str] = dataclasses.field(default_factory=dict)

    @property
    def place(self) -> Place | None:
        """Where the first object with a known place begins."""
        return next((each.place for each in self.objects if each.place is not None), None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece of the input that could not be read; it was left out."""

    place: Place
    subject: str
    """The object as far as it is known, such as "Pod default/a"; empty where nothing is."""
    field: str
    message: str
