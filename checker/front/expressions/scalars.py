"""Calls about single values: divmod, pow, IntEnum(n), isinstance of int, a member's value."""

import ast
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.front.core.building import (
    conjunction,
    domain,
    fold,
    length,
    local,
    negation,
    number,
    predicate,
    truth,
)
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.integers import (
    as_number,
    is_numeric,
    member_of,
    number_of_member,
    values_of,
)
from planespec.checker.front.core.scope import Frame, Known, Static
from planespec.checker.front.core.type_relations import Never, fits, is_mutable, item_of, set_of
from planespec.checker.front.dispatch import (
    as_integer,
    describe,
    evaluate,
    integer,
    literal_scalar,
    truth_value,
    unwrap,
    value,
)
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.bits import power
from planespec.checker.front.expressions.comprehensions import element_type, rounds
from planespec.checker.front.expressions.grid_walks import GridWalk, keys_of_grid
from planespec.checker.front.expressions.rows import row_of_value
from planespec.checker.front.expressions.tuples import tuple_value
from planespec.checker.front.outlines import once
from planespec.checker.front.tuple_keys import index_of, under
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Grid,
    Int,
    Option,
    Seq,
    Set,
    Sort,
    Span,
    Type,
)
from planespec.checker.lang.data.records import Sort as SortClass
from planespec.checker.lang.data.records import tuple_of


def arguments(frame: Frame, node: ast.Call, least: int, most: int, example: str) -> list[ast.expr]:
    """The arguments of a call, by place alone."""
    starred = any(isinstance(a, ast.Starred) for a in node.args)
    if node.keywords or starred or not least <= len(node.args) <= most:
        raise frame.refusal(node, "these arguments are not part of the language", example)
    return node.args


def divided(frame: Frame, node: ast.Call) -> Expr:
    """`divmod(a, b)`: a tuple of both results."""
    given = arguments(frame, node, 2, 2, "divmod(a, b)")
    ends = [integer(frame, a) for a in given]

    def both(values: list[Expr]) -> Expr:
        made = [combine(frame, node, op, *values) for op in (ast.FloorDiv(), ast.Mod())]
        return tuple_value(made, frame.at(node))

    return once(frame, node, "divmod", ends, both)


def raised(frame: Frame, node: ast.Call) -> Expr:
    """`pow(a, n)` and `pow(a, n, m)`."""
    given = arguments(frame, node, 2, 3, "pow(a, n) or pow(a, n, m)")
    base, exponent, *rest = [integer(frame, a) for a in given]
    if not (isinstance(base.type, Int) and isinstance(exponent.type, Int)):
        return base
    made = once(frame, node, "pow", [base, exponent], lambda v: power(frame, node, *v))
    return combine(frame, node, ast.Mod(), made, rest[0]) if rest else made


def whole_number(frame: Frame, node: ast.Call) -> Expr:
    """`int(x)` of a number, bool, member or element."""
    (given,) = arguments(frame, node, 1, 1, "int(x)")
    return as_integer(frame, node, value(frame, given))


def truth_of(frame: Frame, node: ast.Call) -> Expr:
    """`bool(x)`: a number that is not 0, a collection that is not empty, a value that is there."""
    (given,) = arguments(frame, node, 1, 1, "bool(x)")
    found = value(frame, given)
    at = frame.at(node)
    present = []
    if isinstance(found.type, Option):
        if found.op is Op.CONST:
            return truth(False, at)
        present = [negation(predicate(Op.IS_NONE, [found], at))]
        found = unwrap(found)
    return conjunction([*present, _truth(frame, given, found)], at)


def _truth(frame: Frame, node: ast.expr, found: Expr) -> Expr:
    at = frame.at(node)
    match found.type:
        case Bool():
            return found
        case Int():
            return predicate(Op.NE, [found, number(0, at)], at)
        case Set() | Seq() | Bag() | Array():
            return predicate(Op.NE, [length(found), number(0, at)], at)
    if is_numeric(found.type):
        return predicate(Op.NE, [as_number(found), number(0, at)], at)
    if isinstance(found.type, Never | Sort):
        return truth_value(frame, node)
    if isinstance(found.type, Span):
        return predicate(Op.NE, [row_of_value(frame, node, found).length, number(0, at)], at)
    return once_computed([found], truth(True, at))


