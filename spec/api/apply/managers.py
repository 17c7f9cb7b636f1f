"""The owners of the fields of an object, and their entries in `managedFields`.

Source: `apimachinery/pkg/util/managedfields/internal`: managedfields.go, managedfieldsupdater.go,
capmanagers.go, conflict.go, v1.36.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from planespec.spec.api.api_errors import ApiError, Cause
from planespec.spec.api.apply.field_sets import (
    FieldSet,
    Path,
    in_order,
    read_fields,
    show_path,
    write_fields,
)

Json = dict[str, Any]
MOST_UPDATERS = 10
"""Managers by update that an object keeps; of more, the oldest become one."""
ANCIENT = "ancient-changes"


class Manager(NamedTuple):
    """Who owns fields: a name, the operation by which it got them, and where."""

    name: str
    operation: str
    """Apply or Update."""
    version: str = ""
    """The API version; one who applies is the same at every version."""
    subresource: str = ""

    def __str__(self) -> str:
        shown = f'"{self.name}"'
        if self.subresource:
            shown += f' with subresource "{self.subresource}"'
        if self.operation == "Update":
            shown += f" using {self.version}"
        return shown


class Owned(NamedTuple):
    """The fields of a manager."""

    fields: FieldSet
    version: str
    """The API version whose fields they are."""
    time: str = ""


Managers = dict[Manager, Owned]


def read_managers(entries: object) -> Managers:
    """Read `managedFields`; what is no list of entries names nobody."""
    managers: Managers = {}
    for each in entries if isinstance(entries, list) else ():
        version, operation = each.get("apiVersion", ""), each.get("operation", "")
        name, subresource = each.get("manager", ""), each.get("subresource", "")
        said = "" if operation == "Apply" else version
        manager = Manager(name, operation, said, subresource)
        fields = read_fields(each.get("fieldsV1") or {})
        managers[manager] = Owned(fields, version, each.get("time", ""))
    return managers


def write_managers(managers: Mapping[Manager, Owned]) -> list[Json]:
    """Return the entries as `managedFields` has them: in order of operation, time and name."""
    ordered = sorted(
        managers.items(), key=lambda pair: (pair[0].operation, pair[1].time, pair[0], pair[1])
    )
    return [_write_entry(manager, owned) for manager, owned in ordered]


def _write_entry(manager: Manager, owned: Owned) -> Json:
    entry: Json = {"manager": manager.name, "operation": manager.operation}
    entry["apiVersion"] = owned.version
    if owned.time:
        entry["time"] = owned.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": write_fields(owned.fields)}
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def cap_updaters(managers: Managers) -> Managers:
    """Make one of the oldest managers by update where there are too many.

    Source: capUpdateManagers.
    """
    updaters = [each for each in managers if each.operation == "Update"]
    if len(updaters) <= MOST_UPDATERS:
        return managers
    updaters.sort(key=lambda each: (managers[each].time, _identify(each)))
    capped, first = dict(managers), dict[str, Manager]()
    surplus = len(updaters) - MOST_UPDATERS
    for each in updaters:
        owned = capped[each]
        if not surplus:
            break
        if owned.version not in first:
            first[owned.version] = each
            continue
        bucket = Manager(ANCIENT, "Update", owned.version)
        if bucket not in capped:
            capped[bucket] = capped.pop(first[owned.version])
        del capped[each]
        capped[bucket] = owned._replace(fields=owned.fields | capped[bucket].fields)
        surplus -= 1
    return capped


class ApplyConflictError(ApiError):
    """An apply would change what others own; upstream's causes come in no order of managers."""

    def __init__(self, conflicts: Mapping[Manager, FieldSet]) -> None:
        """Take the fields by their owners."""
        listed = [(each, path) for each in sorted(conflicts) for path in in_order(conflicts[each])]
        causes = [
            Cause("FieldManagerConflict", f"conflict with {manager}", show_path(path))
            for manager, path in listed
        ]
        super().__init__(409, "Conflict", _tell(conflicts, listed), causes)
        self.conflicts = dict(conflicts)

    def without(self, fields: FieldSet) -> "ApplyConflictError | None":
        """Return what is left of it when these fields may be taken; None where nothing is."""
        left = {each: found - fields for each, found in self.conflicts.items() if found - fields}
        return ApplyConflictError(left) if left else None


def _tell(conflicts: Mapping[Manager, FieldSet], listed: list[tuple[Manager, Path]]) -> str:
    if len(listed) == 1:
        manager, path = listed[0]
        return f"Apply failed with 1 conflict: conflict with {manager}: {show_path(path)}"
    lines = []
    for manager in sorted(conflicts, key=_identify):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {show_path(path)}" for path in in_order(conflicts[manager])]
    return f"Apply failed with {len(listed)} conflicts: " + "\n".join(lines)


def _identify(manager: Manager) -> str:
    """Return the text by which managers are sorted: their entry as JSON without fields."""
    version = f'"apiVersion":"{manager.version}",' if manager.version else ""
    last = f',"subresource":"{manager.subresource}"' if manager.subresource else ""
    said = f'"manager":"{manager.name}","operation":"{manager.operation}"'
    return f"{{{said},{version.rstrip(',')}{last}}}" if version else f"{{{said}{last}}}"
