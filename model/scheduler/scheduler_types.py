"""The individuals and values of the scheduler models."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Range, Sort, record


class Pod(Sort):
    """A pod; one that is created again is another pod, as its uid is another."""


class Node(Sort):
    """A node."""


class Scheduler(Sort):
    """A scheduler with a name of its own."""


class Address(Enum):
    """An address of a node."""

    FIRST = "first"
    SECOND = "second"


class Protocol(Enum):
    """A protocol of host ports."""

    TCP = "TCP"
    UDP = "UDP"


@record
class HostPort:
    """The one port number that pods may want of the host; no address means all of them."""

    protocol: Protocol
    address: Address | None


Amount = Annotated[int, Range(1, "max_request")]
InitAmount = Annotated[int, Range(0, "max_request if init_containers else 0")]
Priority = Annotated[int, Range(1, "priorities")]
