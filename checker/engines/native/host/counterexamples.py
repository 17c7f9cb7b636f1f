"""From a finding to the canonical counterexample, by running the model along marked states.

The native search says on which states a shortest path to the finding can lie. CPython then walks
from the initial states, each time taking the first step in canonical order that stays on them,
and says in words what is wrong at the end. So every explicit engine reports the same trace.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.engines.native.host.context import Mode, Shared
from planespec.checker.engines.native.host.native_search import Finding, Search
from planespec.checker.engines.native.host.state_store import Segment
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.python import Event, explain, judge_initial
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.outcome import Step, Trace, Violation, ViolationKind


class Marks:
    """One bit for each stored state."""

    def __init__(self, search: Search) -> None:
        """All clear."""
        self.bits = search.store.bits
        chunks = len(search.store.chunks)
        self.map = np.zeros((chunks, max(1, (1 << self.bits) // 64)), np.uint64)
        stride = self.map.strides[0]
        base = self.map.ctypes.data
        self.directory = np.array([base + n * stride for n in range(chunks)], np.uint64)

    def indices(self) -> Any:
        """Sorted indices of the marked states."""
        flat = self.map.reshape(-1)
        places = np.flatnonzero(flat)
        bytes_ = flat[places].view(np.uint8).reshape(-1, 8)
        bits = np.unpackbits(bytes_, axis=1, bitorder="little")
        word, bit = np.nonzero(bits)
        return places[word] * 64 + bit


def marked_levels(search: Search) -> list[Any]:
    """For each level from the initial states on, the indices of states on a shortest path.

    The last array holds the states in which the finding shows: those without successor, those that
    break a requirement as initial states, or those with a step to something bad.
    """
    search.store.shared.array[Shared.PENDING] = search.sought
    last = len(search.levels) - 1
    if search.finding is Finding.INITIAL:
        return [_mark(search, "kernel_mark_bad", search.levels[0], None, Mode.DROP).indices()]
    if search.finding is Finding.DEADLOCK:
        marks = _mark(search, "kernel_mark_deadlocks", search.levels[last - 1], None, Mode.DROP)
    else:
        bad = _mark(search, "kernel_mark_bad", search.levels[last], None, Mode.DROP)
        marks = _mark(search, "kernel_mark", search.levels[last - 1], bad, Mode.MARK)
    found = [marks.indices()]
    for level in range(last - 2, -1, -1):
        marks = _back(search, search.levels[level], marks)
        found.append(marks.indices())
    return found[::-1]


def _back(search: Search, segments: list[Segment], targets: Marks) -> Marks:
    return _mark(search, "kernel_mark", segments, targets, Mode.MARK)


def _mark(
    search: Search, kernel: str, segments: list[Segment], targets: Marks | None, mode: Mode
) -> Marks:
    results = Marks(search)
    shared = search.store.shared.array
    shared[Shared.RESULTS] = results.directory.ctypes.data
    shared[Shared.MARKS] = (targets or results).directory.ctypes.data
    search.set_mode(mode)
    work = search.store.set_work(segments)
    many = kernel == "kernel_mark" and shared[Shared.ITEMS] > search.workers
    search.crew.run(kernel, search.workers if many else 1)
    del work
    return results


def is_marked(indices: Any, index: int) -> bool:
    """Whether a sorted array of indices holds `index`."""
    place = int(np.searchsorted(indices, index))
    return index != 0 and place < len(indices) and int(indices[place]) == index


def violation_of(
    instance: Instance, options: Options, layout: Layout, search: Search
) -> Violation:
    """The first violation in canonical order among those of the finding's level.

    Raises Spent and KeyboardInterrupt.
    """
    ids = options.requirements
    if search.finding is Finding.INITIAL:
        event = next(judge_initial(instance, ids, search.budget.look_at_clock))
        state = event.state if event.state is not None else instance.binding.defaults
        return _violation(event, Trace(instance.variables, state, ()))
    path = path_to(instance, layout, search)
    trace = Trace(instance.variables, path[0].state, tuple(path[1:]))
    reached, tick = _reached(instance, ids, search), search.budget.look_at_clock
    event = next(explain(instance, path[-1].state, ids, reached, tick))
    if event.state is not None:
        step = Step(event.action, event.arguments, event.state)
        trace = Trace(trace.variables, trace.initial, (*trace.steps, step))
    return _violation(event, trace)


def _reached(instance: Instance, ids: tuple[str, ...] | None, search: Search) -> list[str]:
    """The `reachable` properties that were seen before the level of the finding."""
    sought = [c.id for c in instance.judged(ids) if c.kind is PropertyKind.REACHABLE]
    return [name for k, name in enumerate(sought) if not search.sought >> k & 1]


def _violation(event: Event, trace: Trace) -> Violation:
    alone = event.state is None and event.kind is ViolationKind.ERROR
    return Violation(
        kind=event.kind,
        property=event.property,
        trace=trace,
        message=event.message,
        at=event.at,
        action=event.action if alone else "",
        arguments=event.arguments if alone else (),
    )


def path_to(instance: Instance, layout: Layout, search: Search) -> list[Step]:
    """The first shortest path to a state in which the finding shows, its initial state first."""
    marks = search.attend(lambda: marked_levels(search))
    stepper = Stepper(instance)
    stepper.tick = search.budget.look_at_clock
    path = [_first(stepper.steps(None), layout, search, marks[0])]
    for indices in marks[1:]:
        path.append(_first(stepper.steps(path[-1].state), layout, search, indices))
    return path


def _first(steps: Iterable[Step], layout: Layout, search: Search, indices: Any) -> Step:
    for step in steps:
        if is_marked(indices, search.lookup(layout.encode(step.state))):
            return step
    raise AssertionError("no step leads on along the marked states")
