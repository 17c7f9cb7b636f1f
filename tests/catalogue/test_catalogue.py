"""The engines are held to what model/catalogue.toml records, requirements to the mutants."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.symbolic.proving import Answer, Request, prove
from planespec.checker.instance import Instance
from planespec.checker.lang.named import NamedInstance
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.reports.input.catalogue import catalogue, load_model, made

TINY, SMALL = 1_000, 3_000
"""Distinct states up to which the reference engine is asked as well, by default and at all."""


@dataclass(frozen=True)
class Case:
    """One instance of one model."""

    model: str
    known: NamedInstance

    @property
    def id(self) -> str:
        return f"{self.model}@{self.known.name}"

    def check(self, engine: str, **options: object) -> Outcome:
        instance = Instance(load_model(self.model), self.known.constants)
        return check(instance, engine, Options(workers=2, **options))  # type: ignore[arg-type]


KNOWN = [Case(entry.name, known) for entry in catalogue().values() for known in entry.instances]
CASES = [case for case in KNOWN if case.known.verdict != "Proved"]
PROVED = [case for case in KNOWN if case.known.verdict == "Proved"]
IN_THE_PAGES = ("scheduler.core", "toy.resource_fit")
"""Models whose smallest proof is a command of docs/proofs.md, which a test runs."""
FIRST_PROVED = {case.model: case for case in reversed(PROVED)}
SHORT_PROOFS = [case for name, case in FIRST_PROVED.items() if name not in IN_THE_PAGES]
LONG_PROOFS = [case for case in PROVED if case not in SHORT_PROOFS]
"""Also of a model proved for several sizes all but the first."""


def first(cases: list["Case"], most: int) -> list["Case"]:
    """Of each model the first instances; more of them show the same again."""
    before = Counter[str]()
    kept = []
    for case in cases:
        before[case.model] += 1
        if before[case.model] <= most:
            kept.append(case)
    return kept


SHORT = [case for case in CASES if not case.known.slow]
TELLING = ("raft.bench@s3-t2-l1-m1",)
"""Instances that show what the smallest of their model does not: a vote in a second term."""
QUICK = [*first(SHORT, 1), *(case for case in SHORT if case.id in TELLING)]
SLOW = [case for case in CASES if case not in QUICK]
SYMMETRIC = [case for case in CASES if case.known.symmetric]
FEW_SYMMETRIC = first([case for case in SYMMETRIC if not case.known.slow], 1)


def ids(cases: list[Case]) -> list[str]:
    return [case.id for case in cases]


def assert_known(outcome: Outcome, known: NamedInstance) -> None:
    """Verdict and the three numbers are those of the catalogue."""
    numbers = outcome.statistics
    assert outcome.verdict.value == known.verdict
    assert (numbers.distinct, numbers.generated, numbers.depth) == (
        known.distinct,
        known.generated,
        known.depth,
    )


@pytest.mark.parametrize("case", QUICK, ids=ids(QUICK))
def test_the_native_engine_finds_the_recorded_numbers(case: Case) -> None:
    assert_known(case.check("native"), case.known)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW, ids=ids(SLOW))
def test_the_native_engine_finds_the_recorded_numbers_of_all_instances(case: Case) -> None:
    assert_known(case.check("native"), case.known)


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", FEW_SYMMETRIC, ids=ids(FEW_SYMMETRIC))
def test_symmetry_leaves_the_recorded_number_of_states(case: Case) -> None:
    outcome = case.check("native", symmetry=True)
    assert outcome.verdict.value == case.known.verdict
    assert outcome.statistics.distinct == case.known.symmetric
    assert outcome.statistics.depth == case.known.depth


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [c for c in SYMMETRIC if c not in FEW_SYMMETRIC], ids=lambda case: case.id
)
def test_symmetry_leaves_the_recorded_number_of_states_of_all_instances(case: Case) -> None:
    assert case.check("native", symmetry=True).statistics.distinct == case.known.symmetric


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "case", [c for c in SHORT if c.known.distinct <= TINY], ids=lambda case: case.id
)
def test_the_reference_engine_finds_the_recorded_numbers(case: Case) -> None:
    assert_known(case.check("python"), case.known)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [c for c in SHORT if TINY < c.known.distinct <= SMALL], ids=lambda case: case.id
)
def test_the_reference_engine_finds_the_recorded_numbers_of_more_states(case: Case) -> None:
    assert_known(case.check("python"), case.known)


COMPOSED = (
    *("apiserver.one_store", "apiserver.scheduled"),
    *("controllers.budgeted_set", "controllers.deployed_sets", "controllers.tainted_set"),
)
"""`test_composed_models.py` has the mutants of these."""
SEARCHED = dict.fromkeys(case.model for case in CASES if case.model not in COMPOSED)
MUTANTS = [
    (name, mutant.name)
    for name in SEARCHED
    if not catalogue()[name].mutants
    for mutant in Instance(load_model(name)).mutants
]
"""Of models whose mutants die on the default constants; the others have a test of their own."""
ELSEWHERE = {killed.name for entry in catalogue().values() for killed in entry.mutants}
AGAIN = [(model, mutant) for model, mutant in MUTANTS if mutant in ELSEWHERE]
"""Inherited from a model in which they are killed already."""


def assert_proved(case: Case) -> None:
    """Every obligation is proved: in seconds, but a busy machine may take its time."""
    instance = Instance(load_model(case.model), case.known.constants)
    proofs = prove(instance, Request(seconds=3_600))
    assert {
        proof.goal: proof.answer for proof in proofs if proof.answer is not Answer.PROVED
    } == {}


@pytest.mark.parametrize("case", SHORT_PROOFS, ids=ids(SHORT_PROOFS))
def test_proofs_for_every_bound_succeed(case: Case) -> None:
    assert_proved(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", LONG_PROOFS, ids=ids(LONG_PROOFS))
def test_proofs_for_every_bound_succeed_for_more_individuals(case: Case) -> None:
    assert_proved(case)


def assert_killed(model: str, mutant: str) -> None:
    instance = Instance(load_model(model), {}, mutant)
    assert check(instance, "auto", Options(workers=2)).verdict is Verdict.VIOLATED


@pytest.mark.parametrize(("model", "mutant"), [m for m in MUTANTS if m not in AGAIN])
def test_every_mutant_of_a_model_is_killed(model: str, mutant: str) -> None:
    assert_killed(model, mutant)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "mutant"), AGAIN)
def test_every_mutant_of_a_model_is_killed_where_it_is_inherited(model: str, mutant: str) -> None:
    assert_killed(model, mutant)


def test_leader_election_has_at_least_four_mutants() -> None:
    assert sum(model == "raft.election" for model, _ in MUTANTS) >= 4


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_instance_of_a_model_is_known_and_has_its_constants(name: str) -> None:
    entry = catalogue()[name]
    named = [one.name for one in entry.instances]
    assert named
    assert sorted(named) == sorted(known for known, _ in entry.known)
    assert all(one.verdict for one in entry.instances)
    model = load_model(name)
    assert [made(model, one).name for one in entry.instances] == [model.__name__] * len(named)


def test_a_page_proves_what_is_not_proved_here() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/proofs.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in IN_THE_PAGES if f"$ planespec prove {name} " not in text] == []
