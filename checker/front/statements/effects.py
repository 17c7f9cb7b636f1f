"""What stands on a line of its own: require, given, choose, helpers that change the state."""

import ast
from typing import Any, assert_never

from planespec.checker.front.core.building import local, negation, truth
from planespec.checker.front.core.failing import computed
from planespec.checker.front.core.narrowing import narrowed_by
from planespec.checker.front.core.rewriting import Computed, Guarded
from planespec.checker.front.core.scope import PRESENT, Bound, Frame, Inline, Known
from planespec.checker.front.dispatch import evaluate, owner_of, truth_value, unwrap, value
from planespec.checker.front.expressions.comparisons import is_none
from planespec.checker.front.expressions.comprehensions import collected, element_type, walked
from planespec.checker.front.expressions.tuples import path_of, stored_fills
from planespec.checker.front.helpers import is_foreign, prepare
from planespec.checker.front.statements import performs
from planespec.checker.front.statements.mutators import mutate
from planespec.checker.front.statements.places import store_local
from planespec.checker.ir.nodes import Check, Choose, Do, Expr, Fold, Op, Reduction, Require
from planespec.checker.ir.traversal import inside
from planespec.checker.ir.types import Nothing, Option
from planespec.checker.lang.choice import choose, given, require


def callee(frame: Frame, node: ast.AST) -> Any:
    """The Python object that a call calls, where it is known by name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        found = evaluate(frame, node.func)
        return found.value if isinstance(found, Known) else found
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = owner_of(frame, node.func)
        if not isinstance(owner, Expr):
            found = evaluate(frame, node.func)
            return found.value if isinstance(found, Known) else found
    return None


def helper_of(frame: Frame, node: ast.AST) -> Bound | Known | None:
    """The helper of the model that a call calls; None for everything else."""
    from types import FunctionType

    found = callee(frame, node)
    if isinstance(found, Bound):
        return found
    own = isinstance(found, FunctionType) and found not in (choose, given, require)
    return Known(found) if own and not (_of_language(found) or is_foreign(found)) else None


def _of_language(function: Any) -> bool:
    """Whether it is no helper of the model: `replace` of the standard library is none either."""
    return str(function.__module__).startswith(("planespec.checker.lang", "dataclasses"))


def value_or_effect(frame: Frame, node: ast.expr, name: str | None = None) -> Expr:
    """A value that may come from `choose` or a helper with effects; emits the statement for it.

    `name` is the local that takes the result, where there is one.
    """
    if isinstance(node, ast.Call):
        if callee(frame, node) is choose:
            return _choice(frame, node, name)
        helper = helper_of(frame, node)
        if helper is not None:
            return _result(frame, node, helper)
        popped = mutate(frame, node, wants_result=True)
        if popped is not None:
            return popped
    return value(frame, node)


def _choice(frame: Frame, node: ast.Call, name: str | None) -> Expr:
    if len(node.args) != 1 or node.keywords:
        raise frame.refusal(node, "choose takes one collection", "x = choose(xs)")
    if frame.pure_only:
        raise frame.refusal(node, f"{frame.pure_only} chooses", "any(...) or all(...)")
    frame.effects.add("chooses")
    options = node.args[0]
    if isinstance(options, ast.GeneratorExp):
        domain = collected(frame, options, Reduction.SEQ, options.elt, options.generators)
    else:
        domain = walked(frame, options)
    type_ = element_type(domain)
    taken = frame.fresh(f"{name}.chosen") if name else frame.fresh("choice")
    frame.locals[taken] = type_
    frame.block.append(Choose(frame.at(node), taken, domain))
    return local(taken, type_, frame.at(node))


def _result(frame: Frame, node: ast.Call, callee_: Bound | Known) -> Expr:
    helper, args = prepare(frame, node, callee_, node)
    at, function = frame.at(node), helper.function
    if isinstance(function.result, Nothing):
        raise frame.refusal(
            node, f"{function.name.split('#')[0]} returns nothing", "a helper with a result"
        )
    if helper.pure:
        return Expr(Op.CALL, function.result, args, at, function.name)
    taken = frame.fresh("result")
    frame.locals[taken] = function.result
    frame.block.append(Do(at, function.name, args, taken))
    return local(taken, function.result, at)


@performs(ast.Expr)
def expression_statement(frame: Frame, node: ast.Expr) -> bool:
    """A docstring, a guard, a call of a procedure, a change of a collection."""
    call = node.value
    if isinstance(call, ast.Constant) and isinstance(call.value, str):
        return False
    if isinstance(call, ast.Constant) and call.value is Ellipsis:
        return False
    if not isinstance(call, ast.Call):
        raise frame.refusal(
            node, "this line has no effect", "an assignment, require(...) or a call"
        )
    found = callee(frame, call)
    if found is require:
        return _guard(frame, call)
    if found is given:
        present_value(frame, call)
        return False
    if found is assert_never:
        frame.block.append(Check(frame.at(node), truth(False, frame.at(node)), "assert_never"))
        return True
    if found is choose:
        raise frame.refusal(node, "what is chosen here is not used", "x = choose(...)")
    helper = helper_of(frame, call)
    if helper is not None:
        return _procedure(frame, call, helper)
    if mutate(frame, call, wants_result=False) is None:
        value(frame, call)
        raise frame.refusal(
            node, "this line has no effect", "an assignment, require(...) or a call"
        )
    return False


def _guard(frame: Frame, node: ast.Call) -> bool:
    if len(node.args) != 1 or node.keywords:
        raise frame.refusal(node, "require takes one condition", "require(condition)")
    _note_guard(frame, node, "if, and, or")
    frame.block.append(Require(frame.at(node), truth_value(frame, node.args[0])))
    frame.narrowed = {**frame.narrowed, **narrowed_by(frame, node.args[0], True)}
    return False


def _note_guard(frame: Frame, node: ast.AST, instead: str) -> None:
    if frame.pure_only:
        raise frame.refusal(node, f"{frame.pure_only} has a guard", instead)
    frame.effects.add("has a guard")


def present_value(frame: Frame, node: ast.Call) -> Expr:
    """`given(x)`: emits the guard that x is not None; the value of x after it."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        raise frame.refusal(node, "given takes one value", "x = given(self.x)")
    _note_guard(frame, node, "`x is None or ...`, `x is not None and ...`")
    (argument,) = node.args
    found = _computed_once(frame, node, value_or_effect(frame, argument))
    if not isinstance(found.type, Option):
        return found
    frame.block.append(Require(frame.at(node), negation(is_none(found))))
    frame.narrowed = {**frame.narrowed, path_of(argument) + PRESENT: frozenset()}
    return unwrap(found)


