"""One implication in many spellings, each with its cases."""
# ruff: noqa: SIM102, SIM110, SIM201 - the spellings are the point

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
    sort,
    step_invariant,
)


class Item(Sort):
    """Something that is counted."""


def implies(p: bool, q: bool) -> bool:
    """Whether p implies q."""
    return not p or q


def fine(n: Annotated[int, Range(0, 2)]) -> bool:
    """Whether a counter is fine."""
    if n == 2:
        return n >= 0
    return True


class Spellings(Model):
    """Two counters from 0 to 2, round and round: what is claimed is claimed where one is 2."""

    items: Domain[Item] = sort(2)
    count: Array[Item, Annotated[int, Range(0, 2)]] = each(0)
    last: Annotated[int, Range(0, 2)] | None = None

    @action
    def up(self, i: Item) -> None:
        """One more, or back to 0."""
        self.count[i] = (self.count[i] + 1) % 3

    @invariant
    def negation_first(self) -> bool:
        """A spelling."""
        return not (self.count[Item(0)] == 2) or self.count[Item(1)] >= 0

    @invariant
    def negation_last(self) -> bool:
        """A spelling."""
        return self.count[Item(1)] >= 0 or not (self.count[Item(0)] == 2)

    @invariant
    def denied_conjunction(self) -> bool:
        """A spelling."""
        return not (self.count[Item(0)] == 2 and self.count[Item(1)] < 0)

    @invariant
    def denied_existence(self) -> bool:
        """A spelling."""
        return not any(self.count[i] == 2 and self.count[i] < 0 for i in self.items)

    @invariant
    def conditional_return(self) -> bool:
        """A spelling."""
        if self.count[Item(0)] == 2:
            return self.count[Item(1)] >= 0
        return True

    @invariant
    def early_return(self) -> bool:
        """A spelling."""
        if self.count[Item(0)] != 2:
            return True
        return self.count[Item(1)] >= 0

    @invariant
    def conditional_expression(self) -> bool:
        """A spelling."""
        return self.count[Item(1)] >= 0 if self.count[Item(0)] == 2 else True

    @invariant
    def nested_ifs_in_a_loop(self) -> bool:
        """A spelling."""
        for i in self.items:
            if self.count[i] == 2:
                if not self.count[i] >= 0:
                    return False
        return True

    @invariant
    def condition_of_a_comprehension(self) -> bool:
        """A spelling."""
        return all(self.count[i] >= 0 for i in self.items if self.count[i] == 2)

    @invariant
    def helper(self) -> bool:
        """A spelling."""
        return implies(self.count[Item(0)] == 2, self.count[Item(1)] >= 0)

    @invariant
    def option(self) -> bool:
        """A spelling."""
        return self.last is None or self.last >= 0

    @invariant
    def early_continue(self) -> bool:
        """A spelling."""
        for i in self.items:
            if self.count[i] != 2:
                continue
            if self.count[i] < 0:
                return False
        return True

    @invariant
    def two_at_once(self) -> bool:
        """A spelling."""
        return (not self.count[Item(0)] == 2 or self.count[Item(1)] >= 0) and (
            not self.count[Item(0)] > 2 or self.count[Item(1)] >= 0
        )

    @invariant
    def counted(self) -> bool:
        """A spelling."""
        return sum(1 for i in self.items if self.count[i] == 2 and self.count[i] < 0) == 0

    @invariant
    def listed(self) -> bool:
        """A spelling."""
        return len([i for i in self.items if self.count[i] == 2 and self.count[i] < 0]) == 0

    @invariant
    def pairs(self) -> bool:
        """Has a case where both are 2."""
        return not any(
            self.count[i] == 2
            and any(self.count[j] == 2 and i != j and self.count[j] < 0 for j in self.items)
            for i in self.items
        )

    @invariant
    def exclusion(self) -> bool:
        """A spelling."""
        return not (self.count[Item(0)] == 2 and self.count[Item(1)] < 0)

    @invariant
    def else_branch(self) -> bool:
        """A spelling."""
        if self.count[Item(0)] != 2:
            fine = True
        else:
            return self.count[Item(1)] >= 0
        return fine

    @invariant
    def helper_with_statements(self) -> bool:
        """A spelling."""
        return all(fine(self.count[i]) for i in self.items)

    @invariant
    def nested(self) -> bool:
        """Has a case where both are 2."""
        return not self.count[Item(0)] == 2 or all(
            self.count[i] >= 0 for i in self.items if i != Item(0) and self.count[i] == 2
        )

    @invariant
    def plain(self) -> bool:
        """A spelling."""
        return self.count[Item(0)] >= 0

    @invariant
    def conjunction_in_a_loop(self) -> bool:
        """A spelling."""
        for i in self.items:
            if self.count[i] == 2 and not self.count[i] >= 0:
                return False
        return True

    @invariant
    def flag(self) -> bool:
        """A spelling."""
        ok = True
        for i in self.items:
            if self.count[i] == 2:
                ok = ok and self.count[i] >= 0
        return ok

    @step_invariant
    def step(self, before: "Spellings") -> bool:
        """A spelling."""
        if before.count[Item(0)] == 2 and self.count[Item(0)] != 2:
            return self.count[Item(0)] == 0
        return True
