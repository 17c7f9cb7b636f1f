"""Promises: claims of whole behaviours, what they assume, and the fairness of actions."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, overload

from planespec.checker.errors import LanguageError
from planespec.checker.ir.system import Fair, Fairness, PropertyKind
from planespec.checker.ir.types import Type
from planespec.checker.lang.declarations import MethodMark, Part, marked
from planespec.checker.lang.locations import refusal_here, refusal_in, refusal_of
from planespec.checker.lang.presence import stated

F = TypeVar("F", bound=Callable[..., Any])
Assumed = Any
"""A promise that is assumed: the decorated method, the leads-to, or its name."""


@overload
def eventually(function: F) -> F: ...
@overload
def eventually(
    *, assuming: Assumed = ..., assumed: bool = ..., when: str = ...
) -> Callable[[F], F]: ...
def eventually(
    function: Any = None, *, assuming: Assumed = (), assumed: bool = False, when: str = ""
) -> Any:
    """Every fair behaviour has a state with it.

    The promise is made of behaviours that keep the promises in `assuming` (one, or several). One
    that is itself `assumed` is there for others to name, and is not judged. `when` is a condition
    over the constants without which there is no such promise.
    """
    return _promise(PropertyKind.EVENTUALLY, function, assuming, assumed, when)


@overload
def always_eventually(function: F) -> F: ...
@overload
def always_eventually(
    *, assuming: Assumed = ..., assumed: bool = ..., when: str = ...
) -> Callable[[F], F]: ...
def always_eventually(
    function: Any = None, *, assuming: Assumed = (), assumed: bool = False, when: str = ""
) -> Any:
    """Every fair behaviour comes to a state with it again and again; see `eventually`."""
    return _promise(PropertyKind.ALWAYS_EVENTUALLY, function, assuming, assumed, when)


@overload
def eventually_always(function: F) -> F: ...
@overload
def eventually_always(
    *, assuming: Assumed = ..., assumed: bool = ..., when: str = ...
) -> Callable[[F], F]: ...
def eventually_always(
    function: Any = None, *, assuming: Assumed = (), assumed: bool = False, when: str = ""
) -> Any:
    """Every fair behaviour has it from some state on, for good; see `eventually`."""
    return _promise(PropertyKind.EVENTUALLY_ALWAYS, function, assuming, assumed, when)


def _promise(
    kind: PropertyKind, function: Any, assuming: Assumed, assumed: bool, when: str
) -> Any:
    mark = MethodMark(
        Part.PROPERTY,
        kind=kind,
        assuming=_listed(assuming, assumed),
        assumed=assumed,
        when=stated(when),
    )
    return marked(mark) if function is None else marked(mark)(function)


def _listed(assuming: Assumed, assumed: bool) -> tuple[Any, ...]:
    """The promises that are assumed; refuses those of a promise that is assumed itself."""
    found = tuple(assuming) if isinstance(assuming, tuple | list) else (assuming,)
    for one in found:
        if not isinstance(one, str | LeadsTo) and not callable(one):
            raise refusal_here(
                f"assuming names {one!r}", "a promise of the model: assuming=network_is_up"
            )
    if found and assumed:
        raise refusal_here(
            "a promise that is assumed assumes another", "assumed=True, or assuming=..., alone"
        )
    return found


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """A class attribute of a model: every state with the premise is, or is followed by, one with
    the conclusion, on every fair behaviour. Where it `stays` the conclusion is true from some
    point on, for good.
    """

    premise: Callable[..., Any]
    conclusion: Callable[..., Any]
    statement: str
    source: str = ""
    stays: bool = False
    assuming: tuple[Any, ...] = ()
    assumed: bool = False
    when: str = ""

    @property
    def __planespec__(self) -> MethodMark:
        kind = PropertyKind.LEADS_TO_ALWAYS if self.stays else PropertyKind.LEADS_TO
        return MethodMark(
            Part.PROPERTY,
            kind=kind,
            assuming=self.assuming,
            assumed=self.assumed,
            when=self.when,
        )


def leads_to(
    premise: Callable[..., bool],
    conclusion: Callable[..., bool],
    *,
    stays: bool = False,
    statement: str = "",
    source: str = "",
    assuming: Assumed = (),
    assumed: bool = False,
    when: str = "",
) -> Any:
    """A property of two bool methods: `served = leads_to(asked, granted)`.

    With `stays` the conclusion comes and stays. `statement` is what reports print; the names of
    the two in words where it is empty. For `assuming`, `assumed` and `when` see
    `eventually`.
    """
    for given in (premise, conclusion):
        if not callable(given):
            raise refusal_here(
                f"leads_to takes two methods, not {given!r}", "leads_to(asked, granted)"
            )
    named = [f.__name__.replace("_", " ") for f in (premise, conclusion)]
    words = " leads for good to " if stays else " leads to "
    text = statement or words.join(named)
    found = _listed(assuming, assumed)
    return LeadsTo(premise, conclusion, text, source, stays, found, assumed, stated(when))


# Fairness as a model states it: of one action, of several together, for each of some parameters.
#
# `fairness = {"grant": WEAK, "move[p]": STRONG, ("enter[p]", "leave[p]"): WEAK}`: names in
# brackets are parameters, and the condition is there for each value of them.


WRITTEN = re.compile(r"\s*(\w+)\s*(?:\[([\w\s,]*)\])?\s*")
HOW = 'fairness = {"grant": Fairness.WEAK, ("enter[p]", "leave[p]"): Fairness.STRONG}'


class _Parameter(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> Type: ...


class FairAction(Protocol):
    """What is known of an action, and what its decorator says."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def function(self) -> Any: ...  # noqa: D102
    @property
    def parameters(self) -> Sequence[_Parameter]: ...  # noqa: D102
    @property
    def fairness(self) -> Fairness: ...  # noqa: D102
    @property
    def per_instance(self) -> bool | tuple[str, ...]: ...  # noqa: D102


