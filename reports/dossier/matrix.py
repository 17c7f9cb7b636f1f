"""Requirements against models: what is required, where, with which verdict."""

from dataclasses import dataclass, field
from typing import Any

from planespec.reports.dossier.gather import worst

Document = dict[str, Any]


def violations_in(run: Document) -> list[Document]:
    """What is wrong with an instance, each once: engines agree on it."""
    found = (answer["violations"] for answer in run["answers"] if answer["violations"])
    return next(found, [])


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement as one model claims it."""

    dossier: Document
    claim: Document

    @property
    def counterexamples(self) -> list[tuple[str, Document, Document]]:
        """What breaks it: title, constants and violation; of the model itself, then of mutants."""
        own = [
            (self.dossier["model"], run["constants"], violation)
            for run in self.dossier["instances"]
            for violation in violations_in(run)
            if violation["property"] == self.claim["id"]
        ]
        mutants = [
            (f"mutant {mutant['name']}", mutant["constants"], violation)
            for mutant in self.dossier["mutants"]
            if (violation := mutant["requirements"].get(self.claim["id"], {}).get("violation"))
        ]
        # A stable sort: the model's own come first, then the shortest.
        return own + sorted(mutants, key=lambda found: found[2]["steps"])


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement; `key` is its id, or `model: name` for a property that one model has alone."""

    key: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def claim(self) -> Document:
        """The requirement as the first model claims it."""
        return next(iter(self.entries.values())).claim

    @property
    def verdict(self) -> str:
        """The least that is known in any model."""
        return worst([entry.claim["verdict"] for entry in self.entries.values()])


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows are requirements in the order of their ids, columns the models as given."""

    models: list[str]
    rows: list[Row]


def matrix_of(dossiers: list[Document]) -> Matrix:
    """Numbered requirements first, then what models claim for themselves."""
    rows: dict[str, Row] = {}
    for dossier in dossiers:
        for claim in dossier["requirements"]:
            key = f"{dossier['model']}: {claim['id']}" if claim["own"] else claim["id"]
            rows.setdefault(key, Row(key)).entries[dossier["model"]] = Entry(dossier, claim)
    ordered = sorted(rows.values(), key=lambda row: (row.claim["own"], _natural(row.key)))
    return Matrix([dossier["model"] for dossier in dossiers], ordered)


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
    if row.claim["own"]:
        return f"Properties of {next(iter(row.entries))} alone"
    return f"Requirements {head}" if number.isdecimal() else "Requirements"


def _models(matrix: Matrix, rows: list[Row]) -> list[str]:
    return [model for model in matrix.models if any(model in row.entries for row in rows)]


def _natural(key: str) -> tuple[str, int]:
    """RAFT-2 before RAFT-10."""
    head, _, number = key.rpartition("-")
    return (head, int(number)) if number.isdecimal() else (key, 0)
