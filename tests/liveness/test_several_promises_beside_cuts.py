"""What is broken, what is kept and what a cut leaves open stand beside each other."""

import ctypes
from typing import Annotated, Any

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.liveness import native_space
from planespec.checker.engines.native.host.native_search import Search
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Fairness,
    Model,
    Range,
    action,
    always_eventually,
    eventually,
    eventually_always,
    invariant,
)
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.reports.text.outcome_text import render_outcome
from planespec.reports.text.wording import Subject

ENGINES = ("python", "native")


class Lamp(Model):
    """Is switched again and again, while something may count to five."""

    on: bool = False
    count: Annotated[int, Range(0, 5)] = 0

    @action(fair=Fairness.WEAK)
    def switch(self) -> None:
        """Switch it."""
        self.on = not self.on

    @action
    def count_on(self) -> None:
        """Count."""
        if self.count < 5:
            self.count += 1

    @invariant
    def small(self, limit: Annotated[int, Range(5, 6)]) -> bool:
        """It stays small."""
        return self.count <= limit

    @eventually
    def begun(self) -> bool:
        """True at once."""
        return self.count == 0

    @eventually
    def lit(self) -> bool:
        """True in the end, though maybe after the bound."""
        return self.on

    @eventually_always
    def dark(self, at: bool) -> bool:
        """Broken within the bound, whatever it is asked for."""
        return self.on == at


def judged(engine: str, *ids: str) -> Outcome:
    options = Options(requirements=ids or None, budget=Budget(depth=2))
    return check(Instance(Lamp), engine, options)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_broken_promise_takes_nothing_from_those_that_are_kept(engine: str) -> None:
    outcome = judged(engine)
    assert outcome.verdict is Verdict.VIOLATED
    (violation,) = outcome.violations
    assert (violation.property, violation.arguments) == ("dark", (("at", False),))
    assert outcome.held == ("small", "begun")
    assert outcome.verdict_on("lit") is Verdict.UNKNOWN
    text = render_outcome(Subject("lamp", Instance(Lamp)), outcome)
    assert "Violated dark for at=False" in text
    assert "hold: small, begun" in text
    assert "not judged to the end: lit" in text


@pytest.mark.parametrize("engine", ENGINES)
def test_a_promise_that_a_cut_leaves_open_takes_nothing_from_those_that_are_kept(
    engine: str,
) -> None:
    outcome = judged(engine, "small", "begun", "lit")
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason.startswith("lit not judged beyond what depth cut off")
    assert outcome.requirements == outcome.held == ("small", "begun")


class Many(Model):
    """Promises more than code is asked at once."""

    on: bool = False

    @action(fair=Fairness.WEAK)
    def switch(self) -> None:
        """Switch it."""
        self.on = not self.on

    @always_eventually
    def lit(self, who: Annotated[int, Range(0, native_space.MOST_ASKED)]) -> bool:
        """On for each."""
        return self.on and who >= 0


def test_whatever_code_judges_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = [], native_space.truths_of

    def watched(search: Search, graph: Any) -> Any:
        address = search.crew.functions["kernel_stop_word"](None, None)
        search.crew.stop()
        assert ctypes.c_uint64.from_address(address).value == 1
        search.crew.halt.clear()
        asked.append(address)
        return real(search, graph)

    monkeypatch.setattr(native_space, "truths_of", watched)
    assert check(Instance(Many), "native", Options()).verdict is Verdict.HOLDS
    assert len(set(asked)) == 2
