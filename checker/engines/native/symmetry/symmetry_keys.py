"""A number for each individual of a symmetric sort that does not depend on names.

It hashes the state as the individual sees it: what is stored under its own index, whether a value
is the individual itself, and the sum over the members of sets and the other elements of arrays,
where order must not matter. Unequal individuals may get equal keys; that costs time only. A
coloured key also sees a colour of every other individual.
"""

from enum import Enum, auto

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import Frame, Module
from planespec.checker.engines.native.codegen.lower_walks import Round, walk_value
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.engines.native.layout.packing import LaneShape, shape_of
from planespec.checker.engines.native.layout.parts import Place, encoded, load, value_place
from planespec.checker.engines.native.symmetry.renaming import mentions, spots_of
from planespec.checker.ir.types import Array, Bag, Option, Record, Seq, Set, Sort, Type, Union

MULTIPLIER = 0x9E3779B97F4A7C15
MIXER = 0xD6E8FEB86659FD93


class Depth(Enum):
    """What a key takes in, and what it costs."""

    QUICK = auto()  # not what others hold about the individual in arrays of theirs
    DEEP = auto()  # all, but other individuals are not told apart
    COLOURED = auto()  # all, with the colours of other individuals in `%colours`


def lower_key(module: Module, offsets: dict[Sort, int], sort: Sort, depth: Depth) -> str:
    """Add the function from a state, an individual of the sort and colours to its key."""
    name = f"@key{len(module.texts)}"
    head = f"define internal i64 {name}(ptr %state, i64 %who, ptr %colours) nounwind"
    t = Text(head)
    f = Frame(module, t, "%state", fail="out")
    keys = _Keys(f, sort, offsets, depth)
    total: Operand = 0
    for type_, word, shift in module.layout.places.values():
        if mentions(type_, {sort}):
            place = Place(type_, t.offset("%state", word), shift)
            total = combined(t, total, keys.view(type_, load(t, place), outermost=True))
    t.emit(f"ret i64 {total}")
    module.texts.append(t.finish())
    return name


def combined(t: Text, total: Operand, part: Operand) -> Operand:
    """Append a number to an ordered hash."""
    return t.binary("add", t.binary("mul", total, MULTIPLIER), part)


def mixed(t: Text, value: Operand) -> Operand:
    """Scatter the bits of a number, for sums."""
    product = t.binary("mul", value, MIXER)
    return t.binary("mul", t.binary("xor", product, t.binary("lshr", product, 32)), MULTIPLIER)


