"""What a report says about the model that was checked, and the exit code of a verdict."""

from dataclasses import dataclass

from planespec.checker.errors import ExitCode
from planespec.checker.instance import Instance
from planespec.checker.lang.presence import existence
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import Outcome, Verdict, Violation, ViolationKind


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance of a model under the name the user gave it.

    `target` is what `check` and `replay` accept as MODEL: a catalogue name or `file.py:Class`.
    """

    target: str
    instance: Instance
    check_deadlock: bool = True

    def claim(self, id_: str) -> Claim | None:
        """The property with an id, if the model has it."""
        return next((c for c in self.instance.requirements if c.id == id_), None)

    @property
    def not_applicable(self) -> dict[str, str]:
        """What the instance leaves out, with the reason: properties under a false condition."""
        return {id_: existence(c.when) for id_, c in self.instance.not_applicable.items()}

    def statement(self, id_: str) -> str:
        """The sentence a property stands for, or nothing when it has none."""
        claim = self.claim(id_)
        return claim.statement if claim else ""


_CODES = {
    ViolationKind.SAFETY: ExitCode.SAFETY,
    ViolationKind.STEP: ExitCode.SAFETY,
    ViolationKind.DEADLOCK: ExitCode.DEADLOCK,
    ViolationKind.LIVENESS: ExitCode.LIVENESS,
    ViolationKind.UNREACHED: ExitCode.ASSUMPTION,
    ViolationKind.ERROR: ExitCode.EVALUATION,
}
_WORST = (
    ExitCode.EVALUATION,
    ExitCode.SAFETY,
    ExitCode.DEADLOCK,
    ExitCode.LIVENESS,
    ExitCode.ASSUMPTION,
)
"""What several violations come to: a model that goes wrong spoils all that is said of it."""


def exit_code_of(outcome: Outcome) -> ExitCode:
    """0 only for Holds and Proved; an interrupted search is 130 unless it found a violation.

    Several violations give the code of the worst.
    """
    if outcome.violations:
        return min(map(exit_code_of_violation, outcome.violations), key=_WORST.index)
    if outcome.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.UNKNOWN if outcome.verdict is Verdict.UNKNOWN else ExitCode.HOLDS


def exit_code_of_violation(violation: Violation) -> ExitCode:
    """TLC's code for what went wrong."""
    return _CODES[violation.kind]
