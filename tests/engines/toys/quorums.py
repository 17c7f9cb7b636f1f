"""Quorums: actions whose parameters are sets, all of them or those that a variable holds."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    enabled,
    invariant,
    reachable,
    require,
    sort,
)


class Server(Sort):
    """A server."""


class Kind(Enum):
    """Kinds of things."""

    A = "a"
    B = "b"


Low = Annotated[int, Range(-1, 1)]


class Quorums(Model):
    """Servers vote in quorums; sets are learnt, remembered and forgotten."""

    servers: Domain[Server] = sort(3, symmetric=True)
    deadlock = False
    votes: set[Server] = set()
    kinds: set[Kind] = set()
    numbers: frozenset[Low] = frozenset()
    known: Annotated[set[frozenset[Server]], Size(2)] = set()

    @action
    def vote(self, q: frozenset[Server]) -> None:
        """A quorum votes that has not voted yet."""
        require(2 * len(q) > len(self.servers) and not (q <= self.votes))
        self.votes |= q

    @action
    def learn(self, ks: set[Kind], ns: frozenset[Low]) -> None:
        """One kind, and numbers that add up to one, once all have voted."""
        require(len(ks) == 1 and -1 not in ns and sum(ns) == 1)
        require(not enabled(self.vote, frozenset(self.servers)))
        self.kinds = ks
        self.numbers = ns

    @action
    def remember(self, q: frozenset[Server], b: bool) -> None:
        """A server by itself."""
        require(b and len(q) == 1 and len(self.known) < 2)
        self.known.add(q)

    @action
    def forget(self, q: frozenset[Server] = among("known")) -> None:
        """A set that was remembered."""
        self.known.remove(q)

    @reachable
    def ends(self) -> bool:
        """Both have been learnt."""
        return Kind.B in self.kinds and 0 in self.numbers

    @invariant
    def whole_or_no_quorum(self) -> bool:
        """Nobody votes alone."""
        return len(self.votes) != 1

    @invariant
    def known_alone(self) -> bool:
        """Sets of one are remembered."""
        return all(len(q) == 1 for q in self.known)
