"""Parameters and choices with very many values: refused where hopeless, lazy where not."""

from itertools import islice
from typing import Annotated

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.python.stepping import Combinations, Stepper
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    LanguageError,
    Model,
    Range,
    action,
    choose,
    choosing,
    constant,
    require,
)
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

Digit = Annotated[int, Range(0, 9)]


class Parameter(Model):
    """A digit of a number of any size."""

    most: int = constant(10**12)
    deadlock = False
    digit: Digit = 0

    @action
    def take(self, number: Annotated[int, Range(0, "most")]) -> None:
        require(number >= self.most)
        self.digit = number % 10


class Choice(Model):
    """The same by choice."""

    most: int = constant(10**13)
    deadlock = False
    digit: Digit = 0

    @action
    def take(self) -> None:
        number = choose(range(self.most))
        self.digit = number % 10


@pytest.mark.parametrize("engine", ["auto", "python", "native"])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Parameter, "the parameters of take have 1,000,000,000,001 combinations"),
        (Choice, "choose has up to 10,000,000,000,000 outcomes"),
    ],
)
def test_a_step_with_too_many_outcomes_is_refused_at_its_place(
    model: type[Model], message: str, engine: str
) -> None:
    with pytest.raises(LanguageError, match=message) as caught:
        check(Instance(model), engine, Options())
    error = caught.value
    assert (error.line, error.column) > (1, 1)
    assert error.text
    assert error.allowed


def test_such_a_model_compiles_for_the_symbolic_engine() -> None:
    assert compile_system(Instance(Parameter)).actions[0].name == "take"


def test_the_reference_engine_ends_within_its_budget_though_nothing_is_enabled() -> None:
    options = Options(budget=Budget(seconds=0.2))
    outcome = check(Instance(Parameter, {"most": 90_000_000}), "python", options)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == "the budget of 0.2 seconds is spent"
    assert outcome.statistics.search_seconds < 30  # generous: the machine may be busy


def test_an_interrupt_ends_a_step_with_many_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "planespec.checker.engines.python.reference_search.Search.look_at_clock", interrupted
    )
    outcome = check(Instance(Parameter, {"most": 90_000_000}), "python", Options())
    assert (outcome.verdict, outcome.interrupted) == (Verdict.UNKNOWN, True)


def test_choices_of_a_range_are_not_held_in_memory() -> None:
    model = Choice()
    with choosing(10**12 + 7):
        model.take()
    assert model.digit == 7
    instance = Instance(Choice)
    first = list(islice(Stepper(instance).expand(instance.binding.defaults), 3))
    assert [state for *_, state in first] == [(0,), (1,), (2,)]


def test_combinations_come_in_order_and_are_looked_up_without_a_walk() -> None:
    assert list(Combinations([range(2), "ab"])) == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
    assert list(Combinations([])) == [()]
    many = Combinations([range(10**9)] * 3)
    assert (1, 2, 10**8) in many
    assert (1, 2) not in many
    assert (1, 2, 10**9) not in many
