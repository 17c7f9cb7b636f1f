"""What `for`, comprehensions and `choose` walk, and the comprehensions themselves."""

import ast
from contextlib import ExitStack
from dataclasses import replace
from enum import Enum as PythonEnum
from math import prod

from planespec.checker.front.core.advice import loop_targets, walked_class
from planespec.checker.front.core.building import domain, fold, number
from planespec.checker.front.core.narrowing import narrowed_by, roots
from planespec.checker.front.core.scope import Binding, Frame, Inline, Known, Local, Values
from planespec.checker.front.core.type_relations import (
    CAPACITY_LIMIT,
    Never,
    element_of,
    most_elements,
    set_of,
)
from planespec.checker.front.dispatch import (
    as_integer,
    as_value,
    describe,
    evaluate,
    handles,
    integer,
    truth_value,
    unwrap,
    value,
)
from planespec.checker.front.expressions.grid_walks import GridWalk, walk_of_grid
from planespec.checker.front.expressions.rows import Part, is_row_call, listed, row_of_call
from planespec.checker.front.expressions.tuples import as_row, parts
from planespec.checker.front.expressions.unpacking import Unpacked, distributed
from planespec.checker.front.tuple_keys import array_over, key_number
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Array, Bag, Grid, Int, Seq, Set, Span, Tuple, Type, members

WALKED = "a domain, an enum class, range(...), a set, list, Bag or Array"


