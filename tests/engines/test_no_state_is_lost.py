"""The search stores every state or says Unknown: exact lookup, growth, refusals, interrupts."""

import os
import signal
from pathlib import Path
from typing import Annotated, Any

import pytest
from wide_models import wide, within

from planespec.checker.budget import Options
from planespec.checker.engines.native import native_engine
from planespec.checker.engines.native.host import context, state_store
from planespec.checker.engines.native.host.context import Shared
from planespec.checker.engines.native.host.native_search import Search
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.instance import Instance
from planespec.checker.lang import Model, Range, action, choose, invariant, require
from planespec.checker.outcome import Verdict, ViolationKind
from planespec.checker.run import check

MASK = (1 << 64) - 1
ALIKE = (1_019_386, 3_263_056)
"""Two states that share their place in a small table and the tag that is kept of their hash."""


def hash_of(word: int) -> int:
    """The hash of a state of one word, as `table_kernel` has it."""
    value = 0x9E3779B97F4A7C15
    mixed = (value ^ word) * 0xA24BAED4963EE407 & MASK
    value = mixed ^ (value ^ word) * 0x9FB21C651E98DF25 >> 64
    value ^= value >> 29
    value = value * 0xD6E8FEB86659FD93 & MASK
    return value ^ value >> 32


class Alike(Model):
    """Goes from one of two states with like hashes to the other, and round."""

    deadlock = False
    x: Annotated[int, Range(0, (1 << 22) - 1)] = 1_019_386

    @action
    def go(self) -> None:
        """To the other."""
        self.x = 3_263_056 if self.x == 1_019_386 else 0

    @invariant
    def never_at_zero(self) -> bool:
        """Zero comes after the second state."""
        return self.x != 0


def test_states_with_like_hashes_are_told_apart() -> None:
    instance = Instance(Alike, {})
    compiled = native_engine.compile_native(instance, Options())
    words = [Layout(compiled.system).encode((x,)) for x in ALIKE]
    hashes = [hash_of(word) for (word,) in words]
    assert hashes[0] != hashes[1]
    tags = {value >> 40 << 16 | value & 0xFFFF for value in hashes}
    assert len(tags) == 1, "the hash has changed: look for another pair"
    outcome = check(instance, "native", Options())
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.violation is not None
    assert len(outcome.violation.trace.steps) == 2


class BackToZero(Model):
    """The table has grown before the state of all zeros comes up."""

    deadlock = False
    x: Annotated[int, Range(0, 200_000)] = 1

    @action
    def pick(self) -> None:
        """Pick a large number."""
        require(self.x == 1)
        self.x = choose(range(2, 200_001))

    @action
    def end(self) -> None:
        """End at zero."""
        require(self.x == 200_000)
        self.x = 0


def searched(instance: Instance, workers: int) -> tuple[Any, Search]:
    """A native search that is done, with the code it needs."""
    compiled = native_engine.compile_native(instance, Options())
    search = Search(
        code=compiled.code,
        width=compiled.layout.words,
        actions=len(compiled.system.actions),
        workers=workers,
        budget=Options().budget,
        reachables=0,
        check_deadlock=False,
    )
    return compiled, search


@pytest.mark.parametrize("workers", [1, 3])
def test_a_larger_table_gets_the_states_that_are_stored_and_no_others(workers: int) -> None:
    code, search = searched(Instance(BackToZero, {}), workers)
    larger: list[tuple[int, int]] = []
    enlarge = search.store.larger_table

    def noted() -> None:
        stored = sum(end - start for start, end in search.crew._stored())
        larger.append((stored, search.distinct))
        assert stored == search.distinct  # too many would never all find a place
        enlarge()

    search.store.larger_table = noted  # type: ignore[method-assign]
    search.explore()
    assert larger, "the table never grew"
    assert all(stored == distinct for stored, distinct in larger)
    assert (search.distinct, search.reason) == (200_001, "")
    assert search.lookup(code.layout.encode((0,))) != 0


