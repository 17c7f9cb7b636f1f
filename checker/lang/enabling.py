"""`enabled(self.grant, client)`: can an action be taken in the state as it is now?"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from planespec.checker.errors import ModelError, NotEnabled
from planespec.checker.ir import types
from planespec.checker.lang.choice import Odometer, chooser
from planespec.checker.lang.collect import Method, parameter_hints
from planespec.checker.lang.data.shapes import decode, shape_of
from planespec.checker.lang.declarations import Among, Part
from planespec.checker.lang.model import Model, attach, declarations, load, save, undo
from planespec.checker.lang.ranging import place_of

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


def _instances(probe: Model, method: Method, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The values of the parameters, in order, that agree with those given."""
    hints = parameter_hints(method)
    for name, (hint, among) in hints.items():
        if name in given and among is None:
            fault = shape_of(probe._binding.resolver.resolve(hint)).fault(given[name])
            if fault is not None:
                raise ModelError(f"{name}{fault}")
    yield from _combined(probe, list(hints.items()), given, {})


def _combined(
    probe: Model, hints: list[tuple[str, Any]], given: dict[str, Any], known: dict[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """The values of all parameters where those of the first few are known."""
    if len(known) == len(hints):
        yield tuple(known.values())
        return
    name, (hint, among) = hints[len(known)]
    if among is not None:
        every: Sequence[Any] = _members(probe, among, known)
        if name in given:
            every = [given[name]] if given[name] in every else []
    else:
        type_ = probe._binding.resolver.resolve(hint)
        every = [given[name]] if name in given else values_of(type_)
    for value in every:
        yield from _combined(probe, hints, given, {**known, name: value})


def _members(probe: Model, among: Among, known: dict[str, Any]) -> list[Any]:
    """What a parameter ranges over: a variable, or a part of it under parameters before."""
    place = place_of(among.variable)
    held = getattr(probe, place.variable if place is not None else among.variable)
    for key in place.keys if place is not None else ():
        held = held[known[key]]
    return list(held)


def _is_enabled(probe: Model, method: Method, values: tuple[Any, ...]) -> bool:
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
