"""A model whose requirements have many cases, few, or none."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    each,
    invariant,
    leads_to,
    sort,
    step_invariant,
)


class Item(Sort):
    """Something that is counted."""


class Cases(Model):
    """Two counters from 0 to 2, round and round."""

    items: Domain[Item] = sort(2)
    count: Array[Item, Annotated[int, Range(0, 2)]] = each(0)

    @action
    def more(self, i: Item) -> None:
        """One more, or back to 0."""
        self.count[i] = (self.count[i] + 1) % 3

    @invariant
    def guarded(self) -> bool:
        """Has a case in the states with a counter at 2."""
        return all(self.count[i] > 0 for i in self.items if self.count[i] == 2)

    @invariant
    def implied(self) -> bool:
        """Has a case in the one state with both at 2."""
        return not all(self.count[i] == 2 for i in self.items) or self.count[Item(0)] == 2

    @invariant
    def empty(self) -> bool:
        """Never has a case."""
        return all(self.count[i] == 1 for i in self.items if self.count[i] > 2)

    @invariant
    def plain(self) -> bool:
        """Has no premise."""
        return self.count[Item(0)] >= 0

    @step_invariant
    def steps(self, before: "Cases") -> bool:
        """Has a case in the steps that go back to 0."""
        return all(before.count[i] == 2 for i in self.items if self.count[i] < before.count[i])

    def at_end(self) -> bool:
        """Both at 2."""
        return all(self.count[i] == 2 for i in self.items)

    def at_start(self) -> bool:
        """Both at 0."""
        return all(self.count[i] == 0 for i in self.items)

    returns = leads_to(at_end, at_start)
