"""Leader election on a ring by Chang and Roberts (TLA+ Examples, chang_roberts; CACM 22(5), 1979).

Node n has the identity n; the initiator with the least identity wins. Any set of nodes may be
initiators. The network of each node is the set of identities that wait to be received.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Model,
    Range,
    action,
    choose,
    constant,
    each,
    initial,
    invariant,
    mutant,
    require,
)

Node = Annotated[int, Range(1, "nodes")]


class Role(Enum):
    """What a node believes of itself."""

    CANDIDATE = "cand"
    LOST = "lost"
    WON = "won"


class ChangRoberts(Model):
    """Identities travel along the ring until a smaller one stops them."""

    nodes: int = constant(3, at_least=1, at_most=6)
    greedy: bool = mutant("A candidate believes that it has won when any identity arrives.")

    arrived: Array[Node, set[Node]] = each(set())
    started: Array[Node, bool] = each(False)
    initiator: Array[Node, bool] = each(False)
    role: Array[Node, Role] = each(Role.LOST)

    deadlock = False

    def after(self, n: int) -> int:
        """The next node along the ring."""
        return 1 if n == self.nodes else n + 1

    @initial
    def choose_initiators(self) -> None:
        """Any set of nodes may start an election."""
        for n in range(1, self.nodes + 1):
            starts = choose([False, True])
            if starts:
                self.initiator[n] = True
                self.role[n] = Role.CANDIDATE

    @action
    def start(self, n: Node) -> None:
        """A node begins; an initiator sends its identity to its neighbour."""
        require(not self.started[n])
        if self.initiator[n]:
            self.arrived[self.after(n)].add(n)
        self.started[n] = True

    @action
    def receive(self, n: Node) -> None:
        """A node takes one identity: it forwards it, loses, wins, or stops it."""
        require(self.started[n])
        identity = choose(self.arrived[n])
        self.arrived[n].remove(identity)
        if self.role[n] == Role.LOST:
            self.arrived[self.after(n)].add(identity)
        elif identity < n:
            self.role[n] = Role.LOST
            self.arrived[self.after(n)].add(identity)
        elif identity == n or self.greedy:
            self.role[n] = Role.WON

    @invariant
    def correct(self) -> bool:
        """A winner is the initiator with the least identity and all others have lost."""
        return all(
            self.initiator[n]
            and all(
                self.role[m] == Role.LOST and (not self.initiator[m] or m > n)
                for m in range(1, self.nodes + 1)
                if m != n
            )
            for n in range(1, self.nodes + 1)
            if self.role[n] == Role.WON
        )
