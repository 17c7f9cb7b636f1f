"""Places in the state that can be stored to, stores, and what a loop may change."""

import ast
from types import FunctionType

from planespec.checker.front.core.scope import Frame, Local, View
from planespec.checker.front.dispatch import coerce, value
from planespec.checker.front.expressions.fields import path_of
from planespec.checker.ir.nodes import Assign, Expr, Op
from planespec.checker.ir.types import Array, Option, Record, Seq

STORED = "self.x, self.x[k], self.x[k].field of a record, or a local name"


def root(node: ast.expr) -> ast.expr:
    """The innermost owner of a path."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def variable_of(place: Expr) -> str:
    """The state variable a place is in; empty where it is no place in the state."""
    while place.op in (Op.INDEX, Op.AT, Op.FIELD, Op.UNWRAP, Op.PROJECT):
        place = place.args[0]
    return str(place.arg) if place.op is Op.STATE else ""


def is_local_path(frame: Frame, node: ast.expr) -> bool:
    """Whether a path starts at a local."""
    start = root(node)
    return isinstance(start, ast.Name) and isinstance(frame.names.get(start.id), Local)


def place_of(frame: Frame, node: ast.expr) -> Expr:
    """The place a target names; refuses what cannot be stored to."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        raise frame.refusal(node, "this cannot be stored to", STORED)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        raise frame.refusal(node, "a slice cannot be stored to", "xs = xs[:i] + [...] + xs[j:]")
    with frame.narrowing({}):
        frame.forget(path_of(node))
        found = value(frame, node)
    while found.op in (Op.UNWRAP, Op.PROJECT):  # what is known about the old value
        found = found.args[0]
    _check(frame, node, found)
    return found


def _check(frame: Frame, node: ast.expr, place: Expr) -> None:
    match place.op:
        case Op.STATE:
            return
        case Op.TABLE:
            raise frame.refusal(
                node,
                f"{place.arg.name} is a constant table, which never changes",
                f"a variable that begins with it: x: {place.type} = {place.arg.name}",
            )
        case Op.BEFORE:
            raise frame.refusal(node, "the state before the step cannot change", "self.x = ...")
        case Op.INDEX | Op.AT if isinstance(place.args[0].type, Array | Seq):
            _check(frame, node, place.args[0])
            return
        case Op.FIELD if isinstance(place.args[0].type, Record):
            name = place.arg
            raise frame.refusal(
                node,
                f"records are immutable, {name} cannot be stored",
                f"replace(record, {name}=value)",
            )
    if isinstance(place.type, Option):
        raise frame.refusal(node, "this cannot be stored to", STORED)
    raise frame.refusal(node, "this cannot be stored to", STORED)


def store(frame: Frame, node: ast.AST, place: Expr, found: Expr) -> None:
    """Emit the Assign; the value takes the type of the place."""
    frame.write(variable_of(place), node)
    fitted = coerce(frame, node, found, place.type, f"in {variable_of(place)}")
    frame.block.append(Assign(frame.at(node), place, fitted))


def forget_changes(frame: Frame, loop: ast.For) -> None:
    """Drop what is known about everything that the target or the body of a loop may store to."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            if isinstance(node.ctx, ast.Store | ast.Del):
                _forget_place(frame, node)
        elif isinstance(node, ast.Call):
            _forget_call(frame, node)


def _forget_place(frame: Frame, node: ast.expr) -> None:
    """The local or the variable of the model in which a place is."""
    start = root(node)
    if not isinstance(start, ast.Name):
        return
    if not _is_view(frame, start):
        frame.forget(start.id)
        return
    while isinstance(node, ast.Attribute | ast.Subscript) and node.value is not start:
        node = node.value
    frame.forget(ast.unparse(node))


def _forget_call(frame: Frame, node: ast.Call) -> None:
    """A helper may change any variable, a method of a collection the one that it is in."""
    if isinstance(node.func, ast.Attribute) and not _is_view(frame, node.func.value):
        _forget_place(frame, node.func.value)
    elif isinstance(node.func, ast.Attribute) or _is_helper(frame, node.func):
        for name in frame.views:
            frame.forget(name)


def _is_view(frame: Frame, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and isinstance(frame.names.get(node.id), View)


def _is_helper(frame: Frame, node: ast.expr) -> bool:
    """Whether a plain function of the user is called."""
    if not isinstance(node, ast.Name):
        return False
    found = frame.closure.get(node.id, frame.globals.get(node.id))
    own = isinstance(found, FunctionType)
    return own and not str(found.__module__).startswith("planespec.checker.lang")
