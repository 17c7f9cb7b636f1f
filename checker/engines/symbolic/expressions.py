"""Meaning of every expression as truths and numbers; `error` where Python would raise.

`path` is the condition under which the expression at hand is evaluated at all: the branches of
`and`, `or`, `if` and of comprehensions narrow it, so that an error counts only where it happens.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from planespec.checker.engines.symbolic import collections as c
from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.conversion import convert, place_in, select
from planespec.checker.engines.symbolic.unknowns import embed
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Fold, Op, Table
from planespec.checker.ir.operations import Derived, derived

Caller = Callable[["Evaluator", str, list[Any]], Any]


class Evaluator:
    """Evaluates expressions over one state (`before` too, in step requirements)."""

    def __init__(
        self,
        state: dict[str, Any],
        before: dict[str, Any] | None,
        call: Caller,
        ask: Callable[[Expr], l.Truth],
    ) -> None:
        """`call` runs a function of the model by name, `ask` answers ENABLED."""
        self.state, self.before, self._call, self.ask = state, before, call, ask
        self.locals: dict[str, Any] = {}
        self.path: l.Truth = True
        self.error: l.Truth = False
        self.tick: Callable[[], None] = lambda: None

    def fail_if(self, condition: l.Truth) -> None:
        """Python would raise here where the condition holds."""
        self.error = l.either(self.error, l.both(self.path, condition))

    @contextmanager
    def under(self, condition: l.Truth) -> Iterator[None]:
        """Evaluate only where the condition holds."""
        saved = self.path
        self.path = l.both(saved, condition)
        try:
            yield
        finally:
            self.path = saved

    def value(self, node: Expr) -> Any:
        """The symbolic value of an expression."""
        stands = derived(node)
        if stands is not None:
            return self._derived(stands)
        if isinstance(node, Fold):
            from planespec.checker.engines.symbolic.folds import fold

            return fold(self, node)
        special = SPECIAL.get(node.op)
        if special is not None:
            return special(self, node)
        operands = [self.value(a) for a in node.args]
        return PLAIN[node.op](self, node, *operands)

    def _derived(self, stands: Derived) -> Any:
        """The value of what an expression stands for; its operands are locals for that long."""
        if not stands.given:
            return self.value(stands.value)
        given = {name: self.value(operand) for name, operand in stands.given}
        outer, self.locals = self.locals, {**self.locals, **given}
        found = self.value(stands.value)
        self.locals = outer
        return found

    def call(self, name: str, arguments: list[Any]) -> Any:
        """Run a function of the model."""
        return self._call(self, name, arguments)

    def index(self, keys: t.Type, number: l.Number) -> list[l.Truth]:
        """For each key in order whether `number` is it; a key that is none is an error."""
        numbers = list(t.members(keys))
        self.fail_if(l.no(l.within(number, numbers[0], numbers[-1])) if numbers else True)
        return [l.equal(number, n) for n in numbers]

    def key_number(self, keys: t.Type, key: Any) -> l.Number:
        """A key as the number that `members` gives it."""
        return l.as_number(key) if isinstance(keys, t.Bool) else key


def _const(ev: Evaluator, node: Expr) -> Any:
    return None if isinstance(node.type, t.Nothing) else _constant(node.type, node.arg)


def _constant(type_: t.Type, value: Any) -> Any:
    if isinstance(type_, t.Option):
        if value is None:
            return v.Maybe(False, v.zero(type_.inner))
        return v.Maybe(True, _constant(type_.inner, value))
    return bool(value) if isinstance(type_, t.Bool) else int(value)


def _table(_: Evaluator, node: Expr) -> Any:
    return _known_table(node.type, node.arg)


@lru_cache(maxsize=256)
def _known_table(type_: t.Type, table: Table) -> Any:
    return embed(type_, table.value)


def _state(ev: Evaluator, node: Expr) -> Any:
    return ev.state[node.arg]


def _before(ev: Evaluator, node: Expr) -> Any:
    assert ev.before is not None
    return ev.before[node.arg]


def _local(ev: Evaluator, node: Expr) -> Any:
    return ev.locals[node.arg]


def _if(ev: Evaluator, node: Expr) -> Any:
    condition = ev.value(node.args[0])
    if l.known(condition):
        return ev.value(node.args[1 if condition else 2])

    def branch(operand: Expr, taken: bool) -> Any:
        if operand.op is Op.CONST:
            return ev.value(operand)
        with ev.under(condition if taken else l.no(condition)):
            return ev.value(operand)

    then, other = branch(node.args[1], True), branch(node.args[2], False)
    return v.pick(condition, then, other)


def _called(ev: Evaluator, node: Expr) -> Any:
    return ev.call(node.arg, [ev.value(a) for a in node.args])


SPECIAL: dict[Op, Callable[[Evaluator, Expr], Any]] = {
    Op.CONST: _const,
    Op.TABLE: _table,
    Op.LOCAL: _local,
    Op.STATE: _state,
    Op.BEFORE: _before,
    Op.IF: _if,
    Op.CALL: _called,
    Op.ENABLED: lambda ev, node: ev.ask(node),
}


def _item(ev: Evaluator, node: Expr, array: v.Table, key: Any) -> Any:
    keys = node.args[0].type
    assert isinstance(keys, t.Array)
    hits = ev.index(keys.key, ev.key_number(keys.key, key))
    return select(hits, array.values) if hits else v.zero(node.type)


def _at(ev: Evaluator, node: Expr, row: v.Row, number: l.Number) -> Any:
    place = place_in(ev, row, number)
    if not row.values:
        return v.zero(node.type)
    return select([l.equal(place, n) for n in range(len(row.values))], row.values)


def _field(ev: Evaluator, node: Expr, value: Any) -> Any:
    type_ = node.args[0].type
    if isinstance(type_, t.Record):
        return value.values[[n for n, _ in type_.fields].index(node.arg)]
    assert isinstance(type_, t.Union)
    parts = []
    for variant, fields in zip(type_.variants, value.variants, strict=True):
        names = [n for n, _ in variant.fields]
        part = fields.values[names.index(node.arg)]
        parts.append(convert(ev, variant.field_type(node.arg), node.type, part, checked=False))
    return select([l.equal(value.tag, n) for n in range(len(parts))], tuple(parts))


def _floordiv(ev: Evaluator, _: Expr, a: l.Number, b: l.Number) -> l.Number:
    ev.fail_if(l.equal(b, 0))
    return l.floor_divide(a, b)


def _mod(ev: Evaluator, _: Expr, a: l.Number, b: l.Number) -> l.Number:
    ev.fail_if(l.equal(b, 0))
    return l.modulo(a, b)


def _eq(_: Evaluator, node: Expr, a: Any, b: Any) -> l.Truth:
    return v.same(node.args[0].type, a, b)


def _unwrap(ev: Evaluator, _: Expr, value: v.Maybe) -> Any:
    ev.fail_if(l.no(value.present))
    return value.value


def _inject(_: Evaluator, node: Expr, record: v.Fields) -> v.Tagged:
    assert isinstance(node.type, t.Union)
    source = node.args[0].type
    assert isinstance(source, t.Record)
    tag = node.type.index(source.name)
    empty = [v.zero(x) for x in node.type.variants]
    return v.Tagged(tag, (*empty[:tag], record, *empty[tag + 1 :]))


def _is(_: Evaluator, node: Expr, value: v.Tagged) -> l.Truth:
    type_ = node.args[0].type
    assert isinstance(type_, t.Union)
    return l.any_of(l.equal(value.tag, type_.index(name)) for name in node.arg)


def _project(ev: Evaluator, node: Expr, value: v.Tagged) -> v.Fields:
    type_ = node.args[0].type
    assert isinstance(type_, t.Union)
    tag = type_.index(node.arg)
    ev.fail_if(l.no(l.equal(value.tag, tag)))
    return value.variants[tag]


PLAIN: dict[Op, Callable[..., Any]] = {
    Op.INDEX: _item,
    Op.AT: _at,
    Op.FIELD: _field,
    Op.ADD: lambda _e, _n, a, b: a + b,
    Op.SUB: lambda _e, _n, a, b: a - b,
    Op.MUL: lambda _e, _n, a, b: a * b,
    Op.FLOORDIV: _floordiv,
    Op.MOD: _mod,
    Op.EQ: _eq,
    Op.LE: lambda _e, _n, a, b: l.at_most(a, b),
    Op.SOME: lambda _e, _n, a: v.Maybe(True, a),
    Op.UNWRAP: _unwrap,
    Op.RECORD: lambda _e, _n, *a: v.Fields(a),
    Op.INJECT: _inject,
    Op.IS: _is,
    Op.PROJECT: _project,
    Op.ARRAY: lambda _e, _n, *a: v.Table(a),
    Op.CONVERT: lambda e, n, a: convert(e, n.args[0].type, n.type, a, checked=True),
    **c.OPERATIONS,
}
