"""Control: if, return, break, continue, assert."""

import ast
from typing import Any

from planespec.checker.front.core import aliasing
from planespec.checker.front.core.building import convert
from planespec.checker.front.core.narrowing import common_facts, narrowed_by
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import fits, same_shape
from planespec.checker.front.dispatch import coerce, truth_value
from planespec.checker.front.statements import block, performs
from planespec.checker.front.statements.effects import value_or_effect
from planespec.checker.front.statements.locals import RESULT, learn
from planespec.checker.ir.nodes import Break, Check, Continue, If, Return
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
    frame.shares |= aliasing.roots(frame, found)
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
