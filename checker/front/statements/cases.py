"""`match` on tuples and lists, with guards, and on records by position: a chain of `if`."""

import ast
from copy import deepcopy

from planespec.checker.front.core.rewriting import located, name_of, substituted
from planespec.checker.front.core.scope import Frame, Known
from planespec.checker.front.dispatch import evaluate, value
from planespec.checker.front.statements import statement
from planespec.checker.ir.types import Seq, Tuple
from planespec.checker.lang.data.records import field_names, is_record

Place = ast.expr | list[ast.expr]
"""What a pattern looks at: an expression, or the parts of a tuple written out."""


def is_chain(node: ast.Match) -> bool:
    """Whether a match is read as a chain of `if` here."""
    patterns = [p for case in node.cases for p in ast.walk(case.pattern)]
    by_place = any(isinstance(p, ast.MatchClass) and p.patterns for p in patterns)
    rows = any(isinstance(p, ast.MatchSequence | ast.MatchStar) for p in patterns)
    return rows or by_place or any(case.guard is not None for case in node.cases)


def chain(frame: Frame, node: ast.Match) -> bool:
    """Compile such a match."""
    subject = _subject(frame, node)
    made: list[ast.stmt] = []
    for case in reversed(node.cases):
        pattern = _Pattern(frame)
        tests = pattern.tests(case.pattern, subject)
        if case.guard is not None:
            tests.append(substituted(case.guard, dict(pattern.captures)))
        body = [*pattern.assignments(), *case.body]
        made = [ast.If(_all(tests), body, made)] if tests else body
    found = [located(s, node) for s in made]
    exits = False
    for part in found:
        exits = statement(frame, part)
    return exits


