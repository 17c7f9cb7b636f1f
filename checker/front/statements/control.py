"""Control: if, return, break, continue, assert, and `for` over finite domains."""

import ast
from copy import deepcopy
from typing import Any

from planespec.checker.front.core import narrowing
from planespec.checker.front.core.advice import loop_targets
from planespec.checker.front.core.building import convert
from planespec.checker.front.core.narrowing import common_facts, narrowed_by
from planespec.checker.front.core.rewriting import located, name_of
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import fits, same_shape
from planespec.checker.front.dispatch import coerce, truth_value
from planespec.checker.front.expressions.comprehensions import element_type, rounds, walked
from planespec.checker.front.expressions.grid_walks import walk_of_grid
from planespec.checker.front.expressions.strict_zips import is_strict, note_early, with_check
from planespec.checker.front.expressions.unpacking import Unpacked, distributed
from planespec.checker.front.statements import block, performs, statement
from planespec.checker.front.statements.effects import value_or_effect
from planespec.checker.front.statements.places import (
    RESULT,
    forget_changes,
    learn,
    store_local,
    target,
)
from planespec.checker.ir.nodes import Break, Check, Continue, For, If, Return, Stmt
from planespec.checker.ir.types import Nothing


@performs(ast.Pass)
def passing(frame: Frame, node: ast.Pass) -> bool:
    """Nothing."""
    return False


@performs(ast.If)
def conditional(frame: Frame, node: ast.If) -> bool:
    """`if`, with what each branch knows about unions; what one branch assigns is not certain."""
    condition = truth_value(frame, node.test)
    yes, no = narrowed_by(frame, node.test, True), narrowed_by(frame, node.test, False)
    branches(frame, node, [(condition, yes, node.body)], (no, node.orelse))
    return frame.left


def branches(frame: Frame, node: ast.AST, cases: list[Any], rest: Any) -> None:
    """An If chain over cases (condition, narrowing, body); sets `frame.left`.

    `rest` is the narrowing and body of what no case takes, None where there is no such thing.
    """
    (condition, facts, body), *more = cases
    before, known = set(frame.assigned), frame.narrowed
    frame.narrowed = {**known, **facts}
    then, then_exits = block(frame, body)
    then_assigned, then_known = frame.assigned, frame.narrowed
    frame.assigned, frame.narrowed = set(before), known
    if more:
        outer, frame.block = frame.block, []
        branches(frame, node, more, rest)
        orelse, else_exits = tuple(frame.block), frame.left
        frame.block = outer
    else:
        frame.narrowed = known if rest is None else {**known, **rest[0]}
        orelse, else_exits = ((), True) if rest is None else block(frame, rest[1])
    frame.assigned = _certain(then_assigned, then_exits, frame.assigned, else_exits)
    frame.narrowed = _remaining(then_known, then_exits, frame.narrowed, else_exits)
    frame.block.append(If(frame.at(node), condition, then, orelse))
    frame.left = then_exits and else_exits


def _certain(a: set[str], a_exits: bool, b: set[str], b_exits: bool) -> set[str]:
    """Locals with a value after both branches."""
    if a_exits:
        return b
    return a if b_exits else a & b


def _remaining(
    a: dict[str, frozenset[str]], a_exits: bool, b: dict[str, frozenset[str]], b_exits: bool
) -> dict[str, frozenset[str]]:
    """What is known after both branches."""
    if a_exits:
        return b
    return a if b_exits else common_facts([a, b])


@performs(ast.Return)
def returning(frame: Frame, node: ast.Return) -> bool:
    """`return` with or without a value."""
    at = frame.at(node)
    if node.value is None or (
        isinstance(node.value, ast.Constant)
        and node.value.value is None
        and isinstance(frame.declared_result, Nothing)
    ):
        learn(frame, RESULT, Nothing(), node)
        frame.block.append(Return(at, None))
        return True
    found = value_or_effect(frame, node.value)
    if isinstance(frame.declared_result, Nothing):
        raise frame.refusal(
            node,
            "this function is declared to return nothing",
            "return alone; require(condition) for a guard; -> <type> for a helper",
        )
    declared = frame.declared_result
    if declared is not None and not fits(found.type, declared):
        fixed = coerce(frame, node, found, declared, "as the result")
        found = found if same_shape(found.type, declared) else fixed
    frame.shares |= narrowing.roots(frame, found)
    learn(frame, RESULT, found.type, node)
    wanted = frame.result
    if wanted is not None and fits(found.type, wanted):
        found = convert(found, wanted)
    frame.block.append(Return(at, found))
    return True


@performs(ast.Break)
def breaking(frame: Frame, node: ast.Break) -> bool:
    """`break`."""
    frame.block.append(Break(frame.at(node)))
    return True


@performs(ast.Continue)
def continuing(frame: Frame, node: ast.Continue) -> bool:
    """`continue`."""
    frame.block.append(Continue(frame.at(node)))
    return True


@performs(ast.Assert)
def asserting(frame: Frame, node: ast.Assert) -> bool:
    """`assert`: the model is in error where it is false; the message may be text of any kind."""
    condition = truth_value(frame, node.test)
    message = ""
    if isinstance(node.msg, ast.Constant) and isinstance(node.msg.value, str):
        message = node.msg.value
    elif node.msg is not None:
        message = ast.unparse(node.msg)
    frame.block.append(Check(frame.at(node), condition, message))
    frame.narrowed = {**frame.narrowed, **narrowed_by(frame, node.test, True)}
    return isinstance(node.test, ast.Constant) and node.test.value is False


