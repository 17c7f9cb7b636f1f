"""Finds walks, and values, whose outcome depends on the order of a symmetric sort.

Under symmetry one state stands for all that a permutation of the elements makes of it. That is
sound where actions treat all elements alike. Comparisons and arithmetic on elements are refused by
the types; what remains is the order in which a domain, or a set of elements, is walked, and
constant tables. A list made by such a walk has that order, and a loop may keep what it met first
or last. A table may have other values for one element than for the next.

The judgement is on the safe side: a loop counts as independent of the order when its rounds write
to different places, add to something that they do not read, or all store the same. Model errors
are left out: which of two errors is met first is not looked at.
"""

from collections.abc import Iterator
from typing import Any

from planespec.checker.errors import LanguageError
from planespec.checker.front.order_dependence.rounds import dependence
from planespec.checker.ir.frozen import order, variant_of
from planespec.checker.ir.nodes import Choose, Expr, Fold, For, Op, Position, Reduction, Stmt
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import children, own_expressions, statements
from planespec.checker.ir.types import (
    Array,
    Bag,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Span,
    Type,
    Union,
    members,
)
from planespec.checker.lang.source import source_file

ALLOWED = (
    "x = choose(xs) for one of the elements; sets instead of lists; loops that store to "
    "self.x[element] alone, add to a set or count; or no --symmetry"
)


ALLOWED_TABLE = (
    "a table that is the same for all elements; sort(..., symmetric=False); or no --symmetry"
)


def refuse_order_dependence(system: System) -> tuple[str, ...]:
    """Raise LanguageError at the first place where the order of a symmetric sort matters.

    The notes that come back name the loops of which nothing shows that it does not matter.
    """
    notes = []
    for where, why, certain in _dependences(system) if system.symmetric_sorts else ():
        if not certain:
            notes.append(f"{where}: symmetry trusts that the order does not matter: {why}")
            continue
        raise LanguageError(
            f"{why}, so states that symmetry takes for one may behave differently",
            file=where.file,
            line=where.line,
            column=where.column,
            text=source_file(where.file).text(where.line) if where.file else "",
            allowed=ALLOWED_TABLE if why.startswith("table ") else ALLOWED,
        )
    return tuple(notes)


def _dependences(system: System) -> Iterator[tuple[Position, str, bool]]:
    actions = [
        (a.body, {p.name for p in a.parameters}) for a in (*system.initial, *system.actions)
    ]
    predicates = [f for p in system.properties for f in p.predicates]
    helpers = [
        (f.body, {p.name for p in f.parameters}) for f in (*system.functions.values(), *predicates)
    ]
    for body, parameters in (*actions, *helpers):
        for statement in statements(body):
            for at, text in _of_expressions(statement):
                yield at, text, True
            if isinstance(statement, For) and _is_ordered(statement.domain):
                found = dependence(system, body, parameters, statement)
                if found is not None:
                    text = f"this loop over {_what(statement.domain)} {found.why}"
                    yield statement.at, text, found.certain


def _of_expressions(statement: Stmt) -> Iterator[tuple[Position, str]]:
    walked = isinstance(statement, For | Choose)
    for value in own_expressions(statement):
        yield from _of_expression(value, ordered=not walked)


def _of_expression(value: Expr, *, ordered: bool) -> Iterator[tuple[Position, str]]:
    """`ordered` tells whether the order of a list that the expression makes can be seen."""
    if isinstance(value, Fold):
        makes_list = value.reduction is Reduction.SEQ
        if makes_list and ordered:
            for generator in value.generators:
                if _is_ordered(generator.domain):
                    text = f"this list has the order of a walk over {_what(generator.domain)}"
                    yield value.at, text
        domains = {id(g.domain) for g in value.generators}
        for child in children(value):
            seen = (makes_list and ordered) if id(child) in domains else True
            yield from _of_expression(child, ordered=seen)
        return
    if value.op is Op.TABLE:
        yield from _of_table(value)
    if value.op is Op.CONST and value.arg is not None and _names_element(value.type):
        yield value.at, f"this is the element of {value.type} with the number {value.arg}"
    for number, child in enumerate(value.args):
        yield from _of_expression(child, ordered=_sees_order(value, number, ordered))