def fair_conditions(
    model: Any, actions: Sequence[FairAction], absent: Collection[str] = ()
) -> tuple[Fair, ...]:
    """Those of single actions in their order, then those of groups as they are written.

    What a class states of one action takes the place of what its decorator says; what it states
    of those that the instance leaves out (`absent`) is left out with them. Raises LanguageError
    for names that are none, and for members of a group without its parameters.
    """
    known = {a.name: a for a in actions}
    kept = {key: _without(key, absent) for key in model.fairness}
    stated = [
        _stated(model, known, kept[key], how)
        for key, how in model.fairness.items()
        if kept[key] or not key
    ]
    single = {fair.actions[0]: fair for fair in stated if len(fair.actions) == 1}
    own = [single.get(a.name) or _decorated(a) for a in actions]
    found = [*own, *(fair for fair in stated if len(fair.actions) > 1)]
    return tuple(fair for fair in found if fair.fairness is not Fairness.NONE)


def _without(key: Any, absent: Collection[str]) -> Any:
    """What is stated of actions that are there; the key itself where all are."""
    written = key if isinstance(key, tuple) else (key,)
    named = [WRITTEN.fullmatch(part) if isinstance(part, str) else None for part in written]
    there = [
        p for p, match in zip(written, named, strict=True) if not match or match[1] not in absent
    ]
    return key if len(there) == len(written) else tuple(there)


def _decorated(action: FairAction) -> Fair:
    """What the decorator of an action says."""
    names = tuple(p.name for p in action.parameters)
    each = action.per_instance
    if isinstance(each, bool):
        return Fair((action.name,), names if each else (), action.fairness)
    for name in each:
        if name not in names:
            text = f"{action.name} is fair for each {name!r}, which is none of its parameters"
            raise refusal_of(action.function, text, ", ".join(names) or "per_instance=False")
    return Fair((action.name,), each, action.fairness)


def _stated(model: Any, known: dict[str, FairAction], key: Any, how: Any) -> Fair:
    if not isinstance(how, Fairness):
        raise _error(model, f"the fairness of {key!r} is {how!r}", HOW)
    written = key if isinstance(key, tuple) else (key,)
    parts = [_part(model, known, part) for part in written]
    if not parts:
        raise _error(model, "states the fairness of no action", HOW)
    actions = [action for action, _ in parts]
    if len(set(actions)) < len(actions):
        raise _error(model, f"{key!r} names an action twice", "each action once")
    every = [_each(known[action], each) for action, each in parts]
    if any(types != every[0] for types in every):
        text = f"the members of {key!r} are not fair for each of the same parameters"
        raise _error(model, text, "parameters of one name and type in all of them")
    if every[0] is None and how is not Fairness.NONE:
        return _whole(known, actions, how)
    return Fair(tuple(actions), tuple(name for name, _ in every[0] or ()), how)


def _whole(known: dict[str, FairAction], actions: list[str], how: Fairness) -> Fair:
    """A condition without brackets: a single action keeps what its decorator says of instances."""
    if len(actions) > 1:
        return Fair(tuple(actions), (), how)
    return Fair((actions[0],), _decorated(known[actions[0]]).each, how)


def _part(
    model: Any, known: dict[str, FairAction], part: Any
) -> tuple[str, tuple[str, ...] | None]:
    """The action that a text names, and the parameters in its brackets."""
    match = WRITTEN.fullmatch(part) if isinstance(part, str) else None
    name = match[1] if match else part
    if match is None or name not in known:
        text = f"{model.__name__} states the fairness of {name!r}, which is no action"
        raise _error(model, text, ", ".join(known) or "a model with actions")
    if match[2] is None:
        return name, None
    each = tuple(n.strip() for n in match[2].split(",") if n.strip())
    names = [p.name for p in known[name].parameters]
    for one in each:
        if one not in names:
            text = f"{name} is fair for each {one!r}, which is none of its parameters"
            raise _error(model, text, ", ".join(names) or name)
    return name, each


def _each(action: FairAction, each: tuple[str, ...] | None) -> tuple[tuple[str, Type], ...] | None:
    if each is None:
        return None
    types = {p.name: p.type for p in action.parameters}
    return tuple((name, types[name]) for name in each)


def _error(model: Any, text: str, allowed: str) -> LanguageError:
    return refusal_in(model, "fairness", text, allowed)
