"""The words that a worker and the host program share: one block a worker, one for all.

Both are arrays of 64-bit words; the numbers below are the places in them. Addresses are numbers.
"""

from enum import IntEnum, auto


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

JUDGE_BAD = 1 | 8
JUDGE_OUTSIDE = 2
REACH_ERROR = 1 << 63
