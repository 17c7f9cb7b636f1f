"""Sorts and records of models of evictions."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Array, Range, Sort, record
from planespec.model.parts.api_store import Name

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
