"""Continuations: what follows a statement, and how the branches before it reach it."""

from collections.abc import Callable
from dataclasses import dataclass

from planespec.reports.tla.layout import Both, Branch, Node, Text
from planespec.reports.tla.names import quoted
from planespec.reports.tla.scope import Exported, Scope

STATE = "s"
"""What records of the state are called."""


@dataclass(frozen=True, slots=True)
class Next:
    """What follows: `go` renders it; `live` are the locals it reads; `is_short` if one call."""

    go: Callable[[Scope], Node]
    live: frozenset[str] = frozenset()
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Exits:
    """Where `return`, `break` and `continue` lead, and whether the text is a formula of a step."""

    returned: Callable[[Scope, str | None], Node]
    in_step: bool
    broken: Next | None = None
    continued: Next | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What an operator that joins branches is given: the state, locals that they change."""

    state: bool
    names: tuple[str, ...]

    def arguments(self, module: Exported, scope: Scope) -> list[str]:
        """The values in a scope; a local that has none is never read, None stands in."""
        state = [scope.state or "Now"] if self.state else []
        return state + [scope.locals.get(n, module.vocabulary.none) for n in self.names]

    def bound(self, scope: Scope) -> tuple[list[str], Scope]:
        """Fresh names, and the scope in which they hold the values."""
        found = []
        if self.state:
            found.append(scope.names.fresh(STATE))
            scope = scope.moved(found[-1])
        for name in self.names:
            found.append(scope.names.fresh(name))
            scope = scope.bind(name, found[-1])
        return found, scope


def asserted(condition: str, message: str, rest: Node, exits: Exits) -> Node:
    """What follows if the condition holds, else an error of TLC."""
    if exits.in_step:
        return Both((Text(f"Assert({condition}, {quoted(message)})"), rest))
    return Branch(condition, rest, Text(f"Assert(FALSE, {quoted(message)})"))


def called(name: str, arguments: list[str]) -> str:
    """An operator with its arguments."""
    return f"{name}({', '.join(arguments)})" if arguments else name


def packed(values: list[str]) -> str:
    """One value, or a tuple of several."""
    return values[0] if len(values) == 1 else f"<<{', '.join(values)}>>"


def unwrapped(node: Node) -> Node:
    """The node itself: nothing is defined around it."""
    return node
