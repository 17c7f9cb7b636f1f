"""`for ... else`: a local tells whether the loop was left by `break`."""

import ast
from copy import deepcopy

from planespec.checker.front.scope import Frame
from planespec.checker.front.statements import statement
from planespec.checker.front.syntax import located, name_of


class _Marked(ast.NodeTransformer):
    """Notes each `break` of one loop in a local; those of loops inside are theirs."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Break(self, node: ast.Break) -> list[ast.stmt]:
        return [_stored(self.name, True), node]

    def visit_For(self, node: ast.For) -> ast.For:
        node.orelse = [s for part in node.orelse for s in _several(self.visit(part))]
        return node


def _several(made: ast.stmt | list[ast.stmt]) -> list[ast.stmt]:
    return made if isinstance(made, list) else [made]


def _stored(name: str, flag: bool) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(flag))


def loop_with_else(frame: Frame, node: ast.For) -> bool:
    """The loop, and what is done where no `break` left it."""
    name = frame.fresh("left_early")
    marked = _Marked(name)
    body = [s for part in deepcopy(node.body) for s in _several(marked.visit(part))]
    loop = ast.copy_location(ast.For(node.target, node.iter, body, [], None), node)
    rest = ast.If(ast.UnaryOp(ast.Not(), name_of(name)), node.orelse, [])
    exits = False
    for part in (_stored(name, False), loop, rest):
        exits = statement(frame, located(part, node))
    return exits
