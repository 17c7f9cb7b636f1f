"""Records and unions: narrowing, matching, replacing; helpers of all kinds; requirements."""

from enum import Enum
from typing import Annotated, Protocol

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    constant,
    constraint,
    each,
    invariant,
    mutant,
    reachable,
    record,
    replace,
    require,
    sort,
    step_invariant,
    terminal,
)


class Peer(Sort):
    """A peer."""


Index = Annotated[int, Range(0, "top")]


class Kind(Enum):
    """What a reply says."""

    YES = "yes"
    NO = "no"


@record
class Ask:
    """A question."""

    source: Peer
    index: Index
    members: frozenset[Peer] = frozenset()


@record
class Reply:
    """An answer."""

    source: Peer
    target: Peer
    kind: Kind
    index: Index | None = None


@record
class Stop:
    """The end."""

    source: Peer


Message = Ask | Reply | Stop


@record
class Local:
    """What a peer knows."""

    index: Index
    best: Peer | None
    last: Message | None = None


class View(Protocol):
    """What the requirement looks at."""

    peers: tuple[Peer, ...]
    net: set[Message]
    node: dict[Peer, Local]

    def quorum(self, who: set[Peer]) -> bool: ...


def grows(before: View, after: View) -> bool:
    """No index falls."""
    return all(after.node[p].index >= before.node[p].index for p in after.peers)


def one_voice(s: View) -> bool:
    """Nobody answers twice."""
    return not any(doubled(s, p, limit=1) for p in s.peers)


def doubled(s: View, p: Peer, limit: int = 2) -> bool:
    """Whether there are more replies from a peer than the limit."""
    return len({m for m in s.net if isinstance(m, Reply) and m.source == p}) > limit


def later(a: int, b: int) -> int:
    """The greater one, plus one."""
    return max(a, b) + 1


class Talk(Model):
    """Messages of three kinds."""

    peers: Domain[Peer] = sort(2, symmetric=True)
    top: int = constant(2)
    loud: bool = mutant("Every question is answered twice.")
    net: Annotated[set[Message], Size(3)] = set()
    node: Array[Peer, Local] = each(Local(0, None))
    requires = [grows, one_voice]

    @property
    def small(self) -> bool:
        return len(self.net) < 2

    def quorum(self, who: set[Peer]) -> bool:
        return 2 * len(who) > len(self.peers)

    def ready(self, p: Peer) -> bool:
        if not self.small:
            return False
        node = self.node[p]
        if node.last is None:
            return True
        return not isinstance(node.last, Stop)

    def update(self, p: Peer, index: int) -> bool:
        require(index <= self.top)
        grown = index > self.node[p].index
        if grown:
            self.node[p] = replace(self.node[p], index=index, best=p)
        return grown

    @staticmethod
    def reply_to(m: Ask, p: Peer, kind: Kind) -> Reply:
        return Reply(p, m.source, kind, index=m.index if kind is Kind.YES else None)

    @action
    def ask(self, p: Peer) -> None:
        require(self.ready(p))
        others = frozenset(q for q in self.peers if q != p)
        self.net.add(Ask(p, self.node[p].index, others))

    @action
    def receive(self, p: Peer, m: Message = among("net")) -> None:
        self.net.remove(m)
        self.node[p] = replace(self.node[p], last=m)
        match m:
            case Ask(source=q, members=members):
                require(p in members and q != p)
                kind = Kind.YES if m.index >= self.node[p].index else Kind.NO
                self.net.add(self.reply_to(m, p, kind))
                if self.loud:
                    self.net.add(Reply(p, q, Kind.NO))
            case Reply(target=target, kind=Kind.YES):
                require(target == p)
                index = m.index
                assert index is not None
                changed = self.update(p, later(index, 0))
                if changed:
                    self.net.add(Stop(p))
            case Reply() | Stop():
                require(m.source != p)
                if isinstance(m, Stop):
                    self.finish(p)

    def finish(self, p: Peer) -> None:
        last = self.node[p].last
        if isinstance(last, Ask | Reply) or last is None:
            return
        self.node[p] = replace(self.node[p], best=last.source)

    @invariant
    def majority(self) -> bool:
        asked = {m.source for m in self.net if not isinstance(m, Reply)}
        return self.quorum({m.source for m in self.net}) or len(asked) <= 1

    @invariant
    def knows(self) -> bool:
        return all(
            self.node[p].last is None or self.node[p].last.source in self.peers for p in self.peers
        )

    @step_invariant
    def changes_one(self, before: "Talk") -> bool:
        changed = {p for p in self.peers if self.node[p] != before.node[p]}
        return len(changed) <= 1

    @reachable
    def told(self) -> bool:
        return any(m.kind == Kind.YES and m.index != 0 for m in self.net if isinstance(m, Reply))

    @constraint
    def few(self) -> bool:
        return len(self.net) < 3

    @terminal
    def over(self) -> bool:
        return self.net == set()
