"""Is what a real system has recorded a behaviour of the model?

A recording is a list of events in the forms that an adapter shows (see `stateful.forms`), such as
JSON lines. What it leaves open is searched: every state that the model may be in is carried on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planespec.checker.engines.python.explaining import Prober
from planespec.checker.engines.python.judging import Arguments, Fault
from planespec.checker.engines.python.stepping import Stepper, step_of
from planespec.checker.errors import ModelError, did_you_mean
from planespec.checker.instance import ActionInfo, Instance
from planespec.checker.lang.data.public_names import brief
from planespec.checker.lang.model import Model
from planespec.checker.outcome import State, Step, Trace
from planespec.checker.stateful.adapter import (
    AdapterError,
    Difference,
    Naming,
    Reader,
    differences,
)
from planespec.checker.stateful.adapter_calls import call_text

KEYS = ("action", "arguments", "state")


class NotABehaviourError(AssertionError):
    """No behaviour of the model has these events; the message names the first that fits none."""


@dataclass(frozen=True, slots=True)
class Event:
    """What was recorded of a step: the action, some of its arguments, some of the state after."""

    number: int
    action: ActionInfo | None
    arguments: dict[str, Any]
    shown: dict[str, Any]
    text: str


def follow(
    model: type[Model],
    events: Iterable[Mapping[str, Any]],
    *,
    names: Any = None,
    mutant: str | None = None,
    **constants: Any,
) -> Trace:
    """A behaviour of the model that the events show.

    An event is a dict with `action`, `arguments` by name and the `state` after it; arguments and
    state may be partial or left out. The first may lack the action: it is the beginning.
    Raises NotABehaviourError at the first event that no behaviour has, AdapterError for what
    cannot be read, and ModelError where a step of the model goes wrong.
    """
    instance = Instance(model, constants, mutant)
    naming = Naming(instance, names)
    follower = _Follower(instance, naming)
    for number, given in enumerate(events):
        event = _read(instance, naming, number, given)
        if number == 0 and event.action is None:
            follower.begin(event)
        elif event.action is None:
            raise AdapterError(f"event {number}: it names no action; only the first may lack it")
        else:
            follower.take(event)
    return follower.trace()


class _Follower:
    """All states that the model may be in after the events so far, each with a way to it."""

    def __init__(self, instance: Instance, naming: Naming) -> None:
        self._instance, self._naming, self._stepper = instance, naming, Stepper(instance)
        self._ways: dict[State, tuple[Step, ...]] = {}
        for start in instance.initial_states():
            self._ways.setdefault(start.state, (start,))
        if not self._ways:
            raise instance.nowhere_to_begin()

    def begin(self, event: Event) -> None:
        """Keep the initial states that agree."""
        self._keep(event, [way[-1] for way in self._ways.values()], {})

    def take(self, event: Event) -> None:
        """Go on to all states that the event allows."""
        steps: list[Step] = []
        ways: dict[State, tuple[Step, ...]] = {}
        for state, way in self._ways.items():
            for step in self._steps(event, state):
                steps.append(step)
                ways.setdefault(step.state, way)
        if not steps:
            raise NotABehaviourError(self._not_enabled(event))
        self._keep(event, steps, ways)

    def trace(self) -> Trace:
        """The first of the behaviours."""
        first, *steps = next(iter(self._ways.values()))
        return Trace(self._instance.variables, first.state, tuple(steps))

    def _steps(self, event: Event, state: State) -> Iterator[Step]:
        for taken in self._stepper.expand(state):
            step, after = step_of(self._instance, taken), taken[3]
            if event.action is None or step.action != event.action.name:
                continue
            if not _has(step.arguments, event.arguments):
                continue
            if isinstance(after, Fault):
                raise ModelError(f"event {event.number}: {event.text}: {after.message}")
            yield step

    def _keep(self, event: Event, steps: list[Step], before: dict[State, Any]) -> None:
        found = [(list(differences(self._naming, event.shown, s.state)), s) for s in steps]
        kept: dict[State, tuple[Step, ...]] = {}
        for wrong, step in found:
            if not wrong:
                kept.setdefault(step.state, (*before.get(step.state, ()), step))
        if not kept:
            raise NotABehaviourError(_unlike(event, min((wrong for wrong, _ in found), key=len)))
        self._ways = kept

    def _not_enabled(self, event: Event) -> str:
        assert event.action is not None
        lines = [f"event {event.number}: {event.text} is not enabled in the model"]
        state = next(iter(self._ways))
        for attempt in Prober(self._instance).attempts(state, event.action.name):
            if attempt.guard and _has(attempt.arguments, event.arguments):
                line = f", line {attempt.at.line}" if attempt.at else ""
                lines.append(f"  {attempt.blocked}{line}")
                break
        variables = zip(self._instance.types.items(), state, strict=True)
        shown = ", ".join(f"{n} = {self._naming.text(t, v)}" for (n, t), v in variables)
        return "\n".join([*lines, f"  the model is in {shown}"])


def _has(arguments: Arguments, wanted: Mapping[str, Any]) -> bool:
    given = dict(arguments)
    return all(name in given and given[name] == value for name, value in wanted.items())


def _unlike(event: Event, wrong: list[Difference]) -> str:
    lines = [f"  {difference}" for difference in wrong]
    return "\n".join([f"event {event.number}: after {event.text} no state agrees", *lines])


def _read(instance: Instance, naming: Naming, number: int, given: Any) -> Event:
    place = f"event {number}"
    if not isinstance(given, Mapping) or not set(given) <= set(KEYS):
        raise AdapterError(f"{place}: {brief(given)}; accepted: a dict with {', '.join(KEYS)}")
    reader, name = Reader(naming), given.get("action")
    action = None if name is None else _action(instance, place, name)
    arguments = _arguments(reader, place, action, given.get("arguments") or {})
    shown = given.get("state") or {}
    read = reader.variables(shown, f"{place}, state") if shown else {}
    text = call_text(naming, action.name, arguments.items()) if action else "the beginning"
    return Event(number, action, arguments, read, text)


def _action(instance: Instance, place: str, name: Any) -> ActionInfo:
    actions = {action.name: action for action in instance.actions}
    if name not in actions:
        known = ", ".join(actions)
        near = did_you_mean(name, actions) if isinstance(name, str) else ""
        raise AdapterError(f"{place}: no action is {brief(name)}; the actions: {known}{near}")
    return actions[name]


def _arguments(
    reader: Reader, place: str, action: ActionInfo | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    types = {} if action is None else {p.name: p.type for p in action.parameters}
    for name in given:
        if name not in types:
            known = ", ".join(types) or "none"
            raise AdapterError(f"{place}: no parameter is {brief(name)}; the parameters: {known}")
    return {n: reader.read(types[n], v, f"{n} of {place}") for n, v in given.items()}
