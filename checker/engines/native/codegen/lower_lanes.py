"""Sorted lanes: sets with few members and bags, and what sequences share with them.

A narrow collection is handled with shifts in a register; one of several words by helper functions
that loop over the lanes in memory. The greatest element comes first and empty lanes come last.
"""

from planespec.checker.engines.native.codegen.frame import Frame
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import WORD, LaneShape, shape_of
from planespec.checker.engines.native.layout.parts import (
    Place,
    encoded,
    lane,
    load,
    raw_bits,
    store,
    store_bits,
    value_place,
)
from planespec.checker.ir.types import Bag, Seq, Set, Type

Lanes = Set | Bag | Seq
FEW_LANES = 4


def lanes_of(type_: Type) -> LaneShape:
    """Shape of a type kept in lanes."""
    shape = shape_of(type_)
    assert isinstance(shape, LaneShape)
    return shape


def lane_key(t: Text, type_: Lanes, value: Operand) -> Operand:
    """What a lane holds for an element in register form; a wide element stays a pointer."""
    shape = lanes_of(type_)
    if shape.element_words:
        if shape_of(type_.element).wide:
            return value
        memory = t.slot()
        t.store(encoded(t, type_.element, value), memory)
        return memory
    return t.binary("add", encoded(t, type_.element, value), shape.bias)


def length(f: Frame, type_: Lanes, value: Operand) -> Operand:
    """How many lanes are in use."""
    t, shape = f.text, lanes_of(type_)
    if shape.count == 0:
        return 0
    if shape.counted:
        return t.load(str(value))
    if shape.length_shift is not None:
        return t.binary("lshr", value, shape.length_shift)
    if shape.wide:
        return _helper_call(f, "length", type_, (value,))
    if shape.count <= FEW_LANES:
        total: Operand = 0
        for k in range(shape.count):
            total = t.binary("add", total, t.number(t.compare("ne", _bits(t, shape, value, k), 0)))
        return total
    zeros = t.define(f"call i64 @llvm.cttz.i64(i64 {value}, i1 false)")
    used = t.define(f"call i64 @llvm.umin.i64(i64 {zeros}, i64 {shape.count * shape.lane_bits})")
    return t.binary("sub", shape.count, t.define(f"udiv i64 {used}, {shape.lane_bits}"))


def _bits(t: Text, shape: LaneShape, value: Operand, k: int) -> Operand:
    """The bits of lane `k` of a narrow collection, not moved."""
    ones = ((1 << shape.lane_bits) - 1) << ((shape.count - 1 - k) * shape.lane_bits)
    return t.binary("and", value, ones)


def occurrences(f: Frame, type_: Lanes, value: Operand, key: Operand) -> list[Condition]:
    """For each lane of a narrow collection whether it holds `key`."""
    t, shape = f.text, lanes_of(type_)
    place = value_place(type_, value)
    lanes = [raw_bits(t, lane(t, place, type_.element, k)) for k in range(shape.count)]
    same = [t.compare("eq", bits, key) for bits in lanes]
    if shape.length_shift is None:
        return same
    used = length(f, type_, value)
    return [t.both(c, t.compare("ult", k, used)) for k, c in enumerate(same)]


def contains(f: Frame, type_: Lanes, value: Operand, key: Operand) -> Condition:
    """Whether some lane holds `key`."""
    t, shape = f.text, lanes_of(type_)
    if shape.wide:
        return t.compare("ne", _helper_call(f, "count", type_, (value, key)), 0)
    found: Condition = False
    for condition in occurrences(f, type_, value, key):
        found = t.either(found, condition)
    return found


def copies(f: Frame, type_: Lanes, value: Operand, key: Operand) -> Operand:
    """How many lanes hold `key`."""
    t = f.text
    if lanes_of(type_).wide:
        return _helper_call(f, "count", type_, (value, key))
    total: Operand = 0
    for condition in occurrences(f, type_, value, key):
        total = t.binary("add", total, t.number(condition))
    return total


def insert(f: Frame, type_: Lanes, value: Operand, key: Operand) -> Operand:
    """The narrow collection with one more lane in order; the last lane must be empty."""
    t, shape = f.text, lanes_of(type_)
    if shape.count == 1:
        return key
    place = value_place(type_, value)
    before: Operand = 0
    for k in range(shape.count):
        bits = raw_bits(t, lane(t, place, type_.element, k))
        before = t.binary("add", before, t.number(t.compare("ugt", bits, key)))
    after = t.binary("sub", shape.count, before)
    return _open_lane(t, shape, value, t.binary("mul", after, shape.lane_bits), key)


