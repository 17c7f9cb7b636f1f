"""Methods that change a set, list or Bag in place: of the state, or of a local.

A change of the state is an Assign of the new value to the place. A local is a value in the IR, so
a change is a new Let; that is the same thing because a local with another name is refused here.
"""

import ast
from collections.abc import Callable

from planespec.checker.front.core import narrowing
from planespec.checker.front.core.advice import instead_of_method
from planespec.checker.front.core.building import convert, number, predicate
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import (
    Never,
    convertible,
    fits,
    most_elements,
    set_of,
)
from planespec.checker.front.dispatch import as_integer, coerce, evaluate, unwrap, value
from planespec.checker.front.expressions.comparisons import fitting
from planespec.checker.front.expressions.comprehensions import collected, walked
from planespec.checker.front.statements.list_changes import PLACED, kept, place_in, placed, without
from planespec.checker.front.statements.places import (
    grow,
    learn,
    note_elements,
    place_of,
    settle,
    store,
)
from planespec.checker.ir.nodes import Check, Expr, Op, Reduction
from planespec.checker.ir.types import Bag, Seq, Set, Span, Type

IN_PLACE: dict[type[Type], dict[type[ast.operator], Op]] = {
    Set: {
        ast.BitOr: Op.UNION,
        ast.BitAnd: Op.INTERSECTION,
        ast.Sub: Op.DIFFERENCE,
        ast.BitXor: Op.SYMMETRIC_DIFFERENCE,
    },
    Seq: {ast.Add: Op.CONCAT},
}
BULK = {
    "update": Op.UNION,
    "difference_update": Op.DIFFERENCE,
    "intersection_update": Op.INTERSECTION,
    "symmetric_difference_update": Op.SYMMETRIC_DIFFERENCE,
    "extend": Op.CONCAT,
}
REMOVING = (Op.INTERSECTION, Op.DIFFERENCE, Op.SYMMETRIC_DIFFERENCE)
METHODS: dict[type, tuple[str, ...]] = {
    Set: (
        "add",
        "remove",
        "discard",
        "clear",
        "update",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
    ),
    Bag: ("add", "remove", "discard", "clear"),
    Seq: ("append", "pop", "clear", "extend", *PLACED),
}
CHANGING = frozenset(name for names in METHODS.values() for name in names)
Store = Callable[[Expr], None]


def mutate(frame: Frame, node: ast.Call, wants_result: bool) -> Expr | None:
    """Compile a changing method: the result of `pop`, else the owner; None for other calls."""
    func = node.func
    if not isinstance(func, ast.Attribute):
        return None
    owner = evaluate(frame, func.value)
    if not isinstance(owner, Expr):
        return None
    owner = unwrap(owner)
    known = METHODS.get(type(owner.type), ())
    if func.attr not in known:
        if func.attr in CHANGING or func.attr == "setdefault":
            raise frame.refusal(
                node,
                f"{owner.type} has no method {func.attr}",
                instead_of_method(
                    owner.type, func.attr, ", ".join(known) or "nothing changes in place here"
                ),
            )
        return None
    if wants_result and func.attr != "pop":
        raise frame.refusal(
            node, f"{func.attr} has no result", f"{func.attr}(...) on a line of its own"
        )
    if node.keywords and func.attr != "sort":
        raise frame.refusal(node, "this method takes no keywords", f"{func.attr}(value)")
    if isinstance(func.value, ast.Name):
        return _on_local(frame, node, func.value, func.attr)
    if owner.op is not Op.FIELD and _starts_local(frame, func.value):
        return _on_part(frame, node, func.value, owner, func.attr)
    if owner.op is Op.FIELD:
        raise frame.refusal(
            node,
            "only a local or a part of the state changes in place",
            "a local by its own name, or self.x[k]",
        )
    place = place_of(frame, func.value)
    if place.type != owner.type:
        raise frame.refusal(node, f"{place.type} does not change in place", "self.x = ...")
    return _on_state(frame, node, place, func.attr)


