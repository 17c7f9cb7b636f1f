"""From annotations to the types of the IR, with the constants filled in."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin, get_type_hints

from planespec.checker.errors import LanguageError
from planespec.checker.ir import types
from planespec.checker.ir.ranges import fits_word
from planespec.checker.lang.data.containers import Array, Bag
from planespec.checker.lang.data.records import (
    Domain,
    Sort,
    is_named_tuple,
    is_record,
    parts_of,
    tuple_of,
)
from planespec.checker.lang.data.tables import OPEN_SIZE
from planespec.checker.lang.declarations import Range, Size
from planespec.checker.lang.locations import refusal_in
from planespec.checker.lang.presence import conditions_of

ALLOWED = (
    "bool, Annotated[int, Range(low, high)], an Enum, a Sort, T | None, a @record class, a union "
    "of records, Array[K, V], set[T], tuple[A, B], and list[T], Bag[T] with Size"
)
FREE_SUBSETS = 512
"""A set of a type with at most this many values needs no Size."""

MOST_KEYS = 1_000_000
"""Keys of an array: more are a slip, and their states would fit in no memory."""


class _Count(int):
    """The size of a sort inside an expression: a number that also has a `len`."""

    def __len__(self) -> int:
        return int(self)


class Resolver:
    """Resolves annotations for one choice of constants.

    `constants` are values (a Domain for a sort), `sorts` the types of the bound sorts by class.
    """

    def __init__(self, constants: Mapping[str, Any], sorts: Mapping[type, types.Sort]) -> None:
        self.names = {
            name: _Count(len(value)) if isinstance(value, Domain) else value
            for name, value in constants.items()
        }
        self.sorts = sorts
        self.switches: Mapping[str, bool] = {}
        """The mutants, which conditions may name beside the constants."""
        self._open = False

    def is_on(self, when: str) -> bool:
        """Whether a condition (`when`) is true; raises LanguageError. None is always true."""
        found = evaluate(when, {**self.names, **self.switches}) if when else True
        if not isinstance(found, bool):
            raise LanguageError(
                f"the condition {when!r} is {found!r}, neither true nor false",
                allowed='a condition over the constants: when="pre_vote and servers > 2"',
            )
        return found

    def _has_field(self, record: type, name: str) -> bool:
        try:
            return self.is_on(conditions_of(record).get(name, ""))
        except LanguageError as error:
            text = f"field {name} of record {record.__name__}: {error.message}"
            raise refusal_in(record, name, text, error.allowed or "") from None

    def number(self, bound: int | str) -> int:
        """A bound: a number, or an expression over the constants. Raises LanguageError."""
        if isinstance(bound, int):
            return bound
        value = evaluate(bound, self.names) if isinstance(bound, str) else bound
        if isinstance(value, bool) or not isinstance(value, int):
            raise LanguageError(
                f"the bound {bound!r} is {value!r}, not a whole number",
                allowed="an int, or the text of an expression over the constants",
            )
        return int(value)

    def resolve(self, hint: Any) -> types.Type:
        """The type an annotation stands for; raises LanguageError for what is outside."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:])
        if origin is Union or origin is UnionType:
            return self._union(arguments)
        if origin is not None:
            return self._generic(hint, origin, arguments, None)
        return self._class(hint)

    def resolve_table(self, hint: Any) -> types.Type:
        """The type of a constant table; outside of records an `int` and a size may be open yet."""
        self._open = True
        try:
            found = self.resolve(hint)
        finally:
            self._open = False
        if found.is_scalar or isinstance(found, types.Option | types.Nothing):
            raise LanguageError(
                f"a table has many values, {_text(hint)} is one",
                allowed="Array[K, V], a set, list, Bag, tuple or record; constant(...) for one",
            )
        return found

    def _class(self, hint: Any) -> types.Type:
        if hint is int and self._open:
            return types.Int(None, None)
        if hint is bool:
            return types.Bool()
        if hint is None or hint is NoneType:
            return types.Nothing()
        if not isinstance(hint, type):
            raise _unknown(hint)
        if issubclass(hint, Enum):
            if not len(hint):
                raise LanguageError(
                    f"{hint.__name__} has no members", allowed="an Enum with members"
                )
            return types.Enum(hint.__name__, tuple(m.name for m in hint), hint)
        if hint is not Sort and issubclass(hint, Sort):
            return self._sort(hint)
        if is_record(hint):
            return self._record(hint)
        if is_named_tuple(hint):
            return self._named_tuple(hint)
        if hint is int:
            raise LanguageError("int has no range", allowed="Annotated[int, Range(low, high)]")
        raise _unknown(hint)

    def _sort(self, hint: type) -> types.Sort:
        if hint not in self.sorts:
            name = hint.__name__
            raise LanguageError(
                f"no constant gives the size of {name}",
                allowed=f"<name>: Domain[{name}] = sort(3)",
            )
        return self.sorts[hint]

    def _record(self, hint: type) -> types.Record:
        fields = []
        try:
            hints = get_type_hints(hint, include_extras=True)
        except (NameError, TypeError, SyntaxError) as error:
            raise refusal_in(hint, "", f"{hint.__name__}: {error}", ALLOWED) from None
        opened, self._open = self._open, False
        for name, part in hints.items():
            if self._has_field(hint, name):
                fields.append((name, self._field(hint, name, part)))
        self._open = opened
        return types.Record(hint.__name__, tuple(fields), hint)

    def _named_tuple(self, hint: Any) -> types.Tuple:
        hints = get_type_hints(hint, include_extras=True)
        parts = tuple((name, self._field(hint, name, hints[name])) for name in hint._fields)
        return types.Tuple(hint.__name__, parts, hint)

    def _field(self, record: type, name: str, hint: Any) -> types.Type:
        if _is_mutable(hint) if is_named_tuple(record) else _changes_in_record(hint):
            text = f"field {name} of record {record.__name__} is mutable"
            allowed = "frozenset[T], tuple[T, ...] and Array[K, V] inside records"
            raise refusal_in(record, name, text, allowed)
        try:
            return _without_grids(self.resolve(hint), "a record")
        except LanguageError as error:
            if error.file is not None:
                raise
            text = f"field {name} of record {record.__name__}: {error.message}"
            raise refusal_in(record, name, text, error.allowed or ALLOWED) from None

    def _annotated(self, inner: Any, extras: Iterable[Any]) -> types.Type:
        extras = list(extras)
        spans = [extra for extra in extras if isinstance(extra, Range)]
        sizes = [extra for extra in extras if isinstance(extra, Size)]
        if spans:
            if inner is not int:
                raise LanguageError(
                    f"{spans[-1]!r} on {_text(inner)}", allowed="Annotated[int, Range(low, high)]"
                )
            return self._range(spans[-1])
        if sizes and get_origin(inner) is not None:
            capacity = self.number(sizes[-1].capacity)
            if capacity < 0:
                raise LanguageError(f"{sizes[-1]!r} is {capacity}, below 0", allowed="0 or more")
            if capacity > types.MOST_MEMBERS:
                raise LanguageError(
                    f"{sizes[-1]!r} has room for {capacity:,} members",
                    allowed=f"a Size of at most {types.MOST_MEMBERS:,}",
                )
            return self._generic(inner, get_origin(inner), get_args(inner), capacity)
        if sizes:
            raise LanguageError(
                f"{sizes[-1]!r} on {_text(inner)}", allowed="a Size on set[T], list[T] or Bag[T]"
            )
        return self.resolve(inner)

    def _range(self, span: Range) -> types.Int:
        low = None if span.low is None else self.number(span.low)
        high = None if span.high is None else self.number(span.high)
        if low is not None and high is not None and low > high:
            raise LanguageError(
                f"{span!r} is {low}..{high}, empty",
                allowed="a low end that is at most the high one",
            )
        found = types.Int(low, high)
        if found.is_bounded and not fits_word(found):
            raise LanguageError(
                f"{span!r} is {found}, which 64 bits do not hold",
                allowed=f"{-(2**63)} to {2**63 - 1}",
            )
        return found

    def _union(self, arguments: tuple[Any, ...]) -> types.Type:
        rest = [a for a in arguments if a is not NoneType]
        found = [self.resolve(a) for a in rest]
        variants = [v for t in found for v in (t.variants if isinstance(t, types.Union) else (t,))]
        if len(found) == 1:
            inner: types.Type = found[0]
        elif all(isinstance(v, types.Record) for v in variants):
            inner = types.Union(tuple(v for v in variants if isinstance(v, types.Record)))
        else:
            raise LanguageError("a union of other things than records", allowed="A | B, T | None")
        return types.Option(inner) if len(rest) < len(arguments) else inner

    def _generic(
        self, hint: Any, origin: Any, arguments: tuple[Any, ...], capacity: int | None
    ) -> types.Type:
        if origin is Array:
            return self._array(arguments)
        if origin in (set, frozenset):
            element = _without_grids(self.resolve(arguments[0]), "a set")
            return self._set(hint, element, capacity)
        if origin is tuple and arguments and arguments[-1] is not Ellipsis:
            return self._tuple(hint, arguments)
        if origin not in (list, tuple, Bag) or not arguments:
            raise _unknown(hint)
        element = self.resolve(arguments[0])
        if capacity is None and self._open:
            capacity = OPEN_SIZE
        if capacity is None:
            raise LanguageError(f"{_text(hint)} has no Size", allowed=_sized(hint))
        if origin is Bag:
            return types.Bag(_without_grids(element, "a Bag"), capacity)
        return types.Seq(element, capacity)

    def _tuple(self, hint: Any, arguments: tuple[Any, ...]) -> types.Type:
        if any(map(_is_mutable, arguments)):
            raise LanguageError(
                f"a part of {_text(hint)} is mutable",
                allowed="frozenset[T] and tuple[T, ...] inside tuples",
            )
        return tuple_of(map(self.resolve, arguments))

    def _array(self, arguments: tuple[Any, ...]) -> types.Type:
        if len(arguments) != 2:
            raise LanguageError("an Array has a key type and a value type", allowed="Array[K, V]")
        key = self.resolve(arguments[0])
        parts = parts_of(key) if _is_plain_tuple(key) else (key,)
        if not all(map(_is_key, parts)):
            allowed = "a sort, an enum, bool, a Range, or a tuple of these"
            raise LanguageError(f"{key} cannot be the key of an Array", allowed=allowed)
        if types.cardinality(key) > MOST_KEYS:
            raise LanguageError(
                f"an Array over {key} has {types.cardinality(key):,} keys",
                allowed=f"at most {MOST_KEYS:,} keys",
            )
        value = self.resolve(arguments[1])
        return types.grid(parts, value) if len(parts) > 1 else types.Array(parts[0], value)

    def _set(self, hint: Any, element: types.Type, capacity: int | None) -> types.Type:
        if capacity is None and self._open and not _has_few_values(element):
            capacity = OPEN_SIZE
        if capacity is None and not _has_few_values(element):
            text = f"{_text(hint)} has no Size, which only sets of {FREE_SUBSETS} values or less "
            text += f"do without; {_text(get_args(hint)[0])} has {_values(element)}"
            raise LanguageError(text, allowed=_sized(hint))
        return types.Set(element, capacity)


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """Value of an expression over the constants; raises LanguageError when it has none."""
    functions = {"len": len, "min": min, "max": max, "abs": abs, "sum": sum, "range": range}
    try:
        return eval(expression, {"__builtins__": functions}, dict(names))
    except Exception as error:
        known = ", ".join(names) or "there are none"
        raise LanguageError(
            f"cannot evaluate {expression!r}: {error}",
            allowed=f"an expression over the constants ({known})",
        ) from None


