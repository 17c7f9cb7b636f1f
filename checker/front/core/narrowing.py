"""What is known of a path: what tests say of its type, and which other name it has."""

import ast
from collections.abc import Iterable
from typing import Any

from planespec.checker.front.core.scope import PRESENT, Frame, Known
from planespec.checker.front.core.type_relations import has_parts_that_change, may_change
from planespec.checker.front.dispatch import evaluate, value
from planespec.checker.front.expressions.tuples import path_of
from planespec.checker.ir.nodes import Expr, Fold, Op
from planespec.checker.ir.types import Bool, Enum, Option, Record, Type, Union

Facts = dict[str, frozenset[str]]


def narrowed_by(frame: Frame, node: ast.expr, truth: bool) -> Facts:
    """What is known where the condition is `truth`."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            return narrowed_by(frame, node.operand, not truth)
        case ast.BoolOp(op=operator):
            together = isinstance(operator, ast.And) is truth
            return (_all if together else _one)(frame, node.values, truth)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
            return _instance(frame, subject, classes, truth)
        case ast.Compare(left=subject, ops=[operator], comparators=[ast.Constant(value=None)]):
            return _presence(subject, operator, truth)
        case ast.Compare(left=ast.Constant(value=None), ops=[operator], comparators=[subject]):
            return _presence(subject, operator, truth)
    return {}


def _presence(subject: ast.expr, operator: ast.cmpop, truth: bool) -> Facts:
    absent = isinstance(operator, ast.Is | ast.Eq)
    present = isinstance(operator, ast.IsNot | ast.NotEq)
    return {path_of(subject) + PRESENT: frozenset()} if (present if truth else absent) else {}


def _all(frame: Frame, parts: list[ast.expr], truth: bool) -> Facts:
    """All parts are `truth`."""
    found: Facts = {}
    with frame.narrowing({}):
        for part in parts:
            found |= narrowed_by(frame, part, truth)
            frame.narrowed = {**frame.narrowed, **found}
    return found


def _one(frame: Frame, parts: list[ast.expr], truth: bool) -> Facts:
    """Some part is `truth`, and those before it are not."""
    ways: list[Facts] = []
    with frame.narrowing({}):
        before: Facts = {}
        for part in parts:
            ways.append({**before, **narrowed_by(frame, part, truth)})
            before |= narrowed_by(frame, part, not truth)
            frame.narrowed = {**frame.narrowed, **before}
    return common_facts(ways)


def common_facts(ways: Iterable[Facts]) -> Facts:
    """What is known whichever of several things happened."""
    first, *rest = ways
    for other in rest:
        first = {path: first[path] | other[path] for path in first.keys() & other.keys()}
    return first


def _instance(frame: Frame, subject: ast.expr, classes: ast.expr, truth: bool) -> Facts:
    path = path_of(subject)
    possible = known_variants(frame, subject)
    if possible is None:
        return {}
    named = frozenset(class_names(frame, classes))
    if not truth:
        return {path: possible - named}
    return {path: possible & named, path + PRESENT: frozenset()}


def known_variants(frame: Frame, subject: ast.expr) -> frozenset[str] | None:
    """The variants a path may still be; None for what is no union."""
    return variant_names(value(frame, subject).type)


def facts_of_value(place: ast.expr, found: Expr) -> Facts:
    """What is known about a place that was given a value: a record as long as it is there."""
    if any(isinstance(part, ast.Call) for part in ast.walk(place)):
        return {}
    names = None if isinstance(found.type, Option) else variant_names(found.type)
    path = path_of(place)
    return {} if names is None else {path: names, path + PRESENT: frozenset()}


def variant_names(type_: Type) -> frozenset[str] | None:
    """The records that a value of a type may be, None left aside; None for what is no record."""
    if isinstance(type_, Option):
        type_ = type_.inner
    if isinstance(type_, Union):
        return frozenset(v.name for v in type_.variants)
    return frozenset((type_.name,)) if isinstance(type_, Record) else None


def class_names(frame: Frame, node: ast.expr) -> list[str]:
    """The record classes in `A`, `A | B` or `(A, B)`."""
    if isinstance(node, ast.Tuple):
        return [name for part in node.elts for name in class_names(frame, part)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*class_names(frame, node.left), *class_names(frame, node.right)]
    found = evaluate(frame, node)
    if isinstance(found, Known):
        names = _record_names(frame, node, found.value)
        if names:
            return names
    raise frame.refusal(node, "isinstance asks for record classes", "A, A | B or (A, B)")


def _record_names(frame: Frame, node: ast.expr, object_: Any) -> list[str]:
    if isinstance(object_, tuple):
        return [name for part in object_ for name in _record_names(frame, node, part)]
    type_ = frame.program.facts.resolve(object_)
    match type_:
        case Record(name):
            return [name]
        case Union(variants):
            return [v.name for v in variants]
    return []


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


# Refuses a second name for a mutable part of the state that changes while the name is in use.
#
# In the IR every local is a value. CPython shares mutable objects, so the two agree only where
# nobody can see the sharing: between the line that gives the name and a later use, the state
# variable must not change. Inside a loop that starts after the name was given, "later" is the
# next round.


PARTS = (Op.INDEX, Op.AT, Op.UNWRAP)


def roots(frame: Frame, value: Expr) -> frozenset[str]:
    """State variables that a mutable value is a part of, and locals it shares (as `local x`)."""
    if not may_change(value.type):
        return frozenset()
    match value.op:
        case Op.STATE:
            return frozenset((value.arg,))
        case Op.TABLE:
            return frozenset((value.arg.name,))
        case Op.LOCAL:
            return frozenset((f"local {value.arg}",)) | _bound(frame, value.arg)
        case Op.INDEX | Op.AT | Op.UNWRAP:
            return _part(frame, value.args[0])
        case Op.IF:
            return roots(frame, value.args[1]) | roots(frame, value.args[2])
        case Op.CALL:
            return _result(frame, value)
    return frozenset()


def _part(frame: Frame, owner: Expr) -> frozenset[str]:
    return roots(frame, owner) if may_change(owner.type) else frozenset()


def _bound(frame: Frame, name: str) -> frozenset[str]:
    held = (*frame.binds, *frame.holds)
    found = [shared for local, shared, *_ in held if local == name]
    return frozenset[str]().union(*found)


def _result(frame: Frame, call: Expr) -> frozenset[str]:
    helper = frame.program.by_name.get(call.arg)
    shared = helper.shares if helper is not None else frozenset[str]()
    own = [roots(frame, argument) for argument in call.args]
    state = frozenset(s for s in shared if not s.startswith("local "))
    return state.union(*own) if len(state) < len(shared) else state


def roots_inside(frame: Frame, value: Expr) -> frozenset[str]:
    """As `roots`, of what a new collection has as its elements: `[xs]`, `{k: self.sets[k]}`."""
    if not has_parts_that_change(value.type):
        return frozenset()
    if isinstance(value, Fold) and value.body is not None:
        found = roots(frame, value.body) | roots_inside(frame, value.body)
        own = frozenset(f"local {g.name}" for g in value.generators)
        walked = [roots(frame, g.domain) for g in value.generators] if found & own else []
        return (found - own).union(*walked)
    if value.op in (Op.LOCAL, Op.STATE, Op.TABLE, Op.INDEX, Op.AT, Op.CALL):
        return frozenset()
    return frozenset[str]().union(*(roots(frame, a) | roots_inside(frame, a) for a in value.args))


def is_apart(value: Expr) -> bool:
    """Whether every element of a collection is an object of its own, made for its place."""
    if not has_parts_that_change(value.type):
        return True
    if isinstance(value, Fold):
        return value.body is not None and _is_new(value.body)
    match value.op:
        case Op.ARRAY | Op.SEQ:
            once = len({a.at for a in value.args}) == len(value.args)  # [[0]] * 2 has one twice
            return once and all(map(_is_new, value.args))
        case Op.IF:
            return all(map(is_apart, value.args[1:]))
        case Op.SOME:
            return is_apart(value.args[0])
        case Op.CONVERT:  # that of a type to itself is a copy, which shares the elements
            return value.type != value.args[0].type and is_apart(value.args[0])
    return value.op is Op.CONST


def _is_new(value: Expr) -> bool:
    """Whether computing a value makes a new object, also inside."""
    made = (Op.FOLD, Op.ARRAY, Op.SEQ, Op.SET, Op.BAG, Op.CONST, Op.CONCAT, Op.UNION)
    if not may_change(value.type):
        return True
    if value.op is Op.CONVERT:
        copy = value.type == value.args[0].type
        return not has_parts_that_change(value.type) if copy else _is_new(value.args[0])
    return value.op in made and is_apart(value)


def check(frame: Frame) -> None:
    """Judge all names of a function once its types are settled."""
    for name, place in frame.deep:
        if name in frame.mixed:
            raise frame.refusal(
                place,
                f"elements of {name.split('.')[0]} may be one object, or have another name",
                "a copy of each: [list(x) for x in xs], {k: set(xs[k]) for k in domain}",
            )
    for local, shared, clock, loops, node in (*frame.binds, *frame.holds):
        for variable, changed, changed_loops, place in frame.changes:
            if variable in shared and _seen(
                frame, local, (clock, loops), (changed, changed_loops)
            ):
                _refuse(frame, node, place, local, variable)


def _seen(
    frame: Frame,
    local: str,
    bound: tuple[int, tuple[int, ...]],
    changed: tuple[int, tuple[int, ...]],
) -> bool:
    """Whether the name is used after the change."""
    for name, read, loops in frame.reads:
        if name != local:
            continue
        if bound[0] < changed[0] < read:
            return True
        shared = set(loops) & set(changed[1]) - set(bound[1])
        if shared and changed[0] > bound[0]:
            return True
    return False


def _refuse(frame: Frame, node: object, place: object, local: str, variable: str) -> None:
    import ast

    assert isinstance(node, ast.AST)
    assert isinstance(place, ast.AST)
    name = local.split(".")[0]
    line = frame.at(place).line
    if variable.startswith("local "):
        variable = variable.removeprefix("local ")
    raise frame.refusal(
        node,
        f"{name} is another name for a part of {variable}, which changes in line {line}",
        f"a copy: set(...), list(...); or read {variable} where it is needed",
    )
