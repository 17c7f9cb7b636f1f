"""Syntax that the compiler writes itself: names, places for nodes, names put for others."""

import ast
from copy import deepcopy
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


def parsed(text: str) -> list[ast.stmt]:
    """Statements from text."""
    return ast.parse(text).body


def name_of(text: str) -> ast.Name:
    """A name that is read."""
    return ast.Name(text, ast.Load())


def located(made: Node, like: ast.AST) -> Node:
    """The node with a place for each part that has none: that of another node."""
    for part in ast.walk(made):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, like)
    return made


class _Substitution(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return deepcopy(self.names.get(node.id, node))


def substituted(node: ast.expr, names: dict[str, ast.expr]) -> ast.expr:
    """An expression with expressions in the place of some names."""
    made: ast.expr = _Substitution(names).visit(deepcopy(node))
    return made
