"""`for k, v in ...` and `k, v = ...`: several names for the parts of one value."""

import ast
from collections.abc import Iterator

from planespec.checker.front.core.building import fold, length, local, number, predicate, unknown
from planespec.checker.front.core.narrowing import roots
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never, count, element_of
from planespec.checker.front.expressions.grid_walks import GridWalk, walk_of_grid
from planespec.checker.front.expressions.rows import (
    Group,
    Part,
    as_one,
    fixed,
    is_row_call,
    keys_of,
    owner_of_items,
    pair_of_key,
    places,
    row_of_call,
    variables,
)
from planespec.checker.front.expressions.tuples import parts
from planespec.checker.ir.nodes import Check, Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bag, Seq, Set, Span, Tuple, Type
from planespec.checker.lang.data.records import tuple_of

Bound = tuple[ast.expr, Expr]
"""A target and the value that it is given."""


class Unpacked:
    """What a walk with several names, or over a row, comes to.

    `name` and `type` are those of the one element that the IR walks; `part` is what it stands for
    `shared` the variables that may not change meanwhile and `live` those whose elements may.
    """

    def __init__(self, frame: Frame, node: ast.expr, hint: str) -> None:
        from planespec.checker.front.expressions.comprehensions import element_type, walked

        grid = walk_of_grid(frame, node)
        owner = None if grid is not None else owner_of_items(frame, node)
        self.shared: frozenset[str] = frozenset()
        self.live: frozenset[str] = frozenset()
        self.name = frame.fresh(hint)
        if grid is not None:
            self._over_grid(frame, node, grid)
        elif owner is not None:
            self.domain = keys_of(frame, node, owner)
            self.shared, self.live = variables(frame, owner)
            owner = fixed(frame, node, owner)
            self.type = _element(self.domain)
            self.part: Part = pair_of_key(owner, self.element)
        elif is_row_call(node):
            row = row_of_call(frame, node)
            self.domain, self.shared, self.live = places(row), row.shared, row.live
            self.type = _element(self.domain)
            self.part = row.at(self.element)
        else:
            self.domain = walked(frame, node)
            self.shared = roots(frame, self.domain)
            self.type = element_type(self.domain)
            self.part = self.element

    def _over_grid(self, frame: Frame, node: ast.expr, grid: GridWalk) -> None:
        """A map from tuples: its keys are walked, and its values are those of each round."""
        self.domain = grid.keys
        self.type = tuple_of(grid.type.keys)
        owner = grid.owner
        if grid.kind != "keys":
            self.shared, self.live = variables(frame, owner)
            owner = fixed(frame, node, owner)
        self.part = grid.element(owner, parts(self.element))

    @property
    def element(self) -> Expr:
        """The element of the IR."""
        return local(self.name, self.type, self.domain.at)


def _element(walk: Expr) -> Type:
    assert isinstance(walk.type, Span)
    return element_of(walk.type) or Never()


def is_unpacked(target: ast.expr) -> bool:
    """Whether a target has several names."""
    return isinstance(target, ast.Tuple | ast.List)


def distributed(
    frame: Frame, node: ast.AST, target: ast.expr, part: Part, checks: list[Check] | None
) -> Iterator[Bound]:
    """Each plain target with its value; lengths that are not known are checked in `checks`."""
    if not isinstance(target, ast.Tuple | ast.List):
        yield target, as_one(part, frame, node)
        return
    if any(isinstance(t, ast.Starred) for t in target.elts):
        yield from _with_rest(frame, target, as_one(part, frame, node), checks)
        return
    found = _places(frame, target, part, checks)
    if len(found) != len(target.elts):
        raise frame.refusal(
            target, f"{len(target.elts)} names for {len(found)} values", "a name for each value"
        )
    for inner, value in zip(target.elts, found, strict=True):
        yield from distributed(frame, node, inner, value, checks)


def _places(
    frame: Frame, target: ast.Tuple | ast.List, part: Part, checks: list[Check] | None
) -> list[Part]:
    if isinstance(part, Group):
        return list(part.parts)
    wanted, at = len(target.elts), frame.at(target)
    match part.type:
        case Tuple():
            return list(parts(part))
        case Never():
            return [unknown(at)] * wanted
        case Seq(element, _) if checks is not None:
            test = predicate(Op.EQ, [length(part), number(wanted, at)], at)
            checks.append(Check(at, test, f"{wanted} names for another number of values"))
            return [Expr(Op.AT, element, (part, number(n, at)), at) for n in range(wanted)]
        case Set(element) | Bag(element) if checks is not None and wanted == 1:
            test = predicate(Op.EQ, [length(part), number(1, at)], at)
            checks.append(Check(at, test, "one name for another number of values"))
            return [_only_member(frame, part, element)]
    instead = "a tuple, items(), enumerate or zip"
    if isinstance(part.type, Set | Bag):
        instead = "sorted(xs), or (x,) = xs for the only member"
    raise frame.refusal(target, f"{part.type} is not taken apart here", instead)


def _only_member(frame: Frame, part: Expr, element: Type) -> Expr:
    """The member of a set that has one."""
    assert isinstance(part.type, Set | Bag)
    at, name = part.at, frame.fresh("member")
    room = Seq(element, part.type.capacity or count(element))
    walk = Generator(name, element, part)
    row = fold(Reduction.SEQ, room, (walk,), local(name, element, at), at)
    return Expr(Op.AT, element, (row, number(0, at)), at)


def _with_rest(
    frame: Frame, target: ast.Tuple | ast.List, found: Expr, checks: list[Check] | None
) -> Iterator[Bound]:
    """`first, *rest = xs`."""
    from planespec.checker.front.expressions.tuples import as_row

    row, at = as_row(frame, target, found), frame.at(target)
    stars = [n for n, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
    if not isinstance(row.type, Seq) or checks is None or len(stars) != 1:
        raise frame.refusal(
            target, f"{found.type} is not taken apart like this", "first, *rest = xs"
        )
    star, after = stars[0], len(target.elts) - stars[0] - 1
    least = predicate(Op.LE, [number(star + after, at), length(row)], at)
    checks.append(Check(at, least, "not enough values to unpack"))
    for n, inner in enumerate(target.elts):
        if isinstance(inner, ast.Starred):
            size = length(row)
            assert isinstance(size.type, type(number(0, at).type))
            from planespec.checker.ir import ranges

            last = number(after, at)
            end = Expr(Op.SUB, ranges.subtract(size.type, last.type), (size, last), at)  # type: ignore[arg-type]
            rest = Expr(Op.SLICE, row.type, (row, number(star, at), end), at)
            yield inner.value, rest
        else:
            place = n if n < star else n - len(target.elts)
            yield inner, Expr(Op.AT, row.type.element, (row, number(place, at)), at)
