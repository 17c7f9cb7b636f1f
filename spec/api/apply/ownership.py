"""How writes change who owns which fields, and what an apply makes of an object.

Source: `structured-merge-diff/v6/merge/update.go` and
`apimachinery/pkg/util/managedfields/internal`, v1.36. Every owner's fields are taken to be of the
version asked for: of the kinds here, one version is served.
"""

import copy
from dataclasses import dataclass
from typing import Any

from planespec.spec.api.api_errors import bad_request, internal
from planespec.spec.api.apply.field_sets import (
    NO_FIELDS,
    FieldSet,
    make_set,
    subtract_below,
)
from planespec.spec.api.apply.managers import (
    ApplyConflictError,
    Manager,
    Managers,
    Owned,
    cap_updaters,
    read_managers,
    write_managers,
)
from planespec.spec.api.apply.typed_values import (
    ABSENT,
    Comparison,
    TypedError,
    check,
    compare_values,
    list_fields,
    merge_values,
    remove_fields,
    with_named_fields,
)
from planespec.spec.api.decoding import complete
from planespec.spec.schema.merge_types import MergeType

Json = dict[str, Any]
BEFORE_FIRST_APPLY = "before-first-apply"
"""Who owns what was there when an object without owners is applied to."""
_STRIPPED = make_set(
    *("apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace"),
    *("metadata.creationTimestamp", "metadata.selfLink", "metadata.uid"),
    *("metadata.clusterName", "metadata.generation", "metadata.managedFields"),
    "metadata.resourceVersion",
)


