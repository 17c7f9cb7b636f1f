"""The whole state graph of a finished search, numbered the same for any number of workers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from planespec.checker.engines.native.host.blocks import Block
from planespec.checker.engines.native.host.context import Mode, Shared, Worker
from planespec.checker.engines.native.host.native_search import Search

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
