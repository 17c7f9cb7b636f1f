"""Seeded damage to files that are in order: as values, as text, as bytes."""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

DEEP = 3_000
"""More levels than Python's own stack has."""


def _nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, -0.0, 1e308, 2**31, 2**63, -(2**63), 10**30),
    *("", "x", "0", "-1", "1e9", "\ud800", "a\x00b", "ä\n", "∞", "9" * 5_000, "x" * 300),
    *([], {}, [1], [[]], [None], {"a": {}}, {"": ""}, {"\ud800": 1}, {"#map": [1]}),
    *({"#bigint": "9" * 5_000}, {"tag": []}, {"tag": "None"}, ["x", "\ud800"], _nested(40)),
)
"""What stands in place of a value."""

Path = tuple[Any, ...]
"""Keys and positions from the root of a value."""


def mutate_value(value: Any, draw: random.Random) -> Any:
    """The value with one thing in it replaced, dropped, doubled, renamed or moved."""
    value = deepcopy(value)
    paths = list(_paths(value))
    path = draw.choice(paths)
    if not path:
        return draw.choice(STRANGE)
    holder = _at(value, path[:-1])
    change = draw.choice((_replace, _replace, _replace, _drop, _double, _rename, _move, _wrap))
    change(holder, path[-1], _at(value, draw.choice(paths)), draw)
    return value


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    yield above
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, each in inner:
        yield from _paths(each, (*above, key))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _replace(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    holder[key] = deepcopy(draw.choice(STRANGE))


def _drop(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    del holder[key]


def _double(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    if isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    else:
        holder[f"{key}2"] = deepcopy(holder[key])


def _rename(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    if isinstance(holder, dict):
        holder[draw.choice(("", "x", "\ud800", "kind", "#map", "type"))] = holder.pop(key)
    else:
        holder[key] = deepcopy(draw.choice(STRANGE))


def _move(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    holder[key] = deepcopy(other)


def _wrap(holder: Any, key: Any, other: Any, draw: random.Random) -> None:
    holder[key] = draw.choice(([holder[key]], {"a": holder[key]}, str(holder[key])))


def mutate_text(text: str, draw: random.Random) -> str:
    """The text with a number, a word, a line or a piece of it changed."""
    return draw.choice((_number, _number, _word, _line, _piece))(text, draw)


def _number(text: str, draw: random.Random) -> str:
    found = list(re.finditer(r"-?\d+", text))
    if not found:
        return text + "9"
    place = draw.choice(found)
    strange = ("NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000, "-0", "1_0", "0x1", "٣", "")
    return text[: place.start()] + draw.choice(strange) + text[place.end() :]


def _word(text: str, draw: random.Random) -> str:
    found = list(re.finditer(r"\w+", text))
    if not found:
        return text + "x"
    place, other = draw.choice(found), draw.choice(found)
    return text[: place.start()] + other.group() + text[place.end() :]


def _line(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    what = draw.choice(("drop", "double", "swap"))
    if what == "drop":
        del lines[at]
    elif what == "double":
        lines.insert(other, lines[at])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def _piece(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    strange = ("{", "}", "[", "]", '"', ",", ":", "-", "(", ")", "\x00", "\u2028", "\t", "\\ud800")
    put = draw.choice((*strange, "[" * DEEP, '{"a":' * DEEP, "(" * DEEP))
    return text[:at] + put + text[at + draw.randrange(3) :]


def mutate_bytes(data: bytes, draw: random.Random) -> bytes:
    """The bytes cut off, flipped, in another encoding, or packed and damaged."""
    return draw.choice(_OF_BYTES)(data, draw)


def _cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _flip(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return (
        data[:at] + draw.choice((b"\x00", b"\xff", b"\xed\xa0\x80", b"\x1f\x8b")) + data[at + 1 :]
    )


def _encode(data: bytes, draw: random.Random) -> bytes:
    name = draw.choice(("utf-16", "utf-8-sig", "utf-32", "latin-1"))
    return data.decode("utf-8", "replace").encode(name, "replace")


def _pack(data: bytes, draw: random.Random) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    return draw.choice((_cut, _flip, _keep))(packed, draw)


def _keep(data: bytes, draw: random.Random) -> bytes:
    return data


_OF_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _flip, _encode, _pack)


def damage_json(values: list[Any], draw: random.Random) -> bytes:
    """JSON lines of the values with some damage; mostly to one value, else to text or bytes."""
    kind = draw.random()
    values = list(values)
    if kind < 0.8:
        for _ in range(draw.choice((1, 1, 1, 2, 4))):
            at = draw.randrange(len(values))
            values[at] = mutate_value(values[at], draw)
    text = "\n".join(json.dumps(value) for value in values) + "\n"
    if kind < 0.8:
        return text.encode()
    return damage_text(text, draw)


def damage_text(text: str, draw: random.Random) -> bytes:
    """The text with some damage."""
    if draw.random() < 0.6:
        for _ in range(draw.choice((1, 1, 2, 3))):
            text = mutate_text(text, draw)
        return text.encode("utf-8", "surrogatepass")
    return mutate_bytes(text.encode(), draw)
