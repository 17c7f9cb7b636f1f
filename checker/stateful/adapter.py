"""How a real system is driven: actions in, observations out, and where they differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NoReturn, Protocol, TypeVar

from planespec.checker.errors import ExitCode, PlanespecError, did_you_mean
from planespec.checker.instance import Instance
from planespec.checker.ir import types as t
from planespec.checker.lang.data.grids import grid_items, grid_keys
from planespec.checker.lang.data.public_forms import (
    PLAIN,
    FormError,
    Forms,
    as_mapping,
    attributes,
)
from planespec.checker.lang.data.public_names import NOTHING, PublicNames, brief, keys
from planespec.checker.outcome import State

ActionT = TypeVar("ActionT", contravariant=True)
ObservationT = TypeVar("ObservationT", covariant=True)


class Adapter(Protocol[ActionT, ObservationT]):
    """A real system that a suite drives beside a model.

    An adapter only carries out and reports; what an observation must be is the model's affair.
    An outcome that could not be learned, such as a request lost in a crash, is an observation
    too.
    """

    def apply(self, action: ActionT) -> ObservationT:
        """Do one thing to the real system and return what was observed."""


class StateAdapter(Protocol):
    """An adapter with a method for each action of the model, which cannot be written here.

    The method has the action's name (or `do_` and that name) and gets its arguments by name. An
    adapter may also have `reset()`, which puts the system into an initial state, `close()`, and
    `names`, from a sort to what its elements are called in the system.
    """

    def state(self) -> Any:
        """What the system shows: variables of the model by name, as a dict or an object."""


class AdapterError(PlanespecError):
    """What an adapter is or gives fits no form; says nothing about the system or the model."""

    exit_code = ExitCode.CONFIGURATION


class MisfitError(AdapterError, FormError):
    """A value that an adapter gives is none of the model's: the place, the value, the forms."""

    def __init__(self, place: str, what: str, accepted: str) -> None:
        shown = f"the adapter shows what the model cannot read: {place}"
        FormError.__init__(self, shown, what, accepted)


class NotResetError(AdapterError):
    """A walk began in agreement and a later one does not: something is left behind."""


# What elements of sorts are called in a real system, and what an adapter shows of its state.


class Naming(PublicNames):
    """Names of the elements of sorts, as an adapter's `names` gives them.

    `names` maps a sort (the class, or its name) to the names in the order of the elements, to a
    dict from element to name, or to a function. Raises AdapterError where they do not fit.
    """

    hint = " (names of the system's own go into the adapter's `names`)"

    def __init__(self, instance: Instance, names: Any = None) -> None:
        super().__init__()
        self.instance = instance
        names = names() if callable(names) else names
        if not isinstance(names or {}, Mapping):
            raise AdapterError(f"names is {brief(names)}; accepted: a dict from sort to names")
        sorts = {name: s for s in instance.binding.sorts.values() for name in (s.python, s.name)}
        for key, given in (names or {}).items():
            if key not in sorts:
                known = sorted(s.name for s in instance.binding.sorts.values())
                near = did_you_mean(key, known) if isinstance(key, str) else ""
                text = f"the model has no sort {brief(key)}; its sorts: {', '.join(known)}"
                raise AdapterError(f"names: {text}{near}")
            self._names[sorts[key]] = _listed(sorts[key], given)

    def state(self, frozen: State) -> SimpleNamespace:
        """A state whose variables are attributes in public form."""
        types = self.instance.types.items()
        pairs = zip(types, frozen, strict=True)
        return SimpleNamespace(**{name: self.public(type_, v) for (name, type_), v in pairs})

    def argument(self, value: Any) -> Any:
        """The public form of a value whose type is that of Python: an argument or a choice."""
        sort = self.instance.binding.sorts.get(type(value))
        if sort is not None:
            return self.public(sort, value)
        if hasattr(type(value), "__planespec_record__"):
            return self.public(self.instance.binding.resolver.resolve(type(value)), value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.argument, value))
        if isinstance(value, tuple | list | set | frozenset):
            return type(value)(map(self.argument, value))
        return value


class Reader(Forms):
    """Reads what an adapter shows, with the names that it gives; raises MisfitError."""

    naming: Naming
    error = MisfitError

    def variables(self, shown: Any, place: str) -> dict[str, Any]:
        """The frozen values of the variables that a dict or an object shows, at least one."""
        types = self.naming.instance.types
        given = as_mapping(shown)
        if given is None:
            given = {} if isinstance(shown, PLAIN) else attributes(shown, types)
        if not given:
            self._no_state(place, f"gives {brief(shown)}, which shows no variable")
        for name in given:
            if name not in types:
                near = did_you_mean(name, types) if isinstance(name, str) else ""
                self._no_state(place, f"shows {brief(name)}, which is no variable{near}")
        return {name: self.read(types[name], value, name) for name, value in given.items()}

    def _no_state(self, place: str, what: str) -> NoReturn:
        names = ", ".join(self.naming.instance.variables)
        form = f"a dict, or an object with attributes, that shows some of the variables {names}"
        raise MisfitError(place, what, form)


