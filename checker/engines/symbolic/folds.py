"""Comprehensions and quantifiers, unrolled over everything their domains may hold."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.collections import bounded, literal_set, row
from planespec.checker.engines.symbolic.conversion import elements
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Reduction

if TYPE_CHECKING:
    from planespec.checker.engines.symbolic.expressions import Evaluator

Item = tuple[l.Truth, Any]


def walk(ev: "Evaluator", domain: Expr) -> list[Item]:
    """Everything a domain may hold, in order, each with the condition that it is there."""
    if domain.op is Op.DOMAIN:
        assert isinstance(domain.type, t.Span)
        element = domain.type.element
        is_bool = isinstance(element, t.Bool)
        return [(True, bool(n) if is_bool else n) for n in t.members(element)]
    if domain.op is Op.RANGE:
        return _range(ev, domain)
    value, type_ = ev.value(domain), domain.type
    if isinstance(type_, t.Array):
        return [(True, x) for x in value.values]
    if isinstance(type_, t.Seq):
        return [(l.less(n, value.length), x) for n, x in enumerate(value.values)]
    assert isinstance(type_, t.Set | t.Bag)
    return elements(type_, value)


def _range(ev: "Evaluator", domain: Expr) -> list[Item]:
    low, high = (ev.value(a) for a in domain.args)
    types = [a.type for a in domain.args]
    assert isinstance(types[0], t.Int)
    assert isinstance(types[1], t.Int)
    if types[0].low is None or types[1].high is None:
        raise ValueError(f"{domain.at}: the range has no bound")
    numbers = range(types[0].low, types[1].high)
    return [(l.both(l.at_most(low, n), l.less(n, high)), n) for n in numbers]


def fold(ev: "Evaluator", node: Fold) -> Any:
    """The value of a comprehension or quantifier."""
    assert node.body is not None
    if node.reduction is Reduction.ALL:
        return _quantified(ev, node, node.body)
    items = list(_bindings(ev, node.generators, node.body, [True]))
    match node.reduction:
        case Reduction.SUM:
            return l.total(l.choose_number(here, x, 0) for here, x in items)
        case Reduction.MIN | Reduction.MAX:
            return _extreme(ev, node, items)
        case Reduction.ARRAY:
            return v.Table(tuple(x for _, x in items))
    return _collected(ev, node, items)


def _quantified(ev: "Evaluator", node: Fold, body: Expr) -> l.Truth:
    """Stops where Python would: at the first that is false."""
    going: list[l.Truth] = [True]
    failed: l.Truth = False
    for here, value in _bindings(ev, node.generators, body, going):
        failed = l.either(failed, l.both(here, l.no(value)))
        going[0] = l.no(failed)
    return going[0]


def _collected(ev: "Evaluator", node: Fold, items: list[Item]) -> Any:
    if isinstance(node.type, t.Set):
        return literal_set(ev, node.type, items)
    if isinstance(node.type, t.Bag):
        return bounded(ev, node.type, items)
    assert isinstance(node.type, t.Seq)
    result = row(ev, node.type, [])
    length: l.Number = 0
    places = list(result.values)
    for here, value in items:
        ev.fail_if(l.both(here, l.at_most(node.type.capacity, length)))
        places = [v.pick(l.both(here, l.equal(length, n)), value, x) for n, x in enumerate(places)]
        length = length + l.as_number(here)
    return v.Row(length, tuple(places))


def _extreme(ev: "Evaluator", node: Fold, items: list[Item]) -> l.Number:
    smallest = node.reduction is Reduction.MIN
    found: l.Truth = False
    result: l.Number = 0
    for here, value in items:
        better = l.less(value, result) if smallest else l.less(result, value)
        result = l.choose_number(l.both(here, l.either(l.no(found), better)), value, result)
        found = l.either(found, here)
    if node.default is None:
        ev.fail_if(l.no(found))
        return result
    return l.choose_number(found, result, ev.value(node.default))


def _bindings(
    ev: "Evaluator", generators: tuple[Generator, ...], body: Expr, going: list[l.Truth]
) -> Iterator[Item]:
    """The body's value for every binding of the generators, with the condition that it counts.

    `going[0]` is read before each step: where it is false nothing more is evaluated.
    """
    if not generators:
        yield True, ev.value(body)
        return
    first, rest = generators[0], generators[1:]
    for here, value in walk(ev, first.domain):
        ev.tick()
        passes = l.both(here, going[0])
        if passes is False:
            continue
        ev.locals[first.name] = value
        for condition in first.conditions:
            with ev.under(passes):
                passes = l.both(passes, ev.value(condition))
        with ev.under(passes):
            for inner, result in _bindings(ev, rest, body, going):
                yield l.both(passes, inner), result
