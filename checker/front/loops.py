"""`for` over finite domains."""

import ast

from planespec.checker.front import aliasing
from planespec.checker.front.advice import loop_targets
from planespec.checker.front.loop_else import loop_with_else
from planespec.checker.front.rebinding import forget_changes
from planespec.checker.front.scope import Frame, Local
from planespec.checker.front.statements import block, performs, statement
from planespec.checker.front.strict_zips import is_strict, note_early, with_check
from planespec.checker.front.unpacking_loops import unpacking_loop
from planespec.checker.front.walks import element_type, rounds, walked
from planespec.checker.ir.nodes import For


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
    if isinstance(node.target, ast.Tuple | ast.List) or _is_known_before(frame, node.target):
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
    shared = aliasing.roots(frame, walk)
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
