"""Evaluates the properties of a model on states and steps."""

from typing import Any

from planespec.checker.instance import Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang.errors import ModelError
from planespec.checker.lang.model import load
from planespec.checker.lang.records import field_faults
from planespec.checker.lang.requirements import Claim
from planespec.checker.outcome import State, ViolationKind
from planespec.checker.python.events import Event, fault_of


class Judge:
    """Judges states and steps of one instance by the given properties."""

    def __init__(self, instance: Instance, ids: tuple[str, ...] | None = None) -> None:
        claims = instance.judged(ids)
        kept = (PropertyKind.ALWAYS, PropertyKind.LEMMA)
        self.always = [c for c in claims if c.kind in kept]
        self.steps = [c for c in claims if c.kind is PropertyKind.STEP]
        self.reachable = [c for c in claims if c.kind is PropertyKind.REACHABLE]
        self.constraints = instance.claims(PropertyKind.CONSTRAINT)
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
