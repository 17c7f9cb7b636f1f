"""Operations on sets, bags and sequences, whatever their layout; a collection being built is a
temporary in memory of its own.
"""

from planespec.checker.engines.native.codegen import lower_lanes as lanes
from planespec.checker.engines.native.codegen.frame import Frame
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import (
    WORD,
    LaneShape,
    MaskShape,
    Shape,
    shape_of,
)
from planespec.checker.engines.native.layout.parts import Place, bit_of, load, write_whole
from planespec.checker.ir.types import Bag, Seq, Set, Type

Collection = Set | Bag | Seq


def mask_of(type_: Type) -> MaskShape | None:
    """Shape of a set kept as a bit mask, else None."""
    shape = shape_of(type_)
    return shape if isinstance(shape, MaskShape) else None


def empty(f: Frame, type_: Type) -> Place:
    """A temporary that holds no element."""
    place = f.temporary(type_)
    f.text.clear(place.memory, max(shape_of(type_).words, 1))
    return place


def copied(f: Frame, type_: Type, value: Operand) -> Place:
    """A temporary with the value."""
    place = f.temporary(type_)
    write_whole(f.text, place, value)
    return place


def size(f: Frame, type_: Type, value: Operand) -> Operand:
    """Number of elements, copies counted."""
    assert isinstance(type_, Collection)
    shape = mask_of(type_)
    if shape is None:
        return lanes.length(f, type_, value)
    if not shape.wide:
        return population(f.text, value)
    total: Operand = 0
    for word in range(shape.words):
        ones = population(f.text, f.text.load(f.text.offset(str(value), word)))
        total = f.text.binary("add", total, ones)
    return total


def population(t: Text, value: Operand) -> Operand:
    """Number of one bits."""
    if isinstance(value, int):
        return (value % (1 << WORD)).bit_count()
    return t.define(f"call i64 @llvm.ctpop.i64(i64 {value})")


def contains(f: Frame, type_: Type, value: Operand, element: Operand) -> Condition:
    """Whether an element of exactly the element type is in the collection."""
    assert isinstance(type_, Collection)
    t, shape = f.text, mask_of(type_)
    if shape is None:
        key = lanes.lane_key(t, type_, element)
        return lanes.contains(f, type_, value, key)
    assert isinstance(type_, Set)
    number = bit_of(t, type_, element)
    if not shape.wide:
        bit = t.binary("and", t.binary("lshr", value, number), 1)
    else:
        pointer, within = _mask_word(t, shape, str(value), number)
        bit = t.binary("and", t.binary("lshr", t.load(pointer), within), 1)
    return t.compare("ne", bit, 0)


def _mask_word(t: Text, shape: Shape, pointer: str, number: Operand) -> tuple[str, Operand]:
    """Where the bit of element `number` is: pointer to its word, and the bit."""
    word = t.binary("sub", shape.words - 1, t.binary("lshr", number, 6))
    return t.offset(pointer, word), t.binary("and", number, WORD - 1)


def count(f: Frame, type_: Type, value: Operand, element: Operand) -> Operand:
    """Copies of an element."""
    assert isinstance(type_, Collection)
    if mask_of(type_) is not None:
        return f.text.number(contains(f, type_, value, element))
    return lanes.copies(f, type_, value, lanes.lane_key(f.text, type_, element))


def insert(f: Frame, place: Place, element: Operand) -> None:
    """Add to a set (once) or a bag in a temporary; model error beyond the capacity."""
    type_ = place.type
    assert isinstance(type_, Set | Bag)
    if mask_of(type_) is not None:
        _insert_bit(f, place, element)
        check_capacity(f, type_, load(f.text, place))
        return
    key = lanes.lane_key(f.text, type_, element)
    if isinstance(type_, Bag):
        _insert_lane(f, place, key)
        return
    present = lanes.contains(f, type_, load(f.text, place), key)
    with f.text.when(f.text.negate(present)):
        _insert_lane(f, place, key)


def _insert_lane(f: Frame, place: Place, key: Operand) -> None:
    t, shape = f.text, lanes.lanes_of(place.type)
    assert isinstance(place.type, Collection)
    if shape.wide:
        lanes.insert_in_memory(f, place, key)
        return
    if shape.count == 0:
        f.fail_if(True)
        return
    value = load(t, place)
    last = t.binary("and", value, (1 << shape.lane_bits) - 1)
    f.fail_if(t.compare("ne", last, 0))
    t.store(lanes.insert(f, place.type, value, key), place.memory)


def _insert_bit(f: Frame, place: Place, element: Operand) -> None:
    assert isinstance(place.type, Set)
    type_, t = place.type, f.text
    number = bit_of(t, type_, element)
    pointer, within = place.memory, number
    if shape_of(place.type).wide:
        pointer, within = _mask_word(t, shape_of(type_), place.memory, number)
    t.store(t.binary("or", t.load(pointer), t.binary("shl", 1, within)), pointer)


def check_capacity(f: Frame, type_: Type, value: Operand) -> None:
    """Model error when a set kept as a mask has more members than its capacity."""
    assert isinstance(type_, Set)
    shape = mask_of(type_)
    if shape is None or type_.capacity is None or type_.capacity >= shape.universe:
        return
    f.fail_if(f.text.compare("ugt", size(f, type_, value), type_.capacity))


def remove(f: Frame, place: Place, element: Operand) -> None:
    """Take one copy of an element out of a temporary; nothing happens when it is absent."""
    type_, t = place.type, f.text
    assert isinstance(type_, Set | Bag)
    if isinstance(type_, Set) and mask_of(type_) is not None:
        number = bit_of(t, type_, element)
        pointer, within = place.memory, number
        if shape_of(type_).wide:
            pointer, within = _mask_word(t, shape_of(type_), place.memory, number)
        hole = t.binary("xor", t.binary("shl", 1, within), -1)
        t.store(t.binary("and", t.load(pointer), hole), pointer)
        return
    key = lanes.lane_key(t, type_, element)
    if shape_of(type_).wide:
        lanes.remove_in_memory(f, place, key)
    elif lanes.lanes_of(type_).count:
        t.store(lanes.remove(f, type_, load(t, place), key), place.memory)


def append(f: Frame, place: Place, element: Operand) -> None:
    """Add at the end of a sequence in a temporary; model error beyond the capacity."""
    type_, t = place.type, f.text
    assert isinstance(type_, Seq)
    shape = lanes.lanes_of(type_)
    used = size(f, type_, load(t, place))
    f.fail_if(t.compare("uge", used, shape.count))
    if shape.count == 0:
        return
    lanes.set_lane(t, place, type_.element, used, element)
    if shape.counted:
        t.store(t.binary("add", used, 1), place.memory)
    elif shape.length_shift is not None:
        longer = t.binary("add", t.load(place.memory), 1 << shape.length_shift)
        t.store(longer, place.memory)


def add(f: Frame, place: Place, element: Operand) -> None:
    """Put one more element in a collection of any kind."""
    if isinstance(place.type, Seq):
        append(f, place, element)
    else:
        insert(f, place, element)


def add_new(f: Frame, place: Place, element: Operand) -> None:
    """Like `add` for an element known to be absent, in a collection with room."""
    if isinstance(place.type, Set) and mask_of(place.type) is None:
        _insert_lane(f, place, lanes.lane_key(f.text, place.type, element))
    elif isinstance(place.type, Set):
        _insert_bit(f, place, element)
    else:
        add(f, place, element)


def is_lane_shape(type_: Type) -> LaneShape | None:
    """Shape of a type kept in lanes, else None."""
    shape = shape_of(type_)
    return shape if isinstance(shape, LaneShape) else None
