"""`all`, `any`, `sum`, `min`, `max`."""

import ast
from collections.abc import Callable

from planespec.checker.front.build import conjunction, fold, local, number, predicate, truth
from planespec.checker.front.dispatch import as_integer, integer, truth_value, unwrap, value
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import Never
from planespec.checker.front.walks import Walk, element_type, reduced, rounds, walked
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bool, Int, Span

Builtin = Callable[[Frame, ast.Call], Expr]


def quantified(kind: Reduction) -> Builtin:
    """`all(...)` and `any(...)`."""

    def made(frame: Frame, node: ast.Call) -> Expr:
        inner = _single(frame, node)
        if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            with Walk(frame, inner.generators) as walk:
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
    inner, at = _single(frame, node), frame.at(node)
    if not isinstance(inner, ast.GeneratorExp | ast.ListComp):
        return _collection_sum(frame, node, inner)
    with Walk(frame, inner.generators) as walk:
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


def _collection_sum(frame: Frame, node: ast.Call, inner: ast.expr) -> Expr:
    walk, body = _elements(frame, node, inner)
    if not isinstance(body.type, Int):
        return number(0, frame.at(node))
    type_ = ranges.repeated(body.type, rounds(walk.domain))
    return fold(Reduction.SUM, type_, (walk,), body, frame.at(node))


def _elements(frame: Frame, node: ast.Call, inner: ast.expr) -> tuple[Generator, Expr]:
    found = walked(frame, inner)
    type_, name = element_type(found), frame.fresh("element")
    generator = Generator(name, type_, found)
    return generator, as_integer(frame, node, local(name, type_, frame.at(node)))


def extreme(kind: Reduction) -> Builtin:
    """`min` and `max` of several numbers, of a generator or of a collection."""
    rule = ranges.least if kind is Reduction.MIN else ranges.greatest
    op = Op.MIN if kind is Reduction.MIN else Op.MAX

    def made(frame: Frame, node: ast.Call) -> Expr:
        at, default = frame.at(node), _default(frame, node)
        if len(node.args) > 1:
            parts = [integer(frame, a) for a in node.args]
            types = [p.type for p in parts if isinstance(p.type, Int)]
            return Expr(op, rule(*types), tuple(parts), at) if types else parts[0]
        if not node.args:
            raise frame.refusal(
                node, "min and max take numbers", "max(a, b), max(... for x in xs)"
            )
        inner = node.args[0]
        if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            with Walk(frame, inner.generators) as walk:
                return reduced(frame, node, kind, walk, unwrap(value(frame, inner.elt)), default)
        walk_, body = _elements(frame, node, inner)
        if not isinstance(body.type, Int):
            return default if default is not None else _of_nothing(frame, node, kind)
        type_ = body.type
        if default is not None and isinstance(default.type, Int):
            type_ = ranges.hull(type_, default.type)
        return fold(kind, type_, (walk_,), body, at, default)

    return made


def _of_nothing(frame: Frame, node: ast.Call, kind: Reduction) -> Expr:
    """The extreme of a collection that is always empty: a model error where it is asked for."""
    at, type_, name = frame.at(node), Int(0, 0), frame.fresh("element")
    nothing = Expr(Op.RANGE, Span(type_), (number(0, at), number(0, at)), at)
    return fold(kind, type_, (Generator(name, type_, nothing),), local(name, type_, at), at)


def _default(frame: Frame, node: ast.Call) -> Expr | None:
    for keyword in node.keywords:
        if keyword.arg != "default" or len(node.args) != 1:
            raise frame.refusal(keyword, "only default= is known here", "max(..., default=0)")
        return integer(frame, keyword.value)
    return None
