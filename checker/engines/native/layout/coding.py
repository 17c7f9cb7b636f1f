"""Encoding of frozen values as words, and back (frozen values: see `checker/outcome.py`).

A narrow value is encoded as one number, a wide one as a list of words; `words_of` and `value_of`
work on lists of words throughout.
"""

from collections.abc import Sequence
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.engines.native.layout.packing import (
    WORD,
    LaneShape,
    MaskShape,
    RecordShape,
    Shape,
    UnionShape,
    shape_of,
)
from planespec.checker.engines.native.layout.parts import rank, unrank
from planespec.checker.ir.frozen import order
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Int,
    Nothing,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
)

Words = list[int]

KNOWN = Text("")
"""Takes no instruction: numbers that are known are computed at once."""


def put(words: Words, word: int, shift: int, shape: Shape, value: Words) -> None:
    """Write an encoded part over zero bits."""
    if shape.wide:
        words[word : word + shape.words] = value
    else:
        words[word] |= value[0] << shift


def get(words: Sequence[int], word: int, shift: int, shape: Shape) -> Words:
    """Read an encoded part."""
    if shape.wide:
        return list(words[word : word + shape.words])
    return [(words[word] >> shift) & shape.mask]


def words_of(type_: Type, value: Any) -> Words:
    """Encode a frozen value."""
    match type_:
        case Bool() | Int() | Enum() | Sort():
            return [number_of(type_, value)]
        case Nothing():
            return [0]
        case Option(inner):
            return _encode_option(shape_of(type_), inner, value)
        case Record():
            return _encode_record(type_, value)
        case Union():
            return _encode_union(type_, value)
        case Array(_, element):
            return _encode_lanes(shape_of(type_), element, list(value))
        case Set(element) | Bag(element) | Seq(element):
            return _encode_collection(type_, element, value)
    raise TypeError(f"{type_} is not a type of values")


def number_of(type_: Type, value: Any) -> int:
    """Encode a frozen scalar as a number from 0."""
    if isinstance(type_, Int):
        return int(value) - type_.bounds[0]
    if isinstance(type_, Enum) and isinstance(value, PythonEnum):
        return type_.members.index(value.name)
    return int(value)


def value_of(type_: Type, words: Sequence[int]) -> Any:
    """Decode to a frozen value."""
    match type_:
        case Bool() | Int() | Enum() | Sort():
            return scalar_of(type_, words[0])
        case Nothing():
            return None
        case Option(inner):
            return _decode_option(shape_of(type_), inner, words)
        case Record():
            return _decode_record(type_, words)
        case Union():
            return _decode_union(type_, words)
        case Array(_, element):
            shape = shape_of(type_)
            assert isinstance(shape, LaneShape)
            return tuple(
                value_of(element, _lane(shape, element, words, k)) for k in range(shape.count)
            )
        case Set(element) | Bag(element) | Seq(element):
            return _decode_collection(type_, element, words)
    raise TypeError(f"{type_} is not a type of values")


def scalar_of(type_: Type, number: int) -> Any:
    """Decode a scalar; without its Python class an enum member or element is its number."""
    match type_:
        case Bool():
            return bool(number)
        case Int():
            return number + type_.bounds[0]
        case Enum(_, members, python):
            return number if python is None else python[members[number]]
        case Sort(_, _, _, python):
            return number if python is None else python(number)
    raise TypeError(f"{type_} is not a scalar type")


def _encode_option(shape: Shape, inner: Type, value: Any) -> Words:
    if value is None:
        return [0] * shape.words
    content = words_of(inner, value)
    return [1, *content] if shape.wide else [content[0] + 1]


def _decode_option(shape: Shape, inner: Type, words: Sequence[int]) -> Any:
    if words[0] == 0:
        return None
    return value_of(inner, words[1:] if shape.wide else [words[0] - 1])


def _encode_record(type_: Record, value: Any) -> Words:
    shape = shape_of(type_)
    assert isinstance(shape, RecordShape)
    words = [0] * max(shape.words, 1)
    for (name, field), (word, shift) in zip(type_.fields, shape.parts, strict=True):
        put(words, word, shift, shape_of(field), words_of(field, getattr(value, name)))
    return words


def _decode_record(type_: Record, words: Sequence[int]) -> Any:
    shape = shape_of(type_)
    assert isinstance(shape, RecordShape)
    values = {
        name: value_of(field, get(words, word, shift, shape_of(field)))
        for (name, field), (word, shift) in zip(type_.fields, shape.parts, strict=True)
    }
    return type_.python(**values)


