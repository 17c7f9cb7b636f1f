"""Arrays with other values for some keys: `xs | {k: v}`, `{**xs, k: v}`, a store to a local."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from planespec.checker.front.core.building import convert, domain, fold, local, predicate
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import item_of
from planespec.checker.front.dispatch import value
from planespec.checker.front.tuple_keys import index_of, under
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
        item = common(frame, given, item_of(made.type), found.type)
        index = index_of(frame, key, made.type)
        made = with_value(frame, node, made, index, convert(found, item))
    return made


def with_value(
    frame: Frame, node: ast.AST, owner: Expr, index: Sequence[Expr], found: Expr
) -> Expr:
    """A new array: the stored value under the parts of a key, the old ones elsewhere."""
    at, name = frame.at(node), frame.fresh("key")
    assert isinstance(owner.type, Array)
    key_type, (chosen, *rest) = owner.type.key, index
    key = local(name, key_type, at)
    if rest:
        found = with_value(frame, node, under(owner, [chosen], at), rest, found)
    old = convert(under(owner, [key], at), found.type)
    body = Expr(Op.IF, found.type, (predicate(Op.EQ, [key, chosen], at), found, old), at)
    walk = Generator(name, key_type, domain(key_type, at))
    made = replace(owner.type, value=found.type)
    return fold(Reduction.ARRAY, made, (walk,), body, at)
