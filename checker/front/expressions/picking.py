"""What a loop finds: `min` and `max` by a key or of tuples, `next`, `sorted`.

They become functions written in the language itself, so that every engine has them.
"""

import ast
from copy import deepcopy

from planespec.checker.front.core.building import domain, fold, local, predicate
from planespec.checker.front.core.integers import numbers_of
from planespec.checker.front.core.rewriting import name_of, parsed, substituted
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import count, element_of, most_elements
from planespec.checker.front.expressions.comprehensions import Walk, walked
from planespec.checker.front.outlines import outlined
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bag, Bool, Enum, Int, Seq, Set, Sort, Type

COUNTED = 64
"""Sorting counts elements of a type with at most so many values, and compares others."""

BEST, ITEM, OTHER, MADE = "best_found", "item_found", "other_found", "made_here"


def keyed(frame: Frame, key: ast.expr | None, item: str) -> ast.expr:
    """The key of an element: the body of a lambda, or a call."""
    name = name_of(item)
    if key is None or (isinstance(key, ast.Constant) and key.value is None):
        return name
    if not isinstance(key, ast.Lambda):
        return ast.Call(key, [name], [])
    given = key.args
    if len(given.args) != 1 or given.defaults or given.vararg or given.kwonlyargs or given.kwarg:
        raise frame.refusal(key, "a key has one parameter", "key=lambda x: ...")
    return substituted(key.body, {given.args[0].arg: name})


def walk_of(inner: ast.expr) -> tuple[ast.expr, list[ast.comprehension]]:
    """What a generator yields and its `for` clauses; a collection yields its elements."""
    if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        return inner.elt, inner.generators
    match inner:
        case ast.Call(func=ast.Name(id="iter"), args=[given], keywords=[]):
            return walk_of(given)
    to = ast.Name("each_found", ast.Store())
    return name_of("each_found"), [ast.comprehension(to, inner, [], 0)]


def nested(
    generators: list[ast.comprehension], body: list[ast.stmt], until: str = ""
) -> list[ast.stmt]:
    """Loops and tests around statements, as a comprehension has them.

    Nothing is looked at once the local `until` has a value.
    """
    for given in reversed(generators):
        for test in reversed(given.ifs):
            body = [ast.If(test, body, [])]
        if until:
            missing = ast.Compare(name_of(until), [ast.Is()], [ast.Constant(None)])
            body = [ast.If(missing, body, [])]
        body = [ast.For(given.target, given.iter, body, [], None)]
    return body


def is_ordered(frame: Frame, generators: list[ast.comprehension]) -> bool:
    """Whether the order of a walk is certain."""
    with frame.probing(), Walk(frame, generators) as walk:
        return not any(isinstance(g.domain.type, Set | Bag) for g in walk.found)


def picked(
    frame: Frame,
    node: ast.Call,
    least: bool,
    inner: ast.expr,
    key: ast.expr | None,
    default: ast.expr | None,
) -> Expr:
    """The first of the least, or greatest, elements by their keys."""
    elt, generators = walk_of(inner)
    if key is not None and not is_ordered(frame, generators):
        raise frame.refusal(
            node, "which of two with one key is first in a set is not certain", "sorted(...) of it"
        )
    better = ast.Compare(
        keyed(frame, key, ITEM), [ast.Lt() if least else ast.Gt()], [keyed(frame, key, BEST)]
    )
    missing = ast.Compare(name_of(BEST), [ast.Is()], [ast.Constant(None)])
    take = ast.Assign([ast.Name(BEST, ast.Store())], name_of(ITEM))
    rounds: list[ast.stmt] = [
        ast.Assign([ast.Name(ITEM, ast.Store())], elt),
        ast.If(ast.BoolOp(ast.Or(), [missing, better]), [take], []),
    ]
    end = parsed(f"assert {BEST} is not None, 'of nothing'")
    if default is not None:
        end = [ast.If(deepcopy(missing), [ast.Return(default)], [])]
    body = [*parsed(f"{BEST} = None"), *nested(generators, rounds), *end]
    return outlined(
        frame, node, "least" if least else "greatest", [*body, *parsed(f"return {BEST}")]
    )


