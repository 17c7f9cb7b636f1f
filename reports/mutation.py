"""Breaks a model in every way it names and asks every requirement whether it notices."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from planespec.checker.budget import Options
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.ir.system import Mutant
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import SYMBOLIC, check
from planespec.reports.text.verdicts import DEADLOCK, NOT_APPLICABLE


class Fate(StrEnum):
    """What became of a mutant under one requirement, or under all of them."""

    KILLED = "killed"
    ERROR = "model error"
    SURVIVED = "survived"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = NOT_APPLICABLE
    NOT_RUN = "not run"
    """Its end is known and takes long, so that nothing was asked."""


_BEST = (Fate.KILLED, Fate.UNKNOWN, Fate.SURVIVED, Fate.NOT_APPLICABLE)


def fate_of(engine: str, verdict: Verdict, kind: ViolationKind | None) -> Fate:
    """What an answer about a mutant says of it; `kind` is that of the violation, if there is one.

    The symbolic engine looks at behaviours of a few steps, which shows nothing about a mutant
    that survives them.
    """
    if kind is not None:
        return Fate.ERROR if kind is ViolationKind.ERROR else Fate.KILLED
    decided = verdict is not Verdict.UNKNOWN and engine != SYMBOLIC
    return Fate.SURVIVED if decided else Fate.UNKNOWN


def fate_over(fates: Iterable[Fate]) -> Fate:
    """Killed when any requirement notices; survived when each was asked to the end."""
    found = set(fates)
    if found & {Fate.KILLED, Fate.ERROR}:
        return Fate.KILLED
    return Fate.SURVIVED if found == {Fate.SURVIVED} else Fate.UNKNOWN


class Ended(Protocol):
    """What is known of a mutant under one requirement, however it is kept."""

    @property
    def fate(self) -> Fate:
        """What became of it."""

    @property
    def steps(self) -> int | None:
        """Steps of the shortest counterexample; None without one."""


def mark(end: Ended | None) -> str:
    """An end in a table: steps, `error`, `?` for undecided, `-` for unnoticed, or not asked."""
    if end is None:
        return ""
    if end.fate is Fate.KILLED:
        return str(end.steps)
    return {Fate.ERROR: "error", Fate.UNKNOWN: "?"}.get(end.fate, "-")


@dataclass(frozen=True, slots=True)
class Cell:
    """Fate of a mutant under a requirement, and the steps of the shortest trace that tells."""

    fate: Fate
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """An instance in which mutants are tried; `make` gives it with a mutant switched on.

    `name` is that of the model's own naming, empty where it names none. `expect` raises where the
    model itself is broken there, so that its mutants would mean nothing.
    """

    name: str
    make: Callable[[str | None], Instance]
    expect: Callable[[], None] = lambda: None


E = TypeVar("E", bound=Ended)


@dataclass(frozen=True, slots=True)
class Row(Generic[E]):
    """A mutant and its end under each column that was asked about.

    `reason` says why it breaks nothing with these constants; it is asked about under no column.
    `trial` is the one that this is of.
    """

    mutant: Mutant
    trial: Trial
    ends: Mapping[str, E]
    reason: str = ""

    @property
    def fate(self) -> Fate:
        """What its ends come to."""
        if self.reason:
            return Fate.NOT_APPLICABLE
        return fate_over(end.fate for end in self.ends.values())


def try_mutant(
    mutant: Mutant, trials: Sequence[Trial], ask: Callable[[Trial, Instance], Mapping[str, E]]
) -> Row[E]:
    """The row of the first trial that kills a mutant.

    Else of the first that leaves it undecided, or alive, or in which it breaks nothing.
    """
    rows: list[Row[E]] = []
    for trial in trials:
        rows.append(_row(mutant, trial, ask))
        if rows[-1].fate is Fate.KILLED:
            break
    return min(rows, key=lambda row: _BEST.index(row.fate))


def _row(
    mutant: Mutant, trial: Trial, ask: Callable[[Trial, Instance], Mapping[str, E]]
) -> Row[E]:
    idle = trial.make(None).idle_mutants.get(mutant.name)
    if idle is not None:
        return Row(mutant, trial, {}, idle.reason)
    trial.expect()
    return Row(mutant, trial, ask(trial, trial.make(mutant.name)))


def columns_of(instance: Instance) -> tuple[str, ...]:
    """The requirements, on states and steps, then promises; deadlock freedom where claimed."""
    kinds = (JUDGED, LIVENESS)
    ids = tuple(claim.id for kind in kinds for claim in instance.claims(*kind))
    return (*ids, DEADLOCK) if instance.check_deadlock else ids


def kill_matrix(
    trials: Sequence[Trial],
    engine: str,
    options: Options,
    on_start: Callable[[str, str], None] = lambda mutant, column: None,
) -> Iterator[Row[Cell]]:
    """One row for each mutant, asked about under every column."""

    def ask(trial: Trial, broken: Instance) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        for column in columns_of(broken):
            on_start(str(broken.mutant), column)
            cells[column] = _asked(broken, engine, _asking(options, column))
        return cells

    for mutant in trials[0].make(None).mutants:
        yield try_mutant(mutant, trials, ask)


def _asked(instance: Instance, engine: str, options: Options) -> Cell:
    """The fate under one column; the symbolic engine knows nothing of promises."""
    promises = {claim.id for claim in instance.claims(*LIVENESS)}
    if engine == SYMBOLIC and promises & set(options.requirements or ()):
        return Cell(Fate.UNKNOWN)
    return cell_of(check(instance, engine, options))


def _asking(options: Options, column: str) -> Options:
    if column == DEADLOCK:
        return replace(options, requirements=(), check_deadlock=True)
    return replace(options, requirements=(column,), check_deadlock=False)


def cell_of(outcome: Outcome) -> Cell:
    """What an outcome says of its mutant; raises KeyboardInterrupt where that ended the search."""
    if outcome.interrupted:
        raise KeyboardInterrupt
    violation = outcome.violation
    if violation is None:
        return Cell(fate_of(outcome.engine, outcome.verdict, None))
    fate = fate_of(outcome.engine, outcome.verdict, violation.kind)
    return Cell(fate, len(violation.trace.steps))


def idle_columns(rows: list[Row[Cell]]) -> list[str]:
    """Requirements that no mutant dies for: nothing shows that they can fail."""
    killing = {c for row in rows for c, cell in row.ends.items() if cell.fate is Fate.KILLED}
    return [column for column in asked_columns(rows) if column not in killing]


def asked_columns(rows: list[Row[Cell]]) -> list[str]:
    """What any mutant was asked about, in order."""
    return list(dict.fromkeys(column for row in rows for column in row.ends))
