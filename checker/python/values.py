"""Says for which values of its parameters a property is broken."""

from dataclasses import replace

from planespec.checker.instance import Instance
from planespec.checker.lang.model import load
from planespec.checker.outcome import Outcome, ViolationKind

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
