"""Letters are put into boxes; which one is the post's affair. An action has an adapter's word."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    choose,
    constant,
    each,
    initial,
    invariant,
    mutant,
    require,
    sort,
)


class Box(Sort):
    """A letter box."""


class Post(Model):
    """Boxes are filled and emptied."""

    boxes: Domain[Box] = sort(2)
    night: bool = constant(default=False)
    careless: bool = mutant("Both boxes are filled at once.")

    full: Array[Box, bool] = each(False)
    last: Box | None = None
    count: Annotated[int, Range(0, 2)] = 0
    dark: bool = False

    @initial
    def begin(self, dark: bool) -> None:
        """It may be night, where nights are."""
        require(self.night or not dark)
        self.dark = dark

    @action
    def put(self) -> None:
        """A letter goes into some empty box."""
        b = choose([b for b in self.boxes if not self.full[b]])
        self.full[b] = True
        self.last = b
        self.count += 1
        if self.careless and self.count < 2:
            self.full = each(True)

    @action
    def close(self, b: Box) -> None:
        """A box is emptied."""
        require(self.full[b])
        self.full[b] = False
        self.count -= 1

    @invariant
    def never_both(self) -> bool:
        """Letters are counted."""
        return sum(1 for b in self.boxes if self.full[b]) == self.count
