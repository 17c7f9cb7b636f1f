"""Refuses a second name for a mutable part of the state that changes while the name is in use.

In the IR every local is a value. CPython shares mutable objects, so the two agree only where
nobody can see the sharing: between the line that gives the name and a later use, the state
variable must not change. Inside a loop that starts after the name was given, "later" is the next
round.
"""

from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import is_mutable
from planespec.checker.ir.nodes import Expr, Op

PARTS = (Op.INDEX, Op.AT, Op.UNWRAP)


def roots(frame: Frame, value: Expr) -> frozenset[str]:
    """State variables that a mutable value is a part of, and locals it shares (as `local x`)."""
    if not is_mutable(value.type):
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
    return roots(frame, owner) if is_mutable(owner.type) else frozenset()


def _bound(frame: Frame, name: str) -> frozenset[str]:
    found = [shared for local, shared, *_ in frame.binds if local == name]
    return frozenset[str]().union(*found)


def _result(frame: Frame, call: Expr) -> frozenset[str]:
    helper = frame.program.by_name.get(call.arg)
    shared = helper.shares if helper is not None else frozenset[str]()
    own = [roots(frame, argument) for argument in call.args]
    state = frozenset(s for s in shared if not s.startswith("local "))
    return state.union(*own) if len(state) < len(shared) else state


def check(frame: Frame) -> None:
    """Judge all names of a function once its types are settled."""
    for local, shared, clock, loops, node in frame.binds:
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
