"""Makes IR expressions: constants, folded truth values, and conversions pushed to the literals."""

from collections.abc import Sequence

from planespec.checker.front.core.type_relations import (
    Never,
    count,
    fits,
    most_elements,
    variants,
)
from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Position, Reduction
from planespec.checker.ir.operation import constant as constant
from planespec.checker.ir.operation import local as local
from planespec.checker.ir.operation import predicate as predicate
from planespec.checker.ir.operation import truth as truth
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Grid,
    Int,
    Nothing,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Span,
    Tuple,
    Type,
    Union,
)
from planespec.checker.lang.data.records import parts_of

BOOL = Bool()


def number(value: int, at: Position) -> Expr:
    """An int constant with the range that holds it alone."""
    return constant(value, Int(value, value), at)


def none(at: Position) -> Expr:
    """A bare None: an Option of something not known yet."""
    return constant(None, Option(Never()), at)


def unknown(at: Position) -> Expr:
    """An element of an empty literal; never evaluated, gone when compilation ends."""
    return constant(None, Never(), at)


def is_true(value: Expr) -> bool:
    """Whether an expression is the constant True."""
    return value.op is Op.CONST and value.arg is True


def is_false(value: Expr) -> bool:
    """Whether an expression is the constant False."""
    return value.op is Op.CONST and value.arg is False


def conjunction(parts: Sequence[Expr], at: Position) -> Expr:
    """`and` of any number of truth values; constants True are left out."""
    rest = [p for p in parts if not is_true(p)]
    if not rest:
        return truth(True, at)
    return rest[0] if len(rest) == 1 else predicate(Op.AND, rest, at)


def negation(value: Expr) -> Expr:
    """`not`; folded on constants."""
    if value.op is Op.CONST:
        return truth(not value.arg, value.at)
    return predicate(Op.NOT, [value], value.at)


def domain(type_: Type, at: Position) -> Expr:
    """All values of a finite scalar type."""
    return Expr(Op.DOMAIN, Span(type_), (), at)


def length(value: Expr) -> Expr:
    """The number of elements."""
    most = value.type
    match most:
        case Seq(_, capacity) | Bag(_, capacity):
            range_ = Int(0, capacity)
        case Set(element, capacity):
            bound = count(element)
            range_ = Int(0, bound if capacity is None else min(bound, capacity))
        case Array():
            return number(most_elements(most), value.at)
        case _:
            raise TypeError(f"{most} has no length")
    return Expr(Op.LEN, range_, (value,), value.at)


def convert(value: Expr, type_: Type) -> Expr:
    """The same value in another type; the caller knows that the types are `convertible`.

    Wrapping (SOME, INJECT) and literals are rebuilt in the new type; what remains is a CONVERT
    node for numbers and sizes, which is checked where `fits` does not hold.
    """
    if value.type == type_:
        return value
    if isinstance(value.type, Never):
        return constant(None, type_, value.at)
    original = whole(value)
    if original is not value and isinstance(type_, Union):
        return original if original.type == type_ else retagged(original, type_, value.type)
    rebuilt = None if original is not value else _rebuild(value, type_)
    if rebuilt is not None:
        return rebuilt
    match value.type, type_:
        case Tuple(), Tuple() | Seq():
            return _placewise(value, type_)
        case Option(), Option(inner) if not _plain(value.type, type_):
            part = convert(Expr(Op.UNWRAP, value.type.inner, (value,), value.at), inner)
            some = Expr(Op.SOME, type_, (part,), value.at)
            missing = predicate(Op.IS_NONE, [value], value.at)
            return Expr(Op.IF, type_, (missing, constant(None, type_, value.at), some), value.at)
        case _, Option(inner) if not isinstance(value.type, Option):
            return Expr(Op.SOME, type_, (convert(value, inner),), value.at)
        case Record(), Union():
            return Expr(Op.INJECT, type_, (value,), value.at)
        case Union(), Union():
            return retagged(value, type_)
    if isinstance(type_, Set | Bag | Seq | Array) and not _plain(value.type, type_):
        return _elementwise(value, type_)
    return Expr(Op.CONVERT, type_, (value,), value.at)


