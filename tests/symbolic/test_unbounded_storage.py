"""The proofs of `apiserver.unbounded` fail for each of its mutants, where the catalogue says."""

import pytest

from planespec.checker.engines.symbolic.proving import Answer, Request, prove
from planespec.checker.instance import Instance
from planespec.model.apiserver.stored.unbounded_storage import UnboundedStorage
from planespec.reports.input.catalogue import catalogue

KILLED = catalogue()["apiserver.unbounded"].mutants


@pytest.mark.parametrize("killed", KILLED, ids=lambda killed: killed.name)
def test_a_mutant_is_refuted_as_soon_as_recorded(killed) -> None:
    instance = Instance(UnboundedStorage, killed.constants, killed.name)
    [found] = prove(instance, Request((killed.requirement,), seconds=3_600))
    assert found.answer is Answer.VIOLATED
    assert found.violation is not None
    assert len(found.violation.trace.steps) == killed.steps


def test_every_mutant_is_named() -> None:
    declared = {mutant.name for mutant in Instance(UnboundedStorage).mutants}
    assert {killed.name for killed in KILLED} == declared
