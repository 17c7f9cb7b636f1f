"""A record whose field leaves its range was a model error for compiled code where it was made, and
for CPython only where it was stored."""

from typing import Annotated

from planespec.checker.lang import Bag, Model, Range, Size, action, invariant, record


@record
class Note:
    """A small number."""

    value: Annotated[int, Range(0, 1)]


class Random(Model):
    """Notes are looked up and not stored."""

    n: Annotated[int, Range(0, 3)] = 0
    seen: Annotated[set[Note], Size(2)] = set()
    pool: Annotated[Bag[Note], Size(2)] = Bag()

    @action
    def grow(self) -> None:
        """One more, unless the note is there."""
        if Note(self.n) not in self.seen:
            self.n = (self.n + 1) % 4

    @invariant
    def none(self) -> bool:
        """No such note."""
        return self.pool.count(Note(self.n % 2)) == 0
