"""`match` on unions, enums, None and numbers."""

import ast
from typing import Any

from planespec.checker.front.core.building import (
    conjunction,
    is_one_of,
    is_true,
    local,
    predicate,
    truth,
    whole,
)
from planespec.checker.front.core.narrowing import (
    Facts,
    class_names,
    common_facts,
    covered,
    facts_of,
    possible,
)
from planespec.checker.front.core.scope import PRESENT, Frame, Local
from planespec.checker.front.dispatch import unwrap, value
from planespec.checker.front.expressions.comparisons import equality, is_none
from planespec.checker.front.expressions.tuples import field, path_of
from planespec.checker.front.statements import performs
from planespec.checker.front.statements.cases import chain, is_chain
from planespec.checker.front.statements.control import branches
from planespec.checker.front.statements.places import store_local, target
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Nothing, Record, Union

PATTERNS = "case Record(field=name), Role.MEMBER, None, a number, A() | B() as name, name, and _"


@performs(ast.Match)
def matching(frame: Frame, node: ast.Match) -> bool:
    """A `match` becomes a chain of `if`; captured fields become locals of their case.

    What earlier cases take is known not to be there in later ones; the case that takes the rest
    is not tested.
    """
    if is_chain(node):
        return chain(frame, node)
    subject, name = _subject(frame, node)
    cases: list[Any] = []
    left = possible(subject)
    for case in node.cases:
        facts = facts_of(left, name)
        with frame.narrowing(facts):
            pattern = Pattern(frame, name)
            condition = pattern.test(case.pattern, subject, ast.Name(name, ast.Load()))
        if case.guard is not None:
            raise frame.refusal(
                case.guard, "a guard of a case is not part of the language", "if inside the case"
            )
        body = [*pattern.captures, *case.body]
        known = _of_both(node.subject, name, {**facts, **pattern.facts})
        left = None if left is None else left - covered(frame, case.pattern)
        if is_true(condition) or (left == frozenset() and _has_result(frame)):
            return _branches(frame, node, cases, (known, body))
        cases.append((condition, known, body))
        if left == frozenset():
            return _branches(frame, node, cases, None)
    return _branches(frame, node, cases, (_of_both(node.subject, name, facts_of(left, name)), []))


def _has_result(frame: Frame) -> bool:
    """Whether the function gives a value, which must be seen to come on every path."""
    return not isinstance(frame.declared_result, Nothing | None)


def _branches(frame: Frame, node: ast.Match, cases: list[Any], rest: Any) -> bool:
    if not cases:
        cases = [(truth(True, frame.at(node)), *rest)]
        rest = ({}, [])
    branches(frame, node, cases, rest)
    return frame.left


def _of_both(subject: ast.expr, name: str, facts: Facts) -> Facts:
    """What is known about the copy that is asked is known about the subject as it is written."""
    written = {path_of(subject) + path[len(name) :]: known for path, known in facts.items()}
    return facts | written


def _subject(frame: Frame, node: ast.Match) -> tuple[Expr, str]:
    """The subject as an expression that can be asked several times."""
    found = value(frame, node.subject)
    if whole(found).op in (Op.LOCAL, Op.PROJECT) and isinstance(node.subject, ast.Name):
        return found, node.subject.id
    name = target(frame, frame.fresh("subject"))
    frame.block.append(store_local(frame, node, name, found))
    frame.names[name] = Local(name)
    return local(name, frame.estimate(name) or found.type, found.at), name


class Pattern:
    """One pattern: the condition under which it matches, the names it captures, what it says."""

    def __init__(self, frame: Frame, name: str) -> None:
        self.frame, self.name = frame, name
        self.captures: list[ast.stmt] = []
        self.facts: Facts = {}

    def test(self, node: ast.pattern, found: Expr, place: ast.expr) -> Expr:
        """The condition under which the value at a place matches the pattern."""
        frame, at = self.frame, self.frame.at(node)
        match node:
            case ast.MatchAs(pattern=inner, name=captured):
                condition = truth(True, at) if inner is None else self.test(inner, found, place)
                if captured is not None:
                    self._capture(node, captured, place)
                return condition
            case ast.MatchSingleton(value=None):
                return is_none(found)
            case ast.MatchSingleton(value=bool(flag)):
                return equality(frame, node, found, truth(flag, at), False)
            case ast.MatchValue(value=expression):
                return equality(frame, node, found, value(frame, expression), False)
            case ast.MatchOr(patterns=parts):
                return self._any(node, parts, found, place)
            case ast.MatchClass():
                return self._record(node, found, place)
        raise frame.refusal(node, "this pattern is not part of the language", PATTERNS)

    def _any(self, node: ast.AST, parts: list[ast.pattern], found: Expr, place: ast.expr) -> Expr:
        conditions, ways, outer = [], [], self.facts
        for part in parts:
            self.facts = {}
            conditions.append(self.test(part, found, place))
            ways.append(self.facts)
        self.facts = outer | common_facts(ways)
        if any(is_true(c) for c in conditions):
            return truth(True, self.frame.at(node))
        return predicate(Op.OR, conditions, self.frame.at(node))

    def _record(self, node: ast.MatchClass, found: Expr, place: ast.expr) -> Expr:
        """`Record(field=pattern)`: the variant, then each field."""
        if node.patterns:
            raise self.frame.refusal(node, "fields are matched by name", "case Record(field=name)")
        names, at = class_names(self.frame, node.cls), self.frame.at(node)
        plain = unwrap(found)
        present = [] if found is plain else [predicate(Op.NOT, [is_none(found)], found.at)]
        if isinstance(plain.type, Union):
            plain = whole(plain)
            assert isinstance(plain.type, Union)
            chosen = is_one_of(plain, names, at)
            narrowed = [v for v in plain.type.variants if v.name in names]
        elif isinstance(plain.type, Record) and plain.type.name in names:
            chosen, narrowed = truth(True, at), [plain.type]
        else:
            narrowed = []
        if not narrowed:
            raise self.frame.refusal(
                node, f"{plain.type} is never {names[0]}", "the records of the union"
            )
        if len(narrowed) != 1 and node.kwd_attrs:
            raise self.frame.refusal(node, "fields of one record only", "case Record(field=name)")
        path = path_of(place)
        self.facts |= {path: frozenset(v.name for v in narrowed), path + PRESENT: frozenset()}
        parts = [*present, chosen, *self._fields(node, plain, narrowed, place)]
        return conjunction(parts, at)

    def _fields(
        self, node: ast.MatchClass, plain: Expr, narrowed: list[Record], place: ast.expr
    ) -> list[Expr]:
        parts = []
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            owner = plain
            if isinstance(plain.type, Union):
                variant = narrowed[0]
                owner = Expr(Op.PROJECT, variant, (plain,), plain.at, variant.name)
            part = ast.copy_location(ast.Attribute(place, name, ast.Load()), node)
            parts.append(self.test(pattern, field(self.frame, node, owner, name), part))
        return parts

    def _capture(self, node: ast.AST, local_name: str, place: ast.expr) -> None:
        """`x = subject.field` at the start of the case."""
        got = ast.copy_location(place, node)
        to = ast.copy_location(ast.Name(local_name, ast.Store()), node)
        self.captures.append(ast.copy_location(ast.Assign([to], got), node))
