"""Termination detection in a ring by Dijkstra, Feijen and van Gasteren (TLA+ Examples, ewd840).

Node 0 sends a token around the ring; messages are delivered at once and blacken a sender whose
receiver the token has passed already. Each reason to move the token is an action of its own,
because TLC counts a step for every true disjunct.
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

Node = Annotated[int, Range(0, "nodes - 1")]


class Color(Enum):
    """White: nothing to tell; black: the round does not count."""

    WHITE = "white"
    BLACK = "black"


class EWD840(Model):
    """A white token back at a white and passive node 0 says that all have terminated."""

    nodes: int = constant(3, at_least=2, at_most=6)
    stay_white: bool = mutant("A node that activates one behind the token stays white.")

    active: Array[Node, bool] = each(False)
    color: Array[Node, Color] = each(Color.WHITE)
    token: Node = 0
    token_color: Color = Color.BLACK

    deadlock = False

    @initial
    def choose_activity(self) -> None:
        """Any nodes may be active, of any color; a black token is anywhere."""
        for n in range(self.nodes):
            self.active[n] = choose([False, True])
        for n in range(self.nodes):
            self.color[n] = choose([Color.WHITE, Color.BLACK])
        self.token = choose(range(self.nodes))

    def send_around(self) -> None:
        """Node 0 sends a white token around."""
        self.token = self.nodes - 1
        self.token_color = Color.WHITE
        self.color[0] = Color.WHITE

    def pass_token(self, n: int) -> None:
        """A node hands the token on and becomes white; a black node makes it black."""
        self.token = n - 1
        if self.color[n] == Color.BLACK:
            self.token_color = Color.BLACK
        self.color[n] = Color.WHITE

    @action
    def probe_again_for_token(self) -> None:
        """A black token has come back to node 0."""
        require(self.token == 0 and self.token_color == Color.BLACK)
        self.send_around()

    @action
    def probe_again_for_node(self) -> None:
        """The token has come back and node 0 is black."""
        require(self.token == 0 and self.color[0] == Color.BLACK)
        self.send_around()

    @action
    def pass_while_passive(self, n: Node) -> None:
        """A passive node hands the token on."""
        require(self.token == n and n != 0 and not self.active[n])
        self.pass_token(n)

    @action
    def pass_while_black(self, n: Node) -> None:
        """A black node hands the token on: the round does not count anyway."""
        require(self.token == n and n != 0 and self.color[n] == Color.BLACK)
        self.pass_token(n)

    @action
    def pass_black_token(self, n: Node) -> None:
        """A node hands a black token on: the round does not count anyway."""
        require(self.token == n and n != 0 and self.token_color == Color.BLACK)
        self.pass_token(n)

    @action
    def send(self, n: Node) -> None:
        """An active node activates another one."""
        require(self.active[n])
        receiver = choose([m for m in range(self.nodes) if m != n])
        self.active[receiver] = True
        if receiver > n and not self.stay_white:
            self.color[n] = Color.BLACK

    @action
    def deactivate(self, n: Node) -> None:
        """An active node becomes passive."""
        require(self.active[n])
        self.active[n] = False

    @invariant
    def detection(self) -> bool:
        """Where termination is detected, all nodes are passive."""
        detected = (
            self.token == 0
            and self.token_color == Color.WHITE
            and self.color[0] == Color.WHITE
            and not self.active[0]
        )
        return not detected or all(not self.active[n] for n in range(self.nodes))
