"""The native engine: exhaustive search by machine code generated from the model."""

from dataclasses import dataclass, replace
from time import perf_counter

from planespec.checker.budget import Budget, Options, Spent, alarmed, bound_text
from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.host.build import Code, build_soon
from planespec.checker.engines.native.host.context import Worker, free_memory
from planespec.checker.engines.native.host.native_search import Search
from planespec.checker.engines.native.kernels.engine_text import ENTRIES, kernel_text
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, Instance
from planespec.checker.interrupts import attend
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.outcome import (
    ActionCount,
    Outcome,
    Statistics,
    Trace,
    Verdict,
    Violation,
    ViolationKind,
)

NAME = "native"
SHARE_OF_FREE_MEMORY = 0.85


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model as machine code, with what is needed to read its states."""

    system: System
    layout: Layout
    code: Code
    judged: tuple[Property, ...]
    reachables: tuple[Property, ...]
    symmetry: bool
    seconds: float


def run(instance: Instance, options: Options) -> Outcome:
    """Search all reachable states of an instance within the budget, on `options.workers` threads.

    Raises ConfigurationError for an unknown requirement, InputError for a model outside the
    language, SystemRefusal for what native code cannot do, and Spent while it compiles.
    """
    options = replace(options, budget=options.budget.begun())
    compiled = attend(lambda: compile_native(instance, options), options.budget.look_at_clock)
    search = Search(
        code=compiled.code,
        width=compiled.layout.words,
        actions=len(compiled.system.actions),
        workers=options.workers,
        budget=with_memory(options.budget),
        reachables=len(compiled.reachables),
        check_deadlock=options.check_deadlock and compiled.system.check_deadlock,
        on_progress=options.on_progress,
    )
    started = perf_counter()
    search.explore()
    seconds = perf_counter() - started
    violation = None
    if search.finding is not None:
        violation = _explained(instance, options, compiled, search)
    return _outcome(instance, options, compiled, search, violation, seconds)


def _explained(
    instance: Instance, options: Options, compiled: Compiled, search: Search
) -> Violation | None:
    """The violation that was found; None, and the reason, where there was no time for it."""
    depth = len(search.levels)
    search.budget = search.budget.for_trace()
    # Brings NumPy, which is slow to import.
    from planespec.checker.engines.native.host.counterexamples import violation_of

    try:
        with alarmed(search.budget):
            return violation_of(instance, options, compiled.layout, search)
    except KeyboardInterrupt:
        search.interrupted, why = True, "interrupted"
    except Spent as spent:
        why = str(spent)
    search.reason = f"{why}; something is wrong at depth {depth}, but no trace was made"
    return None


def with_memory(budget: Budget) -> Budget:
    """Stop before the machine has to: without a limit, most of what is free is the limit."""
    free = None if budget.memory is not None else free_memory()
    return budget if free is None else replace(budget, memory=int(free * SHARE_OF_FREE_MEMORY))


def compile_native(instance: Instance, options: Options) -> Compiled:
    """Compile an instance, or load its code from the cache."""
    started = perf_counter()
    ids = {claim.id for claim in instance.judged(options.requirements)}
    system = compile_system(instance)
    judged = tuple(p for p in system.of_kind(*JUDGED) if p.id in ids)
    reachables = tuple(p for p in system.of_kind(PropertyKind.REACHABLE) if p.id in ids)
    symmetry = options.symmetry and bool(instance.symmetric_sorts)
    return compile_judging(system, judged, reachables, symmetry, started)


def compile_judging(
    system: System,
    judged: tuple[Property, ...],
    reachables: tuple[Property, ...],
    symmetry: bool,
    started: float,
) -> Compiled:
    """Compile a system to look for states and steps without `judged`, and for `reachables`."""
    layout = Layout(system)
    constrained = bool(system.of_kind(PropertyKind.CONSTRAINT))
    kernel = kernel_text(
        layout.words,
        symmetry=symmetry,
        constrained=constrained,
        checked=bool(judged) or constrained,  # judging a constraint may go wrong
    )
    text = kernel + lower(system, layout, (*judged, *reachables), symmetry)
    code = build_soon(text, ENTRIES)
    seconds = perf_counter() - started
    return Compiled(system, layout, code, judged, reachables, symmetry, seconds)


def _outcome(
    instance: Instance,
    options: Options,
    compiled: Compiled,
    search: Search,
    violation: Violation | None,
    seconds: float,
) -> Outcome:
    reached = {p.id: search.reached.get(n) for n, p in enumerate(compiled.reachables)}
    statistics = _statistics(compiled, search, seconds)
    verdict, reason = Verdict.HOLDS, ""
    missing = [p for p in compiled.reachables if reached[p.id] is None]
    if violation is not None:
        verdict = Verdict.VIOLATED
    elif search.reason:
        verdict, reason = Verdict.UNKNOWN, search.reason
    elif missing and search.cut_at_depth:
        names = ", ".join(p.id for p in missing)
        verdict = Verdict.UNKNOWN
        reason = f"{names} not reached within depth {options.budget.depth}"
    elif missing:
        verdict = Verdict.VIOLATED
        violation = _unreached(instance, missing[0])
    return Outcome(
        verdict=verdict,
        engine=NAME,
        bound=bound_text(instance.constants, options.budget, statistics.cut),
        statistics=statistics,
        requirements=tuple(p.id for p in compiled.judged),
        violation=violation,
        reached=reached,
        reason=reason,
        workers=options.workers,
        symmetry=tuple(s.name for s in instance.symmetric_sorts) if compiled.symmetry else (),
        interrupted=search.interrupted,
        notes=(compiled.code.note,) if compiled.code.note else (),
        complete=search.finding is None and not search.reason,
    )


def _unreached(instance: Instance, missing: Property) -> Violation:
    claim = next(c for c in instance.requirements if c.id == missing.id)
    message = f"no reachable state has it: {claim.statement}"
    trace = Trace(instance.variables, instance.binding.defaults, ())
    return Violation(ViolationKind.UNREACHED, claim.id, trace, message, claim.at)


def _statistics(compiled: Compiled, search: Search, seconds: float) -> Statistics:
    progress = search.progress()
    cut = {"depth": search.cut_at_depth} if search.cut_at_depth else {}
    outside = search.crew.total(Worker.CUT)
    if outside:
        cut["constraint"] = outside
    left_out = search.crew.total(Worker.LEFT_OUT)
    if left_out:
        cut["step constraint"] = left_out
    levels = tuple(size for size in search.sizes if size)
    distinct = max(progress.distinct, 1)
    return Statistics(
        generated=progress.generated,
        distinct=progress.distinct,
        depth=len(levels),
        left=0 if search.cut_at_depth else progress.left,
        actions=_action_counts(compiled, search),
        unchanged=_unchanged(compiled, search),
        cut=cut,
        levels=levels,
        bits_per_state=compiled.layout.bits,
        bytes_per_state=search.store.bytes / distinct,
        search_seconds=seconds,
        compile_seconds=compiled.seconds,
    )


def _action_counts(compiled: Compiled, search: Search) -> dict[str, ActionCount]:
    actions = compiled.system.actions
    taken = [search.crew.part(n, Worker.PER_ACTION).array for n in range(search.workers)]
    return {
        action.name: ActionCount(sum(counts[n] for counts in taken), search.new_by_action[n])
        for n, action in enumerate(actions)
    }


def _unchanged(compiled: Compiled, search: Search) -> tuple[str, ...]:
    changed = [0] * compiled.layout.words
    for number in range(search.workers):
        for k, bits in enumerate(search.crew.part(number, Worker.CHANGED).array):
            changed[k] |= int(bits)
    return tuple(
        name
        for name, masks in compiled.layout.variable_masks
        if not any(mask & bits for mask, bits in zip(masks, changed, strict=True))
    )
