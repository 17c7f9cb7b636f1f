"""The reference search: breadth-first over the steps CPython takes.

Order, counts and the reported counterexample are the canonical ones that every engine agrees on:
levels are finished before anything is reported; a deadlock comes before what is wrong with
successors; among those the first in the order of source states and their steps.
"""

from planespec.checker.budget import Options, Spent, alarmed, bound_text
from planespec.checker.engines.python.reference_search import Found, Search
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Trace, Verdict, Violation, ViolationKind

NAME = "python"


def run(instance: Instance, options: Options) -> Outcome:
    """Search all reachable states of an instance within the budget.

    Raises ConfigurationError for an unknown requirement and LanguageError for a model that gives
    different answers when it is asked twice.
    """
    search = Search(instance, options)
    interrupted = False
    try:
        with alarmed(search.options.budget):
            search.explore()
    except Spent as spent:
        search.reason = str(spent)
    except KeyboardInterrupt:
        interrupted = True
        search.reason = search.reason or "interrupted"
    return _outcome(search, interrupted)


def _outcome(search: Search, interrupted: bool) -> Outcome:
    instance, options = search.instance, search.options
    verdict, violation, reason = _verdict(search)
    return Outcome(
        verdict=verdict,
        engine=NAME,
        bound=bound_text(instance.constants, options.budget, search.cut),
        statistics=search.statistics(),
        requirements=tuple(c.id for c in (*search.judge.always, *search.judge.steps)),
        violation=violation,
        reached=dict(search.reached),
        reason=reason,
        symmetry=tuple(s.name for s in instance.symmetric_sorts) if options.symmetry else (),
        interrupted=interrupted,
        complete=search.found is None and not search.reason,
    )


def _verdict(search: Search) -> tuple[Verdict, Violation | None, str]:
    if search.found is not None:
        return Verdict.VIOLATED, _violation(search, search.found), ""
    if search.reason:
        return Verdict.UNKNOWN, None, search.reason
    missing = [id_ for id_, depth in search.reached.items() if depth is None]
    if missing and search.cut.get("depth"):
        depth = search.options.budget.depth
        return Verdict.UNKNOWN, None, f"{', '.join(missing)} not reached within depth {depth}"
    if missing:
        return Verdict.VIOLATED, _unreached(search, missing[0]), ""
    return Verdict.HOLDS, None, ""


def _violation(search: Search, found: Found) -> Violation:
    event = found.event
    in_trace = event.kind is not ViolationKind.DEADLOCK and event.state is not None
    trace = search.trace(found.source, found.step if in_trace else None)
    last = found.step if event.kind is ViolationKind.ERROR else None
    return Violation(
        kind=event.kind,
        property=event.property,
        trace=trace,
        message=event.message,
        at=event.at,
        action=last.action if last and not in_trace else "",
        arguments=last.arguments if last and not in_trace else (),
    )


def _unreached(search: Search, missing: str) -> Violation:
    claim = next(c for c in search.judge.reachable if c.id == missing)
    message = f"no reachable state has it: {claim.statement}"
    trace = Trace(search.instance.variables, search.instance.binding.defaults, ())
    return Violation(ViolationKind.UNREACHED, missing, trace, message, claim.at)
