"""Visits and rebuilds trees of the IR."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from planespec.checker.ir.nodes import (
    Assign,
    Check,
    Choose,
    Do,
    Expr,
    Fold,
    For,
    Function,
    Generator,
    If,
    Let,
    Parameter,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Action, Property, System

Rewrite = Callable[[Expr], Expr]


def children(value: Expr) -> Iterator[Expr]:
    """The expressions directly inside an expression, folds included."""
    yield from value.args
    if isinstance(value, Fold):
        for generator in value.generators:
            yield generator.domain
            yield from generator.conditions
        if value.body is not None:
            yield value.body
        if value.default is not None:
            yield value.default


def inside(value: Expr) -> Iterator[Expr]:
    """An expression and everything inside it, outermost first."""
    yield value
    for child in children(value):
        yield from inside(child)


def own_expressions(statement: Stmt) -> Iterator[Expr]:
    """The expressions of one statement, without those of the blocks inside it."""
    match statement:
        case Let(value=value) | Return(value=Expr() as value):
            yield value
        case Assign(place=place, value=value):
            yield place
            yield value
        case If(condition=value) | Require(condition=value) | Check(condition=value):
            yield value
        case For(domain=value) | Choose(domain=value):
            yield value
        case Do(args=args):
            yield from args


def statements(block: tuple[Stmt, ...]) -> Iterator[Stmt]:
    """All statements of a block, those of inner blocks included, in order."""
    for statement in block:
        yield statement
        match statement:
            case If(then=then, orelse=orelse):
                yield from statements(then)
                yield from statements(orelse)
            case For(body=body):
                yield from statements(body)


def block_expressions(block: tuple[Stmt, ...]) -> Iterator[Expr]:
    """All expressions of a block, inner ones included."""
    for statement in statements(block):
        for value in own_expressions(statement):
            yield from inside(value)


def rewrite(value: Expr, change: Rewrite) -> Expr:
    """Rebuild an expression from the leaves up; `change` sees every node with its new children."""
    args = tuple(rewrite(a, change) for a in value.args)
    fresh: dict[str, Any] = {} if args == value.args else {"args": args}
    if isinstance(value, Fold):
        fresh |= {
            "generators": tuple(_generator(g, change) for g in value.generators),
            "body": None if value.body is None else rewrite(value.body, change),
            "default": None if value.default is None else rewrite(value.default, change),
        }
    return change(replace(value, **fresh) if fresh else value)


def _generator(generator: Generator, change: Rewrite) -> Generator:
    conditions = tuple(rewrite(c, change) for c in generator.conditions)
    return replace(generator, domain=rewrite(generator.domain, change), conditions=conditions)


def rewrite_statement(statement: Stmt, change: Rewrite) -> Stmt:
    """Rebuild a statement, inner blocks included."""

    def new(value: Expr) -> Expr:
        return rewrite(value, change)

    match statement:
        case Let(value=value) | Return(value=Expr() as value):
            return replace(statement, value=new(value))
        case Assign(place=place, value=value):
            return replace(statement, place=new(place), value=new(value))
        case If(condition=condition, then=then, orelse=orelse):
            return replace(
                statement,
                condition=new(condition),
                then=rewrite_block(then, change),
                orelse=rewrite_block(orelse, change),
            )
        case For(domain=domain, body=body):
            return replace(statement, domain=new(domain), body=rewrite_block(body, change))
        case Choose(domain=domain):
            return replace(statement, domain=new(domain))
        case Require(condition=condition) | Check(condition=condition):
            return replace(statement, condition=new(condition))
        case Do(args=args):
            return replace(statement, args=tuple(new(a) for a in args))
    return statement


def rewrite_block(block: tuple[Stmt, ...], change: Rewrite) -> tuple[Stmt, ...]:
    """Rebuild all statements of a block."""
    return tuple(rewrite_statement(s, change) for s in block)


def rewrite_system(
    system: System, change: Rewrite, blocks: Callable[[tuple[Stmt, ...]], tuple[Stmt, ...]]
) -> System:
    """Rebuild all expressions of a system; `blocks` then sees every outermost block."""

    def body(block: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        return blocks(rewrite_block(block, change))

    def function(old: Function) -> Function:
        return replace(old, body=body(old.body))

    def action(old: Action) -> Action:
        parameters = tuple(_parameter(p, change) for p in old.parameters)
        return replace(old, parameters=parameters, body=body(old.body))

    def claim(old: Property) -> Property:
        return replace(old, predicates=tuple(function(p) for p in old.predicates))

    return replace(
        system,
        defaults=body(system.defaults),
        initial=tuple(action(a) for a in system.initial),
        actions=tuple(action(a) for a in system.actions),
        functions={name: function(f) for name, f in system.functions.items()},
        properties=tuple(claim(p) for p in system.properties),
    )


def _parameter(parameter: Parameter, change: Rewrite) -> Parameter:
    if parameter.domain is None:
        return parameter
    return replace(parameter, domain=rewrite(parameter.domain, change))


def bodies(system: System) -> Iterator[tuple[str, tuple[Stmt, ...]]]:
    """Every block of a system that stands alone, with a name for it."""
    yield "defaults", system.defaults
    for action in (*system.initial, *system.actions):
        yield action.name, action.body
    for name, function in system.functions.items():
        yield name, function.body
    for claim in system.properties:
        for predicate in claim.predicates:
            yield claim.id, predicate.body
