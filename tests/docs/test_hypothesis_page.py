"""The adapters of docs/hypothesis.md pass, and find the faults that the page plants."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.lang import Model, Range, action
from planespec.checker.stateful import (
    DisagreementError,
    MisfitError,
    NotABehaviourError,
    follow,
    machine,
)

PAGE = (Path(__file__).parents[2] / "docs" / "hypothesis.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
SHOWN = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PASSING = settings(
    max_examples=10, stateful_step_count=15, deadline=None, database=None, derandomize=True
)
FAILING = settings(
    PASSING, max_examples=200, phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False
)


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a file of the page, with a replacement in it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def made(name: str, old: str = "", new: str = "") -> dict[str, Any]:
        for file, text in FILES.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
            sys.modules.pop(file.removesuffix(".py"), None)
        assert old in FILES[name]
        names: dict[str, Any] = {"__name__": name}
        exec(FILES[name].replace(old, new) if old else FILES[name], names)
        return names

    return made


def walk(case: Any, limits: settings = PASSING) -> None:
    run_state_machine_as_test(case.runTest._hypothesis_state_machine_class, settings=limits)


def printed(failure: "pytest.ExceptionInfo[Exception]") -> str:
    """The message as a user sees it, without what Hypothesis says of lines of code."""
    lines = "\n".join([str(failure.value), *failure.value.__notes__]).splitlines()
    end = lines.index("state.teardown()")
    return "\n".join(lines[: end + 1]) + "\n"


def test_the_python_class_is_what_the_model_says(load: Any) -> None:
    walk(load("test_lock.py")["TestLock"])


def test_the_service_is_what_the_model_says(load: Any) -> None:
    walk(load("test_service.py")["TestService"])


def test_a_fault_of_the_python_class_is_found_and_printed_as_the_page_shows(load: Any) -> None:
    faulty = load("test_lock.py", "popleft()", "pop()")
    with pytest.raises(DisagreementError) as failure:
        walk(faulty["TestLock"], FAILING)
    assert printed(failure) == SHOWN[0]


def test_a_fault_of_the_service_is_found_and_printed_as_the_page_shows(load: Any) -> None:
    kept = '"node": self.jobs[name[0]]["node"]'
    assert kept in PAGE
    faulty = load("test_service.py", '"done", "node": None', f'"done", {kept}')
    with pytest.raises(DisagreementError) as failure:
        walk(faulty["TestService"], FAILING)
    assert printed(failure) == SHOWN[1]


def test_a_value_of_no_form_is_refused_as_the_page_shows(load: Any) -> None:
    loud = load("test_lock.py", "self.lock.acquire(c)", "self.lock.acquire(c.upper())")
    with pytest.raises(MisfitError) as failure:
        walk(loud["TestLock"], FAILING)
    assert f"MisfitError: {str(failure.value).splitlines()[0]}\n" in SHOWN[2]
    assert str(failure.value).splitlines()[1] in SHOWN[2]


Value = Annotated[int, Range(0, 2)]


class Written(Model):
    """A register."""

    value: Value = 0

    @action
    def write(self, value: Value) -> None:
        """Write."""
        self.value = value


def test_the_adapter_with_one_method_is_one() -> None:
    [text] = re.findall(r"^```python\n(class Register.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(text, names)
    run_state_machine_as_test(machine(Written, adapter=names["Register"]), settings=PASSING)
    exec(text.replace('"write"', '"wrote"'), names)
    with pytest.raises(DisagreementError, match="shows value = 0, the model has 1"):
        run_state_machine_as_test(machine(Written, adapter=names["Register"]), settings=FAILING)


def test_the_recording_is_a_behaviour_and_one_event_more_is_none(load: Any) -> None:
    load("fair_lock.py")
    [text] = re.findall(r"^```python\n([^`]*?follow\(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(text, names)
    assert len(names["behaviour"].steps) == 3
    names["EVENTS"].append({"action": "release", "arguments": {"c": "ann"}})
    with pytest.raises(NotABehaviourError) as failure:
        follow(names["FairLock"], names["EVENTS"], names=names["NAMES"])
    assert f"{failure.value}\n" == SHOWN[3]
