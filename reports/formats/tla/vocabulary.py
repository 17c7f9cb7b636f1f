"""What types and identifiers of a model are called in its module, and how values are written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from planespec.checker.ir import types as t
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import block_expressions, bodies

RESERVED = frozenset({
    "ASSUME", "ASSUMPTION", "AXIOM", "BOOLEAN", "CASE", "CHOOSE", "CONSTANT", "CONSTANTS",
    "DOMAIN", "ELSE", "ENABLED", "EXCEPT", "EXTENDS", "FALSE", "IF", "IN", "INSTANCE", "LAMBDA",
    "LET", "LOCAL", "MODULE", "OTHER", "RECURSIVE", "STRING", "SUBSET", "THEN", "THEOREM", "TRUE",
    "UNCHANGED", "UNION", "VARIABLE", "VARIABLES", "WITH", "Nat", "Int", "Real", "Infinity", "Seq",
    "Len", "Head", "Tail", "Append", "SubSeq", "SelectSeq", "Cardinality", "IsFiniteSet", "Print",
    "PrintT", "Assert", "JavaTime", "TLCGet", "TLCSet", "TLCEval", "Permutations", "SortSeq",
    "RandomElement", "Any", "ToString",
})  # fmt: skip
"""Words of the language, and what the modules Integers, Sequences, FiniteSets, TLC declare."""


class Names:
    """The identifiers taken in one scope; `fresh` takes one more."""

    def __init__(self, taken: Iterable[str] = RESERVED) -> None:
        self.taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """An identifier that is free, the wanted one if possible; it is taken from then on."""
        base = identifier(wanted)
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def inner(self) -> "Names":
        """A scope inside this one."""
        return Names(self.taken)


def identifier(wanted: str) -> str:
    """The nearest TLA+ identifier: letters, digits and `_`, at least one letter, no WF_ or SF_."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", wanted)
    if not re.search(r"[A-Za-z]", plain) or re.match(r"[WS]F_|\d", plain):
        plain = f"x{plain}"
    return plain


def quoted(text: str) -> str:
    """A TLA+ string; characters outside ASCII become `?`, which TLC's parser asks for."""
    plain = text.encode("ascii", "replace").decode("ascii").replace("\n", " ")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


TAG = "tag"
T = TypeVar("T", bound=t.Type)


class Vocabulary:
    """Names of sorts, enums and record fields of one system."""

    def __init__(self, system: System, names: Names) -> None:
        self.types = list(_all_types(system))
        self.none = names.fresh("None")
        self.sorts = {s.name: s for s in self._of(t.Sort)}
        self.enums = {e.name: e for e in self._of(t.Enum)}
        self.names = {n: names.fresh(n) for n in (*self.sorts, *self.enums)}
        self.elements = {
            s.name: tuple(names.fresh(f"{s.name.lower()}{n}") for n in range(s.size))
            for s in self.sorts.values()
            if s.symmetric
        }
        unions = self._of(t.Union)
        self.tagged = {v.name for u in unions for v in u.variants}
        self.tagged |= {r.name for r in self._of(t.Record) if not r.fields}
        self.renamed = set(_conflicts(unions))

    def _of(self, kind: type[T]) -> list[T]:
        return [v for v in self.types if isinstance(v, kind)]

    def field(self, record: str, name: str) -> str:
        """The field's name in the module.

        TLC cannot compare a number with a string, so that two records of one union whose fields
        of one name differ in kind have the names of the records added.
        """
        if (record, name) in self.renamed or name == TAG:
            return f"{name}_{record}"
        return name

    def constant(self, type_: t.Type, number: int | bool | None) -> str:
        """A constant of a scalar or optional type."""
        match type_:
            case t.Bool():
                return "TRUE" if number else "FALSE"
            case t.Enum(_, members) if number is not None:
                return quoted(members[number])
            case t.Sort(name, _, True) if number is not None:
                return self.elements[name][number]
        return self.none if number is None else str(number)

    def domain(self, type_: t.Type) -> str:
        """The set of all values of a scalar or optional type."""
        match type_:
            case t.Bool():
                return "BOOLEAN"
            case t.Int():
                low, high = type_.bounds
                return f"{low}..{high}"
            case t.Enum(name) | t.Sort(name):
                return self.names[name]
            case t.Option(inner):
                return f"({{{self.none}}} \\cup ({self.domain(inner)}))"
        raise TypeError(f"{type_} is not a finite scalar type")

    def ordered(self, type_: t.Type) -> str | None:
        """The sequence of all values of a scalar type, or None for numbers, which have ranges."""
        match type_:
            case t.Bool() | t.Enum() | t.Sort(_, _, True):
                texts = (self.constant(type_, n) for n in t.members(type_))
                return f"<<{', '.join(texts)}>>"
        return None


def _all_types(system: System) -> Iterator[t.Type]:
    """Every type of the system and every type inside, each once, in a fixed order."""
    seen: dict[t.Type, None] = {}
    for type_ in _named_types(system):
        _collect(type_, seen)
    yield from seen


def _named_types(system: System) -> Iterator[t.Type]:
    yield from (v for v in system.constants.values() if isinstance(v, t.Type))
    yield from (v.type for v in system.variables)
    for action in (*system.initial, *system.actions):
        yield from (p.type for p in action.parameters)
        yield from action.locals.values()
    for function in system.functions.values():
        yield from (p.type for p in function.parameters)
        yield from function.locals.values()
    for _, block in bodies(system):
        yield from (e.type for e in block_expressions(block))


def _collect(type_: t.Type, seen: dict[t.Type, None]) -> None:
    if type_ in seen:
        return
    seen[type_] = None
    for part in parts(type_):
        _collect(part, seen)


def parts(type_: t.Type) -> Iterator[t.Type]:
    """The types directly inside a type."""
    match type_:
        case t.Option(inner) | t.Span(inner):
            yield inner
        case t.Record(_, fields):
            yield from (f for _, f in fields)
        case t.Union(variants):
            yield from variants
        case t.Array(key, value):
            yield from (key, value)
        case t.Set(element, _) | t.Bag(element, _) | t.Seq(element, _):
            yield element


def _conflicts(unions: Iterable[t.Union]) -> Iterator[tuple[str, str]]:
    """Record and field where a union has fields of one name that TLC cannot compare."""
    for union in unions:
        kinds: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for variant in union.variants:
            for name, type_ in variant.fields:
                kinds[name][_kind(type_)].add(variant.name)
        for name, by_kind in kinds.items():
            if len(by_kind) > 1:
                yield from ((record, name) for group in by_kind.values() for record in group)


def _kind(type_: t.Type) -> str:
    """Two values whose kinds are the same text can be compared by TLC."""
    match type_:
        case t.Bool():
            return "bool"
        case t.Int() | t.Sort(_, _, False):
            return "number"
        case t.Enum():
            return "string"
        case t.Sort(name):
            return name
        case t.Option(inner):
            return _kind(inner)
        case t.Record(name):
            return name
        case t.Array(key, value):
            return f"[{_kind(key)} -> {_kind(value)}]"
        case t.Set(element, _) | t.Bag(element, _) | t.Seq(element, _):
            return f"{type(type_).__name__} of {_kind(element)}"
    return str(type_)
