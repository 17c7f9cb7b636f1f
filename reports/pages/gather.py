"""The dossier of a model: its claims, its instances under each engine, its mutants and their ends.

Every page is rendered from dossiers alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planespec.checker.instance import ActionInfo, Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang import Model
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.locations import class_position
from planespec.checker.lang.named import NamedInstance, split_target
from planespec.checker.lang.properties import Claim
from planespec.reports.input.catalogue import Entry, made
from planespec.reports.mutation import Fate
from planespec.reports.pages.answers import Answers
from planespec.reports.pages.dossier import (
    SCHEMA,
    ActionRecord,
    ClaimRecord,
    Coverage,
    Dossier,
    Ground,
    Kill,
    Known,
    KnownKill,
    MutantRecord,
    Reached,
    Run,
    Witness,
)
from planespec.reports.pages.holding import holding_document
from planespec.reports.pages.mutants import asked_elsewhere, mutant_documents
from planespec.reports.pages.state_drawing import drawn_graph
from planespec.reports.text.verdicts import NOT_APPLICABLE, least_known, most_known
from planespec.reports.text.wording import (
    constants_as_json,
    place_of_function,
    portable_path,
    portable_place,
)
from planespec.spec.requirement import load_requirements


def gather(
    model: type[Model], entry: Entry, constants: Mapping[str, Any], answers: Answers
) -> Dossier:
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
    return Dossier(
        SCHEMA,
        entry.name,
        plain.doc.partition("\n")[0],
        plain.doc,
        portable_path(plain.file),
        portable_place(class_position(model)),
        constants_as_json(plain.constants),
        plain.check_deadlock,
        holding_document(model),
        requirements=tuple(_claim(claim, runs, mutants) for claim in _judged(every)),
        actions=tuple(_action(action, runs) for action in _actions(every)),
        reachable=tuple(_witness(claim, runs) for claim in _reachable(every)),
        instances=tuple(runs),
        mutants=tuple(mutants),
        asked_elsewhere=asked_elsewhere(model, entry, plain),
        graph=drawn_graph(first, answers.settings.graph_states),
    )


def _instances(entry: Entry, constants: Mapping[str, Any]) -> tuple[NamedInstance, ...]:
    """The instances that are run; with constants the default one, or the named one, with them."""
    if not constants:
        return entry.instances
    if not split_target(entry.name)[1]:
        return ()
    return tuple(
        NamedInstance(one.name, {**one.constants, **constants}) for one in entry.instances
    )


def _runs(
    instances: list[Instance], expected: tuple[NamedInstance, ...], answers: Answers
) -> Iterator[Run]:
    for instance, known in zip(instances, expected, strict=True):
        if known.slow and not answers.settings.slow:
            yield Run(known.name, dict(known.constants), (), _known(known))
        else:
            yield _run(instance, known, answers)


def _run(instance: Instance, known: NamedInstance | None, answers: Answers) -> Run:
    return Run(
        known.name if known else "",
        constants_as_json(instance.constants),
        tuple(answers.evidence(instance, known)),
        _known(known) if known else None,
    )


def _violated(runs: list[Run]) -> set[str]:
    answers = [answer for run in runs for answer in run.answers]
    return {violation.property for answer in answers for violation in answer.violations}


def _known(known: NamedInstance) -> Known | None:
    if not known.verdict:
        return None
    return Known(known.verdict, known.distinct, known.generated, known.depth)


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


def _claim(claim: Claim, runs: list[Run], mutants: list[MutantRecord]) -> ClaimRecord:
    return ClaimRecord(
        id=claim.id,
        name=claim.name,
        kind=claim.kind.name.lower().replace("_", " "),
        statement=claim.statement,
        source=claim.source,
        when=claim.when,
        own=claim.method or not claim.source,
        levels=_levels(claim.id, claim.statement),
        at=portable_place(claim.at),
        verdict=least_known(_settled(claim.id, run) for run in runs if run.answers),
        evidence=tuple(_grounds(claim.id, runs)),
        killed=tuple(_killed(claim.id, mutants)),
        recorded=tuple(_recorded(claim.id, mutants)),
    )


def _grounds(id_: str, runs: list[Run]) -> Iterator[Ground]:
    for run in runs:
        for answer in run.answers:
            verdict = answer.verdict_on(id_)
            if verdict is not None and verdict != NOT_APPLICABLE:
                yield Ground(run.constants, answer.engine, answer.bound, verdict)


def _killed(id_: str, mutants: list[MutantRecord]) -> Iterator[Kill]:
    for mutant in mutants:
        end = mutant.requirements.get(id_)
        if end is not None and end.fate is Fate.KILLED:
            yield Kill(mutant.name, end.steps)


def _recorded(id_: str, mutants: list[MutantRecord]) -> Iterator[KnownKill]:
    for mutant in mutants:
        first = (mutant.known,) if mutant.fate is Fate.NOT_RUN and mutant.known else ()
        for end in (*mutant.also, *first):
            if end.requirement == id_:
                yield KnownKill(mutant.name, end.steps, end.constants)


def _levels(id_: str, statement: str) -> tuple[str, ...]:
    """On what a numbered requirement is judged, by models and by others; empty for the rest."""
    known = load_requirements().get(id_)
    is_same = known is not None and known.statement == statement
    return tuple(level.value for level in known.levels) if known and is_same else ()


def _settled(id_: str, run: Run) -> str:
    """What an instance says of a requirement."""
    return most_known(v for answer in run.answers if (v := answer.verdict_on(id_)))


def _action(action: ActionInfo, runs: list[Run]) -> ActionRecord:
    counts = [
        (run.constants, count)
        for run in runs
        for answer in run.answers[:1]
        if (count := answer.statistics.actions.get(action.name)) is not None
    ]
    return ActionRecord(
        action.name,
        action.doc.partition("\n")[0],
        place_of_function(action.function),
        action.fairness.name.lower(),
        tuple(Coverage(constants, c.generated, c.distinct) for constants, c in counts),
    )


def _witness(claim: Claim, runs: list[Run]) -> Witness:
    reached = (
        Reached(run.constants, answer.reached[claim.id])
        for run in runs
        for answer in run.answers[:1]
        if claim.id in answer.reached
    )
    at = portable_place(claim.at)
    return Witness(claim.id, claim.statement, claim.when, at, tuple(reached))
