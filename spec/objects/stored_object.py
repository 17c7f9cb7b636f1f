"""An object as the store keeps it: whole, and what others have too kept once."""

import marshal
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from planespec.spec.objects.interning import (
    NO_GAPS,
    OF_METADATA,
    OF_POD_SPEC,
    OF_POD_STATUS,
    Common,
    Gaps,
    Interner,
)

SECTIONS = ("metadata", "spec", "status")
"""Fields of an object that are interned each by itself."""
_DIFFERING: Mapping[str, tuple[Gaps, Gaps, Gaps]] = {
    "Pod": (OF_METADATA, OF_POD_SPEC, OF_POD_STATUS)
}
_OTHERS = (OF_METADATA, NO_GAPS, NO_GAPS)


class ObjectKey(NamedTuple):
    """The identity of an object: no two that exist at one time have the same."""

    group: str
    """Empty for the core group. The version is not part of it: the API server converts."""
    kind: str
    namespace: str
    """Empty for cluster-scoped objects."""
    name: str


class Stored(Mapping[str, object]):
    """An object of the store: reads as the JSON it was, and keeps what others have too once."""

    __slots__ = ("_rest", "_values", "key", "metadata", "source", "spec", "status", "version")
    _rest: Common
    metadata: Common | None
    spec: Common | None
    status: Common | None

    def __init__(
        self,
        interner: Interner,
        key: ObjectKey,
        version: str,
        data: dict[str, object],
        source: object,
    ) -> None:
        """Take an object apart; raises ValueError where it is nested too deeply."""
        self.key, self.version, self.source = key, version, source
        rest = data.copy()
        values: list[list[object]] = []
        same: dict[object, object] = {}  # an object repeats its times, which are packed once
        for name, gaps in zip(SECTIONS, _DIFFERING.get(key.kind, _OTHERS), strict=True):
            part = data.get(name)
            common, own = interner.intern(part, gaps) if type(part) is dict else (None, [])
            if common is not None:
                rest[name] = None
            setattr(self, name, common)
            values.append([same.setdefault(v, v) if type(v) is str else v for v in own])
        self._rest = interner.intern(rest, NO_GAPS)[0]
        self._values = marshal.dumps(values)

    def __getitem__(self, name: str) -> object:
        if name in SECTIONS:
            common: Common | None = getattr(self, name)
            if common is not None:
                return common.fill(marshal.loads(self._values)[SECTIONS.index(name)])
        return self._rest.data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rest.data)

    def __len__(self) -> int:
        return len(self._rest.data)

    def to_json(self) -> dict[str, object]:
        """Return the whole object as it was read; what it shares with others must not change."""
        return {name: self[name] for name in self}
