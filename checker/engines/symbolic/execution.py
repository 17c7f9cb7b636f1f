"""Meaning of statements: one symbolic run through a body, both branches of every `if` merged.

A run keeps the state, the locals and three conditions: `alive` (this point is reached), `blocked`
(some guard on the way was false) and `error` (something on the way went wrong before a guard
blocked). A choice becomes a fresh unknown bound to its domain, so that one run stands for all.
"""

from collections.abc import Callable, Iterable
from typing import Any

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.conversion import place_in
from planespec.checker.engines.symbolic.expressions import Evaluator
from planespec.checker.engines.symbolic.folds import walk
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Require,
    Return,
    Stmt,
)


def stored(ev: Evaluator, place: Expr, value: Any) -> tuple[str, Any]:
    """Name of the variable that `place` is part of, and its value after the store."""
    if place.op is Op.STATE:
        return place.arg, value
    container = place.args[0]
    old = ev.value(container)
    return stored(ev, container, _replaced(ev, place, old, value))


def _replaced(ev: Evaluator, place: Expr, old: Any, value: Any) -> Any:
    type_ = place.args[0].type
    match place.op:
        case Op.FIELD:
            assert isinstance(type_, t.Record)
            number = [n for n, _ in type_.fields].index(place.arg)
            return v.Fields((*old.values[:number], value, *old.values[number + 1 :]))
        case Op.INDEX:
            assert isinstance(type_, t.Array)
            hits = ev.index(type_.key, ev.key_number(type_.key, ev.value(place.args[1])))
            return v.Table(_where(hits, value, old.values))
    number = place_in(ev, old, ev.value(place.args[1]))
    hits = [l.equal(number, n) for n in range(len(old.values))]
    return v.Row(old.length, _where(hits, value, old.values))


