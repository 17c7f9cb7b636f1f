"""`for k, v in ...`: the parts become locals at the start of each round."""

import ast

from planespec.checker.front.locals import store_local, target
from planespec.checker.front.rebinding import forget_changes
from planespec.checker.front.scope import Frame, Local
from planespec.checker.front.statements import block
from planespec.checker.front.unpacking import Unpacked, distributed
from planespec.checker.front.walks import rounds
from planespec.checker.ir.nodes import Check, For, Stmt


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
