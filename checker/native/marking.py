"""Going back from what was found: which states lie on a shortest path to it?

No parent is stored with a state: it would cost memory on every state, and which of several parents
comes first depends on the race between workers. Instead the levels are walked backwards once, and
only when there is something to explain: a state is *marked* when one of its successors is. The
canonical counterexample is the least path through marked states.
"""

from typing import Any

import numpy as np

from planespec.checker.native.context import Mode, Shared
from planespec.checker.native.search import Finding, Search
from planespec.checker.native.store import Segment


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
