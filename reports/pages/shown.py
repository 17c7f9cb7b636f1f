"""What every form of the pages shows: names of files, abbreviations, the matrix."""

import re
from dataclasses import dataclass, field

from planespec.reports.mutation import Fate
from planespec.reports.pages.dossier import (
    ClaimRecord,
    Constants,
    Dossier,
    Ground,
    MutantRecord,
    Run,
    Shown,
    Witness,
)
from planespec.reports.text.verdicts import NOT_APPLICABLE, least_known
from planespec.reports.text.wording import plural, readable_constants

FEW = 6
"""Constants up to which a table names all; of more, those that differ from the defaults."""


def shown_constants(dossier: Dossier, constants: Constants) -> str:
    """What sets an instance apart; empty where the model has no constants."""
    defaults = dossier.constants
    if len(defaults) <= FEW:
        return readable_constants({**defaults, **constants})
    apart = {name: value for name, value in constants.items() if defaults.get(name) != value}
    return readable_constants(apart) or "the defaults"


def shown_instance(dossier: Dossier, run: Run) -> str:
    """The name of an instance, where it has one, and what sets it apart."""
    constants = shown_constants(dossier, run.constants)
    return ": ".join(filter(None, (run.name, constants)))


def shown_bound(dossier: Dossier, evidence: Ground) -> str:
    """The bound of a verdict, its constants abbreviated as everywhere on the page."""
    full = readable_constants(evidence.constants)
    bound = evidence.bound
    if not full or not bound.startswith(full):
        return bound
    return shown_constants(dossier, evidence.constants) + bound[len(full) :]


def not_reached(witness: Witness) -> str:
    """What to say of a reachable property that no instance looked for."""
    under = f": exists only when {witness.when}" if witness.when else ""
    return "" if witness.reached or not under else NOT_APPLICABLE + under


def kills(claim: ClaimRecord) -> int:
    """Mutants that die for a requirement: found in this report, or recorded in the catalogue."""
    return len(claim.killed) + len(claim.recorded)


def mutant_summary(dossier: Dossier) -> str:
    """`39 of 39 mutants killed, 23 of them by the catalogue`; says so when there are none."""
    mutants = dossier.mutants
    if not mutants:
        others = ", ".join(dossier.asked_elsewhere)
        return f"mutants in {others}" if others else "no mutants"
    recorded = sum(mutant.fate is Fate.NOT_RUN for mutant in mutants)
    killed = sum(mutant.fate is Fate.KILLED for mutant in mutants) + recorded
    idle = sum(mutant.fate is Fate.NOT_APPLICABLE for mutant in mutants)
    text = f"{killed} of {plural(len(mutants) - idle, 'mutant')} killed"
    text += f", {recorded} of them as recorded" if recorded else ""
    return f"{text}, {idle} not applicable" if idle else text


def shown_fate(mutant: MutantRecord) -> str:
    """The fate of a mutant, and where it is known from when the report did not ask."""
    known = mutant.known
    if mutant.fate is not Fate.NOT_RUN or known is None:
        return mutant.fate.value
    return f"recorded: {known.requirement} after {plural(known.steps, 'step')}, not run here"


def shown_end(mutant: MutantRecord) -> str:
    """The fate of a mutant whose end stands beside it."""
    return "recorded" if mutant.fate is Fate.NOT_RUN else mutant.fate.value


def is_sparse(dossier: Dossier) -> bool:
    """Whether each mutant was asked about where it is known to die, and nowhere else."""
    return len(dossier.mutants) > 0 and all(mutant.known for mutant in dossier.mutants)


def model_slug(model: str) -> str:
    """A file name for a model: its catalogue name, or a path with dashes for what no name has."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model.replace(".py", "")).strip("-.")


def requirement_slug(key: str) -> str:
    """A file name for a requirement's id, or for `model: name` of a property of one model."""
    return model_slug(key.replace(": ", "."))


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement as one model claims it."""

    dossier: Dossier
    claim: ClaimRecord

    @property
    def counterexamples(self) -> list[tuple[str, Constants, Shown]]:
        """What breaks it: title, constants and violation; of the model itself, then of mutants."""
        own = [
            (self.dossier.model, run.constants, violation)
            for run in self.dossier.instances
            for violation in run.violations
            if violation.property == self.claim.id
        ]
        mutants = [
            (f"mutant {mutant.name}", mutant.constants, end.violation)
            for mutant in self.dossier.mutants
            if (end := mutant.requirements.get(self.claim.id)) and end.violation
        ]
        # A stable sort: the model's own come first, then the shortest.
        return own + sorted(mutants, key=lambda found: found[2].steps)


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement; `key` is its id, or `model: name` for a property that one model has alone."""

    key: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def claim(self) -> ClaimRecord:
        """The requirement as the first model claims it."""
        return next(iter(self.entries.values())).claim

    @property
    def verdict(self) -> str:
        """The least that is known in any model."""
        return least_known(entry.claim.verdict for entry in self.entries.values())


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows are requirements in the order of their ids, columns the models as given."""

    models: list[str]
    rows: list[Row]


def matrix_of(dossiers: list[Dossier]) -> Matrix:
    """Numbered requirements first, then what models claim for themselves."""
    rows: dict[str, Row] = {}
    for dossier in dossiers:
        for claim in dossier.requirements:
            key = f"{dossier.model}: {claim.id}" if claim.own else claim.id
            rows.setdefault(key, Row(key)).entries[dossier.model] = Entry(dossier, claim)
    ordered = sorted(rows.values(), key=lambda row: (row.claim.own, _natural(row.key)))
    return Matrix([dossier.model for dossier in dossiers], ordered)


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one numbering, or of one model, with the models that have an entry there."""

    title: str
    models: list[str]
    rows: list[Row]


def groups_of(matrix: Matrix) -> list[Group]:
    """The matrix in parts a page is wide enough for: RAFT, SCHED, then what has no number."""
    titled: dict[str, list[Row]] = {}
    for row in matrix.rows:
        titled.setdefault(_title(row), []).append(row)
    return [Group(title, _models(matrix, rows), rows) for title, rows in titled.items()]


def _title(row: Row) -> str:
    head, _, number = row.key.rpartition("-")
    if row.claim.own:
        return f"Properties of {next(iter(row.entries))} alone"
    return f"Requirements {head}" if number.isdecimal() else "Requirements"


def _models(matrix: Matrix, rows: list[Row]) -> list[str]:
    return [model for model in matrix.models if any(model in row.entries for row in rows)]


def _natural(key: str) -> tuple[str, int]:
    """RAFT-2 before RAFT-10."""
    head, _, number = key.rpartition("-")
    return (head, int(number)) if number.isdecimal() else (key, 0)
