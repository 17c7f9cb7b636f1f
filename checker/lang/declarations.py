"""What a model file declares with: constants, variables, actions, properties, bounds of types.

The calls in a class body leave small marker objects; `collect` reads them from the classes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from inspect import getdoc
from typing import Annotated, Any, NoReturn, TypeVar, overload

from planespec.checker.ir.nodes import Position
from planespec.checker.ir.system import Fairness, PropertyKind
from planespec.checker.lang.data.shapes import Each
from planespec.checker.lang.locations import refusal_here
from planespec.checker.lang.presence import conditional, stated

F = TypeVar("F", bound=Callable[..., Any])
Bound = int | str | None


@dataclass(frozen=True, slots=True)
class Range:
    """`Annotated[int, Range(low, high)]`: both ends included; a str is an expression over the
    constants, None an open end (symbolic engine only).
    """

    low: Bound
    high: Bound

    def __repr__(self) -> str:
        return f"Range({self.low!r}, {self.high!r})"


@dataclass(frozen=True, slots=True)
class Size:
    """`Annotated[set[T], Size(n)]`: at most n members; a str is an expression of constants."""

    capacity: int | str

    def __repr__(self) -> str:
        return f"Size({self.capacity!r})"


Nat = Annotated[int, Range(0, None)]
"""The natural numbers, unbounded: only the symbolic engine takes them."""

Integer = Annotated[int, Range(None, None)]
"""All integers, unbounded: only the symbolic engine takes them."""


@dataclass(frozen=True, slots=True)
class ConstantMark:
    """Default and limits of a constant; a sort's constant is the number of its elements, a table's
    value is of any type.
    """

    default: Any
    at_least: Bound = None
    at_most: Bound = None
    check: str = ""
    is_sort: bool = False
    symmetric: bool = False
    is_table: bool = False

    def _has_no_value_yet(self, *_: Any) -> NoReturn:
        raise refusal_here(
            "a constant has no value in the class body",
            "the constant alone as initial value, an expression in @initial, or in the text of a "
            'bound: Range(0, "limit + 1")',
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _has_no_value_yet
    __floordiv__ = __mod__ = __pow__ = __neg__ = __lt__ = __gt__ = _has_no_value_yet


@dataclass(frozen=True, slots=True)
class MutantMark:
    """A named switch, off unless it is asked for."""

    statement: str
    issue: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Among:
    """Default of an action's parameter that ranges over the members of a state variable."""

    variable: str


class Part(Enum):
    """What a decorated method of a model is."""

    INITIAL = "initial"
    ACTION = "action"
    PROPERTY = "property"
    ABSTRACT = "abstract"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class MethodMark:
    """What a decorator left on a method."""

    part: Part
    kind: PropertyKind | None = None
    fairness: Fairness = Fairness.NONE
    per_instance: bool | tuple[str, ...] = False
    when: str = ""
    assuming: tuple[Any, ...] = ()
    assumed: bool = False


def constant(
    default: bool | int | Enum | None = None,
    *,
    at_least: Bound = None,
    at_most: Bound = None,
    check: str = "",
) -> Any:
    """A constant: `terms: int = constant(3, at_least=1, check="terms <= servers")`.

    The limits are included; `check` is an expression over all constants that must be true. Without
    a default every run has to give a value.
    """
    return ConstantMark(default, at_least, at_most, check)


def sort(
    size: int,
    *,
    at_least: Bound = 1,
    at_most: Bound = None,
    symmetric: bool = False,
    check: str = "",
) -> Any:
    """The constant that binds a sort to its size: `servers: Domain[Server] = sort(3)`.

    `symmetric` says that the model treats all elements alike, so that states that differ in a
    permutation of them need not be told apart.
    """
    return ConstantMark(size, at_least, at_most, check, is_sort=True, symmetric=symmetric)


def table(default: Any = None, *, check: str = "") -> Any:
    """A constant of any type but a single value: `capacity: Array[Node, int] = table([4, 8])`.

    The value is written as people and JSON write it: a list of the values in order or a dict from
    each key, `each(value)`; names of enum members and elements; dicts for records. Without a
    default every run has to give one, `-c capacity=@file.json` for instance. A bare `int` has the
    range of the values that are there. `check` is an expression over all constants that must be
    true.
    """
    return ConstantMark(default, check=check, is_table=True)


def mutant(statement: str, *, issue: str = "", when: str = "") -> Any:
    """A switch that breaks the model on purpose: False unless the run asks for this mutant.

    `when` names the condition over the constants without which it breaks nothing.
    """
    return MutantMark(statement, issue, stated(when))


def each(value: Any) -> Any:
    """The same value for every key of an Array."""
    return Each(value)


