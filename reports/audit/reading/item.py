"""What a reader yields: an object with its place, or a piece that cannot be read."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.objects.interning import Stored, Whole
from planespec.spec.schema.field_shapes import join

LARGEST_OBJECT = 3 * 1024 * 1024
"""Bytes; the API server reads no larger request body (`MaxRequestBodyBytes`)."""
WATCHED = 32 * 1024 * 1024
"""Characters from the start of a file in which names that stand twice in an object are told. What
is larger a program has printed."""
LEFT_OUT = "the rest of the file was left out"


class Item(NamedTuple):
    """One value of the input: an object, or a list the caller takes apart."""

    value: object
    place: Place
    kind: str = ""
    """The kind that a typed list such as PodList gives its items."""
    version: str = ""
    """Likewise the API version."""
    is_suspect: bool = False
    """Whether a text in it may hold bytes that are not UTF-8, or a number may be none."""
    is_listed: bool = False
    """Whether it is an item of a list."""
    repeated: tuple[tuple[str, int], ...] = ()
    """Fields that stand twice in their object, of which the last counts, with their lines."""


class Apart(NamedTuple):
    """An object in parts that others have too."""

    stored: Stored
    place: Place
    kind: str
    version: str
    is_listed: bool

    def put_together(self) -> Item:
        """Return it whole."""
        whole = Whole(self.stored)
        return Item(whole, self.place, self.kind, self.version, is_listed=self.is_listed)


class Unread(NamedTuple):
    """A piece of the input that was left out."""

    place: Place
    message: str
    subject: str = ""
    """The object, as far as its text tells."""
    field: str = ""


class NotJson(NamedTuple):
    """Stands for NaN or Infinity, which Python reads and JSON does not have."""

    name: str


_HALF = re.compile("[\ud800-\udfff]")
_KIND = re.compile(r'"?\bkind"?: *"?([A-Za-z]{1,63})\b')
_NAME = re.compile(r'"?\bname"?: *"?([-a-z0-9.]{1,253})')


def guess_subject(text: str) -> str:
    """Name an object that cannot be read, by what looks like its kind and name."""
    kind, name = _KIND.search(text[:20_000]), _NAME.search(text[:20_000])
    return " ".join(found[1] for found in (kind, name) if found is not None)


def find_fault(value: object, path: str = "") -> tuple[str, str] | None:
    """Return the field and the message of the first part that no JSON text can hold."""
    if isinstance(value, NotJson):
        return path, f"{value.name} is not a JSON number"
    if isinstance(value, str):
        if value.isascii() or not (found := _HALF.search(value)):
            return None
        is_byte = "\udc80" <= found[0] <= "\udcff"
        return path, "is not UTF-8 text" if is_byte else "holds half of a surrogate pair"
    if isinstance(value, dict):
        parts = [(part, f"{path}.{name}" if path else str(name)) for name, part in value.items()]
        parts += [(name, path) for name in value]
    elif isinstance(value, list):
        parts = [(part, f"{path}[{index}]") for index, part in enumerate(value)]
    else:
        return None
    return next(filter(None, (find_fault(part, field) for part, field in parts)), None)


class Oversized(NamedTuple):
    """Stands for a value larger than the API server accepts."""

    size: int
    """Characters."""


_doubled: dict[int, list[str]] = {}
"""Names that stand twice in an object, by the id of what was made of it, until somebody looks."""


def make_watched(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its members as they stand; remember those that stand twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        _doubled[id(made)] = [name for name, count in counts.items() if count > 1]
    return made


def list_doubled(value: object, path: str = "") -> list[str]:
    """Return the fields that stand twice in a value made since somebody last looked."""
    if not _doubled:
        return []
    found = [*_find_doubled(value, path)]
    _doubled.clear()
    return found


def _find_doubled(value: object, path: str = "") -> Iterator[str]:
    """Yield the fields that stand twice in a value."""
    if isinstance(value, dict):
        yield from (join(path, name) for name in _doubled.get(id(value), ()))
        for name, part in value.items():
            yield from _find_doubled(part, join(path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _find_doubled(part, f"{path}[{index}]")