def _is_key(type_: types.Type) -> bool:
    """Whether an Array may have values of a type as keys, or as parts of them."""
    return type_.is_scalar and (not isinstance(type_, types.Int) or type_.is_bounded)


def _is_plain_tuple(type_: types.Type) -> TypeGuard[types.Tuple]:
    """Whether keys of a type are tuples of two or more, without names for their places."""
    return (
        isinstance(type_, types.Tuple)
        and type_ == tuple_of(parts_of(type_))
        and (len(type_.fields) > 1)
    )


def _without_grids(type_: types.Type, where: str) -> types.Type:
    """The type; refuses maps with tuples as keys where nothing changes in place."""
    match type_:
        case types.Grid():
            nested = f"Array[A, Array[B, {type_.item}]], read as xs[a][b]"
            raise LanguageError(f"{type_} does not stand in {where}", allowed=nested)
        case types.Option(inner) | types.Array(_, inner):
            _without_grids(inner, where)
    return type_


def _has_few_values(element: types.Type) -> bool:
    try:
        return types.cardinality(element) <= FREE_SUBSETS
    except ValueError:
        return False


def _values(element: types.Type) -> str:
    try:
        number = types.cardinality(element)
    except ValueError:
        return "values without end"
    return f"{number:,} values" if number < 10**15 else "more values than a state can hold"


