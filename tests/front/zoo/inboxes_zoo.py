"""Parameters that range over what an array has under other parameters, and guards inside lines."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Fairness,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    each,
    eventually,
    given,
    initial,
    invariant,
    reachable,
    record,
    require,
    sort,
)


class Node(Sort):
    """A node."""


Hops = Annotated[int, Range(0, 2)]


@record
class Word:
    """A word for a node, with the hops it has made."""

    to: Node
    hops: Hops


class Inboxes(Model):
    """A word hops from inbox to inbox, is carried on lanes and dropped."""

    nodes: Domain[Node] = sort(2, symmetric=True)
    deadlock = False

    inbox: Array[Node, Annotated[set[Word], Size(2)]] = each(set())
    lanes: Array[Node, Array[bool, Annotated[list[Hops], Size(2)]]] = each(each([]))
    dropped: Array[Node, Annotated[Bag[Hops], Size(2)]] = each(Bag())
    last: Node | None = None

    @initial
    def start(self, n: Node) -> None:
        """A word for a node."""
        self.inbox[n].add(Word(n, 0))

    @action
    def hop(self, n: Node, w: Word = among("inbox[n]")) -> None:
        """The word goes on, to the last node too where there is one."""
        require(w.hops < 2)
        to = choose(self.nodes)
        self.inbox[n].remove(w)
        self.inbox[to].add(Word(to, w.hops + 1))
        self.last = n

    @action
    def load(self, fast: bool, n: Node, w: Word = among("inbox[n]")) -> None:
        """A word becomes a load; the last node takes a copy."""
        require(len(self.lanes[n][fast]) < 2 and len(self.inbox[n]) == 1)
        self.lanes[n][fast].append(w.hops)
        self.inbox[given(self.last)].discard(w)

    @action(fair=Fairness.WEAK, per_instance=True)
    def drop(self, fast: bool, n: Node, h: Hops = among("lanes[n][fast]")) -> None:
        """A load falls off its lane; a bag has what fell."""
        require(len(self.dropped[n]) < 2)
        self.lanes[n][fast].remove(h)
        self.dropped[n].add(h)

    @action
    def find(self, n: Node, h: Hops = among("dropped[n]")) -> None:
        """What fell is found."""
        self.dropped[n].remove(h)
        self.last = None

    @invariant
    def few(self, n: Node) -> bool:
        """There is one word."""
        return sum(len(self.inbox[m]) for m in self.nodes) <= 1

    @reachable
    def two_fell(self) -> bool:
        """A node has dropped twice."""
        return any(len(self.dropped[n]) == 2 for n in self.nodes)


class FairInboxes(Inboxes):
    """The same with a promise, which needs that each load falls in the end."""

    @eventually
    def nothing_stays(self) -> bool:
        """At some time no lane is full."""
        return all(len(self.lanes[n][f]) < 2 for n in self.nodes for f in (False, True))