def walked(frame: Frame, node: ast.expr, *, counted: bool = False) -> Expr:
    """The domain of a walk; where it is only `counted`, keys of a dict are as good as values."""
    if is_row_call(node):
        return listed(frame, node, row_of_call(frame, node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        return span(frame, node)
    found = evaluate(frame, node)
    if isinstance(found, Known):
        if isinstance(found.value, type) and issubclass(found.value, PythonEnum):
            found = Values(frame.program.facts.resolve(found.value))
        elif isinstance(found.value, tuple | frozenset | dict):
            found = as_value(frame, node, found)
        else:
            allowed = walked_class(frame.program.facts, found.value, WALKED)
            raise frame.refusal(node, f"{describe(found)} cannot be walked", allowed)
    if isinstance(found, Values):
        return domain(found.type, frame.at(node))
    plain = as_row(frame, node, unwrap(found) if isinstance(found, Expr) else value(frame, node))
    if element_of(plain.type) is None and not isinstance(plain.type, Never):
        raise frame.refusal(node, f"{plain.type} cannot be walked", WALKED)
    if isinstance(plain.type, Array) and not counted and is_dict(frame, node, plain):
        raise frame.refusal(
            node,
            "walking a dict made here yields its keys, walking an Array its values",
            "xs.values(), or a walk over the domain of the keys",
        )
    if isinstance(plain.type, Never):
        return Expr(Op.SEQ, Seq(Never(), 0), (), plain.at)
    if isinstance(plain.type, Grid) and not counted:
        return GridWalk(plain, "values").listed(frame, node)
    return plain


def is_dict(frame: Frame, node: ast.expr, found: Expr) -> bool:
    """Whether CPython holds a plain dict here, where the IR has an Array."""
    match node:
        case ast.Call(func=ast.Attribute(attr="values")):
            return False
    made = found.op in (Op.CALL, Op.ARRAY, Op.FOLD)
    if found.op is Op.LOCAL:
        bound = [b for b in frame.names.values() if isinstance(b, Local) and b.type is None]
        made = found.arg in [b.name for b in bound]
    return made and all(root.startswith("local ") for root in roots(frame, found))


def span(frame: Frame, node: ast.Call) -> Expr:
    """`range(high)` or `range(low, high)` between bounded numbers."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        raise frame.refusal(
            node,
            "a range with a step is not part of the language",
            "range(high) or range(low, high)",
        )
    ends = [integer(frame, a) for a in node.args]
    low, high = ends if len(ends) == 2 else (number(0, frame.at(node)), ends[0])
    if not (isinstance(low.type, Int) and isinstance(high.type, Int)):
        return Expr(Op.SEQ, Seq(Never(), 0), (), frame.at(node))
    if low.type.low is None or high.type.high is None:
        raise frame.refusal(node, "this range has no bound", "numbers with a Range")
    last = max(low.type.low, high.type.high - 1)
    return Expr(Op.RANGE, Span(Int(low.type.low, last)), (low, high), frame.at(node))


def rounds(walk: Expr) -> int:
    """How often the body of a walk runs at most."""
    if walk.op is Op.RANGE:
        low, high = walk.args
        assert isinstance(low.type, Int)
        assert isinstance(high.type, Int)
        return max(0, high.type.bounds[1] - low.type.bounds[0])
    return most_elements(walk.type)


def element_type(walk: Expr) -> Type:
    """The type of what a walk yields."""
    found = element_of(walk.type)
    return Never() if found is None else found


class Walk:
    """The generators of a comprehension, with their names bound while the body is compiled."""

    def __init__(self, frame: Frame, generators: list[ast.comprehension]) -> None:
        self.frame, self.given = frame, generators
        self.found: list[Generator] = []
        self.most = 1
        self._stack = ExitStack()

    def __enter__(self) -> "Walk":
        self._stack.callback(setattr, self.frame, "fixing", self.frame.fixing)
        self.frame.fixing = False
        try:
            for given in self.given:
                self._add(given)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _add(self, given: ast.comprehension) -> None:
        frame = self.frame
        *outer, last = self._bound(given)
        conditions = []
        for condition in given.ifs:
            conditions.append(truth_value(frame, condition))
            self._stack.enter_context(frame.narrowing(narrowed_by(frame, condition, True)))
        self.found += [*outer, replace(last, conditions=tuple(conditions))]

    def _bound(self, given: ast.comprehension) -> list[Generator]:
        """Bind the names of one `for`; what it walks, one inside the other."""
        frame, target = self.frame, given.target
        if given.is_async or not isinstance(target, ast.Name | ast.Tuple | ast.List):
            allowed = loop_targets()
            raise frame.refusal(target, "a comprehension binds names", allowed)
        grid = walk_of_grid(frame, given.iter)
        if grid is not None:
            found, part = grid.generators(frame)
            pairs = self._names(target, part)
        elif isinstance(target, ast.Name):
            walk = walked(frame, given.iter)
            found = [Generator(frame.fresh(target.id), element_type(walk), walk)]
            pairs = [(target.id, Local(found[0].name, found[0].type))]
        else:
            one = Unpacked(frame, given.iter, "element")
            found = [Generator(one.name, one.type, one.domain)]
            pairs = self._names(target, one.part)
        self.most *= prod(rounds(g.domain) for g in found)
        self._stack.enter_context(frame.narrowing({}))
        for bound, binding in pairs:
            self._stack.enter_context(frame.bind(bound, binding))
            frame.forget(bound)
        return found

    def _names(self, target: ast.expr, part: Part) -> list[tuple[str, Binding]]:
        """The names of a target, each for its part of what is walked."""
        found = distributed(self.frame, target, target, part, None)
        return [(_name(self.frame, t), Inline(x)) for t, x in found]

    @property
    def is_empty(self) -> bool:
        """Whether an empty collection written out is walked."""
        return any(isinstance(g.type, Never) for g in self.found)

    @property
    def generators(self) -> tuple[Generator, ...]:
        """The generators found."""
        return tuple(self.found)

    def room(self, node: ast.AST, type_: Type) -> int:
        """How many elements the result can have; refuses results too large to hold."""
        if self.most > CAPACITY_LIMIT and not isinstance(set_of(type_, 0).capacity, type(None)):
            raise self.frame.refusal(
                node, f"this may have {self.most} elements", f"at most {CAPACITY_LIMIT}"
            )
        return min(self.most, CAPACITY_LIMIT)


def _name(frame: Frame, target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        raise frame.refusal(target, "a comprehension binds names", "for k, v in ...")
    return target.id


@handles(ast.SetComp, ast.ListComp)
def collection(frame: Frame, node: ast.SetComp | ast.ListComp) -> Expr:
    """`{x for ...}` and `[x for ...]`."""
    kind = Reduction.SET if isinstance(node, ast.SetComp) else Reduction.SEQ
    return collected(frame, node, kind, node.elt, node.generators)


def collected(
    frame: Frame, node: ast.AST, kind: Reduction, elt: ast.expr, given: list[ast.comprehension]
) -> Expr:
    """A collection made by a walk."""
    with Walk(frame, given) as walk:
        body = value(frame, elt)
        if kind is Reduction.SEQ and any(isinstance(g.domain.type, Set | Bag) for g in walk.found):
            raise frame.refusal(
                node,
                "a list made from a set has no certain order",
                "a set comprehension, or a list made from a domain, range or list",
            )
        room = walk.room(node, body.type)
        made: dict[Reduction, Type] = {
            Reduction.SET: set_of(body.type, room),
            Reduction.SEQ: Seq(body.type, room),
            Reduction.BAG: Bag(body.type, room),
        }
        return fold(kind, made[kind], walk.generators, body, frame.at(node))


@handles(ast.DictComp)
def array(frame: Frame, node: ast.DictComp) -> Expr:
    """`{k: value for k in domain}`: an Array over the whole key type, or over tuples."""
    if not any(given.ifs for given in node.generators):
        with Walk(frame, node.generators) as walk:
            types = [_whole_type(frame, node, g.domain) for g in walk.found]
            pairs = zip(walk.found, types, strict=True)
            full = [Generator(g.name, t, domain(t, frame.at(node))) for g, t in pairs]
            named = value(frame, node.key)
            keys = parts(named) if isinstance(named.type, Tuple) else [named]
            made = array_over(keys, full, value(frame, node.value))
            if made is not None:
                return replace(made, at=frame.at(node))
    raise frame.refusal(node, "an Array has one value for each key", "{k: value for k in domain}")


def _whole_type(frame: Frame, node: ast.AST, walk: Expr) -> Type:
    if walk.op is Op.RANGE and all(end.op is Op.CONST for end in walk.args):
        return Int(walk.args[0].arg, walk.args[1].arg - 1)
    if walk.op is Op.SEQ and len(walk.args) > 0:
        type_, numbers = element_type(walk), [key_number(a) for a in walk.args]
        if type_.is_scalar and sorted(map(str, numbers)) == sorted(map(str, members(type_))):
            return type_
    if walk.op is not Op.DOMAIN:
        raise frame.refusal(
            node, "an Array has a value for each key of a type", "{k: value for k in domain}"
        )
    return element_type(walk)


def reduced(
    frame: Frame, node: ast.AST, kind: Reduction, walk: Walk, body: Expr, default: Expr | None
) -> Expr:
    """`sum`, `min`, `max` over a walk."""
    body = as_integer(frame, node, body)
    type_ = body.type if isinstance(body.type, Int) else Int(0, 0)
    if kind is Reduction.SUM:
        type_ = ranges.repeated(type_, walk.most)
    elif default is not None and isinstance(default.type, Int):
        type_ = ranges.hull(type_, default.type)
    return fold(kind, type_, walk.generators, body, frame.at(node), default)
