"""What the CSI host path driver knows: volumes, snapshots and groups of them, and its state file.

Every change writes the file whole, and a start reads it. What is only sorted in memory (the ids of
a group, when they are compared) gets into the file with the next change.

Source: kubernetes-csi/csi-driver-host-path v1.18, `pkg/state/state.go` and `strings.go`.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

MOUNT_ACCESS, BLOCK_ACCESS = 0, 1
"""Access types: a directory, or a file behind a loop device."""


class CsiError(Exception):
    """What a call answers instead of a response: a gRPC code and a message."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both; the text is as Go prints a gRPC status."""
        super().__init__(message)
        self.code, self.message = code, message

    def __str__(self) -> str:
        name = "".join(part.capitalize() for part in self.code.split("_"))
        return f"rpc error: code = {name} desc = {self.message}"


class DriverPanicError(Exception):
    """The driver crashed on a call; it reads its state file when it starts again."""


@dataclass(slots=True)
class HostVolume:
    """One volume; sizes are bytes. `staged` and `published` are None until a path was added."""

    name: str
    id: str
    size: int
    access: int
    ephemeral: bool
    kind: str
    node_id: str = ""
    read_only_attach: bool = False
    attached: bool = False
    staged: list[str] | None = None
    published: list[str] | None = None

    @property
    def is_used(self) -> bool:
        """Whether it is staged or published anywhere."""
        return bool(self.staged or self.published)

    def to_json(self) -> dict[str, object]:
        """Return it as the state file has it.

        The parents stay empty: the driver sets them in a copy that it never stores.
        """
        return {
            **{"VolName": self.name, "VolID": self.id, "VolSize": self.size},
            **{"VolAccessType": self.access, "ParentVolID": "", "ParentSnapID": ""},
            **{"Ephemeral": self.ephemeral, "NodeID": self.node_id, "Kind": self.kind},
            **{"ReadOnlyAttach": self.read_only_attach, "Attached": self.attached},
            **{"Staged": self.staged, "Published": self.published},
        }


@dataclass(slots=True)
class HostSnapshot:
    """A snapshot of one volume; `group` is empty for one that was taken alone."""

    name: str
    id: str
    volume: str
    size: int
    group: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it as the state file has it, without path and time."""
        return {
            **{"Name": self.name, "Id": self.id, "VolID": self.volume, "SizeBytes": self.size},
            **{"ReadyToUse": True, "GroupSnapshotID": self.group},
        }


@dataclass(slots=True)
class SnapshotGroup:
    """Snapshots of several volumes that were taken at once."""

    name: str
    id: str
    snapshots: list[str]
    volumes: list[str]

    def to_json(self) -> dict[str, object]:
        """Return it as the state file has it, without its time."""
        return {
            **{"Name": self.name, "Id": self.id, "SnapshotIDs": self.snapshots},
            **{"SourceVolumeIDs": self.volumes, "ReadyToUse": True},
        }


@dataclass(slots=True)
class Contents:
    """All that the driver knows; None is a list that never had a member."""

    volumes: list[HostVolume] | None = None
    snapshots: list[HostSnapshot] | None = None
    groups: list[SnapshotGroup] | None = None


@dataclass(slots=True)
class Records:
    """What a driver knows, in memory and in its file; `file` is None before the first change."""

    memory: Contents = field(default_factory=Contents)
    file: Contents | None = None

    def save(self) -> None:
        """Write the file."""
        self.file = copy.deepcopy(self.memory)

    def restart(self) -> None:
        """Read the file, as a driver that starts does."""
        self.memory = copy.deepcopy(self.file) or Contents()

    def to_json(self) -> dict[str, object]:
        """Return what the file holds; nothing before it is there."""
        if self.file is None:
            return {}
        volumes, snapshots, groups = self.file.volumes, self.file.snapshots, self.file.groups
        return {
            "Volumes": None if volumes is None else [each.to_json() for each in volumes],
            "Snapshots": None if snapshots is None else [each.to_json() for each in snapshots],
            "GroupSnapshots": None if groups is None else [each.to_json() for each in groups],
        }

    @property
    def volumes(self) -> list[HostVolume]:
        """The volumes, in the order in which they were made."""
        return self.memory.volumes or []

    @property
    def snapshots(self) -> list[HostSnapshot]:
        """The snapshots, in the order in which they were taken."""
        return self.memory.snapshots or []

    @property
    def groups(self) -> list[SnapshotGroup]:
        """The groups, in the order in which they were taken."""
        return self.memory.groups or []

    def get_volume(self, volume_id: str) -> HostVolume:
        """Return a volume; raises CsiError NOT_FOUND."""
        found = [each for each in self.volumes if each.id == volume_id]
        if not found:
            message = f"volume id {volume_id} does not exist in the volumes list"
            raise CsiError("NOT_FOUND", message)
        return found[0]

    def get_snapshot(self, snapshot_id: str) -> HostSnapshot:
        """Return a snapshot; raises CsiError NOT_FOUND."""
        found = [each for each in self.snapshots if each.id == snapshot_id]
        if not found:
            message = f"snapshot id {snapshot_id} does not exist in the snapshots list"
            raise CsiError("NOT_FOUND", message)
        return found[0]

    def get_group(self, group_id: str) -> SnapshotGroup:
        """Return a group; raises CsiError NOT_FOUND."""
        found = [each for each in self.groups if each.id == group_id]
        if not found:
            message = f"groupsnapshot id {group_id} does not exist in the groupsnapshots list"
            raise CsiError("NOT_FOUND", message)
        return found[0]

    def find_volume(self, name: str) -> HostVolume | None:
        """Return the first volume of that name, if there is one."""
        return next((each for each in self.volumes if each.name == name), None)

    def add_volume(self, volume: HostVolume) -> None:
        """Add a volume, or put it in the place of the one with its id; write the file."""
        found = [index for index, each in enumerate(self.volumes) if each.id == volume.id]
        if found and self.memory.volumes is not None:
            self.memory.volumes[found[0]] = volume
        else:
            self.memory.volumes = [*self.volumes, volume]
        self.save()

    def add_snapshot(self, snapshot: HostSnapshot) -> None:
        """Add a snapshot and write the file."""
        self.memory.snapshots = [*self.snapshots, snapshot]
        self.save()

    def add_group(self, group: SnapshotGroup) -> None:
        """Add a group and write the file."""
        self.memory.groups = [*self.groups, group]
        self.save()

    def remove_volume(self, volume_id: str) -> None:
        """Forget a volume; the file is written only if it was known."""
        if any(each.id == volume_id for each in self.volumes):
            self.memory.volumes = [each for each in self.volumes if each.id != volume_id]
            self.save()

    def remove_snapshot(self, snapshot_id: str) -> None:
        """Forget a snapshot; the file is written only if it was known."""
        if any(each.id == snapshot_id for each in self.snapshots):
            self.memory.snapshots = [each for each in self.snapshots if each.id != snapshot_id]
            self.save()

    def remove_group(self, group_id: str) -> None:
        """Forget a group; the file is written only if it was known."""
        if any(each.id == group_id for each in self.groups):
            self.memory.groups = [each for each in self.groups if each.id != group_id]
            self.save()


def match_ids(
    kept: list[str], asked: list[str], order: Callable[[str], tuple[int, int, str]]
) -> bool:
    """Say whether two lists hold the same ids; where they are as long, `kept` is sorted by it."""
    if len(kept) != len(asked):
        return False
    kept.sort(key=order)
    return kept == sorted(asked, key=order)