def _of_table(value: Expr) -> Iterator[tuple[Position, str]]:
    apart = told_apart(value.type, value.arg.value)
    if apart is not None:
        sort, one, other = apart
        name, low = value.arg.name, sort.name.lower()
        text = f"table {name} tells {low}{one} and {low}{other} of the symmetric {sort} apart"
        yield value.at, text


def _sees_order(value: Expr, number: int, ordered: bool) -> bool:
    """Whether the order of a list matters as an operand."""
    match value.op:
        case Op.LEN:
            return False
        case Op.IN:
            return number == 0
        case Op.COUNT:
            return number == 1
        case Op.CONVERT:
            return ordered
        case Op.IF:
            return ordered if number else True
    return True


def _names_element(type_: Type) -> bool:
    inner = type_.inner if isinstance(type_, Option) else type_
    return isinstance(inner, Sort) and inner.symmetric


def _is_ordered(walked: Expr) -> bool:
    """Whether a walk follows the numbers of a symmetric sort."""
    if isinstance(walked, Fold) and walked.reduction is Reduction.SEQ:
        return any(_is_ordered(g.domain) for g in walked.generators)
    match walked.type:
        case Span(element) | Set(element) | Bag(element):
            return _mentions(element)
        case Array(key, _):
            return _mentions(key)
    return False


def _mentions(type_: Type) -> bool:
    """Whether values of the type name elements of a symmetric sort."""
    if isinstance(type_, Sort):
        return type_.symmetric
    if isinstance(type_, Record):
        return any(_mentions(t) for _, t in type_.fields)
    if isinstance(type_, Union):
        return any(map(_mentions, type_.variants))
    names = ("inner", "element", "key", "value")
    inner = [getattr(type_, name, None) for name in names]
    return any(_mentions(t) for t in inner if isinstance(t, Type))


def _what(walked: Expr) -> str:
    found = walked.type
    if isinstance(found, Span):
        return f"every {found.element}"
    return str(found)


# Whether a value treats the elements of a symmetric sort alike.
#
# It does where no exchange of two elements changes it; the exchanges of neighbours make all
# permutations.


def told_apart(type_: Type, value: Any) -> tuple[Sort, int, int] | None:
    """The first two elements of a symmetric sort that a frozen value does not treat alike."""
    for sort in sorted(symmetric_sorts(type_), key=str):
        for first in range(sort.size - 1):
            if swapped(type_, value, sort, first) != value:
                return sort, first, first + 1
    return None


def symmetric_sorts(type_: Type) -> set[Sort]:
    """The symmetric sorts that values of a type name or have keys of."""
    match type_:
        case Sort(symmetric=True):
            return {type_}
        case Option(inner) | Set(inner) | Seq(inner) | Bag(inner):
            return symmetric_sorts(inner)
        case Array(key, value):
            return symmetric_sorts(key) | symmetric_sorts(value)
        case Record(fields=fields):
            return set().union(*(symmetric_sorts(part) for _, part in fields))
        case Union(variants):
            return set().union(*map(symmetric_sorts, variants))
    return set()


def swapped(type_: Type, value: Any, sort: Sort, first: int) -> Any:
    """A frozen value in which an element and the next one have changed places."""

    def inside(part: Type, inner: Any) -> Any:
        return swapped(part, inner, sort, first)

    match type_:
        case Sort() if type_ == sort:
            return type(value)(_other(int(value), first))
        case Option(inner):
            return None if value is None else inside(inner, value)
        case Record(fields=fields):
            parts = {name: inside(part, getattr(value, name)) for name, part in fields}
            return type(value)(**parts)
        case Union():
            return inside(variant_of(type_, value), value)
        case Array(key, element):
            numbers = (
                _other(n, first) if key == sort else n for n in range(len(list(members(key))))
            )
            return tuple(inside(element, value[n]) for n in numbers)
        case Set(element):
            return frozenset(inside(element, member) for member in value)
        case Seq(element):
            return tuple(inside(element, member) for member in value)
        case Bag(element):
            return tuple(sorted((inside(element, m) for m in value), key=order(element)))
    return value


def _other(number: int, first: int) -> int:
    """The number of the element in whose place another one now is."""
    return {first: first + 1, first + 1: first}.get(number, number)
