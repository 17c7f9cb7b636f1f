"""Every operation on sets, lists, bags and arrays, on the state and on locals."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    constant,
    each,
    invariant,
    reachable,
    record,
    require,
    sort,
)


class Node(Sort):
    """A node."""


Small = Annotated[int, Range(0, 5)]
Queue = Annotated[list[Small], Size("room")]


@record
class Job:
    """A job."""

    owner: Node
    size: Small


class Sets(Model):
    """Sets in the state, in an array, of records."""

    nodes: Domain[Node] = sort(3)
    up: set[Node] = set()
    seen: Array[Node, set[Node]] = each(set())
    jobs: Annotated[set[Job], Size(2)] = set()
    count: Annotated[int, Range(-20, 40)] = 0
    deadlock = False

    @action
    def join(self, n: Node) -> None:
        require(n not in self.up)
        self.up.add(n)
        self.seen[n] |= self.up
        self.count = len(self.up) + sum(len(self.seen[m]) for m in self.nodes)

    @action
    def leave(self, n: Node = among("up")) -> None:
        self.up.remove(n)
        for m in self.nodes:
            self.seen[m].discard(n)
            if m in self.up and n in self.seen[m] | {n}:
                self.seen[m] -= {m}

    @action
    def submit(self, n: Node, size: Small) -> None:
        require(size % 2 == 1 and not any(j.owner == n for j in self.jobs))
        self.jobs.add(Job(n, size=size))

    @action
    def finish(self, j: Job = among("jobs")) -> None:
        rest = self.jobs - {j}
        self.jobs = rest
        self.count = max((k.size for k in rest), default=-1) - min(j.size, 3)

    @action
    def swap(self) -> None:
        others = set(self.nodes) - self.up
        require(len(others) > 0 and not others >= set(self.nodes))
        self.up = others
        self.up ^= {n for n in self.nodes if self.seen[n] == {n}}
        self.up.update(n for n in self.nodes if self.seen[n] > {n})

    @action
    def clean(self) -> None:
        require(self.up == set() or self.up.issubset(self.seen[self.nodes[0]]))
        self.jobs.clear()
        self.up = {n for s in self.nodes for n in self.seen[s] & self.up}

    @invariant
    def sizes(self) -> bool:
        return len(self.jobs) <= 2 and all(0 < j.size <= 5 for j in self.jobs)


class Lists(Model):
    """Sequences: ends, parts, indices, copies."""

    room: int = constant(3)
    queue: Queue = []
    done: Annotated[list[Small], Size(2)] = []
    last: Small | None = None
    total: Annotated[int, Range(0, 100)] = 0
    deadlock = False

    @action
    def put(self, x: Small) -> None:
        require(len(self.queue) < self.room and x not in self.queue and x < 3)
        self.queue.append(x)
        self.total = sum(self.queue)

    @action
    def get(self) -> None:
        require(len(self.queue) > 0)
        self.last = self.queue.pop(0)

    @action
    def get_last(self) -> None:
        require(self.last is None and self.queue != [])
        x = self.queue.pop()
        self.last = x
        self.done = (self.done + [x])[-2:]

    @action
    def cut(self, i: Annotated[int, Range(0, 3)]) -> None:
        require(i < len(self.queue))
        if i % 2 == 0:
            del self.queue[i:]
        else:
            self.queue[i - 1] = min(self.queue[-1] + 1, 5)
            del self.queue[i]

    @action
    def turn(self) -> None:
        copy = list(self.queue)
        self.queue.clear()
        for x in copy:
            self.queue = [x] + self.queue
        self.queue.extend(copy[:1] if len(copy) < self.room else [])

    @action
    def wrong(self, i: Annotated[int, Range(-4, 3)]) -> None:
        require(self.last == 2)
        self.last = self.queue[i]

    @action
    def forget(self) -> None:
        require(self.last is not None)
        self.total = self.last * 2
        self.last = None

    @invariant
    def bounded(self) -> bool:
        return all(self.queue[i] <= 5 for i in range(len(self.queue))) and self.queue[1:3] != [9]

    @reachable
    def pairs(self) -> bool:
        return len(self.done) == 2 and self.done[0] == self.done[-1]


class Bags(Model):
    """Multisets."""

    nodes: Domain[Node] = sort(2)
    bag: Annotated[Bag[Small], Size(3)] = Bag()
    load: Array[Node, Small] = each(0)
    deadlock = False

    @action
    def add(self, x: Small) -> None:
        require(x < 2 and len(self.bag) < 3)
        self.bag.add(x)

    @action
    def take(self, n: Node, x: Small = among("bag")) -> None:
        self.bag.remove(x)
        self.load[n] = self.bag.count(x) + sum(1 for y in self.bag if y == x)

    @action
    def overflow(self) -> None:
        require(self.bag.count(1) == 2)
        self.bag.add(0)
        self.bag.add(0)

    @action
    def absent(self) -> None:
        require(self.bag.count(1) == 1)
        self.bag.discard(5)
        self.bag.remove(0)

    @action
    def choose_one(self) -> None:
        x = choose(self.bag)
        self.load = {n: x + self.load[n] % 2 for n in self.nodes}
