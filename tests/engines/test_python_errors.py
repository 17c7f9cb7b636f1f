"""The reference engine on models that go wrong: model errors and nondeterminism."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.python import explain, run
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Array,
    LanguageError,
    Model,
    ModelError,
    Range,
    Size,
    action,
    each,
    initial,
    record,
)


@record
class Job:
    number: Annotated[int, Range(0, 3)]


CALLS: list[int] = []


class Global(Model):
    """Depends on a global variable."""

    n: Annotated[int, Range(0, 9)] = 0
    deadlock = False

    @action
    def step(self) -> None:
        CALLS.append(1)
        self.n = len(CALLS) % 2


class SetOrder(Model):
    """Depends on the order of a set."""

    jobs: Annotated[set[Job], Size(4)] = {Job(2), Job(1)}
    last: Annotated[int, Range(0, 3)] = 0
    deadlock = False

    @action
    def step(self) -> None:
        for job in self.jobs:
            self.last = job.number


@pytest.mark.parametrize("model", [Global, SetOrder])
def test_a_model_that_is_not_deterministic_is_refused(model: type[Model]) -> None:
    with pytest.raises(LanguageError, match="action step is not deterministic") as error:
        run(Instance(model), Options())
    assert error.value.file == __file__
    assert error.value.line


class Mood(Enum):
    GOOD = 1
    BAD = 2


class Faulty(Model):
    """Each action goes wrong in its own way."""

    fault: Annotated[int, Range(0, 9)] = 0
    mood: Array[Mood, Annotated[int, Range(0, 1)]] = each(0)
    line: Annotated[list[bool], Size(1)] = []
    nobody: Job | None = None

    @initial
    def which(self, fault: Annotated[int, Range(0, 7)]) -> None:
        self.fault = fault

    @action
    def act(self) -> None:
        if self.fault == 0:
            self.line.pop()
        elif self.fault == 1:
            self.line[3] = True
        elif self.fault == 2:
            assert self.nobody is not None, "nobody there"
        elif self.fault == 3:
            self.mood[Mood.BAD] = self.nobody.number  # type: ignore[union-attr]
        elif self.fault == 4:
            self.fault = 1 // (self.fault - 4)
        elif self.fault == 5:
            self.fault = max(x for x in self.line)
        elif self.fault == 6:
            self.mood[Mood.GOOD] = 2
        elif self.fault == 7:
            self.fault = self.mood[3]  # type: ignore[index]


def faults() -> Iterator[str]:
    instance = Instance(Faulty)
    for start in instance.initial_states():
        yield next(iter(explain(instance, start.state))).message


def test_whatever_goes_wrong_in_model_code_is_a_model_error() -> None:
    assert list(faults()) == [
        "IndexError: pop from empty list",
        "IndexError: list index out of range",
        "assertion failed: nobody there",
        "AttributeError: 'NoneType' object has no attribute 'number'",
        "ZeroDivisionError: integer division or modulo by zero",
        "ValueError: max() arg is an empty sequence",
        "mood[GOOD] = 2 leaves 0..1",
        "KeyError: there is no key 3",
    ]


def test_successors_raise_the_model_error_with_its_place() -> None:
    instance = Instance(Faulty)
    first = next(iter(instance.initial_states()))
    with pytest.raises(ModelError, match=r"test_python_errors\.py:\d+:\d+: IndexError"):
        list(instance.successors(first.state))