def _placewise(value: Expr, type_: Tuple | Seq) -> Expr:
    """A tuple in another tuple type, or as a sequence, place by place."""
    source = value.type.fields  # type: ignore[attr-defined]
    wanted = parts_of(type_) if isinstance(type_, Tuple) else (type_.element,) * len(source)
    parts = value.args
    if value.op is not Op.RECORD:
        parts = tuple(Expr(Op.FIELD, part, (value,), value.at, name) for name, part in source)
    parts = tuple(map(convert, parts, wanted))
    if isinstance(type_, Tuple):
        return Expr(Op.RECORD, type_, parts, value.at)
    room = Seq(type_.element, max(type_.capacity, len(parts)))
    row = Expr(Op.SEQ, room, parts, value.at)
    return row if room == type_ else Expr(Op.CONVERT, type_, (row,), value.at)


def _plain(inner: Type, outer: Type) -> bool:
    """Whether only numbers and sizes differ, so that one CONVERT does it."""
    match inner, outer:
        case Int(), Int():
            return True
        case Option(x), Option(y):
            return _plain(x, y)
        case (Set(x), Set(y)) | (Bag(x), Bag(y)) | (Seq(x), Seq(y)) | (Array(_, x), Array(_, y)):
            return _plain(x, y)
    return inner == outer


def _rebuild(value: Expr, type_: Type) -> Expr | None:
    """Literals and choices between them take the new type themselves."""
    match value.op, type_:
        case Op.CONST, Option() if value.arg is None:
            return constant(None, type_, value.at)
        case Op.CONST, Int() if isinstance(value.type, Int) and fits(value.type, type_):
            return constant(value.arg, type_, value.at)
        case Op.INJECT, Union():
            return Expr(Op.INJECT, type_, value.args, value.at)
        case Op.SOME, Option(inner):
            return Expr(Op.SOME, type_, (convert(value.args[0], inner),), value.at)
        case ((Op.SEQ | Op.BAG), (Seq(element, capacity) | Bag(element, capacity))) if (
            len(value.args) <= capacity
        ):
            return _all(value, type_, element)
        case Op.SET, Set(element, room) if room is None or len(value.args) <= room:
            return _all(value, type_, element)
        case Op.FILL, Grid() if not isinstance(value.type, Grid):
            return _filled(value.args[0], type_)
        case ((Op.FILL | Op.ARRAY), Array(_, element)):
            return _all(value, type_, element)
        case Op.IF, _:
            yes, no = (convert(branch, type_) for branch in value.args[1:])
            return Expr(Op.IF, type_, (value.args[0], yes, no), value.at)
    return _rebuild_set(value, type_)


def _filled(item: Expr, type_: Grid) -> Expr:
    """The map from tuples that has one value everywhere."""
    layers: list[Type] = [type_]
    for _ in range(type_.places - 1):
        layers.append(layers[-1].value)  # type: ignore[attr-defined]
    made = convert(item, type_.item)
    for layer in reversed(layers):
        made = Expr(Op.FILL, layer, (made,), item.at)
    return made


def _rebuild_set(value: Expr, type_: Type) -> Expr | None:
    """A union that leaves the size leaves it in either type, so it is computed in the new one."""
    same = (
        isinstance(type_, Set)
        and isinstance(value.type, Set)
        and type_.element == value.type.element
    )
    if same and value.op is Op.UNION:
        return _all(value, type_, type_)
    return None


def _all(value: Expr, type_: Type, part: Type) -> Expr:
    return Expr(value.op, type_, tuple(convert(a, part) for a in value.args), value.at, value.arg)


def retagged(value: Expr, type_: Union, known: Type | None = None) -> Expr:
    """A value of one union in another: a case for each variant that both have.

    `known` has the variants that it may still be; any other is a model error.
    """
    names = {v.name for v in type_.variants}
    cases = [v for v in variants(known or value.type) if v.name in names]
    at = value.at
    result: Expr | None = None
    for variant in reversed(cases):
        part = Expr(Op.PROJECT, variant, (value,), at, variant.name)
        injected = Expr(Op.INJECT, type_, (part,), at)
        chosen = predicate(Op.IS, [value], at, (variant.name,))
        result = injected if result is None else Expr(Op.IF, type_, (chosen, injected, result), at)
    if result is None:
        raise TypeError(f"{value.type} and {type_} share no variant")
    return result


