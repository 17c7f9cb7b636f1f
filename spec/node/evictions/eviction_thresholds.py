"""Thresholds of eviction: how little of what makes a kubelet evict pods.

Source: Kubernetes v1.36, `pkg/kubelet/eviction/helpers.go` (ParseThresholdConfig,
UpdateContainerFsThresholds), `pkg/kubelet/eviction/api/types.go`.
"""

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from planespec.spec.api.handlers.request_deadlines import parse_duration
from planespec.spec.quantity import Format, Quantity, parse_quantity

MEMORY = "memory.available"
ALLOCATABLE_MEMORY = "allocatableMemory.available"
NODE_FS, NODE_FS_INODES = "nodefs.available", "nodefs.inodesFree"
IMAGE_FS, IMAGE_FS_INODES = "imagefs.available", "imagefs.inodesFree"
CONTAINER_FS, CONTAINER_FS_INODES = "containerfs.available", "containerfs.inodesFree"
PIDS = "pid.available"

RESOURCES = {
    MEMORY: "memory",
    ALLOCATABLE_MEMORY: "memory",
    NODE_FS: "ephemeral-storage",
    NODE_FS_INODES: "inodes",
    IMAGE_FS: "ephemeral-storage",
    IMAGE_FS_INODES: "inodes",
    CONTAINER_FS: "ephemeral-storage",
    CONTAINER_FS_INODES: "inodes",
    PIDS: "pids",
}
"""Signal to the resource that is scarce; a signal that is not here is not supported."""
CONDITIONS = {
    signal: {"memory": "MemoryPressure", "pids": "PIDPressure"}.get(resource, "DiskPressure")
    for signal, resource in RESOURCES.items()
}
"""Signal to the condition of the node that it causes."""
MEMORY_SIGNALS = (MEMORY, ALLOCATABLE_MEMORY)