def _computed_once(frame: Frame, node: ast.Call, found: Expr) -> Expr:
    """What calls or walks is kept in a local, as it is used by the guard and after it."""
    if not any(isinstance(part, Fold) or part.op is Op.CALL for part in inside(found)):
        return found
    name = frame.fresh("present")
    frame.block.append(store_local(frame, node, name, found))
    frame.reads.append((name, frame.clock, frame.loops))
    return local(name, frame.estimate(name) or found.type, found.at)


@performs(Guarded)
def guarded(frame: Frame, node: Guarded) -> bool:
    """`given(...)` inside a line; its name stands for the value in the rest of the line."""
    frame.names[node.name] = Inline(present_value(frame, node.value))
    return False


@performs(Computed)
def computed_before(frame: Frame, node: Computed) -> bool:
    """What a line evaluates before a guard; nothing where it cannot go wrong."""
    frame.stored |= stored_fills(node.value)
    found = evaluate(frame, node.value)
    tests = computed(found) if isinstance(found, Expr) else []
    frame.block.extend(Check(frame.at(node), test, "") for test in tests)
    return False


def _procedure(frame: Frame, node: ast.Call, callee_: Bound | Known) -> bool:
    helper, args = prepare(frame, node, callee_, node)
    if helper.pure and not isinstance(helper.function.result, Nothing):
        raise frame.refusal(
            node, "the result of this helper is not used", "x = ... or an expression"
        )
    if not helper.pure:
        taken = None
        if not isinstance(helper.function.result, Nothing):
            taken = frame.fresh("result")
            frame.locals[taken] = helper.function.result
        frame.block.append(Do(frame.at(node), helper.function.name, args, taken))
    return False