# `for` over finite domains, with several names for the parts, with `else`.


class _Marked(ast.NodeTransformer):
    """Notes each `break` of one loop in a local; those of loops inside are theirs."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Break(self, node: ast.Break) -> list[ast.stmt]:
        return [_stored(self.name, True), node]

    def visit_For(self, node: ast.For) -> ast.For:
        node.orelse = [s for part in node.orelse for s in _several(self.visit(part))]
        return node

    def visit_While(self, node: ast.While) -> ast.While:
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


def unpacking_loop(frame: Frame, node: ast.For) -> bool:
    """A loop over pairs; what is walked may change in its elements, as in CPython, not in size."""
    frame.fixing = True
    try:
        walk = Unpacked(frame, node.iter, "element")
    finally:
        frame.fixing = False
    frame.locals[walk.name] = walk.type
    number = frame.clock
    before, changes = set(frame.assigned), len(frame.changes)
    outer, frame.loops = frame.loops, (*frame.loops, number)
    frame.trips.append((number, rounds(walk.domain)))
    forget_changes(frame, node)
    with frame.bind(f"{walk.name} ", Local(walk.name, walk.type)), frame.narrowing({}):
        prologue = _parts(frame, node, walk)
        body, _ = block(frame, node.body)
    frame.trips.pop()
    frame.loops, frame.assigned = outer, before
    _refuse_changes(frame, node, walk, changes)
    frame.block.append(For(frame.at(node), walk.name, walk.domain, (*prologue, *body)))
    return False


def _parts(frame: Frame, node: ast.For, walk: Unpacked) -> list[Stmt]:
    """The locals of a round, and the checks that there is a value for each."""
    checks: list[Check] = []
    found = list(distributed(frame, node, node.target, walk.part, checks))
    made: list[Stmt] = [*checks]
    for to, value in found:
        if not isinstance(to, ast.Name):
            raise frame.refusal(to, "a for binds names", "for k, v in ...")
        frame.forget(to.id)
        made.append(store_local(frame, to, target(frame, to.id), value))
    return made


def _refuse_changes(frame: Frame, node: ast.For, walk: Unpacked, first: int) -> None:
    for variable, _, _, place in frame.changes[first:]:
        inside = variable in walk.live and _is_inside(place, node.iter)
        if variable in walk.shared | walk.live and not inside:
            shown = variable.removeprefix("local ")
            raise frame.refusal(
                place, f"{shown} changes while it is walked", "a walk over a copy: list(...)"
            )


def _is_inside(place: ast.AST, walked: ast.expr) -> bool:
    """Whether a change is one of an element of what is walked, which keeps its size."""
    match place:
        case (
            ast.Assign(targets=[ast.Subscript() as to])
            | ast.AugAssign(target=ast.Subscript() as to)
        ):
            if isinstance(to.slice, ast.Slice):
                return False
        case ast.Call(func=ast.Attribute(value=to)):
            pass
        case _:
            return False
    owners = {ast.unparse(n) for n in ast.walk(walked) if isinstance(n, ast.Attribute | ast.Name)}
    return any(ast.unparse(to).startswith(f"{owner}[") for owner in owners)


@performs(ast.For)
def loop(frame: Frame, node: ast.For) -> bool:
    """A `for`; its variable is known inside only, what the body assigns is not certain after."""
    if is_strict(node.iter):
        look, loop_ = with_check(frame, node)
        statement(frame, look)
        return statement(frame, loop_)
    note_early(node.iter)
    if node.orelse:
        return loop_with_else(frame, node)
    several = isinstance(node.target, ast.Tuple | ast.List)
    if several or _is_known_before(frame, node.target) or walk_of_grid(frame, node.iter):
        return unpacking_loop(frame, node)
    if not isinstance(node.target, ast.Name):
        raise frame.refusal(node.target, "a for binds names", loop_targets())
    walk = walked(frame, node.iter)
    name, type_ = frame.fresh(node.target.id), element_type(walk)
    frame.locals[name] = type_
    number = frame.clock
    before, changes = set(frame.assigned), len(frame.changes)
    outer, frame.loops = frame.loops, (*frame.loops, number)
    frame.trips.append((number, rounds(walk)))
    forget_changes(frame, node)
    with frame.bind(node.target.id, Local(name, type_)), frame.narrowing({}):
        body, _ = block(frame, node.body)
    frame.trips.pop()
    frame.loops, frame.assigned = outer, before
    shared = narrowing.roots(frame, walk)
    for variable, _, _, place in frame.changes[changes:]:
        if variable in shared:
            shown = variable.removeprefix("local ")
            raise frame.refusal(
                place, f"{shown} changes while it is walked", "a walk over a copy: set(...)"
            )
    frame.block.append(For(frame.at(node), name, walk, body))
    return False


def _is_known_before(frame: Frame, target: ast.expr) -> bool:
    """Whether a local has the name already: after the loop it holds the last element."""
    if not isinstance(target, ast.Name):
        return False
    binding = frame.names.get(target.id)
    return isinstance(binding, Local) and binding.type is None
