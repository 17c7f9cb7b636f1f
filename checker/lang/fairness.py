"""Fairness as a model states it: of one action, of several together, for each of some parameters.

`fairness = {"grant": WEAK, "move[p]": STRONG, ("enter[p]", "leave[p]"): WEAK}`: names in brackets
are parameters, and the condition is there for each value of them.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from planespec.checker.errors import LanguageError
from planespec.checker.ir.system import Fair, Fairness
from planespec.checker.ir.types import Type
from planespec.checker.lang.locations import refusal_in, refusal_of

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
