"""Breaks a model in every way it names and asks every requirement whether it notices."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from planespec.checker.budget import Options
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.ir.system import Mutant
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import SYMBOLIC, check

DEADLOCK = "deadlock"
"""The column of deadlock freedom, for models that claim it."""


class Fate(Enum):
    """What became of a mutant under one requirement."""

    KILLED = "killed"
    ERROR = "model error"
    SURVIVED = "survived"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Cell:
    """Fate of a mutant under a requirement, and the steps of the shortest trace that tells."""

    fate: Fate
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A mutant and its fate under each column.

    `reason` says why it breaks nothing with these constants; it is asked about under no column.
    `instance` names the instance that was asked last, where the model names any.
    """

    mutant: str
    statement: str
    cells: dict[str, Cell]
    reason: str = ""
    instance: str = ""

    @property
    def fate(self) -> Fate:
        """Killed when any requirement notices; unknown when a budget ended the asking."""
        if self.reason:
            return Fate.NOT_APPLICABLE
        fates = {cell.fate for cell in self.cells.values()}
        if fates & {Fate.KILLED, Fate.ERROR}:
            return Fate.KILLED
        return Fate.UNKNOWN if Fate.UNKNOWN in fates else Fate.SURVIVED


def columns_of(instance: Instance) -> tuple[str, ...]:
    """The requirements, on states and steps, then promises; deadlock freedom where claimed."""
    kinds = (JUDGED, LIVENESS)
    ids = tuple(claim.id for kind in kinds for claim in instance.claims(*kind))
    return (*ids, DEADLOCK) if instance.check_deadlock else ids


@dataclass(frozen=True, slots=True)
class Trial:
    """An instance in which mutants are tried; `make` gives it with a mutant switched on.

    `name` is that of the model's own naming, empty where it names none. `expect` raises where the
    model itself is broken there, so that its mutants would mean nothing.
    """

    name: str
    make: Callable[[str | None], Instance]
    expect: Callable[[], None] = lambda: None


def kill_matrix(
    trials: Sequence[Trial],
    engine: str,
    options: Options,
    on_start: Callable[[str, str], None] = lambda mutant, column: None,
) -> Iterator[Row]:
    """One row for each mutant: of the first trial that kills it.

    Else of the first that leaves it undecided, or alive, or in which it breaks nothing.
    """
    order = list(_BEST)
    for mutant in trials[0].make(None).mutants:
        rows: list[Row] = []
        for trial in trials:
            rows.append(_row(mutant, trial, engine, options, on_start))
            if rows[-1].fate is Fate.KILLED:
                break
        yield min(rows, key=lambda row: order.index(row.fate))


_BEST = (Fate.KILLED, Fate.UNKNOWN, Fate.SURVIVED, Fate.NOT_APPLICABLE)


def _row(
    mutant: Mutant,
    trial: Trial,
    engine: str,
    options: Options,
    on_start: Callable[[str, str], None],
) -> Row:
    plain = trial.make(None)
    if mutant.name in plain.idle_mutants:
        reason = plain.idle_mutants[mutant.name].reason
        return Row(mutant.name, mutant.doc, {}, reason, trial.name)
    trial.expect()
    instance = trial.make(mutant.name)
    cells: dict[str, Cell] = {}
    for column in columns_of(instance):
        on_start(mutant.name, column)
        cells[column] = _asked(instance, engine, _asking(options, column))
    return Row(mutant.name, mutant.doc, cells, "", trial.name)


def _asked(instance: Instance, engine: str, options: Options) -> Cell:
    """The fate under one column; the symbolic engine knows nothing of promises."""
    promises = {claim.id for claim in instance.claims(*LIVENESS)}
    if engine == SYMBOLIC and promises & set(options.requirements or ()):
        return Cell(Fate.UNKNOWN)
    return _cell(check(instance, engine, options))


def _asking(options: Options, column: str) -> Options:
    if column == DEADLOCK:
        return replace(options, requirements=(), check_deadlock=True)
    return replace(options, requirements=(column,), check_deadlock=False)


def _cell(outcome: Outcome) -> Cell:
    if outcome.interrupted:
        raise KeyboardInterrupt
    violation = outcome.violation
    if violation is None:
        return Cell(Fate.UNKNOWN if outcome.verdict is Verdict.UNKNOWN else Fate.SURVIVED)
    fate = Fate.ERROR if violation.kind is ViolationKind.ERROR else Fate.KILLED
    return Cell(fate, len(violation.trace.steps))


def idle_columns(rows: list[Row]) -> list[str]:
    """Requirements that no mutant dies for: nothing shows that they can fail."""
    killing = {c for row in rows for c, cell in row.cells.items() if cell.fate is Fate.KILLED}
    return [column for column in asked_columns(rows) if column not in killing]


def asked_columns(rows: list[Row]) -> list[str]:
    """What any mutant was asked about, in order."""
    return list(dict.fromkeys(column for row in rows for column in row.cells))


def matrix_document(rows: list[Row]) -> list[dict[str, object]]:
    """The matrix as JSON data."""
    return [
        {
            "mutant": row.mutant,
            "statement": row.statement,
            "fate": row.fate.value,
            "reason": row.reason,
            "instance": row.instance,
            "requirements": {
                column: {"fate": cell.fate.value, "steps": cell.steps}
                for column, cell in row.cells.items()
            },
        }
        for row in rows
    ]
