"""Sorts and records of models of evictions and of pod garbage collection."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Array, Range, Sort, record
from planespec.model.parts.api_store import Name, Revision

Amount = Annotated[int, Range(0, "names")]


class Host(Sort):
    """A node."""


class Evictor(Sort):
    """A request that evicts a pod, in an API server of its own."""


class Step(Enum):
    """How far a request is."""

    IDLE = "no request"
    READ = "has read a budget"
    GRANTED = "may delete"
    UNREADY = "has read a pod that is not ready"


@record
class Status:
    """What the disruption controller is about to write."""

    allowed: Amount
    healthy: Amount
    disrupted: Array[Name, bool]


class Reason(Enum):
    """Why a pod is removed."""

    NONE = "it is not"
    EXCESS = "too many have ended"
    STUCK = "it is being deleted on a node that is out of service"
    ORPHANED = "its node is gone"
    UNSCHEDULED = "it is being deleted and has no node"


class Turn(Enum):
    """What is done next for a pod."""

    NONE = "nothing"
    CHECK = "its node is read"
    MARK = "it is marked as failed"
    DELETE = "it is deleted"


@record
class Removal:
    """What a round does for a pod."""

    reason: Reason = Reason.NONE
    turn: Turn = Turn.NONE
    uid: Revision = 0
