"""The dossier of a model as records: every form of a report is a function from dossiers to files.

A dossier is what `models/NAME.json` of a report holds (docs/json.md has its keys), and for pages
the views of its traces as well. Its records are frozen, and read back from a run folder only
where every field has the type that stands here.
"""

from planespec.checker.outcome import ViolationKind
from planespec.reports.formats.outcome_json import Answer, Broken, Json, Record
from planespec.reports.mutation import Fate
from planespec.reports.pages.holding import HeldTo
from planespec.reports.text.trace_text import Change
from planespec.reports.text.verdicts import DEADLOCK, Wrong, is_settled
from planespec.reports.text.wording import Place

SCHEMA = "planespec/report/1"
INDUCTION = "induction"
"""The engine of answers that are proofs, which count no states."""

Constants = dict[str, Json]


class Part(Record, frozen=True):
    """A part of a value; `fate` is same, gained, lost or changed."""

    text: str
    fate: str


class Cell(Record, frozen=True):
    """A value in parts, and the text it had before."""

    parts: tuple[Part, ...]
    changed: bool
    was: str


class NamedCell(Cell, frozen=True):
    """The value of a variable that stands in no table."""

    name: str


class TabledVariable(Record, frozen=True):
    """A variable with a cell for each key."""

    name: str
    cells: tuple[Cell, ...]


class StateTable(Record, frozen=True):
    """Variables that are maps from the same keys."""

    keys: str
    columns: tuple[str, ...]
    rows: tuple[TabledVariable, ...]


class StateView(Record, frozen=True):
    """A state of a trace, what led to it, and what that changed."""

    label: str
    changes: tuple[Change, ...]
    tables: tuple[StateTable, ...]
    plain: tuple[NamedCell, ...]


class Arrow(Record, frozen=True):
    """A message between lifelines, sent and received in rows; received, lost or pending."""

    source: int
    sent: int
    target: int
    received: int
    label: str
    fate: str


class DiagramRow(Record, frozen=True):
    """The step to a state, on a lifeline, with the messages that it sends and nobody takes."""

    state: int
    line: int
    label: str
    sends: tuple[str, ...]


class Diagram(Record, frozen=True):
    """A message sequence diagram."""

    lifelines: tuple[str, ...]
    rows: tuple[DiagramRow, ...]
    arrows: tuple[Arrow, ...]


class TraceView(Record, frozen=True):
    """A trace ready to be read; `loop` is the state that its last step returns to."""

    states: tuple[StateView, ...]
    loop: int | None
    sequence: Diagram | None


class Shown(Broken, frozen=True, omit_defaults=True):
    """A violation with the length of its trace, and the view of one that begins."""

    steps: int
    view: TraceView | None = None

    @property
    def wrong(self) -> Wrong:
        """The same in words."""
        kind = ViolationKind(self.kind)
        return Wrong(kind, self.property, self.statement, self.message)


Evidence = Answer[Shown]
"""What one engine answers about an instance, or about a mutant."""


class Known(Record, frozen=True):
    """What the catalogue says of an instance."""

    verdict: str
    distinct: int
    generated: int
    depth: int


class Run(Record, frozen=True):
    """An instance, by name or by constants alone; one that was not run has no answers."""

    name: str
    constants: Constants
    answers: tuple[Evidence, ...]
    known: Known | None

    @property
    def recorded(self) -> Known | None:
        """What the catalogue knows to be so, where no engine was asked."""
        known = None if self.answers else self.known
        return known if known is not None and is_settled(known.verdict) else None

    @property
    def violations(self) -> tuple[Shown, ...]:
        """What is wrong with the instance, each once: engines agree on it."""
        return next((answer.violations for answer in self.answers if answer.violations), ())


class End(Record, frozen=True):
    """What became of a mutant under one requirement."""

    fate: Fate
    steps: int | None
    violation: Shown | None


