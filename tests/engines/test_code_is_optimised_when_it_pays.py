"""A search begins with code that is compiled in little time, and goes on with better code."""

from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.native import native_engine
from planespec.checker.engines.native.host import build
from planespec.checker.engines.native.host.native_search import Search
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome
from planespec.checker.run import check
from planespec.model.raft.election import Election

SEVEN = "define i64 @seven(ptr %a, ptr %b) {\n  ret i64 7\n}\n"


@pytest.fixture
def levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How far LLVM optimised each text that was compiled, with a cache that was empty."""
    made: list[int] = []
    compile_ = build._compile

    def noted(text: str, machine: object, level: int) -> bytes:
        made.append(level)
        return compile_(text, machine, level)

    monkeypatch.setattr(build, "_compile", noted)
    monkeypatch.setattr(build, "LEVEL", 2)
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    return made


def answer(outcome: Outcome) -> object:
    numbers = outcome.statistics
    trace = outcome.violation.trace if outcome.violation else None
    counts = (numbers.distinct, numbers.generated, numbers.levels, numbers.actions)
    return outcome.verdict, outcome.reached, trace, counts


@pytest.mark.parametrize("mutant", [None, "vote_twice"])
def test_code_that_changes_in_the_midst_of_a_search_changes_no_answer(
    mutant: str | None, levels: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for patience in (1e-9, 1e9, 0):
        monkeypatch.setattr(build, "PATIENCE", patience)
        monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / f"{patience}"))
        instance = Instance(Election, {}, mutant)
        found.append(answer(check(instance, "native", Options(workers=2))))
    assert found[0] == found[1] == found[2]
    assert levels == [0, 2, 0, 2]


def test_a_short_search_is_not_kept_waiting_for_better_code(levels: list[int]) -> None:
    check(Instance(Election), "native", Options(workers=1))
    assert levels == [0]


def test_code_that_is_expected_to_run_for_long_is_optimised_at_once(levels: list[int]) -> None:
    build.build_soon(SEVEN, ["seven"], expected=build.PATIENCE)
    assert levels == [0]
    build.build_soon(SEVEN, ["seven"], expected=2 * build.PATIENCE)
    assert levels == [0, 2]


def test_better_code_that_is_in_the_cache_is_taken_at_once(
    levels: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(build, "PATIENCE", 0)
        check(Instance(Election), "native", Options(workers=1))
    check(Instance(Election), "native", Options(workers=1))
    assert levels == [2]


def searching(levels: list[int]) -> Search:
    compiled = native_engine.compile_native(Instance(Election), Options())
    return Search(
        code=compiled.code,
        width=compiled.layout.words,
        actions=len(compiled.system.actions),
        workers=1,
        budget=Options().budget,
        reachables=0,
        check_deadlock=False,
    )


def test_a_long_search_goes_on_with_better_code(
    levels: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searching(levels)
    first = search.code.functions
    monkeypatch.setattr(build, "PATIENCE", 1e-9)
    search.explore()
    assert search.code.optimise is None
    assert search.crew.functions is search.code.functions
    assert search.crew.functions is not first


def test_who_was_told_to_leave_does_not_go_on_with_other_code(levels: list[int]) -> None:
    search = searching(levels)
    assert search.code.optimise is not None
    better = search.code.optimise()
    search.crew.stop()
    search.crew.use(better.functions)
    assert search.crew.halt.is_set
    assert levels == [0, 2]


def test_who_is_told_while_the_code_changes_leaves(
    levels: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searching(levels)
    assert search.code.optimise is not None
    better = search.code.optimise()
    first = search.crew.halt
    tell = type(first).set

    def late(halt: object) -> None:
        """The code changes between finding its word and writing it."""
        if halt is first and search.crew.halt is first:
            search.crew.use(better.functions)
        tell(halt)  # type: ignore[arg-type]

    monkeypatch.setattr(type(first), "set", late)
    search.crew.stop()
    assert search.crew.halt is not first
    assert search.crew.halt.is_set
