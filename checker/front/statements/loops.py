"""`for` over finite domains, with several names for the parts, with `else`."""

import ast
from copy import deepcopy

from planespec.checker.front.core import aliasing
from planespec.checker.front.core.advice import loop_targets
from planespec.checker.front.core.rewriting import located, name_of
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.expressions.comprehensions import element_type, rounds, walked
from planespec.checker.front.expressions.strict_zips import is_strict, note_early, with_check
from planespec.checker.front.expressions.unpacking import Unpacked, distributed
from planespec.checker.front.statements import block, performs, statement
from planespec.checker.front.statements.locals import store_local, target
from planespec.checker.front.statements.places import forget_changes
from planespec.checker.ir.nodes import Check, For, Stmt


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