def _encode_union(type_: Union, value: Any) -> Words:
    shape = shape_of(type_)
    assert isinstance(shape, UnionShape)
    tag = type_.index(type(value).__name__)
    content = words_of(type_.variants[tag], value)
    if not shape.wide:
        unused = shape.payload - shape_of(type_.variants[tag]).bits
        return [(tag << shape.payload) | content[0] << unused]
    return [tag, *content, *([0] * (shape.words - 1 - len(content)))]


def _decode_union(type_: Union, words: Sequence[int]) -> Any:
    shape = shape_of(type_)
    assert isinstance(shape, UnionShape)
    if shape.wide:
        return value_of(type_.variants[words[0]], words[1:])
    variant = type_.variants[words[0] >> shape.payload]
    unused = shape.payload - shape_of(variant).bits
    return value_of(variant, [(words[0] & ((1 << shape.payload) - 1)) >> unused])


def _encode_lanes(shape: Shape, element: Type, values: list[Any]) -> Words:
    assert isinstance(shape, LaneShape)
    contents = [words_of(element, v) for v in values]
    return place_lanes(shape, contents)


def place_lanes(shape: LaneShape, contents: list[Words]) -> Words:
    """Put encoded elements side by side."""
    words = [0] * shape.words
    if shape.counted:
        words[0] = len(contents)
    elif shape.length_shift is not None:
        words[0] = len(contents) << shape.length_shift
    for k, content in enumerate(contents):
        word, shift = lane_position(shape, k)
        if shape.element_words:
            words[word : word + shape.element_words] = content
        else:
            words[word] |= (content[0] + shape.bias) << shift
    return words


def lane_position(shape: LaneShape, k: int) -> tuple[int, int]:
    """Word and shift of lane `k`."""
    if shape.element_words:
        return int(shape.counted) + k * shape.element_words, 0
    if not shape.wide:
        return 0, (shape.count - 1 - k) * shape.lane_bits
    return int(shape.counted) + k // shape.per_word, (
        shape.per_word - 1 - k % shape.per_word
    ) * shape.lane_bits


def _lane(shape: LaneShape, element: Type, words: Sequence[int], k: int) -> Words:
    word, shift = lane_position(shape, k)
    if shape.element_words:
        return list(words[word : word + shape.element_words])
    return [((words[word] >> shift) & ((1 << shape.lane_bits) - 1)) - shape.bias]


def _encode_collection(type_: Type, element: Type, value: Any) -> Words:
    shape = shape_of(type_)
    if isinstance(shape, MaskShape):
        return _encode_mask(shape, element, value)
    assert isinstance(shape, LaneShape)
    contents = [words_of(element, v) for v in value]
    if not isinstance(type_, Seq):
        contents.sort(reverse=True)
    return place_lanes(shape, contents)


def _encode_mask(shape: MaskShape, element: Type, value: Any) -> Words:
    words = [0] * shape.words
    for member in value:
        number = words_of(element, member)[0]
        bit = rank(KNOWN, element, number) if shape.dense else number
        assert isinstance(bit, int)
        words[-1 - bit // WORD] |= 1 << (bit % WORD)
    return words


def _decode_mask(shape: MaskShape, element: Type, words: Sequence[int]) -> Any:
    found: list[Operand] = [
        k for k in range(shape.universe) if words[-1 - k // WORD] >> (k % WORD) & 1
    ]
    if shape.dense:
        found = [unrank(KNOWN, element, k) for k in found]
    return frozenset(value_of(element, [int(k)]) for k in found)


def _decode_collection(type_: Type, element: Type, words: Sequence[int]) -> Any:
    shape = shape_of(type_)
    if isinstance(shape, MaskShape):
        return _decode_mask(shape, element, words)
    assert isinstance(shape, LaneShape)
    values = [value_of(element, lane) for lane in _filled(shape, element, words)]
    if isinstance(type_, Set):
        return frozenset(values)
    return tuple(values) if isinstance(type_, Seq) else tuple(sorted(values, key=order(element)))


def _filled(shape: LaneShape, element: Type, words: Sequence[int]) -> list[Words]:
    lanes = [_lane(shape, element, words, k) for k in range(shape.count)]
    if shape.counted:
        return lanes[: words[0]]
    if shape.length_shift is not None:
        return lanes[: words[0] >> shape.length_shift]
    return [lane for lane in lanes if lane[0] >= 0]
