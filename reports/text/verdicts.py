"""What answers come to, and the words for what is wrong: every form of a report takes both here.

A verdict is one of `Verdict`, as the text of its value in documents, or NOT_APPLICABLE in its
place. What is wrong has a headline, a reason and sometimes an advice, which text, JUnit, SARIF,
pages and the pytest plugin put together as their forms want it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planespec.checker.errors import ExitCode
from planespec.checker.lang.data.order import show
from planespec.checker.outcome import Outcome, Verdict, Violation, ViolationKind
from planespec.reports.text.wording import Subject

HOLDS, PROVED = Verdict.HOLDS.value, Verdict.PROVED.value
VIOLATED, UNKNOWN = Verdict.VIOLATED.value, Verdict.UNKNOWN.value
NOT_APPLICABLE = "not applicable"
"""In the place of a verdict where the instance leaves the property out."""
DEADLOCK = "deadlock"
"""The name of deadlock freedom among the properties that are judged, and of its violation."""
_STRENGTH = (VIOLATED, UNKNOWN, HOLDS, PROVED, NOT_APPLICABLE)


def least_known(verdicts: Iterable[str]) -> str:
    """What verdicts on several instances come to; Unknown where nothing was asked."""
    return min(verdicts, key=_STRENGTH.index, default=UNKNOWN)


def most_known(verdicts: Iterable[str]) -> str:
    """What verdicts of several engines on one instance come to: a violation, or the strongest.

    Unknown where nothing was asked.
    """
    found = list(verdicts)
    return VIOLATED if VIOLATED in found else max(found, key=_STRENGTH.index, default=UNKNOWN)


def is_settled(verdict: str) -> bool:
    """Whether a verdict says that something is so, within its bound or everywhere."""
    return verdict in (HOLDS, PROVED)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, in words; `given` are the values of parameters that it is broken for."""

    kind: ViolationKind
    id: str
    statement: str
    message: str
    given: str = ""

    @property
    def headline(self) -> str:
        """`Violated RAFT-1`, or what else went wrong."""
        match self.kind:
            case ViolationKind.DEADLOCK:
                return f"{VIOLATED}, deadlock"
            case ViolationKind.ERROR:
                return f"{VIOLATED}, model error"
            case ViolationKind.UNREACHED:
                return f"{VIOLATED}, no reachable state has {self.id}"
        return f"{VIOLATED} {self.id}" + (f" for {self.given}" if self.given else "")

    @property
    def reason(self) -> str:
        """The sentence that is broken, or what went wrong; empty where nothing more is known."""
        if self.kind is ViolationKind.DEADLOCK:
            return "the last state has no successor"
        return self.message if self.kind is ViolationKind.ERROR else self.statement

    @property
    def sentence(self) -> str:
        """Headline and reason in one line."""
        return f"{self.headline}: {self.reason}" if self.reason else self.headline

    @property
    def advice(self) -> str:
        """What to do where it may be meant so."""
        if self.kind is not ViolationKind.DEADLOCK:
            return ""
        return (
            "if this end is intended, say so: @terminal where it is reached, or deadlock = False"
        )

    @property
    def end(self) -> str:
        """What the behaviour ends in where that is no state that breaks a property."""
        return self.kind.value if self.is_error or self.advice else ""

    @property
    def is_error(self) -> bool:
        """Whether the model itself goes wrong, so that nothing else is known of it."""
        return self.kind is ViolationKind.ERROR

    @property
    def has_trace(self) -> bool:
        """Whether a behaviour shows it; that no state has a property is shown by none."""
        return self.kind is not ViolationKind.UNREACHED


def wrong_of(subject: Subject, violation: Violation) -> Wrong:
    """What an engine found, in words."""
    of_promise = violation.kind is ViolationKind.LIVENESS
    values = ((name, show(v)) for name, v in violation.arguments) if of_promise else ()
    return Wrong(
        violation.kind,
        violation.property,
        subject.statement(violation.property),
        violation.message,
        ", ".join(f"{name}={text}" for name, text in values),
    )


# Exit codes.


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
