"""A real system that takes every step of a walk, and what its answers say.

Where the model leaves a choice open, the choice is told to the system if the adapter's method has
a parameter of its name. If not the system decides, and what it shows tells which of the outcomes
that the model allows it took: none is a disagreement, and more than one AdapterError, since to
guess would blame the system later for a choice that it never made.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from planespec.checker.instance import ActionInfo, Instance
from planespec.checker.lang.data.order import show
from planespec.checker.lang.data.public_names import brief
from planespec.checker.outcome import State, Step
from planespec.checker.stateful.adapter import (
    AdapterError,
    Difference,
    Naming,
    Reader,
    differences,
)
from planespec.checker.stateful.adapter_calls import Call, call_text, methods_for

BEGINNING = "the beginning"
MOST = 10
"""Differences that a message lists."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The step of the model that is nearest to what the system shows, and where they differ.

    `outcomes` is how many the model allows; `decided` are the choices that the system made.
    """

    step: Step
    call: str
    differences: tuple[Difference, ...]
    outcomes: int
    decided: str = ""

    @property
    def message(self) -> str:
        """The differences, one a line; empty where there is none."""
        if not self.differences:
            return ""
        lines = [str(d) for d in self.differences[:MOST]]
        if len(self.differences) > MOST:
            lines.append(f"and {len(self.differences) - MOST} more fields differ")
        if self.outcomes > 1:
            lines.append(f"this is the nearest of the {self.outcomes} outcomes the model allows")
        if len(lines) == 1:
            return f"after {self.call} {lines[0]}"
        return "\n  ".join([f"after {self.call} the system and the model differ", *lines])


class System:
    """The real system of one run; `actions` are those that it is to take.

    `adapter` is an object, which is reset for each walk and never closed, or a class or function
    that makes one. Raises AdapterError for one that cannot be used.
    """

    def __init__(self, instance: Instance, adapter: Any, actions: Sequence[ActionInfo]) -> None:
        self._instance, self._actions = instance, actions
        self._make = adapter if _is_factory(adapter) else None
        if self._make is None:
            self._use(adapter)
        else:
            self._use_new(self._make())
        self._fresh = self._make is not None

    def begin(self, starts: Sequence[Step], drawn: Step) -> Answer:
        """Put the system into an initial state: that which was drawn, as far as it can be told."""
        if not self._fresh and self._reset is None:
            self._again()
        self._fresh = False
        call = self._reset
        told = [n for n, _ in drawn.arguments if call is not None and call.tells(n)]
        if call is not None:
            call.perform(drawn)
        shown = self._shown() if self._by_method else {}
        where = BEGINNING if call is None else "reset()"
        alike = [s for s in starts if not told or _agree(s, drawn, told)]
        return self._answer(alike, drawn, shown, where, told)

    def take(self, options: Sequence[Step], drawn: Step) -> Answer:
        """Let the system take a step; `options` are all that are enabled for the action."""
        if not self._by_method:
            return self._apply(drawn)
        call = self._calls[drawn.action]
        action = next(a for a in self._actions if a.name == drawn.action)
        told = [n for n, _ in drawn.arguments if call.tells(n)]
        call.perform(drawn)
        told += [p.name for p in action.parameters]
        alike = [s for s in options if _agree(s, drawn, told)]
        return self._answer(alike, drawn, self._shown(), call.text(drawn), told)

    def text(self, step: Step) -> str:
        """A step as the system is told of it."""
        if self._by_method:
            return self._calls[step.action].text(step)
        return call_text(self._naming, step.action, step.arguments)

    def close(self) -> None:
        """Let the system go, where it was made for this run."""
        if self._make is not None and hasattr(self._adapter, "close"):
            self._adapter.close()

    def _use_new(self, adapter: Any) -> None:
        """One that cannot be used is let go, with whatever it has started."""
        try:
            self._use(adapter)
        except AdapterError:
            self.close()
            raise

    def _use(self, adapter: Any) -> None:
        self._adapter = adapter
        self._by_method = _has_state(adapter)
        if adapter is None or not (self._by_method or hasattr(adapter, "apply")):
            raise AdapterError(
                f"the adapter {brief(adapter)} has no state()\n"
                "  accepted: an object, or a class or function that makes one, with a method for "
                "each action and state() that returns what the system shows; or with apply(step)"
            )
        self._naming = Naming(self._instance, getattr(adapter, "names", None))
        self._reader = Reader(self._naming)
        reset = getattr(adapter, "reset", None)
        self._reset = None if reset is None else Call(reset, "reset", self._naming)
        if self._reset is None and self._make is None:
            raise AdapterError(
                f"the adapter {brief(adapter)} has no reset(), so that each walk would begin "
                "where the last one ended; add it, or give a class or function that makes one"
            )
        if self._by_method:
            self._calls = methods_for(adapter, self._actions, self._naming)
        name = "state" if self._by_method else "apply"
        method = inspect.getattr_static(adapter, name, None)
        if callable(method):
            Call(method, name, self._naming)

    def _again(self) -> None:
        """A system without reset() is made anew."""
        assert self._make is not None
        self.close()
        self._use_new(self._make())

    def _apply(self, drawn: Step) -> Answer:
        arguments = {n: self._naming.argument(v) for n, v in drawn.arguments}
        state = self._naming.state(drawn.state)
        step = SimpleNamespace(action=drawn.action, arguments=arguments, state=state)
        call = self.text(drawn)
        try:
            shown = self._adapter.apply(step)
        except Exception as error:
            error.add_note(f"while the system was asked for {call}")
            raise
        if shown is None:
            raise AdapterError(
                "apply() returns None; accepted: a dict of the variables that the system shows, "
                "{} where it shows none"
            )
        read = self._reader.variables(shown, "apply()") if shown != {} else {}
        return self._answer([drawn], drawn, read, call, [])

    def _shown(self) -> dict[str, Any]:
        state = self._adapter.state
        return self._reader.variables(state() if callable(state) else state, "state()")

    def _answer(
        self,
        alike: list[Step],
        drawn: Step,
        shown: dict[str, Any],
        call: str,
        told: list[str],
    ) -> Answer:
        """The one outcome that agrees with what is shown, or the nearest and what differs."""
        outcomes: dict[State, Step] = {drawn.state: drawn}
        for step in alike:
            outcomes.setdefault(step.state, step)
        found = {s: tuple(differences(self._naming, shown, s)) for s in outcomes}
        agreeing = [step for state, step in outcomes.items() if not found[state]]
        if len(agreeing) > 1:
            raise AdapterError(self._open(agreeing, drawn, call))
        step = (
            agreeing[0] if agreeing else min(outcomes.values(), key=lambda s: len(found[s.state]))
        )
        decided = "" if len(outcomes) == 1 else self._decided(step, told)
        return Answer(step, call, found[step.state], len(outcomes), decided)

    def _decided(self, step: Step, told: list[str]) -> str:
        rest = [(n, self._naming.argument(v)) for n, v in step.arguments if n not in told]
        return ", ".join(f"{name} = {show(value)}" for name, value in rest)

    def _open(self, agreeing: list[Step], drawn: Step, call: str) -> str:
        first, second, *_ = agreeing
        types = self._instance.types
        pairs = zip(types, first.state, second.state, strict=True)
        open_ = [name for name, mine, other in pairs if mine != other]
        names = list(dict.fromkeys(n for n, _ in drawn.arguments)) or ["none"]
        method = "reset" if call == BEGINNING else call.partition("(")[0]
        return (
            f"after {call} the model allows {len(agreeing)} states that agree with what the "
            f"system shows; they differ in {', '.join(open_)}\n"
            f"  accepted: a state() that shows what tells them apart; or a parameter of "
            f"{method}() for what is to be told to the system (it may have {', '.join(names)})"
        )


def _agree(step: Step, drawn: Step, names: Sequence[str]) -> bool:
    """Whether two steps are one call for the system."""
    mine, other = ([(n, v) for n, v in s.arguments if n in names] for s in (step, drawn))
    return step.action == drawn.action and mine == other


def _is_factory(adapter: Any) -> bool:
    if isinstance(adapter, type) or inspect.isfunction(adapter):
        return True
    return callable(adapter) and not _has_state(adapter) and not hasattr(adapter, "apply")


def _has_state(adapter: Any) -> bool:
    """A property is not read: it may fail before the first reset()."""
    return inspect.getattr_static(adapter, "state", None) is not None or hasattr(adapter, "state")
