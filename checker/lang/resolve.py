"""From annotations to the types of the IR, with the constants filled in."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from planespec.checker.ir import types
from planespec.checker.lang.containers import Array, Bag
from planespec.checker.lang.declarations import Range, Size
from planespec.checker.lang.errors import LanguageError
from planespec.checker.lang.records import is_record
from planespec.checker.lang.sorts import Domain, Sort

ALLOWED = (
    "bool, Annotated[int, Range(low, high)], an Enum, a Sort, T | None, a @record class, a union "
    "of records, Array[K, V], set[T], and list[T], Bag[T] with Size"
)
FREE_SUBSETS = 64
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

    def number(self, bound: int | str) -> int:
        """A bound: a number, or an expression over the constants. Raises LanguageError."""
        if isinstance(bound, int):
            return bound
        value = evaluate(bound, self.names) if isinstance(bound, str) else bound
        if isinstance(value, bool) or not isinstance(value, int):
            raise LanguageError(f"the bound {bound!r} is {value!r}, not a number")
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

    def _class(self, hint: Any) -> types.Type:
        if hint is bool:
            return types.Bool()
        if hint is None or hint is NoneType:
            return types.Nothing()
        if not isinstance(hint, type):
            raise _unknown(hint)
        if issubclass(hint, Enum):
            return types.Enum(hint.__name__, tuple(m.name for m in hint), hint)
        if hint is not Sort and issubclass(hint, Sort):
            return self._sort(hint)
        if is_record(hint):
            return self._record(hint)
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
        for name, part in get_type_hints(hint, include_extras=True).items():
            type_ = self.resolve(part)
            if _is_mutable(part):
                raise LanguageError(
                    f"field {name} of record {hint.__name__} is mutable",
                    allowed="frozenset[T] and tuple[T, ...] inside records",
                )
            fields.append((name, type_))
        return types.Record(hint.__name__, tuple(fields), hint)

    def _annotated(self, inner: Any, extras: Iterable[Any]) -> types.Type:
        extras = list(extras)
        spans = [extra for extra in extras if isinstance(extra, Range)]
        sizes = [extra for extra in extras if isinstance(extra, Size)]
        if inner is int and spans:
            return self._range(spans[-1])
        if sizes and get_origin(inner) is not None:
            capacity = self.number(sizes[-1].capacity)
            if capacity < 0:
                raise LanguageError(f"{sizes[-1]!r} is {capacity}, below 0", allowed="0 or more")
            return self._generic(inner, get_origin(inner), get_args(inner), capacity)
        return self.resolve(inner)

    def _range(self, span: Range) -> types.Int:
        low = None if span.low is None else self.number(span.low)
        high = None if span.high is None else self.number(span.high)
        if low is not None and high is not None and low > high:
            raise LanguageError(
                f"{span!r} is {low}..{high}, empty",
                allowed="a low end that is at most the high one",
            )
        return types.Int(low, high)

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
            return self._set(hint, self.resolve(arguments[0]), capacity)
        if (origin is tuple and arguments[-1] is not Ellipsis) or origin not in (list, tuple, Bag):
            raise _unknown(hint)
        element = self.resolve(arguments[0])
        if capacity is None:
            raise LanguageError(f"{_text(hint)} has no Size", allowed=_sized(hint))
        if origin is Bag:
            return types.Bag(element, capacity)
        return types.Seq(element, capacity)

    def _array(self, arguments: tuple[Any, ...]) -> types.Type:
        key = self.resolve(arguments[0])
        if not key.is_scalar or (isinstance(key, types.Int) and not key.is_bounded):
            raise LanguageError(
                f"{key} cannot be the key of an Array", allowed="a sort, an enum, bool or a Range"
            )
        if types.cardinality(key) > MOST_KEYS:
            raise LanguageError(
                f"an Array over {key} has {types.cardinality(key):,} keys",
                allowed=f"at most {MOST_KEYS:,} keys",
            )
        return types.Array(key, self.resolve(arguments[1]))

    def _set(self, hint: Any, element: types.Type, capacity: int | None) -> types.Type:
        if capacity is None and not _has_few_values(element):
            raise LanguageError(f"{_text(hint)} has no Size", allowed=_sized(hint))
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


def _has_few_values(element: types.Type) -> bool:
    if isinstance(element, types.Int) and not element.is_bounded:
        return False
    return types.cardinality(element) <= FREE_SUBSETS


def _is_mutable(hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in (set, list, Array, Bag):
        return True
    return any(_is_mutable(a) for a in get_args(hint))


def _text(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        return f"Annotated[{', '.join([_text(inner), *map(repr, extras)])}]"
    if get_origin(hint) is None:
        return getattr(hint, "__name__", repr(hint))
    return f"{get_origin(hint).__name__}[{', '.join(map(_text, get_args(hint)))}]"


def _sized(hint: Any) -> str:
    return f"Annotated[{_text(hint)}, Size(n)]"


def _unknown(hint: Any) -> LanguageError:
    return LanguageError(f"{_text(hint)} is no type of the language", allowed=ALLOWED)
