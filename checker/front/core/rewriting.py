"""Syntax that the compiler writes itself: names for others, `:=` and `given` on lines before."""

import ast
from collections.abc import Iterator
from copy import copy, deepcopy
from typing import Any, TypeVar

from planespec.checker.front.core.scope import Frame
from planespec.checker.lang.choice import given

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


HEADERS: dict[type[ast.stmt], tuple[str, ...]] = {
    ast.If: ("test",),
    ast.Assign: ("value", "targets"),
    ast.AnnAssign: ("value",),
    ast.AugAssign: ("target", "value"),
    ast.Expr: ("value",),
    ast.Return: ("value",),
    ast.Assert: ("test",),
    ast.For: ("iter",),
    ast.Match: ("subject",),
    ast.Delete: ("targets",),
}
"""The expressions of a statement that are evaluated whenever it is reached, in order."""


class Guarded(ast.stmt):
    """`given(...)` inside a line: a guard, after which `name` stands for the value."""

    _fields = ("value",)

    def __init__(self, name: str, value: ast.Call) -> None:
        super().__init__()
        self.name, self.value = name, value


class Computed(ast.stmt):
    """A value that is computed before a guard; a model error where it cannot be."""

    _fields = ("value",)

    def __init__(self, value: ast.expr) -> None:
        super().__init__()
        self.value = value


def hoisted(frame: Frame, node: ast.stmt) -> tuple[list[ast.stmt], ast.stmt]:
    """The statements that a statement begins with, and the statement without them."""
    fields = HEADERS.get(type(node), ())
    parts = [part for field in fields for part in _parts(node, field)]
    if not any(_is_taken(frame, inner) for part in parts for inner in ast.walk(part)):
        return [], node
    plain = _Plain(frame)
    rest = copy(node)
    for field in fields:
        setattr(rest, field, plain.header(node, field))
    return [located(s, node) for s in plain.before], rest


def _parts(node: ast.AST, field: str) -> list[ast.expr]:
    found = getattr(node, field)
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _is_taken(frame: Frame, node: ast.AST) -> bool:
    return isinstance(node, ast.NamedExpr) or is_given(frame, node)


def is_given(frame: Frame, node: ast.AST) -> bool:
    """Whether a node is a call of `given`."""
    return isinstance(node, ast.Call) and _object_of(frame, node.func) is given


def _object_of(frame: Frame, node: ast.expr) -> Any:
    """The Python object that a name of the module, or of a module in it, stands for."""
    match node:
        case ast.Name(name) if name not in frame.names:
            found = frame.globals.get(name)
            return frame.closure.get(name) if found is None else found
        case ast.Attribute(value=ast.Name() as owner, attr=attr):
            return getattr(_object_of(frame, owner), attr, None)
    return None


