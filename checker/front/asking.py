"""`enabled(self.grant, client)`, and that no action asks for itself."""

import ast

from planespec.checker.errors import LanguageError
from planespec.checker.front.core.scope import Bound, Frame
from planespec.checker.front.dispatch import coerce, evaluate, value
from planespec.checker.ir.nodes import Expr, Op, Stmt
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.traversal import block_expressions, bodies, statements
from planespec.checker.ir.types import Bool, Type
from planespec.checker.lang.enabling import HOW
from planespec.checker.lang.source import source_file


def enabled_call(frame: Frame, node: ast.Call) -> Expr:
    """Whether an action can be taken, with the parameters that are given and any others."""
    if not node.args or isinstance(node.args[0], ast.Starred):
        raise frame.refusal(node, "enabled takes an action of the model", HOW)
    name, wanted = _action(frame, node.args[0])
    given: dict[str, ast.expr] = dict(zip(wanted, node.args[1:], strict=False))
    parameters = ", ".join(wanted) or "no parameters"
    if len(node.args) - 1 > len(wanted):
        raise frame.refusal(node, f"{name} has not so many parameters", parameters)
    for keyword in node.keywords:
        if keyword.arg not in wanted or keyword.arg in given:
            raise frame.refusal(keyword, f"{name} has no such parameter to give", parameters)
        given[str(keyword.arg)] = keyword.value
    args = tuple(
        coerce(frame, part, value(frame, part), wanted[n], f"as {n} of {name}")
        for n, part in given.items()
    )
    frame.effects.add("reads the state")
    return Expr(Op.ENABLED, Bool(), args, frame.at(node), (name, tuple(given)))


def _action(frame: Frame, node: ast.expr) -> tuple[str, dict[str, Type]]:
    """The name of the action and the types of its parameters."""
    found = evaluate(frame, node) if isinstance(node, ast.Attribute) else None
    actions = frame.program.facts.actions
    if not isinstance(found, Bound) or not isinstance(node, ast.Attribute):
        raise frame.refusal(node, "enabled takes an action of the model", HOW)
    if node.attr not in actions:
        known = ", ".join(f"self.{name}" for name in actions) or "a model with actions"
        raise frame.refusal(node, f"{node.attr} is no action", known)
    if found.view.before:
        raise frame.refusal(
            node, "enabled speaks of the state that self is in, not of the one before", HOW
        )
    return node.attr, actions[node.attr]


def asked_for(system: System) -> dict[str, Action]:
    """The actions that something asks for, those first that others ask for; refuses circles."""
    actions = {a.name: a for a in system.actions}
    found: dict[str, Action] = {}

    def visit(value: Expr, above: tuple[str, ...]) -> None:
        name = value.arg[0]
        if name in above:
            raise _circle(value, name)
        if name not in found:
            for inner in _asking(system, actions[name].body):
                visit(inner, (*above, name))
            found[name] = actions[name]

    for action in actions.values():
        for question in _asking(system, action.body):
            visit(question, (action.name,))
    for _, body in bodies(system):
        for question in _asking(system, body):
            visit(question, ())
    return found


def _asking(system: System, body: tuple[Stmt, ...]) -> list[Expr]:
    """The questions in a body and in the helpers that it calls."""
    waiting = [body]
    seen: set[str] = set()
    found: list[Expr] = []
    while waiting:
        here = waiting.pop()
        called = [getattr(s, "function", None) for s in statements(here)]
        for part in block_expressions(here):
            if part.op is Op.ENABLED:
                found.append(part)
            elif part.op is Op.CALL:
                called.append(part.arg)
        for name in called:
            if name is not None and name not in seen:
                seen.add(name)
                waiting.append(system.functions[name].body)
    return found


def _circle(value: Expr, name: str) -> LanguageError:
    at = value.at
    text = source_file(at.file).text(at.line) if at.file else ""
    return LanguageError(
        f"whether {name} is enabled depends on itself",
        file=at.file,
        line=at.line,
        column=at.column,
        text=text,
        allowed="a helper with the condition, which both use",
    )
