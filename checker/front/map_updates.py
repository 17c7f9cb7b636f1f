"""Arrays with other values for some keys: `xs | {k: v}`, `{**xs, k: v}`, a store to a local."""

import ast

from planespec.checker.front.core.building import convert, domain, fold, local, predicate
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.dispatch import coerce, value
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Array


def updated(frame: Frame, node: ast.AST, owner: Expr, changes: ast.Dict) -> Expr:
    """`xs | {k: v}`: other values for some keys, the last where several agree."""
    from planespec.checker.front.expressions.arithmetic import common

    made = owner
    for key, given in zip(changes.keys, changes.values, strict=True):
        assert isinstance(made.type, Array)
        if key is None:
            raise frame.refusal(changes, "this takes keys and values", "xs | {k: v, j: w}")
        found = value(frame, given)
        item = common(frame, given, made.type.value, found.type)
        index = coerce(frame, key, value(frame, key), made.type.key, "as a key")
        made = with_value(frame, node, made, index, convert(found, item))
    return made


def with_value(frame: Frame, node: ast.AST, owner: Expr, index: Expr, found: Expr) -> Expr:
    """A new array: the stored value at the key, the old ones elsewhere."""
    at, name = frame.at(node), frame.fresh("key")
    assert isinstance(owner.type, Array)
    key_type = owner.type.key
    key = local(name, key_type, at)
    old = convert(Expr(Op.INDEX, owner.type.value, (owner, key), at), found.type)
    body = Expr(Op.IF, found.type, (predicate(Op.EQ, [key, index], at), found, old), at)
    walk = Generator(name, key_type, domain(key_type, at))
    return fold(Reduction.ARRAY, Array(key_type, found.type), (walk,), body, at)
