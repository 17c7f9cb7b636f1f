"""Dossiers as SARIF: a result for what is violated or unknown, and for each live mutant."""

from collections.abc import Iterator

from planespec.checker.lang.presence import existence
from planespec.reports.formats.sarif_log import Result, Rule, sarif_log
from planespec.reports.mutation import Fate
from planespec.reports.pages.assembly import document_text
from planespec.reports.pages.dossier import ClaimRecord, Dossier, Run, Shown, StateView
from planespec.reports.text.verdicts import (
    HOLDS,
    NOT_APPLICABLE,
    PROVED,
    UNKNOWN,
    VIOLATED,
)
from planespec.reports.text.wording import Place, plural, readable_constants

SURVIVED = "mutant-survived"
BROKEN = "model-broken"
_OWN_RULES = (
    Rule(SURVIVED, "MutantSurvived", "Every mutant of a model is noticed by a requirement."),
    Rule(BROKEN, "ModelBroken", "A model has no deadlock, no error, and reaches what it should."),
)
_KINDS = {
    HOLDS: "pass",
    PROVED: "pass",
    VIOLATED: "fail",
    UNKNOWN: "open",
    NOT_APPLICABLE: "notApplicable",
}


def sarif_files(dossiers: list[Dossier]) -> dict[str, str]:
    """One file with the findings of the whole report; what holds is none, and is left out."""
    rules: dict[str, Rule] = {}
    results: list[Result] = []
    for dossier in dossiers:
        for claim in dossier.requirements:
            id_ = f"{dossier.model}/{claim.id}" if claim.own else claim.id
            rules.setdefault(id_, Rule(id_, claim.name, claim.statement, claim.source))
            results.append(_judgement(dossier, claim, id_))
        results += _others(dossier)
    found = [result for result in results if result.kind in ("fail", "open")]
    log = sarif_log([*rules.values(), *_OWN_RULES], found)
    return {"report.sarif": document_text(log)}


def _judgement(dossier: Dossier, claim: ClaimRecord, id_: str) -> Result:
    verdict = claim.verdict
    bounds = dict.fromkeys(evidence.bound for evidence in claim.evidence)
    message = f"{verdict} in {dossier.model}"
    message += f" within {'; '.join(b for b in bounds if b)}" if any(bounds) else ""
    message += f" ({existence(claim.when)})" if verdict == NOT_APPLICABLE else ""
    violation = _violation(dossier, claim.id)
    return Result(
        id_,
        _KINDS[verdict],
        "error" if verdict == VIOLATED else "none",
        f"{message}: {claim.statement}",
        claim.at,
        dossier.model,
        _flow(dossier, violation) if violation else (),
    )


def _violation(dossier: Dossier, property_: str) -> Shown | None:
    answers = [answer for run in dossier.instances for answer in run.answers]
    found = (answer.violation_of(property_) for answer in answers)
    return next((violation for violation in found if violation is not None), None)


def _others(dossier: Dossier) -> Iterator[Result]:
    claimed = {claim.id for claim in dossier.requirements}
    for run in dossier.instances:
        for answer in run.answers:
            for violation in answer.violations:
                if violation.property not in claimed:
                    yield _broken(dossier, run, answer.engine, violation)
    for mutant in dossier.mutants:
        if mutant.fate is Fate.SURVIVED:
            text = f"{mutant.name} of {dossier.model} survived: {mutant.statement}"
            subject = f"{dossier.model} {mutant.name}"
            place = mutant.at or _file(dossier)
            yield Result(SURVIVED, "fail", "warning", text, place, subject)


def _broken(dossier: Dossier, run: Run, engine: str, violation: Shown) -> Result:
    wrong = violation.wrong
    text = f"{dossier.model}: {'; '.join(filter(None, (wrong.sentence, wrong.advice)))}"
    within = readable_constants(run.constants)
    place = violation.at or _file(dossier)
    flow = _flow(dossier, violation)
    kind = f"{violation.kind} {violation.property}"
    subject = f"{dossier.model} {within} {engine} {kind}"
    return Result(BROKEN, "fail", "error", text, place, subject, flow)


def _flow(dossier: Dossier, violation: Shown) -> tuple[tuple[str, Place | None], ...]:
    """Every step at its action's place, with what it changed."""
    places = {action.name: action.at for action in dossier.actions}
    if violation.view is None:
        return ()
    states = violation.view.states
    names = ["", *(step.action for step in violation.trace.steps)]
    return tuple(
        (_step_text(number, state), places.get(name) or _file(dossier))
        for number, (name, state) in enumerate(zip(names, states, strict=True))
    )


def _step_text(number: int, state: StateView) -> str:
    changed = "; ".join(f"{c.place}: {c.text}" for c in state.changes)
    where = plural(number, "step")
    return f"After {where}, {state.label}" + (f": {changed}" if changed else "")


def _file(dossier: Dossier) -> Place:
    """The class statement of the model, for what has no place of its own."""
    return dossier.at or Place(dossier.file, 1, 1)
