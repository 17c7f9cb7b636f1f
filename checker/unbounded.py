"""Numbers without a bound: which engines cannot take them, and what to do about it."""

from collections.abc import Iterator

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.ir.types import Int, Type


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


def _parts(type_: Type) -> Iterator[Type]:
    for name in ("inner", "element", "value"):
        part = getattr(type_, name, None)
        if isinstance(part, Type):
            yield part
    for _, part in getattr(type_, "fields", ()):
        yield part
    yield from getattr(type_, "variants", ())
