"""Hand out devices to the claims of a pod on one node, or find that it cannot be done.

Upstream walks requests and devices in order and goes back where a choice leads nowhere; so does
this. Source: `structured/internal/stable/allocator_stable.go`, Allocate.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from planespec.spec.scheduling.devices.device_inventory import (
    Device,
    DeviceId,
    Devices,
    Pool,
    UnsupportedSelectorError,
    count_counters,
    is_usable_on,
)
from planespec.spec.scheduling.devices.device_requests import Alternative, DeviceClaim

MOST_STEPS = 100_000
"""Devices tried for one pod on one node; upstream ends by time, after ten seconds."""


class Assignment(NamedTuple):
    """A device given to a request of a claim."""

    claim: str
    request: str
    device: Device
    is_admin: bool


@dataclass
class Allocation:
    """One attempt on one node."""

    devices: Devices
    node: str
    labels: Mapping[str, str]
    _given: list[Assignment] = field(default_factory=list)
    _taken: set[DeviceId] = field(default_factory=set)
    _steps: int = 0

    @cached_property
    def _here(self) -> Sequence[tuple[Pool, Device]]:
        """The devices that the node can use, in the order of their slices."""
        return [
            (pool, device)
            for pool in self.devices.pools
            for place, device in pool.places
            if is_usable_on(place, self.node, self.labels)
        ]

    @cached_property
    def _used(self) -> Mapping[str, Counter[tuple[str, str]]]:
        return {
            f"{pool.driver}/{pool.name}": self.devices.count_used(pool)
            for pool in self.devices.pools
        }

    def allocate(self, claims: Sequence[DeviceClaim]) -> Sequence[Assignment] | None:
        """Return a device for every request of the claims; None where there is no way.

        Raises UnsupportedSelectorError for devices beyond the model, and where `MOST_STEPS` do
        not suffice; FailedSelectorError for an expression that fails.
        """
        wanted = [(claim, request) for claim in claims for request in claim.requests]
        return list(self._given) if self._fill(wanted, 0) else None

    def _fill(
        self, wanted: Sequence[tuple[DeviceClaim, Sequence[Alternative]]], number: int
    ) -> bool:
        if number == len(wanted):
            return True
        claim, alternatives = wanted[number]

        def go_on() -> bool:
            return self._fill(wanted, number + 1)

        for alternative in alternatives:
            fitting = [*self._list_fitting(alternative)]
            if alternative.count is None:
                if self._give_all(claim, alternative, fitting, wanted, number):
                    return True
            elif self._give(claim, alternative, fitting, 0, alternative.count, go_on):
                return True
        return False

    def _list_fitting(self, alternative: Alternative) -> Iterator[tuple[Pool, Device]]:
        for pool, device in self._here:
            if alternative.accepts(device, self.devices):
                if device.is_shareable:
                    raise UnsupportedSelectorError(f"device {device.id}, which claims share")
                yield pool, device

    def _give_all(
        self,
        claim: DeviceClaim,
        alternative: Alternative,
        fitting: Sequence[tuple[Pool, Device]],
        wanted: Sequence[tuple[DeviceClaim, Sequence[Alternative]]],
        number: int,
    ) -> bool:
        """Take every device that matches; one that is in use, or a missing slice, is the end."""
        if not fitting or any(not pool.is_complete for pool, _ in self._here):
            return False
        before = len(self._given)
        for pool, device in fitting:
            if not self._try(claim, alternative, pool, device):
                self._undo(before)
                return False
        if self._fill(wanted, number + 1):
            return True
        self._undo(before)
        return False

    def _give(
        self,
        claim: DeviceClaim,
        alternative: Alternative,
        fitting: Sequence[tuple[Pool, Device]],
        start: int,
        count: int,
        go_on: Callable[[], bool],
    ) -> bool:
        """Take `count` devices from `start` on; devices of one request need no other order."""
        if count == 0:
            return go_on()
        for index in range(start, len(fitting) - count + 1):
            pool, device = fitting[index]
            before = len(self._given)
            if pool.is_complete and self._try(claim, alternative, pool, device):
                if self._give(claim, alternative, fitting, index + 1, count - 1, go_on):
                    return True
                self._undo(before)
        return False

    def _try(
        self, claim: DeviceClaim, alternative: Alternative, pool: Pool, device: Device
    ) -> bool:
        """Take a device where it is free, its counters suffice and the constraints allow it."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise UnsupportedSelectorError(
                f"the devices of node {self.node}: {MOST_STEPS:,} tries do not decide"
            )
        if not alternative.is_admin and not self._is_free(pool, device):
            return False
        for constraint in claim.constraints:
            if constraint.concerns(alternative.name):
                chosen = [
                    each.device
                    for each in self._given
                    if each.claim == claim.name and constraint.concerns(each.request)
                ]
                if not constraint.allows(chosen, device):
                    return False
        self._given.append(Assignment(claim.name, alternative.name, device, alternative.is_admin))
        if not alternative.is_admin:
            self._taken.add(device.id)
        return True

    def _is_free(self, pool: Pool, device: Device) -> bool:
        if device.id in self._taken or device.id in self.devices.allocated:
            return False
        if not device.counters:
            return True
        used = Counter(self._used[f"{pool.driver}/{pool.name}"])
        for each in self._given:
            if not each.is_admin and each.device.id[:2] == device.id[:2]:
                used.update(count_counters(each.device))
        return all(
            key in pool.counters and used[key] + amount <= pool.counters[key].milli_value
            for key, amount in count_counters(device).items()
        )

    def _undo(self, length: int) -> None:
        for each in self._given[length:]:
            if not each.is_admin:
                self._taken.discard(each.device.id)
        del self._given[length:]
