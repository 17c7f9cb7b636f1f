"""Plain JSON that many objects have in common, kept once, and objects made of it.

Pods of one controller are equal but for their names, addresses, times and the like: a cluster of
150,000 has a few thousand different specs. So a part of an object is kept as one `Common` for all
that have it, with a numbered gap where each differs, and what stands in the gaps is kept beside.
Nothing is left out: `Common.fill` gives the part back as it was. Which fields become gaps decides
only how much is shared: any other that differs makes a `Common` of its own.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

Part = dict[str, Any]
T = TypeVar("T")
TOKEN_VOLUME = "kube-api-access-"
"""How the API server begins the name of the token volume, which it makes up for each pod."""
KEPT_PARTS = 1 << 18
"""Parts that wait for an equal one, about a kilobyte each: a long log has ever new ones."""


class Gaps(NamedTuple):
    """Where objects that are otherwise equal differ."""

    fields: tuple[str, ...] = ()
    below: tuple[tuple[str, "Gaps"], ...] = ()
    """Fields that hold an object, or a list of objects, with gaps."""
    token: str = ""
    """A field that differs where it names the token volume."""


NO_GAPS = Gaps()
_STATE = Gaps(
    below=(
        ("running", Gaps(("startedAt",))),
        ("terminated", Gaps(("containerID", "startedAt", "finishedAt"))),
    )
)
_CONTAINER_STATUS = Gaps(
    ("containerID", "restartCount"), (("state", _STATE), ("lastState", _STATE))
)
_TOKEN = Gaps(token="name")
_MOUNTS = Gaps(below=(("volumeMounts", _TOKEN),))
OF_METADATA = Gaps(("name", "uid", "resourceVersion", "creationTimestamp"))
"""What differs between the metadata of objects of any kind."""
OF_POD_SPEC = Gaps(
    ("nodeName",),
    (
        ("containers", _MOUNTS),
        ("initContainers", _MOUNTS),
        ("ephemeralContainers", _MOUNTS),
        ("volumes", _TOKEN),
    ),
)
OF_POD_STATUS = Gaps(
    ("hostIP", "podIP", "startTime"),
    (
        ("hostIPs", Gaps(("ip",))),
        ("podIPs", Gaps(("ip",))),
        ("conditions", Gaps(("lastTransitionTime", "lastProbeTime"))),
        ("containerStatuses", _CONTAINER_STATUS),
        ("initContainerStatuses", _CONTAINER_STATUS),
        ("ephemeralContainerStatuses", _CONTAINER_STATUS),
    ),
)


class Common:
    """One part of any number of objects; read-only. Two are equal only if they are the same."""

    __slots__ = ("_data", "_known", "_packed", "_plan", "is_shared")

    def __init__(self, packed: bytes) -> None:
        """Keep the part as `marshal` packs it, which no two different parts share."""
        self._packed = packed
        self._data: Part | None = None
        self._plan: dict[Any, Any] | None = None
        self._known: dict[object, object] | None = None
        self.is_shared = False

    @property
    def packed(self) -> bytes:
        """The part as it is kept, for `Interner.adopt`."""
        return self._packed

    @property
    def data(self) -> Part:
        """What the objects have in common; a gap reads as a tuple, which no JSON value is."""
        if self._data is not None:
            return self._data
        data: Part = marshal.loads(self._packed)
        return data

    def fill(self, values: Sequence[object]) -> Part:
        """Return the part of the object that has these values in the gaps.

        What several objects have is kept unpacked from then on, and their parts share it.
        """
        data = self.data
        if self.is_shared:
            self._data = data
        return _fill(data, self.list_gaps(), values) if values else data

    def list_gaps(self) -> Mapping[Any, Any]:
        """Return where the gaps are: by field or index the number, or what is below."""
        if self._plan is None:
            self._plan = _find_gaps(self.data)
        return self._plan

    def derive(self, compute: Callable[..., T], *others: "Common | None") -> T:
        """Return what follows from this part, and others; computed once, by `compute(data, ...)`.

        What differs from object to object cannot be read there: a view raises GapError.
        """
        key = (compute, *others) if others else compute
        if self._known is None:
            self._known = {}
        if key not in self._known:
            self._known[key] = compute(self.data, *(o and o.data for o in others))
        return self._known[key]  # type: ignore[return-value]


def _find_gaps(value: object) -> dict[Any, Any]:
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    plan: dict[Any, Any] = {}
    for name, inner in items:
        if type(inner) is tuple:
            plan[name] = inner[0]
        elif isinstance(inner, dict | list) and (below := _find_gaps(inner)):
            plan[name] = below
    return plan


def _fill(part: Any, plan: Mapping[Any, Any], values: Sequence[object]) -> Any:
    """Copy what leads to a gap; the rest stays shared."""
    copy = part.copy()
    for name, inner in plan.items():
        is_gap = type(inner) is int
        copy[name] = values[inner] if is_gap else _fill(part[name], inner, values)
    return copy


class Interner:
    """The common parts met so far."""

    def __init__(self, kept: int = KEPT_PARTS) -> None:
        """Begin with none; of more than `kept` all are forgotten, and new ones shared anew."""
        self._parts: dict[bytes, Common] = {}
        self._kept = kept

    def adopt(self, packed: bytes) -> Common:
        """Return the part that another interner has packed."""
        found = self._parts.get(packed)
        if found is None:
            found = self._parts[packed] = Common(packed)
        return found

    def intern(self, part: Part, gaps: Gaps) -> tuple[Common, list[object]]:
        """Return what the part has in common with others, and what stands in its gaps.

        Raises ValueError for a part that is nested too deeply.
        """
        values: list[object] = []
        # Version 2 of the format: those after it depend on more than what the value is.
        packed = marshal.dumps(part if gaps is NO_GAPS else _cut(part, gaps, values), 2)
        found = self._parts.get(packed)
        if found is None:
            if len(self._parts) >= self._kept:
                self._parts.clear()
            found = self._parts[packed] = Common(packed)
        else:
            found.is_shared = True
        return found, values


def _cut(part: Part, gaps: Gaps, values: list[object]) -> Part:
    """Return a copy with gaps; what has another type than it should is left as it is."""
    fields, below, token = gaps
    copy = part.copy()
    for name in fields:
        value = copy.get(name)
        if value is not None:
            copy[name] = (len(values),)
            values.append(value)
    for name, inner in below:
        value = copy.get(name)
        if not value:
            continue
        if type(value) is list:
            copy[name] = [_cut(v, inner, values) if type(v) is dict else v for v in value]
        elif type(value) is dict:
            copy[name] = _cut(value, inner, values)
    if token:
        value = copy.get(token)
        if type(value) is str and value.startswith(TOKEN_VOLUME):
            copy[token] = (len(values),)
            values.append(value)
    return copy


# An object as the store keeps it: whole, and what others have too kept once.


_EVEN = frozenset((str, int))
_NO_VALUES: list[object] = []
SECTIONS = ("metadata", "spec", "status")
"""Fields of an object that are interned each by itself."""
_DIFFERING: Mapping[str, tuple[Gaps, Gaps, Gaps]] = {
    "Pod": (OF_METADATA, OF_POD_SPEC, OF_POD_STATUS)
}
_OTHERS = (OF_METADATA, NO_GAPS, NO_GAPS)


def pack_values(values: Iterable[list[object]]) -> bytes:
    """Pack what stands in the gaps; an object repeats its times, which are packed once."""
    same: dict[object, object] = {}
    return marshal.dumps(
        [[same.setdefault(v, v) for v in own] if len(own) > 4 else own for own in values]
    )


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

    __slots__ = (
        "_values",
        "is_odd",
        "key",
        "metadata",
        "rest",
        "source",
        "spec",
        "status",
        "version",
    )
    rest: Common
    """All but the sections."""
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
        self.key, self.version, self.source, self.is_odd = key, version, source, False
        rest = data.copy()
        values: list[list[object]] = []
        parts: list[Common | None] = []
        for name, gaps in zip(SECTIONS, _DIFFERING.get(key.kind, _OTHERS), strict=True):
            part, common, own = data.get(name), None, _NO_VALUES
            if type(part) is dict:
                common, own = interner.intern(part, gaps)
                rest[name] = None
                if own and not _EVEN.issuperset(map(type, own)):
                    self.is_odd = True
            parts.append(common)
            values.append(own)
        self.metadata, self.spec, self.status = parts
        self.rest = interner.intern(rest, NO_GAPS)[0]
        self._values = marshal.dumps(values) if self.is_odd else pack_values(values)

    def list_values(self) -> list[list[Any]]:
        """Return what stands in the gaps of each section."""
        values: list[list[Any]] = marshal.loads(self._values)
        return values

    def take_apart(self) -> tuple[tuple["Common | None", ...], bytes, bool]:
        """Return the sections and the rest, what differs, and whether it is odd."""
        return (self.metadata, self.spec, self.status, self.rest), self._values, self.is_odd

    def __getitem__(self, name: str) -> object:
        if name in SECTIONS:
            common: Common | None = getattr(self, name)
            if common is not None:
                return common.fill(self.list_values()[SECTIONS.index(name)])
        return self.rest.fill(())[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rest.fill(()))

    def __len__(self) -> int:
        return len(self.rest.fill(()))

    def to_json(self) -> dict[str, object]:
        """Return the whole object as it was read; what it shares with others must not change."""
        filled = self.rest.fill(()).copy()
        sections = (self.metadata, self.spec, self.status)
        for name, common, own in zip(SECTIONS, sections, self.list_values(), strict=True):
            if common is not None:
                filled[name] = common.fill(own)
        return filled


class Whole(dict[str, object]):
    """An object as it was read, put together of what `Stored.take_apart` gave."""

    __slots__ = ("stored",)

    def __init__(self, stored: Stored) -> None:
        """Make it of an object that a store has yet to name."""
        super().__init__(stored.to_json())
        self.stored = stored


def put_together(parts: Sequence[Common | None], packed: bytes, is_odd: bool) -> Stored:
    """Return what `Stored.take_apart` took apart, of parts of one interner; it has no name yet."""
    made = Stored.__new__(Stored)
    metadata, spec, status, rest = parts
    if rest is None:
        raise ValueError("an object has a rest, be it empty")
    made.metadata, made.spec, made.status, made.rest = metadata, spec, status, rest
    made._values, made.is_odd = packed, is_odd
    return made