class KnownEnd(Record, frozen=True):
    """What the catalogue says that a mutant dies for."""

    requirement: str
    steps: int
    constants: Constants


class MutantRecord(Record, frozen=True):
    """A mutant, and what became of it under each requirement that was asked."""

    name: str
    statement: str
    issue: str
    at: Place | None
    constants: Constants
    fate: Fate
    reason: str
    known: KnownEnd | None
    also: tuple[KnownEnd, ...]
    requirements: dict[str, End]


class Ground(Record, frozen=True):
    """One verdict on a requirement, with the bound it is given within."""

    constants: Constants
    engine: str
    bound: str
    verdict: str


class Kill(Record, frozen=True):
    """A mutant that dies for a requirement."""

    mutant: str
    steps: int | None


class KnownKill(Record, frozen=True):
    """A mutant that the catalogue knows to die for a requirement."""

    mutant: str
    steps: int
    constants: Constants


class ClaimRecord(Record, frozen=True):
    """A requirement, what is known of it in all instances, and who dies for it."""

    id: str
    name: str
    kind: str
    statement: str
    source: str
    when: str
    own: bool
    levels: tuple[str, ...]
    at: Place | None
    verdict: str
    evidence: tuple[Ground, ...]
    killed: tuple[Kill, ...]
    recorded: tuple[KnownKill, ...]


class Coverage(Record, frozen=True):
    """How often an action was taken in an instance, and how many states it found."""

    constants: Constants
    generated: int
    distinct: int


class ActionRecord(Record, frozen=True):
    """An action, and its numbers in every instance."""

    name: str
    statement: str
    at: Place | None
    fairness: str
    coverage: tuple[Coverage, ...]


class Reached(Record, frozen=True):
    """After how many steps a state is first reached in an instance; None for never."""

    constants: Constants
    steps: int | None


class Witness(Record, frozen=True):
    """A state that must be possible."""

    name: str
    statement: str
    when: str
    at: Place | None
    reached: tuple[Reached, ...]


class GraphNode(Record, frozen=True):
    """A state, its level, and where it is drawn."""

    text: str
    level: int
    x: float
    y: float


class GraphEdge(Record, frozen=True, rename={"source": "from", "target": "to"}):
    """The actions between two states."""

    source: int
    target: int
    actions: tuple[str, ...]


class DrawnGraph(Record, frozen=True):
    """A state graph laid out."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


class Dossier(Record, frozen=True):
    """Everything that a report says of one model."""

    schema: str
    model: str
    statement: str
    doc: str
    file: str
    at: Place | None
    constants: Constants
    deadlock: bool
    held_to: HeldTo | None
    requirements: tuple[ClaimRecord, ...]
    actions: tuple[ActionRecord, ...]
    reachable: tuple[Witness, ...]
    instances: tuple[Run, ...]
    mutants: tuple[MutantRecord, ...]
    asked_elsewhere: dict[str, list[str]]
    graph: DrawnGraph | None

    @property
    def published(self) -> "Dossier":
        """The dossier without what is only there to be drawn: the traces say it all."""
        runs = [run.having(answers=tuple(map(_bare, run.answers))) for run in self.instances]
        mutants = [
            mutant.having(requirements={n: _end(e) for n, e in mutant.requirements.items()})
            for mutant in self.mutants
        ]
        return self.having(instances=tuple(runs), mutants=tuple(mutants))

    @property
    def columns(self) -> list[str]:
        """What the mutants were asked about, in the order of the requirements."""
        asked = {column for mutant in self.mutants for column in mutant.requirements}
        ids = [claim.id for claim in self.requirements]
        return [column for column in (*ids, DEADLOCK) if column in asked]


def _bare(answer: Evidence) -> Evidence:
    broken = tuple(each.having(view=None) for each in answer.violations)
    return answer.having(violation=broken[0] if broken else None, violations=broken)


def _end(end: End) -> End:
    if end.violation is None:
        return end
    return end.having(violation=end.violation.having(view=None))
