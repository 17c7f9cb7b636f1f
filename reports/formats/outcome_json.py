"""The answer to `check` as records: what `--json` prints, `--save` writes and reports are made of.

The same search gives the same text, byte for byte, on every machine and with any number of
workers, but for the record under `timing`. Values have their ITF form. The fields of a record are
the keys of its object, in this order; docs/json.md says what they mean.
"""

from typing import Any, Generic, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from planespec.checker.outcome import Outcome, Statistics, Trace, Violation
from planespec.reports.formats.itf_values import encode, encode_plain
from planespec.reports.text.verdicts import (
    DEADLOCK,
    HOLDS,
    NOT_APPLICABLE,
    UNKNOWN,
    VIOLATED,
    exit_code_of,
)
from planespec.reports.text.wording import Place, Subject, constants_as_json, portable_place

SCHEMA = "planespec/check/1"
"""Changes only when a key changes its meaning or goes away."""

Json = Any
"""A value of a state, an argument or a constant, which has the type that its model gives it."""


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """One object of a document; what has other keys, or values of other types, is none."""

    def having(self, **fields: object) -> Self:
        """The same but for some fields."""
        return replace(self, **fields)


class Move(Record, frozen=True):
    """A step of a behaviour."""

    action: str
    arguments: dict[str, Json]


class Behaviour(Record, frozen=True):
    """States as objects by variable, and between them the steps; state k follows step k."""

    variables: tuple[str, ...]
    states: tuple[dict[str, Json], ...]
    steps: tuple[Move, ...]
    loop: int | None


class Broken(Record, frozen=True):
    """What went wrong, with the trace that leads there."""

    kind: str
    property: str
    statement: str
    message: str
    at: Place | None
    action: str
    arguments: dict[str, Json]
    trace: Behaviour


class Judged(Record, frozen=True):
    """A requirement, with what is known of it alone."""

    id: str
    name: str
    kind: str
    statement: str
    source: str
    verdict: str


class Count(Record, frozen=True):
    """How often an action was taken, and how many states it found."""

    generated: int
    distinct: int


class Numbers(Record, frozen=True):
    """The numbers of a search; see `Statistics`."""

    generated: int
    distinct: int
    left: int
    depth: int
    levels: tuple[int, ...]
    actions: dict[str, Count]
    never_enabled: tuple[str, ...]
    unchanged: tuple[str, ...]
    cut: dict[str, int]
    bits_per_state: int
    collision_probability: float


class Timing(Record, frozen=True):
    """What differs from run to run."""

    workers: int
    search_seconds: float
    compile_seconds: float
    bytes_per_state: float


class Proved(Record, frozen=True):
    """What induction proved: over how many states in a row, and with which helpers."""

    id: str
    k: int
    helpers: tuple[str, ...]


B = TypeVar("B", bound=Broken)


class Answer(Record, Generic[B], frozen=True, omit_defaults=True):
    """Everything that one engine says of an instance; `B` is what it tells of what is broken."""

    schema: str
    model: str
    constants: dict[str, Json]
    mutant: str | None
    deadlock_checked: bool
    verdict: str
    bound: str
    reason: str
    interrupted: bool
    exit_code: int
    engine: str
    symmetry: tuple[str, ...]
    requirements: tuple[Judged, ...]
    reached: dict[str, int | None]
    not_applicable: dict[str, str]
    violation: B | None
    violations: tuple[B, ...]
    complete: bool
    statistics: Numbers
    timing: Timing | None = None
    proofs: tuple[Proved, ...] = ()

    def verdict_on(self, id_: str) -> str | None:
        """What is known of one property, or of `deadlock`; None where it was not asked about."""
        if id_ in self.not_applicable:
            return NOT_APPLICABLE
        if self.violation_of(id_) is not None:
            return VIOLATED
        if id_ == DEADLOCK and self.deadlock_checked:
            return HOLDS if self.complete else UNKNOWN
        if id_ in self.reached:
            return HOLDS if self.reached[id_] is not None else UNKNOWN
        found = (claim.verdict for claim in self.requirements if claim.id == id_)
        return next(found, None)

    def violation_of(self, id_: str) -> B | None:
        """The counterexample to one property, or to `deadlock`."""
        return next((broken for broken in self.violations if broken.property == id_), None)


