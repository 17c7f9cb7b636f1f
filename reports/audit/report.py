"""What one audit found, and the exit code that tells it."""

from collections import Counter
from dataclasses import dataclass, field

from planespec.checker.exit_codes import ExitCode
from planespec.spec.cluster.finding import Malformed, Reference, Violation, place_of


@dataclass
class Report:
    """Findings in the order in which they were made."""

    violations: list[Violation] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """How many objects of each kind, or lines of each sort, were read."""
    exceptions: dict[str, list[Reference]] = field(default_factory=dict)
    """Facts of Kubernetes that look like violations and are none, and the objects they tell of."""
    unjudged: list[str] = field(default_factory=list)
    """What could not be judged because the input does not say enough."""

    @property
    def exit_code(self) -> ExitCode:
        """12 with violations, else 150 where something could not be read, else 0.

        An audit that found a violation has done its work, so that is what the code says; what
        could not be read is still printed.
        """
        if self.violations:
            return ExitCode.SAFETY
        return ExitCode.PARSE if self.malformed else ExitCode.HOLDS

    @property
    def total(self) -> int:
        """How many objects or lines were read."""
        return sum(self.counts.values())

    def sort(self) -> None:
        """Bring violations and malformed pieces into the order of the input."""
        self.violations.sort(key=_order)
        self.malformed.sort(key=lambda each: (each.place.file, each.place.line, each.field))


def _order(violation: Violation) -> tuple[str, int, str, str]:
    place = place_of(violation)
    file, line = ("", 0) if place is None else (place.file, place.line)
    return file, line, violation.requirement.id, violation.message
