"""Parts share variables, call helpers of each other, and extend one helper together."""

import inspect
from typing import Annotated

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.native import native_engine as native
from planespec.checker.engines.python import python_engine as python
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.grammar import verify
from planespec.checker.lang import (
    LanguageError,
    Model,
    Range,
    abstract,
    action,
    compose,
    constant,
    invariant,
    joint,
    require,
)
from planespec.checker.outcome import Verdict

Count = Annotated[int, Range(0, "most")]


class Queue(Model):
    """Calls what it does not define."""

    most: int = constant(2)
    deadlock = False
    waiting: Count = most

    @action
    def take(self) -> None:
        require(self.waiting > 0 and self.is_ready())
        self.waiting -= 1
        self.begin()

    @abstract
    def begin(self) -> None:
        """Somebody begins."""

    @joint
    def is_ready(self) -> bool:
        return self.waiting > 0

    @joint
    def reset(self, left: Count) -> None:
        self.waiting = left


class Worker(Model):
    """Defines it, over a constant of its own of the same name."""

    most: int = constant(2)
    deadlock = False
    busy: bool = False
    left: Count = most

    def begin(self) -> None:
        self.busy = True

    @action
    def finish(self) -> None:
        require(self.busy)
        self.busy = False

    @joint
    def is_ready(self) -> bool:
        return not self.busy

    @joint
    def reset(self, left: Count) -> None:
        require(left < self.most)
        self.busy = False


class Both(Queue, Worker):
    """Adds to what both parts extend."""

    resets: Count = 0

    @action
    def crash(self) -> None:
        require(self.resets == 0)
        self.reset(self.waiting - 1 if self.waiting > 0 else 0)

    @joint
    def reset(self, left: Count) -> None:
        self.resets += 1

    @invariant
    def a_reset_frees(self) -> bool:
        return self.resets == 0 or self.waiting < self.most


class Derived(Both):
    """Made after the class it extends was used."""

    @joint
    def reset(self, left: Count) -> None:
        self.left = left


@pytest.mark.parametrize("model", [Both, Derived])
def test_both_engines_run_what_every_part_says(model: type[Model]) -> None:
    for _ in range(2):  # also after the declarations of the class were read
        instance = Instance(model)
        verify(compile_system(instance))
        found = [engine.run(instance, Options()) for engine in (python, native)]
        assert [o.verdict for o in found] == [Verdict.HOLDS] * 2
        assert found[0].statistics.distinct == found[1].statistics.distinct > 6


def test_a_joint_helper_runs_each_part_once_in_order_and_with_the_arguments_of_the_call() -> None:
    state = Derived()
    state.begin()
    state.reset(1)
    assert (state.waiting, state.busy, state.resets, state.left) == (1, False, 1, 1)


def test_a_joint_guard_of_any_part_guards() -> None:
    worker = compose("Swapped", Worker, Queue)()
    assert worker.is_ready()
    worker.begin()
    assert not worker.is_ready()


@pytest.mark.parametrize("parts", [(Queue, Worker), (Worker, Queue)])
def test_a_definition_takes_the_place_of_what_is_abstract_in_either_order(
    parts: tuple[type[Model], ...],
) -> None:
    made = compose("Made", *parts)
    assert inspect.getattr_static(made, "begin") is Worker.begin
    assert [a.name for a in Instance(made).actions] == (
        ["take", "finish"] if parts[0] is Queue else ["finish", "take"]
    )


def test_a_constant_of_several_parts_is_the_initial_value_in_all_of_them() -> None:
    state = compose("Made", Queue, Worker)(most=1)
    assert (state.waiting, state.left) == (1, 1)


def test_what_no_part_defines_is_refused_where_it_is_declared() -> None:
    with pytest.raises(LanguageError) as error:
        Instance(Queue)
    assert error.value.message == "Queue has no part that defines begin, which Queue calls"
    assert error.value.text == "def begin(self) -> None:"


class OtherBegin(Model):
    """Defines it for another call."""

    def begin(self, left: Count) -> None:
        require(left > 0)


class OtherReset(Model):
    """Extends it with another result."""

    @joint
    def reset(self, left: Count) -> bool:
        return left > 0


class PlainReset(Model):
    """Defines what others extend."""

    def reset(self, left: Count) -> None:
        require(left > 0)


@pytest.mark.parametrize(
    ("part", "message", "text"),
    [
        (OtherBegin, "both define begin, with other parameters", "def begin(self, left"),
        (OtherReset, "both define reset, with other parameters", "def reset(self, left"),
        (PlainReset, "both define reset, differently", "def reset(self, left"),
    ],
)
def test_parts_that_mean_different_calls_are_refused_at_the_second(
    part: type[Model], message: str, text: str
) -> None:
    with pytest.raises(LanguageError) as error:
        compose("Made", Queue, part)
    assert message in error.value.message
    assert str(error.value.text).startswith(text)


def test_what_is_abstract_has_no_statements_and_what_is_joint_a_result_to_join() -> None:
    class Busy(Model):
        """Would do something."""

        n: Count = 0

        @abstract
        def begin(self) -> None:
            self.n = 1

    class Number(Model):
        """Would need a sum."""

        @joint
        def cost(self) -> int:
            return 1

    for model, message in ((Busy, "is abstract and has"), (Number, "is joint and returns")):
        with pytest.raises(LanguageError) as error:
            Instance(model)
        assert message in error.value.message
