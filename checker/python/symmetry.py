"""Symmetry in the reference engine: which states differ in the names of individuals only."""

from collections.abc import Callable, Hashable

from planespec.checker.instance import Instance
from planespec.checker.ir.types import Sort, Type
from planespec.checker.outcome import State
from planespec.checker.python.facts import Notes, walk_of
from planespec.checker.python.orbits import Namer


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