def outcome_document(subject: Subject, outcome: Outcome) -> Answer[Broken]:
    """The outcome as `check` tells it, with its times."""
    broken = tuple(broken_document(subject, each) for each in outcome.violations)
    return answer_document(subject, outcome, broken, _timing(outcome))


def answer_document(
    subject: Subject,
    outcome: Outcome,
    broken: tuple[B, ...],
    timing: Timing | None = None,
    proofs: tuple[Proved, ...] = (),
) -> Answer[B]:
    """The outcome with its violations as they are told elsewhere."""
    return Answer(
        schema=SCHEMA,
        model=subject.target,
        constants=constants_as_json(subject.instance.constants),
        mutant=subject.instance.mutant,
        deadlock_checked=subject.check_deadlock,
        verdict=outcome.verdict.value,
        bound=outcome.bound,
        reason=outcome.reason,
        interrupted=outcome.interrupted,
        exit_code=int(exit_code_of(outcome)),
        engine=outcome.engine,
        symmetry=outcome.symmetry,
        requirements=tuple(_claim(subject, outcome, id_) for id_ in outcome.requirements),
        reached=outcome.reached,
        not_applicable=subject.not_applicable,
        violation=broken[0] if broken else None,
        violations=broken,
        complete=outcome.complete,
        statistics=_search_numbers(outcome.statistics),
        timing=timing,
        proofs=proofs,
    )


def _claim(subject: Subject, outcome: Outcome, id_: str) -> Judged:
    claim = subject.claim(id_)
    assert claim is not None, f"an engine judged {id_}, which the model does not claim"
    kind, verdict = claim.kind.name.lower(), outcome.verdict_on(id_).value
    return Judged(id_, claim.name, kind, claim.statement, claim.source, verdict)


def broken_document(subject: Subject, violation: Violation) -> Broken:
    """What went wrong, as `check` tells it."""
    return Broken(
        kind=violation.kind.value,
        property=violation.property,
        statement=subject.statement(violation.property),
        message=violation.message,
        at=portable_place(violation.at),
        action=violation.action,
        arguments=_arguments(violation.arguments),
        trace=trace_document(subject, violation.trace),
    )


def violation_document(subject: Subject, violation: Violation | None) -> Broken | None:
    """What went wrong; None for nothing."""
    return None if violation is None else broken_document(subject, violation)


def trace_document(subject: Subject, trace: Trace) -> Behaviour:
    """A behaviour; one that never begins has no state."""
    types = subject.instance.types
    named = [zip(trace.variables, state, strict=True) for state in trace.states if state]
    return Behaviour(
        trace.variables,
        tuple({name: encode(types[name], value) for name, value in state} for state in named),
        tuple(Move(step.action, _arguments(step.arguments)) for step in trace.steps),
        trace.loop,
    )


def _arguments(arguments: tuple[tuple[str, Any], ...]) -> dict[str, Json]:
    return {name: encode_plain(value) for name, value in arguments}


def _search_numbers(numbers: Statistics) -> Numbers:
    return Numbers(
        generated=numbers.generated,
        distinct=numbers.distinct,
        left=numbers.left,
        depth=numbers.depth,
        levels=numbers.levels,
        actions={n: Count(c.generated, c.distinct) for n, c in numbers.actions.items()},
        never_enabled=numbers.never_enabled,
        unchanged=numbers.unchanged,
        cut=numbers.cut,
        bits_per_state=numbers.bits_per_state,
        collision_probability=numbers.collision_probability,
    )


def _timing(outcome: Outcome) -> Timing:
    numbers = outcome.statistics
    return Timing(
        outcome.workers,
        round(numbers.search_seconds, 6),
        round(numbers.compile_seconds, 6),
        round(numbers.bytes_per_state, 3),
    )
