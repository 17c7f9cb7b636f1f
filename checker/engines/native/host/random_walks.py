"""Random walks by compiled code: rounds of walks, taken by as many threads as are wanted.

Every walk writes what it saw into a row of its own. Rows are added up in the order of walks, up to
the first that goes wrong, so that verdict and numbers are the same for any number of workers.
"""

import ctypes
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from planespec.checker.budget import Spent
from planespec.checker.engines.native.host.build import Code
from planespec.checker.engines.native.host.context import (
    RECENT_STATES,
    SAMPLE_MOST,
    SAMPLE_ROOM,
    Block,
    Row,
    Walker,
    Walks,
)
from planespec.checker.engines.native.host.workers import CALLBACK, Stop
from planespec.checker.engines.native.kernels.engine_text import compile_walks
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.simulation.plan import End, Numbers, Plan, Walked
from planespec.checker.instance import Instance
from planespec.checker.interrupts import attend

EVERY = (1 << 64) - 1


def purge(block: Any, table: Any) -> None:
    """Halve the limit of a worker and drop what lies beyond, until there is room again."""
    table = np.asarray(table)
    while int(block[Walker.SAMPLED]) > SAMPLE_MOST:
        limit = int(block[Walker.LIMIT]) // 2
        kept = table[(table != 0) & (table < np.uint64(limit))].copy()
        table[:] = 0
        for value in kept.tolist():
            place = value & (SAMPLE_ROOM - 1)
            while table[place]:
                place = (place + 1) & (SAMPLE_ROOM - 1)
            table[place] = value
        block[Walker.LIMIT], block[Walker.SAMPLED] = limit, len(kept)


def estimate(blocks: Iterable[Block], tables: Iterable[Block]) -> tuple[int, bool]:
    """Different states over all workers, and whether that is a count rather than an estimate."""
    limit = min(int(b.array[Walker.LIMIT]) for b in blocks)
    found = np.unique(np.concatenate([t[t != 0] for t in (np.asarray(b.array) for b in tables)]))
    found = found[found < np.uint64(limit)]
    while len(found) > SAMPLE_MOST:
        limit //= 2
        found = found[found < np.uint64(limit)]
    return round(len(found) * (EVERY / limit)), limit == EVERY


NAME = "native"
ROUND = 4096
"""Walks in a round, at least: enough that waiting for its last walk costs nothing."""

LARGEST_ROUND, ROUND_STEPS = 1 << 15, 1 << 22
"""Short walks come in larger rounds, so that beginning a round costs nothing either."""


WATCH_SECONDS = 0.2
"""Between two looks at the numbers of a round, which cost some milliseconds each."""


