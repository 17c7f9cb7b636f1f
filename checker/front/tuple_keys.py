"""Maps whose keys are tuples, `x[a, b]`: in the IR arrays of arrays, `x[a][b]`."""

import ast
from collections.abc import Sequence
from itertools import product

from planespec.checker.front.core.building import fold
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.dispatch import coerce, unwrap, value
from planespec.checker.front.expressions.tuples import parts
from planespec.checker.ir.nodes import Expr, Generator, Op, Position, Reduction
from planespec.checker.ir.types import Array, Grid, Tuple, Type, grid, members
from planespec.checker.lang.data.records import parts_of


def index_of(frame: Frame, node: ast.expr, owner: Array, why: str = "as a key") -> list[Expr]:
    """The parts of a key, one for each array inside the other."""
    if not isinstance(owner, Grid):
        return [coerce(frame, node, value(frame, node), owner.key, why)]
    found = unwrap(value(frame, node))
    if not isinstance(found.type, Tuple) or len(found.type.fields) != owner.places:
        names = ", ".join("abcdefgh"[: owner.places])
        raise frame.refusal(
            node, f"{found.type} is no key of {owner}", f"xs[{names}], or a tuple of these"
        )
    given = zip(parts(found), owner.keys, strict=True)
    return [coerce(frame, node, part, wanted, why) for part, wanted in given]


def under(owner: Expr, index: Sequence[Expr], at: Position) -> Expr:
    """What an array, or array of arrays, has under the parts of a key."""
    for part in index:
        assert isinstance(owner.type, Array)
        owner = Expr(Op.INDEX, owner.type.value, (owner, part), at)
    return owner


def array_over(keys: Sequence[Expr], walked: Sequence[Generator], body: Expr) -> Expr | None:
    """`{(a, b): v for a in A for b in B}`; None where the keys are not what is walked."""
    by_name = {g.name: g for g in walked}
    names = [key.arg for key in keys if key.op is Op.LOCAL]
    if len(names) < len(keys) or sorted(names) != sorted(by_name):
        return None
    made = body
    for number in reversed(range(len(names))):
        walk = by_name[names[number]]
        type_: Array = Array(walk.type, made.type)
        if number == 0 and len(names) > 1:
            type_ = grid([by_name[name].type for name in names], body.type)
        made = fold(Reduction.ARRAY, type_, (walk,), made, body.at)
    return made


def key_number(key: Expr) -> int | tuple[int, ...] | None:
    """The number of a constant of a scalar type, or those of a tuple; None for other keys."""
    if isinstance(key.type, Tuple):
        found = [key_number(part) for part in parts(key)]
        plain = tuple(n for n in found if isinstance(n, int))
        return plain if len(plain) == len(found) else None
    inner = key.args[0] if key.op is Op.CONVERT else key
    return int(inner.arg) if inner.op is Op.CONST and inner.arg is not None else None


def key_numbers(type_: Type) -> list[int | tuple[int, ...]] | None:
    """The numbers of all keys of a type, in order; None for a type of no keys."""
    if type_.is_scalar:
        return list(members(type_))
    if not isinstance(type_, Tuple) or not all(part.is_scalar for part in parts_of(type_)):
        return None
    return list(product(*map(members, parts_of(type_))))


def array_written(type_: Type, items: Sequence[Expr], item: Type, at: Position) -> Expr:
    """The array with these values, in the order of the keys of a type."""
    if not isinstance(type_, Tuple):
        return Expr(Op.ARRAY, Array(type_, item), tuple(items), at)
    layers: list[Type] = [grid(parts_of(type_), item)]
    for _ in parts_of(type_)[1:]:
        layers.append(layers[-1].value)  # type: ignore[attr-defined]
    found = list(items)
    for layer in reversed(layers):
        assert isinstance(layer, Array)
        size = len(list(members(layer.key)))
        rows = [tuple(found[n : n + size]) for n in range(0, len(found), size)]
        found = [Expr(Op.ARRAY, layer, row, at) for row in rows]
    return found[0]
