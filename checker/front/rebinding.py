"""What a loop may change: nothing that was known of it before holds in a later round."""

import ast
from types import FunctionType

from planespec.checker.front.places import root
from planespec.checker.front.scope import Frame, View


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
