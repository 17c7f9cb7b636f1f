"""Changes between a watch and a cache: each key once in a queue, with all that happened to it.

Source: Kubernetes v1.36, `client-go/tools/cache/delta_fifo.go`, as a shared informer uses it:
`Replaced` is told from `Sync`, and the cache is known. Left out: closing, and transformers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Delta:
    """One change: `type` is Added, Updated, Deleted, Replaced or Sync."""

    type: str
    item: Any
    is_state_unknown: bool = False
    """A deletion that nobody saw (`DeletedFinalStateUnknown`): `item` is what was known last."""


@dataclass(frozen=True, slots=True)
class Popped:
    """What is handed out of the queue at once."""

    key: str
    deltas: tuple[Delta, ...]
    is_in_initial_list: bool


@dataclass(slots=True)
class DeltaFifo:
    """`DeltaFIFO`: keys in order, and the changes of each that nobody has taken yet."""

    items: dict[str, tuple[Delta, ...]] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    is_populated: bool = False
    """Whether anything was put in, or the first list."""
    initial: int = 0
    """How many keys of the first list were not taken yet."""

    @property
    def has_synced(self) -> bool:
        """Whether the whole first list was taken (`HasSynced`)."""
        return self.is_populated and self.initial == 0

    def add(self, key: str, item: Any) -> None:
        """An object that came (`Add`)."""
        self.is_populated = True
        self._append(key, Delta("Added", item))

    def update(self, key: str, item: Any) -> None:
        """An object that changed (`Update`)."""
        self.is_populated = True
        self._append(key, Delta("Updated", item))

    def delete(self, key: str, item: Any, known: Mapping[str, Any]) -> None:
        """An object that went; nothing where neither queue nor cache has it (`Delete`)."""
        self.is_populated = True
        if key in known or key in self.items:
            self._append(key, Delta("Deleted", item))

    def replace(
        self,
        listed: Iterable[tuple[str, Any]],
        known: Mapping[str, Any],
        order: Sequence[str] = (),
    ) -> None:
        """A new list: what it has is replaced, what it lacks was deleted unseen (`Replace`).

        What is known to the queue and what to the cache is gone through in the order of a map;
        `order` names the one to follow, and what it does not name comes last.
        """
        keys = set()
        for key, item in listed:
            keys.add(key)
            self._append(key, Delta("Replaced", item))
        gone = [key for key in self.items if key not in keys]
        for key in gone:
            last = self.items[key][-1].item
            self._append(key, Delta("Deleted", last, is_state_unknown=True))
        unseen = [key for key in _sort(known, order) if key not in keys and key not in self.items]
        for key in unseen:
            self._append(key, Delta("Deleted", known[key], is_state_unknown=True))
        if not self.is_populated:
            self.is_populated = True
            self.initial = len(keys) + len(gone) + len(unseen)

    def resync(self, known: Mapping[str, Any], order: Sequence[str] = ()) -> None:
        """Queue all that the cache has and that is not queued, in any order (`Resync`)."""
        for key in _sort(known, order):
            if key not in self.items:
                self._append(key, Delta("Sync", known[key]))

    def pop(self) -> Popped:
        """Hand out the first key with its changes (`Pop`); IndexError where it would wait."""
        is_in_initial_list = not self.has_synced
        key = self.queue.pop(0)
        self.initial = max(self.initial - 1, 0)
        return Popped(key, self.items.pop(key), is_in_initial_list)

    def _append(self, key: str, delta: Delta) -> None:
        before = self.items.get(key, ())
        if delta.type == "Sync" and before and before[-1].type == "Deleted":
            return
        if key not in self.items:
            self.queue.append(key)
        self.items[key] = _join(before, delta)


def _join(before: tuple[Delta, ...], delta: Delta) -> tuple[Delta, ...]:
    """Append a change; of two deletions one is kept, rather that which was seen."""
    if before and before[-1].type == delta.type == "Deleted":
        return (*before[:-1], delta if before[-1].is_state_unknown else before[-1])
    return (*before, delta)


def _sort(known: Mapping[str, Any], order: Sequence[str]) -> list[str]:
    place = {key: number for number, key in enumerate(order)}
    return sorted(known, key=lambda key: (place.get(key, len(place)), key))