def absolute(frame: Frame, node: ast.Call) -> Expr:
    """`abs(x)`."""
    (argument,) = arguments(frame, node, 1, 1, "abs(x)")
    found = integer(frame, argument)
    if not isinstance(found.type, Int):
        return found
    return Expr(Op.ABS, ranges.absolute(found.type), (found,), frame.at(node))


def as_it_is(frame: Frame, node: ast.Call) -> Expr | Static:
    """`cast(T, x)` is `x`; type checkers alone read the type."""
    return evaluate(frame, arguments(frame, node, 2, 2, "cast(T, x)")[1])


def member_call(frame: Frame, node: ast.Call, cls: type) -> Expr:
    """`Level(2)`: the member of an enum with that number."""
    (given,) = arguments(frame, node, 1, 1, f"{cls.__name__}.<member>")
    type_ = frame.program.facts.resolve(cls)
    assert isinstance(type_, Enum)
    found = value(frame, given)
    if found.type == type_:
        return found
    if values_of(type_) is None:
        members = ", ".join(f"{type_}.{m}" for m in type_.members)
        raise frame.refusal(node, f"{type_} is made from no value here", members)
    plain = as_integer(frame, node, found)
    if plain.op is Op.CONST and plain.arg not in (values_of(type_) or []):
        raise frame.refusal(node, f"{type_} has no member {plain.arg}", f"{values_of(type_)}")
    return once(frame, node, "member", [plain], lambda v: member_of(frame, v[0], type_))


def value_of_member(frame: Frame, node: ast.Attribute, found: Expr) -> Expr | None:
    """`level.value` of an enum whose values are numbers; None for other attributes."""
    owner = unwrap(found)
    if not isinstance(owner.type, Enum) or node.attr not in ("value", "name"):
        return None
    numbers = values_of(owner.type)
    if node.attr == "value" and numbers is not None:
        return number_of_member(owner, numbers)
    what = "the name" if node.attr == "name" else "the value"
    kind = _kind_of_value(owner.type, node.attr)
    raise frame.refusal(
        node,
        f"{what} of a member of {owner.type} is {kind}, which is no value of the language",
        f"the member itself: x == {owner.type}.{owner.type.members[0]}",
    )


def _kind_of_value(type_: Enum, attribute: str) -> str:
    if attribute == "name" or any(isinstance(member.value, str) for member in type_.python):
        return "text"
    return "no number"


def value_of_known(frame: Frame, node: ast.Attribute, owner: Any) -> Expr | None:
    """`Level.LOW.value`, a property of a member; None for other attributes."""
    if not isinstance(owner, PythonEnum):
        return None
    if node.attr == "value":
        return literal_scalar(frame, owner.value, node)
    from planespec.checker.front.expressions.attributes import property_of

    return property_of(frame, node, value(frame, node.value), node.attr)


def instance_of_scalar(frame: Frame, node: ast.Call) -> Expr | None:
    """`isinstance(x, int)` and the like, which types decide; None where records are asked for."""
    if len(node.args) != 2 or node.keywords:
        return None
    found = value(frame, node.args[0])
    plain = unwrap(found)
    if not isinstance(plain.type, Bool | Int | Enum | Sort):
        return None
    decided = any(_is_a(plain.type, c) for c in _classes(frame, node.args[1]))
    at = frame.at(node)
    if found is plain or not decided:
        return once_computed([found], truth(decided, at))
    return negation(predicate(Op.IS_NONE, [found], at))


def _classes(frame: Frame, node: ast.expr) -> list[type]:
    if isinstance(node, ast.Tuple):
        return [c for part in node.elts for c in _classes(frame, part)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_classes(frame, node.left), *_classes(frame, node.right)]
    found = evaluate(frame, node)
    if isinstance(found, Known) and isinstance(found.value, type):
        return [found.value]
    what = describe(found) if not isinstance(found, Expr) else "a value"
    raise frame.refusal(node, f"{what} is no class", "int, bool, an enum, a sort, a record")


