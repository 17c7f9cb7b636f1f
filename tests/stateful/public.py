"""A model with every kind of value, to be shown by a system in any form."""

from enum import Enum
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
    record,
    sort,
)


class Node(Sort):
    """A machine; the adapter names it."""


class Job(Sort):
    """A job; it has no name of its own."""


class Phase(Enum):
    """Where a job is."""

    NOT_READY = "waiting"
    RUNNING = 2


Weight = Annotated[int, Range(0, 2)]


@record
class Place:
    """Where and how much."""

    weight: Weight
    node: Node | None = None


@record
class Start:
    """A node is told to start."""

    node: Node


@record
class TimedOut:
    """Nothing was heard."""


@record
class Finished:
    """A node tells the result."""

    node: Node
    kind: Weight


class Public(Model):
    """Only its types matter."""

    nodes: Domain[Node] = sort(2)
    jobs: Domain[Job] = sort(2)
    deadlock = False

    flag: bool = False
    count: Weight = 0
    phase: Phase = Phase.NOT_READY
    home: Node = Node(0)
    job: Job = Job(0)
    away: Node | None = None
    place: Place = Place(weight=1)
    message: Start | TimedOut = TimedOut()
    told: Start | Finished = Start(Node(0))
    holds: Array[Node, bool] = {Node(0): True, Node(1): False}
    load: Array[Weight, Weight] = {0: 0, 1: 1, 2: 2}
    of: Array[Node, Node | None] = {Node(0): Node(1), Node(1): None}
    sees: Array[Node, Array[Job, bool]] = {
        Node(0): {Job(0): True, Job(1): False},
        Node(1): {Job(0): False, Job(1): False},
    }
    phases: Array[Phase, Weight] = {Phase.NOT_READY: 0, Phase.RUNNING: 1}
    members: set[Node] = {Node(1)}
    pairs: Annotated[set[Place], Size(2)] = {Place(weight=2, node=Node(1))}
    tokens: Annotated[Bag[Weight], Size(3)] = Bag((1, 1, 2))
    queue: Annotated[list[Node], Size(3)] = [Node(1), Node(0)]

    @action
    def stay(self) -> None:
        """Nothing changes."""
