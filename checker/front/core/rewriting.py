"""Syntax that the compiler writes itself: names put for others, and `:=` on a line before."""

import ast
from copy import copy, deepcopy
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


HEADERS: dict[type[ast.stmt], str] = {
    ast.If: "test",
    ast.Assign: "value",
    ast.AnnAssign: "value",
    ast.AugAssign: "value",
    ast.Expr: "value",
    ast.Return: "value",
    ast.Assert: "test",
    ast.For: "iter",
    ast.Match: "subject",
}


def hoisted(node: ast.stmt) -> tuple[list[ast.stmt], ast.stmt]:
    """The assignments that a statement begins with, and the statement without them."""
    name = HEADERS.get(type(node))
    header = getattr(node, name, None) if name is not None else None
    if name is None or not isinstance(header, ast.expr):
        return [], node
    if not any(isinstance(part, ast.NamedExpr) for part in ast.walk(header)):
        return [], node
    plain = _Plain()
    rest = copy(node)
    setattr(rest, name, plain.visited(header))
    return [located(s, node) for s in plain.before], rest


class _Plain:
    """Takes `:=` out of an expression in the order of evaluation, up to what may be skipped."""

    def __init__(self) -> None:
        self.before: list[ast.stmt] = []
        self.read: set[str] = set()

    def visited(self, node: ast.expr) -> ast.expr:
        """The expression with names in the place of assignments."""
        if isinstance(node, ast.NamedExpr):
            return self._taken(node)
        made = copy(node)
        for field in self._evaluated(node):
            part = getattr(node, field)
            if isinstance(part, list):
                setattr(made, field, [self.visited(p) for p in part])
            elif isinstance(part, ast.expr):
                setattr(made, field, self.visited(part))
        match made:
            case ast.BoolOp(values=[first, *rest]):
                made.values = [self.visited(first), *rest]
            case ast.Compare(comparators=[first, *rest]):
                made.comparators = [self.visited(first), *rest]
        self.read |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return made

    def _taken(self, node: ast.NamedExpr) -> ast.expr:
        if node.target.id in self.read:
            return node
        given = self.visited(node.value)
        self.before.append(ast.Assign([ast.Name(node.target.id, ast.Store())], given))
        self.read.add(node.target.id)
        return ast.copy_location(ast.Name(node.target.id, ast.Load()), node)

    def _evaluated(self, node: ast.expr) -> tuple[str, ...]:
        """The parts that are evaluated in any case, in order."""
        match node:
            case ast.BinOp():
                return ("left", "right")
            case ast.UnaryOp():
                return ("operand",)
            case ast.Compare():
                return ("left",)
            case ast.Call():
                return ("args",)
            case ast.IfExp():
                return ("test",)
            case ast.Tuple() | ast.List() | ast.Set():
                return ("elts",)
            case ast.Subscript():
                return ("value", "slice")
            case ast.Attribute():
                return ("value",)
        return ()
