"""Leaves out code that the constants make dead, before it is compiled.

What exists only under a condition cannot be compiled where it does not exist, so code that is
never run there is not read either: the branch of an `if`, the rest of an `and` or `or`, an arm of
a conditional expression, what follows a branch that leaves the block or, in a function without a
result, a `require` that is never true. A condition is known where it is made of constants of the
model, sizes of domains, members of enums, literals, comparisons, arithmetic, `not`, `and`, `or`.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from planespec.checker.front.core.advice import Facts
from planespec.checker.front.core.scope import Frame, View
from planespec.checker.ir.types import Record, Sort
from planespec.checker.lang.collect import is_class_constant
from planespec.checker.lang.data.order import show
from planespec.checker.lang.presence import absent_defaults, absent_field
from planespec.checker.lang.source import FunctionSource

UNKNOWN = object()
"""The value of what the constants do not tell."""

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
EMPTY = {"frozenset": frozenset(), "tuple": (), "set": set(), "list": []}
LEAVES = (ast.Return, ast.Break, ast.Continue)


@dataclass(frozen=True)
class Constants:
    """What a function can tell by the constants; `views` are its names of the model."""

    facts: Facts
    views: frozenset[str]
    globals: Mapping[str, Any]

    def value(self, node: ast.expr, *, surely: bool = True) -> Any:
        """The value of an expression, or UNKNOWN.

        With `surely` nothing is evaluated on the way that might be a model error; without, it is
        the value that the expression has where it has one.
        """
        try:
            return self._value(node, surely)
        except (TypeError, ZeroDivisionError, AttributeError):
            return UNKNOWN

    def _value(self, node: ast.expr, surely: bool) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | None as literal):
                return literal
            case ast.Attribute():
                return self._attribute(node)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                found = self._value(inner, surely)
                return found if found is UNKNOWN else not found
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                found = self._value(inner, surely)
                return found if found is UNKNOWN else -found
            case ast.BoolOp(op=kind, values=parts):
                return self._junction(parts, isinstance(kind, ast.Or), surely)
            case ast.IfExp(test=test, body=yes, orelse=no):
                chosen = self._value(test, surely)
                return UNKNOWN if chosen is UNKNOWN else self._value(yes if chosen else no, surely)
            case ast.Tuple(elts=[]):
                return ()
            case ast.Call(func=ast.Name(id=name), args=[], keywords=[]) if name in EMPTY:
                return EMPTY[name]
        return self._operation(node, surely)

    def _operation(self, node: ast.expr, surely: bool) -> Any:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(attr=name) as walked]):
                sort = self.facts.domains.get(name) if self._is_view(walked.value) else None
                return sort.size if isinstance(sort, Sort) else UNKNOWN
            case ast.BinOp(left=left, op=kind, right=right) if type(kind) in OPERATORS:
                return self._applied(type(kind), left, right, surely)
            case ast.Compare(left=left, ops=kinds, comparators=rest):
                pairs = zip(kinds, [left, *rest], rest, strict=False)
                found = [self._applied(type(kind), a, b, surely) for kind, a, b in pairs]
                return UNKNOWN if UNKNOWN in found else all(found)
        return UNKNOWN

    def _applied(self, kind: type[ast.AST], left: ast.expr, right: ast.expr, surely: bool) -> Any:
        a, b = self._value(left, surely), self._value(right, surely)
        known = a is not UNKNOWN and b is not UNKNOWN and kind in OPERATORS
        return OPERATORS[kind](a, b) if known else UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Any:
        if not isinstance(node.value, ast.Name):
            return UNKNOWN
        facts = self.facts
        if self._is_view(node.value):
            if is_class_constant(facts.model, node.attr):
                found = getattr(facts.model, node.attr)
                return found if isinstance(found, bool | int | Enum) else UNKNOWN
            found = facts.constants.get(node.attr, UNKNOWN)
            return found if isinstance(found, bool | int | Enum) else UNKNOWN
        known = self.globals.get(node.value.id)
        if isinstance(known, type) and issubclass(known, Enum):
            return known.__members__.get(node.attr, UNKNOWN)
        return UNKNOWN

    def _is_view(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.views

    def _junction(self, parts: list[ast.expr], deciding: bool, surely: bool) -> Any:
        unsure = False
        for part in parts:
            found = self._value(part, surely)
            if found is deciding and not (surely and unsure):
                return deciding
            unsure = unsure or found is not (not deciding)
        return UNKNOWN if unsure else not deciding


def pruned(source: FunctionSource, constants: Constants) -> FunctionSource:
    """A function without what is never run with these constants."""
    node = deepcopy(source.node)
    _Pruner(constants, isinstance(node.returns, ast.Constant)).visit(node)
    return replace(source, node=node)


class _Pruner(ast.NodeTransformer):
    """Rewrites a syntax tree in place; `guards` says that a false `require` ends a block."""

    def __init__(self, constants: Constants, guards: bool) -> None:
        self.constants, self.guards = constants, guards

    def visit(self, node: ast.AST) -> Any:
        """A node, with its blocks rewritten statement by statement."""
        if isinstance(node, ast.If):
            return super().visit(node)
        for name in ("body", "orelse"):
            if isinstance(getattr(node, name, None), list):
                setattr(node, name, self._block(getattr(node, name), name == "body"))
        return super().visit(node)

    def _block(self, statements: list[Any], needed: bool) -> list[Any]:
        made: list[Any] = []
        for statement in statements:
            found = self._branch(statement) if isinstance(statement, ast.If) else [statement]
            made += found
            if self._ends(found, statement):
                break
        if not made and needed and statements:
            made.append(ast.copy_location(ast.Pass(), statements[0]))
        return made

    def _branch(self, node: ast.If) -> list[Any]:
        known = self.constants.value(node.test)
        if isinstance(known, bool):
            return self._block(node.body if known else node.orelse, False)
        likely = self.constants.value(node.test, surely=False)
        if likely is False:
            node.body = [ast.copy_location(ast.Pass(), node)]
        elif likely is True:
            node.orelse = []
        node.body = self._block(node.body, True)
        node.orelse = self._block(node.orelse, False)
        return [node]

    def _ends(self, made: list[Any], statement: ast.stmt) -> bool:
        """Whether nothing after a statement is run, for a reason that the constants give."""
        if isinstance(statement, ast.If):
            return made != [statement] and _leaves(made)
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="require"), args=[guard])):
                return self.guards and self.constants.value(guard, surely=False) is False
        return False

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        """`and`, `or` without the parts behind the one that decides."""
        deciding = isinstance(node.op, ast.Or)
        for number, part in enumerate(node.values):
            if self.constants.value(part, surely=False) is deciding:
                node.values = node.values[: number + 1]
                break
        self.generic_visit(node)
        return node.values[0] if len(node.values) == 1 else node

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        """The arm that is taken; a condition that might go wrong is still evaluated."""
        known = self.constants.value(node.test)
        if isinstance(known, bool):
            return self.visit(node.body if known else node.orelse)
        likely = self.constants.value(node.test, surely=False)
        if likely is True:
            node.orelse = deepcopy(node.body)
        elif likely is False:
            node.body = deepcopy(node.orelse)
        return self.generic_visit(node)


def _leaves(block: list[Any]) -> bool:
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return _leaves(last.body) and _leaves(last.orelse)
    return isinstance(last, LEAVES)


def constants_of(frame: Frame) -> Constants:
    """What the constants tell inside a function that is being compiled."""
    views = frozenset(name for name, bound in frame.names.items() if isinstance(bound, View))
    return Constants(frame.program.facts, views, frame.globals)


def left_out(frame: Frame, record: Record, name: str, given: ast.expr) -> bool:
    """Whether a record has no such field in this instance.

    It may then be given the default that it keeps under CPython, and nothing else.
    """
    absent = absent_defaults(record)
    if name not in absent:
        return False
    if constants_of(frame).value(given) != absent[name]:
        raise frame.refusal(
            given,
            f"{absent_field(record, name)}, which is false",
            f"{show(absent[name])}, or self.<constant> and ..., which the constants make so",
        )
    return True