def _where(hits: list[l.Truth], value: Any, old: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(v.pick(hit, value, x) for hit, x in zip(hits, old, strict=True))


Fresh = Callable[[str, t.Type], tuple[Any, l.Truth]]
"""Makes an unknown of a type by name, with the condition that it is a value of the type."""


class Run:
    """One symbolic run over `state`; `fresh` makes unknowns for choices and parameters."""

    def __init__(
        self,
        functions: dict[str, Function],
        state: dict[str, Any],
        fresh: Fresh,
        before: dict[str, Any] | None = None,
    ) -> None:
        """Copy the state: the run changes its own."""
        self.functions, self.fresh = functions, fresh
        self.ev = Evaluator(dict(state), before, self._call)
        self.blocked: l.Truth = False
        self.assumed: l.Truth = True
        self.picked: dict[str, tuple[t.Type, Any]] = {}
        self.result: Any = None
        self.leaving: list[l.Truth] = [False]
        self.rounds: list[tuple[l.Truth, l.Truth]] = []

    @property
    def state(self) -> dict[str, Any]:
        """The state after what has run so far."""
        return self.ev.state

    @property
    def error(self) -> l.Truth:
        """Something went wrong before any guard was false."""
        return self.ev.error

    @property
    def enabled(self) -> l.Truth:
        """All guards held and nothing went wrong."""
        return l.both(l.no(self.blocked), l.no(self.error), self.assumed)

    def bind(self, parameters: Iterable[Parameter]) -> None:
        """Make an unknown for each parameter of an action, bound to its domain."""
        for parameter in parameters:
            assert parameter.domain is not None
            self._choose(parameter.name, parameter.domain)

    def block(self, statements: Iterable[Stmt]) -> None:
        """Run statements one after another."""
        for statement in statements:
            self.ev.tick()
            going = self._going()
            if going is False:
                return
            with self.ev.under(going):
                _STATEMENTS[type(statement)](self, statement)

    def _going(self) -> l.Truth:
        """Whether control is still here: no return, no failed guard, no error, no break."""
        stopped = [self.leaving[-1], self.blocked, self.ev.error]
        if self.rounds:
            stopped += self.rounds[-1]
        return l.no(l.any_of(stopped))

    def _here(self) -> l.Truth:
        return self.ev.path

    def _choose(self, name: str, domain: Expr) -> None:
        type_ = _element(domain.type)
        value, well_formed = self.fresh(name, type_)
        among, there = self._membership(domain, type_, value)
        here = self._here()
        self.blocked = l.either(self.blocked, l.both(here, l.no(there)))
        self.assumed = l.both(
            self.assumed, l.implies(here, l.implies(there, l.both(well_formed, among)))
        )
        self.ev.locals[name] = value
        self.picked[name if name not in self.picked else f"{name}.{len(self.picked)}"] = (
            type_,
            value,
        )

    def _membership(self, domain: Expr, type_: t.Type, value: Any) -> tuple[l.Truth, l.Truth]:
        """Whether the value is one of the domain, and whether the domain has any."""
        if domain.op is Op.DOMAIN:
            return True, not _is_empty(type_)
        items = walk(self.ev, domain)
        among = l.any_of(l.both(here, v.same(type_, value, x)) for here, x in items)
        return among, l.any_of(here for here, _ in items)

    def _let(self, name: str, value: Any) -> None:
        old = self.ev.locals.get(name)
        self.ev.locals[name] = value if old is None else v.pick(self._here(), value, old)

    def _call(self, _: Evaluator, name: str, arguments: list[Any]) -> Any:
        """Run a helper in a frame of its own; returns its result."""
        function = self.functions[name]
        saved = self.ev.locals, self.result, self.rounds
        names = [p.name for p in function.parameters]
        self.ev.locals = dict(zip(names, arguments, strict=True))
        self.result, self.rounds = None, []
        self.leaving.append(False)
        self.block(function.body)
        self.leaving.pop()
        result = self.result
        self.ev.locals, self.result, self.rounds = saved
        if result is None and not isinstance(function.result, t.Nothing):
            result = v.zero(function.result)
        return result

    def on_assign(self, node: Assign) -> None:
        """Store in the state, where control is here."""
        value = self.ev.value(node.value)
        root, new = stored(self.ev, node.place, value)
        self.ev.state[root] = v.pick(self._here(), new, self.ev.state[root])

    def on_if(self, node: If) -> None:
        """Run both branches, each under its condition."""
        condition = self.ev.value(node.condition)
        for wanted, block in ((condition, node.then), (l.no(condition), node.orelse)):
            if wanted is not False:
                with self.ev.under(wanted):
                    self.block(block)

    def on_for(self, node: For) -> None:
        """Unroll over everything the domain may hold."""
        items = walk(self.ev, node.domain)
        self.rounds.append((False, False))
        for here, value in items:
            broken = self.rounds[-1][0]
            self.rounds[-1] = (broken, False)
            with self.ev.under(l.both(here, self._going())):
                if self.ev.path is not False:
                    self.ev.locals[node.name] = value
                    self.block(node.body)
        self.rounds.pop()

    def on_return(self, node: Return) -> None:
        """Keep the result and leave."""
        if node.value is not None:
            value = self.ev.value(node.value)
            self.result = (
                value if self.result is None else v.pick(self._here(), value, self.result)
            )
        self.leaving[-1] = l.either(self.leaving[-1], self._here())

    def on_require(self, node: Require) -> None:
        """A guard."""
        condition = self.ev.value(node.condition)
        self.blocked = l.either(
            self.blocked, l.both(self._here(), l.no(condition), l.no(self.ev.error))
        )

    def on_check(self, node: Check) -> None:
        """An assertion."""
        self.ev.fail_if(l.no(self.ev.value(node.condition)))

    def on_break(self, _: Break) -> None:
        """Leave the loop."""
        broken, skipped = self.rounds[-1]
        self.rounds[-1] = (l.either(broken, self._here()), skipped)

    def on_continue(self, _: Continue) -> None:
        """Leave the round."""
        broken, skipped = self.rounds[-1]
        self.rounds[-1] = (broken, l.either(skipped, self._here()))

    def on_do(self, node: Do) -> None:
        """Call for effect."""
        result = self._call(self.ev, node.function, [self.ev.value(a) for a in node.args])
        if node.name is not None:
            self._let(node.name, result)


_STATEMENTS: dict[type[Stmt], Callable[[Run, Any], None]] = {
    Assign: Run.on_assign,
    If: Run.on_if,
    For: Run.on_for,
    Return: Run.on_return,
    Require: Run.on_require,
    Check: Run.on_check,
    Break: Run.on_break,
    Continue: Run.on_continue,
    Do: Run.on_do,
    Let: lambda run, node: run._let(node.name, run.ev.value(node.value)),
    Choose: lambda run, node: run._choose(node.name, node.domain),
}


def _is_empty(type_: t.Type) -> bool:
    """Whether a type has no values: a sort without elements."""
    return isinstance(type_, t.Sort) and type_.size == 0


def _element(type_: t.Type) -> t.Type:
    if isinstance(type_, t.Array):
        return type_.value
    assert isinstance(type_, t.Span | t.Set | t.Bag | t.Seq)
    return type_.element