class Rounds:
    """Compiled walks of one plan; `numbers` is what the rounds so far saw together."""

    def __init__(self, instance: Instance, plan: Plan, layout: Layout, code: Code) -> None:
        self.plan, self.code, self.width = plan, code, layout.words
        self.budget = plan.budget.begun()
        self.actions = [a.name for a in instance.actions]
        judged = instance.judged(plan.requirements)
        self.reachable = [c.id for c in judged if c.kind.name == "REACHABLE"]
        self.numbers = self._sum(np.zeros((0, self._row_words), np.uint64), 0)
        self._so_far: Callable[[], Numbers] = lambda: self.numbers
        self.violating: int | None = None
        self.reason = ""
        self.started = self._watched = perf_counter()
        self.shared, self.halt = Block(Walks.SIZE), Stop(code.functions)
        self.parts: list[dict[Walker, Block]] = []
        self.blocks = [self._worker() for _ in range(plan.workers)]
        self._by_address = {b.address: n for n, b in enumerate(self.blocks)}
        self._keep = CALLBACK(self._purge)
        self._fill_shared()

    @property
    def _row_words(self) -> int:
        """Rounded up, with a cache line to spare: two threads never write into one line."""
        words = int(Row.ACTIONS) + 2 * len(self.actions)
        return (words + 7) // 8 * 8 + 8

    @property
    def _subset_words(self) -> int:
        return (len(self.actions) + 63) // 64

    def _worker(self) -> Block:
        block = Block(Walker.SIZE)
        sizes = {
            Walker.CURRENT: self.width,
            Walker.SLOT: self.width,
            Walker.BEST: self.width,
            Walker.SUBSET: max(self._subset_words, 1),
            Walker.RECENT: (self.width + 1) * RECENT_STATES,
            Walker.SAMPLE: SAMPLE_ROOM,
        }
        self.parts.append({place: Block(size) for place, size in sizes.items()})
        for place, part in self.parts[-1].items():
            block.array[place] = part.address
        block.array[Walker.SHARED] = self.shared.address
        block.array[Walker.LIMIT] = EVERY
        return block

    def _fill_shared(self) -> None:
        values = {
            Walks.SEED: self.plan.seed,
            Walks.DEPTH: self.plan.depth,
            Walks.SWARM: int(self.plan.swarm),
            Walks.SUBSET_WORDS: self._subset_words,
            Walks.DEADLOCK: int(self.plan.check_deadlock),
            Walks.REACHABLE: (1 << len(self.reachable)) - 1,
            Walks.ROW_WORDS: self._row_words,
            Walks.PURGE: ctypes.cast(self._keep, ctypes.c_void_p).value or 0,
        }
        for place, value in values.items():
            self.shared.array[place] = value

    def _purge(self, address: int) -> None:
        number = self._by_address[address]
        purge(self.blocks[number].array, self.parts[number][Walker.SAMPLE].array)

    def walk(self) -> None:
        """Take round after round; raises KeyboardInterrupt with the numbers up to there."""
        try:
            attend(self._rounds, self._watch, self.halt.set)
        except Spent as spent:
            self.reason = str(spent)

    def _rounds(self) -> None:
        last = self.plan.first + self.plan.walks
        size = min(max(ROUND, ROUND_STEPS // (self.plan.depth + 1)), LARGEST_ROUND)
        try:
            with ThreadPoolExecutor(self.plan.workers, "planespec") as pool:
                for first in range(self.plan.first, last, size):
                    self._round(pool, first, min(size, last - first))
                    if self.violating is not None or self.halt.is_set:
                        break
                    self.budget.look_at_states(self.numbers.judged)
        finally:
            if self.violating is None:
                samples = [p[Walker.SAMPLE] for p in self.parts]
                self.numbers.distinct, self.numbers.exact = estimate(self.blocks, samples)

    def _round(self, pool: ThreadPoolExecutor, first: int, count: int) -> None:
        rows = np.zeros((count, self._row_words), np.uint64)
        shared, before = self.shared.array, self.numbers
        shared[Walks.ROWS], shared[Walks.FIRST] = rows.ctypes.data, first
        shared[Walks.COUNT], shared[Walks.CURSOR] = count, 0
        shared[Walks.LEAST] = EVERY
        run = self.code.functions["kernel_walks"]
        self._so_far = lambda: _added(before, self._sum(rows, first))
        wait([pool.submit(run, block.address, None) for block in self.blocks])
        least = int(shared[Walks.LEAST])
        if least != EVERY:
            self.violating, rows = first + least, rows[: least + 1]
        numbers = self.numbers = _added(before, self._sum(rows, first))
        self._so_far = lambda: numbers

    def _watch(self) -> None:
        """Look at the budget and tell how far the walks are; raises Spent."""
        self.budget.look_at_clock()
        now = perf_counter()
        if now - self._watched > WATCH_SECONDS or self.budget.states:
            self._watched, numbers = now, self._so_far()
            self.budget.look_at_states(numbers.judged)
            if self.plan.on_progress is not None:
                self.plan.on_progress(numbers, now - self.started)

    def _sum(self, rows: Any, first: int) -> Numbers:
        """The numbers of some rows; a walk that nobody began has judged nothing."""
        rows = rows[rows[:, Row.JUDGED] + rows[:, Row.END] > 0]
        total = rows.sum(axis=0, dtype=np.uint64).tolist()
        ends = np.bincount(rows[:, Row.END].astype(np.int64), minlength=len(End)).tolist()
        bits = rows[:, Row.REACHED]
        seen = {id_: bits >> np.uint64(n) & np.uint64(1) for n, id_ in enumerate(self.reachable)}
        actions = total[Row.ACTIONS : Row.ACTIONS + 2 * len(self.actions)]
        return Numbers(
            walks=len(rows),
            steps=total[Row.STEPS],
            judged=total[Row.JUDGED],
            deepest=int(rows[:, Row.STEPS].max(initial=0)),
            ended={end: ends[end] for end in End},
            offered=dict(zip(self.actions, actions[::2], strict=True)),
            taken=dict(zip(self.actions, actions[1::2], strict=True)),
            reached={id_: int(found.sum()) for id_, found in seen.items()},
            first={id_: first + int(f.argmax()) for id_, f in seen.items() if f.any()},
        )


def _added(a: Numbers, b: Numbers) -> Numbers:
    def joined(one: dict[Any, int], other: dict[Any, int]) -> dict[Any, int]:
        return {key: one[key] + other[key] for key in one}

    return Numbers(
        a.walks + b.walks,
        a.steps + b.steps,
        a.judged + b.judged,
        max(a.deepest, b.deepest),
        joined(a.ended, b.ended),
        joined(a.offered, b.offered),
        joined(a.taken, b.taken),
        joined(a.reached, b.reached),
        b.first | a.first,
    )


def run(instance: Instance, plan: Plan) -> Walked:
    """Walk until something is wrong, the plan is done, a budget is spent, or Ctrl-C."""
    started = perf_counter()
    plan = replace(plan, budget=plan.budget.begun())
    layout, code = attend(
        lambda: compile_walks(instance, plan.requirements), plan.budget.look_at_clock
    )
    compiled = perf_counter() - started
    rounds = Rounds(instance, plan, layout, code)
    interrupted = False
    try:
        rounds.walk()
    except KeyboardInterrupt:
        rounds.reason, interrupted = "interrupted", True
    seconds = perf_counter() - rounds.started
    notes = (code.note,) if code.note else ()
    return Walked(
        NAME,
        rounds.numbers,
        rounds.violating,
        "" if rounds.violating is not None and not interrupted else rounds.reason,
        interrupted,
        seconds,
        compiled,
        notes,
    )