def _starts_local(frame: Frame, node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and isinstance(frame.names.get(node.id), Local)


def _on_state(frame: Frame, node: ast.Call, place: Expr, method: str) -> Expr:
    if method == "pop":
        result, rest = _popped(frame, node, place)
        store(frame, node, place, rest)
        return result
    _check_present(frame, node, place, method)
    args = [_argument(frame, a, place.type, method) for a in node.args]
    store(frame, node, place, changed(frame, node, place, method, args))
    return place


def in_place(frame: Frame, node: ast.AST, place: Expr, op: Op, other: Expr) -> None:
    """`|=` and the like on the state, computed in the type of the place."""
    other = as_collection(frame, node, other, place.type)
    store(frame, node, place, _combined(frame, node, op, place, other))


def _combined(frame: Frame, node: ast.AST, op: Op, owner: Expr, other: Expr) -> Expr:
    """What `op` makes of a collection; members that it does not keep may be anything."""
    from planespec.checker.front.expressions.arithmetic import set_operation

    if op in REMOVING and not fits(other.type, owner.type):
        return convert(set_operation(frame, node, op, owner, other), owner.type)
    args = (owner, coerce(frame, node, other, owner.type))
    return Expr(op, owner.type, args, frame.at(node))


def as_collection(frame: Frame, node: ast.AST, other: Expr, wanted: Type) -> Expr:
    """A span or other collection in the place of a set or list."""
    from planespec.checker.front.expressions.scalars import to_seq, to_set

    if isinstance(wanted, Set) and not isinstance(other.type, Set):
        return to_set(frame, node, other)
    if isinstance(wanted, Seq) and not isinstance(other.type, Seq):
        return to_seq(frame, node, other)
    return other


def _argument(frame: Frame, node: ast.expr, owner: Type, method: str) -> Expr:
    if method in BULK and isinstance(node, ast.GeneratorExp):
        kind = Reduction.SET if isinstance(owner, Set) else Reduction.SEQ
        return collected(frame, node, kind, node.elt, node.generators)
    if method in BULK:
        return as_collection(frame, node, walked(frame, node), owner)
    return value(frame, node)


def changed(frame: Frame, node: ast.Call, owner: Expr, method: str, args: list[Expr]) -> Expr:
    """The collection after the change, of the type of the collection."""
    at, type_ = frame.at(node), owner.type
    if method == "clear":
        op = {Set: Op.SET, Bag: Op.BAG, Seq: Op.SEQ}[type(type_)]
        return Expr(op, type_, (), at)
    if isinstance(type_, Seq) and method in PLACED:
        return placed(frame, node, owner, method, args)
    if method in BULK and isinstance(type_, Set) and len(args) > 1:
        for other in args:
            owner = _combined(frame, node, BULK[method], owner, other)
        return owner
    if len(args) != 1:
        raise frame.refusal(node, f"{method} takes one value", f"{method}(value)")
    if method in BULK:
        return _combined(frame, node, BULK[method], owner, args[0])
    element: Type = type_.element  # type: ignore[attr-defined]
    if method in ("remove", "discard"):
        guard, fitted = fitting(frame, node, args[0], element)
        without = Expr(Op.WITHOUT, type_, (owner, fitted), at)
        return _guarded(guard, without, owner)
    op = Op.APPEND if method == "append" else Op.WITH
    return Expr(op, type_, (owner, coerce(frame, node, args[0], element)), at)


def _guarded(guard: list[Expr], value_: Expr, otherwise: Expr) -> Expr:
    for condition in reversed(guard):
        value_ = Expr(Op.IF, value_.type, (condition, value_, otherwise), value_.at)
    return value_


def _check_present(frame: Frame, node: ast.Call, owner: Expr, method: str) -> None:
    """`remove` of what is not there, and `pop` of nothing, are model errors."""
    at = frame.at(node)
    if method == "remove" and len(node.args) == 1 and not isinstance(owner.type, Seq):
        element: Type = owner.type.element  # type: ignore[attr-defined]
        if isinstance(element, Never):
            return
        guard, fitted = fitting(frame, node, value(frame, node.args[0]), element)
        for condition in guard:
            frame.block.append(Check(at, condition, "remove of an absent member"))
        inside = predicate(Op.IN, [fitted, owner], at)
        frame.block.append(Check(at, inside, "remove of an absent member"))


def _popped(frame: Frame, node: ast.Call, owner: Expr) -> tuple[Expr, Expr]:
    """The element that `pop` takes out, kept in a local before the list changes, and the rest."""
    assert isinstance(owner.type, Seq)
    if len(node.args) > 1:
        raise frame.refusal(node, "pop takes an index", "pop() or pop(i)")
    at = frame.at(node)
    index = value(frame, node.args[0]) if node.args else number(-1, at)
    place = place_in(frame, node, owner, index, "pop from an empty list")
    found = Expr(Op.AT, owner.type.element, (owner, place), at)
    return kept(frame, node, found, "popped"), without(frame, node, owner, place)


def _on_local(frame: Frame, node: ast.Call, name: ast.Name, method: str) -> Expr:
    binding = frame.names[name.id]
    assert isinstance(binding, Local)
    if binding.type is not None:
        raise frame.refusal(
            node,
            f"{name.id} is not a local made here, so others may see the change",
            "a copy: xs = set(xs) or list(xs)",
        )
    owner = unwrap(value(frame, name))
    _refuse_shared(frame, node, binding.name, name.id)
    frame.changes.append((f"local {binding.name}", frame.clock, frame.loops, node))
    frame.forget(name.id)
    if method == "pop":
        result, rest = _popped(frame, node, owner)
        frame.block.append(settle(frame, node, binding.name, rest))
        return result
    _check_present(frame, node, owner, method)
    args = [_argument(frame, a, owner.type, method) for a in node.args]
    if isinstance(owner.type, Seq) and args:
        note_added(frame, node, binding.name, method, args[-1])
    _learn_growth(frame, node, binding.name, owner.type, method, args)
    made = (
        changed(frame, node, _roomy(frame, owner, binding.name), method, args)
        if _settled(owner.type, method, args)
        else owner
    )
    frame.block.append(settle(frame, node, binding.name, made))
    return owner


def _on_part(frame: Frame, node: ast.Call, to: ast.expr, owner: Expr, method: str) -> Expr:
    """A change of an element of a local: `rows[k].append(x)`."""
    from planespec.checker.front.statements.local_parts import change_part

    if method == "pop":
        result, rest = _popped(frame, node, owner)
        change_part(frame, node, to, rest, None)
        return result
    _check_present(frame, node, owner, method)
    args = [_argument(frame, a, owner.type, method) for a in node.args]
    made = owner
    if _settled(owner.type, method, args):
        made = changed(frame, node, owner, method, args)
    change_part(frame, node, to, made, _added(frame, node, owner.type, method, args))
    return owner


def note_added(frame: Frame, node: ast.AST, name: str, method: str, more: Expr) -> None:
    """Note what the elements that a list is given are parts of."""
    row = more
    if method in ("append", "insert"):
        row = Expr(Op.SEQ, Seq(more.type, 1), (more,), more.at)
    note_elements(frame, node, name, row)


def _settled(owner: Type, method: str, args: list[Expr]) -> bool:
    """Whether the estimate of the local has a place for the arguments already."""
    if method == "insert":
        args = args[1:]
    if not args or method in ("remove", "discard"):
        return not isinstance(owner.element, Never)  # type: ignore[attr-defined]
    wanted = owner if method in BULK else owner.element  # type: ignore[attr-defined]
    return not isinstance(wanted, Never) and convertible(args[0].type, wanted)


def _roomy(frame: Frame, owner: Expr, name: str) -> Expr:
    return convert(owner, frame.estimate(name) or owner.type)


def _learn_growth(
    frame: Frame, node: ast.Call, name: str, owner: Type, method: str, args: list[Expr]
) -> None:
    found = _added(frame, node, owner, method, args)
    if found is not None:
        learn(frame, name, found[0], node)
        grow(frame, name, Never(), elements=found[1])


def _added(
    frame: Frame, node: ast.Call, owner: Type, method: str, args: list[Expr]
) -> tuple[Type, int] | None:
    """The type that a method gives a collection, and how many elements it may add."""
    if method == "insert":
        args = args[1:]
    if len(args) != 1 or method in ("remove", "discard"):
        return None
    if method in ("append", "add", "insert"):
        if narrowing.roots(frame, args[0]):
            raise frame.refusal(
                node, "this value has another name already", "a copy: set(x), list(x)"
            )
        element, added = args[0].type, 1
    else:
        element, added = args[0].type.element, most_elements(args[0].type)  # type: ignore[attr-defined]
    if isinstance(element, Span):
        as_integer(frame, node, args[0])
    made: Type = Seq(element, 0)
    if isinstance(owner, Set):
        made = set_of(element, 0)
    elif isinstance(owner, Bag):
        made = Bag(element, 0)
    return made, added


def _refuse_shared(frame: Frame, node: ast.AST, name: str, shown: str) -> None:
    for local_, shared, *_ in frame.binds:
        if local_ == name and shared:
            other = sorted(shared)[0].removeprefix("local ")
            raise frame.refusal(
                node,
                f"{shown} is another name for a part of {other}",
                f"a copy: set({other}) or list(...), or a change through self",
            )
