"""Random well-typed expressions over a pool of variables, from a seed."""

from typing import Any

from random_values import BOOL, COLOUR, NODE, ValueMaker, element_of

from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Position, Reduction
from planespec.checker.ir.system import Variable
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Int,
    Option,
    Record,
    Seq,
    Set,
    Span,
    Type,
    Union,
    members,
)

AT = Position("random.py", 1, 1, 1, 2)
COMPARISONS = [Op.LT, Op.LE, Op.GT, Op.GE]


def node(op: Op, type_: Type, *args: Expr, arg: Any = None) -> Expr:
    return Expr(op, type_, args, AT, arg)


class Maker(ValueMaker):
    """Makes expressions too; `variables` is what they read, `bound` the locals in scope."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.variables: list[Variable] = []
        self.bound: list[tuple[str, Type]] = []

    def expr(self, type_: Type, depth: int) -> Expr:
        ways = [self._leaf]
        if depth > 0:
            ways += [self._if, self._part, *self._own(type_)]
        return self.rng.choice(ways)(type_, depth - 1)

    def _own(self, type_: Type) -> list[Any]:
        match type_:
            case Bool():
                return [self._test, self._test, self._junction, self._quantifier]
            case Int():
                return [self._arithmetic, self._arithmetic, self._count]
            case Option():
                return [self._some]
            case Record():
                return [self._build_record, self._replace]
            case Union():
                return [self._inject]
            case Array():
                return [self._fill, self._comprehend_array]
            case Set():
                return [self._literal, self._change, self._combine, self._comprehend]
            case Bag():
                return [self._literal, self._change]
            case Seq():
                return [self._literal, self._append, self._slice]
        return []

    def _leaf(self, type_: Type, depth: int) -> Expr:
        found = [node(Op.STATE, type_, arg=v.name) for v in self.variables if v.type == type_]
        found += [node(Op.LOCAL, type_, arg=n) for n, t in self.bound if t == type_]
        return self.rng.choice(found) if found else self.constant(type_)

    def constant(self, type_: Type) -> Expr:
        match type_:
            case Option(inner):
                return node(Op.SOME, type_, self.constant(inner))
            case Record(_, fields):
                return node(Op.RECORD, type_, *[self.constant(t) for _, t in fields])
            case Union(variants):
                return node(Op.INJECT, type_, self.constant(self.rng.choice(variants)))
            case Array(_, element):
                return node(Op.FILL, type_, self.constant(element))
            case Set():
                return node(Op.SET, type_)
            case Bag():
                return node(Op.BAG, type_)
            case Seq():
                return node(Op.SEQ, type_)
        return node(Op.CONST, type_, arg=int(self.value(type_)))

    def _if(self, type_: Type, depth: int) -> Expr:
        test, a, b = self.expr(BOOL, depth), self.expr(type_, depth), self.expr(type_, depth)
        return node(Op.IF, type_, test, a, b)

    def _part(self, type_: Type, depth: int) -> Expr:
        """The value as a part of something in the pool."""
        ways: list[Expr] = []
        for v in self.variables:
            match v.type:
                case Array(key, element) if element == type_:
                    ways.append(
                        node(Op.INDEX, type_, self._leaf(v.type, 0), self.expr(key, depth))
                    )
                case Seq(element, _) if element == type_:
                    at = self.expr(Int(-2, 5), depth)
                    ways.append(node(Op.AT, type_, self._leaf(v.type, 0), at))
                case Option(inner) if inner == type_:
                    ways.append(node(Op.UNWRAP, type_, self._leaf(v.type, 0)))
                case Record(_, fields):
                    whole = self._leaf(v.type, 0)
                    ways += [node(Op.FIELD, type_, whole, arg=n) for n, t in fields if t == type_]
                case Union(variants):
                    whole = self._leaf(v.type, 0)
                    ways += [
                        node(Op.PROJECT, r, whole, arg=r.name) for r in variants if r == type_
                    ]
        return self.rng.choice(ways) if ways else self._leaf(type_, depth)

    def _test(self, _: Type, depth: int) -> Expr:
        type_ = self.rng.choice(self.variables).type
        a, b = self.expr(type_, depth), self.expr(type_, depth)
        ways = [node(self.rng.choice([Op.EQ, Op.NE]), BOOL, a, b)]
        match type_:
            case Int():
                ways.append(node(self.rng.choice(COMPARISONS), BOOL, a, b))
            case Option():
                ways.append(node(Op.IS_NONE, BOOL, a))
            case Union(variants):
                ways.append(node(Op.IS, BOOL, a, arg=(variants[-1].name,)))
            case Set(element):
                ways.append(node(Op.SUBSET, BOOL, a, b))
                ways.append(node(Op.IN, BOOL, self.expr(element, depth), a))
            case Bag(element) | Seq(element):
                ways.append(node(Op.IN, BOOL, self.expr(element, depth), a))
        return self.rng.choice(ways)

    def _junction(self, _: Type, depth: int) -> Expr:
        parts = [self.expr(BOOL, depth) for _ in range(self.rng.randint(2, 3))]
        whole = node(self.rng.choice([Op.AND, Op.OR]), BOOL, *parts)
        return node(Op.NOT, BOOL, whole) if self.rng.random() < 0.3 else whole

    def _walk(self, depth: int) -> Generator:
        """A generator over something, with its variable in scope for what is made next."""
        name, walked = self.name("x"), [v for v in self.variables if element_of(v.type)]
        if walked and self.rng.random() < 0.7:
            variable = self.rng.choice(walked)
            element = element_of(variable.type)
            assert element is not None
            domain = node(Op.STATE, variable.type, arg=variable.name)
        else:
            element = self.rng.choice([COLOUR, NODE, Int(-1, 2)])
            domain = node(Op.DOMAIN, Span(element))
        self.bound.append((name, element))
        conditions = (self.expr(BOOL, depth),) if self.rng.random() < 0.5 else ()
        return Generator(name, element, domain, conditions)

    def _folded(self, reduction: Reduction, type_: Type, body: Type, depth: int) -> Expr:
        walks = [self._walk(depth) for _ in range(self.rng.randint(1, 2))]
        inner = self.expr(body, depth)
        del self.bound[-len(walks) :]
        default = self.expr(type_, 0) if self.rng.random() < 0.5 else None
        return Fold(Op.FOLD, type_, (), AT, None, reduction, tuple(walks), inner, default)

    def _quantifier(self, _: Type, depth: int) -> Expr:
        return self._folded(self.rng.choice([Reduction.ALL, Reduction.ANY]), BOOL, BOOL, depth)

    def _count(self, type_: Type, depth: int) -> Expr:
        kinds = [Reduction.COUNT, Reduction.SUM, Reduction.MIN, Reduction.MAX]
        kind, small = self.rng.choice(kinds), Int(-2, 5)
        whole = Int(-99, 99)
        found = self._folded(kind, small if kind in kinds[2:] else whole, small, depth)
        return node(Op.CONVERT, type_, found)

    def _arithmetic(self, type_: Type, depth: int) -> Expr:
        sized = [v for v in self.variables if isinstance(v.type, Set | Bag | Seq)]
        if sized and self.rng.random() < 0.2:
            variable = self.rng.choice(sized)
            length = node(Op.LEN, Int(0, 64), node(Op.STATE, variable.type, arg=variable.name))
            return node(Op.CONVERT, type_, length)
        op = self.rng.choice([Op.ADD, Op.SUB, Op.MUL, Op.FLOORDIV, Op.MOD, Op.NEG, Op.ABS, Op.MAX])
        wide = Int(-(1 << 50), 1 << 50)
        source = self.rng.choice([Int(-2, 5), Int(0, 3)])
        args = [self.expr(source, depth) for _ in range(1 if op in (Op.NEG, Op.ABS) else 2)]
        return node(Op.CONVERT, type_, node(op, wide, *args))

    def _some(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Option)
        if self.rng.random() < 0.3:
            return node(Op.CONST, type_, arg=None)
        return node(Op.SOME, type_, self.expr(type_.inner, depth))

    def _build_record(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Record)
        return node(Op.RECORD, type_, *[self.expr(t, depth) for _, t in type_.fields])

    def _replace(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Record)
        name, kind = self.rng.choice(type_.fields)
        old, new = self.expr(type_, depth), self.expr(kind, depth)
        return node(Op.REPLACE, type_, old, new, arg=(name,))

    def _inject(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Union)
        return node(Op.INJECT, type_, self.expr(self.rng.choice(type_.variants), depth))

    def _fill(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Array)
        if self.rng.random() < 0.5:
            return node(Op.FILL, type_, self.expr(type_.value, depth))
        values = [self.expr(type_.value, depth) for _ in members(type_.key)]
        return node(Op.ARRAY, type_, *values)

    def _comprehend_array(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Array)
        name = self.name("k")
        walk = Generator(name, type_.key, node(Op.DOMAIN, Span(type_.key)))
        self.bound.append((name, type_.key))
        body = self.expr(type_.value, depth)
        self.bound.pop()
        return Fold(Op.FOLD, type_, (), AT, None, Reduction.ARRAY, (walk,), body)

    def _literal(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Set | Bag | Seq)
        kind = {Set: Op.SET, Bag: Op.BAG, Seq: Op.SEQ}[type(type_)]
        most = min(type_.capacity or 2, 3)
        elements = [self.expr(type_.element, depth) for _ in range(self.rng.randint(0, most))]
        return node(kind, type_, *elements) if type_.capacity != 0 else node(kind, type_)

    def _change(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Set | Bag)
        op = self.rng.choice([Op.WITH, Op.WITHOUT])
        return node(op, type_, self.expr(type_, depth), self.expr(type_.element, depth))

    def _combine(self, type_: Type, depth: int) -> Expr:
        ops = [Op.UNION, Op.INTERSECTION, Op.DIFFERENCE, Op.SYMMETRIC_DIFFERENCE]
        return node(self.rng.choice(ops), type_, self.expr(type_, depth), self.expr(type_, depth))

    def _comprehend(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Set)
        return self._folded(Reduction.SET, type_, type_.element, depth)

    def _append(self, type_: Type, depth: int) -> Expr:
        assert isinstance(type_, Seq)
        if self.rng.random() < 0.3:
            return node(Op.CONCAT, type_, self.expr(type_, depth), self.expr(type_, depth))
        return node(Op.APPEND, type_, self.expr(type_, depth), self.expr(type_.element, depth))

    def _slice(self, type_: Type, depth: int) -> Expr:
        low, high = self.expr(Int(-2, 5), depth), self.expr(Int(-2, 5), depth)
        return node(Op.SLICE, type_, self.expr(type_, depth), low, high)