class _Keys:
    """Hashes values as `%who` of one sort sees them."""

    def __init__(self, f: Frame, sort: Sort, offsets: dict[Sort, int], depth: Depth) -> None:
        self.f = f
        self.t = f.text
        self.sort = sort
        self.symmetric = offsets
        self.depth = depth

    def view(self, type_: Type, value: Operand, outermost: bool = False) -> Operand:
        """Hash of a value; individuals count as the individual itself or as another."""
        if not mentions(type_, self.symmetric):
            return self._plain(type_, value)
        if isinstance(type_, Record | Union) and spots_of(type_, self.symmetric) is not None:
            return self._spotted(type_, value)
        match type_:
            case Sort():
                own = self.t.number(self.t.compare("eq", value, "%who"))
                return self._seen(type_, value, own if type_ == self.sort else 0)
            case Option():
                return self._option(type_, value)
            case Record(_, fields):
                return self._record(type_, value, fields)
            case Union():
                return self._union(type_, value)
            case Array():
                return self._array(type_, value, outermost)
        return self._collection(type_, value)

    def _seen(self, sort: Sort, individual: Operand, known: Operand) -> Operand:
        """What is known of an individual, with its colour."""
        if self.depth is not Depth.COLOURED:
            return known
        t = self.t
        colour = t.load(t.offset("%colours", t.binary("add", individual, self.symmetric[sort])))
        return t.binary("add", t.binary("mul", colour, 2), known)

    def _plain(self, type_: Type, value: Operand) -> Operand:
        """Hash of a value without individuals: its words."""
        shape, total = shape_of(type_), encoded(self.t, type_, value)
        if not shape.wide:
            return total
        total = 0
        for k in range(shape.words):
            total = combined(self.t, total, self.t.load(self.t.offset(str(value), k)))
        return total

    def _spotted(self, type_: Type, value: Operand) -> Operand:
        """The value with each individual replaced by whether it is the one that looks."""
        t, result = self.t, value
        colours: Operand = 0
        for spot in spots_of(type_, self.symmetric) or ():
            result = t.binary("and", result, ~spot.ones)
            size = shape_of(spot.sort).mask
            there = t.binary("and", t.binary("lshr", value, spot.shift), size)
            if spot.sort == self.sort:
                own = t.number(t.compare("eq", there, "%who"))
                result = t.binary("or", result, t.binary("shl", own, spot.shift))
            colours = combined(t, colours, self._seen(spot.sort, there, 0))
        return t.binary("add", result, mixed(t, colours))

    def _option(self, type_: Option, value: Operand) -> Operand:
        t, place, result = self.t, value_place(type_, value), self.t.slot()
        t.store(0, result)
        with t.when(t.negate(parts.is_none(t, place))):
            content = load(t, parts.content(t, place))
            t.store(t.binary("add", self.view(type_.inner, content), 1), result)
        return t.load(result)

    def _record(
        self, type_: Record, value: Operand, fields: tuple[tuple[str, Type], ...]
    ) -> Operand:
        total: Operand = 0
        place = value_place(type_, value)
        for name, kind in fields:
            part = load(self.t, parts.field(self.t, place, name))
            total = combined(self.t, total, self.view(kind, part))
        return total

    def _union(self, type_: Union, value: Operand) -> Operand:
        t, place, result = self.t, value_place(type_, value), self.t.slot()
        tag = parts.tag(t, place)
        t.store(0, result)
        for k, variant in enumerate(type_.variants):
            with t.when(t.compare("eq", tag, k)):
                record = load(t, parts.variant(t, place, k))
                t.store(combined(t, k + 1, self.view(variant, record)), result)
        return t.load(result)

    def _array(self, type_: Array, value: Operand, outermost: bool) -> Operand:
        """An array over the sort: the own element, and the sum over all within another array."""
        t, place = self.t, value_place(type_, value)
        shape = shape_of(type_)
        assert isinstance(shape, LaneShape)
        own: Operand = 0
        if type_.key == self.sort:
            own = self.view(type_.value, load(t, parts.lane(t, place, type_.value, "%who")))
            if outermost and self.depth is Depth.QUICK:
                return own
        ordered = not isinstance(type_.key, Sort) or type_.key not in self.symmetric
        total = t.slot()
        t.store(0, total)
        with t.counting(0, shape.count) as (k, _, _):
            part = self.view(type_.value, load(t, parts.lane(t, place, type_.value, k)))
            old = t.load(total)
            if isinstance(type_.key, Sort) and not ordered and self.depth is Depth.COLOURED:
                part = combined(t, part, self._seen(type_.key, k, 0))
            new = combined(t, old, part) if ordered else t.binary("add", old, mixed(t, part))
            t.store(new, total)
        return combined(t, own, t.load(total))

    def _collection(self, type_: Type, value: Operand) -> Operand:
        t = self.t
        assert isinstance(type_, Set | Bag | Seq)
        blind = self.depth is not Depth.COLOURED
        if blind and type_.element == self.sort and isinstance(type_, Set):
            inside = t.number(collections.contains(self.f, type_, value, "%who"))
            size = collections.size(self.f, type_, value)
            return t.binary("add", t.binary("mul", size, 2), inside)
        total, ordered = t.slot(), isinstance(type_, Seq)
        t.store(0, total)

        def add(one: Round) -> None:
            part, old = self.view(one.type, one.value), t.load(total)
            part = t.binary("add", part, 1)
            new = combined(t, old, part) if ordered else t.binary("add", old, mixed(t, part))
            t.store(new, total)

        walk_value(self.f, type_, value, add)
        return t.load(total)
