"""What CNI promises about addresses, as predicates over what a node has and what was told.

Sources: the CNI specification 1.1 (https://www.cni.dev/docs/spec/, "the specification"), and
issues of containernetworking/plugins ("plugins") where it is silent.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Addressed(Protocol):
    """Sandboxes and their addresses."""

    @property
    def sandboxes(self) -> Iterable[Any]:
        """All sandboxes that there may be."""

    @property
    def addresses(self) -> int:
        """How many addresses there are; they are counted from 1."""

    @property
    def uses(self) -> Mapping[Any, int]:
        """The address on the interface of a sandbox; 0 where there is none."""

    @property
    def owner(self) -> Mapping[int, Any]:
        """The sandbox for which an address is reserved, or None."""


class Attached(Addressed, Protocol):
    """What calls left of a sandbox, and what they told."""

    @property
    def added(self) -> Collection[Any]:
        """Sandboxes whose ADD succeeded, and for which DEL was not called since."""

    @property
    def deleted(self) -> Collection[Any]:
        """Sandboxes whose DEL succeeded."""

    @property
    def rules(self) -> Collection[Any]:
        """Sandboxes for which the second plugin of the list has rules on the host."""

    @property
    def cached(self) -> Collection[Any]:
        """Sandboxes of which libcni remembers the result."""


class Ending(Addressed, Protocol):
    """Sandboxes that end."""

    @property
    def ended(self) -> Collection[Any]:
        """Sandboxes that nobody wants any more."""

    @property
    def blank(self) -> Collection[int]:
        """Addresses whose file says not for whom they are reserved."""


@requirement("CNI-1", source="the specification, Section 3: ADD gives a sandbox its own addresses")
def no_address_is_used_twice(state: Addressed) -> bool:
    """No address is on the interfaces of two sandboxes."""
    return all(
        state.uses[one] == 0 or state.uses[one] != state.uses[other]
        for one in state.sandboxes
        for other in state.sandboxes
        if one != other
    )


@requirement("CNI-2", source="plugins#666: an address is released after its interface is gone")
def a_used_address_is_reserved(state: Addressed) -> bool:
    """An address on the interface of a sandbox is not free to be given."""
    return all(
        state.owner[address] is not None
        for sandbox in state.sandboxes
        for address in range(1, state.addresses + 1)
        if state.uses[sandbox] == address
    )


@requirement(
    "CNI-3",
    source="the specification, Section 2: DEL for every ADD; plugins#252, plugins#697, cni#204",
    promise="always eventually",
)
def no_ended_sandbox_keeps_an_address(state: Ending) -> bool:
    """Every address is released at last after its sandbox has ended, crash or not."""
    return len(state.blank) == 0 and all(
        state.owner[address] not in state.ended for address in range(1, state.addresses + 1)
    )


@requirement(
    "CNI-4", source="the specification, Section 4, DEL: succeeds though things are missing"
)
def del_leaves_nothing(state: Attached) -> bool:
    """Of a sandbox whose DEL succeeded no address, interface, rule or cached result is left."""
    return all(
        state.uses[sandbox] == 0
        and sandbox not in state.rules
        and sandbox not in state.cached
        and all(state.owner[address] != sandbox for address in range(1, state.addresses + 1))
        for sandbox in state.deleted
    )


@requirement("CNI-5", source="the specification, Section 4, CHECK: as ADD left it")
def what_add_gave_stands(state: Attached) -> bool:
    """What ADD gave is there until DEL is called, so that CHECK finds it."""
    return all(
        state.uses[sandbox] != 0 and sandbox in state.rules and sandbox in state.cached
        for sandbox in state.added
    )
