"""A simulation as a JSON document, and the command that runs it again."""

import shlex

from planespec.checker.engines.simulation.plan import End, Numbers, Simulated
from planespec.reports.formats.outcome_json import outcome_document
from planespec.reports.text.wording import Subject

SCHEMA = "planespec/simulate/1"

_FROM_CHECK = (
    "model",
    "constants",
    "mutant",
    "deadlock_checked",
    "verdict",
    "bound",
    "reason",
    "interrupted",
    "exit_code",
    "engine",
    "requirements",
    "not_applicable",
    "violation",
)
"""What has the meaning it has in the document of `check`."""


def simulation_document(
    subject: Subject, simulated: Simulated, reproduce: str
) -> dict[str, object]:
    """The answer as JSON data; the same plan gives the same text but for `timing`."""
    answer, plan = outcome_document(subject, simulated.outcome), simulated.plan
    times = simulated.outcome.statistics
    return {
        "schema": SCHEMA,
        **{key: getattr(answer, key) for key in _FROM_CHECK},
        "not_judged": list(simulated.not_judged),
        "plan": {
            "seed": plan.seed,
            "first": plan.first,
            "walks": plan.walks,
            "depth": plan.depth,
            "swarm": plan.swarm,
        },
        "reproduce": reproduce,
        "walk": simulated.walk,
        "steps": simulated.steps if simulated.walk is not None else None,
        "statistics": _walk_numbers(simulated.numbers),
        "timing": {
            "workers": simulated.outcome.workers,
            "search_seconds": round(times.search_seconds, 6),
            "compile_seconds": round(times.compile_seconds, 6),
        },
    }


def _walk_numbers(numbers: Numbers) -> dict[str, object]:
    return {
        "walks": numbers.walks,
        "steps": numbers.steps,
        "deepest": numbers.deepest,
        "judged": numbers.judged,
        "distinct": numbers.distinct,
        "exact": numbers.exact,
        "ended": {end.name.lower(): numbers.ended[end] for end in End},
        "actions": {
            name: {"successors": count, "taken": numbers.taken[name]}
            for name, count in numbers.offered.items()
        },
        "reached": {
            name: {"walks": walks, "first": numbers.first.get(name)}
            for name, walks in numbers.reached.items()
        },
    }


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
