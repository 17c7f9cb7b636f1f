"""Which individuals of a symmetric sort a state does not tell apart."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from planespec.checker.engines.python.facts import Notes, walk_of
from planespec.checker.instance import Instance
from planespec.checker.outcome import State


class Likeness:
    """Compares individuals of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._first: dict[str, int] = {}
        size = 0
        for sort in instance.symmetric_sorts:
            self._first[sort.name] = size
            size += sort.size
        self._size = size
        self._walks = [walk_of(t, self._first) for t in instance.types.values()]

    def distinct(self, state: State, sort: str, individuals: Iterable[Any]) -> list[Any]:
        """The first of each group that could be exchanged without a trace; all where order counts.

        Two individuals are alike where the state says the same of both.
        """
        listed = list(individuals)
        if sort not in self._first or len(listed) < 2:
            return listed
        notes = Notes(self._size)
        for place, (walk, value) in enumerate(zip(self._walks, state, strict=True)):
            walk(value, place, (), notes)
        found: dict[Any, Any] = {}
        about = {self._first[sort] + int(each): each for each in listed}
        said: dict[int, Counter[Any]] = {number: Counter() for number in about}
        for shape, who in notes.facts:
            for number in set(who) & about.keys():
                said[number][shape, tuple(-1 if w == number else w for w in who)] += 1
        for number, each in about.items():
            found.setdefault(frozenset(said[number].items()), each)
        return list(found.values())
