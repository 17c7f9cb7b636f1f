"""Objects whose text differs from that of others only where objects of their kind differ.

Pods of one controller are printed alike. Once some have been read whose parts are the same, the
text of one is kept as a stencil: literal pieces, and between them gaps for names, times and the
like. A text that agrees with all pieces is not decoded; what stands in its gaps is all it says.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

from planespec.reports.audit.reading.item import LARGEST_OBJECT
from planespec.spec.objects.interning import (
    OF_METADATA,
    OF_POD_SPEC,
    OF_POD_STATUS,
    TOKEN_VOLUME,
    Gaps,
    Interner,
    Stored,
)

KEPT = 8
"""Stencils that a text is held against, the last that fitted first."""
MOST_KEPT = 1 << 12
"""Stencils in all, some kilobytes each."""
_FAMILY, _FIRST_FIELDS, _LONGEST_NAME = '"generateName"', 4096, 300
"""The field that tells of one controller, and characters in which it is looked for."""
MET_BEFORE = 2
"""Objects with the same parts before one is made a stencil, which costs as much as reading it."""
MOST_COUNTED = 1 << 17
"""Sets of parts of which it is counted how often they were met."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_MARK, _LARGE = "=gap-", 9 * 10**14
"""What marks begin with, in gaps of text and of numbers."""
_NO_MARKS = (_MARK, str(_LARGE)[:11])


def _list_fields(gaps: Gaps) -> Iterator[str]:
    yield from (*gaps.fields, gaps.token)
    for _, below in gaps.below:
        yield from _list_fields(below)


_FIELDS = {*chain(*map(_list_fields, (OF_METADATA, OF_POD_SPEC, OF_POD_STATUS)))} - {""}
_GAP = re.compile(
    rf'"(?:{"|".join(sorted(_FIELDS))})"\s*:\s*'
    rf'(?:"(?P<text>(?P<token>{TOKEN_VOLUME})?[^"\\]*)"|(?P<number>\d{{1,15}})(?=[\s,}}\]]))',
    re.ASCII,
)
"""What may be a gap: whether it is one, a trial tells."""


class Traced(NamedTuple):
    """What an object says whose text fits a stencil."""

    stencil: "Stencil"
    values: list[list[object]]
    """What stands in the gaps of each section, as in `Stored`."""
    end: int
    """Where its text ends."""


class _Piece(NamedTuple):
    """A literal piece of a text with a gap behind it."""

    text: str
    size: int
    """Characters before the gap: the value in it may begin as that of all others."""
    is_number: bool


class Stencil:
    """The text of an object with gaps."""

    def __init__(self, pieces: Sequence[_Piece], rest: str, order: list[list[int]]) -> None:
        """Keep the pieces before each gap and behind the last; `order` names gaps by number."""
        self._pieces, self._rest, self._order = pieces, rest, order
        self.lines = rest.count("\n") + sum(each.text.count("\n") for each in pieces)
        self._numbers = [place for place, each in enumerate(pieces) if each.is_number]
        self.parts: Any = None
        """What is known of the parts that all such objects have."""

    def trace(self, text: str, start: int) -> Traced | None:
        """Read the object that begins at `start`; None where its text is another."""
        position = start
        said: list[Any] = []
        for piece, size, is_number in self._pieces:
            if not text.startswith(piece, position):
                return None
            begin = position + size
            if is_number:
                number = _NUMBER.match(text, begin)
                position = begin if number is None else number.end()
            else:
                position = text.find('"', begin)
            if position <= begin:
                return None
            said.append(text[begin:position])
        together = "".join(said)
        if not text.startswith(self._rest, position) or "\\" in together:
            return None
        end = position + len(self._rest)
        if not together.isprintable() or end - start > LARGEST_OBJECT:
            return None
        for place in self._numbers:
            said[place] = int(said[place])
        return Traced(self, [[said[place] for place in each] for each in self._order], end)


def cut_stencil(text: str, stored: Stored) -> Stencil | None:
    """Make a stencil of the text of a stored object; None where that does not do.

    Which places are gaps is tried out: each gets a mark, and those are that `Stored` puts aside.
    """
    if any(each in text for each in _NO_MARKS):
        return None
    places = [*_GAP.finditer(text)]
    spans = [place.span("number" if place["number"] else "text") for place in places]
    parts = [text[a:b] for a, b in pairwise([0, *chain(*spans), len(text)])]
    parts[1::2] = [str(_mark(number, place)) for number, place in enumerate(places)]
    tried = Stored(Interner(), stored.key, "", json.loads("".join(parts)), None)
    known = {_mark(number, place): number for number, place in enumerate(places)}
    order = [[known.get(value, -1) for value in each] for each in tried.list_values()]
    gaps = sorted(chain(*order))
    if gaps and gaps[0] < 0:
        return None
    ranks = {number: rank for rank, number in enumerate(gaps)}
    ranked = [[ranks[number] for number in each] for each in order]
    stencil = Stencil(*_cut(text, [(places[gap], *spans[gap]) for gap in gaps]), ranked)
    traced = stencil.trace(text, 0)
    return stencil if traced is not None and traced.values == stored.list_values() else None


def _mark(number: int, place: re.Match[str]) -> str | int:
    """Return what is put into a place that may be a gap."""
    return _LARGE + number if place["number"] else f"{place['token'] or ''}{_MARK}{number}="


def _cut(text: str, gaps: list[tuple[re.Match[str], int, int]]) -> tuple[list[_Piece], str]:
    """Return the pieces of the text before each gap, and what is left."""
    pieces, end = [], 0
    for place, begin, after in gaps:
        token = len(place["token"] or "")
        pieces.append(_Piece(text[end : begin + token], begin - end, bool(place["number"])))
        end = after
    return pieces, text[end:]


class Stencils:
    """The stencils cut so far, by what the object is called before its own name is made."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, list[Stencil]] = {}
        self._count = 0
        self._met: dict[object, int] = {}

    def trace(self, text: str, start: int) -> Traced | None:
        """Read the object that begins at `start`; None where none fits."""
        stencils = self._known.get(_find_family(text, start))
        for place, stencil in enumerate(stencils or ()):
            found = stencil.trace(text, start)
            if found is not None:
                if stencils and place:
                    stencils.insert(0, stencils.pop(place))
                return found
        return None

    def learn(self, text: str, stored: Stored, parts: object) -> None:
        """Take note of an object that none fitted; `parts` is what its parts are known by."""
        if len(self._met) >= MOST_COUNTED:
            self._met.clear()
        met = self._met[parts] = self._met.get(parts, 0) + 1
        stencil = cut_stencil(text, stored) if met == MET_BEFORE + 1 else None
        if stencil is None:
            return
        stencil.parts = parts
        if self._count >= MOST_KEPT:
            self._known.clear()
            self._count = 0
        self._count += 1
        stencils = self._known.setdefault(_find_family(text, 0), [])
        stencils.insert(0, stencil)
        del stencils[KEPT:]


def _find_family(text: str, start: int) -> str:
    """Return what controllers let the names of their pods begin with; empty for other objects."""
    begin = text.find(_FAMILY, start, start + _FIRST_FIELDS)
    return text[begin : text.find(",", begin, begin + _LONGEST_NAME)] if begin >= 0 else ""
