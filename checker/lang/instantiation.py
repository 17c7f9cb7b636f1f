"""A model class with its constants filled in: checked values, resolved types, default state."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

from planespec.checker.errors import (
    ConfigurationError,
    LanguageError,
    PlanespecError,
    did_you_mean,
)
from planespec.checker.ir import types
from planespec.checker.lang.collect import OWN, Declarations, Declared, hint_of
from planespec.checker.lang.composing import refuse_abstract
from planespec.checker.lang.data.containers import Array, Bag
from planespec.checker.lang.data.records import Domain, Sort
from planespec.checker.lang.data.shapes import Each, shape_of
from planespec.checker.lang.data.tables import TableValue, UnfitError, given_table, read_table
from planespec.checker.lang.declarations import ConstantMark
from planespec.checker.lang.locations import refusal_in
from planespec.checker.lang.presence import Only, existence
from planespec.checker.lang.resolve import ALLOWED, Resolver, evaluate


class Binding:
    """Constants, mutant and types of one instance of a model class.

    `constants` holds python values (a Domain for a sort, a `TableValue` for a table), `types` the
    resolved type of each variable in order, `defaults` the frozen default state.
    """

    def __init__(
        self,
        name: str,
        declared: Declarations,
        constants: Mapping[str, Any],
        mutant: str | None = None,
        unlimited: tuple[str, ...] = (),
    ) -> None:
        """Raises ConfigurationError for constants and mutants that do not fit, LanguageError for
        types that are outside the language. `unlimited` constants may be above their `at_most`,
        which bounds searches."""
        self.name, self.declared, self._unlimited = name, declared, unlimited
        self._given = bool(constants)
        refuse_abstract(name, declared)
        self.mutant = self._known_mutant(mutant)
        self.sort_classes = {
            n: _sort_class(d) for n, d in declared.constants.items() if _is_sort(d)
        }
        self.constants = self._values(constants)
        self.sorts = self._sorts()
        self.resolver = Resolver(self.constants, self.sorts)
        self.resolver.switches = {m: m == mutant for m in declared.mutants}
        self.tables = self._tables(constants)
        self._refuse_idle(mutant)
        self.absent = self._absent()
        present = {n: d for n, d in declared.variables.items() if n not in self.absent}
        self.types = {n: self._type(d) for n, d in present.items()}
        self.names = tuple(self.types)
        self.index = {name: number for number, name in enumerate(self.types)}
        self.shapes = [shape_of(t) for t in self.types.values()]
        self.defaults = tuple(self._default(n, d) for n, d in present.items())
        self.fixed = {**self.constants, **self.resolver.switches}
        self.fixed |= {name: held.shown for name, held in self.tables.items()}
        self._record_shapes: dict[type, Any] = {}

    def fault_of_record(self, value: Any) -> str | None:
        """What is wrong with a record that the model makes, None if nothing is.

        A map that was given as `each(value)` gets its keys.
        """
        cls = type(value)
        shape: Any = self._record_shapes.get(cls)
        if shape is None:
            shape = self._record_shapes[cls] = shape_of(self.resolver.resolve(cls))
        fault: str | None = shape.fault(value)
        if fault is None and shape.maps:
            shape.settle(value)
        return fault

    def _wrong(self, entry: Declared, message: str, allowed: str) -> PlanespecError:
        """The error for a declaration: the file is at fault unless constants were given."""
        if self._given:
            return ConfigurationError(message)
        return refusal_in(entry.owner, entry.name, message, allowed)

    def _known_mutant(self, mutant: str | None) -> str | None:
        for entry in self.declared.mutants.values():
            if hint_of(entry) is not bool:
                text = f"mutant {entry.name} is not a bool"
                allowed = f'{entry.name}: bool = mutant("...")'
                raise refusal_in(entry.owner, entry.name, text, allowed)
        if mutant is not None and mutant not in self.declared.mutants:
            known = ", ".join(self.declared.mutants)
            rest = (
                f"its mutants are {known}{did_you_mean(mutant, self.declared.mutants)}"
                if known
                else "it has none"
            )
            raise ConfigurationError(f"{self.name} has no mutant {mutant!r}; {rest}")
        return mutant

    def _refuse_idle(self, mutant: str | None) -> None:
        """Refuse to switch on a mutant that breaks nothing with these constants."""
        if mutant is None:
            return
        entry = self.declared.mutants[mutant]
        when = entry.default.when
        if not self.is_on(when, entry.owner, mutant):
            raise ConfigurationError(f"mutant {mutant} of {self.name} {existence(when)}")

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.declared.constants
        for name in given:
            if name not in declared:
                known = ", ".join(declared)
                rest = (
                    f"its constants are {known}{did_you_mean(name, declared)}"
                    if known
                    else "it has none"
                )
                raise ConfigurationError(f"{self.name} has no constant {name!r}; {rest}")
        plain = {n: d for n, d in declared.items() if not d.default.is_table}
        values = {n: self._value(d, given.get(n, d.default.default)) for n, d in plain.items()}
        for entry in plain.values():
            self._within_limits(entry, values)
        for entry in plain.values():
            self._checked(entry, values, {})
        return {n: self._domain(n, v) for n, v in values.items()}

    def _tables(self, given: Mapping[str, Any]) -> dict[str, TableValue]:
        """The tables in order, each of which may speak of the constants and tables before it."""
        declared = {n: d for n, d in self.declared.constants.items() if d.default.is_table}
        found = {}
        for name, entry in declared.items():
            found[name] = self._table(entry, given.get(name))
            self.resolver.names[name] = found[name].shown
        self.constants |= found
        for entry in declared.values():
            self._checked(entry, self.resolver.names, found)
        return found

    def _table(self, entry: Declared, given: Any) -> TableValue:
        """A table as it was given, else as the class has it."""
        mark: ConstantMark = entry.default
        if given is None and mark.default is None:
            name = entry.name
            raise ConfigurationError(
                f"table {name} of {self.name} has no default: give -c {name}=@FILE.json"
            )
        type_ = self._type(entry, self.resolver.resolve_table)
        try:
            if given is not None:
                return given_table(type_, entry.name, given)
            return read_table(
                type_, entry.name, self._filled_in(mark.default, entry.owner), "the class"
            )
        except UnfitError as error:
            if given is not None:
                raise error.given(self.name, given) from None
            text = f"table {error} by default"
            if self._given:
                text += f"; give -c {entry.name}=@FILE.json"
            raise self._wrong(entry, text, error.accepted) from None

    def _value(self, entry: Declared, value: Any) -> Any:
        if value is None:
            raise ConfigurationError(
                f"constant {entry.name} of {self.name} has no default: give -c {entry.name}=VALUE"
            )
        expected = int if _is_sort(entry) else _constant_type(entry)
        if isinstance(value, str):
            value = _parsed(expected, value)
        if type(value) is not expected:
            text = f"constant {entry.name} of {self.name} is {_described(expected)}, not {value!r}"
            raise self._wrong(entry, text, f"a default that is {_described(expected)}")
        return value

    def _within_limits(self, entry: Declared, values: Mapping[str, Any]) -> None:
        mark: ConstantMark = entry.default
        low, high = (self._limit(entry, b, values) for b in (mark.at_least, mark.at_most))
        high = None if entry.name in self._unlimited else high
        value = values[entry.name]
        if (low is not None and value < low) or (high is not None and value > high):
            limits = f"outside {low}..{high}"
            if high is None:
                limits = f"below {low}"
            elif low is None:
                limits = f"above {high}"
            text = f"constant {entry.name} of {self.name} is {value}, {limits}"
            raise self._wrong(entry, text, "a default within the limits")

    def _checked(
        self, entry: Declared, values: Mapping[str, Any], tables: Mapping[str, TableValue]
    ) -> None:
        check = entry.default.check
        if check and not _evaluated(entry, check, values):
            shown = ", ".join(f"{n}={v}" for n, v in {**values, **tables}.items())
            kind = "table" if entry.default.is_table else "constant"
            text = f"{kind} {entry.name} of {self.name} fails its check {check!r} ({shown})"
            raise self._wrong(entry, text, "a default that passes the check")

    def _limit(
        self, entry: Declared, bound: int | str | None, values: Mapping[str, Any]
    ) -> int | None:
        if bound is None or type(bound) is int:
            return bound
        found = _evaluated(entry, bound, values) if isinstance(bound, str) else bound
        if type(found) is not int:
            text = f"the limit {bound!r} of constant {entry.name} is {found!r}, not a whole number"
            raise refusal_in(entry.owner, entry.name, text, "an int, or the text of an expression")
        return found

    def _domain(self, name: str, value: Any) -> Any:
        if name not in self.sort_classes:
            return value
        sort = self.sort_classes[name]
        return Domain(sort(number) for number in range(value))

    def _sorts(self) -> dict[type, types.Sort]:
        found: dict[type, types.Sort] = {}
        for name, cls in self.sort_classes.items():
            if cls in found:
                entry = self.declared.constants[name]
                text = f"{self.name}: two constants give the size of {cls.__name__}"
                raise refusal_in(entry.owner, name, text, f"one Domain[{cls.__name__}]")
            mark: ConstantMark = self.declared.constants[name].default
            size = len(self.constants[name])
            found[cls] = types.Sort(cls.__name__, size, mark.symmetric, cls)
        return found

    def _absent(self) -> dict[str, str]:
        """The variables that this instance has not, with their conditions."""
        marked = {n: d for n, d in self.declared.variables.items() if isinstance(d.default, Only)}
        return {
            name: entry.default.when
            for name, entry in marked.items()
            if not self.is_on(entry.default.when, entry.owner, name)
        }

    def is_on(self, when: str, owner: type, name: str) -> bool:
        """Whether a condition is true; raises LanguageError at what a class declares under it."""
        try:
            return self.resolver.is_on(when)
        except LanguageError as error:
            text = f"{name}: {error.message}"
            raise refusal_in(owner, name, text, error.allowed or "") from None

    def _type(
        self, entry: Declared, resolve: Callable[[Any], types.Type] | None = None
    ) -> types.Type:
        try:
            return (resolve or self.resolver.resolve)(hint_of(entry))
        except LanguageError as error:
            if error.file is not None:
                raise
            text = f"{entry.name}: {error.message}"
            raise refusal_in(entry.owner, entry.name, text, error.allowed or ALLOWED) from None

    def _default(self, name: str, entry: Declared) -> Any:
        shape = self.shapes[self.index[name]]
        value = self._filled_in(entry.default, entry.owner)
        fault = shape.fault(value)
        if fault is not None:
            text = f"{self.name}: the initial value {name}{fault}"
            raise self._wrong(entry, text, f"a value of {self.types[name]}")
        return shape.freeze(value)

    def _filled_in(self, value: Any, owner: type) -> Any:
        """An initial value where a constant of the same class may be named, also in `each`.

        Several parts may declare the constant; the owner of the value names its own.
        """
        if isinstance(value, Only):
            return self._filled_in(value.value, owner)
        if isinstance(value, Each):
            return Each(self._filled_in(value.value, owner))
        if not isinstance(value, ConstantMark):
            return value
        own = (pair for cls in owner.__mro__ for pair in vars(cls).get(OWN, {}).items())
        named = next((n for n, d in own if d is value and n in self.declared.constants), "")
        held = self.constants.get(named, value)
        return held.shown if isinstance(held, TableValue) else held


def _is_sort(entry: Declared) -> bool:
    return bool(entry.default.is_sort)


def _sort_class(entry: Declared) -> type[Sort]:
    hint = hint_of(entry)
    arguments = get_args(hint)
    is_class = len(arguments) == 1 and isinstance(arguments[0], type)
    if get_origin(hint) is not Domain or not (is_class and issubclass(arguments[0], Sort)):
        raise refusal_in(
            entry.owner,
            entry.name,
            f"{entry.name} = sort(...) is not a Domain",
            f"{entry.name}: Domain[<a Sort class>] = sort(3)",
        )
    return arguments[0]  # type: ignore[no-any-return]


def _parsed(expected: Any, text: str) -> Any:
    """Value of a constant as written on a command line; the text itself where it is none."""
    if expected is bool:
        return {"true": True, "false": False, "True": True, "False": False}.get(text, text)
    if expected is int:
        try:
            return int(text)
        except ValueError:
            return text
    if isinstance(expected, type) and issubclass(expected, Enum):
        return expected.__members__.get(text, text)
    return text


def _described(expected: Any) -> str:
    if expected is bool:
        return "true or false"
    if expected is int:
        return "an int"
    if isinstance(expected, type) and issubclass(expected, Enum):
        return "one of " + ", ".join(expected.__members__)
    return f"of type {getattr(expected, '__name__', expected)}"


def _constant_type(entry: Declared) -> Any:
    """bool, int or an Enum class; raises LanguageError for constants of other types."""
    hint = hint_of(entry)
    if hint in (bool, int) or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint
    allowed = f"int, bool or an Enum class: {entry.name}: int = constant(3, at_least=0, at_most=9)"
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(inner) in (Array, set, frozenset, list, tuple, Bag):
        allowed = f"a table: {entry.name}: Array[K, V] = table(...)"
    if hint is Domain or get_origin(hint) is Domain:
        allowed = f"{entry.name}: Domain[<a Sort class>] = sort(3)"
    text = f"constant {entry.name} is declared with a type that no constant has"
    raise refusal_in(entry.owner, entry.name, text, allowed)


def _evaluated(entry: Declared, expression: str, values: Mapping[str, Any]) -> Any:
    """Value of an expression of a constant's declaration; raises LanguageError at its place."""
    try:
        return evaluate(expression, values)
    except LanguageError as error:
        text = f"{entry.name}: {error.message}"
        raise refusal_in(entry.owner, entry.name, text, error.allowed or "") from None
