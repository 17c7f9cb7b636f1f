"""Locals: accumulators, joined types, values that change in place, loops left early."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    choose,
    each,
    initial,
    invariant,
    require,
    sort,
)


class P(Sort):
    """A process."""


class Color(Enum):
    """A colour."""

    RED = 1
    GREEN = 2
    BLUE = 3


N = Annotated[int, Range(0, 7)]


class Locals(Model):
    """Counts, sums, flags, collections."""

    ps: Domain[P] = sort(3)
    x: Array[P, N] = each(0)
    color: Array[P, Color] = each(Color.RED)
    who: P | None = None
    out: Annotated[list[N], Size(6)] = []
    n: Annotated[int, Range(-100, 100)] = 0
    deadlock = False

    @initial
    def start(self, c: Color) -> None:
        require(c != Color.BLUE)
        for p in self.ps:
            self.color[p] = c
        first = choose(self.ps)
        self.x[first] = 1

    @action
    def count(self, p: P, c: Color) -> None:
        total = 0
        greatest = -1
        found = None
        for q in self.ps:
            if q == p:
                continue
            if self.color[q] == c:
                total += 1
                total = total + self.x[q]
                greatest = max(greatest, self.x[q])
                found = q
        self.n = total - greatest
        if found is not None:
            self.who = found
            self.x[found] = min(self.x[found] + 1, 3)

    @action
    def gather(self) -> None:
        seen = set()
        out = []
        for p in self.ps:
            for v in range(2):
                value = self.x[p] + v
                if value not in seen:
                    seen.add(value)
                    out.append(value)
        seen -= {0}
        require(len(out) <= 5)
        self.out = out
        self.n = len(seen) * 10 - len(out)
        self.x[self.ps[0]] = (self.x[self.ps[0]] * 3 + 1) % 5

    @action
    def recolor(self, p: P) -> None:
        new = Color.RED
        for c in Color:
            new = c
            if c != self.color[p] and not any(self.color[q] is c for q in self.ps):
                break
        self.color[p] = new

    @action
    def build(self) -> None:
        counts = {c: 0 if c is Color.RED else 1 for c in Color}
        for p in self.ps:
            counts[self.color[p]] += 1
        row = [0, 0, 0]
        for i in range(3):
            row[i] = counts[Color.RED] + i
        best: N = 0
        for v in row:
            best = max(best, v)
        self.n = best * 10 + counts[Color.BLUE] - row[2]
        self.out = row

    @action
    def limits(self) -> None:
        steps = 0
        value = 1
        for p in self.ps:
            value = min(value * 2, 50)
            steps = steps - int(p) % 2 - 1
        self.n = value + steps + abs(steps) // 2 - (-value) // 3 + (-value) % 4
        require(self.who != None)  # noqa: E711
        self.who = None

    @invariant
    def in_range(self) -> bool:
        low = min(self.x[p] for p in self.ps)
        return 0 <= low <= max(self.x) < 8 and sum(self.x) >= low


class Stepwise(Model):
    """Several choices, nested loops, errors in the middle."""

    ps: Domain[P] = sort(2)
    a: N = 0
    b: Array[P, Array[Color, bool]] = each(each(False))
    seen: set[Color] = {Color.RED}
    deadlock = False

    @action
    def pick(self) -> None:
        c = choose(self.seen)
        d = choose(e for e in Color if e != c)
        n = choose(range(self.a, 3))
        self.seen = {c, d}
        self.a = n + 1
        self.b[self.ps[n % 2]][c] = not self.b[self.ps[0]][d]

    @action
    def overflow(self, k: N) -> None:
        require(self.a > 2 and k > 5)
        self.a += k
        assert self.a < 7, f"a is {self.a}"

    @action
    def divide(self, k: Annotated[int, Range(-2, 2)]) -> None:
        require(len(self.seen) == 2)
        self.a = abs(7 // k % 7)

    @action
    def each_color(self) -> None:
        self.b = {p: {c: self.b[p][c] or c in self.seen for c in Color} for p in self.ps}
        for row in self.b:
            for flag in row:
                require(flag in (True, False))
