"""How many different states were judged, from a sample of their hashes.

Only hashes below a limit are kept; when there are too many, the limit is halved (Wegman's
adaptive sampling). What is kept over all workers at the least limit does not depend on who met
which state.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from planespec.checker.native.memory import Block
from planespec.checker.native.walk_context import SAMPLE_MOST, SAMPLE_ROOM, Walker

EVERY = (1 << 64) - 1


def purge(block: Any, table: Any) -> None:
    """Halve the limit of a worker and drop what lies beyond, until there is room again."""
    table = np.asarray(table)
    while int(block[Walker.SAMPLED]) > SAMPLE_MOST:
        limit = int(block[Walker.LIMIT]) // 2
        kept = table[(table != 0) & (table < np.uint64(limit))].copy()
        table[:] = 0
        for value in kept.tolist():
            place = value & (SAMPLE_ROOM - 1)
            while table[place]:
                place = (place + 1) & (SAMPLE_ROOM - 1)
            table[place] = value
        block[Walker.LIMIT], block[Walker.SAMPLED] = limit, len(kept)


def estimate(blocks: Iterable[Block], tables: Iterable[Block]) -> tuple[int, bool]:
    """Different states over all workers, and whether that is a count rather than an estimate."""
    limit = min(int(b.array[Walker.LIMIT]) for b in blocks)
    found = np.unique(np.concatenate([t[t != 0] for t in (np.asarray(b.array) for b in tables)]))
    found = found[found < np.uint64(limit)]
    while len(found) > SAMPLE_MOST:
        limit //= 2
        found = found[found < np.uint64(limit)]
    return round(len(found) * (EVERY / limit)), limit == EVERY
