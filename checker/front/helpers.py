"""Helper methods and functions: compiled once for each combination of argument types.

A parameter takes the type of its annotation where the argument fits it, else that of the argument,
since CPython does not check arguments either. The model, a domain or an enum class as an argument
is known at compile time and becomes part of the specialisation.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from enum import Enum as PythonEnum
from types import FunctionType
from typing import Any, get_type_hints

from planespec.checker.errors import PlanespecError
from planespec.checker.front.body import Task, compile_body
from planespec.checker.front.core.narrowing import roots
from planespec.checker.front.core.scope import (
    Binding,
    Bound,
    Frame,
    Helper,
    Known,
    Local,
    OfRecord,
    Static,
    Values,
    View,
)
from planespec.checker.front.core.type_relations import (
    MismatchError,
    Never,
    fits,
    join,
    same_shape,
)
from planespec.checker.front.dispatch import as_value, coerce, evaluate, literal_scalar
from planespec.checker.ir.nodes import Expr, Function, Op, Parameter
from planespec.checker.ir.types import Nothing, Option, Type, Union
from planespec.checker.lang.source import FunctionSource, source_of

Arguments = list[tuple[str, Expr | Static]]


def call_in_expression(
    frame: Frame, node: ast.AST, callee: Bound | Known | OfRecord, call: ast.Call | None = None
) -> Expr:
    """Call a helper that changes nothing."""
    helper, args = prepare(frame, node, callee, call)
    if not helper.pure:
        name = function_of(callee).__name__
        raise frame.refusal(
            node,
            f"{name} changes the state, chooses or has a guard, so it is no part of an expression",
            f"{name}(...) or x = {name}(...) on a line of its own",
        )
    if isinstance(helper.function.result, Nothing):
        raise frame.refusal(
            node, f"{function_of(callee).__name__} returns nothing", "a helper with a result"
        )
    return Expr(Op.CALL, helper.function.result, args, frame.at(node), helper.function.name)


def prepare(
    frame: Frame, node: ast.AST, callee: Bound | Known | OfRecord, call: ast.Call | None
) -> tuple[Helper, tuple[Expr, ...]]:
    """Compile the helper for these arguments; the helper and the arguments in its types."""
    source = source_of(function_of(callee))
    given = _arguments(frame, node, callee, call, source)
    names: dict[str, Binding] = {}
    parameters, args = [], []
    hints = _hints(frame, source)
    for name, value in given:
        if not isinstance(value, Expr):
            names[name] = value
            continue
        type_ = _parameter_type(frame, hints.get(name), value.type)
        arg = coerce(frame, node, value, type_, f"as {name} of {source.node.name}")
        names[name] = Local(name, type_)
        parameters.append(Parameter(name, type_))
        args.append(arg)
    _check_aliases(frame, node, args)
    helper = _compiled(frame, node, source, names, tuple(parameters), hints.get("return"))
    _take_effects(frame, helper)
    return helper, tuple(args)


def is_foreign(function: FunctionType) -> bool:
    """Whether a function belongs to the standard library, which knows no models."""
    top = (function.__module__ or "").partition(".")[0]
    return top in sys.stdlib_module_names and top != "__main__"


def function_of(callee: Bound | Known | OfRecord) -> Callable[..., Any]:
    """The Python function behind a callee."""
    function: Callable[..., Any] = (
        inspect.unwrap(callee.value) if isinstance(callee, Known) else callee.function
    )
    return function


def _check_aliases(frame: Frame, node: ast.AST, args: list[Expr]) -> None:
    """Remember what mutable parts of the state the helper sees; `aliasing` judges later."""
    frame.passed.append((node, frozenset[str]().union(*(roots(frame, a) for a in args))))


def _take_effects(frame: Frame, helper: Helper) -> None:
    node, shared = frame.passed.pop()
    clash = sorted(shared & helper.writes)
    if clash:
        name = helper.function.name.split("#")[0]
        raise frame.refusal(
            node,
            f"{name} changes {clash[0]} while it is given a part of it",
            f"a copy: set(...), list(...), or read self.{clash[0]} inside {name}",
        )
    for variable in sorted(helper.writes):
        frame.write(variable, node)
    if not helper.pure:
        frame.effects.add("calls a helper that changes the state or chooses")


def _arguments(
    frame: Frame,
    node: ast.AST,
    callee: Bound | Known | OfRecord,
    call: ast.Call | None,
    source: FunctionSource,
) -> Arguments:
    """Each parameter with its argument, in order of the parameters."""
    signature = inspect.signature(source.function)
    names = list(signature.parameters)
    found: dict[str, Expr | Static] = {}
    if isinstance(callee, Bound):
        found[names[0]] = callee.view
    if isinstance(callee, OfRecord):
        found[names[0]] = callee.value
    nodes = dict(_written(frame, node, call, [n for n in names if n not in found]))
    for name, argument in nodes.items():
        found[name] = _argument(frame, argument)
    for name in names:
        if name in found:
            continue
        default = signature.parameters[name].default
        literal = literal_scalar(frame, default, node)
        if default is inspect.Parameter.empty or literal is None:
            raise frame.refusal(
                node, f"{source.node.name} needs an argument {name}", ", ".join(names)
            )
        found[name] = literal
    return [(name, found[name]) for name in names]


def _written(
    frame: Frame, node: ast.AST, call: ast.Call | None, names: list[str]
) -> list[tuple[str, ast.expr]]:
    if call is None:
        return []
    if len(call.args) > len(names):
        raise frame.refusal(
            node,
            f"{len(call.args)} arguments for {len(names)} parameters",
            ", ".join(names) or "no arguments",
        )
    pairs = list(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg not in names[len(call.args) :]:
            raise frame.refusal(keyword, "there is no such parameter", ", ".join(names))
        pairs.append((str(keyword.arg), keyword.value))
    return pairs


def _argument(frame: Frame, node: ast.expr) -> Expr | Static:
    found = evaluate(frame, node)
    if isinstance(found, View | Values | Expr):
        return found
    object_ = found.value if isinstance(found, Known) else None
    if isinstance(object_, type) and issubclass(object_, PythonEnum):
        return Values(frame.program.facts.resolve(object_))
    return as_value(frame, node, found)


def _hints(frame: Frame, source: FunctionSource) -> dict[str, Any]:
    """Annotations of a helper; every parameter but the model itself must have one."""
    names = frame.program.facts.names
    try:
        hints = get_type_hints(source.function, localns=names, include_extras=True)
    except (NameError, TypeError, AttributeError):
        hints = dict(getattr(source.function, "__annotations__", {}))
    arguments = source.node.args
    if arguments.vararg or arguments.kwarg:
        raise source.file.refusal(
            source.node,
            f"{source.node.name} takes * or ** arguments",
            "parameters with names and types",
        )
    for parameter in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if parameter.annotation is None and parameter.arg != "self":
            raise source.file.refusal(
                parameter, f"parameter {parameter.arg} has no type", f"{parameter.arg}: <type>"
            )
    if source.node.returns is None:
        raise source.file.refusal(
            source.node, f"{source.node.name} has no return type", "-> <type>, or -> None"
        )
    return hints


def resolved(frame: Frame, hint: Any) -> Type | None:
    """The type an annotation stands for; None where it is less precise than a type of the IR."""
    if hint is None or isinstance(hint, str):
        return None
    try:
        return frame.program.facts.resolve(hint)
    except PlanespecError:
        return None


def _parameter_type(frame: Frame, hint: Any, have: Type) -> Type:
    wanted = resolved(frame, hint)
    if wanted is None or isinstance(wanted, Nothing):
        return have
    if fits(have, wanted) or isinstance(have, Never | Union):
        return wanted
    try:
        joined = join(have, wanted)
    except MismatchError:
        return wanted
    if isinstance(have, Option) and not isinstance(wanted, Option):
        return wanted
    return joined if same_shape(joined, wanted) else wanted


def _compiled(
    frame: Frame,
    node: ast.AST,
    source: FunctionSource,
    names: dict[str, Binding],
    parameters: tuple[Parameter, ...],
    result: Any,
) -> Helper:
    program = frame.program
    key = (source.function, tuple(names.items()))
    if key in program.helpers:
        return program.helpers[key]
    if source.function in program.calling:
        raise frame.refusal(
            node, f"{source.node.name} calls itself", "a loop over a finite domain"
        )
    program.calling.append(source.function)
    try:
        wanted = Nothing() if result is None or result is type(None) else resolved(frame, result)
        body = compile_body(program, Task(source, names, parameters, wanted, why=frame.pure_only))
    finally:
        program.calling.pop()
    name = program.name_for(source.node.name)
    function = Function(
        name,
        parameters,
        body.result,
        body.statements,
        source.file.position(source.node),
        body.pure,
        body.locals,
    )
    helper = Helper(function, body.writes, body.shares)
    program.helpers[key] = helper
    program.by_name[name] = helper
    return helper