def _all(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


def _subject(frame: Frame, node: ast.Match) -> Place:
    """The subject in locals, so that it is computed once."""
    if isinstance(node.subject, ast.Name):
        return node.subject
    if isinstance(node.subject, ast.Tuple):
        return [_kept(frame, node, e) for e in node.subject.elts]
    return _kept(frame, node, node.subject)


def _kept(frame: Frame, node: ast.Match, given: ast.expr) -> ast.expr:
    name = frame.fresh("subject")
    statement(frame, located(ast.Assign([ast.Name(name, ast.Store())], given), node))
    return ast.copy_location(name_of(name), given)


class _Pattern:
    """The tests of one pattern, and the names it captures with what they stand for."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.captures: list[tuple[str, ast.expr]] = []

    def assignments(self) -> list[ast.stmt]:
        """The captures as statements."""
        return [ast.Assign([ast.Name(n, ast.Store())], deepcopy(e)) for n, e in self.captures]

    def tests(self, node: ast.pattern, place: Place) -> list[ast.expr]:
        """What must hold for the pattern to match, in order."""
        match node:
            case ast.MatchAs(pattern=inner, name=name):
                found = [] if inner is None else self.tests(inner, place)
                if name is not None:
                    self.captures.append((name, _whole(place)))
                return found
            case ast.MatchOr(patterns=parts):
                return self._any(node, parts, place)
            case ast.MatchSequence(patterns=parts):
                return self._row(node, parts, place)
        return self._of_value(node, _whole(place))

    def _of_value(self, node: ast.pattern, place: ast.expr) -> list[ast.expr]:
        match node:
            case ast.MatchSingleton(value=constant):
                return [ast.Compare(place, [ast.Is()], [ast.Constant(constant)])]
            case ast.MatchValue(value=expression):
                return [ast.Compare(place, [ast.Eq()], [expression])]
            case ast.MatchClass():
                return self._record(node, place)
        raise self.frame.refusal(
            node, "this pattern is not part of the language", "values, names, tuples and records"
        )

    def _any(self, node: ast.pattern, parts: list[ast.pattern], place: Place) -> list[ast.expr]:
        before = len(self.captures)
        found = [self.tests(part, place) for part in parts]
        if len(self.captures) > before:
            raise self.frame.refusal(
                node, "a name inside `|` is not part of the language", "A() | B() as name"
            )
        if not all(found):
            return []
        return [ast.BoolOp(ast.Or(), [_all(tests) for tests in found])]

    def _row(
        self, node: ast.MatchSequence, parts: list[ast.pattern], place: Place
    ) -> list[ast.expr]:
        stars = [n for n, p in enumerate(parts) if isinstance(p, ast.MatchStar)]
        if isinstance(place, list) or self._is_tuple(node, place):
            return self._tuple(node, parts, place, stars)
        size = ast.Call(name_of("len"), [place], [])
        wanted = ast.Constant(len(parts) - len(stars))
        found: list[ast.expr] = [ast.Compare(size, [ast.GtE() if stars else ast.Eq()], [wanted])]
        for number, part in enumerate(parts):
            if isinstance(part, ast.MatchStar):
                self._star(part, place, size, number, len(parts) - number - 1)
                continue
            at = number if not stars or number < stars[0] else number - len(parts)
            index: ast.expr = ast.Constant(at)
            if at < 0:
                index = ast.UnaryOp(ast.USub(), ast.Constant(-at))
            found += self.tests(part, ast.Subscript(place, index, ast.Load()))
        return found

    def _star(
        self, part: ast.MatchStar, place: ast.expr, size: ast.expr, before: int, after: int
    ) -> None:
        if part.name is not None:
            end = ast.BinOp(size, ast.Sub(), ast.Constant(after))
            rest = ast.Slice(ast.Constant(before), end)
            taken = ast.Subscript(place, rest, ast.Load())
            self.captures.append((part.name, ast.Call(name_of("list"), [taken], [])))

    def _tuple(
        self, node: ast.MatchSequence, parts: list[ast.pattern], place: Place, stars: list[int]
    ) -> list[ast.expr]:
        """The parts of a tuple, of which there are as many as its type says."""
        places = place if isinstance(place, list) else self._places(place)
        if stars or len(places) != len(parts):
            raise self.frame.refusal(
                node, f"{len(parts)} patterns for {len(places)} values", "a pattern for each value"
            )
        return [t for p, x in zip(parts, places, strict=True) for t in self.tests(p, x)]

    def _is_tuple(self, node: ast.AST, place: ast.expr) -> bool:
        found = value(self.frame, located(deepcopy(place), node))
        if not isinstance(found.type, Tuple | Seq):
            raise self.frame.refusal(
                node, f"{found.type} is no sequence", "a tuple or a list as the subject"
            )
        return isinstance(found.type, Tuple)

    def _places(self, place: ast.expr) -> list[ast.expr]:
        type_ = value(self.frame, located(deepcopy(place), place)).type
        assert isinstance(type_, Tuple)
        numbers = range(len(type_.fields))
        return [ast.Subscript(place, ast.Constant(n), ast.Load()) for n in numbers]

    def _record(self, node: ast.MatchClass, place: ast.expr) -> list[ast.expr]:
        """The class, then the fields by place and by name."""
        asked: ast.expr = ast.Call(name_of("isinstance"), [place, node.cls], [])
        named = list(zip(node.kwd_attrs, node.kwd_patterns, strict=True))
        if node.patterns:
            found = evaluate(self.frame, node.cls)
            cls = found.value if isinstance(found, Known) else None
            if cls is None or not is_record(cls) or len(node.patterns) > len(field_names(cls)):
                raise self.frame.refusal(
                    node, "these are not its fields", "case Record(field=name)"
                )
            named = [*zip(field_names(cls), node.patterns, strict=False), *named]
        tests = [asked]
        for name, pattern in named:
            tests += self.tests(pattern, ast.Attribute(place, name, ast.Load()))
        return tests


def _whole(place: Place) -> ast.expr:
    return ast.Tuple(place, ast.Load()) if isinstance(place, list) else place