def _is_mutable(hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in (set, list, Array, Bag):
        return True
    return any(_is_mutable(a) for a in get_args(hint))


def _changes_in_record(hint: Any) -> bool:
    """Whether a field would change in place: maps are taken over as they are."""
    if get_origin(hint) in (Array, Union, UnionType):
        return any(map(_changes_in_record, get_args(hint)))
    return _is_mutable(hint)


def _text(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        return f"Annotated[{', '.join([_text(inner), *map(repr, extras)])}]"
    if get_origin(hint) in (Union, UnionType):
        return " | ".join(map(_text, get_args(hint)))
    if hint is Ellipsis or hint is NoneType:
        return "..." if hint is Ellipsis else "None"
    if get_origin(hint) is None:
        return getattr(hint, "__name__", repr(hint))
    return f"{get_origin(hint).__name__}[{', '.join(map(_text, get_args(hint)))}]"


def _sized(hint: Any) -> str:
    return f"Annotated[{_text(hint)}, Size(n)]"


INSTEAD: dict[Any, str] = {
    str: "an Enum class, with a member for each text",
    float: "Annotated[int, Range(low, high)], in units small enough",
    dict: "Array[K, V]",
    set: "set[T], with the type of its members",
    frozenset: "frozenset[T], with the type of its members",
    list: "Annotated[list[T], Size(n)]",
    tuple: "tuple[A, B] for a pair; Annotated[tuple[T, ...], Size(n)] for a sequence",
    Array: "Array[K, V]",
    Bag: "Annotated[Bag[T], Size(n)]",
    Domain: "<name>: Domain[<a Sort class>] = sort(3), a constant",
    Sort: "a class of your own: class Node(Sort)",
    Enum: "a class of your own: class Role(Enum)",
    "deque": "Annotated[list[T], Size(n)], with append and pop(0)",
    "Literal": "an Enum class, with a member for each value",
    "Final": "<name>: ClassVar[int] = <value>, or <name>: int = constant(<value>)",
}
"""What stands for types that beginners try."""


def _unknown(hint: Any) -> LanguageError:
    found = get_origin(hint) or hint
    allowed = INSTEAD.get(found, INSTEAD.get(getattr(found, "__name__", ""), ALLOWED))
    if allowed is ALLOWED and _is_plain_class(hint):
        allowed = f"@record before class {hint.__name__}, or an Enum; {ALLOWED}"
    return LanguageError(f"{_text(hint)} is no type of the language", allowed=allowed)


def _is_plain_class(hint: Any) -> bool:
    return isinstance(hint, type) and hint.__module__ not in ("builtins", "typing")
