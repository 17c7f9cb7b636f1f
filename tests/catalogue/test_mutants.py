"""Models searched that name their mutants and have no test of their own: where each dies."""

import pytest
from unmutated import Unmutated, unmutated

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.model.parts.api_store import Clients
from planespec.model.parts.expectations import Expecters
from planespec.model.parts.informers import Watchers
from planespec.model.parts.processes import Timers
from planespec.model.parts.work_queue import Workers
from planespec.reports.input.catalogue import Killed, catalogue, load_model

ELSEWHERE = ("raft.etcd", "scheduler.")
"""`test_raft_etcd.py` and `test_scheduler.py` have the mutants of these."""
CASES = [
    (name, killed)
    for name, entry in catalogue().items()
    if not name.startswith(ELSEWHERE)
    and all(known.verdict != "Proved" for known in entry.instances)
    for killed in entry.mutants
]
QUICK = [pytest.param(*case, marks=[pytest.mark.slow] if case[1].slow else []) for case in CASES]
MODELS = sorted({name for name, _ in CASES})
PARTS = (Clients, Watchers, Timers, Workers, Expecters)
"""Models of parts alone, whose mutants `test_model_parts.py` has."""


def case_name(value: object) -> str:
    return f"{value.name}-{value.requirement}" if isinstance(value, Killed) else str(value)


@pytest.mark.sample(3)
@pytest.mark.parametrize(("model", "killed"), QUICK, ids=case_name)
def test_a_mutant_dies_for_the_recorded_requirement_as_soon_as_recorded(
    model: str, killed: Killed
) -> None:
    instance = Instance(load_model(model), killed.constants, killed.name)
    options = Options(workers=2, requirements=(killed.requirement,))
    violation = check(instance, "auto", options).violation
    assert violation is not None
    assert (violation.property, len(violation.trace.steps)) == (killed.requirement, killed.steps)


@pytest.mark.slow
@pytest.mark.parametrize("case", unmutated(CASES), ids=lambda case: case.id)
def test_the_requirements_hold_there_without_the_mutant(case: Unmutated) -> None:
    """Where no test of the catalogue finds that the instance holds whole."""
    options = Options(workers=2, requirements=tuple(case.requirements))
    outcome = check(Instance(load_model(case.model), case.killed.constants), "auto", options)
    assert outcome.verdict is Verdict.HOLDS


@pytest.mark.parametrize("model", MODELS)
def test_every_mutant_of_the_model_is_named(model: str) -> None:
    declared = {mutant.name for mutant in Instance(load_model(model)).mutants}
    of_parts = {mutant.name for part in PARTS for mutant in Instance(part).mutants}
    named = {killed.name for killed in catalogue()[model].mutants}
    assert declared - of_parts <= named <= declared
