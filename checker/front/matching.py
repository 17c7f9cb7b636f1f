"""`match` on unions, enums, None and numbers."""

import ast
from typing import Any

from planespec.checker.front.build import conjunction, is_true, local, predicate, truth
from planespec.checker.front.cases import chain, is_chain
from planespec.checker.front.comparisons import equality, is_none
from planespec.checker.front.control import branches
from planespec.checker.front.dispatch import unwrap, value
from planespec.checker.front.fields import field, path_of
from planespec.checker.front.locals import store_local, target
from planespec.checker.front.narrowing import class_names
from planespec.checker.front.scope import Frame, Local
from planespec.checker.front.statements import performs
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Record, Union

PATTERNS = "case Record(field=name), Role.MEMBER, None, a number, A() | B(), and _"


@performs(ast.Match)
def matching(frame: Frame, node: ast.Match) -> bool:
    """A `match` becomes a chain of `if`; captured fields become locals of their case."""
    if is_chain(node):
        return chain(frame, node)
    subject, name = _subject(frame, node)
    cases: list[Any] = []
    rest: Any = ({}, [])
    for case in node.cases:
        pattern = Pattern(frame, subject, name)
        condition = pattern.test(case.pattern, subject)
        body = [*pattern.captures, *case.body]
        if case.guard is not None:
            raise frame.refusal(
                case.guard, "a guard of a case is not part of the language", "if inside the case"
            )
        paths = (path_of(node.subject), name)
        facts = {} if pattern.names is None else dict.fromkeys(paths, pattern.names)
        if is_true(condition):
            rest = (facts, body)
            break
        cases.append((condition, facts, body))
    if not cases:
        cases = [(truth(True, frame.at(node)), *rest)]
        rest = ({}, [])
    branches(frame, node, cases, rest)
    return frame.left


def _subject(frame: Frame, node: ast.Match) -> tuple[Expr, str]:
    """The subject as an expression that can be asked several times."""
    found = value(frame, node.subject)
    if found.op in (Op.LOCAL, Op.PROJECT) and isinstance(node.subject, ast.Name):
        return found, node.subject.id
    name = target(frame, frame.fresh("subject"))
    frame.block.append(store_local(frame, node, name, found))
    frame.names[name] = Local(name)
    return local(name, frame.estimate(name) or found.type, found.at), name


class Pattern:
    """One pattern: the condition under which it matches, and the names it captures."""

    def __init__(self, frame: Frame, subject: Expr, name: str) -> None:
        self.frame, self.subject, self.name = frame, subject, name
        self.captures: list[ast.stmt] = []
        self.names: frozenset[str] | None = None

    def test(self, node: ast.pattern, found: Expr) -> Expr:
        """The condition under which the value matches the pattern."""
        frame, at = self.frame, self.frame.at(node)
        match node:
            case ast.MatchAs(pattern=None, name=None):
                return truth(True, at)
            case ast.MatchSingleton(value=None):
                return is_none(found)
            case ast.MatchSingleton(value=bool(flag)):
                return equality(frame, node, found, truth(flag, at), False)
            case ast.MatchValue(value=expression):
                return equality(frame, node, found, value(frame, expression), False)
            case ast.MatchOr(patterns=parts):
                return self._any(node, parts, found)
            case ast.MatchClass():
                return self._record(node, found)
        raise frame.refusal(node, "this pattern is not part of the language", PATTERNS)

    def _any(self, node: ast.AST, parts: list[ast.pattern], found: Expr) -> Expr:
        conditions, names = [], []
        for part in parts:
            conditions.append(self.test(part, found))
            names.append(self.names)
        known = [n for n in names if n is not None]
        self.names = frozenset[str]().union(*known) if len(known) == len(parts) else None
        return predicate(Op.OR, conditions, self.frame.at(node))

    def _record(self, node: ast.MatchClass, found: Expr) -> Expr:
        """`Record(field=pattern)`: the variant, then each field."""
        if node.patterns:
            raise self.frame.refusal(node, "fields are matched by name", "case Record(field=name)")
        names = class_names(self.frame, node.cls)
        plain = unwrap(found)
        present = [] if found is plain else [predicate(Op.NOT, [is_none(found)], found.at)]
        if isinstance(plain.type, Union):
            self.names = frozenset(names)
            chosen = predicate(Op.IS, [plain], self.frame.at(node), tuple(names))
            narrowed = [v for v in plain.type.variants if v.name in names]
        elif isinstance(plain.type, Record) and plain.type.name in names:
            chosen, narrowed = truth(True, self.frame.at(node)), [plain.type]
        else:
            raise self.frame.refusal(
                node, f"{plain.type} is never {names[0]}", "the records of the union"
            )
        if len(narrowed) != 1 and node.kwd_attrs:
            raise self.frame.refusal(node, "fields of one record only", "case Record(field=name)")
        parts = [*present, chosen, *self._fields(node, plain, narrowed)]
        return conjunction(parts, self.frame.at(node))

    def _fields(self, node: ast.MatchClass, plain: Expr, narrowed: list[Record]) -> list[Expr]:
        parts = []
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            owner = plain
            if isinstance(plain.type, Union):
                variant = narrowed[0]
                owner = Expr(Op.PROJECT, variant, (plain,), plain.at, variant.name)
            if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name:
                self._capture(node, pattern.name, name)
            else:
                kept = self.names
                parts.append(self.test(pattern, field(self.frame, node, owner, name)))
                self.names = kept
        return parts

    def _capture(self, node: ast.AST, local_name: str, field_name: str) -> None:
        """`x = subject.field` at the start of the case."""
        owner = ast.copy_location(ast.Name(self.name, ast.Load()), node)
        got = ast.copy_location(ast.Attribute(owner, field_name, ast.Load()), node)
        to = ast.copy_location(ast.Name(local_name, ast.Store()), node)
        self.captures.append(ast.copy_location(ast.Assign([to], got), node))
