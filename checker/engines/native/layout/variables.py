"""Where the variables of a system lie in its states.

Narrow variables are packed into words, the largest first, each into the first word with room;
wide ones take whole words after them.
"""

from collections.abc import Sequence
from typing import Any

from planespec.checker.engines.native.layout.coding import get, put, value_of, words_of
from planespec.checker.engines.native.layout.packing import ALL_ONES, WORD, shape_of
from planespec.checker.ir.system import System
from planespec.checker.ir.types import Type


class Layout:
    """Bit layout of the states of one system.

    `words` is the size of a state in 64-bit words (at least one), `bits` the sum of the bits in
    use, `places` maps each variable to its type, word and shift.
    """

    def __init__(self, system: System) -> None:
        self.places: dict[str, tuple[Type, int, int]] = {}
        self.bits = 0
        free: list[int] = []
        types = {v.name: v.type for v in system.variables}
        narrow = [n for n, t in types.items() if not shape_of(t).wide]
        for name in sorted(narrow, key=lambda n: -shape_of(types[n]).bits):
            self._pack(name, types[name], free)
        used = len(free)
        for name in (n for n in types if n not in self.places):
            shape = shape_of(types[name])
            self.places[name] = (types[name], used, 0)
            used += shape.words
            self.bits += shape.words * WORD
        self.words = max(used, 1)
        self.places = {name: self.places[name] for name in types}

    def _pack(self, name: str, type_: Type, free: list[int]) -> None:
        """Give a narrow variable a place; `free` holds the unused low bits of each word."""
        bits = shape_of(type_).bits
        word = next((w for w, room in enumerate(free) if room >= bits), len(free))
        if word == len(free):
            free.append(WORD)
        free[word] -= bits
        self.places[name] = (type_, word, free[word])
        self.bits += bits

    def encode(self, state: tuple[Any, ...]) -> tuple[int, ...]:
        """Words of a state given as frozen values in declaration order."""
        words = [0] * self.words
        for (type_, word, shift), value in zip(self.places.values(), state, strict=True):
            put(words, word, shift, shape_of(type_), words_of(type_, value))
        return tuple(words)

    def decode(self, words: Sequence[int]) -> tuple[Any, ...]:
        """Frozen values of a state, in declaration order."""
        return tuple(
            value_of(type_, get(words, word, shift, shape_of(type_)))
            for type_, word, shift in self.places.values()
        )

    @property
    def variable_masks(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """For each variable the bits it owns, as one mask for each word."""
        return tuple((name, self._masks(name)) for name in self.places)

    def _masks(self, name: str) -> tuple[int, ...]:
        type_, word, shift = self.places[name]
        shape = shape_of(type_)
        masks = [0] * self.words
        if shape.wide:
            masks[word : word + shape.words] = [ALL_ONES] * shape.words
        else:
            masks[word] = shape.mask << shift
        return tuple(masks)
