"""What the states of `network.cni` are made of."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Range, Sort


class Sandbox(Sort):
    """A pod sandbox; each has a network namespace of its own."""


class Life(Enum):
    """What the kubelet wants of a sandbox."""

    FRESH = "fresh"
    WANTED = "wanted"
    ENDED = "ended"


class Step(Enum):
    """What is next in the call for a sandbox."""

    IDLE = "idle"
    PICK = "pick an address"
    WRITE = "write its file"
    LINK = "make the interface"
    RULE = "make rules"
    CACHE = "cache the result"
    UNRULE = "remove rules"
    UNLINK = "remove the interface"
    RELEASE = "release the address"
    UNCACHE = "remove the cached result"


IpAddress = Annotated[int, Range(1, "addresses")]
MaybeIp = Annotated[int, Range(0, "addresses")]
Faults = Annotated[int, Range(0, "faults")]
