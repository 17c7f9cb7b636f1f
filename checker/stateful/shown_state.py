"""What elements of sorts are called in a real system, and what an adapter shows of its state."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

from planespec.checker.errors import did_you_mean
from planespec.checker.instance import Instance
from planespec.checker.ir import types as t
from planespec.checker.lang.data.public_forms import PLAIN, Forms, as_mapping, attributes
from planespec.checker.lang.data.public_names import PublicNames, brief, keys
from planespec.checker.outcome import State
from planespec.checker.stateful.adapter import AdapterError, MisfitError


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
