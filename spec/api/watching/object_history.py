"""The history of the objects of one resource, as etcd keeps it and a watch cache repeats it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planespec.spec.api.watching.list_options import ListOptions


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was written at a revision; `content` is what no list or watch looks at."""

    name: str
    revision: int
    labels: Mapping[str, str] = field(default_factory=dict)
    content: object = None
    namespace: str = ""

    def matches(self, options: ListOptions) -> bool:
        """Say whether the selectors of a list or watch select it."""
        values = {"metadata.name": self.name, "metadata.namespace": self.namespace}
        terms = options.fields
        if any((values[each.field] == each.value) != each.equal for each in terms):
            return False
        return options.labels.matches(self.labels)


@dataclass(frozen=True, slots=True)
class Change:
    """What one write did: the object after it (None: deleted) and before it (None: created)."""

    revision: int
    after: Stored | None
    before: Stored | None = None


class ObjectHistory:
    """The changes of a resource in the order of their revisions."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._objects: dict[str, Stored] = {}

    def write(self, stored: Stored) -> None:
        """Create or replace an object; its revision is higher than all before."""
        self.changes.append(Change(stored.revision, stored, self._objects.get(stored.name)))
        self._objects[stored.name] = stored

    def delete(self, name: str, revision: int) -> None:
        """Delete an object that is there, at a revision higher than all before."""
        self.changes.append(Change(revision, None, self._objects.pop(name)))

    def state_at(self, revision: int) -> list[Stored]:
        """Return the objects as they were at the revision, in the order of their names."""
        objects: dict[str, Stored] = {}
        for change in self.changes[: self._count(revision)]:
            if change.after:
                objects[change.after.name] = change.after
            elif change.before:
                del objects[change.before.name]
        return [objects[name] for name in sorted(objects)]

    def since(self, revision: int, until: int) -> Iterator[Change]:
        """Yield the changes after one revision, up to another."""
        yield from self.changes[self._count(revision) : self._count(until)]

    def _count(self, revision: int) -> int:
        return bisect_right(self.changes, revision, key=lambda change: change.revision)
