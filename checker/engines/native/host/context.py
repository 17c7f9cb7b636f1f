"""The words that workers, walks and the host program share, and blocks of zeroed memory.

Both are arrays of 64-bit words; the numbers below are the places in them. Addresses are numbers.
"""

import ctypes
import mmap
import os
from array import array
from enum import IntEnum, auto
from pathlib import Path


class Worker(IntEnum):
    """Places in a worker's own block; no other thread writes here while it runs."""

    SHARED = 0  # address of the shared block
    BUFFER = auto()  # address of the ring of successors not yet settled
    COUNT = auto()  # how many have been put there since it was empty
    EMITTED = auto()  # successors and failed instances so far, for deadlock detection
    GENERATED = auto()  # successors so far
    DISTINCT = auto()  # new states so far
    UNREPORTED = auto()  # those among them that `Shared.INSERTED` does not count yet
    ACTIONS = auto()  # address: action number of each successor in the ring
    HASHES = auto()  # address: hash of each successor in the ring
    RECENT = auto()  # address: states looked up not long ago
    SCRATCH = auto()  # address: hashes of a work item while the table is filled again
    CHUNK = auto()  # address of the next free state in the current chunk
    NEXT = auto()  # its index
    ACTION = auto()  # address of the place for its action, two bytes
    END = auto()  # index after the last of the chunk
    PER_ACTION = auto()  # address: a word an action, successors generated
    CURRENT = auto()  # address of the state being expanded
    CHANGED = auto()  # address: bits in which a state ever differed from its successor
    BAD = auto()  # new states that break a requirement
    FAILED = auto()  # instances that were model errors
    BROKEN = auto()  # steps that broke a step requirement
    DEADLOCKS = auto()  # states without successor
    CUT = auto()  # successors outside a constraint
    LEFT_OUT = auto()  # steps outside a constraint on steps
    ALIKE = auto()  # 1 once the representative of a state was too hard to find
    REACHED = auto()  # bits of reachable properties seen
    EXPANDED = auto()  # states expanded
    FOUND = auto()  # marking: a successor of the state at hand is marked
    MODE = auto()  # what becomes of successors, see Mode
    NUMBER = auto()  # which worker this is
    EDGES = auto()  # address: two words an edge, source and (action, target)
    EDGE_COUNT = auto()  # how many edges were listed
    DROPPED = auto()  # new states that could not be stored
    SOURCE = auto()  # index of the state whose edges are listed
    UNTIL = auto()  # index after the last state of the work item at hand
    SIZE = auto()


class Shared(IntEnum):
    """Places in the shared block; each hot one has a cache line of its own."""

    CURSOR = 0  # next work item
    INSERTED = 8  # states in the table, all workers
    TABLE = 16  # address of the visited table
    MASK = auto()  # its size less one; a power of two
    LIMIT = auto()  # states it may hold before it must grow
    CHUNKS = auto()  # address: address of each chunk of states
    ACTIONS = auto()  # address: for each chunk the address of the actions that found its states
    FRESH = auto()  # address: for each chunk the first index of the level under construction
    ITEMS = auto()  # how many work items there are
    WORK = auto()  # address: two words an item, first index and number of states
    PENDING = auto()  # bits of reachable properties not seen yet
    DEADLOCK = auto()  # whether states without successor are looked for
    REPORT = auto()  # new states a worker keeps to itself
    ENOUGH = auto()  # states at which the budget of states is spent
    GROW_CHUNK = auto()  # address of the host function that hands out a chunk
    GROW_TABLE = auto()  # address of the host function that makes the table larger
    MARKS = auto()  # address: address of a bit map for each chunk: targets
    RESULTS = auto()  # address: the same, what marking finds
    SIZE = 64


class Mode(IntEnum):
    """What becomes of a successor."""

    INSERT = 0
    """Look up in the visited table, store when new."""
    MARK = 1
    """Look up; tell whether it is marked."""
    DROP = 2
    """Count and forget."""
    LIST = 3
    """Look up and write down as an edge."""


INDEX_BITS = 40
"""Low bits of a table entry: index of the state. The rest is a tag, part of the hash."""

LAG = 16
"""Successors between one visit of a successor to memory and the next; the ring holds four times
as many."""

RING = 4 * LAG

REPORT = 256
"""New states a worker keeps to itself, at most, before it tells how full the table is."""

RECENT_STATES = 1 << 10
"""States a worker remembers to have looked up; they should fit in the first-level cache."""

BROKEN, OUTSIDE, ERROR = 1, 2, 8
"""What `model_judge` says of a state: a requirement fails, a constraint does, an error."""

JUDGE_BAD = BROKEN | ERROR
REACH_ERROR = 1 << 63
"""The bit of `model_reach` that says that a property goes wrong."""


