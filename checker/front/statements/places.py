"""What can be stored to: places in the state, and locals with what teaches their types."""

import ast
from types import FunctionType

from planespec.checker.front.core import narrowing
from planespec.checker.front.core.building import convert
from planespec.checker.front.core.scope import Frame, Growth, Local, View
from planespec.checker.front.core.type_relations import MismatchError, Never, join, same_shape
from planespec.checker.front.dispatch import coerce, value
from planespec.checker.front.expressions.tuples import path_of
from planespec.checker.ir.nodes import Assign, Expr, Let, Op, Stmt
from planespec.checker.ir.types import Array, Int, Record, Seq, Type

STORED = "self.x, self.x[k], self.x[k].field of a record, or a local name"


def root(node: ast.expr) -> ast.expr:
    """The innermost owner of a path."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def variable_of(place: Expr) -> str:
    """The state variable a place is in; empty where it is no place in the state."""
    while place.op in (Op.INDEX, Op.AT, Op.FIELD, Op.UNWRAP, Op.PROJECT):
        place = place.args[0]
    return str(place.arg) if place.op is Op.STATE else ""


def is_local_path(frame: Frame, node: ast.expr) -> bool:
    """Whether a path starts at a local."""
    start = root(node)
    return isinstance(start, ast.Name) and isinstance(frame.names.get(start.id), Local)


def place_of(frame: Frame, node: ast.expr) -> Expr:
    """The place a target names; refuses what cannot be stored to."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        raise frame.refusal(node, "this cannot be stored to", STORED)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        raise frame.refusal(node, "a slice cannot be stored to", "xs = xs[:i] + [...] + xs[j:]")
    with frame.narrowing({}):
        frame.forget(path_of(node))
        found = value(frame, node)
    while found.op in (Op.UNWRAP, Op.PROJECT):  # what is known about the old value
        found = found.args[0]
    _check(frame, node, found)
    return found


def _check(frame: Frame, node: ast.expr, place: Expr, inside: bool = False) -> None:
    """Refuse a place that cannot be stored to; `inside` tells that it is a part of one."""
    match place.op:
        case Op.STATE:
            return
        case Op.TABLE:
            raise frame.refusal(
                node,
                f"{place.arg.name} is a constant table, which never changes",
                f"a variable that begins with it: x: {place.type} = {place.arg.name}",
            )
        case Op.BEFORE:
            raise frame.refusal(node, "the state before the step cannot change", "self.x = ...")
        case Op.INDEX | Op.AT if isinstance(place.args[0].type, Array | Seq):
            _check(frame, node, place.args[0], inside=True)
            return
        case Op.FIELD if isinstance(place.args[0].type, Record):
            name = place.arg
            is_map = inside and isinstance(place.type, Array)
            new = f"record.{name} | {{key: value}}" if is_map else "value"
            raise frame.refusal(
                node,
                f"records are immutable, {name} cannot be stored",
                f"replace(record, {name}={new})",
            )
    if place.op is Op.UNWRAP:
        new = "self.x | {key: value}" if isinstance(place.type, Array) else "[*self.x, value]"
        raise frame.refusal(node, "a part of what may be None is not stored to", f"self.x = {new}")
    raise frame.refusal(node, "this cannot be stored to", STORED)


def store(frame: Frame, node: ast.AST, place: Expr, found: Expr) -> None:
    """Emit the Assign; the value takes the type of the place."""
    frame.write(variable_of(place), node)
    fitted = coerce(frame, node, found, place.type, f"in {variable_of(place)}")
    frame.block.append(Assign(frame.at(node), place, fitted))


def forget_changes(frame: Frame, loop: ast.For) -> None:
    """Drop what is known about everything that the target or the body of a loop may store to."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            if isinstance(node.ctx, ast.Store | ast.Del):
                _forget_place(frame, node)
        elif isinstance(node, ast.Call):
            _forget_call(frame, node)


def _forget_place(frame: Frame, node: ast.expr) -> None:
    """The local or the variable of the model in which a place is."""
    start = root(node)
    if not isinstance(start, ast.Name):
        return
    if not _is_view(frame, start):
        frame.forget(start.id)
        return
    while isinstance(node, ast.Attribute | ast.Subscript) and node.value is not start:
        node = node.value
    frame.forget(ast.unparse(node))


def _forget_call(frame: Frame, node: ast.Call) -> None:
    """A helper may change any variable, a method of a collection the one that it is in."""
    if isinstance(node.func, ast.Attribute) and not _is_view(frame, node.func.value):
        _forget_place(frame, node.func.value)
    elif isinstance(node.func, ast.Attribute) or _is_helper(frame, node.func):
        for name in frame.views:
            frame.forget(name)


def _is_view(frame: Frame, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and isinstance(frame.names.get(node.id), View)


def _is_helper(frame: Frame, node: ast.expr) -> bool:
    """Whether a plain function of the user is called."""
    if not isinstance(node, ast.Name):
        return False
    found = frame.closure.get(node.id, frame.globals.get(node.id))
    own = isinstance(found, FunctionType)
    return own and not str(found.__module__).startswith("planespec.checker.lang")


# Locals: what each assignment teaches about their types, and the assignments themselves.


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
    shared = narrowing.roots(frame, found)
    if shared:
        frame.binds.append((name, shared, frame.clock, frame.loops, node))
    note_elements(frame, node, name, found)
    return settle(frame, node, name, found)


def note_elements(frame: Frame, node: ast.AST, name: str, found: Expr) -> None:
    """Note what the elements of a collection given to a local are parts of."""
    inside = narrowing.roots_inside(frame, found)
    if inside:
        frame.holds.append((name, inside, frame.clock, frame.loops, node))
    if not narrowing.is_apart(found):
        frame.mixed.add(name)


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
