"""The forms in which a value of a type may be given, in words."""

from planespec.checker.ir import types as t
from planespec.checker.stateful.naming import Naming, keys

TAGS = ("tag", "type", "kind")
"""Keys under which a dict may say which record of a union it is."""

MOST = 12
"""Names that a message lists."""


def accepted(naming: Naming, type_: t.Type) -> str:
    """What a message offers for a value that fits no form."""
    match type_:
        case t.Bool():
            return "True or False"
        case t.Int():
            return "a whole number"
        case t.Enum():
            values = _listed([f"{m.name} ({m.value!r})" for m in type_.python])
            return f"a member of {type_}, its name or its value: {values}"
        case t.Sort():
            return _sort(naming, type_)
        case t.Option(inner):
            return f"None, or {accepted(naming, inner)}"
        case t.Tuple(_, places):
            parts = ", ".join(accepted(naming, part) for _, part in places)
            return f"a list or tuple of {len(places)}: {parts}"
        case t.Record(name, fields):
            names = ", ".join(n for n, _ in fields) or "no fields"
            return (
                f"a dict with {names}; a {name}, dataclass or object with these attributes; "
                "a tuple of their values in this order"
            )
    return _collection(naming, type_)


def _collection(naming: Naming, type_: t.Type) -> str:
    match type_:
        case t.Union(variants):
            names = _listed([repr(v.name) for v in variants])
            keys_ = ", ".join(map(repr, TAGS))
            return f"a dict with its fields and, under one of {keys_}, one of {names}; or a record"
        case t.Array(key, value):
            also = "; a set of the keys that are True" if isinstance(value, t.Bool) else ""
            return (
                f"a dict from each {key} ({accepted(naming, key)}) to its value; "
                f"a list of the {t.cardinality(key)} values in order{also}"
            )
        case t.Set(element, _):
            return f"a set or list, each member once, of {accepted(naming, element)}"
        case t.Bag(element, _):
            return (
                "a list in any order, or a Counter or dict from member to number, of "
                f"{accepted(naming, element)}"
            )
        case t.Seq(element, _):
            return f"a list or tuple, in order, of {accepted(naming, element)}"
    return str(type_)


def _sort(naming: Naming, sort: t.Sort) -> str:
    names = naming.names(sort)
    if names is not None:
        return f"a name that the adapter gives to {sort}: {_listed([repr(n) for n in names])}"
    elements = keys(sort)
    if not elements:
        return f"nothing, as {sort} has no elements"
    return (
        f"an element of {sort}, its text or its number: {_listed([repr(e) for e in elements])}, "
        f"0 to {sort.size - 1}{naming.hint}"
    )


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return ", ".join(items[:MOST]) + more