_PERCENTAGE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class ThresholdError(ValueError):
    """A setting of eviction that no kubelet starts with; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An absolute quantity, or a share of the capacity."""

    quantity: Quantity | None = None
    share: float = 0.0
    """0..1, of 32 bits; counts where there is no quantity."""

    def of(self, capacity: Quantity) -> Quantity:
        """Return the quantity, a share rounded towards zero."""
        if self.quantity is not None:
            return self.quantity
        return Quantity(int(float(capacity.value) * self.share), 0, False, Format.BINARY_SI)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Met while less than `amount` is available.

    As upstream's Go structs, two are one only where they share their quantities: `origin` numbers
    the setting that holds them, and is 0 where there is none but a share.
    """

    signal: str
    amount: Amount
    grace: Fraction = Fraction(0)
    """Seconds for which it has to be met before pods are evicted; 0 is a hard threshold."""
    minimum_reclaim: Amount | None = None
    """Once met, it stays met until so much more than `amount` is available."""
    origin: int = 0

    @property
    def is_hard(self) -> bool:
        """Whether pods are evicted at once."""
        return self.grace == 0

    def is_same(self, other: "Threshold") -> bool:
        """Say whether both ask the same, whichever setting they come from."""
        mine = (self.signal, self.amount, self.grace)
        return mine == (other.signal, other.amount, other.grace)


def parse_thresholds(
    hard: Mapping[str, str],
    soft: Mapping[str, str],
    soft_grace: Mapping[str, str],
    minimum_reclaim: Mapping[str, str],
    *,
    enforces_allocatable: bool = False,
) -> tuple[Threshold, ...]:
    """Read the settings of a kubelet: hard thresholds, soft ones, then those of all pods' memory.

    `enforces_allocatable`: `enforceNodeAllocatable` has `pods`, so each hard threshold of memory
    holds for the cgroup of all pods as well. Shares as hexadecimal numbers, Inf and NaN, which Go
    reads, are refused here. Raises ThresholdError, QuantityError or DurationError.
    """
    hard_amounts = _parse_amounts(hard)
    soft_amounts = _parse_amounts(soft)
    grace = {_check(signal): _parse_grace(text) for signal, text in soft_grace.items()}
    for signal in soft_amounts:
        if signal not in grace:
            raise ThresholdError(
                f"grace period must be specified for the soft eviction threshold {signal}"
            )
    reclaim = {signal: _parse_reclaim(signal, text) for signal, text in minimum_reclaim.items()}
    stated = [(signal, amount, Fraction(0)) for signal, amount in hard_amounts.items()]
    stated += [(signal, amount, grace[signal]) for signal, amount in soft_amounts.items()]
    found = [
        _make(number, signal, amount, wait, reclaim.get(signal))
        for number, (signal, amount, wait) in enumerate(stated, start=1)
    ]
    if enforces_allocatable:
        memory = [each for each in found if each.signal == MEMORY and each.is_hard]
        found += [replace(each, signal=ALLOCATABLE_MEMORY) for each in memory]
    return tuple(found)


def _make(
    number: int, signal: str, amount: Amount, grace: Fraction, reclaim: Amount | None
) -> Threshold:
    origin = number if amount.quantity is not None or reclaim is not None else 0
    return Threshold(signal, amount, grace, reclaim, origin)


def _check(signal: str) -> str:
    if signal not in RESOURCES:
        raise ThresholdError(f"unsupported eviction signal {signal}")
    return signal


def _parse_amounts(stated: Mapping[str, str]) -> dict[str, Amount]:
    """Read thresholds; 0% and 100% are as good as none."""
    parsed = {_check(signal): _parse_amount(signal, text) for signal, text in stated.items()}
    return {signal: amount for signal, amount in parsed.items() if amount is not None}


def _parse_amount(signal: str, text: str) -> Amount | None:
    if text in ("0%", "100%"):
        return None
    if text.endswith("%"):
        share = _parse_share(text)
        named = f"eviction percentage threshold {signal} must be"
        if share < 0:
            raise ThresholdError(f"{named} >= 0%: {text}")
        if share > 1:
            raise ThresholdError(f"{named} <= 100%: {text}")
        return Amount(share=share)
    quantity = parse_quantity(text)
    if quantity.sign <= 0:
        raise ThresholdError(f"eviction threshold {signal} must be positive: {quantity}")
    return Amount(quantity)


def _parse_share(text: str) -> float:
    number = text.rstrip("%")
    if not _PERCENTAGE.fullmatch(number):
        raise ThresholdError(f'strconv.ParseFloat: parsing "{number}": invalid syntax')
    return _to_float32(_to_float32(float(number)) / 100)


def _to_float32(number: float) -> float:
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError as error:
        raise ThresholdError(f"{number} is out of the range of float32") from error
    return rounded


def _parse_grace(text: str) -> Fraction:
    grace = parse_duration(text)
    if grace < 0:
        raise ThresholdError(
            f"invalid eviction grace period specified: {text}, must be a positive value"
        )
    return grace


def _parse_reclaim(signal: str, text: str) -> Amount:
    _check(signal)
    if text.endswith("%"):
        share = _parse_share(text)
        if share <= 0:
            raise ThresholdError(
                f"eviction percentage minimum reclaim {signal} must be positive: {text}"
            )
        return Amount(share=share)
    quantity = parse_quantity(text)
    if quantity.sign < 0:
        raise ThresholdError(f"negative eviction minimum reclaim specified for {signal}")
    return Amount(quantity)


def fix_container_fs(
    thresholds: Iterable[Threshold], *, has_image_fs: bool, is_split: bool
) -> tuple[tuple[Threshold, ...], tuple[Threshold, ...]]:
    """Let the container file system have the thresholds of the one that it lies on.

    What the settings say about it is replaced. Returns the thresholds as they stand for the first
    pass, in which a kubelet finds out about its disks, and all of them, for later passes.
    """
    kept = list(thresholds)
    if is_split and not has_image_fs:
        return tuple(kept), tuple(kept)
    on_image_fs = has_image_fs and not is_split
    added: list[Threshold] = []
    dropped: set[int] = set()
    pairs = ((CONTAINER_FS, IMAGE_FS), (CONTAINER_FS_INODES, IMAGE_FS_INODES))
    if not on_image_fs:
        pairs = ((CONTAINER_FS, NODE_FS), (CONTAINER_FS_INODES, NODE_FS_INODES))
    for target, source in pairs:
        for is_hard in (True, False):
            place, model = _find(kept, target, is_hard), _find(kept, source, is_hard)
            new = None if model is None else replace(kept[model], signal=target)
            if place is None:
                added += [new] if new is not None else []
            elif new is None:
                dropped.add(place)
            else:
                kept[place] = new
    first = tuple(each for index, each in enumerate(kept) if index not in dropped)
    return first, (*first, *added)


def _find(thresholds: list[Threshold], signal: str, is_hard: bool) -> int | None:
    """Find the last threshold of a signal that is hard, or soft."""
    found = [
        index
        for index, each in enumerate(thresholds)
        if each.signal == signal and each.is_hard == is_hard
    ]
    return found[-1] if found else None
