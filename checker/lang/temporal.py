"""Promises: what a model claims of whole behaviours, and what it assumes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang.declarations import MethodMark, Part, marked
from planespec.checker.lang.locations import refusal_here
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
