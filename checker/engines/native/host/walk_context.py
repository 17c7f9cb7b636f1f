"""The words that random walks share with the host program; see `context` for searches."""

from enum import IntEnum, auto


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
