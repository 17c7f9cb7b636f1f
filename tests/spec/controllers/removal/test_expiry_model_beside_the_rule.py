"""`controllers.ttl` says that a Job expires when the rule does."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.controllers.removal.expiring_jobs import ExpiringJobs, JobState
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.batch.job_expiry import find_expiry
from planespec.spec.controllers.batch.job_state import Job

START = datetime(2026, 1, 1, tzinfo=UTC)
TIME, MOST = 2, 2
STATES = [
    JobState(over, at, ttl)
    for over, at, ttl in itertools.product(
        (False, True), range(TIME + 1), (None, *range(MOST + 1))
    )
]


def find_by_rule(state: JobState) -> int | None:
    """The tick, which is a second, at which the rule lets a Job expire."""
    finished = (START + timedelta(seconds=state.at)).strftime("%Y-%m-%dT%H:%M:%SZ")
    status = "True" if state.over else "False"
    condition = {"type": "Complete", "status": status, "lastTransitionTime": finished}
    spec = {} if state.ttl is None else {"ttlSecondsAfterFinished": state.ttl}
    expiry = find_expiry(Job({"spec": spec, "status": {"conditions": [condition]}}))
    return None if expiry is None else int((expiry - START).total_seconds())


def look(state: JobState, now: int, ahead: int, mutant: str | None) -> tuple[Any, bool]:
    """When a Job that was looked at comes again, and whether it is read to be deleted."""
    constants = {"consistency": Consistency.LIVE, "time": TIME, "most": MOST, "ahead": ahead}
    model: Any = Instance(ExpiringJobs, constants, mutant).new()
    (p,), (n,) = model.processes, model.names
    model.uid[n], model.job[n], model.now, model.due[p][n] = 1, state, now, 0
    model.look(p, n)
    return model.due[p][n], model.asks[p][n]


def count_differences(mutant: str | None) -> int:
    """For how many Jobs and times a worker does something else than the rule says."""
    differences = 0
    for state, now, ahead in itertools.product(STATES, range(TIME + 1), range(2)):
        expiry = find_by_rule(state)
        is_over = expiry is not None and expiry <= now + ahead
        expected = (None if is_over else expiry, is_over)
        differences += look(state, now, ahead, mutant) != expected
    return differences


def test_a_job_is_looked_at_as_the_rule_says() -> None:
    assert count_differences(None) == 0


@pytest.mark.parametrize("mutant", ["skip_requeue", "trust_cache"])
def test_a_mutant_does_something_else(mutant: str) -> None:
    assert count_differences(mutant) > 0
