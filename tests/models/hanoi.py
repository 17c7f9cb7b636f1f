"""The towers of Hanoi, as sequences (TLA+ Examples, tower_of_hanoi/HanoiSeq; 4 disks).

The example records no counts. They are known: each disk may lie on each of the three towers, in
one order, so n disks have 3^n states; in all of these but the three with one tower there are three
moves, in those there are two.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Model,
    Range,
    Size,
    action,
    constant,
    each,
    initial,
    invariant,
    mutant,
    reachable,
    require,
)

Tower = Annotated[int, Range(0, 2)]
Disk = Annotated[int, Range(1, "disks")]


class Hanoi(Model):
    """Disks are moved one by one from tower to tower, never onto a smaller one."""

    disks: int = constant(4, at_least=1, at_most=9)
    any_disk: bool = mutant("A disk is laid on a smaller one.")

    tower: Array[Tower, Annotated[list[Disk], Size("disks")]] = each([])

    @initial
    def stack(self) -> None:
        """All disks lie on the first tower, the largest at the bottom."""
        for k in range(self.disks):
            self.tower[0].append(self.disks - k)

    @action
    def move(self, source: Tower, target: Tower) -> None:
        """The topmost disk of a tower is laid on another one."""
        require(source != target and len(self.tower[source]) > 0)
        if len(self.tower[target]) > 0:
            require(self.any_disk or self.tower[source][-1] < self.tower[target][-1])
        disk = self.tower[source].pop()
        self.tower[target].append(disk)

    @invariant
    def smaller_lie_on_larger(self) -> bool:
        """On every tower the disks grow smaller upwards."""
        return all(
            self.tower[t][k] > self.tower[t][k + 1]
            for t in range(3)
            for k in range(len(self.tower[t]) - 1)
        )

    @reachable
    def moved(self) -> bool:
        """All disks lie on the last tower."""
        return len(self.tower[2]) == self.disks