def _open_lane(t: Text, shape: LaneShape, value: Operand, below: Operand, key: Operand) -> Operand:
    """Move the `below` low bits down by a lane and put `key` in the gap."""
    if shape.count * shape.lane_bits == WORD:
        # All 64 bits may lie below: two shifts, since one by 64 is undefined.
        power = t.binary("shl", t.binary("shl", 1, t.binary("sub", below, 1)), 1)
    else:
        power = t.binary("shl", 1, below)
    low = t.binary("and", value, t.binary("sub", power, 1))
    moved = t.binary("lshr", low, shape.lane_bits)
    high = t.binary("xor", value, low)
    inserted = t.binary("shl", key, t.binary("sub", below, shape.lane_bits))
    return t.binary("or", t.binary("or", high, moved), inserted)


def remove(f: Frame, type_: Lanes, value: Operand, key: Operand) -> Operand:
    """The narrow collection without the first lane that holds `key`; unchanged without one."""
    t, shape = f.text, lanes_of(type_)
    if shape.count == 1:
        return t.select(t.compare("eq", value, key), 0, value)
    below: Operand = -1
    conditions = occurrences(f, type_, value, key)
    for k in reversed(range(shape.count)):
        below = t.select(conditions[k], (shape.count - 1 - k) * shape.lane_bits, below)
    found = t.compare("ne", below, -1)
    shift = t.select(found, below, 0)
    return t.select(found, close_lane(t, shape, value, shift), value)


def close_lane(t: Text, shape: LaneShape, value: Operand, shift: Operand) -> Operand:
    """Drop the lane at `shift` and move the lower ones up."""
    low = t.binary("and", value, t.binary("sub", t.binary("shl", 1, shift), 1))
    hole = t.binary("shl", (1 << shape.lane_bits) - 1, shift)
    high = t.binary("and", t.binary("xor", value, low), t.binary("xor", hole, -1))
    return t.binary("or", high, t.binary("shl", low, shape.lane_bits))


def insert_in_memory(f: Frame, place: Place, key: Operand) -> None:
    """Insert in order into a collection of several words; model error when it is full."""
    done = _helper_call(f, "insert", place.type, (place.memory, key))
    f.fail_if(f.text.compare("eq", done, 0))


def remove_in_memory(f: Frame, place: Place, key: Operand) -> None:
    """Remove the first lane that holds `key`, if any, from a collection of several words."""
    _helper_call(f, "remove", place.type, (place.memory, key))


def _helper_call(f: Frame, kind: str, type_: Type, args: tuple[Operand, ...]) -> str:
    makers = {"length": _length, "count": _count, "insert": _insert, "remove": _remove}
    by_pointer = lanes_of(type_).element_words > 0
    name = f.module.helper((kind, type_), lambda n: makers[kind](n, type_))
    kinds = ("ptr", "ptr" if by_pointer else "i64")
    passed = ", ".join(f"{k} {a}" for k, a in zip(kinds, args, strict=False))
    return f.text.define(f"call i64 {name}({passed})")


def _start(name: str, type_: Type, key: bool) -> tuple[Text, Place, LaneShape, Type]:
    assert isinstance(type_, Lanes)
    shape = lanes_of(type_)
    kind = "ptr" if shape.element_words else "i64"
    passed = f", {kind} %key" if key else ""
    t = Text(f"define internal i64 {name}(ptr %set{passed}) nounwind")
    return t, Place(type_, "%set"), shape, type_.element


def _filled(t: Text, place: Place, shape: LaneShape, element: Type, k: Operand) -> Condition:
    """Whether lane `k` is in use."""
    if shape.counted:
        return t.compare("ult", k, t.load(place.memory))
    return t.compare("ne", raw_bits(t, lane(t, place, element, k)), 0)


def _matches(t: Text, place: Place, shape: LaneShape, element: Type, k: Operand) -> Condition:
    """Whether lane `k` equals `%key`."""
    at = lane(t, place, element, k)
    if not shape.element_words:
        return t.compare("eq", raw_bits(t, at), "%key")
    return words_equal(t, at.memory, "%key", shape.element_words)


def words_equal(t: Text, a: str, b: str, words: int) -> Condition:
    """Whether two runs of words are the same."""
    difference: Operand = 0
    for k in range(words):
        x, y = t.load(t.offset(a, k)), t.load(t.offset(b, k))
        difference = t.binary("or", difference, t.binary("xor", x, y))
    return t.compare("eq", difference, 0)


def _smaller(t: Text, place: Place, shape: LaneShape, element: Type, k: Operand) -> Condition:
    """Whether lane `k` is below `%key` in the order of encodings."""
    at = lane(t, place, element, k)
    if not shape.element_words:
        return t.compare("ult", raw_bits(t, at), "%key")
    below: Condition = False
    for word in reversed(range(shape.element_words)):
        x, y = t.load(t.offset(at.memory, word)), t.load(t.offset("%key", word))
        same = t.compare("eq", x, y)
        below = t.either(t.compare("ult", x, y), t.both(same, below))
    return below


