"""What goes wrong at a state or a step: properties of a model, evaluated by running its code."""

from dataclasses import dataclass, replace
from traceback import walk_tb
from typing import Any

from planespec.checker.errors import ModelError
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Position
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang.data.records import field_faults
from planespec.checker.lang.locations import error_position
from planespec.checker.lang.model import load
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import Outcome, State, ViolationKind

Arguments = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A model error: what went wrong and the deepest line of model code it went wrong in."""

    message: str
    at: Position | None


@dataclass(frozen=True, slots=True)
class Event:
    """A broken property, or a model error, at a step.

    `state` is the state after the step, None where the action itself went wrong. For a deadlock
    there is no step.
    """

    kind: ViolationKind
    property: str
    message: str
    at: Position | None
    action: str = ""
    arguments: Arguments = ()
    state: State | None = None


def fault_of(error: Exception) -> Fault:
    """Read an exception that left model code."""
    at = error_position(error.__traceback__)
    if isinstance(error, ModelError):
        return Fault(str(error), at)
    if isinstance(error, AssertionError):
        said = _message_of(error)
        return Fault(f"assertion failed: {said}" if said else "assertion failed", at)
    if isinstance(error, KeyError):
        return Fault(f"KeyError: there is no key {error}", at)
    return Fault(f"{type(error).__name__}: {error}", at)


def _message_of(error: AssertionError) -> str:
    """The message in the model; pytest puts an explanation after it, or in its place."""
    first, *rest = str(error).split("\n")
    explained = first.startswith("assert ") and not any(x.startswith("assert ") for x in rest)
    return "" if explained and _is_rewritten(error) else first


def _is_rewritten(error: AssertionError) -> bool:
    """Whether pytest has written the assertion anew, which it tells its modules by a name."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return bool(frames) and "@pytest_ar" in frames[-1].f_globals


class Judge:
    """Judges states and steps of one instance by the given properties."""

    def __init__(self, instance: Instance, ids: tuple[str, ...] | None = None) -> None:
        claims = instance.judged(ids)
        kept = (PropertyKind.ALWAYS, PropertyKind.LEMMA)
        self.always = [c for c in claims if c.kind in kept]
        self.steps = [c for c in claims if c.kind is PropertyKind.STEP]
        self.reachable = [c for c in claims if c.kind is PropertyKind.REACHABLE]
        self.constraints = instance.claims(PropertyKind.CONSTRAINT)
        self.step_constraints = instance.claims(PropertyKind.STEP_CONSTRAINT)
        self.terminals = instance.claims(PropertyKind.TERMINAL)
        self.view, self.before = instance.new(), instance.new()
        self._fault_of_record = instance.binding.fault_of_record
        self._loaded: State | None = None

    def step(self, before: State, after: State) -> Event | None:
        """The first step requirement a step breaks, or a model error in one before it."""
        if not self.steps:
            return None
        load(self.before, before)
        self._load(after)
        for claim in self.steps:
            holds = self._evaluate(claim, claim.judge_step, self.before, self.view)
            if isinstance(holds, Event):
                return holds
            if not holds:
                return _broken(ViolationKind.STEP, claim)
        return None

    def state(self, state: State) -> Event | None:
        """The first requirement a state breaks, or a model error in one before it."""
        if self.always:
            self._load(state)
        for claim in self.always:
            holds = self._evaluate(claim, claim.judge, self.view)
            if isinstance(holds, Event):
                return holds
            if not holds:
                return _broken(ViolationKind.SAFETY, claim)
        return None

    def reaches(self, claim: Claim, state: State) -> bool | Event:
        """Whether a state has a `reachable` property, or the model error in it."""
        self._load(state)
        return self._evaluate(claim, claim.judge, self.view)

    def cut(self, state: State) -> str | Event | None:
        """The first constraint a state is outside of, or the model error in one."""
        return self._first(self.constraints, state, wanted=False)

    def cut_step(self, before: State, after: State) -> str | Event | None:
        """The first constraint on steps that a step is outside of, or the model error in one."""
        if self.step_constraints:
            load(self.before, before)
            self._load(after)
        for claim in self.step_constraints:
            holds = self._evaluate(claim, claim.judge_step, self.before, self.view)
            if isinstance(holds, Event):
                return holds
            if not holds:
                return str(claim.id)
        return None

    def is_terminal(self, state: State) -> bool | Event:
        """Whether a state may have no successor, or the model error in saying so."""
        found = self._first(self.terminals, state, wanted=True)
        return found if isinstance(found, Event) else found is not None

    def _first(self, claims: Any, state: State, *, wanted: bool) -> str | Event | None:
        if claims:
            self._load(state)
        for claim in claims:
            holds = self._evaluate(claim, claim.judge, self.view)
            if isinstance(holds, Event):
                return holds
            if holds is wanted:
                return str(claim.id)
        return None

    def _load(self, state: State) -> None:
        if self._loaded is not state:
            load(self.view, state)
            self._loaded = state

    def _evaluate(self, claim: Claim, predicate: Any, *states: Any) -> bool | Event:
        checked = field_faults.set(self._fault_of_record)
        try:
            holds = predicate(*states)
            if type(holds) is not bool:
                raise ModelError(f"it answers {holds!r}, not true or false")
            if self.view._changed:
                raise ModelError("it changes the state")
        except MemoryError:
            raise
        except Exception as error:
            self._loaded = None
            fault = fault_of(error)
            at = fault.at or claim.at
            return Event(ViolationKind.ERROR, claim.id, f"in {claim.id}: {fault.message}", at)
        finally:
            field_faults.reset(checked)
        return holds


def _broken(kind: ViolationKind, claim: Claim) -> Event:
    return Event(kind, claim.id, claim.statement, claim.at)


BROKEN = (ViolationKind.SAFETY, ViolationKind.STEP)


def with_values(instance: Instance, outcome: Outcome) -> Outcome:
    """The outcome; a broken property with parameters has their values as its arguments."""
    violation = outcome.violation
    if violation is None or violation.kind not in BROKEN:
        return outcome
    claim = next((c for c in instance.requirements if c.id == violation.property), None)
    if claim is None or not claim.parameters:
        return outcome
    before, after = instance.new(), instance.new()
    states = violation.trace.states
    load(after, states[-1])
    load(before, states[-2] if len(states) > 1 else states[-1])
    values = claim.broken_for(before, after)
    return replace(outcome, violation=replace(violation, arguments=values))