@dataclass(frozen=True)
class FieldManager:
    """Keeps the owners of objects of a kind, as one resource or subresource sees them."""

    type: MergeType
    version: str
    """The API version, such as apps/v1."""
    kind: str
    subresource: str = ""
    reset: FieldSet = NO_FIELDS
    """Fields that this resource does not write, so that nobody owns them by it."""

    def update(self, live: Json | None, data: Json, name: str, now: str = "") -> Json:
        """Return a new object with its owners after a create, an update or a patch."""
        made = copy.deepcopy(data)
        asked = made["metadata"].pop("managedFields", None)
        managers = self._find_managers(live, asked)
        if managers or live is None:
            managers = self._take(live, made, managers, name, now)
        return _with_managers(made, cap_updaters(managers))

    def _find_managers(self, live: Json | None, asked: object) -> Managers:
        """Source: decodeLiveOrNew."""
        kept = read_managers((live or {}).get("metadata", {}).get("managedFields"))
        if self.subresource:
            return kept
        if asked in ([], [{}]):
            return {}
        return read_managers(asked) or kept

    def _take(
        self, live: Json | None, made: Json, managers: Managers, name: str, now: str
    ) -> Managers:
        """Give a manager by update what it changed."""
        manager = Manager(name, "Update", self.version, self.subresource)
        found = self._compare(live, made)
        changed = frozenset(found.added | found.modified)
        left = _lose(managers, changed, frozenset(found.removed))
        taken = changed - _STRIPPED
        if taken:
            old = left[manager].fields if manager in left else NO_FIELDS
            left[manager] = Owned(taken | old, self.version, now)
        return left

    def _compare(self, live: Json | None, made: Json) -> Comparison:
        before = complete(self.type, _without_managers(live or {}))
        found = compare_values(self.type, before, complete(self.type, _without_managers(made)))
        return Comparison(
            set(subtract_below(frozenset(found.removed), self.reset)),
            set(subtract_below(frozenset(found.modified), self.reset)),
            set(subtract_below(frozenset(found.added), self.reset)),
        )

    def apply(
        self, live: Json | None, patch: Json, name: str, *, force: bool = False, now: str = ""
    ) -> Json:
        """Return what an applied configuration makes of an object. Raises ApiError.

        What it returns has its owners, but is neither in its types nor defaulted.
        """
        self._check_patch(patch)
        base = _without_managers(live or {})
        managers = read_managers((live or {}).get("metadata", {}).get("managedFields"))
        if not managers:
            first = FieldManager(self.type, self.version, self.kind, self.subresource, self.reset)
            managers = first._take(None, base, {}, BEFORE_FIRST_APPLY, now) if live else {}
        return self._merge(complete(self.type, base), patch, managers, name, force, now)

    def _check_patch(self, patch: Json) -> None:
        said = patch.get("apiVersion", "")
        if said != self.version or patch.get("kind") != self.kind:
            group, _, version = str(said).rpartition("/")
            shown = f"{group}/{version}, Kind={patch.get('kind', '')}"
            raise bad_request(f"invalid object type: {shown}")
        meta = patch.get("metadata") or {}
        if not isinstance(meta, dict):
            raise bad_request("error decoding YAML: the metadata is no object")
        if meta.get("managedFields") is not None:
            raise bad_request("metadata.managedFields must be nil")
        try:
            check(self.type, patch)
        except TypedError as error:
            group, _, version = said.rpartition("/")
            place = f"{meta.get('namespace', '')}/{meta.get('name', '')}"
            shown = f"{place}; {group}/{version}, Kind={self.kind}"
            raise internal(f"failed to create typed patch object ({shown}): {error}") from error

    def _merge(
        self, base: Json, patch: Json, managers: Managers, name: str, force: bool, now: str
    ) -> Json:
        manager = Manager(name, "Apply", "", self.subresource)
        last = managers.get(manager)
        merged = merge_values(self.type, base, patch)
        merged = {} if merged is ABSENT else merged
        applied = subtract_below(list_fields(self.type, patch), self.reset)
        managers = {**managers, manager: Owned(applied, self.version, now)}
        if last is not None and last.fields:
            merged = self._prune(merged, managers, last.fields)
        found = self._compare(base, merged)
        changed = frozenset(found.added | found.modified)
        others = {each: owned for each, owned in managers.items() if each != manager}
        conflicts = {each: owned.fields & changed for each, owned in others.items()}
        conflicts = {each: fields for each, fields in conflicts.items() if fields}
        if conflicts and not force:
            raise ApplyConflictError(conflicts)
        left = _lose(others, changed, frozenset(found.removed))
        kept = applied - _STRIPPED
        if kept:
            left[manager] = Owned(kept, self.version, now)
        return _with_managers(merged, cap_updaters(left))

    def _prune(self, merged: Json, managers: Managers, last: FieldSet) -> Json:
        """Remove what the manager applied before and nobody owns now. Source: prune."""

        def name_all(fields: FieldSet) -> FieldSet:
            return with_named_fields(self.type, fields)

        pruned = remove_fields(self.type, merged, name_all(last)) or {}
        owned = frozenset(path for each in managers.values() for path in each.fields)
        every = list_fields(self.type, merged)
        kept = name_all(list_fields(self.type, pruned)) | name_all(owned)
        pruned = remove_fields(self.type, merged, name_all(every) - kept) or {}
        gone = name_all(every) - name_all(list_fields(self.type, pruned))
        return remove_fields(self.type, merged, gone & name_all(last)) or {}


def _lose(managers: Managers, changed: FieldSet, removed: FieldSet) -> Managers:
    """Return managers without what somebody else changed or what is gone."""
    left = {}
    for manager, owned in managers.items():
        fields = owned.fields - changed - removed
        if fields:
            left[manager] = owned._replace(fields=fields)
    return left


def _without_managers(data: Json) -> Json:
    meta = data.get("metadata")
    if not isinstance(meta, dict) or "managedFields" not in meta:
        return data
    return {**data, "metadata": {k: v for k, v in meta.items() if k != "managedFields"}}


def _with_managers(data: Json, managers: Managers) -> Json:
    meta = dict(data.get("metadata") or {})
    if managers:
        meta["managedFields"] = write_managers(managers)
    return {**data, "metadata": meta}
