"""`replace` of a field called `value` went wrong under CPython alone."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action, record, replace


@record
class Note:
    """A small number."""

    value: Annotated[int, Range(0, 2)] = 0


class Random(Model):
    """A note that changes."""

    note: Note = Note()

    @action
    def grow(self) -> None:
        """One more, round and round."""
        self.note = replace(self.note, value=(self.note.value + 1) % 3)