def among(variable: str) -> Any:
    """Parameter default: the parameter ranges over the members of a set, bag or list variable."""
    return Among(variable)


@overload
def action(function: F) -> F: ...
@overload
def action(
    *, fair: Fairness = ..., per_instance: bool | tuple[str, ...] = ..., when: str = ...
) -> Callable[[F], F]: ...
def action(
    function: Any = None,
    *,
    fair: Fairness = Fairness.NONE,
    per_instance: bool | tuple[str, ...] = False,
    when: str = "",
) -> Any:
    """A guarded atomic step, taken for each value of its parameters.

    `fair` is used by liveness checking; with `per_instance` each instance is fair by itself, or
    those of each value of the parameters that it names. `when` is a condition over the constants
    without which there is no such action.
    """
    if not isinstance(fair, Fairness):
        raise refusal_here(f"fair is {fair!r}", "Fairness.NONE, Fairness.WEAK or Fairness.STRONG")
    if not isinstance(per_instance, bool) and not (
        isinstance(per_instance, tuple) and all(isinstance(n, str) for n in per_instance)
    ):
        raise refusal_here(
            f"per_instance is {per_instance!r}", 'True, or names of parameters: ("node",)'
        )
    mark = MethodMark(Part.ACTION, None, fair, per_instance, stated(when))
    return marked(mark) if function is None else marked(mark)(function)


def marked(mark: MethodMark) -> Callable[[F], F]:
    """A decorator that leaves the mark on a method; refuses what has one."""

    def decorate(function: F) -> F:
        if not callable(function) and not isinstance(function, staticmethod | classmethod):
            raise refusal_here("this decorator takes a method", "@action, or @action(fair=...)")
        if hasattr(function, "__planespec__"):
            raise refusal_here(
                f"{function.__name__} has two decorators of the language", "one for each method"
            )
        function.__planespec__ = mark  # type: ignore[attr-defined]
        return function

    return decorate


@conditional
def initial(function: F) -> F:
    """Sets up initial states after the defaults; parameters and choices give one state each."""
    return marked(MethodMark(Part.INITIAL))(function)


def abstract(function: F) -> F:
    """A helper that a part calls and another part defines: it has a docstring and no statements.

    Where it returns something, `raise NotImplementedError` keeps type checkers content.
    """
    return marked(MethodMark(Part.ABSTRACT))(function)


def joint(function: F) -> F:
    """A helper that several parts extend: each part's is run, in the order of the parts.

    It returns nothing, or a bool that is true where it is true for every part.
    """
    return marked(MethodMark(Part.JOINT))(function)


def _property(kind: PropertyKind) -> Callable[[F], F]:
    return marked(MethodMark(Part.PROPERTY, kind=kind))


@conditional
def invariant(function: F) -> F:
    """Holds in every reachable state."""
    return _property(PropertyKind.ALWAYS)(function)


@conditional
def step_invariant(function: F) -> F:
    """Holds between every state (`before`) and each of its successors (`self`)."""
    return _property(PropertyKind.STEP)(function)


@conditional
def reachable(function: F) -> F:
    """Some reachable state has it; shows that nothing holds for want of behaviour."""
    return _property(PropertyKind.REACHABLE)(function)


@conditional
def constraint(function: F) -> F:
    """States without it are judged but not expanded."""
    return _property(PropertyKind.CONSTRAINT)(function)


@conditional
def step_constraint(function: F) -> F:
    """A bound on steps, with `before` as in a step invariant: a step without it is judged, and the
    search does not go on from where it leads.
    """
    return _property(PropertyKind.STEP_CONSTRAINT)(function)


@conditional
def terminal(function: F) -> F:
    """States with it may have no successor: no deadlock there."""
    return _property(PropertyKind.TERMINAL)(function)


@conditional
def lemma(function: F) -> F:
    """An invariant that proofs may use as a helper; a search judges it like any other."""
    return _property(PropertyKind.LEMMA)(function)


@conditional
def assumption(function: F) -> F:
    """Limits the states that symbolic search begins in when it may begin in any state."""
    return _property(PropertyKind.ASSUMPTION)(function)


def position_of(function: Callable[..., Any]) -> Position:
    """Where a function is written: its first line, decorators included."""
    code = getattr(function, "__code__", None)
    if code is None:
        return Position("", 0, 0, 0, 0)
    return Position(code.co_filename, code.co_firstlineno, 1, code.co_firstlineno, 1)


def statement_of(function: Callable[..., Any]) -> str:
    """First paragraph of a docstring on one line; the name in words where there is none."""
    text = getdoc(function)
    if not text:
        return function.__name__.replace("_", " ")
    return " ".join(text.split("\n\n")[0].split())
