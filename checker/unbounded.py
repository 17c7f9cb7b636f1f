"""Numbers without a bound: which engines cannot take them, and what to do about it."""

from collections.abc import Iterator

from planespec.checker.errors import ConfigurationError, LanguageError
from planespec.checker.front.core.type_relations import most_elements
from planespec.checker.front.expressions.comprehensions import rounds
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Choose, Expr, Position
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import bodies, statements
from planespec.checker.ir.types import Int, Span, Type
from planespec.checker.lang.source import source_file

MOST_OUTCOMES = 100_000_000
"""Outcomes of one action in one state: more take minutes, which no budget ends in between."""


def unbounded_variables(instance: Instance) -> list[str]:
    """State variables that hold a number without a bound."""
    return [name for name, type_ in instance.types.items() if is_unbounded(type_)]


def unbounded_parameters(instance: Instance) -> list[str]:
    """Parameters of actions that range over all numbers, as `parameter of action`."""
    return [
        f"{parameter.name} of {action.name}"
        for action in (*instance.initial, *instance.actions)
        for parameter in action.parameters
        if parameter.among is None and is_unbounded(parameter.type)
    ]


def is_unbounded(type_: Type) -> bool:
    """Whether a value of the type may contain a number without a bound."""
    if isinstance(type_, Int):
        return not type_.is_bounded
    return any(map(is_unbounded, _parts(type_)))


def refuse_unbounded(instance: Instance, engine: str) -> None:
    """Raise ConfigurationError where the engine needs a bound that the model does not give.

    The reference engine takes any number that turns up, but cannot try all values of a parameter.
    """
    if engine == "symbolic":
        return
    parts = [f"parameter {name}" for name in unbounded_parameters(instance)]
    if engine == "native":
        parts += [f"variable {name}" for name in unbounded_variables(instance)]
    if parts:
        raise ConfigurationError(
            f"{instance.name} has numbers without a bound, which engine {engine} cannot list: "
            f"{', '.join(parts)}; declare them Annotated[int, Range(low, high)] instead of Nat or "
            "Integer, or use `planespec prove` or --engine symbolic --depth N"
        )


def refuse_endless(system: System) -> None:
    """Raise LanguageError where one step alone has more outcomes than a search can list.

    That is `choose` from too long a range, or parameters with too many combinations.
    """
    for action in (*system.initial, *system.actions):
        count, place = 1, action.at
        for parameter in action.parameters:
            if parameter.domain is not None and isinstance(parameter.domain.type, Span):
                count *= most_elements(parameter.domain.type)
        if count > MOST_OUTCOMES:
            raise _endless(f"the parameters of {action.name} have {count:,} combinations", place)
    for _, body in bodies(system):
        for statement in statements(body):
            if isinstance(statement, Choose) and _outcomes(statement.domain) > MOST_OUTCOMES:
                text = f"choose has up to {_outcomes(statement.domain):,} outcomes"
                raise _endless(text, statement.at)


def _outcomes(walked: Expr) -> int:
    return rounds(walked) if isinstance(walked.type, Span) else 0


def _endless(message: str, at: Position) -> LanguageError:
    return LanguageError(
        f"{message}, each of which a search would try in every state",
        file=at.file,
        line=at.line,
        column=at.column,
        text=source_file(at.file).text(at.line),
        allowed=f"at most {MOST_OUTCOMES:,}; or `planespec prove`, or --engine symbolic",
    )


def _parts(type_: Type) -> Iterator[Type]:
    for name in ("inner", "element", "value"):
        part = getattr(type_, name, None)
        if isinstance(part, Type):
            yield part
    for _, part in getattr(type_, "fields", ()):
        yield part
    yield from getattr(type_, "variants", ())
