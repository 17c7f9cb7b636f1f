"""The CSI host path driver on its host: volumes made and removed, files behind them, mounts.

What files hold matters in one point only: a snapshot of a directory is an archive, one of a block
volume a copy of its file, and `tar` unpacks nothing but the former. Nobody writes into a volume.

Source: kubernetes-csi/csi-driver-host-path v1.18, `pkg/hostpath/hostpath.go` and
`volume_path_handler_linux.go`. Left out: failures of the host itself (no space, no loop device).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from planespec.spec.quantity import ZERO
from planespec.spec.quantity.quantity import Format, Quantity
from planespec.spec.storage.hostpath_config import DriverConfig
from planespec.spec.storage.hostpath_records import (
    BLOCK_ACCESS,
    MOUNT_ACCESS,
    CsiError,
    HostSnapshot,
    HostVolume,
    Records,
)

MEBIBYTE = 1 << 20
KIND = "kind"
"""The parameter that asks for storage of a kind."""
_NOT_GZIP = (
    "exit status 2: \ngzip: stdin: not in gzip format\n"
    "tar: Child returned status 1\ntar: Error is not recoverable: exiting now\n"
)


def quote(text: str) -> str:
    """Return a text as Go's `%q` prints it, of which ids, names and paths need no more."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def print_list(texts: Sequence[str] | None) -> str:
    """Return a list of strings as Go's `%v` prints it."""
    return f"[{' '.join(texts or ())}]"


