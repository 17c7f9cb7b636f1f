"""Names for structures of facts that are the same exactly where renaming makes them equal.

Individuals are told apart by what is said of them, refined until nothing changes; those that are
told apart become part of the shapes. What then hangs together is a part of its own, and equal
parts are only counted: individuals that no fact relates cost what sorting costs. Where a part has
nobody that differs from the rest, each of a cell is singled out in turn and the least name taken,
but for those that an exchange of individuals shows to be like one tried before.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable

from planespec.checker.engines.python.facts import Fact, Notes, walk_of
from planespec.checker.instance import Instance
from planespec.checker.ir.types import Sort, Type
from planespec.checker.outcome import State

MOST_TRIED = 20_000
"""Individuals singled out for one state. A state without symmetry among its parts needs none."""

Colours = dict[int, int]
Numbered = tuple[int, tuple[int, ...]]


class TooAlike(Exception):  # noqa: N818 - a limit that was met is no error
    """Individuals that are related cannot be told apart within the limit; the message says so."""


class Namer:
    """Gives names to structures; the same name to two exactly where one is a renaming of both."""

    def __init__(self, tick: Callable[[], None]) -> None:
        """`tick` is called now and then; what it raises ends the work."""
        self.tick = tick
        self.tried = 0
        self._shapes: dict[Hashable, int] = {}
        self._names: dict[Hashable, int] = {}

    def name(self, facts: Iterable[Fact], kinds: Colours) -> Hashable:
        """The name of a structure; `kinds` lists the individuals, and which may be exchanged."""
        self.tick()
        self.tried = 0
        return self._whole([(self._shape(s), who) for s, who in facts], kinds)

    def _shape(self, shape: Hashable) -> int:
        return self._shapes.setdefault(shape, len(self._shapes))

    def _whole(self, facts: list[Numbered], colours: Colours) -> int:
        """What is said of nobody, and how often each kind of part is there."""
        about_nobody = tuple(sorted(shape for shape, who in facts if not who))
        names = Counter(self._part(part, mine) for part, mine in _parts(facts, colours))
        return self._name("parts", about_nobody, tuple(sorted(names.items())))

    def _name(self, *found: Hashable) -> int:
        return self._names.setdefault(found, len(self._names))

    def _part(self, facts: list[Numbered], colours: Colours) -> int:
        if len(colours) == 1:
            ((_, kind),) = colours.items()
            alone = tuple(sorted((shape, len(who)) for shape, who in facts))
            return self._name("alone", kind, alone)
        near = _near(facts)
        refined = _settled(near, refine(near, colours))
        return self._refined(facts, near, refined)

    def _refined(self, facts: list[Numbered], near: dict[int, list[Numbered]], c: Colours) -> int:
        cells = _cells(c)
        if any(len(cell) == 1 for cell in cells):
            return self._without_singles(facts, c, cells)
        cell = min(cells, key=len)
        tried: list[Colours] = []
        for one in cell:
            self._count()
            refined = refine(near, {**c, one: -1})
            if not any(_exchanged(near, other, refined) for other in tried):
                tried.append(refined)
        return min(self._refined(facts, near, _settled(near, c)) for c in tried)

    def _count(self) -> None:
        self.tick()
        self.tried += 1
        if self.tried > MOST_TRIED:
            raise TooAlike(
                f"more than {MOST_TRIED:,} ways to tell related individuals of one state apart"
            )

    def _without_singles(self, facts: list[Numbered], c: Colours, cells: list[list[int]]) -> int:
        """Name the rest, where those who are told apart are part of the shapes."""
        fixed = {cell[0]: c[cell[0]] for cell in cells if len(cell) == 1}
        rest = {v: colour for v, colour in c.items() if v not in fixed}
        named = [
            (
                self._shape((shape, tuple([fixed.get(w, -1) for w in who]))),
                tuple([w for w in who if w not in fixed]),
            )
            for shape, who in facts
        ]
        return self._name("rest", self._whole(named, rest), tuple(sorted(fixed.values())))


def _parts(facts: list[Numbered], colours: Colours) -> Iterable[tuple[list[Numbered], Colours]]:
    """What hangs together by facts about several."""
    leader = {v: v for v in colours}

    def find(v: int) -> int:
        while leader[v] != v:
            leader[v] = v = leader[leader[v]]
        return v

    for _, who in facts:
        for other in who[1:]:
            leader[find(other)] = find(who[0])
    said: dict[int, list[Numbered]] = defaultdict(list)
    for fact in facts:
        if fact[1]:
            said[find(fact[1][0])].append(fact)
    mine: dict[int, Colours] = defaultdict(dict)
    for v, colour in colours.items():
        mine[find(v)][v] = colour
    return [(said[first], part) for first, part in mine.items()]


def _near(facts: list[Numbered]) -> dict[int, list[Numbered]]:
    near: dict[int, list[Numbered]] = defaultdict(list)
    for fact in facts:
        for v in set(fact[1]):
            near[v].append(fact)
    return near


def refine(near: dict[int, list[Numbered]], colours: Colours) -> Colours:
    """Tell individuals apart by the facts about them, until that tells no more of them apart."""
    count = len(set(colours.values()))
    while True:
        seen = {
            v: (
                colour,
                tuple(
                    sorted(
                        (shape, tuple([-1 if w == v else colours[w] for w in who]))
                        for shape, who in near[v]
                    )
                ),
            )
            for v, colour in colours.items()
        }
        ranks = {s: n for n, s in enumerate(sorted(set(seen.values())))}
        colours = {v: ranks[s] for v, s in seen.items()}
        if len(ranks) in (count, len(colours)):
            return colours
        count = len(ranks)


def _cells(colours: Colours) -> list[list[int]]:
    cells: dict[int, list[int]] = defaultdict(list)
    for v, colour in colours.items():
        cells[colour].append(v)
    return [cells[colour] for colour in sorted(cells)]


def _settled(near: dict[int, list[Numbered]], colours: Colours) -> Colours:
    """Number those of a cell any two of whom may be exchanged: no order of them is better."""
    settled: Colours = {}
    for cell in _cells(colours):
        start = len(settled)
        alike = all(_keeps(near, {cell[0]: other, other: cell[0]}) for other in cell[1:])
        for k, v in enumerate(cell):
            settled[v] = start + k if alike else start
    return settled


def _exchanged(near: dict[int, list[Numbered]], first: Colours, second: Colours) -> bool:
    """Whether exchanging who is told apart by the one and by the other changes nothing."""
    moved: dict[int, int] = {}
    for cell, other in zip(_cells(first), _cells(second), strict=False):
        if len(cell) != len(other):
            return False
        if len(cell) == 1:
            a, b = cell[0], other[0]
            if moved.setdefault(a, b) != b or moved.setdefault(b, a) != a:
                return False
    return _keeps(near, moved)


def _keeps(near: dict[int, list[Numbered]], moved: dict[int, int]) -> bool:
    about = {fact for v, to in moved.items() if v != to for fact in near[v]}
    return about == {(s, tuple([moved.get(w, w) for w in who])) for s, who in about}


def orbit_of(
    instance: Instance, tick: Callable[[], None] = lambda: None
) -> Callable[[State], Hashable]:
    """A function from states to a name of their orbit under renaming of all symmetric sorts.

    Two states have one name exactly where some permutation of the individuals makes them equal.
    The function raises TooAlike where that takes too many attempts; `tick` is called during them.
    """
    return naming(instance.symmetric_sorts, tuple(instance.types.values()), tick)


def naming(
    sorts: tuple[Sort, ...], variables: tuple[Type, ...], tick: Callable[[], None]
) -> Callable[[State], Hashable]:
    """The function of `orbit_of` for states with variables of these types."""
    offsets: dict[str, int] = {}
    kinds: dict[int, int] = {}
    for number, sort in enumerate(sorts):
        offsets[sort.name] = len(kinds)
        kinds |= dict.fromkeys(range(len(kinds), len(kinds) + sort.size), number)
    walks = [walk_of(t, offsets) for t in variables]
    namer = Namer(tick)

    def name(state: State) -> Hashable:
        notes = Notes(len(kinds))
        for place, (walk, value) in enumerate(zip(walks, state, strict=True)):
            walk(value, place, (), notes)
        anonymous = dict.fromkeys(range(len(kinds), notes.free), len(sorts))
        return namer.name(notes.facts, {**kinds, **anonymous})

    return name
