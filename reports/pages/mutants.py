"""What became of every mutant of a model, and which requirement noticed it how soon."""

from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.ir.system import Mutant
from planespec.checker.lang import Model
from planespec.checker.lang.locations import declared_at
from planespec.checker.outcome import Verdict
from planespec.checker.run import SYMBOLIC
from planespec.reports.input.catalogue import Entry, Killed, catalogue, load_model
from planespec.reports.mutation import Fate, Trial, columns_of, fate_of, try_mutant
from planespec.reports.pages.answers import Answers, engine_for
from planespec.reports.pages.dossier import End, Evidence, KnownEnd, MutantRecord
from planespec.reports.text.verdicts import DEADLOCK
from planespec.reports.text.wording import constants_as_json, constants_as_texts, portable_place


def mutant_documents(
    model: type[Model],
    entry: Entry,
    tried: list[Instance],
    answers: Answers,
    violated: set[str],
) -> list[MutantRecord]:
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
) -> MutantRecord:
    known = ends_known[0] if ends_known else None
    if known is not None:
        tried = [Instance(model, constants_as_texts(known.constants))]
    asked = known is None or not known.slow or answers.settings.slow

    def ask(trial: Trial, broken: Instance) -> dict[str, End]:
        there = tuple(c for c in columns if c == DEADLOCK or broken.has(c))
        return _ends(broken, known, there, answers)

    row = try_mutant(mark, [_trial(model, plain) for plain in tried], ask) if asked else None
    plain = row.trial.make(None) if row else tried[0]
    return MutantRecord(
        name=mark.name,
        statement=mark.doc,
        issue=mark.issue,
        at=portable_place(declared_at(model, mark.name)),
        constants=known.constants if known else constants_as_json(plain.constants),
        fate=row.fate if row else Fate.NOT_RUN,
        reason=row.reason if row else "",
        known=_recorded(known) if known else None,
        also=tuple(_recorded(killed) for killed in ends_known[1:]),
        requirements=dict(row.ends) if row else {},
    )


def _trial(model: type[Model], plain: Instance) -> Trial:
    """An instance that was run already; what it violates is not among the columns."""

    def make(mutant: str | None) -> Instance:
        return plain if mutant is None else Instance(model, _texts(plain), mutant)

    return Trial("", make)


def _recorded(killed: Killed) -> KnownEnd:
    return KnownEnd(killed.requirement, killed.steps, dict(killed.constants))


def _ends(
    broken: Instance, known: Killed | None, columns: tuple[str, ...], answers: Answers
) -> dict[str, End]:
    engine = engine_for(broken)
    if known is not None:
        answer = answers.question(broken, engine, known.requirement, known.steps)
        return {known.requirement: _end(answer)}
    if engine == SYMBOLIC:
        return _first_end(broken, columns, answers)
    return {
        column: _end(answers.question(broken, engine, None if column == DEADLOCK else column))
        for column in columns
    }


def _first_end(broken: Instance, columns: tuple[str, ...], answers: Answers) -> dict[str, End]:
    """What the solver breaks first: asking it about every requirement would take too long."""
    others = {DEADLOCK, *(claim.id for claim in broken.claims(*LIVENESS))}
    claims = tuple(column for column in columns if column not in others)
    end = _end(answers.any_of(broken, claims)) if claims else None
    if end is None:
        return {}
    if end.violation is None:
        return dict.fromkeys(claims, end)
    return {end.violation.property: end}


def _end(answer: Evidence) -> End:
    """What became of the mutant under one requirement, with the counterexample."""
    violation = answer.violation
    kind = violation.wrong.kind if violation else None
    fate = fate_of(answer.engine, Verdict(answer.verdict), kind)
    return End(fate, violation.steps if violation else None, violation)


def _texts(instance: Instance) -> dict[str, str]:
    return constants_as_texts(constants_as_json(instance.constants))