def following(frame: Frame, node: ast.Call) -> Expr:
    """`next(x for ...)`, with or without a default: the first that a walk finds."""
    if not 1 <= len(node.args) <= 2 or node.keywords:
        raise frame.refusal(node, "next takes a generator", "next((x for x in xs if ...), None)")
    elt, generators = walk_of(node.args[0])
    if not is_ordered(frame, generators):
        raise frame.refusal(
            node, "which member of a set is next is not certain", "x = choose(xs), or min(xs)"
        )
    if not isinstance(node.args[0], ast.GeneratorExp | ast.Call):
        raise frame.refusal(node, "next takes a generator", "next((x for x in xs if ...), None)")
    if len(node.args) == 2:
        end = [ast.Return(node.args[1])]
        return outlined(frame, node, "next", [*nested(generators, [ast.Return(elt)]), *end])
    take: list[ast.stmt] = [ast.Assign([ast.Name(BEST, ast.Store())], elt)]
    end_ = parsed(f"assert {BEST} is not None, 'next of nothing'\nreturn {BEST}")
    body = [*parsed(f"{BEST} = None"), *nested(generators, take, BEST), *end_]
    return outlined(frame, node, "next", body)


def sorted_call(frame: Frame, node: ast.Call) -> Expr:
    """`sorted(xs, key=..., reverse=True)`."""
    if len(node.args) != 1:
        raise frame.refusal(node, "sorted takes one collection", "sorted(xs)")
    return in_order(frame, node, node.args[0], node.keywords)


def in_order(frame: Frame, node: ast.Call, inner: ast.expr, keywords: list[ast.keyword]) -> Expr:
    """The elements of a walk from the least to the greatest."""
    key, backward = None, False
    for keyword in keywords:
        if keyword.arg == "key":
            key = keyword.value
        elif keyword.arg == "reverse" and isinstance(keyword.value, ast.Constant):
            backward = bool(keyword.value.value)
        else:
            raise frame.refusal(keyword, "key= and reverse=True are known here", "sorted(xs)")
    if isinstance(inner, ast.GeneratorExp):
        inner = ast.copy_location(ast.ListComp(inner.elt, inner.generators), inner)
    if key is None and not backward and not isinstance(inner, ast.ListComp):
        found = walked(frame, inner)
        counted = _counted(frame, node, found)
        if counted is not None:
            return counted
    return _inserted(frame, node, inner, key, backward)


def _counted(frame: Frame, node: ast.AST, found: Expr) -> Expr | None:
    """Every value of a small type as often as it is there."""
    element = element_of(found.type)
    if element is None or not _has_few(element):
        return None
    at, name = frame.at(node), frame.fresh("value")
    value = local(name, element, at)
    walk = Generator(name, element, domain(element, at))
    generators: tuple[Generator, ...] = (walk,)
    if isinstance(found.type, Set):
        inside = predicate(Op.IN, [value, found], at)
        generators = (Generator(name, element, walk.domain, (inside,)),)
    else:
        other = frame.fresh("element")
        same = predicate(Op.EQ, [local(other, element, at), value], at)
        generators = (walk, Generator(other, element, found, (same,)))
    return fold(Reduction.SEQ, Seq(element, most_elements(found.type)), generators, value, at)


def _has_few(element: Type) -> bool:
    """Whether all values of a type can be walked, in the order that CPython has for them."""
    match element:
        case Bool() | Int():
            pass
        case Sort(symmetric=False):
            pass
        case Enum():
            numbers = numbers_of(element)
            if numbers is None or numbers != sorted(numbers):
                return False
        case _:
            return False
    return count(element) <= COUNTED


def _inserted(
    frame: Frame, node: ast.Call, inner: ast.expr, key: ast.expr | None, backward: bool
) -> Expr:
    """Each element after those that are not greater; a set has no ties without a key."""
    elt, generators = walk_of(inner)
    if key is not None and not is_ordered(frame, generators):
        raise frame.refusal(
            node, "the order of two with one key in a set is not certain", "sorted(...) of it"
        )
    one, other = keyed(frame, key, ITEM), keyed(frame, key, OTHER)
    before = ast.Compare(other, [ast.GtE() if backward else ast.LtE()], [one])
    clause = ast.comprehension(ast.Name(OTHER, ast.Store()), name_of(MADE), [before], 0)
    place = ast.Call(name_of("sum"), [ast.GeneratorExp(ast.Constant(1), [clause])], [])
    insert = ast.Call(
        ast.Attribute(name_of(MADE), "insert", ast.Load()), [place, name_of(ITEM)], []
    )
    rounds: list[ast.stmt] = [
        ast.Assign([ast.Name(ITEM, ast.Store())], elt),
        ast.Expr(insert),
    ]
    body = [*parsed(f"{MADE} = []"), *nested(generators, rounds), *parsed(f"return {MADE}")]
    return outlined(frame, node, "sorted", body)
