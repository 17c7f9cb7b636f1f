"""One collection made from another: `set(xs)`, `list(xs)`, `Bag(xs)`, and what an Array gives."""

import ast

from planespec.checker.front.core.building import domain, fold, local
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never, fits, is_mutable, set_of
from planespec.checker.front.dispatch import coerce, value
from planespec.checker.front.expressions.comprehensions import element_type, rounds
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Array, Bag, Seq, Set, Type


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
    key, item = owner.type.key, owner.type.value
    if name == "get":
        return _got(frame, node, owner)
    if node.args or node.keywords:
        raise frame.refusal(node, f"{name} takes nothing", f"xs.{name}()")
    if isinstance(key, Never):
        raise frame.refusal(node, "the keys of this array are not known", "an annotation")
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
    if not fits(index.type, owner.type.key):
        raise frame.refusal(
            node, f"{index.type} may be no key of {owner.type}", "a key of its type, with xs[k]"
        )
    index = coerce(frame, node.args[0], index, owner.type.key, "as a key")
    return Expr(Op.INDEX, owner.type.value, (owner, index), frame.at(node))