def _length(name: str, type_: Type) -> str:
    t, place, shape, element = _start(name, type_, key=False)
    with t.counting(0, shape.count) as (k, _, _):
        more = t.fresh("b")
        done = t.fresh("b")
        t.branch(_filled(t, place, shape, element, k), more, done)
        t.begin(done)
        t.emit(f"ret i64 {k}")
        t.begin(more)
    t.emit(f"ret i64 {shape.count}")
    return t.finish()


def _count(name: str, type_: Type) -> str:
    t, place, shape, element = _start(name, type_, key=True)
    total = t.slot()
    t.store(0, total)
    with t.counting(0, shape.count) as (k, following, after):
        t.leave_if(t.negate(_filled(t, place, shape, element, k)), after)
        t.leave_if(t.negate(_matches(t, place, shape, element, k)), following)
        t.store(t.binary("add", t.load(total), 1), total)
    t.emit(f"ret i64 {t.load(total)}")
    return t.finish()


def _insert(name: str, type_: Type) -> str:
    """1 when inserted, 0 when full."""
    t, place, shape, element = _start(name, type_, key=True)
    full = t.fresh("full")
    if shape.count:
        t.leave_if(_filled(t, place, shape, element, shape.count - 1), full)
        _move_up(t, place, shape, element)
        t.emit("ret i64 1")
    else:
        t.jump(full)
    t.begin(full)
    t.emit("ret i64 0")
    return t.finish()


def _move_up(t: Text, place: Place, shape: LaneShape, element: Type) -> None:
    """From the last lane down: move lanes below the key by one, then write the key."""
    position = t.slot()
    t.store(shape.count - 1, position)
    head, inspect, move, place_it = (t.fresh("b") for _ in range(4))
    t.jump(head)
    t.begin(head)
    k = t.load(position)
    t.branch(t.compare("eq", k, 0), place_it, inspect)
    t.begin(inspect)
    previous = t.binary("sub", k, 1)
    empty = t.negate(_filled(t, place, shape, element, previous))
    stays = t.either(_smaller(t, place, shape, element, previous), empty)
    t.branch(stays, move, place_it)
    t.begin(move)
    _copy_lane(t, place, element, k, previous)
    t.store(previous, position)
    t.jump(head)
    t.begin(place_it)
    _write_key(t, lane(t, place, element, k), shape)
    if shape.counted:
        t.store(t.binary("add", t.load(place.memory), 1), place.memory)


def _copy_lane(t: Text, place: Place, element: Type, to: Operand, source: Operand) -> None:
    origin, target = lane(t, place, element, source), lane(t, place, element, to)
    if lanes_of(place.type).element_words:
        t.copy(target.memory, origin.memory, lanes_of(place.type).element_words)
    else:
        store_bits(t, target, raw_bits(t, origin))


def _write_key(t: Text, at: Place, shape: LaneShape) -> None:
    if shape.element_words:
        t.copy(at.memory, "%key", shape.element_words)
    else:
        store_bits(t, at, "%key")


def _remove(name: str, type_: Type) -> str:
    """1 when removed, 0 when absent."""
    t, place, shape, element = _start(name, type_, key=True)
    found, state = t.fresh("found"), t.slot()
    with t.counting(0, shape.count) as (k, following, _):
        t.leave_if(t.negate(_filled(t, place, shape, element, k)), following)
        t.leave_if(t.negate(_matches(t, place, shape, element, k)), following)
        t.store(k, state)
        t.jump(found)
        t.begin(t.fresh("b"))
    t.emit("ret i64 0")
    t.begin(found)
    drop_lane(t, place, shape, element, t.load(state))
    t.emit("ret i64 1")
    return t.finish()


def drop_lane(t: Text, place: Place, shape: LaneShape, element: Type, k: Operand) -> None:
    """Move the lanes after `k` down by one and empty the last, in memory."""
    with t.counting(k, shape.count - 1) as (i, _, _):
        _copy_lane(t, place, element, i, t.binary("add", i, 1))
    clear_lane(t, place, shape, element, shape.count - 1)
    if shape.counted:
        t.store(t.binary("sub", t.load(place.memory), 1), place.memory)


def clear_lane(t: Text, place: Place, shape: LaneShape, element: Type, k: Operand) -> None:
    """Empty a lane."""
    at = lane(t, place, element, k)
    if shape.element_words:
        t.clear(at.memory, shape.element_words)
    else:
        store_bits(t, at, 0)


def set_lane(t: Text, place: Place, element: Type, k: Operand, value: Operand) -> None:
    """Write an element in register form to a lane in memory."""
    store(t, lane(t, place, element, k), value)


def get_lane(t: Text, place: Place, element: Type, k: Operand) -> Operand:
    """Element in register form; an empty lane gives a meaningless value."""
    return load(t, lane(t, place, element, k))
