"""Locals: what each assignment teaches about their types, and the assignments themselves."""

import ast

from planespec.checker.front.core import aliasing
from planespec.checker.front.core.building import convert
from planespec.checker.front.core.scope import Frame, Growth, Local
from planespec.checker.front.core.type_relations import MismatchError, Never, join, same_shape
from planespec.checker.front.dispatch import coerce
from planespec.checker.ir.nodes import Expr, Let, Stmt
from planespec.checker.ir.types import Int, Type

RESULT = "return"
"""Under this name the type of the result is learned."""

NOTHING_ADDED = Int(0, 0)


def learn(frame: Frame, name: str, type_: Type, node: ast.AST) -> None:
    """Note the type of a value that a local is given."""
    known = frame.learned.plain.get(name, Never())
    try:
        frame.learned.plain[name] = join(known, type_)
    except MismatchError:
        raise frame.refusal(
            node,
            f"{name.split('.')[0]} is {known} before and {type_} here",
            "one type for each name",
        ) from None


def target(frame: Frame, name: str) -> str:
    """The IR name of a local that is assigned, made known where it is new."""
    binding = frame.names.get(name)
    if isinstance(binding, Local) and binding.type is None:
        return binding.name
    new = frame.fresh(name)
    frame.names[name] = Local(new)
    return new


def store_local(frame: Frame, node: ast.AST, name: str, found: Expr) -> Stmt:
    """Give a local a value: learn its type, convert to the estimate."""
    learn(frame, name, found.type, node)
    frame.learned.loops.setdefault(name, []).append(tuple(frame.trips))
    shared = aliasing.roots(frame, found)
    if shared:
        frame.binds.append((name, shared, frame.clock, frame.loops, node))
    return settle(frame, node, name, found)


def settle(frame: Frame, node: ast.AST, name: str, found: Expr) -> Stmt:
    """The Let, in the type that is estimated so far."""
    frame.assigned.add(name)
    wanted = frame.estimate(name) or found.type
    frame.locals[name] = wanted
    if name in frame.annotated:
        return Let(frame.at(node), name, coerce(frame, node, found, wanted, f"in {name}"))
    return Let(frame.at(node), name, convert(found, wanted) if _sound(found, wanted) else found)


def _sound(found: Expr, wanted: Type) -> bool:
    """Whether the estimate has the shape of the value already (later rounds correct it)."""
    try:
        return same_shape(join(found.type, wanted), wanted) or isinstance(wanted, Never)
    except MismatchError:
        return False


def grow(
    frame: Frame,
    name: str,
    base: Type,
    range_: Int = NOTHING_ADDED,
    elements: int = 0,
) -> None:
    """Note an accumulation: `base` is the type without it."""
    learned, loops = frame.learned, tuple(frame.trips)
    learned.growth.setdefault(name, []).append(Growth(range_, elements, loops))
    learned.loops.setdefault(name, []).append(loops)
    known = learned.plain.get(name, Never())
    learned.plain[name] = join(known, base)


def annotate(frame: Frame, node: ast.AST, name: str, type_: Type) -> None:
    """Fix the type of a local; refused when it has another one."""
    if frame.annotated.get(name, type_) != type_:
        raise frame.refusal(node, f"{name} has two types", "one annotation for each name")
    frame.annotated[name] = type_
