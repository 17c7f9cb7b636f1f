"""Functions that the compiler makes: for values that are used several times, and for loops.

An expression of the IR has no names of its own. Where what stands in a model needs some, it
becomes a call of a function that is made for it.
"""

import ast
from collections.abc import Callable
from dataclasses import replace

from planespec.checker.front.body import Task, compile_body
from planespec.checker.front.core.building import local
from planespec.checker.front.core.rewriting import located
from planespec.checker.front.core.scope import Binding, Frame, Helper, Inline, Local
from planespec.checker.front.core.type_relations import mentions_never
from planespec.checker.front.dispatch import value
from planespec.checker.ir.nodes import Expr, Function, Op, Parameter, Return

Making = Callable[[list[Expr]], Expr]

CHEAP = (Op.CONST, Op.LOCAL, Op.STATE, Op.BEFORE, Op.TABLE)


def once(frame: Frame, node: ast.AST, name: str, given: list[Expr], make: Making) -> Expr:
    """What `make` says of values, each of which is computed once."""
    if all(g.op in CHEAP for g in given) or any(mentions_never(g.type) for g in given):
        return make(given)
    at = frame.at(node)
    names = [f"value.{number}" for number in range(len(given))]
    made = make([local(n, g.type, at) for n, g in zip(names, given, strict=True)])
    parameters = tuple(Parameter(n, g.type) for n, g in zip(names, given, strict=True))
    full = frame.program.name_for(name)
    function = Function(full, parameters, made.type, (Return(at, made),), at)
    frame.program.by_name[full] = Helper(function, frozenset(), frozenset())
    return Expr(Op.CALL, made.type, tuple(given), at, full)


def outlined(
    frame: Frame,
    node: ast.AST,
    name: str,
    body: list[ast.stmt],
    given: dict[str, ast.expr] | None = None,
) -> Expr:
    """The result of statements written for an expression; they see the names around it.

    `given` are further names, each with the expression whose value it has.
    """
    definition = _definition(node, name, body)
    names, parameters, args = dict(frame.names), [], []
    values = {**_locals_used(frame, definition), **(given or {})}
    for used, expression in values.items():
        found = value(frame, expression)
        names[used] = Local(used, found.type)
        parameters.append(Parameter(used, found.type))
        args.append(found)
    names = {n: b for n, b in names.items() if not _is_unused(b, n in values)}
    source = replace(frame.source, node=definition)
    why = frame.pure_only or "an expression"
    task = Task(source, names, tuple(parameters), None, why, dict(frame.narrowed))
    made = compile_body(frame.program, task)
    full = frame.program.name_for(name)
    at = frame.at(node)
    function = Function(
        full, tuple(parameters), made.result, made.statements, at, True, made.locals
    )
    frame.program.by_name[full] = Helper(function, frozenset(), made.shares)
    return Expr(Op.CALL, made.result, tuple(args), at, full)


def _definition(node: ast.AST, name: str, body: list[ast.stmt]) -> ast.FunctionDef:
    empty = ast.arguments([], [], None, [], [], None, [])
    return located(ast.FunctionDef(name, empty, body, [], None, None), node)


def _locals_used(frame: Frame, definition: ast.FunctionDef) -> dict[str, ast.expr]:
    """The locals around an expression that it reads, each as an expression of its own."""
    used = [n for n in ast.walk(definition) if isinstance(n, ast.Name)]
    return {
        n.id: ast.copy_location(ast.Name(n.id, ast.Load()), n)
        for n in used
        if isinstance(n.ctx, ast.Load) and isinstance(frame.names.get(n.id), Local | Inline)
    }


def _is_unused(binding: Binding, used: bool) -> bool:
    return isinstance(binding, Local | Inline) and not used
