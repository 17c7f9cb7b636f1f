"""`enabled(self.grant, client)`: can an action be taken in the state as it is now?"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from planespec.checker.errors import ModelError, NotEnabled
from planespec.checker.ir import types
from planespec.checker.lang.choice import Odometer, chooser
from planespec.checker.lang.collect import Method, parameter_hints
from planespec.checker.lang.data.ranging import Dependent, Values, place_of
from planespec.checker.lang.data.shapes import decode, shape_of
from planespec.checker.lang.declarations import Among, Part
from planespec.checker.lang.model import Model, attach, declarations, load, save, undo

HOW = "enabled(self.grant), enabled(self.grant, client), enabled(self.grant, c=client)"


def enabled(action: Callable[..., None], /, *values: Any, **named: Any) -> bool:
    """Whether some instance of an action can be taken in the present state of the model.

    Parameters that are given have these values, the others any. Nothing changes. Raises TypeError
    for what is no action of a model, and what an instance raises that goes wrong.
    """
    model, name = getattr(action, "__self__", None), getattr(action, "__name__", "")
    method = declarations(type(model)).methods.get(name) if isinstance(model, Model) else None
    if method is None or method.mark is None or method.mark.part is not Part.ACTION:
        raise TypeError(f"enabled takes an action of the model: {HOW}")
    assert isinstance(model, Model)
    names = list(parameter_hints(method))
    given = dict(zip(names, values, strict=False)) | named
    if len(values) > len(names) or set(given) - set(names):
        raise TypeError(f"{name} has the parameters {', '.join(names) or 'none'}")
    probe: Model = object.__new__(type(model))
    attach(probe, model._binding)
    load(probe, save(model))
    # No instance is left out: one that goes wrong is an error wherever it stands in the order.
    found = [_is_enabled(probe, method, instance) for instance in _instances(probe, method, given)]
    return any(found)


def _instances(probe: Model, method: Method, given: dict[str, Any]) -> Iterator[Values]:
    """The values of the parameters, in order, that agree with those given."""
    hints = parameter_hints(method)
    names = list(hints)
    return iter(Dependent([_values_of(probe, names, n, *hints[n], given) for n in names]))


def _values_of(
    probe: Model,
    names: list[str],
    name: str,
    hint: Any,
    among: Among | None,
    given: dict[str, Any],
) -> Callable[[Values], Sequence[Any]]:
    """What a parameter ranges over, after the values of those before; one that is given if so."""
    if among is not None:
        place = place_of(among.variable)
        assert place is not None, "an instance was made of the model"
        keys = [[names.index(key) for key in group] for group in place.keys]
        return partial(_members, probe, place.variable, keys, name, given)
    type_ = probe._binding.resolver.resolve(hint)
    if name in given and (fault := shape_of(type_).fault(given[name])) is not None:
        raise ModelError(f"{name}{fault}")
    every: Sequence[Any] = [given[name]] if name in given else values_of(type_)
    return lambda before: every


def _members(
    probe: Model,
    variable: str,
    keys: list[list[int]],
    name: str,
    given: dict[str, Any],
    before: Values,
) -> list[Any]:
    """The members of a variable, or of a part of it under parameters before."""
    held = getattr(probe, variable)
    for key in keys:
        found = tuple(before[number] for number in key)
        held = held[found if len(found) > 1 else found[0]]
    every = list(held)
    if name not in given:
        return every
    return [given[name]] if given[name] in every else []


def _is_enabled(probe: Model, method: Method, values: Values) -> bool:
    """Whether the instance can be taken with some of its choices."""
    odometer, found, more = Odometer(), False, True
    while more:
        try:
            with chooser(odometer):
                method.function(probe, *values)
            found = True
        except NotEnabled:
            pass
        finally:
            undo(probe)
        more = odometer.advance()
    return found


def subsets_of(values: Sequence[Any]) -> list[frozenset[Any]]:
    """All sets of some values, ordered like the masks whose bit k tells of the k-th value."""
    made: list[frozenset[Any]] = [frozenset()]
    for value in values:
        made += [one | {value} for one in made]
    return made


def values_of(type_: types.Type) -> Sequence[Any]:
    """All values that a parameter of the type ranges over, in order."""
    if isinstance(type_, types.Int) and type_.is_bounded:
        low, high = type_.bounds
        return range(low, high + 1)
    if isinstance(type_, types.Option):
        return [None, *values_of(type_.inner)]
    if isinstance(type_, types.Set):
        return subsets_of(values_of(type_.element))
    return [decode(type_, n) for n in types.members(type_)]