def whole(value: Expr) -> Expr:
    """The union that `retagged` was given; any other value is its own."""
    if value.op is not Op.IF or value.args[0].op is not Op.IS:
        return value
    (asked,), injected = value.args[0].args, value.args[1]
    if injected.op is not Op.INJECT or injected.args[0].op is not Op.PROJECT:
        return value
    return asked if _all_cases(value, asked) else value


def optional(value: Expr) -> Expr | None:
    """The content of an Option that is known to be of some records where it is not None."""
    if value.op is not Op.IF or value.args[0].op is not Op.IS_NONE:
        return None
    (missing, _, present) = value.args
    if present.op is not Op.SOME:
        return None
    content = present.args[0]
    source = content.args[0] if content.op is Op.PROJECT else whole(content)
    return content if source.op is Op.UNWRAP and source.args == missing.args else None


def is_one_of(value: Expr, names: Sequence[str], at: Position) -> Expr:
    """Whether a union is one of some records; known where it may be no other or none of them."""
    may_be = [v.name for v in variants(value.type)]
    asked = tuple(n for n in names if n in may_be)
    if not asked or set(asked) == set(may_be):
        return truth(bool(asked), at)
    return predicate(Op.IS, [whole(value)], at, asked)


def _all_cases(value: Expr, asked: Expr) -> bool:
    """Whether each branch gives the variant of `asked` that it was asked for."""
    last = value
    while last.op is Op.IF:
        condition, injected, last = last.args
        if condition.op is not Op.IS or condition.args != (asked,):
            return False
        if not _is_variant(injected, asked, condition.arg):
            return False
    return _is_variant(last, asked, None)


def _is_variant(value: Expr, asked: Expr, names: tuple[str, ...] | None) -> bool:
    if value.op is not Op.INJECT or value.args[0].op is not Op.PROJECT:
        return False
    part = value.args[0]
    return part.args == (asked,) and (names is None or names == (part.arg,))


def _elementwise(value: Expr, type_: Set | Bag | Seq | Array) -> Expr:
    """A collection whose elements need wrapping, element by element."""
    at = value.at
    if isinstance(type_, Array):
        name = f"key.{_depth(type_)}"
        key = local(name, type_.key, at)
        source = value.type.value if isinstance(value.type, Array) else type_.value
        body = convert(Expr(Op.INDEX, source, (value, key), at), type_.value)
        walk = Generator(name, type_.key, domain(type_.key, at))
        return fold(Reduction.ARRAY, type_, (walk,), body, at)
    element = value.type.element  # type: ignore[attr-defined]
    name = f"element.{_depth(type_)}"
    body = convert(local(name, element, at), type_.element)
    kind = {Set: Reduction.SET, Bag: Reduction.BAG, Seq: Reduction.SEQ}[type(type_)]
    return fold(kind, type_, (Generator(name, element, value),), body, at)


def _depth(type_: Type) -> int:
    """How deep collections nest: tells the bound names of nested conversions apart."""
    match type_:
        case Array(_, inner) | Set(inner) | Bag(inner) | Seq(inner) | Option(inner):
            return 1 + _depth(inner)
    return 0


def fold(
    reduction: Reduction,
    type_: Type,
    generators: tuple[Generator, ...],
    body: Expr,
    at: Position,
    default: Expr | None = None,
) -> Expr:
    """A comprehension or quantifier."""
    return Fold(Op.FOLD, type_, (), at, None, reduction, generators, body, default)


def is_sort(type_: Type) -> bool:
    """Whether values are individuals of a sort."""
    return isinstance(type_, Sort)


def is_nothing(type_: Type) -> bool:
    """Whether a function of this result returns no value."""
    return isinstance(type_, Nothing)
