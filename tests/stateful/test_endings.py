"""A walk that has ended is no failure: it begins again, and what is wrong is still found."""

from pathlib import Path

import pytest
from commands import Commands
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Violation
from planespec.checker.stateful import RequirementBrokenError, machine
from planespec.checker.stateful.behaviour import Walk
from planespec.reports.input import catalogue
from planespec.reports.pytest_plugin import _walk

HERE = Path(__file__).parent
WALKS = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def walk(name: str, **options: object) -> None:
    made = machine(load_model(f"{HERE / 'endings.py'}:{name}"), **options)  # type: ignore[arg-type]
    run_state_machine_as_test(made, settings=WALKS)


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", ["Ends", "EndsWell", "Fenced", "Idle", "Clashing"])
@pytest.mark.parametrize("native", [True, False])
def test_a_walk_that_has_ended_begins_again(name: str, native: bool) -> None:
    walk(name, native=native)


def test_an_end_is_followed_by_a_fresh_initial_state() -> None:
    begun: list[int] = []

    class Counted:
        def reset(self) -> None:
            begun.append(0)

        def up(self) -> None:
            begun[-1] += 1

        def state(self) -> dict[str, int]:
            return {"n": begun[-1]}

    adapter = Counted()
    walk("Ends", adapter=adapter)
    assert begun.count(3) > WALKS.max_examples  # most walks have room for several


def test_a_system_that_cannot_be_reset_is_made_anew_after_an_end() -> None:
    made: list[int] = []
    closed: list[int] = []

    class Counted:
        def __init__(self) -> None:
            self.n = 0
            made.append(0)

        def up(self) -> None:
            self.n += 1

        def state(self) -> dict[str, int]:
            return {"n": self.n}

        def close(self) -> None:
            closed.append(self.n)

    walk("Ends", adapter=Counted)
    assert closed.count(3) > WALKS.max_examples
    assert len(made) == len(closed)


@pytest.mark.parametrize(
    ("name", "message", "steps"),
    [
        ("Stuck", "deadlock: no action is enabled", 3),
        ("StuckAtOnce", "deadlock: no action is enabled", 0),
        ("BadAtTheEnd", "never_three: Three is not reached.", 3),
        (
            "WrongAtOnce",
            r"down\(\) goes wrong: n = -1 leaves 0..3 \(.*endings.py:\d+\)",
            0,
        ),
        ("WrongInitial", r"model error: begin\(n=3\) goes wrong: n = 4 leaves 0..3", 0),
        ("WrongTerminal", "done: in done: ZeroDivisionError", 3),
        ("WrongConstraint", "wrong: in wrong: ZeroDivisionError", 1),
    ],
)
def test_what_is_wrong_on_the_way_or_at_the_end_is_found(
    name: str, message: str, steps: int
) -> None:
    found: list[Violation] = []

    def keep(violation: Violation) -> str:
        found.append(violation)
        return ""

    with pytest.raises(RequirementBrokenError, match=message):
        walk(name, report=keep)
    assert len(found[-1].trace.steps) == steps


def test_the_trace_of_a_later_walk_begins_where_that_walk_began() -> None:
    later = Walk(Instance(load_model(f"{HERE / 'endings.py'}:BadStart")), native=False)
    later.begin(0)
    later.take(later.enabled("up")[0])
    later.begin(2)
    violation = later.take(later.enabled("up")[0])
    assert violation is not None
    assert violation.trace.states == ((2,), (3,))


def test_a_model_without_an_initial_state_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="Unborn has no initial state"):
        walk("Unborn")


def test_a_skipped_action_is_never_taken_and_its_absence_ends_walks() -> None:
    walk("BadAtTheEnd", skip=("up",))
    with pytest.raises(ConfigurationError, match=r"no action 'upp'.*did you mean 'up'"):
        walk("Ends", skip=("upp",))


@pytest.mark.parametrize("name", ["raft.election_unbounded", "toy.resource_fit", "scheduler.core"])
def test_models_with_unbounded_numbers_are_walked(name: str) -> None:
    few = settings(WALKS, max_examples=3)
    run_state_machine_as_test(machine(catalogue.load_model(name)), settings=few)


def test_a_mutant_of_a_model_with_unbounded_numbers_is_noticed() -> None:
    small = {"nodes": 1, "pods": 2}
    made = machine(catalogue.load_model("toy.resource_fit"), mutant="stale_check", **small)
    with pytest.raises(RequirementBrokenError, match="no_node_is_overfull"):
        run_state_machine_as_test(made, settings=settings(WALKS, max_examples=400))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Stuck", "deadlock"),
        ("StuckAtOnce", "deadlock"),
        ("BadAtTheEnd", "Violated never_three"),
        ("WrongAtOnce", "down() from state 0 goes wrong"),
        ("WrongInitial", "begin(n=3) from state 0 goes wrong"),
        ("WrongTerminal", "in done: ZeroDivisionError"),
        ("WrongConstraint", "in wrong: ZeroDivisionError"),
    ],
)
def test_what_a_walk_saves_goes_wrong_again_in_replay(
    name: str, message: str, planespec: Commands
) -> None:
    with pytest.raises(RequirementBrokenError, match=f"planespec replay {name}.walk.json"):
        _walk(f"{HERE / 'endings.py'}:{name}", (), 60, 12)
    done = planespec("replay", f"{name}.walk.json")
    assert done.code in (11, 12, 75)
    assert message in done.out


def test_a_state_outside_a_constraint_is_judged_and_not_left() -> None:
    fenced = Walk(Instance(load_model(f"{HERE / 'endings.py'}:Fenced")), native=False)
    fenced.begin(0)
    for n in (1, 2):
        assert len(fenced.enabled("up")) == 1
        assert fenced.take(fenced.enabled("up")[0]) is None
        assert fenced.state == (n,)
    assert fenced.enabled("up") == []
