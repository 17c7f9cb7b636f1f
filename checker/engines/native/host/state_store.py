"""Where the states are: chunks that only grow at the end, and the visited table over them.

A state's index is its chunk's number and its place in the chunk. Each worker fills chunks of its
own; the segments it filled during a level are that level's part of the frontier.
"""

from array import array
from collections import Counter
from collections.abc import Sequence

from planespec.checker.budget import Spent
from planespec.checker.engines.native.host.context import INDEX_BITS, Block, Shared

CHUNK_BYTES = 1 << 23
FIRST_TABLE = 1 << 16
CHUNKS = 1 << 20
"""Chunks there may be: some terabytes."""

NEVER = (1 << 64) - 1
MAX_LOAD = 0.8
MANY = 1 << 18
"""So many numbers are counted one by one in some hundredths of a second."""
ITEM_STATES = 256
"""States in one piece of work: enough to amortise the claim, few enough to share evenly."""

Segment = tuple[int, int]


def chunk_bits(width: int) -> int:
    """Logarithm of the states in a chunk of about 8 MB."""
    return max(8, (CHUNK_BYTES // (8 * width)).bit_length() - 1)


class Store:
    """Chunks, table and the shared block that tells the workers where they are."""

    def __init__(self, width: int, workers: int, memory_limit: int | None) -> None:
        """Begin with an empty table; `memory_limit` bounds all blocks together, in bytes."""
        self.width = width
        self.bits = chunk_bits(width)
        self.workers = workers
        self.memory_limit = memory_limit
        self.shared = Block(Shared.SIZE)
        self.directory = Block(CHUNKS)
        self.chunks: list[Block | None] = [None]
        self.actions = [Block(1)]
        self.action_directory = Block(CHUNKS)
        self.fresh = Block(CHUNKS)
        self.table = Block(1)
        self.shared.array[Shared.CHUNKS] = self.directory.address
        self.shared.array[Shared.ACTIONS] = self.action_directory.address
        self.shared.array[Shared.FRESH] = self.fresh.address
        self._use_table(Block(FIRST_TABLE))

    @property
    def bytes(self) -> int:
        """Memory mapped for states, their actions and the table."""
        chunks = sum(c.bytes for c in self.chunks if c is not None)
        return self.table.bytes + chunks + sum(a.bytes for a in self.actions)

    def fits(self, more: int) -> bool:
        """Whether `more` bytes may be mapped."""
        return self.memory_limit is None or self.bytes + more <= self.memory_limit

    def new_chunk(self) -> Segment:
        """Map a chunk; returns its first index and the one after its last.

        Raises Spent at the limit, MemoryError when the system has no more.
        """
        size = self.width << self.bits
        if not self.fits(8 * size + (2 << self.bits)):
            raise Spent(f"the budget of {self.memory_limit:,} bytes is spent")
        block = Block(size)
        number = len(self.chunks)
        self.chunks.append(block)
        self.directory.array[number] = block.address
        self.actions.append(Block((1 << self.bits) // 4))
        self.action_directory.array[number] = self.actions[-1].address
        self.fresh.array[number] = number << self.bits
        return number << self.bits, (number + 1) << self.bits

    def begin_level(self, started: Sequence[int]) -> None:
        """From here on only states stored at or after one of these indices are of the level."""
        self.fresh.array[: len(self.chunks)] = array("Q", [NEVER]) * len(self.chunks)
        for index in started:
            self.fresh.array[index >> self.bits] = index

    def count_actions(self, segments: Sequence[Segment]) -> Counter[int]:
        """How many states of the segments each action was the least to find."""
        total: Counter[int] = Counter()
        mask = (1 << self.bits) - 1
        for start, end in segments:
            shorts = self.actions[start >> self.bits].array.cast("B").cast("H")
            _count(shorts[start & mask : (start & mask) + end - start], total)
        return total

    def address(self, index: int) -> int:
        """Address of the state with that index."""
        chunk = self.chunks[index >> self.bits]
        assert chunk is not None
        return chunk.address + 8 * self.width * (index & ((1 << self.bits) - 1))

    def words(self, index: int) -> tuple[int, ...]:
        """The words of a stored state."""
        chunk = self.chunks[index >> self.bits]
        assert chunk is not None
        start = self.width * (index & ((1 << self.bits) - 1))
        return tuple(chunk.array[start : start + self.width])

    def larger_table(self) -> None:
        """Replace the table by an empty larger one; the caller fills it again from the chunks.

        Small tables grow fourfold, large ones double. Raises as `new_chunk` does.
        """
        words = self.table.bytes // 8
        wanted = words * (4 if words < 1 << 24 else 2)
        if not self.fits(8 * wanted - self.table.bytes):
            raise Spent(f"the budget of {self.memory_limit:,} bytes is spent")
        larger = Block(wanted)  # first, for where this fails the table is still in use
        self.table.release()
        self._use_table(larger)

    def _use_table(self, block: Block) -> None:
        words = block.bytes // 8
        self.table = block
        self.shared.array[Shared.TABLE] = block.address
        self.shared.array[Shared.MASK] = words - 1
        self.shared.array[Shared.LIMIT] = int(words * MAX_LOAD)

    def set_work(self, segments: Sequence[Segment]) -> "array[int]":
        """Cut segments into work items; the returned array must live while workers use it."""
        total = sum(end - start for start, end in segments)
        step = max(1, min(ITEM_STATES, total // (8 * self.workers)))
        work = array("Q")
        for start, end in segments:
            for first in range(start, end, step):
                work.extend((first, min(end - first, step)))
        self.shared.array[Shared.WORK] = work.buffer_info()[0]
        self.shared.array[Shared.ITEMS] = len(work) // 2
        self.shared.array[Shared.CURSOR] = 0
        return work


def _count(numbers: memoryview, total: Counter[int]) -> None:
    """Count small numbers; NumPy, which takes long to import, only where it saves more."""
    if len(numbers) < MANY:
        total.update(numbers)
        return
    import numpy as np

    for number, count in enumerate(np.bincount(np.asarray(numbers)).tolist()):
        total[number] += count


assert CHUNK_BYTES < 1 << INDEX_BITS
