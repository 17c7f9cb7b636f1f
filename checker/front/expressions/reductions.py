"""`all`, `any`, `sum`, `min`, `max`."""

import ast
from collections.abc import Callable

from planespec.checker.front.core.building import (
    conjunction,
    fold,
    local,
    number,
    predicate,
    truth,
)
from planespec.checker.front.core.integers import like
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never
from planespec.checker.front.dispatch import as_integer, integer, truth_value, unwrap, value
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.comprehensions import (
    Walk,
    element_type,
    reduced,
    rounds,
    walked,
)
from planespec.checker.front.expressions.picking import picked
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bool, Int, Span, Tuple, Type

Builtin = Callable[[Frame, ast.Call], Expr]


def quantified(kind: Reduction) -> Builtin:
    """`all(...)` and `any(...)`."""

    def made(frame: Frame, node: ast.Call) -> Expr:
        inner = _single(frame, node)
        if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            with Walk(frame, inner.generators) as walk:
                if walk.is_empty:
                    return truth(kind is Reduction.ALL, frame.at(node))
                body = truth_value(frame, inner.elt)
                return fold(kind, Bool(), walk.generators, body, frame.at(node))
        return _over(frame, node, kind, inner)

    return made


def _over(frame: Frame, node: ast.Call, kind: Reduction, inner: ast.expr) -> Expr:
    """`all(xs)` of a collection of bools, or of a list written out."""
    at, found = frame.at(node), walked(frame, inner)
    type_ = element_type(found)
    if isinstance(type_, Never):
        return truth(kind is Reduction.ALL, at)
    if not isinstance(type_, Bool):
        name = "all" if kind is Reduction.ALL else "any"
        allowed = f"{name}(... for x in xs), with a condition"
        raise frame.refusal(node, f"the elements are {type_}, not bool", allowed)
    if found.op is Op.SEQ:
        parts = list(found.args)
        return conjunction(parts, at) if kind is Reduction.ALL else predicate(Op.OR, parts, at)
    name = frame.fresh("element")
    body = local(name, type_, at)
    return fold(kind, Bool(), (Generator(name, type_, found),), body, at)


def _single(frame: Frame, node: ast.Call) -> ast.expr:
    if len(node.args) != 1 or node.keywords:
        raise frame.refusal(
            node, "one collection or generator is needed here", "all(... for x in xs)"
        )
    return node.args[0]


def total(frame: Frame, node: ast.Call) -> Expr:
    """`sum(...)`; a sum of ones is a count."""
    if len(node.args) == 2 or node.keywords:
        return _sum_from(frame, node)
    inner, at = _single(frame, node), frame.at(node)
    if not isinstance(inner, ast.GeneratorExp | ast.ListComp):
        return _collection_sum(frame, node, inner)
    with Walk(frame, inner.generators) as walk:
        if walk.is_empty:
            return number(0, at)
        if isinstance(inner.elt, ast.Constant) and inner.elt.value == 1:
            body = truth(True, at)
            return fold(Reduction.COUNT, Int(0, walk.most), walk.generators, body, at)
        body = value(frame, inner.elt)
        if isinstance(body.type, Bool):
            *rest, last = walk.generators
            counted = Generator(last.name, last.type, last.domain, (*last.conditions, body))
            type_ = Int(0, walk.most)
            return fold(Reduction.COUNT, type_, (*rest, counted), truth(True, at), at)
        return reduced(frame, node, Reduction.SUM, walk, body, None)


def _sum_from(frame: Frame, node: ast.Call) -> Expr:
    """`sum(xs, start)`."""
    start = [*node.args[1:], *(k.value for k in node.keywords if k.arg == "start")]
    if len(start) != 1 or len(node.args) + len(node.keywords) != 2:
        raise frame.refusal(node, "sum takes a collection and a start", "sum(xs, start)")
    alone = ast.copy_location(ast.Call(node.func, node.args[:1], []), node)
    return combine(frame, node, ast.Add(), total(frame, alone), integer(frame, start[0]))


def _collection_sum(frame: Frame, node: ast.Call, inner: ast.expr) -> Expr:
    walk, body = _elements(frame, node, inner)
    if not isinstance(body.type, Int):
        return number(0, frame.at(node))
    type_ = ranges.repeated(body.type, rounds(walk.domain))
    return fold(Reduction.SUM, type_, (walk,), body, frame.at(node))


def _elements(frame: Frame, node: ast.Call, inner: ast.expr) -> tuple[Generator, Expr]:
    return _elements_of(frame, node, walked(frame, inner))


def _elements_of(frame: Frame, node: ast.Call, found: Expr) -> tuple[Generator, Expr]:
    type_, name = element_type(found), frame.fresh("element")
    generator = Generator(name, type_, found)
    return generator, as_integer(frame, node, local(name, type_, frame.at(node)))


