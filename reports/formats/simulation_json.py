"""A simulation as records of a JSON document, and the command that runs it again."""

import shlex

from planespec.checker.engines.simulation.plan import End, Numbers, Simulated
from planespec.reports.formats.outcome_json import (
    Answer,
    Broken,
    Json,
    Judged,
    Record,
    outcome_document,
)
from planespec.reports.text.wording import Subject

SCHEMA = "planespec/simulate/1"


class Walks(Record, frozen=True):
    """Which walks were taken; see `Plan`."""

    seed: int
    first: int
    walks: int
    depth: int
    swarm: bool


class Steps(Record, frozen=True):
    """How often an action could be taken, and how often it was."""

    successors: int
    taken: int


class Sight(Record, frozen=True):
    """How many walks came by a state that should be possible, and the first of them."""

    walks: int
    first: int | None


class Ends(Record, frozen=True):
    """How many walks ended in which way; see `End`."""

    abandoned: int
    depth: int
    finished: int
    outside: int
    deadlock: int
    event: int


class WalkNumbers(Record, frozen=True):
    """What the walks saw; see `Numbers`."""

    walks: int
    steps: int
    deepest: int
    judged: int
    distinct: int | None
    exact: bool
    ended: Ends
    actions: dict[str, Steps]
    reached: dict[str, Sight]


class WalkTiming(Record, frozen=True):
    """What differs from run to run."""

    workers: int
    search_seconds: float
    compile_seconds: float


class Simulation(Record, frozen=True):
    """The answer to `simulate`; up to `violation` a key means what it does in an `Answer`."""

    schema: str
    model: str
    constants: dict[str, Json]
    mutant: str | None
    deadlock_checked: bool
    verdict: str
    bound: str
    reason: str
    interrupted: bool
    exit_code: int
    engine: str
    requirements: tuple[Judged, ...]
    not_applicable: dict[str, str]
    violation: Broken | None
    not_judged: tuple[str, ...]
    plan: Walks
    reproduce: str
    walk: int | None
    steps: int | None
    statistics: WalkNumbers
    timing: WalkTiming


_OWN = {"schema", "statistics", "timing"}
"""Fields that an `Answer` has for something else."""
_SHARED = (*({*Answer.__struct_fields__} & {*Simulation.__struct_fields__} - _OWN),)


def simulation_document(subject: Subject, simulated: Simulated, reproduce: str) -> Simulation:
    """The answer as records; the same plan gives the same text but for `timing`."""
    answer, plan = outcome_document(subject, simulated.outcome), simulated.plan
    times = simulated.outcome.statistics
    return Simulation(
        schema=SCHEMA,
        **{name: getattr(answer, name) for name in _SHARED},
        not_judged=tuple(simulated.not_judged),
        plan=Walks(plan.seed, plan.first, plan.walks, plan.depth, plan.swarm),
        reproduce=reproduce,
        walk=simulated.walk,
        steps=simulated.steps if simulated.walk is not None else None,
        statistics=_walk_numbers(simulated.numbers),
        timing=WalkTiming(
            simulated.outcome.workers,
            round(times.search_seconds, 6),
            round(times.compile_seconds, 6),
        ),
    )


def _walk_numbers(numbers: Numbers) -> WalkNumbers:
    return WalkNumbers(
        walks=numbers.walks,
        steps=numbers.steps,
        deepest=numbers.deepest,
        judged=numbers.judged,
        distinct=numbers.distinct,
        exact=numbers.exact,
        ended=Ends(**{end.name.lower(): numbers.ended[end] for end in End}),
        actions={n: Steps(count, numbers.taken[n]) for n, count in numbers.offered.items()},
        reached={n: Sight(walks, numbers.first.get(n)) for n, walks in numbers.reached.items()},
    )


def command_again(subject: Subject, simulated: Simulated, constants: tuple[str, ...] = ()) -> str:
    """The command line that takes the same walks; of a violation, the one walk that found it.

    `constants` are those that were given, as `NAME=VALUE`; all others have their defaults.
    """
    plan, instance = simulated.plan, subject.instance
    words = ["planespec", "simulate", subject.target]
    for pair in constants:
        words += ["-c", pair]
    words += ["--mutant", instance.mutant] if instance.mutant else []
    for id_ in plan.requirements or ():
        words += ["--requirement", id_]
    if instance.check_deadlock and not subject.check_deadlock:
        words.append("--no-deadlock")
    words += ["--seed", str(plan.seed), "--depth", str(plan.depth)]
    if simulated.walk is not None:
        words += ["--walk", str(simulated.walk)]
    else:
        words += ["--walk", str(plan.first)] if plan.first else []
        words += ["--walks", str(plan.walks)]
    words += ["--swarm"] if plan.swarm else []
    return shlex.join(words)
