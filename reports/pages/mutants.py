"""What became of every mutant of a model, and which requirement noticed it how soon."""

from dataclasses import dataclass, field
from typing import Any

from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.ir.system import Mutant
from planespec.checker.lang import Model
from planespec.checker.lang.locations import declared_at
from planespec.reports.input.catalogue import Entry, Killed, catalogue, load_model
from planespec.reports.mutation import DEADLOCK, columns_of
from planespec.reports.pages.answers import NOT_APPLICABLE, Answers, engine_for
from planespec.reports.text.wording import constant_as_json, constants_as_texts, place_document

Document = dict[str, Any]
NOT_RUN = "not run"
"""The fate of a mutant whose end the catalogue knows and that takes long: `known` has it."""


def mutant_documents(
    model: type[Model],
    entry: Entry,
    tried: list[Instance],
    answers: Answers,
    violated: set[str],
) -> list[Document]:
    """One object for each mutant that is not asked about elsewhere.

    A mutant the catalogue names is asked about where it is known to die, for the requirement it
    dies for; every other one about every requirement, in the instances `tried` until one kills it.
    What the model violates by itself is not asked: a mutant would not die of being a mutant.
    """
    first = tried[0]
    known: dict[str, list[Killed]] = {}
    for killed in entry.mutants:
        known.setdefault(killed.name, []).append(killed)
    every = dict.fromkeys(column for one in tried for column in columns_of(one))
    columns = tuple(column for column in every if column not in violated)
    left_out = {name for names in asked_elsewhere(model, entry, first).values() for name in names}
    return [
        _document(model, tried, mark, known.get(mark.name, []), columns, answers)
        for mark in first.mutants
        if mark.name not in left_out
    ]


def asked_elsewhere(model: type[Model], entry: Entry, first: Instance) -> dict[str, list[str]]:
    """The mutants whose end the catalogue knows in a related model, by the name of that one.

    A variant that extends a model, to state a promise or to fit a proof, has its mutants as well:
    to ask each about every requirement once more would show nothing new.
    """
    left = {mark.name for mark in first.mutants} - {killed.name for killed in entry.mutants}
    found: dict[str, list[str]] = {}
    for other in catalogue().values():
        names = list(dict.fromkeys(k.name for k in other.mutants if k.name in left))
        if names and other.name != entry.name and _related(model, load_model(other.name)):
            found[other.name] = names
            left -= set(names)
    return found


def _related(model: type[Model], other: type[Model]) -> bool:
    """Whether one extends the other, or both a third one that is a model itself."""
    shared = set(model.__mro__) & set(other.__mro__) - set(Model.__mro__)
    return bool(shared)


def _document(
    model: type[Model],
    tried: list[Instance],
    mark: Mutant,
    ends_known: list[Killed],
    columns: tuple[str, ...],
    answers: Answers,
) -> Document:
    known = ends_known[0] if ends_known else None
    if known is not None:
        tried = [Instance(model, constants_as_texts(known.constants))]
    asked = known is None or not known.slow or answers.settings.slow
    found = _tried(model, tried, mark, known, columns, answers) if asked else _Tried(tried[0])
    return {
        "name": mark.name,
        "statement": mark.doc,
        "issue": mark.issue,
        "at": place_document(declared_at(model, mark.name)),
        "constants": known.constants if known else _constants(found.instance),
        "fate": found.fate,
        "reason": found.reason,
        "known": _recorded(known) if known else None,
        "also": [_recorded(killed) for killed in ends_known[1:]],
        "requirements": found.ends,
    }


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of a mutant in an instance."""

    instance: Instance
    fate: str = NOT_RUN
    ends: dict[str, Document] = field(default_factory=dict)
    reason: str = ""


def _tried(
    model: type[Model],
    instances: list[Instance],
    mark: Mutant,
    known: Killed | None,
    columns: tuple[str, ...],
    answers: Answers,
) -> _Tried:
    """The first instance that kills a mutant, or the first that leaves it undecided or alive."""
    found: list[_Tried] = []
    for plain in instances:
        idle = plain.idle_mutants.get(mark.name)
        if idle is not None:
            found.append(_Tried(plain, NOT_APPLICABLE, {}, idle.reason))
            continue
        broken = Instance(model, _texts(plain), mark.name)
        there = tuple(c for c in columns if c == DEADLOCK or broken.has(c))
        ends = _ends(broken, known, there, answers)
        found.append(_Tried(plain, _fate({end["fate"] for end in ends.values()}), ends))
        if found[-1].fate == "killed":
            break
    return min(found, key=lambda one: _ORDER.index(one.fate))


_ORDER = ("killed", "unknown", "survived", NOT_APPLICABLE)


def _recorded(killed: Killed) -> Document:
    return {
        "requirement": killed.requirement,
        "steps": killed.steps,
        "constants": killed.constants,
    }


def _ends(
    broken: Instance, known: Killed | None, columns: tuple[str, ...], answers: Answers
) -> dict[str, Document]:
    engine = engine_for(broken)
    if known is not None:
        answer = answers.question(broken, engine, known.requirement, known.steps)
        return {known.requirement: _end(answer)}
    if engine == "symbolic":
        return _first_end(broken, columns, answers)
    return {
        column: _end(answers.question(broken, engine, None if column == DEADLOCK else column))
        for column in columns
    }


def _first_end(
    broken: Instance, columns: tuple[str, ...], answers: Answers
) -> dict[str, Document]:
    """What the solver breaks first: asking it about every requirement would take too long."""
    others = {DEADLOCK, *(claim.id for claim in broken.claims(*LIVENESS))}
    claims = tuple(column for column in columns if column not in others)
    end = _end(answers.any_of(broken, claims)) if claims else None
    if end is None:
        return {}
    if end["violation"] is None:
        return dict.fromkeys(claims, end)
    return {end["violation"]["property"]: end}


def _fate(fates: set[str]) -> str:
    if fates & {"killed", "model error"}:
        return "killed"
    return "survived" if fates == {"survived"} else "unknown"


def _end(answer: Document) -> Document:
    """What became of the mutant under one requirement, with the counterexample."""
    violation = answer["violation"]
    if violation is None:
        # Behaviours of a few steps show nothing about a mutant that survives them.
        decided = answer["verdict"] != "Unknown" and answer["engine"] != "symbolic"
        fate = "survived" if decided else "unknown"
        return {"fate": fate, "steps": None, "violation": None}
    fate = "model error" if violation["kind"] == "model error" else "killed"
    return {"fate": fate, "steps": violation["steps"], "violation": violation}


def _texts(instance: Instance) -> dict[str, str]:
    return constants_as_texts(_constants(instance))


def _constants(instance: Instance) -> Document:
    return {name: constant_as_json(value) for name, value in instance.constants.items()}


def columns_shown(dossier: Document) -> list[str]:
    """What the mutants of a dossier were asked about, in the order of the requirements."""
    asked = {column for mutant in dossier["mutants"] for column in mutant["requirements"]}
    ids = [claim["id"] for claim in dossier["requirements"]]
    return [column for column in (*ids, DEADLOCK) if column in asked]
