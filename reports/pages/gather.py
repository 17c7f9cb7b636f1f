"""The dossier of a model: its claims, its instances under each engine, its mutants and their ends.

A dossier is JSON data; docs/json.md has its keys. Every page is rendered from dossiers alone.
"""

from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from planespec.checker.instance import ActionInfo, Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang import Model
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.locations import class_position
from planespec.checker.lang.named import NamedInstance, split_target
from planespec.checker.lang.properties import Claim
from planespec.reports.input.catalogue import Entry, made
from planespec.reports.pages.answers import NOT_APPLICABLE, Answers, verdict_on
from planespec.reports.pages.holding import holding_document
from planespec.reports.pages.mutants import NOT_RUN, asked_elsewhere, mutant_documents
from planespec.reports.pages.state_drawing import state_graph
from planespec.reports.text.wording import (
    constant_as_json,
    place_document,
    place_of_function,
    portable_path,
)
from planespec.spec.requirement import load_requirements

Document = dict[str, Any]
SCHEMA = "planespec/report/1"


def gather(
    model: type[Model], entry: Entry, constants: Mapping[str, Any], answers: Answers
) -> Document:
    """Run an instance of each known size, or the one with `constants`, and every mutant.

    Raises what `check` raises; KeyboardInterrupt leaves the answers so far in the run folder.
    """
    known = _instances(entry, constants)
    every = [made(model, one) for one in known]
    every = every or [Instance(model, constants)]
    first = every[0]
    runs = list(_runs(every, known, answers)) if known else [_run(first, None, answers)]
    plain = first if known and split_target(entry.name)[1] else Instance(model, constants)
    tried = [o for o, k in zip(every, known, strict=False) if answers.settings.slow or not k.slow]
    mutants = mutant_documents(model, entry, tried or [plain], answers, _violated(runs))
    return {
        "schema": SCHEMA,
        **_about(entry, model, plain),
        "requirements": [_claim(claim, runs, mutants) for claim in _judged(every)],
        "actions": [_action(action, runs) for action in _actions(every)],
        "reachable": [_witness(claim, runs) for claim in _reachable(every)],
        "instances": runs,
        "mutants": mutants,
        "asked_elsewhere": asked_elsewhere(model, entry, plain),
        "graph": state_graph(first, answers.settings.graph_states),
    }


def _instances(entry: Entry, constants: Mapping[str, Any]) -> tuple[NamedInstance, ...]:
    """The instances that are run; with constants the default one, or the named one, with them."""
    if not constants:
        return entry.instances
    if not split_target(entry.name)[1]:
        return ()
    return tuple(
        NamedInstance(one.name, {**one.constants, **constants}) for one in entry.instances
    )


def _about(entry: Entry, model: type[Model], first: Instance) -> Document:
    return {
        "model": entry.name,
        "statement": (getdoc(model) or "").partition("\n")[0],
        "doc": getdoc(model) or "",
        "file": portable_path(first.file),
        "at": place_document(class_position(model)),
        "constants": _constants(first),
        "deadlock": first.check_deadlock,
        "held_to": holding_document(model),
    }


def _runs(
    instances: list[Instance], expected: tuple[NamedInstance, ...], answers: Answers
) -> Iterator[Document]:
    for instance, known in zip(instances, expected, strict=True):
        if known.slow and not answers.settings.slow:
            constants = dict(known.constants)
            yield {
                "name": known.name,
                "constants": constants,
                "answers": [],
                "known": _known(known),
            }
        else:
            yield _run(instance, known, answers)


def _run(instance: Instance, known: NamedInstance | None, answers: Answers) -> Document:
    return {
        "name": known.name if known else "",
        "constants": _constants(instance),
        "answers": answers.evidence(instance, known),
        "known": _known(known) if known else None,
    }


def _violated(runs: list[Document]) -> set[str]:
    answers = [answer for run in runs for answer in run["answers"]]
    return {violation["property"] for answer in answers for violation in answer["violations"]}


def _known(known: NamedInstance) -> Document | None:
    if not known.verdict:
        return None
    return {
        "verdict": known.verdict,
        "distinct": known.distinct,
        "generated": known.generated,
        "depth": known.depth,
    }