class _Plain:
    """Takes parts out of an expression in the order of evaluation, up to what may be skipped."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.before: list[ast.stmt] = []
        self.read: set[str] = set()
        self.done: list[ast.expr] = []
        """What is evaluated before the part that is looked at."""

    def header(self, node: ast.stmt, field: str) -> Any:
        """An expression of a statement, or its targets."""
        found = getattr(node, field)
        if field == "targets":
            return [self._target(node, to) for to in found] if len(found) == 1 else found
        if field == "value" and isinstance(node, ast.Expr) and is_given(self.frame, found):
            made = copy(found)
            made.args = [self.visited(a) for a in found.args]
            return made
        return None if found is None else self._evaluated_first(found)

    def _evaluated_first(self, node: ast.expr) -> ast.expr:
        made = self.visited(node)
        self.done.append(made)
        return made

    def _target(self, node: ast.stmt, to: ast.expr) -> ast.expr:
        """What is stored to: its keys are evaluated after the value."""
        if not any(is_given(self.frame, part) for part in ast.walk(to)):
            return to
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            self._refuse_effect(node.value)
        return to if isinstance(to, ast.Tuple | ast.List) else self.visited(to)

    def _refuse_effect(self, call: ast.Call) -> None:
        """What chooses or changes the state is evaluated once, so it cannot be computed before."""
        from planespec.checker.front.statements.effects import callee
        from planespec.checker.front.statements.mutators import CHANGING
        from planespec.checker.lang.choice import choose

        changes = isinstance(call.func, ast.Attribute) and call.func.attr in CHANGING
        if changes or callee(self.frame, call) is choose:
            raise self.frame.refusal(
                call, "this call comes before a given(...)", "x = given(...) on a line before"
            )

    def visited(self, node: ast.expr) -> ast.expr:
        """The expression with names in the place of what was taken out."""
        if isinstance(node, ast.NamedExpr):
            return self._assigned(node)
        taken, mark = is_given(self.frame, node), len(self.done)
        made = copy(node)
        for part, field in self._evaluated(node):
            made_part = self.visited(part)
            method = isinstance(made_part, ast.Attribute) and field == "func"
            self.done.append(made_part.value if method else made_part)  # type: ignore[attr-defined]
            _replace(made, field, part, made_part)
        del self.done[mark:]
        if taken:
            assert isinstance(made, ast.Call)
            return self._guarded(node, made)
        self.read |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return made

    def _assigned(self, node: ast.NamedExpr) -> ast.expr:
        if node.target.id in self.read:
            return node
        value = self.visited(node.value)
        self.before.append(ast.Assign([ast.Name(node.target.id, ast.Store())], value))
        self.read.add(node.target.id)
        return ast.copy_location(ast.Name(node.target.id, ast.Load()), node)

    def _guarded(self, node: ast.expr, made: ast.Call) -> ast.expr:
        early = [part for part in self.done if not isinstance(part, ast.Name | ast.Constant)]
        self.before += [ast.copy_location(Computed(_read(part)), part) for part in early]
        name = f"{self.frame.fresh('given')} "
        self.before.append(ast.copy_location(Guarded(name, made), node))
        self.read |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return ast.copy_location(name_of(name), node)

    def _evaluated(self, node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
        """The parts that are evaluated in any case, in order, each with the field it is in."""
        for field in EVALUATED.get(type(node), ()):
            yield from ((part, field) for part in _parts(node, field))
        match node:
            case ast.BoolOp(values=[first, *_]):
                yield first, "values"
            case ast.Compare(comparators=[first, *_]):
                yield first, "comparators"
            case ast.Call(func=ast.Attribute() as method) if not is_given(self.frame, node):
                yield method, "func"
        if isinstance(node, ast.Call):
            yield from ((part, "args") for part in node.args)
            yield from ((keyword.value, "keywords") for keyword in node.keywords)


EVALUATED: dict[type[ast.expr], tuple[str, ...]] = {
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.Compare: ("left",),
    ast.IfExp: ("test",),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Subscript: ("value", "slice"),
    ast.Slice: ("lower", "upper", "step"),
    ast.Starred: ("value",),
    ast.Attribute: ("value",),
}
"""The parts of an expression that are evaluated first, and in any case."""


def _replace(made: ast.expr, field: str, part: ast.expr, by: ast.expr) -> None:
    """Put a part in the place of another."""
    if field == "keywords":
        assert isinstance(made, ast.Call)
        made.keywords = [_keyword(k, by) if k.value is part else k for k in made.keywords]
    elif isinstance(getattr(made, field), list):
        setattr(made, field, [by if p is part else p for p in getattr(made, field)])
    else:
        setattr(made, field, by)


def _keyword(keyword: ast.keyword, value: ast.expr) -> ast.keyword:
    made = copy(keyword)
    made.value = value
    return made


def _read(node: ast.expr) -> ast.expr:
    """A target as an expression that is read."""
    made = copy(node)
    if isinstance(made, ast.Attribute | ast.Subscript | ast.Name):
        made.ctx = ast.Load()
    return made
