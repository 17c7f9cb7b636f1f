"""The random numbers of a walk: SplitMix64 (Steele, Lea, Flood 2014), a stream for each walk.

The stream depends on the seed and the number of the walk alone, so that a walk is the same on any
engine, with any number of workers and in any order. `native.walk_kernel` has the same functions.
"""

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
STREAM = 0xD1342543DE82EF95


def mixed(word: int) -> int:
    """A bijection of 64-bit words in which every bit depends on every other."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


class Draws:
    """The stream of one walk."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, walk: int) -> None:
        """`seed` is a word of 64 bits, `walk` counts from 0."""
        start = mixed((seed + GOLDEN) & MASK)
        self._state = mixed(start ^ ((walk * STREAM) & MASK))

    def word(self) -> int:
        """The next 64 random bits."""
        self._state = (self._state + GOLDEN) & MASK
        return mixed(self._state)

    def takes(self, candidate: int) -> bool:
        """Whether the candidate of this number (from 1) replaces the one taken so far.

        It does with probability 1/candidate, so that after n candidates each is taken with
        probability 1/n. The first one draws nothing.
        """
        return candidate == 1 or self.word() * candidate < 1 << 64
