"""The objects of one resource in one namespace, and what requests do to them.

Source: `apiserver/pkg/registry/generic/registry/store.go`, `apiserver/pkg/registry/rest`
(create.go, update.go, delete.go), `apiserver/pkg/storage/etcd3/store.go`, v1.36. There is one
server and it is never behind its store, so that no write is tried twice. What decides itself
outside, identities, revisions and the time, is asked of a `Chance`.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from planespec.spec.api.api_errors import (
    OPTIMISTIC_LOCK,
    already_exists,
    bad_request,
    conflict,
    internal,
    invalid,
    not_found,
)
from planespec.spec.api.deletion import DeleteOptions, should_delete
from planespec.spec.api.graceful_deletion import delete_object
from planespec.spec.api.meta_updates import prepare_change, validate_meta, validate_meta_change
from planespec.spec.api.strategies import Strategy
from planespec.spec.names import LONGEST_PREFIX
from planespec.spec.validation.field_errors import FieldError
from planespec.spec.validation.field_errors import invalid as invalid_value

Json = dict[str, Any]
Make = Callable[[Json | None], Json]
"""Makes the new object of the one that is there."""


class Chance(Protocol):
    """What a server takes from outside."""

    def make_uid(self) -> str:
        """Return an identity that no object had before."""

    def make_suffix(self) -> str:
        """Return five random characters that end a generated name."""

    def advance(self) -> int:
        """Return the revision of the next write, which is higher than all before."""

    def tell_time(self) -> str:
        """Return the time in UTC, in seconds: 2026-11-29T12:00:00Z."""


class Event(NamedTuple):
    """A change as a watch shows it; `revision` is that of the change."""

    type: str
    object: Json
    revision: int


class Registry:
    """Objects by name, and every change of them."""

    def __init__(self, strategy: Strategy, namespace: str, chance: Chance) -> None:
        """Begin with no object; `namespace` is empty for a kind without one."""
        self.strategy, self.namespace, self.chance = strategy, namespace, chance
        self.objects: dict[str, Json] = {}
        self.events: list[Event] = []

    def get(self, name: str) -> Json:
        """Return an object. Raises ApiError."""
        if name not in self.objects:
            raise not_found(self.strategy.resource, name)
        return self.objects[name]

    def create(self, data: Json, *, dry_run: bool = False) -> Json:
        """Store a new object, and return it as it is stored. Raises ApiError."""
        made = copy.deepcopy(data)
        meta = made.setdefault("metadata", {})
        self._match_namespace(meta)
        prefix = meta.get("generateName")
        if prefix and not meta.get("name"):
            meta["name"] = prefix[:LONGEST_PREFIX] + self.chance.make_suffix()
        self._prepare_new(made)
        if read_version(made):
            raise internal("resourceVersion should not be set on objects to be created")
        existing = self.objects.get(meta["name"])
        if existing is not None:
            error = already_exists(self.strategy.resource, meta["name"])
            if existing["metadata"].get("deletionTimestamp"):
                error.message = f"object is being deleted: {error.message}"
            raise error
        return self._store("ADDED", made, dry_run)

    def _match_namespace(self, meta: Json) -> None:
        """Source: EnsureObjectNamespaceMatchesRequestNamespace."""
        if not self.strategy.is_namespaced:
            meta.pop("namespace", None)
        elif not meta.get("namespace"):
            meta["namespace"] = self.namespace
        elif meta["namespace"] != self.namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on "
                "the request"
            )

    def _prepare_new(self, made: Json) -> None:
        """Source: FillObjectMetaSystemFields, BeforeCreate."""
        meta, strategy = made["metadata"], self.strategy
        meta["creationTimestamp"] = self.chance.tell_time()
        meta["uid"] = self.chance.make_uid()
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "generation"):
            meta.pop(name, None)
        strategy.prepare_create(made)
        errors = [
            *validate_meta(made, is_namespaced=strategy.is_namespaced),
            *strategy.validate_create(made),
        ]
        self._refuse(meta.get("name") or "", errors)

    def _refuse(self, name: str, errors: Iterable[FieldError]) -> None:
        found = list(errors)
        if found:
            raise invalid(self.strategy.qualified_kind, name, found)

    def update(
        self,
        name: str,
        make: Make,
        *,
        uid: str = "",
        dry_run: bool = False,
        may_create: bool = False,
    ) -> tuple[Json, bool]:
        """Change an object, and say whether it was created instead. Raises ApiError.

        An update that empties the finalizers of an object that is being deleted removes it; one
        that changes nothing writes nothing. `uid` is a precondition where it is not empty.
        """
        old = self.objects.get(name)
        if old is None:
            if not (may_create or self.strategy.allows_create_on_update):
                raise not_found(self.strategy.resource, name)
            return self._create_by_update(make, dry_run), True
        self._check_uid(name, old, uid)
        made = make(copy.deepcopy(old))
        self.strategy.mutate(made, old)
        self._check_version(name, made, old)
        self.strategy.begin_update(made, old)
        self._prepare_change(made, old)
        self.strategy.review(made, old)
        if should_delete(made, old):
            if not dry_run:
                self._remove(name)
            return made, False
        if made == old:
            return made, False
        return self._store("MODIFIED", made, dry_run), False

    def _create_by_update(self, make: Make, dry_run: bool) -> Json:
        made = make(None)
        self._match_namespace(made["metadata"])
        self._prepare_new(made)
        made["metadata"].pop("resourceVersion", None)
        return self._store("ADDED", made, dry_run)

    def _check_uid(self, name: str, old: Json, uid: str) -> None:
        """Source: Preconditions.Check of the storage."""
        current = old["metadata"]["uid"]
        if not uid or uid == current:
            return
        place = f"/{self.namespace}" if self.namespace else ""
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {current}"
        raise conflict(
            self.strategy.resource,
            name,
            "StorageError: invalid object, Code: 4, Key: "
            f"/registry/{self.strategy.plural}{place}/{name}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: {why}",
        )

    def _check_version(self, name: str, made: Json, old: Json) -> None:
        version, strategy = read_version(made), self.strategy
        if not version and strategy.allows_unconditional_update:
            made["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        elif not version:
            words = "must be specified for an update"
            error = invalid_value("metadata.resourceVersion", 0, words)
            raise invalid(strategy.resource, name, [error])
        elif version != read_version(old):
            raise conflict(strategy.resource, name, OPTIMISTIC_LOCK)

    def _prepare_change(self, made: Json, old: Json) -> None:
        """Source: BeforeUpdate."""
        meta, strategy = made["metadata"], self.strategy
        self._match_namespace(meta)
        prepare_change(made, old, strategy.prepare_update)
        errors = [
            *validate_meta(made, is_namespaced=strategy.is_namespaced),
            *validate_meta_change(made, old),
            *strategy.validate_update(made, old),
        ]
        self._refuse(meta["name"], errors)

    def delete(self, name: str, options: DeleteOptions) -> Json | None:
        """Delete an object; return it where it stays for now, or its kind says so.

        Raises ApiError.
        """
        old = self.get(name)
        options.check(self.strategy.kind, old)
        made, is_stored, is_gone = delete_object(
            old, options, self.chance.tell_time(), is_graceful=self.strategy.is_graceful
        )
        if is_stored:
            made = self._store("MODIFIED", made, options.dry_run)
        if not is_gone:
            return made
        if not options.dry_run:
            self._remove(name)
        return made if self.strategy.returns_deleted else None

    def _store(self, kind: str, made: Json, dry_run: bool) -> Json:
        if not dry_run:
            revision = self.chance.advance()
            made["metadata"]["resourceVersion"] = str(revision)
            self.objects[made["metadata"]["name"]] = made
            self.events.append(Event(kind, copy.deepcopy(made), revision))
        return made

    def _remove(self, name: str) -> None:
        """Remove an object; a watch shows the last state with the revision of its end."""
        revision, last = self.chance.advance(), copy.deepcopy(self.objects.pop(name))
        last["metadata"]["resourceVersion"] = str(revision)
        self.events.append(Event("DELETED", last, revision))


def read_version(data: Json) -> int:
    """Return the resource version of an object; none is 0. Raises ApiError."""
    text = data["metadata"].get("resourceVersion") or "0"
    if not text.isascii() or not text.isdigit():
        raise internal(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    if int(text) >= 1 << 64:
        raise internal(f'strconv.ParseUint: parsing "{text}": value out of range')
    return int(text)
