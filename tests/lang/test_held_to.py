"""What a model says holds it: recordings, or why there are none."""

from pathlib import Path

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.checker.lang import (
    LanguageError,
    Model,
    compose,
    no_recording,
    recording,
)
from planespec.checker.lang.model import declarations
from planespec.checker.lang.named import fidelity_of

ANSWERS = recording(
    "recorded/lock.jsonl",
    cases=12,
    of="lockd 1.2",
    part="who holds it",
    test="tests/lock.py::same",
)


class Held(Model):
    """A model with recorded answers."""

    held_to = [ANSWERS]
    taken: bool = False


class Alone(Model):
    """A model without."""

    held_to = no_recording("nothing like it was built")
    taken: bool = False


class Silent(Held):
    """A model that adds to another, and says nothing itself."""

    free: bool = True


class Wrong(Model):
    """A model that names a file only."""

    held_to = ["recorded/lock.jsonl"]  # type: ignore[list-item]
    taken: bool = False


def test_recordings_are_counted_together() -> None:
    said = fidelity_of(Held)
    assert said is not None
    assert (said.recordings, said.cases, said.because) == ((ANSWERS,), 12, "")


def test_a_model_says_why_there_is_none() -> None:
    said = fidelity_of(Alone)
    assert said is not None
    assert (said.recordings, said.because) == ((), "nothing like it was built")


def test_what_holds_a_part_is_not_said_of_the_whole() -> None:
    assert fidelity_of(Silent) is None
    assert fidelity_of(compose("Whole", Held)) is None
    assert fidelity_of(compose("Stated", Held, held_to=[ANSWERS])) == fidelity_of(Held)


def test_what_holds_a_model_is_no_variable_of_it() -> None:
    assert list(declarations(Held).variables) == ["taken"]


def test_anything_else_is_refused_at_its_place() -> None:
    with pytest.raises(LanguageError, match="Wrong: held_to is") as caught:
        fidelity_of(Wrong)
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert lines[(caught.value.line or 0) - 1].strip().startswith('held_to = ["recorded')
    assert "no_recording" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cases": 0, "test": "tests/lock.py::same"}, "has 0 cases"),
        ({"cases": 12}, "name the test, or the rule it goes through"),
    ],
)
def test_a_recording_that_holds_nothing_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        recording("recorded/lock.jsonl", of="lockd", part="all", **given)  # type: ignore[arg-type]


def test_a_reason_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="needs a reason"):
        no_recording(" ")
