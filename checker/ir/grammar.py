"""The grammar of the IR, executable: which operands each operation takes, and what it results in.

`verify` raises IllFormed on the first node of a system that breaks it. Engines rely on what is
checked here; a pass that makes ill-typed IR is a mistake in the pass, never in a model.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    Fold,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Reduction,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.operations import OPERATIONS, IllFormed, demand
from planespec.checker.ir.system import PROMISES, STEPS, Action, System
from planespec.checker.ir.traversal import block_expressions, statements
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Int,
    Nothing,
    Seq,
    Set,
    Span,
    Type,
)

__all__ = ["IllFormed", "verify"]

PLACES = (Op.STATE, Op.INDEX, Op.AT, Op.FIELD)


@dataclass
class Scope:
    """Names in scope while a body is checked."""

    system: System
    locals: dict[str, Type]
    bound: dict[str, Type] = field(default_factory=dict)
    result: Type = field(default_factory=Nothing)
    pure: bool = False
    before: bool = False
    loops: int = 0


def verify(system: System) -> System:
    """Check a whole system; returns it, so that passes can be chained. Raises IllFormed."""
    _block(Scope(system, {}), system.defaults)
    for action in (*system.initial, *system.actions):
        _action(system, action)
    for function in system.functions.values():
        demand(system.functions.get(function.name) is function, function.at, "a misnamed function")
        _function(system, function, before=True)
    for claim in system.properties:
        for predicate in claim.predicates:
            demand(
                predicate.pure and predicate.result == Bool(),
                predicate.at,
                "a predicate is pure and results in bool",
            )
            demand(
                claim.kind in PROMISES or not predicate.parameters,
                predicate.at,
                "only predicates of promises have parameters",
            )
            _function(system, predicate, before=claim.kind in STEPS)
    _no_recursion(system)
    return system


def _action(system: System, action: Action) -> None:
    scope = Scope(system, dict(action.locals))
    for parameter in action.parameters:
        demand(parameter.domain is not None, action.at, "a parameter of an action has a domain")
        assert parameter.domain is not None
        _expression(scope, parameter.domain)
        demand(_walked(parameter.domain.type) == parameter.type, action.at, "the domain's type")
        _declare(scope, parameter, action.locals)
    _block(scope, action.body)


def _function(system: System, function: Function, before: bool) -> None:
    scope = Scope(
        system, dict(function.locals), result=function.result, pure=function.pure, before=before
    )
    for parameter in function.parameters:
        demand(parameter.domain is None, function.at, "a parameter of a helper has no domain")
        _declare(scope, parameter, function.locals)
    _block(scope, function.body)


def _declare(scope: Scope, parameter: Parameter, locals_: dict[str, Type]) -> None:
    demand(parameter.name not in locals_, None, f"parameter {parameter.name} is a local as well")
    demand(parameter.name not in scope.bound, None, f"two parameters {parameter.name}")
    scope.bound[parameter.name] = parameter.type


def _no_recursion(system: System) -> None:
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        demand(name not in above, None, f"{name} calls itself")
        if name in done:
            return
        body = system.functions[name].body
        called = [v.arg for v in block_expressions(body) if v.op is Op.CALL]
        called += [s.function for s in statements(body) if isinstance(s, Do)]
        for inner in called:
            visit(inner, (*above, name))
        done.add(name)

    for name in system.functions:
        visit(name, ())


# Statements


def _block(scope: Scope, block: Iterable[Stmt]) -> None:
    for statement in block:
        demand(type(statement) in STATEMENTS, statement.at, "an unknown statement")
        STATEMENTS[type(statement)](scope, statement)


def _leave(scope: Scope, statement: Stmt) -> None:
    demand(scope.loops > 0, statement.at, "break or continue outside a loop")


def _let(scope: Scope, statement: Let) -> None:
    _expression(scope, statement.value)
    demand(statement.name in scope.locals, statement.at, f"{statement.name} is no local")
    demand(
        scope.locals[statement.name] == statement.value.type,
        statement.at,
        f"{statement.name}: {scope.locals[statement.name]} is given {statement.value.type}",
    )


def _assign(scope: Scope, statement: Assign) -> None:
    demand(not scope.pure, statement.at, "a pure function stores to the state")
    place = statement.place
    while place.op is not Op.STATE:
        demand(place.op in PLACES, statement.at, f"{place.op.name} is no place")
        place = place.args[0]
    _expression(scope, statement.place)
    _expression(scope, statement.value)
    demand(
        statement.place.type == statement.value.type,
        statement.at,
        f"{statement.value.type} is stored in {statement.place.type}",
    )


def _if(scope: Scope, statement: If) -> None:
    _condition(scope, statement.condition)
    _block(scope, statement.then)
    _block(scope, statement.orelse)


def _for(scope: Scope, statement: For) -> None:
    _expression(scope, statement.domain)
    demand(
        scope.locals.get(statement.name) == _walked(statement.domain.type),
        statement.at,
        f"the type of {statement.name} is not that of the elements",
    )
    scope.loops += 1
    _block(scope, statement.body)
    scope.loops -= 1


def _choose(scope: Scope, statement: Choose) -> None:
    demand(not scope.pure, statement.at, "a pure function chooses")
    _expression(scope, statement.domain)
    demand(
        scope.locals.get(statement.name) == _walked(statement.domain.type),
        statement.at,
        f"the type of {statement.name} is not that of the elements",
    )


def _require(scope: Scope, statement: Require) -> None:
    demand(not scope.pure, statement.at, "a pure function has a guard")
    _condition(scope, statement.condition)


def _check(scope: Scope, statement: Check) -> None:
    _condition(scope, statement.condition)


def _condition(scope: Scope, value: Expr) -> None:
    _expression(scope, value)
    demand(value.type == Bool(), value.at, f"a condition is {value.type}")


def _do(scope: Scope, statement: Do) -> None:
    demand(not scope.pure, statement.at, "a pure function calls one with effects")
    function = _callee(scope, statement.function, statement.args, statement)
    if statement.name is not None:
        demand(
            scope.locals.get(statement.name) == function.result,
            statement.at,
            f"the type of {statement.name} is not that of the result",
        )


def _return(scope: Scope, statement: Return) -> None:
    if statement.value is None:
        demand(scope.result == Nothing(), statement.at, "a return without a value")
        return
    _expression(scope, statement.value)
    demand(
        statement.value.type == scope.result,
        statement.at,
        f"{statement.value.type} is returned as {scope.result}",
    )


STATEMENTS: dict[type[Stmt], Callable[[Scope, Any], None]] = {
    Break: _leave,
    Continue: _leave,
    Let: _let,
    Assign: _assign,
    If: _if,
    For: _for,
    Choose: _choose,
    Require: _require,
    Check: _check,
    Do: _do,
    Return: _return,
}


# Expressions


def _expression(scope: Scope, value: Expr) -> None:
    """An expression and everything inside it."""
    if isinstance(value, Fold):
        _fold(scope, value)
        return
    for operand in value.args:
        _expression(scope, operand)
    match value.op:
        case Op.LOCAL:
            known = scope.bound.get(value.arg, scope.locals.get(value.arg))
            demand(known == value.type, value.at, f"{value.arg} is {known}, not {value.type}")
        case Op.STATE | Op.BEFORE:
            types = {v.name: v.type for v in scope.system.variables}
            demand(types.get(value.arg) == value.type, value.at, f"no variable {value.arg}")
            demand(value.op is Op.STATE or scope.before, value.at, "`before` outside a step")
        case Op.CALL:
            function = _callee(scope, value.arg, value.args, value)
            demand(function.pure, value.at, f"{value.arg} has effects")
            demand(function.result == value.type, value.at, f"the result of {value.arg}")
        case Op.ENABLED:
            _asked(scope, value)
        case _:
            OPERATIONS[value.op].rule(value)


def _callee(scope: Scope, name: str, args: tuple[Expr, ...], node: Expr | Stmt) -> Function:
    demand(name in scope.system.functions, node.at, f"no function {name}")
    function = scope.system.functions[name]
    if not isinstance(node, Expr):
        for argument in args:
            _expression(scope, argument)
    wanted = tuple(p.type for p in function.parameters)
    demand(tuple(a.type for a in args) == wanted, node.at, f"the arguments of {name}")
    return function


def _asked(scope: Scope, value: Expr) -> None:
    """An action that is asked for, with values in the types of some of its parameters."""
    name, given = value.arg
    demand(name in scope.system.asked, value.at, f"nobody knows that {name} is asked for")
    types = {p.name: p.type for p in scope.system.asked[name].parameters}
    wanted = [types.get(n) for n in given]
    demand([a.type for a in value.args] == wanted, value.at, f"the parameters of {name}")
    demand(value.type == Bool(), value.at, "that an action is enabled is a truth")


def _walked(type_: Type) -> Type | None:
    match type_:
        case Span(element) | Set(element) | Bag(element) | Seq(element) | Array(_, element):
            return element
    return None


def _fold(scope: Scope, fold: Fold) -> None:
    """A fold binds the names of its generators, one after the other."""
    before = dict(scope.bound)
    demand(fold.op is Op.FOLD and not fold.args, fold.at, "a fold has no operands")
    demand(bool(fold.generators) and fold.body is not None, fold.at, "a fold without parts")
    for generator in fold.generators:
        _expression(scope, generator.domain)
        demand(
            _walked(generator.domain.type) == generator.type,
            fold.at,
            f"the type of {generator.name} is not that of the elements",
        )
        scope.bound[generator.name] = generator.type
        for condition in generator.conditions:
            _condition(scope, condition)
    assert fold.body is not None
    _expression(scope, fold.body)
    scope.bound = before
    if fold.default is not None:
        _expression(scope, fold.default)
    _reduction(fold, fold.body)


def _reduction(fold: Fold, body: Expr) -> None:
    """The body and the result of each kind of fold."""
    match fold.reduction:
        case Reduction.ALL | Reduction.ANY | Reduction.COUNT:
            wanted = (
                isinstance(fold.type, Int)
                if fold.reduction is Reduction.COUNT
                else (fold.type == Bool())
            )
            demand(wanted and body.type == Bool(), fold.at, "the types of a quantifier")
        case Reduction.SUM | Reduction.MIN | Reduction.MAX:
            ints = isinstance(fold.type, Int) and isinstance(body.type, Int)
            demand(
                ints and (fold.default is None or isinstance(fold.default.type, Int)),
                fold.at,
                "a sum, minimum or maximum is of ints",
            )
        case Reduction.SET | Reduction.SEQ | Reduction.BAG:
            kind = {Reduction.SET: Set, Reduction.SEQ: Seq, Reduction.BAG: Bag}[fold.reduction]
            demand(
                isinstance(fold.type, kind) and _walked(fold.type) == body.type,
                fold.at,
                "the elements of a comprehension",
            )
        case Reduction.ARRAY:
            (generator,) = fold.generators
            made = fold.type
            array = isinstance(made, Array) and (made.key, made.value) == (
                generator.type,
                body.type,
            )
            whole = generator.domain.op is Op.DOMAIN and not generator.conditions
            demand(array and whole, fold.at, "an array has a value for each key")
