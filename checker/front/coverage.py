"""Which values of its subject the cases of a `match` leave to later cases."""

import ast

from planespec.checker.front.dispatch import evaluate
from planespec.checker.front.narrowing import Facts, class_names, variant_names
from planespec.checker.front.scope import PRESENT, Frame, Known
from planespec.checker.ir.nodes import Expr
from planespec.checker.ir.types import Bool, Enum, Option, Type

Left = frozenset[str] | None
"""Records, members or truth values by name; None where the values have no names."""

NOTHING = "None"


def possible(subject: Expr) -> Left:
    """The values that the subject of a `match` may have."""
    type_, none = subject.type, frozenset[str]()
    if isinstance(type_, Option):
        type_, none = type_.inner, frozenset((NOTHING,))
    names = _named(type_)
    return None if names is None else names | none


def _named(type_: Type) -> Left:
    match type_:
        case Enum(_, members):
            return frozenset(members)
        case Bool():
            return frozenset(("True", "False"))
    return variant_names(type_)


def facts_of(left: Left, path: str) -> Facts:
    """What is known about a subject that has one of the values that are left."""
    if not left:
        return {}
    present = {} if NOTHING in left else {path + PRESENT: frozenset[str]()}
    return {path: left - {NOTHING}, **present}


def covered(frame: Frame, pattern: ast.pattern) -> frozenset[str]:
    """The values that a pattern always matches."""
    match pattern:
        case ast.MatchAs(pattern=inner) if inner is not None:
            return covered(frame, inner)
        case ast.MatchOr(patterns=parts):
            return frozenset[str]().union(*(covered(frame, part) for part in parts))
        case ast.MatchSingleton(value=single):
            return frozenset((str(single),))
        case ast.MatchClass() if all(map(_takes_all, pattern.kwd_patterns)):
            return frozenset(class_names(frame, pattern.cls))
        case ast.MatchValue(value=ast.Attribute() as member):
            found = evaluate(frame, member)
            name = getattr(found.value, "name", None) if isinstance(found, Known) else None
            return frozenset((name,)) if isinstance(name, str) else frozenset()
    return frozenset()


def _takes_all(pattern: ast.pattern) -> bool:
    """Whether a pattern matches whatever is there: `_`, or a name."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
