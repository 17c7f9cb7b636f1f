"""What is asked of an Array: keys, values, get, copy."""

import ast

from planespec.checker.front.build import domain
from planespec.checker.front.conversions import copied
from planespec.checker.front.dispatch import coerce, value
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import Never, fits, is_mutable
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array

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
        from planespec.checker.front.rows import listed, row_of_call

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