def _is_a(type_: Type, cls: type) -> bool:
    match type_:
        case Bool():
            return issubclass(bool, cls)
        case Int():
            return issubclass(int, cls)
        case Enum(_, _, python) | Sort(_, _, _, python) if python is not None:
            return issubclass(python, cls)
    return issubclass(SortClass, cls)


# One collection made from another: `set(xs)`, `list(xs)`, `Bag(xs)`, and what an Array gives.


def copied(source: Expr) -> Expr:
    """A copy: the same value, but for `aliasing` no part of the state (`simplify` drops it)."""
    return Expr(Op.CONVERT, source.type, (source,), source.at)


def to_set(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The set of what a walk yields."""
    if isinstance(source.type, Set):
        return copied(source)
    element = element_type(source)
    return _walk(frame, node, Reduction.SET, set_of(element, rounds(source)), source)


def to_seq(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The sequence of what a walk yields; sets and bags have no certain order."""
    if isinstance(source.type, Seq):
        return copied(source)
    if isinstance(source.type, Set | Bag):
        raise frame.refusal(
            node,
            "a list made from a set has no certain order",
            "a list made from a domain, range, list or Array",
        )
    made = Seq(element_type(source), rounds(source))
    return _walk(frame, node, Reduction.SEQ, made, source)


def to_bag(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The bag of what a walk yields."""
    if isinstance(source.type, Bag):
        return copied(source)
    made = Bag(element_type(source), rounds(source))
    return _walk(frame, node, Reduction.BAG, made, source)


def _walk(frame: Frame, node: ast.AST, kind: Reduction, type_: Type, source: Expr) -> Expr:
    element, name = element_type(source), frame.fresh("element")
    at = frame.at(node)
    body = local(name, element, at)
    return fold(kind, type_, (Generator(name, element, source),), body, at)


METHODS = ("keys", "values", "items", "get", "copy")


def array_method(frame: Frame, node: ast.Call, owner: Expr, name: str) -> Expr:
    """A method of `METHODS`."""
    assert isinstance(owner.type, Array)
    key, item = owner.type.key, item_of(owner.type)
    if name == "get":
        return _got(frame, node, owner)
    if node.args or node.keywords:
        raise frame.refusal(node, f"{name} takes nothing", f"xs.{name}()")
    if isinstance(key, Never):
        raise frame.refusal(node, "the keys of this array are not known", "an annotation")
    if isinstance(owner.type, Grid) and name == "keys":
        return keys_of_grid(owner.type, frame.at(node))
    if isinstance(owner.type, Grid) and name in ("values", "items"):
        return GridWalk(owner, name).listed(frame, node)
    if name == "keys":
        return domain(key, frame.at(node))
    if name == "copy":
        if is_mutable(item):
            raise frame.refusal(
                node, f"the copy would share each {item}", "{k: set(xs[k]) for k in domain}"
            )
        return copied(owner)
    if name == "items":
        from planespec.checker.front.expressions.rows import listed, row_of_call

        return listed(frame, node, row_of_call(frame, node))
    return owner


def _got(frame: Frame, node: ast.Call, owner: Expr) -> Expr:
    """`xs.get(k)`: an Array has a value for each key, so that a default is not needed."""
    assert isinstance(owner.type, Array)
    if not 1 <= len(node.args) <= 2 or node.keywords:
        raise frame.refusal(node, "get takes a key", "xs[k]")
    index = value(frame, node.args[0])
    wanted = tuple_of(owner.type.keys) if isinstance(owner.type, Grid) else owner.type.key
    if not fits(index.type, wanted):
        raise frame.refusal(
            node, f"{index.type} may be no key of {owner.type}", "a key of its type, with xs[k]"
        )
    return under(owner, index_of(frame, node.args[0], owner.type), frame.at(node))