# The words that random walks share with the host program; see `context` for searches.


class Walker(IntEnum):
    """Places in the block of a worker; no other thread writes here while it runs."""

    SHARED = 0  # address of the shared block
    CURRENT = auto()  # address of the state the walk is in
    SLOT = auto()  # address of room for the next successor
    BEST = auto()  # address of the successor taken so far
    RANDOM = auto()  # state of the walk's stream of random numbers
    CANDIDATES = auto()  # successors that might have been taken
    ACTION = auto()  # action of the one in BEST
    EMITTED = auto()  # successors and failed instances
    FOUND = auto()  # one of them breaks something
    BROKEN = auto()  # the next successor comes by a step that breaks a step requirement
    STARTING = auto()  # initial states are being emitted
    AGAIN = auto()  # the state is expanded a second time: count and judge nothing
    SUBSET = auto()  # address: bits of the actions the walk may use
    MASKED = auto()  # whether the subset is in force
    ROW = auto()  # address of the row of the walk
    RECENT = auto()  # address: states judged not long ago, with what was found
    SAMPLE = auto()  # address: table of hashes of judged states, those below LIMIT
    SAMPLED = auto()  # how many it holds
    LIMIT = auto()  # hashes from here on are not sampled
    SIZE = auto()


class Walks(IntEnum):
    """Places in the shared block; each hot one has a cache line of its own."""

    CURSOR = 0  # next walk of the round
    LEAST = 8  # least walk of the round that found something wrong
    COUNT = 16  # walks of the round
    SEED = auto()
    FIRST = auto()  # number of the first walk of the round
    DEPTH = auto()  # most steps of a walk
    SWARM = auto()  # whether each walk uses a random half of the actions
    SUBSET_WORDS = auto()  # words of such a half
    DEADLOCK = auto()  # whether states without successor are looked for
    REACHABLE = auto()  # bits of all reachable properties
    ROWS = auto()  # address: a row for each walk of the round
    ROW_WORDS = auto()  # words of a row
    PURGE = auto()  # address of the host function that halves LIMIT
    SIZE = 64


class Row(IntEnum):
    """Places in the row of a walk: what it saw, so that rows add up in the order of walks."""

    END = 0  # a member of `simulation.plan.End`
    STEPS = auto()
    JUDGED = auto()  # initial states and successors
    REACHED = auto()  # bits of reachable properties seen
    ACTIONS = auto()  # two words for each action: successors it gave, steps taken


SAMPLE_ROOM = 1 << 14
SAMPLE_MOST = 1 << 13
"""Hashes kept to estimate how many states differ: the error is near one in the root of them."""


# Blocks of zeroed memory that cost nothing until they are touched.


HUGE = 1 << 21
"""Size of a huge page; large blocks begin at a multiple of it."""

CGROUP = Path("/sys/fs/cgroup")

PRIVATE: dict[str, int] = (
    {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
)
"""Shared pages, which Python maps by default, are never huge."""


class Block:
    """`count` 64-bit words, zero at first; `array` is a view of them, `address` where they are.

    NumPy reads and writes the view in place; it is not needed, and takes long to import.
    Raises MemoryError when the operating system refuses.
    """

    def __init__(self, count: int) -> None:
        """Map the pages; huge ones are asked for where the block is large enough."""
        size = max(8 * count, 8)
        large = size >= 4 * HUGE
        try:
            self._map: mmap.mmap | None = mmap.mmap(-1, size + (HUGE if large else 0), **PRIVATE)
        except (OSError, ValueError) as error:
            raise MemoryError(f"cannot map {size} bytes: {error}") from error
        if large and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self.address = -(-start // HUGE) * HUGE if large else start
        self.bytes = size
        offset = self.address - start
        self.array = memoryview(self._map)[offset : offset + 8 * count].cast("Q")

    def fill(self, value: int) -> None:
        """Write one value everywhere."""
        self.array[:] = array("Q", [value]) * len(self.array)

    def release(self) -> None:
        """Give the pages back; the address must not be used any more."""
        self.array = memoryview(b"").cast("Q")
        self._map = None


def free_memory() -> int | None:
    """Bytes this process may still take before the machine or its container is full, if known."""
    found = [x for x in (_machine_free(), _container_free()) if x is not None]
    return min(found, default=None)


def _machine_free() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _pages("SC_PHYS_PAGES")
    sizes = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines)}
    return int(sizes["MemAvailable"]) * 1024 if "MemAvailable" in sizes else None


def _pages(name: str) -> int | None:
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _container_free() -> int | None:
    """What the control group of a container leaves (cgroup v2: memory.max, memory.current)."""
    try:
        limit = (CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((CGROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used)
