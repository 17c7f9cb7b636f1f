"""From an outcome to the exit code that tells it to a program."""

from planespec.checker.exit_codes import ExitCode
from planespec.checker.outcome import Outcome, Verdict, Violation, ViolationKind

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
