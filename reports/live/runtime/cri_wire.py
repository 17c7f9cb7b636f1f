"""Messages of the Container Runtime Interface on the wire, as far as a walk needs them.

A message is a dictionary of its fields by name; what is absent is zero. Unknown fields are left
out. Source: `k8s.io/cri-api/pkg/apis/runtime/v1/api.proto`; the encoding is that of proto3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

Message = Mapping[str, object]


class Kind(Enum):
    """What a field holds."""

    TEXT = auto()
    NUMBER = auto()
    MESSAGE = auto()
    TEXTS = auto()
    MESSAGES = auto()
    LABELS = auto()


@dataclass(frozen=True, slots=True)
class Slot:
    """A field: its number, what it holds, and the shape of a message in it."""

    number: int
    kind: Kind = Kind.TEXT
    shape: "Shape" = field(default_factory=dict)


Shape = Mapping[str, Slot]


class WireError(ValueError):
    """Bytes that are no message."""


def _id(name: str) -> Shape:
    return {name: Slot(1)}


_ENTRY: Shape = {"key": Slot(1), "value": Slot(2)}
_POD: Shape = {
    "name": Slot(1),
    "uid": Slot(2),
    "namespace": Slot(3),
    "attempt": Slot(4, Kind.NUMBER),
}
_SPACES: Shape = {
    "network": Slot(1, Kind.NUMBER),
    "pid": Slot(2, Kind.NUMBER),
    "ipc": Slot(3, Kind.NUMBER),
}
_POD_LINUX: Shape = {
    "cgroup_parent": Slot(1),
    "security_context": Slot(
        2, Kind.MESSAGE, {"namespace_options": Slot(1, Kind.MESSAGE, _SPACES)}
    ),
}
_POD_CONFIG: Shape = {
    "metadata": Slot(1, Kind.MESSAGE, _POD),
    "labels": Slot(6, Kind.LABELS),
    "linux": Slot(8, Kind.MESSAGE, _POD_LINUX),
}
_NAME: Shape = {"name": Slot(1), "attempt": Slot(2, Kind.NUMBER)}
_IMAGE: Shape = {"image": Slot(1)}
_CONTAINER_CONFIG: Shape = {
    "metadata": Slot(1, Kind.MESSAGE, _NAME),
    "image": Slot(2, Kind.MESSAGE, _IMAGE),
    "command": Slot(3, Kind.TEXTS),
    "args": Slot(4, Kind.TEXTS),
    "labels": Slot(9, Kind.LABELS),
}
_LISTED_SANDBOX: Shape = {
    "id": Slot(1),
    "metadata": Slot(2, Kind.MESSAGE, _POD),
    "state": Slot(3, Kind.NUMBER),
}
_LISTED_CONTAINER: Shape = {
    "id": Slot(1),
    "pod_sandbox_id": Slot(2),
    "metadata": Slot(3, Kind.MESSAGE, _NAME),
    "state": Slot(6, Kind.NUMBER),
}

SHAPES: dict[str, tuple[Shape, Shape]] = {
    "Version": (
        _id("version"),
        {"version": Slot(1), "runtime_name": Slot(2), "runtime_version": Slot(3)},
    ),
    "RunPodSandbox": (
        {"config": Slot(1, Kind.MESSAGE, _POD_CONFIG), "runtime_handler": Slot(2)},
        _id("pod_sandbox_id"),
    ),
    "StopPodSandbox": (_id("pod_sandbox_id"), {}),
    "RemovePodSandbox": (_id("pod_sandbox_id"), {}),
    "ListPodSandbox": ({}, {"items": Slot(1, Kind.MESSAGES, _LISTED_SANDBOX)}),
    "CreateContainer": (
        {
            "pod_sandbox_id": Slot(1),
            "config": Slot(2, Kind.MESSAGE, _CONTAINER_CONFIG),
            "sandbox_config": Slot(3, Kind.MESSAGE, _POD_CONFIG),
        },
        _id("container_id"),
    ),
    "StartContainer": (_id("container_id"), {}),
    "StopContainer": ({"container_id": Slot(1), "timeout": Slot(2, Kind.NUMBER)}, {}),
    "RemoveContainer": (_id("container_id"), {}),
    "ListContainers": ({}, {"containers": Slot(1, Kind.MESSAGES, _LISTED_CONTAINER)}),
}
"""Methods of the runtime service, to their requests and responses."""


def encode(shape: Shape, message: Message) -> bytes:
    """Write a message; what its shape does not have is a WireError.

    >>> encode({"n": Slot(1, Kind.NUMBER)}, {"n": 150}).hex()
    '089601'
    """
    written = bytearray()
    for name, value in message.items():
        if name not in shape:
            raise WireError(f"{name}: is no field of the message")
        written += _encode_field(shape[name], value)
    return bytes(written)


def _encode_field(slot: Slot, value: object) -> bytes:
    if slot.kind is Kind.NUMBER and isinstance(value, int):
        return _varint(slot.number << 3) + _varint(value) if value else b""
    return b"".join(
        _varint(slot.number << 3 | 2) + _varint(len(part)) + part for part in _parts(slot, value)
    )


def _parts(slot: Slot, value: object) -> Iterator[bytes]:
    """The parts with a length that a field consists of."""
    if isinstance(value, str) and slot.kind is Kind.TEXT:
        yield from [value.encode()] if value else []
    elif isinstance(value, list) and slot.kind is Kind.TEXTS:
        yield from (str(each).encode() for each in value)
    elif isinstance(value, list) and slot.kind is Kind.MESSAGES:
        yield from (encode(slot.shape, each) for each in value)
    elif isinstance(value, Mapping) and slot.kind is Kind.LABELS:
        yield from (encode(_ENTRY, {"key": k, "value": v}) for k, v in value.items())
    elif isinstance(value, Mapping) and slot.kind is Kind.MESSAGE:
        yield encode(slot.shape, value)
    else:
        raise WireError(f"field {slot.number}: cannot hold {value!r}")


def _varint(number: int) -> bytes:
    written = bytearray()
    number &= (1 << 64) - 1
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


def decode(shape: Shape, data: bytes) -> dict[str, object]:
    """Read a message. Raises WireError.

    >>> decode({"n": Slot(1, Kind.NUMBER)}, bytes.fromhex("089601"))
    {'n': 150}
    """
    names = {slot.number: name for name, slot in shape.items()}
    found: dict[str, object] = {
        name: _ZERO[slot.kind]() for name, slot in shape.items() if slot.kind in _ZERO
    }
    for number, value in _fields(data):
        name = names.get(number)
        if name is not None:
            _keep(found, name, shape[name], value)
    return found


_ZERO = {
    Kind.TEXT: str,
    Kind.NUMBER: int,
    Kind.TEXTS: list,
    Kind.MESSAGES: list,
    Kind.LABELS: dict,
}


def _keep(found: dict[str, object], name: str, slot: Slot, value: int | bytes) -> None:
    if isinstance(value, int) != (slot.kind is Kind.NUMBER):
        raise WireError(f"{name}: has another type on the wire")
    if isinstance(value, int):
        found[name] = value
        return
    held = found.get(name)
    if slot.kind is Kind.TEXT:
        found[name] = value.decode()
    elif slot.kind is Kind.MESSAGE:
        found[name] = decode(slot.shape, value)
    elif isinstance(held, dict):
        entry = decode(_ENTRY, value)
        held[entry["key"]] = entry["value"]
    elif isinstance(held, list):
        held.append(value.decode() if slot.kind is Kind.TEXTS else decode(slot.shape, value))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers of fields with a number, or with the bytes of what has a length."""
    place = 0
    while place < len(data):
        tag, place = _read_varint(data, place)
        kind = tag & 7
        if kind == 0:
            value, place = _read_varint(data, place)
            yield tag >> 3, value
            continue
        if kind == 2:
            length, place = _read_varint(data, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise WireError(f"byte {place}: a field of kind {kind}")
        if place + length > len(data):
            raise WireError(f"byte {place}: the message ends within a field")
        if kind == 2:
            yield tag >> 3, data[place : place + length]
        place += length


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 64:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place
    raise WireError(f"byte {place}: the message ends within a number")
