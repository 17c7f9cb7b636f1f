"""What a finished search leaves: the canonical counterexample, and the whole graph.

The native search says on which states a shortest path to the finding can lie. CPython then walks
from the initial states, each time taking the first step in canonical order that stays on them,
and says in words what is wrong at the end. So every explicit engine reports the same trace.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.engines.native.host.context import Block, Mode, Shared, Worker
from planespec.checker.engines.native.host.native_search import Finding, Search
from planespec.checker.engines.native.host.state_store import Segment
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.python import Event, explain, judge_initial
from planespec.checker.engines.python.judging import Judge
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
    path, judge = [_first(stepper.steps(None), layout, search, marks[0])], Judge(instance, ())
    for indices in marks[1:]:
        here = path[-1].state
        kept = (s for s in stepper.steps(here) if judge.cut_step(here, s.state) is None)
        path.append(_first(kept, layout, search, indices))
    return path


def _first(steps: Iterable[Step], layout: Layout, search: Search, indices: Any) -> Step:
    for step in steps:
        if is_marked(indices, search.lookup(layout.encode(step.state))):
            return step
    raise AssertionError("no step leads on along the marked states")


# The whole state graph of a finished search, numbered the same for any number of workers.


Array = Any


@dataclass(frozen=True, slots=True)
class StateGraph:
    """States and edges. Node numbers follow the level, then the words of the state.

    `words` has a row for each node; `source`, `target` and `action` an entry for each edge. A
    target that was cut off is the number after the last node; nodes from `expanded` on, which a
    depth cut off, have no edges. `index` has for each node where the search stores it.
    """

    words: Array
    initial: Array
    source: Array
    target: Array
    action: Array
    index: Array
    expanded: int


def state_graph(search: Search) -> StateGraph:
    """List states and edges; the search must have seen everything within its bounds."""
    index, words, level = _states(search)
    order = np.lexsort((*[words[:, k] for k in range(words.shape[1])][::-1], level))
    number = np.empty(len(index), np.int64)
    number[order] = np.arange(len(index))
    places = np.argsort(index)

    def node(indices: Array) -> Array:
        found = np.searchsorted(index[places], np.maximum(indices, index[places[0]]))
        return np.where(indices == 0, len(index), number[places[found]])

    source, target, action = _edges(search)
    edges = np.stack([node(source), node(target), action.astype(np.int64)])
    edges = edges[:, np.lexsort(edges[[1, 2, 0]])]
    initial = np.flatnonzero(level[order] == 0)
    expanded = len(index) - search.cut_at_depth
    return StateGraph(words[order], initial, edges[0], edges[1], edges[2], index[order], expanded)


def _segments(search: Search) -> list[tuple[int, int, int]]:
    return [(n, a, b) for n, level in enumerate(search.levels) for a, b in level]


def _states(search: Search) -> tuple[Array, Array, Array]:
    segments = _segments(search)
    index = np.concatenate([np.arange(a, b, dtype=np.int64) for _, a, b in segments])
    words = np.concatenate([_rows(search, a, b) for _, a, b in segments])
    level = np.concatenate([np.full(b - a, n) for n, a, b in segments])
    return index, words, level


def _rows(search: Search, start: int, end: int) -> Array:
    """States of one segment, which lies in one chunk, as rows of words."""
    chunk = search.store.chunks[start >> search.store.bits]
    assert chunk is not None
    first = start & ((1 << search.store.bits) - 1)
    width = search.width
    words = np.asarray(chunk.array)[first * width : (first + end - start) * width]
    return words.reshape(-1, width)


def _edges(search: Search) -> tuple[Array, Array, Array]:
    crew = search.crew
    limit = 2 * max(1, crew.total(Worker.GENERATED))
    blocks = [Block(limit) for _ in crew.blocks]
    for block, edges in zip(crew.blocks, blocks, strict=True):
        block.array[Worker.EDGES] = edges.address
        block.array[Worker.EDGE_COUNT] = 0
    last = len(search.levels) - bool(search.cut_at_depth)
    work = search.store.set_work([(a, b) for n, a, b in _segments(search) if n < last])
    search.set_mode(Mode.LIST)
    crew.run("kernel_edges", search.workers)
    del work
    counts = [int(b.array[Worker.EDGE_COUNT]) for b in crew.blocks]
    pairs = zip(blocks, counts, strict=True)
    flat = np.concatenate([np.asarray(b.array)[: 2 * n].reshape(-1, 2) for b, n in pairs])
    mask = np.uint64((1 << 40) - 1)
    return flat[:, 0], flat[:, 1] & mask, flat[:, 1] >> np.uint64(40)


def truths_of(search: Search, graph: StateGraph) -> Array:
    """For each node the bits of the `reachable` properties that the code of the search knows."""
    bits = search.store.bits
    chunks = len(search.store.chunks)
    table = np.zeros((chunks, 1 << bits), np.uint64)
    addresses = np.array([row.ctypes.data for row in table], np.uint64)
    shared = search.store.shared.array
    shared[Shared.RESULTS] = addresses.ctypes.data
    shared[Shared.PENDING] = (1 << search.reachables) - 1
    work = search.store.set_work([(a, b) for _, a, b in _segments(search)])
    search.crew.run("kernel_classify", 1)
    del work
    return table[graph.index >> bits, graph.index & ((1 << bits) - 1)]
