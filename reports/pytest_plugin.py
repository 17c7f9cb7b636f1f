"""`pytest --planespec MODEL`: a model's checks, mutants and walks as test items.

MODEL is what `planespec check` takes. For each model there is an item that searches it, one for
each mutant (it must be noticed), and one that walks it with Hypothesis. A property or a mutant
that the constants leave out is an item that is skipped. Options: constants
(`--planespec-constant NAME=VALUE`) and a profile (`--planespec-profile dev | ci | nightly`). Where
MODEL names instances, each is searched and walked, slow ones with `--planespec-slow`.
"""

from collections.abc import Callable, Iterator
from functools import partial
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
        "--planespec-slow",
        action="store_true",
        help="run also the instances that the models call slow",
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
    slow = config.getoption("--planespec-slow")
    walk = PROFILES[config.getoption("--planespec-profile")]
    try:
        targets = _targets(model, constants)
        tests = [
            (target, name, test if slow or not is_slow else _skipped(SLOW))
            for target, is_slow in targets.items()
            for name, test in _tests(target, constants, walk)
        ]
        tried = [target for target, is_slow in targets.items() if slow or not is_slow]
        tests += [(model, *test) for test in _mutant_tests(model, tried, constants)]
    except PlanespecError as error:
        raise pytest.UsageError(f"--planespec {model}: {error}") from None
    for target, name, test in tests:
        full = f"{target}::{name}"
        yield ModelItem.from_parent(session, name=full, nodeid=full, test=test)


SLOW = "slow: --planespec-slow runs it"


def _targets(model: str, constants: tuple[str, ...]) -> dict[str, bool]:
    """What is checked, and whether it is slow: each instance that a model names, or itself."""
    from planespec.checker.lang.named import split_target
    from planespec.reports.input.catalogue import entry_of

    if constants or split_target(model)[1]:
        return {model: False}
    named = entry_of(model).instances
    return {f"{model}@{one.name}": one.slow for one in named} or {model: False}


def _tests(
    target: str, constants: tuple[str, ...], walk: tuple[int, int]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """The tests of an instance: a search, what is not applicable, walks."""
    instance = _instance(target, constants)
    yield "check", lambda: _check(target, constants)
    for id_, claim in instance.not_applicable.items():
        yield f"check[{id_}]", _skipped(f"not applicable: exists only when {claim.when}")
    yield "walk", lambda: _walk(target, constants, *walk)


def _mutant_tests(
    model: str, targets: list[str], constants: tuple[str, ...]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A test for each mutant, which some instance has to kill."""
    for mutant in _instance(model, constants).mutants:
        idle = [_instance(t, constants).idle_mutants.get(mutant.name) for t in targets]
        there = [t for t, reason in zip(targets, idle, strict=True) if reason is None]
        name = f"mutant[{mutant.name}]"
        if there:
            yield name, _mutant_test(there, constants, mutant.name)
        else:
            reason = next((one.reason for one in idle if one is not None), "")
            yield name, _skipped(f"not applicable: {reason}" if reason else SLOW)


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


def _instance(model: str, constants: tuple[str, ...], mutant: str | None = None) -> Any:
    from planespec.reports.cli.options import instance_of

    return instance_of(model, constants, mutant)


def _check(model: str, constants: tuple[str, ...]) -> None:
    from planespec.checker.outcome import Verdict

    outcome, text = _told(model, _instance(model, constants))
    if outcome.verdict is not Verdict.HOLDS:
        raise AnswerError(text)


def _skipped(reason: str) -> Callable[[], None]:
    """A test that is skipped, and says why."""

    def test() -> None:
        pytest.skip(reason)

    return test


def _mutant_test(
    targets: list[str], constants: tuple[str, ...], mutant: str
) -> Callable[[], None]:
    """A test that some instance kills a mutant; what is broken in the model is its own test."""

    def test() -> None:
        from planespec.reports.mutation import Fate, Trial, cell_of, try_mutant

        texts = []

        def ask(trial: Trial, broken: Any) -> dict[str, Any]:
            outcome, text = _told(trial.name, broken)
            texts.append(text)
            return {trial.name: cell_of(outcome)}

        trials = [Trial(t, partial(_instance, t, constants)) for t in targets]
        mark = next(m for m in trials[0].make(None).mutants if m.name == mutant)
        fate = try_mutant(mark, trials, ask).fate
        if fate is not Fate.KILLED:
            word = "is undecided" if fate is Fate.UNKNOWN else "survives"
            raise AnswerError("\n".join([f"mutant {mutant} {word}", *texts]))

    return test


def _told(target: str, instance: Any) -> tuple[Any, str]:
    """The outcome of a search, and all that is said of it."""
    from planespec.checker.budget import Options
    from planespec.checker.run import AUTO, check
    from planespec.reports.text.outcome_text import render_outcome
    from planespec.reports.text.wording import Subject

    outcome, subject = check(instance, AUTO, Options()), Subject(target, instance)
    return outcome, render_outcome(subject, outcome, verdict_first=True)


def _walk(model: str, constants: tuple[str, ...], walks: int, steps: int) -> None:
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import run_state_machine_as_test

    from planespec.checker.stateful.machine import machine_of

    instance = _instance(model, constants)
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
        from planespec.checker.budget import Budget, bound_text
        from planespec.checker.instance import JUDGED
        from planespec.checker.lang.named import split_target
        from planespec.checker.outcome import Outcome, Statistics, Verdict
        from planespec.reports.files import dumps, write_output
        from planespec.reports.formats.outcome_json import outcome_document
        from planespec.reports.text.wording import Subject

        outcome = Outcome(
            verdict=Verdict.VIOLATED,
            engine="walk",
            bound=bound_text(instance.constants, Budget(), {}),
            statistics=Statistics(),
            requirements=tuple(c.id for c in instance.claims(*JUDGED)),
            violation=violation,
        )
        named = ".".join(filter(None, (instance.name, split_target(model)[1])))
        path = Path(f"{named}.walk.json")
        write_output(path, dumps(outcome_document(Subject(model, instance), outcome)))
        return f"run it again: planespec replay {path}"

    return report