@pytest.mark.parametrize("error", [MemoryError("no more"), KeyboardInterrupt(), OSError("odd")])
@pytest.mark.parametrize("place", ["new_chunk", "larger_table"])
def test_a_search_that_cannot_store_a_state_is_unknown(
    monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    whole, calls = getattr(state_store.Store, place), iter(range(1))

    def refusing(self: state_store.Store) -> Any:
        if next(calls, None) is None or place == "larger_table":
            raise error
        return whole(self)

    monkeypatch.setattr(state_store.Store, place, refusing)
    outcome = check(wide(top=1_200_000), "native", Options(workers=2))
    assert outcome.verdict is Verdict.UNKNOWN
    assert "a state was lost" in outcome.reason
    assert outcome.statistics.distinct < 1_200_000


@pytest.mark.parametrize("place", ["new_chunk", "larger_table"])
def test_ctrl_c_while_room_is_made_ends_the_search(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        pytest.skip("somebody else handles SIGINT here")
    whole = getattr(state_store.Store, place)

    def pressing_ctrl_c(self: state_store.Store) -> Any:
        if self.shared.array[Shared.INSERTED] > 0:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(self)

    monkeypatch.setattr(state_store.Store, place, pressing_ctrl_c)
    outcome = check(wide(top=2_500_000), "native", Options())
    assert (outcome.verdict, outcome.interrupted) == (Verdict.UNKNOWN, True)


def test_a_table_that_cannot_be_made_leaves_the_old_one_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, search = searched(wide(top=10), 1)
    search.explore()
    before = search.store.table

    def refuse(count: int) -> state_store.Block:
        raise MemoryError("no more")

    monkeypatch.setattr(state_store, "Block", refuse)
    with pytest.raises(MemoryError):
        search.store.larger_table()
    assert search.store.table is before
    assert search.lookup(code.layout.encode((3,))) != 0


def test_a_dropped_state_is_never_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    def drops(self: Any, address: int) -> None:
        """Hand out no chunk, and forget to say so."""

    monkeypatch.setattr("planespec.checker.engines.native.host.workers.Crew._grow_chunk", drops)
    outcome = check(wide(top=10), "native", Options())
    assert outcome.verdict is Verdict.UNKNOWN


class OneOfEach(Model):
    """In one level a state is stuck, and the state before it in order leads to a bad one."""

    x: Annotated[int, Range(0, 9)] = 0

    @action
    def part(self, to: Annotated[int, Range(1, 2)]) -> None:
        """Go to 1 or 2."""
        require(self.x == 0)
        self.x = to

    @action
    def go_wrong(self) -> None:
        """From 1 only; 2 is stuck."""
        require(self.x == 1)
        self.x = 9

    @invariant
    def not_nine(self) -> bool:
        """9 is bad."""
        return self.x != 9


@pytest.mark.parametrize("name", ["python", "native"])
def test_a_deadlock_comes_before_what_is_wrong_with_successors(name: str) -> None:
    outcome = check(Instance(OneOfEach, {}), name, Options())
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.DEADLOCK
    assert outcome.violation.trace.states[-1] == (2,)


def test_the_limit_of_a_container_bounds_a_search(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(context, "CGROUP", tmp_path)
    machine = context.free_memory()
    assert machine is not None
    (tmp_path / "memory.current").write_text("70000000")
    (tmp_path / "memory.max").write_text("90000000\n")
    assert context.free_memory() == 20_000_000
    outcome = check(wide(), "native", Options())
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == f"the budget of {int(20_000_000 * 0.85):,} bytes is spent"
    (tmp_path / "memory.max").write_text("max\n")
    assert context._container_free() is None


def test_a_machine_with_less_than_its_container_allows_is_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(context, "CGROUP", tmp_path)
    monkeypatch.setattr(context, "_machine_free", lambda: 5)
    (tmp_path / "memory.current").write_text("7")
    (tmp_path / "memory.max").write_text("90")
    assert context.free_memory() == 5


@pytest.mark.parametrize("limit", [1, 1_000])
def test_the_reference_engine_heeds_a_budget_of_memory(limit: int) -> None:
    outcome = check(wide(top=100_000), "python", within(memory=limit))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == f"the budget of {limit:,} bytes is spent (estimated)"
