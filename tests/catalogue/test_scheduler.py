"""The scheduler models: where each mutant dies, for what, and how soon; the page is current."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from unmutated import Unmutated, unmutated

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.reports.input.catalogue import Killed, catalogue, load_model
from planespec.reports.pages import scheduler_page

TINY = 1_000
"""Distinct states up to which the reference engine is quicker than a compiler."""
LARGE = 25_000
"""Distinct states from which a mutant takes more than two seconds with its compilation."""


@dataclass(frozen=True)
class Case:
    """A mutant of a model."""

    model: str
    killed: Killed

    @property
    def id(self) -> str:
        return f"{self.model}-{self.killed.name}"

    def check(self, mutant: str | None, engine: str, *requirements: str) -> Outcome:
        instance = Instance(load_model(self.model), self.killed.constants, mutant)
        return check(instance, engine, Options(workers=2, requirements=requirements or None))


MODELS = [name for name in catalogue() if name.startswith("scheduler.")]
PROGRESS = "scheduler.progress"
"""It has the mutants of the cluster; the catalogue names two that break its promise."""
CORE = "scheduler.core"
"""It is proved, not searched: `tests/symbolic/test_proofs.py` has its mutants, all of them."""
SEARCHED = [name for name in MODELS if name != CORE]
CASES = [Case(name, killed) for name in SEARCHED for killed in catalogue()[name].mutants]
QUICK = [case for case in CASES if case.killed.distinct <= LARGE]
SLOW = [case for case in CASES if case.killed.distinct > LARGE]
PLAIN = unmutated((case.model, case.killed) for case in CASES)


def ids(cases: list[Case]) -> list[str]:
    return [case.id for case in cases]


def assert_killed(case: Case) -> None:
    """The mutant dies for the recorded requirement after the recorded number of steps."""
    killed = case.killed
    engine = "python" if killed.distinct <= TINY else "native"
    outcome = case.check(killed.name, engine, killed.requirement)
    assert outcome.violation is not None
    assert (outcome.violation.property, len(outcome.violation.trace.steps)) == (
        killed.requirement,
        killed.steps,
    )
    assert outcome.statistics.distinct == killed.distinct


@pytest.mark.sample(3)
@pytest.mark.parametrize("case", QUICK, ids=ids(QUICK))
def test_a_mutant_dies_for_the_recorded_requirement(case: Case) -> None:
    assert_killed(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW, ids=ids(SLOW))
def test_a_mutant_of_a_large_instance_dies_for_the_recorded_requirement(case: Case) -> None:
    assert_killed(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
def test_the_model_holds_where_its_mutant_dies(case: Unmutated) -> None:
    assert Case(case.model, case.killed).check(None, "native").verdict is Verdict.HOLDS


@pytest.mark.parametrize("model", [name for name in MODELS if name not in (PROGRESS, CORE)])
def test_the_catalogue_names_every_mutant_of_a_model_once(model: str) -> None:
    known = [killed.name for killed in catalogue()[model].mutants]
    assert sorted(known) == sorted(mutant.name for mutant in Instance(load_model(model)).mutants)


def test_the_scheduler_models_bring_back_at_least_fifteen_issues() -> None:
    issues = {
        mutant.issue
        for model in MODELS
        for mutant in Instance(load_model(model)).mutants
        if mutant.issue
    }
    assert len(issues) >= 15


def test_the_page_about_the_scheduler_models_is_current() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / scheduler_page.PAGE
    assert page.read_text(encoding="utf-8") == scheduler_page.render()


def test_a_kubelet_refuses_what_a_second_scheduler_put_on_a_full_node() -> None:
    constants = {"schedulers": 2, "kubelets": True, "pods": 2, "nodes": 1, "deletes": False}
    instance = Instance(load_model("scheduler.cluster"), constants)
    outcome = check(instance, "native", Options(requirements=("refused_by_kubelet",)))
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached == {"refused_by_kubelet": 12}
