"""Which images a kubelet removes from its node: by age, and when the disk is full.

Every round first notes which images are there and which are used. Used and pinned ones are spared.
The others go in the order of their last use, and of when they were first seen: all that have not
been used for the longest age, then, when the disk is as full as the high threshold says, as many
as bring it down to the low one. One that was never used counts as not used since ever.

Source: Kubernetes v1.36, `pkg/kubelet/images/image_gc_manager.go`. Left out: the same image under
several runtime handlers (RuntimeClassInImageCriAPI, alpha). Sizes are bytes, times whole seconds
of one clock, ages seconds.
"""

import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from planespec.spec.labels.selector import join_errors
from planespec.spec.node.lifecycle.crash_backoff import print_seconds

Moment = int | Fraction
"""A time in seconds of the one clock."""


@dataclass(frozen=True, slots=True)
class ImageGcPolicy:
    """When images are removed; ValueError where a kubelet refuses to start with it."""

    high: int
    """Percent of the disk: a usage of as much or more has images removed."""
    low: int
    """Percent of the disk that is aimed at then."""
    min_age: int = 0
    """How long an image must have been seen before it goes for want of space."""
    max_age: int = 0
    """How long an image may be unused; 0 is for ever."""

    def __post_init__(self) -> None:
        """Refuse thresholds that are no percentages, or the wrong way round."""
        for name, value in (("High", self.high), ("Low", self.low)):
            if not 0 <= value <= 100:
                place = f"{name}ThresholdPercent"
                raise ValueError(f"invalid {place} {value}, must be in range [0-100]")
        if self.low > self.high:
            told = f"LowThresholdPercent {self.low} can not be higher than"
            raise ValueError(f"{told} HighThresholdPercent {self.high}")


@dataclass(frozen=True, slots=True)
class NodeImage:
    """One image that the runtime lists."""

    id: str
    size: int
    pinned: bool = False


@dataclass(slots=True)
class ImageRecord:
    """What a kubelet remembers of an image."""

    first_detected: Moment
    last_used: Moment | None = None
    size: int = 0
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ImageRound:
    """What one round finds."""

    now: Moment
    images: Sequence[NodeImage]
    in_use: Container[str] = frozenset()
    """Ids of images that containers have, dead ones too, or mount as volumes."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Ids of images that the runtime does not remove, with its error."""
    first: Container[str] = frozenset()
    """Among images of the same ages, whose order upstream leaves open, those that go first."""


@dataclass(slots=True)
class Collection:
    """What a round did: ids removed, in order, and what went wrong."""

    removed: list[str] = field(default_factory=list)
    error: str = ""
    event: str = ""
    """Reason of the warning event, whose message is the error; empty for none."""


@dataclass(slots=True)
class ImageCollector:
    """The image garbage collector of one kubelet, which began to collect at `began`."""

    policy: ImageGcPolicy
    began: Moment = 0
    records: dict[str, ImageRecord] = field(default_factory=dict)

    def detect(self, found: ImageRound) -> None:
        """Note which images are there, and which are used (`detectImages`)."""
        for image in found.images:
            record = self.records.setdefault(image.id, ImageRecord(found.now))
            record.size, record.pinned = image.size, image.pinned
            if image.id in found.in_use:
                record.last_used = found.now
        present = {image.id for image in found.images}
        self.records = {key: each for key, each in self.records.items() if key in present}

    def collect(self, found: ImageRound, capacity: int, available: int) -> Collection:
        """Remove images that are too old, then for space on a disk (`GarbageCollect`)."""
        done = Collection()
        images = self._free_old(self._order(found), found, done)
        if done.error:
            return done
        available = min(available, capacity)
        if capacity == 0:
            done.event, done.error = (
                "InvalidDiskCapacity",
                "invalid capacity 0 on image filesystem",
            )
            return done
        usage = 100 - available * 100 // capacity
        if usage >= self.policy.high:
            wanted = capacity * (100 - self.policy.low) // 100 - available
            freed = self._free_space(images, found, wanted, done)
            if freed < wanted and not done.error:
                done.event, done.error = "FreeDiskSpaceFailed", _explain(usage, capacity, freed)
        return done

    def delete_unused(self, found: ImageRound) -> Collection:
        """Remove all images that may go for want of space, as an eviction does first."""
        done = Collection()
        self._free_space(self._order(found), found, sys.maxsize, done)
        return done

    def _order(self, found: ImageRound) -> list[str]:
        """List what may go, first what goes first (`imagesInEvictionOrder`)."""
        self.detect(found)

        def key(image: str) -> tuple[bool, Moment, Moment, bool, int, str]:
            record = self.records[image]
            used, last = record.last_used is not None, record.last_used or 0
            # The largest comes last, so that any choice that upstream can make is made whole.
            choice = (image not in found.first, record.size, image)
            return (used, last, record.first_detected, *choice)

        free = (key for key, each in self.records.items() if not each.pinned)
        return sorted((image for image in free if image not in found.in_use), key=key)

    def _free_old(self, images: list[str], found: ImageRound, done: Collection) -> list[str]:
        """Remove what was not used for too long, and list what is left (`freeOldImages`)."""
        limit = self.policy.max_age
        if not limit or found.now - self.began <= limit:
            return images
        errors: list[str] = []
        for image in images:
            used = self.records[image].last_used
            if used is None or found.now - used > limit:
                self._remove(image, found, done, errors)
        if errors:
            told = f"wanted to free images older than {print_seconds(limit)}, encountered errors"
            done.error = f"{told} in image deletion: {join_errors(errors)}"
        return [image for image in images if image in self.records]

    def _free_space(
        self, images: list[str], found: ImageRound, wanted: int, done: Collection
    ) -> int:
        """Remove images until `wanted` bytes are free; return how many are (`freeSpace`).

        It is asked after each removal whether that was enough, so that where nothing is wanted
        one image goes all the same.
        """
        freed, errors = 0, list[str]()
        for image in self._spared_by_none(images, found.now):
            size = self.records[image].size
            if self._remove(image, found, done, errors):
                freed += size
                if freed >= wanted:
                    break
        if errors:
            told = f"wanted to free {wanted} bytes, but freed {freed} bytes space"
            done.error = f"{told} with errors in image deletion: {join_errors(errors)}"
        return freed

    def _spared_by_none(self, images: list[str], now: Moment) -> Iterator[str]:
        for image in images:
            record = self.records[image]
            is_new = now - record.first_detected < self.policy.min_age
            if not is_new and (record.last_used is None or record.last_used < now):
                yield image

    def _remove(self, image: str, found: ImageRound, done: Collection, errors: list[str]) -> bool:
        """Have the runtime remove an image; say whether it did (`freeImage`)."""
        if image in found.refusals:
            errors.append(found.refusals[image])
            return False
        del self.records[image]
        done.removed.append(image)
        return True


def _explain(usage: int, capacity: int, freed: int) -> str:
    disk = f"({usage}% of {format_size(capacity)} used)"
    return (
        f"Insufficient free disk space on the node's image filesystem {disk}. "
        f"Failed to free sufficient space by deleting unused images (freed {freed} bytes). "
        "Investigate disk usage, as it could be used by active images, logs, volumes, "
        "or other data."
    )


def format_size(size: int) -> str:
    """Print bytes in the largest binary unit that is not above them (`formatSize`).

    >>> format_size(1023), format_size(10000), format_size(5 * 2**30)
    ('1023 B', '9.8 KiB', '5.0 GiB')
    """
    if size < 1024:
        return f"{size} B"
    power = (size.bit_length() - 1) // 10
    return f"{size / 1024**power:.1f} {'KMGTPE'[power - 1]}iB"