def leave_out_zeros(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that proto3 JSON writes: those that are not zero, empty or absent.

    An object stays though it be empty, as a message does that is there.
    """
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, dict) or value not in (None, "", 0, False, [])
    }


def print_int64(number: int) -> str | None:
    """Return a number of 64 bits as proto3 JSON has it; None for 0, which is left out."""
    return str(number) if number else None


@dataclass(slots=True)
class Identities:
    """Ids in the order in which they are seen; the driver's own are UUIDs of the time.

    UUIDs are compared by the low 32 bits of their time, which begins anew every 429.5 s: ids from
    the `wrapped`th on (over all kinds, counted from 0) come before all earlier ones.
    """

    wrapped: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)

    def make(self, letter: str) -> str:
        """Return the next id of a kind: v0, v1, ... for volumes, p for snapshots, g for groups."""
        number = self.counts.get(letter, 0)
        self.counts[letter] = number + 1
        self.ages[f"{letter}{number}"] = len(self.ages)
        return f"{letter}{number}"

    def take_back(self, made: str) -> None:
        """Let the last id of its kind, which nobody saw, be made again."""
        self.counts[made[0]] -= 1
        del self.ages[made]

    def order(self, text: str) -> tuple[int, int, str]:
        """Return by what ids are sorted; an id that was not made here comes last, by its text."""
        if text not in self.ages:
            return 2, 0, text
        late = self.wrapped is not None and self.ages[text] >= self.wrapped
        return (0 if late else 1), self.ages[text], text


@dataclass(frozen=True, slots=True)
class MountPoint:
    """What is mounted at a path: a directory or a device, writable or not."""

    is_device: bool
    mode: str


@dataclass(slots=True)
class Host:
    """A driver on its host."""

    config: DriverConfig
    ids: Identities = field(default_factory=Identities)
    choose_kind: Callable[[list[str]], str] = lambda kinds: kinds[0]
    """Which of several kinds of storage with room is taken; upstream takes any."""
    records: Records = field(default_factory=Records)
    mounts: dict[str, MountPoint] = field(default_factory=dict)
    """By target path, oldest first. They outlive the driver."""
    archives: set[str] = field(default_factory=set)
    """Ids of snapshots and block volumes whose file is an archive; others hold zeros."""

    def need_controller(self, capability: str) -> None:
        """Raise CsiError unless the controller service has the capability."""
        if capability not in self.config.controller_capabilities:
            raise CsiError("INVALID_ARGUMENT", f"unsupported capability {capability}")

    def sum_sizes(self, kind: str) -> int:
        """Return the bytes of all volumes of a kind."""
        return sum(each.size for each in self.records.volumes if each.kind == kind)

    def create_volume(
        self, volume_id: str, name: str, size: int, access: int, ephemeral: bool, kind: str
    ) -> HostVolume:
        """Make a volume, or make it anew over the one with that id; raises CsiError."""
        largest = self.config.max_volume_size
        if size > largest:
            message = f"Requested capacity {size} exceeds maximum allowed {largest}"
            raise CsiError("OUT_OF_RANGE", message)
        kind = self._reserve(size, kind)
        if access == BLOCK_ACCESS and size < MEBIBYTE:
            reason = "exit status 1, fallocate: invalid length value specified\n"
            raise CsiError("UNKNOWN", f"failed to create block device: {reason}")
        volume = HostVolume(name, volume_id, size, access, ephemeral, kind)
        self.records.add_volume(volume)
        return volume

    def _reserve(self, size: int, kind: str) -> str:
        """Return the kind of storage that a volume is given."""
        capacity = self.config.capacity
        if not capacity:
            if kind:
                message = f"capacity tracking disabled, specifying kind {quote(kind)} is invalid"
                raise CsiError("INVALID_ARGUMENT", message)
            return ""
        if not kind:
            kinds = [
                each
                for each, all_ in capacity.items()
                if self.sum_sizes(each) + size <= all_.value
            ]
            kind = self.choose_kind(kinds) if kinds else ""
        if not kind:
            message = (
                f"requested capacity {size} of arbitrary storage exceeds all remaining capacity"
            )
            raise CsiError("RESOURCE_EXHAUSTED", message)
        used, available = self.sum_sizes(kind), capacity.get(kind, ZERO)
        if used + size > available.value:
            said = f"{Quantity(used, 0, False, Format.BINARY_SI)} out of {available} already used"
            message = (
                f"requested capacity {size} exceeds remaining capacity for {quote(kind)}, {said}"
            )
            raise CsiError("RESOURCE_EXHAUSTED", message)
        return kind

    def delete_volume(self, volume_id: str) -> None:
        """Remove a volume, if it is known; what is mounted of it stays mounted."""
        self.archives.discard(volume_id)
        self.records.remove_volume(volume_id)

    def load_snapshot(self, size: int, snapshot_id: str, volume: HostVolume) -> None:
        """Fill a volume of so many requested bytes from a snapshot; raises CsiError."""
        snapshot = self.records.get_snapshot(snapshot_id)
        if snapshot.size > size:
            sizes = f"size {snapshot.size} is greater than requested volume size {size}"
            raise CsiError("INVALID_ARGUMENT", f"snapshot {snapshot_id} {sizes}")
        if volume.access == MOUNT_ACCESS and snapshot_id not in self.archives:
            message = f"failed pre-populate data from snapshot {snapshot_id}: {_NOT_GZIP}"
            raise CsiError("UNKNOWN", message)
        if volume.access == BLOCK_ACCESS:
            self._copy_file(snapshot_id, volume.id)

    def load_volume(self, size: int, source_id: str, volume: HostVolume) -> None:
        """Fill a volume of so many requested bytes from another; raises CsiError."""
        source = self.records.get_volume(source_id)
        if source.size > size:
            sizes = f"size {source.size} is greater than requested volume size {size}"
            raise CsiError("INVALID_ARGUMENT", f"volume {source_id} {sizes}")
        if source.access != volume.access:
            message = f"volume {source_id} mode is not compatible with requested mode"
            raise CsiError("INVALID_ARGUMENT", message)
        if volume.access == BLOCK_ACCESS:
            self._copy_file(source_id, volume.id)

    def take_snapshot(self, volume: HostVolume, name: str, group: str = "") -> HostSnapshot:
        """Take a snapshot of a volume."""
        snapshot = HostSnapshot(name, self.ids.make("p"), volume.id, volume.size, group)
        if volume.access == MOUNT_ACCESS:
            self.archives.add(snapshot.id)
        else:
            self._copy_file(volume.id, snapshot.id)
        self.records.add_snapshot(snapshot)
        return snapshot

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot, if it is known."""
        self.archives.discard(snapshot_id)
        self.records.remove_snapshot(snapshot_id)

    def _copy_file(self, source: str, target: str) -> None:
        if source in self.archives:
            self.archives.add(target)
