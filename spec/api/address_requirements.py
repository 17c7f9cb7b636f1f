"""What holds of the addresses of Services: API-34 to API-37.

Source: https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/ (called
"ClusterIP allocation"), https://kubernetes.io/docs/reference/networking/virtual-ips/ (called
"Virtual IPs"), `pkg/registry/core/service/ipallocator`, v1.36.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Step(Enum):
    """Where a Service, and the request that makes it, is."""

    NEW = "nobody asked for it"
    RESERVED = "has an IPAddress, and no mark in the bitmap yet"
    MARKED = "has an address, and is not stored yet"
    UNSURE = "its server got no answer when it stored it"
    STORED = "stored"
    DELETED = "deleted, and its address not yet released"
    ENDED = "gone, or was refused"


class Addressed(Protocol):
    """Services, and which addresses are taken."""

    @property
    def services(self) -> Iterable[Any]:
        """Services that may be made."""

    @property
    def addresses(self) -> Iterable[Any]:
        """The addresses that Services may have."""

    @property
    def step(self) -> Mapping[Any, Step]:
        """Where a Service is."""

    @property
    def address(self) -> Mapping[Any, Any]:
        """The address of a Service, or None."""

    @property
    def taken(self) -> Collection[Any]:
        """The addresses that no server gives to another Service."""


class Refusing(Protocol):
    """How requests for an address were answered."""

    @property
    def was_refused_a_free_one(self) -> bool:
        """Whether one was refused though the address was free."""


_OPEN = (Step.RESERVED, Step.MARKED, Step.UNSURE, Step.DELETED)


@requirement("API-34", source="Virtual IPs, Avoiding collisions; #37488, #43233")
def no_two_services_share_an_address(s: Addressed) -> bool:
    """No two Services have the same address."""
    return not any(
        v != w
        and s.step[v] == Step.STORED
        and s.step[w] == Step.STORED
        and s.address[v] == s.address[w]
        for v in s.services
        for w in s.services
    )


@requirement("API-35", source="pkg/registry/core/service/ipallocator/controller; #64466")
def addresses_of_services_are_taken(s: Addressed) -> bool:
    """The address of a Service that is stored is taken."""
    return all(
        s.address[v] == a and a in s.taken
        for v in s.services
        for a in s.addresses
        if s.step[v] == Step.STORED and s.address[v] == a
    )


@requirement(
    "API-36",
    source="pkg/registry/core/service/ipallocator/controller: leaks; #136475",
    promise="always eventually",
)
def addresses_of_nobody_become_free(s: Addressed) -> bool:
    """An address that neither a Service nor a request has is free at last."""
    return all(
        a not in s.taken
        or any(
            s.address[v] == a and (s.step[v] == Step.STORED or s.step[v] in _OPEN)
            for v in s.services
        )
        for a in s.addresses
    )


@requirement("API-37", source="ClusterIP allocation; #85894, pull 89937")
def free_addresses_are_not_refused(s: Refusing) -> bool:
    """A Service is not refused an address that is free."""
    return not s.was_refused_a_free_one
