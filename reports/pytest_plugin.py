"""`pytest --planespec MODEL`: a model's checks, mutants and walks as test items.

MODEL is what `planespec check` takes. For each model there is an item that searches it, one for
each mutant (it must be noticed), and one that walks it with Hypothesis. A property or a mutant
that the constants leave out is an item that is skipped. Options: constants
(`--planespec-constant NAME=VALUE`) and a profile (`--planespec-profile dev | ci | nightly`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROFILES = {"dev": (20, 20), "ci": (100, 30), "nightly": (2000, 60)}
"""Profile to how many walks are made and how many steps each takes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; nothing of planespec is imported until they are used."""
    group = parser.getgroup("planespec", "models checked by planespec")
    group.addoption(
        "--planespec",
        action="append",
        default=[],
        metavar="MODEL",
        help="check this model (a name, or path/to/file.py:Class) as test items; repeatable",
    )
    group.addoption(
        "--planespec-constant",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a constant for the models; repeatable",
    )
    group.addoption(
        "--planespec-profile",
        choices=tuple(PROFILES),
        default="dev",
        help="how long the walks are (default: dev)",
    )


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Put the items of each model behind what pytest has found."""
    for model in config.getoption("--planespec"):
        items.extend(_items(session, config, model))


def _items(session: pytest.Session, config: pytest.Config, model: str) -> Iterator[pytest.Item]:
    from planespec.checker.errors import PlanespecError

    constants = tuple(config.getoption("--planespec-constant"))
    try:
        instance = _instance(model, constants, None)
        idle = instance.idle_mutants
    except PlanespecError as error:
        raise pytest.UsageError(f"--planespec {model}: {error}") from None
    walks, steps = PROFILES[config.getoption("--planespec-profile")]
    left_out = {id_: f"exists only when {c.when}" for id_, c in instance.not_applicable.items()}
    tests: dict[str, Callable[[], None]] = {
        "check": lambda: _check(model, constants),
        **{f"check[{id_}]": _not_applicable(reason) for id_, reason in left_out.items()},
        **{
            f"mutant[{m.name}]": _not_applicable(idle[m.name].reason)
            if m.name in idle
            else _mutant_test(model, constants, m.name)
            for m in instance.mutants
        },
        "walk": lambda: _walk(model, constants, walks, steps),
    }
    for name, test in tests.items():
        full = f"{model}::{name}"
        yield ModelItem.from_parent(session, name=full, nodeid=full, test=test)


class ModelItem(pytest.Item):
    """One thing asked of a model; fails with what `planespec check` would print."""

    def __init__(self, *, test: Callable[[], None], **others: Any) -> None:
        super().__init__(**others)
        self.test = test

    def runtest(self) -> None:
        """Ask."""
        self.test()

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The answer of planespec itself; anything else as pytest shows it."""
        if isinstance(excinfo.value, AnswerError):
            return str(excinfo.value)
        if type(excinfo.value).__name__ == "RequirementBrokenError" or _is_answer(excinfo.value):
            return "\n".join([str(excinfo.value), *getattr(excinfo.value, "__notes__", [])])
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item comes from; a name with dots here would be printed with colons."""
        return self.path, None, ""


def _is_answer(error: BaseException) -> bool:
    """Whether an error is one that planespec reports by its message alone."""
    from planespec.checker.errors import PlanespecError

    return isinstance(error, PlanespecError)


class AnswerError(Exception):
    """The answer is not the one a test wants; the message is the whole answer."""


def _instance(model: str, constants: tuple[str, ...], mutant: str | None) -> Any:
    from planespec.reports.cli.options import instance_of

    return instance_of(model, constants, mutant)


def _check(model: str, constants: tuple[str, ...]) -> None:
    from planespec.checker.outcome import Verdict

    outcome, text = _answer(model, constants, None)
    if outcome.verdict is not Verdict.HOLDS:
        raise AnswerError(text)


def _not_applicable(reason: str) -> Callable[[], None]:
    """A test of what the instance leaves out: it is skipped, and says so."""

    def test() -> None:
        pytest.skip(f"not applicable: {reason}")

    return test


def _mutant_test(model: str, constants: tuple[str, ...], mutant: str) -> Callable[[], None]:
    def test() -> None:
        from planespec.checker.outcome import Verdict

        outcome, text = _answer(model, constants, mutant)
        if outcome.verdict is Verdict.UNKNOWN:
            raise AnswerError(f"mutant {mutant} is undecided\n{text}")
        if outcome.verdict is not Verdict.VIOLATED:
            raise AnswerError(f"mutant {mutant} survives\n{text}")

    return test


def _answer(model: str, constants: tuple[str, ...], mutant: str | None) -> tuple[Any, str]:
    from planespec.checker.budget import Options
    from planespec.checker.run import AUTO, check
    from planespec.reports.subject import Subject
    from planespec.reports.text.outcome import render_outcome

    instance = _instance(model, constants, mutant)
    outcome, subject = check(instance, AUTO, Options()), Subject(model, instance)
    return outcome, render_outcome(subject, outcome, verdict_first=True)


def _walk(model: str, constants: tuple[str, ...], walks: int, steps: int) -> None:
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import run_state_machine_as_test

    from planespec.checker.stateful.machine import machine_of

    instance = _instance(model, constants, None)
    made = machine_of(instance, report=_saving(model, instance))
    # Large models step slowly, which is no fault of theirs.
    limits = settings(
        max_examples=walks,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(made, settings=limits)


def _saving(model: str, instance: Any) -> Callable[[Any], str]:
    """Write each violation in the form of `check --save` and say how to run it again."""

    def report(violation: Any) -> str:
        from planespec.checker.bound import bound_text
        from planespec.checker.budget import Budget
        from planespec.checker.instance import JUDGED
        from planespec.checker.outcome import Outcome, Statistics, Verdict
        from planespec.reports.document import dumps, outcome_document
        from planespec.reports.files import write_output
        from planespec.reports.subject import Subject

        outcome = Outcome(
            verdict=Verdict.VIOLATED,
            engine="walk",
            bound=bound_text(instance.constants, Budget(), {}),
            statistics=Statistics(),
            requirements=tuple(c.id for c in instance.claims(*JUDGED)),
            violation=violation,
        )
        path = Path(f"{instance.name}.walk.json")
        write_output(path, dumps(outcome_document(Subject(model, instance), outcome)))
        return f"run it again: planespec replay {path}"

    return report
