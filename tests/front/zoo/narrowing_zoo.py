"""What conditions and cases say about unions, in every form that a type checker follows."""

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
    each,
    invariant,
    record,
    require,
    sort,
)


class Node(Sort):
    """N."""


class Color(Enum):
    """C."""

    RED = 1
    BLUE = 2


@record
class A:
    """A."""

    v: Annotated[int, Range(1, 2)]


@record
class B:
    """B."""

    w: bool


@record
class C:
    """C."""

    inner: A | B
    opt: A | B | None = None


U = A | B | C
AB = A | B


class Narrowing(Model):
    """Some values of unions go from place to place."""

    nodes: Domain[Node] = sort(1)
    deadlock = False
    u: U = A(2)
    o: A | B | C | None = None
    ab: A | B = A(2)
    aob: A | B | None = None
    box: Array[Node, U] = each(A(2))
    s: set[A | B] = set()
    all_: Annotated[set[U], Size(3)] = set()
    n: Annotated[int, Range(0, 5)] = 0
    col: Color = Color.RED

    @action
    def puta(self, v: Annotated[int, Range(1, 2)]) -> None:
        """P."""
        self.u = A(v)

    @action
    def putb(self, w: bool) -> None:
        """P."""
        self.u = B(w)

    @action
    def putc(self) -> None:
        """P."""
        self.u = C(self.ab, self.aob)

    @action
    def putbox(self, k: Node) -> None:
        """P."""
        self.box[k] = self.u

    @action
    def early(self) -> None:
        """E."""
        old = self.u
        if isinstance(old, C):
            self.ab = old.inner
            return
        self.ab = old
        self.o = old

    @action
    def orcond(self) -> None:
        """E."""
        if isinstance(self.u, A) or isinstance(self.u, B):  # noqa: SIM101 - what is tried
            self.ab = self.u
        else:
            self.n = 1

    @action
    def andcond(self) -> None:
        """E."""
        if not (not isinstance(self.u, A) and not isinstance(self.u, B)):
            self.s.add(self.u)
        elif self.u.opt is None:
            self.ab = self.u.inner

    @action
    def ifexp(self, k: Node) -> None:
        """E."""
        self.ab = A(1) if isinstance(self.box[k], C) else self.box[k]

    @action
    def opt(self) -> None:
        """E."""
        if not isinstance(self.o, C):
            self.aob = self.o
        if self.o is None or isinstance(self.o, C):
            return
        self.ab = self.o

    @action
    def comp(self) -> None:
        """E."""
        self.s = {self.box[k] for k in self.nodes if not isinstance(self.box[k], C)}

    @action
    def comp2(self) -> None:
        """E."""
        self.s = {x for x in self.all_ if isinstance(x, (A, B))}
        self.n = len({x for x in self.all_ if not isinstance(x, AB)})

    @action
    def addall(self) -> None:
        """E."""
        require(len(self.all_) < 2)
        self.all_.add(self.u)

    @action
    def m(self) -> None:
        """E."""
        match self.o:
            case None:
                self.n = 2
            case A(v=1):
                self.n = 3
            case C(inner=A() as x, opt=None):
                self.n = x.v
            case C(inner=y):
                self.ab = y
            case old:
                self.ab = old

    @action
    def m2(self, k: Node) -> None:
        """E."""
        match self.box[k]:
            case A() | B() as old:
                self.ab = old
            case C() as c:
                self.ab = c.inner

    @action
    def m3(self) -> None:
        """E."""
        match self.col:
            case Color.RED:
                x = 1
                self.col = Color.BLUE
            case Color.BLUE:
                x = 2
                self.col = Color.RED
        self.n = x

    @action
    def lo(self) -> None:
        """E."""
        require(not isinstance(self.u, C))
        for k in self.nodes:
            if isinstance(self.u, C):
                self.n = 4
            self.u = self.box[k]
        if isinstance(self.u, C):
            self.n = 5

    def helper(self, x: A | B) -> int:
        """H."""
        match x:
            case A():
                return x.v
            case B(w=True):
                return 2
            case B():
                return 1

    @action
    def he(self) -> None:
        """E."""
        require(isinstance(self.u, A | B))
        self.n = self.helper(self.u)
        self.u = B(True)
        if self.u.w:
            self.n = 0

    @invariant
    def i(self) -> bool:
        """I."""
        return all(isinstance(b, C) or self.helper(b) < 3 for b in self.box.values())
