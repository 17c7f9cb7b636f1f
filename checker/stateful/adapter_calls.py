"""The methods of an adapter: which there are for the actions of a model, and how to call them."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from planespec.checker.errors import did_you_mean
from planespec.checker.instance import ActionInfo
from planespec.checker.lang.data.order import show
from planespec.checker.outcome import Step
from planespec.checker.stateful.adapter import AdapterError, Naming

RESERVED = ("reset", "state", "close", "names")
"""What an adapter is asked for by these names is no action; `do_close` performs `close`."""


class Call:
    """A method of an adapter that is given arguments of a step by name, those it has a place for.

    What the method is not given is for the system to decide.
    """

    def __init__(self, method: Callable[..., Any], name: str, naming: Naming) -> None:
        if inspect.iscoroutinefunction(method):
            hint = "let it wait for its end, as with asyncio.run(...)"
            raise AdapterError(f"the adapter's {name}() is async and would not be awaited; {hint}")
        self._method, self._name, self._naming = method, name, naming
        self._places = _places(method)
        self._takes_all = any(p.kind is p.VAR_KEYWORD for p in self._places)
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        self._names = {p.name for p in self._places if p.kind in named}
        self._wanted = [
            p.name for p in self._places if p.name in self._names and p.default is p.empty
        ]

    def require(self, parameters: Iterable[str], call: str) -> None:
        """Raise AdapterError unless the method has a place for each of the parameters."""
        missing = [n for n in parameters if n not in self._names and not self._takes_all]
        if missing:
            raise AdapterError(
                f"the adapter's {self._name}() has no parameter {', '.join(missing)}; "
                f"it performs {call} and is given its arguments by name"
            )

    def tells(self, name: str) -> bool:
        """Whether the method is given the argument of that name."""
        return self._takes_all or name in self._names

    def perform(self, step: Step) -> Any:
        """Call the method; raises AdapterError where it wants an argument the step has not."""
        given = {n: self._naming.argument(v) for n, v in step.arguments if self.tells(n)}
        self._refuse_twice(step, given)
        for name in self._wanted:
            if name not in given:
                has = ", ".join(dict(step.arguments)) or "none"
                near = did_you_mean(name, dict(step.arguments))
                raise AdapterError(
                    f"the adapter's {self._name}() wants an argument {name}; "
                    f"the arguments and choices of this step: {has}{near}"
                )
        try:
            return self._method(**given)
        except Exception as error:
            error.add_note(f"while the system was asked for {self.text(step)}")
            raise

    def text(self, step: Step) -> str:
        """The call as the system gets it."""
        told = [(n, v) for n, v in step.arguments if self.tells(n)]
        return call_text(self._naming, step.action or self._name, told)

    def _refuse_twice(self, step: Step, given: dict[str, Any]) -> None:
        names = [name for name, _ in step.arguments]
        twice = [name for name in given if names.count(name) > 1]
        if twice:
            raise AdapterError(
                f"{step.action} chooses {twice[0]} more than once, so that the adapter's "
                f"{self._name}() cannot be told by name; give the choices names of their own in "
                "the model, or let the system choose"
            )


def call_text(naming: Naming, action: str, arguments: Iterable[tuple[str, Any]]) -> str:
    """`take(c='worker-a')`: an action in the names of the system."""
    parts = (f"{name}={show(naming.argument(value))}" for name, value in arguments)
    return f"{action}({', '.join(parts)})"


def methods_for(adapter: Any, actions: Iterable[ActionInfo], naming: Naming) -> dict[str, Call]:
    """A method for each of the actions; raises AdapterError naming those without."""
    found: dict[str, Call] = {}
    missing = []
    for action in actions:
        call = f"{action.name}({', '.join(p.name for p in action.parameters)})"
        name = next((n for n in _named(action.name) if callable(getattr(adapter, n, None))), None)
        if name is None:
            missing.append(call)
            continue
        found[action.name] = Call(getattr(adapter, name), name, naming)
        found[action.name].require([p.name for p in action.parameters], call)
    if missing:
        raise AdapterError(_missing(adapter, missing))
    return found


def _named(action: str) -> tuple[str, ...]:
    own = f"do_{action}"
    return (own,) if action in RESERVED else (own, action)


def _missing(adapter: Any, calls: list[str]) -> str:
    lines = [f"the adapter {type(adapter).__name__} has no method for {', '.join(calls)}"]
    own = [n for n in dir(adapter) if not n.startswith("_") and n not in RESERVED]
    for call in calls:
        action = call.partition("(")[0]
        if action in RESERVED:
            lines.append(f"  {action} has another meaning for adapters; call it do_{action}")
        elif near := did_you_mean(action, own):
            lines.append(f"  {action}{near}")
    lines.append("  actions that the system is not to take are left out with skip=(...)")
    return "\n".join(lines)


def _places(method: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(method).parameters.values())
    except (TypeError, ValueError):  # some callables written in C tell nothing
        return [inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)]
