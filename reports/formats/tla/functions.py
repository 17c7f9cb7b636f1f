"""Helpers and predicates as operators, actions as formulas of a step."""

from dataclasses import replace

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Function, Op
from planespec.checker.ir.system import Action
from planespec.reports.formats.tla import continuations
from planespec.reports.formats.tla.columns import Node, Text, comment, definition
from planespec.reports.formats.tla.continuations import STATE, Exits, Next
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_bodies import Body


def helper(module: Exported, function: Function) -> list[str]:
    """A helper; one with a guard or choice has no operator, its body stands where it is called."""
    if not continuations.is_total(module.system, function.body):
        return []
    scope, heads = Scope(module.names.inner()), []
    if module.reads(function.name, Op.STATE):
        heads.append(scope.names.fresh(STATE))
        scope = scope.moved(heads[0])
    if module.reads(function.name, Op.BEFORE):
        heads.append(scope.names.fresh("before"))
        scope = replace(scope, before=heads[-1])
    for parameter in function.parameters:
        heads.append(scope.names.fresh(parameter.name))
        scope = scope.bind(parameter.name, heads[-1])
    name = module.functions[function.name]
    return definition(_head(name, heads), _value(module, function, scope))


def function_definition(module: Exported, predicate: Function, name: str) -> list[str]:
    """A predicate upon the variables themselves."""
    scope, heads = Scope(module.names.inner()), []
    for parameter in predicate.parameters:
        heads.append(scope.names.fresh(parameter.name))
        scope = scope.bind(parameter.name, heads[-1])
    return definition(_head(name, heads), _value(module, predicate, scope))


def step_definition(module: Exported, predicate: Function, name: str) -> list[str]:
    """A predicate upon the states after and before a step."""
    scope = Scope(module.names.inner())
    later, before = scope.names.fresh(STATE), scope.names.fresh("before")
    scope = replace(scope, state=later, before=before)
    return definition(_head(name, [later, before]), _value(module, predicate, scope))


def _value(module: Exported, function: Function, scope: Scope) -> Node:
    """The value of a function: a pure one's result; else the state, with the result if any."""

    def returned(end: Scope, value: str | None) -> Node:
        if function.pure:
            return Text(value or module.vocabulary.none)
        state = end.state or "Now"
        return Text(state if isinstance(function.result, t.Nothing) else f"<<{state}, {value}>>")

    end = Next(lambda inner: returned(inner, None), is_short=True)
    exits = Exits(returned, in_step=False)
    return Body(module).block(function.body, scope, exits, end)


def action_definition(module: Exported, action: Action, *, initial: bool = False) -> list[str]:
    """An action of the model as one of the same name, with the same parameters."""
    scope, heads = Scope(module.names.inner()), []
    if initial:
        scope = scope.moved("Defaults")
    for parameter in action.parameters:
        heads.append(scope.names.fresh(parameter.name))
        scope = scope.bind(parameter.name, heads[-1])
    end = Next(lambda inner: _ended(inner, initial), is_short=True)
    exits = Exits(lambda inner, _: _ended(inner, initial), in_step=True)
    body = Body(module).block(action.body, scope, exits, end)
    head = _head(module.actions[action.name], heads)
    return ["", *comment(action.doc), *definition(head, body)]


def _ended(scope: Scope, initial: bool) -> Node:
    if initial:
        return Text(f"Start({scope.state})")
    return Text("UNCHANGED vars" if scope.state is None else f"Become({scope.state})")


def _head(name: str, parameters: list[str]) -> str:
    return f"{name}({', '.join(parameters)})" if parameters else name
