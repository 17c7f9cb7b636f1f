"""What walks over maps from tuples yield: `keys()`, `values()` and `items()` of `x[a, b]`."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from planespec.checker.front.core.building import domain, fold, local
from planespec.checker.front.core.scope import Frame, Known
from planespec.checker.front.core.type_relations import most_elements, set_of
from planespec.checker.front.dispatch import as_value, evaluate, unwrap
from planespec.checker.front.expressions.rows import Group, Part, as_one
from planespec.checker.front.tuple_keys import under
from planespec.checker.ir.nodes import Expr, Generator, Op, Position, Reduction, Table
from planespec.checker.ir.types import Grid, Seq
from planespec.checker.lang.data.grids import grid_keys
from planespec.checker.lang.data.records import tuple_of

METHODS = ("keys", "values", "items")


def keys_of_grid(owner: Grid, at: Position) -> Expr:
    """The set of all keys, which is a table: the same in every state."""
    keys = grid_keys(owner)
    type_ = set_of(tuple_of(owner.keys), len(keys))
    return Expr(Op.TABLE, type_, (), at, Table(f"keys of {owner}", frozenset(keys)))


@dataclass(frozen=True)
class GridWalk:
    """A walk over keys, values or items of a map from tuples."""

    owner: Expr
    kind: str

    @property
    def type(self) -> Grid:
        """The type of the map."""
        assert isinstance(self.owner.type, Grid)
        return self.owner.type

    @property
    def keys(self) -> Expr:
        """What one loop walks."""
        return keys_of_grid(self.type, self.owner.at)

    def element(self, owner: Expr, index: Sequence[Expr]) -> Part:
        """What the walk yields at a key of the map, which is `owner` then."""
        if self.kind == "keys":
            return Group(tuple(index))
        found = under(owner, index, owner.at)
        return Group((Group(tuple(index)), found)) if self.kind == "items" else found

    def generators(self, frame: Frame) -> tuple[list[Generator], Part]:
        """One walk inside another over the places of the keys, and what they yield."""
        at = self.owner.at
        found = [Generator(frame.fresh("key"), k, domain(k, at)) for k in self.type.keys]
        names = [local(g.name, g.type, at) for g in found]
        return found, self.element(self.owner, names)

    def listed(self, frame: Frame, node: ast.AST) -> Expr:
        """The list of what the walk yields."""
        walk, part = self.generators(frame)
        body = as_one(part, frame, node)
        made = Seq(body.type, most_elements(self.type))
        return fold(Reduction.SEQ, made, tuple(walk), body, frame.at(node))


def walk_of_grid(frame: Frame, node: ast.expr) -> GridWalk | None:
    """The walk over a map from tuples that an expression stands for; None for all others."""
    from planespec.checker.front.expressions.comprehensions import is_dict

    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=kind), args=[], keywords=[]) if (
            kind in METHODS
        ):
            pass
        case ast.Name() | ast.Attribute() | ast.Subscript():
            owner, kind = node, ""
        case _:
            return None
    found = evaluate(frame, owner)
    if isinstance(found, Known) and type(found.value) is dict:
        found = as_value(frame, owner, found)
    if not isinstance(found, Expr) or not isinstance(unwrap(found).type, Grid):
        return None
    if not kind and is_dict(frame, node, unwrap(found)):
        return None
    return GridWalk(unwrap(found), kind)
