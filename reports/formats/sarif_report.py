"""Dossiers as SARIF: one result for each requirement of each model, and for each live mutant."""

from collections.abc import Iterator
from typing import Any

from planespec.checker.lang.presence import existence
from planespec.reports.formats.sarif_log import Place, Result, Rule, sarif_log
from planespec.reports.pages.answers import NOT_APPLICABLE, violation_of
from planespec.reports.text.wording import INTENDED_END, plural, readable_constants

Document = dict[str, Any]
SURVIVED = "mutant-survived"
BROKEN = "model-broken"
_OWN_RULES = (
    Rule(SURVIVED, "MutantSurvived", "Every mutant of a model is noticed by a requirement."),
    Rule(BROKEN, "ModelBroken", "A model has no deadlock, no error, and reaches what it should."),
)
_KINDS = {
    "Holds": "pass",
    "Proved": "pass",
    "Violated": "fail",
    "Unknown": "open",
    NOT_APPLICABLE: "notApplicable",
}


def sarif_document(dossiers: list[Document]) -> Document:
    """The SARIF log of a report."""
    rules: dict[str, Rule] = {}
    results: list[Result] = []
    for dossier in dossiers:
        for claim in dossier["requirements"]:
            id_ = f"{dossier['model']}/{claim['id']}" if claim["own"] else claim["id"]
            rules.setdefault(id_, Rule(id_, claim["name"], claim["statement"], claim["source"]))
            results.append(_judgement(dossier, claim, id_))
        results += _others(dossier)
    return sarif_log([*rules.values(), *_OWN_RULES], results)


def _judgement(dossier: Document, claim: Document, id_: str) -> Result:
    verdict = claim["verdict"]
    bounds = dict.fromkeys(evidence["bound"] for evidence in claim["evidence"])
    message = f"{verdict} in {dossier['model']}"
    message += f" within {'; '.join(b for b in bounds if b)}" if any(bounds) else ""
    message += f" ({existence(claim['when'])})" if verdict == NOT_APPLICABLE else ""
    violation = _violation(dossier, claim["id"])
    return Result(
        id_,
        _KINDS[verdict],
        "error" if verdict == "Violated" else "none",
        f"{message}: {claim['statement']}",
        _place(claim["at"]),
        dossier["model"],
        _flow(dossier, violation) if violation else (),
    )


def _violation(dossier: Document, property_: str) -> Document | None:
    answers = [answer for run in dossier["instances"] for answer in run["answers"]]
    found = (violation_of(answer, property_) for answer in answers)
    return next((violation for violation in found if violation is not None), None)


def _others(dossier: Document) -> Iterator[Result]:
    claimed = {claim["id"] for claim in dossier["requirements"]}
    for run in dossier["instances"]:
        for answer in run["answers"]:
            for violation in answer["violations"]:
                if violation["property"] not in claimed:
                    yield _broken(dossier, run, answer["engine"], violation)
    for mutant in dossier["mutants"]:
        if mutant["fate"] == "survived":
            text = f"{mutant['name']} of {dossier['model']} survived: {mutant['statement']}"
            subject = f"{dossier['model']} {mutant['name']}"
            place = _place(mutant["at"]) or _file(dossier)
            yield Result(SURVIVED, "fail", "warning", text, place, subject)


def _broken(dossier: Document, run: Document, engine: str, violation: Document) -> Result:
    what = violation["message"] or violation["property"] or violation["kind"]
    text = f"{dossier['model']}, {violation['kind']}: {what}"
    text += f"; {INTENDED_END}" if violation["kind"] == "deadlock" else ""
    within = readable_constants(run["constants"])
    place = _place(violation["at"]) or _file(dossier)
    flow = _flow(dossier, violation)
    kind = f"{violation['kind']} {violation['property']}"
    subject = f"{dossier['model']} {within} {engine} {kind}"
    return Result(BROKEN, "fail", "error", text, place, subject, flow)


def _flow(dossier: Document, violation: Document) -> tuple[tuple[str, Place | None], ...]:
    """Every step at its action's place, with what it changed."""
    places = {action["name"]: _place(action["at"]) for action in dossier["actions"]}
    if "view" not in violation:
        return ()
    states = violation["view"]["states"]
    names = [None, *(step["action"] for step in violation["trace"]["steps"])]
    return tuple(
        (_step_text(number, state), places.get(name) or _file(dossier))
        for number, (name, state) in enumerate(zip(names, states, strict=True))
    )


def _step_text(number: int, state: Document) -> str:
    changed = "; ".join(f"{c['place']}: {c['text']}" for c in state["changes"])
    where = plural(number, "step")
    return f"After {where}, {state['label']}" + (f": {changed}" if changed else "")


def _file(dossier: Document) -> Place:
    """The class statement of the model, for what has no place of its own."""
    return _place(dossier["at"]) or Place(dossier["file"], 1)


def _place(at: Document | None) -> Place | None:
    return Place(at["file"], at["line"], at["column"]) if at else None