def _claims(instances: list[Instance]) -> list[Claim]:
    """What any instance claims, then what none has; each once."""
    found = {claim.id: claim for instance in instances for claim in instance.requirements}
    for instance in instances:
        found = {**found, **{k: c for k, c in instance.not_applicable.items() if k not in found}}
    return list(found.values())


def _judged(instances: list[Instance]) -> list[Claim]:
    bounds = (PropertyKind.CONSTRAINT, PropertyKind.STEP_CONSTRAINT)
    others = (PropertyKind.REACHABLE, *bounds, PropertyKind.TERMINAL, PropertyKind.ASSUMPTION)
    return [claim for claim in _claims(instances) if claim.kind not in others]


def _reachable(instances: list[Instance]) -> list[Claim]:
    return [claim for claim in _claims(instances) if claim.kind is PropertyKind.REACHABLE]


def _actions(instances: list[Instance]) -> list[ActionInfo]:
    """The actions that any instance has, as declared."""
    names = [m.name for m in instances[0].declared.of(Part.ACTION)]
    found = {action.name: action for instance in instances for action in instance.actions}
    return [found[name] for name in names if name in found]


def _claim(claim: Any, runs: list[Document], mutants: list[Document]) -> Document:
    verdicts = [
        {"constants": run["constants"], "engine": answer["engine"], "bound": answer["bound"],
         "verdict": verdict}
        for run in runs
        for answer in run["answers"]
        if (verdict := verdict_on(answer, claim.id)) not in (None, NOT_APPLICABLE)
    ]  # fmt: skip
    ends = [(m["name"], m["requirements"].get(claim.id, {})) for m in mutants]
    killed = [{"mutant": n, "steps": e["steps"]} for n, e in ends if e.get("fate") == "killed"]
    recorded = [
        {"mutant": m["name"], "steps": end["steps"], "constants": end["constants"]}
        for m in mutants
        for end in (*m["also"], *([m["known"]] if m["fate"] == NOT_RUN else []))
        if end["requirement"] == claim.id
    ]
    return {
        "id": claim.id,
        "name": claim.name,
        "kind": claim.kind.name.lower().replace("_", " "),
        "statement": claim.statement,
        "source": claim.source,
        "when": claim.when,
        "own": claim.method or not claim.source,
        "levels": _levels(claim.id, claim.statement),
        "at": place_document(claim.at),
        "verdict": worst([_settled(claim.id, run) for run in runs if run["answers"]]),
        "evidence": verdicts,
        "killed": killed,
        "recorded": recorded,
    }


def _levels(id_: str, statement: str) -> list[str]:
    """On what a numbered requirement is judged, by models and by others; empty for the rest."""
    known = load_requirements().get(id_)
    is_same = known is not None and known.statement == statement
    return [level.value for level in known.levels] if known is not None and is_same else []


def _settled(id_: str, run: Document) -> str:
    """What an instance says of a requirement: a violation, or else the strongest answer."""
    found = [v for answer in run["answers"] if (v := verdict_on(answer, id_))]
    return "Violated" if "Violated" in found else max(found, key=_WORST.index, default="Unknown")


_WORST = ("Violated", "Unknown", "Holds", "Proved", NOT_APPLICABLE)


def worst(verdicts: list[str]) -> str:
    """The least that is known; Unknown where nothing was asked."""
    return min(verdicts, key=_WORST.index) if verdicts else "Unknown"


def _action(action: Any, runs: list[Document]) -> Document:
    counts = [
        (run["constants"], answer["statistics"]["actions"][action.name])
        for run in runs
        for answer in run["answers"][:1]
        if action.name in answer["statistics"]["actions"]
    ]
    return {
        "name": action.name,
        "statement": action.doc.partition("\n")[0],
        "at": place_of_function(action.function),
        "fairness": action.fairness.name.lower(),
        "coverage": [{"constants": constants, **count} for constants, count in counts],
    }


def _witness(claim: Any, runs: list[Document]) -> Document:
    return {
        "name": claim.id,
        "statement": claim.statement,
        "when": claim.when,
        "at": place_document(claim.at),
        "reached": [
            {"constants": run["constants"], "steps": answer["reached"][claim.id]}
            for run in runs
            for answer in run["answers"][:1]
            if claim.id in answer["reached"]
        ],
    }


def _constants(instance: Instance) -> Document:
    return {name: constant_as_json(value) for name, value in instance.constants.items()}
