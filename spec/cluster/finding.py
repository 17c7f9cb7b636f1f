"""What an audit says: which requirement is violated, by which objects, with which numbers."""

from dataclasses import dataclass
from typing import NamedTuple

from planespec.spec.requirement import Breach


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


Violation = Breach[Reference]
"""A requirement on a cluster that is broken; the first object is the one to look at."""


def place_of(violation: Violation) -> Place | None:
    """Where the first object with a known place begins."""
    return next((each.place for each in violation.objects if each.place is not None), None)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece of the input that could not be read; it was left out."""

    place: Place
    subject: str
    """The object as far as it is known, such as "Pod default/a"; empty where nothing is."""
    field: str
    message: str