def _listed(sort: t.Sort, given: Any) -> list[Any]:
    """One name for each element, all different."""
    if isinstance(given, Mapping):
        found = [given[element] for element in keys(sort) if element in given]
    elif callable(given):
        found = [given(element) for element in keys(sort)]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        found = list(given[: sort.size])
    else:
        raise AdapterError(
            f"names of {sort.name}: {brief(given)} gives none\n"
            "  accepted: a list of names, a dict from element to name, a function of the element"
        )
    if len(found) < sort.size:
        raise AdapterError(_unfit(sort, given, f"it has {len(found)}"))
    try:
        different = len(set(found)) == sort.size
    except TypeError as error:
        raise AdapterError(_unfit(sort, given, str(error))) from None
    if not different:
        raise AdapterError(_unfit(sort, given, "two elements have one name"))
    return found


def _unfit(sort: t.Sort, given: Any, problem: str) -> str:
    return (
        f"names of {sort.name}: {brief(given)} does not name each of the {sort.size} elements "
        f"{', '.join(map(repr, keys(sort)))}: {problem}"
    )


# Where what a system shows differs from what the model has, field by field.


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, what the system shows there and what the model has, as texts.

    `detail` tells the members that only one of the two has, where both are collections.
    """

    path: str
    system: str
    model: str
    detail: str = ""

    def __str__(self) -> str:
        text = f"the system shows {self.path} = {self.system}, the model has {self.model}"
        return f"{text} ({self.detail})" if self.detail else text


def differences(naming: Naming, shown: dict[str, Any], state: State) -> Iterator[Difference]:
    """Every smallest field that differs, of the variables that are shown."""
    for (name, type_), model in zip(naming.instance.types.items(), state, strict=True):
        if name in shown:
            yield from _value(naming, type_, shown[name], model, name)


def _value(naming: Naming, type_: t.Type, system: Any, model: Any, path: str) -> Iterator[Any]:
    if system == model:
        return
    if system is not NOTHING and system is not None and model is not None:
        match type_:
            case t.Option(inner):
                yield from _value(naming, inner, system, model, path)
                return
            case t.Record() | t.Union() if type(system) is type(model):
                yield from _fields(naming, type_, system, model, path)
                return
            case t.Grid(item=item) if NOTHING not in system:
                cells = zip(grid_items(type_, system), grid_items(type_, model), strict=True)
                for k, (mine, other) in zip(grid_keys(type_), cells, strict=True):
                    parts = ", ".join(map(naming.key, type_.keys, k))
                    yield from _value(naming, item, mine, other, f"{path}[{parts}]")
                return
            case t.Array(key, value):
                for k, mine, other in zip(keys(key), system, model, strict=True):
                    at = f"{path}[{naming.key(key, k)}]"
                    yield from _value(naming, value, mine, other, at)
                return
            case t.Seq(element, _) if len(system) == len(model):
                for n, (mine, other) in enumerate(zip(system, model, strict=True)):
                    yield from _value(naming, element, mine, other, f"{path}[{n}]")
                return
    texts = naming.text(type_, system), naming.text(type_, model)
    yield Difference(path, *texts, _members(naming, type_, system, model))


def _fields(naming: Naming, type_: t.Type, system: Any, model: Any, path: str) -> Iterator[Any]:
    variants = type_.variants if isinstance(type_, t.Union) else (type_,)
    record = next(v for v in variants if isinstance(v, t.Record) and v.python is type(model))
    for name, field in record.fields:
        mine, other = getattr(system, name), getattr(model, name)
        yield from _value(naming, field, mine, other, f"{path}.{name}")


def _members(naming: Naming, type_: t.Type, system: Any, model: Any) -> str:
    if not isinstance(type_, t.Set | t.Bag) or system is NOTHING:
        return ""
    only = []
    for name, many, few in (("system", system, model), ("model", model, system)):
        left, more = list(few), []
        for member in many:
            if member in left:
                left.remove(member)
            else:
                more.append(naming.text(type_.element, member))
        if more:
            only.append(f"only the {name}: {', '.join(sorted(more))}")
    return "; ".join(only)