def extreme(kind: Reduction) -> Builtin:
    """`min` and `max` of several values, of a generator or of a collection."""

    def made(frame: Frame, node: ast.Call) -> Expr:
        key, default = _options(frame, node)
        if any(isinstance(a, ast.Starred) for a in node.args) or not node.args:
            raise frame.refusal(
                node,
                "min and max take values, or one collection",
                "max(a, b), max(... for x in xs)",
            )
        inner = node.args[0]
        if len(node.args) > 1:
            if default is not None:
                raise frame.refusal(node, "default= goes with one collection", "max(a, b)")
            inner = ast.copy_location(ast.List(node.args, ast.Load()), node)
            if key is None:
                found = [unwrap(value(frame, a)) for a in node.args]
                if not any(isinstance(f.type, Tuple) for f in found):
                    return _of_several(frame, node, kind, found)
        if key is None and default is None:
            return _of_walk(frame, node, kind, inner)
        number_ = None if default is None or key is not None else _default(frame, default)
        if number_ is not None and _yields_numbers(frame, inner):
            return _of_walk(frame, node, kind, inner, number_)
        return picked(frame, node, kind is Reduction.MIN, inner, key, default)

    return made


def _of_nothing(frame: Frame, node: ast.Call, kind: Reduction) -> Expr:
    """The extreme of a collection that is always empty: a model error where it is asked for."""
    at, type_, name = frame.at(node), Int(0, 0), frame.fresh("element")
    nothing = Expr(Op.RANGE, Span(type_), (number(0, at), number(0, at)), at)
    return fold(kind, type_, (Generator(name, type_, nothing),), local(name, type_, at), at)


def _options(frame: Frame, node: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    found: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg not in ("key", "default"):
            raise frame.refusal(keyword, "key= and default= are known here", "max(..., default=0)")
        found[keyword.arg] = keyword.value
    return found.get("key"), found.get("default")


def _default(frame: Frame, node: ast.expr) -> Expr | None:
    """A default that is a number."""
    found = value(frame, node)
    return found if isinstance(found.type, Int) else None


def _yields_numbers(frame: Frame, inner: ast.expr) -> bool:
    with frame.probing():
        if not isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            return isinstance(element_type(walked(frame, inner)), Int | Never)
        with Walk(frame, inner.generators):
            return isinstance(unwrap(value(frame, inner.elt)).type, Int | Never)


def _of_several(frame: Frame, node: ast.Call, kind: Reduction, found: list[Expr]) -> Expr:
    at = frame.at(node)
    rule = ranges.least if kind is Reduction.MIN else ranges.greatest
    op = Op.MIN if kind is Reduction.MIN else Op.MAX
    kinds = {_kind(f.type) for f in found if not isinstance(f.type, Never)}
    if len(kinds) > 1:
        shown = " and ".join(sorted({str(f.type) for f in found}))
        raise frame.refusal(
            node, f"which of {shown} comes out is not one type", "int(...) around what is no int"
        )
    parts = [as_integer(frame, node, f) for f in found]
    types = [p.type for p in parts if isinstance(p.type, Int)]
    if not types:
        return parts[0]
    return like(frame, Expr(op, rule(*types), tuple(parts), at), found[0].type)


def _kind(type_: Type) -> Type | type:
    return Int if isinstance(type_, Int) else type_


def _of_walk(
    frame: Frame, node: ast.Call, kind: Reduction, inner: ast.expr, default: Expr | None = None
) -> Expr:
    """The extreme of one collection, as one of its elements."""
    if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        with Walk(frame, inner.generators) as walk:
            body = unwrap(value(frame, inner.elt))
            if not isinstance(body.type, Tuple):
                made = reduced(frame, node, kind, walk, body, default)
                return like(frame, made, body.type)
    else:
        found = walked(frame, inner)
        type_ = element_type(found)
        if not isinstance(type_, Tuple):
            return _of_collection(frame, node, kind, found, default)
    return picked(frame, node, kind is Reduction.MIN, inner, None, None)


def _of_collection(
    frame: Frame, node: ast.Call, kind: Reduction, found: Expr, default: Expr | None
) -> Expr:
    at, given = frame.at(node), element_type(found)
    walk, body = _elements_of(frame, node, found)
    if not isinstance(body.type, Int):
        return default if default is not None else _of_nothing(frame, node, kind)
    type_ = body.type
    if default is not None and isinstance(default.type, Int):
        type_ = ranges.hull(type_, default.type)
    return like(
        frame, fold(kind, type_, (walk,), body, at, default), unwrap(local("", given, at)).type
    )
