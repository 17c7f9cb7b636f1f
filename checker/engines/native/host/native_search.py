"""Breadth-first search, level by level, over compiled code.

A level is finished before anything found in it is reported, so verdict, counts and counterexample
are the same for any number of workers.
"""

import time
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

from planespec.checker.budget import Budget, Progress, Spent
from planespec.checker.engines.native.host import build
from planespec.checker.engines.native.host.context import REPORT, Block, Mode, Shared, Worker
from planespec.checker.engines.native.host.state_store import Segment, Store
from planespec.checker.engines.native.host.workers import Crew
from planespec.checker.engines.native.symmetry.representatives import TOO_ALIKE
from planespec.checker.interrupts import attend

T = TypeVar("T")
ALONE_BELOW = 4096
"""Levels with fewer states are expanded by one worker: waking the others costs more."""
ENDLESS = (1 << 64) - 1


class Finding(Enum):
    """What a finished level showed."""

    DEADLOCK = auto()  # a state of the level has no successor
    EVENT = auto()  # a successor breaks something, or computing it was a model error
    INITIAL = auto()  # an initial state breaks something


@dataclass(slots=True)
class Search:
    """A search under way; the fields are its result when `explore` returns."""

    code: build.Code
    width: int
    actions: int
    workers: int
    budget: Budget
    reachables: int
    check_deadlock: bool
    on_progress: Any = None

    store: Store = field(init=False)
    crew: Crew = field(init=False)
    levels: list[list[Segment]] = field(init=False, default_factory=list)
    sizes: list[int] = field(init=False, default_factory=list)
    finding: Finding | None = field(init=False, default=None)
    reached: dict[int, int] = field(init=False, default_factory=dict)
    sought: int = field(init=False, default=0)
    new_by_action: Counter[int] = field(init=False, default_factory=Counter)
    reason: str = field(init=False, default="")
    interrupted: bool = field(init=False, default=False)
    cut_at_depth: int = field(init=False, default=0)
    cut_initially: int = field(init=False, default=0)
    expanded: int = field(init=False, default=0)
    started: float = field(init=False, default=0.0)
    reported: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.budget = self.budget.begun()
        self.store = Store(self.width, self.workers, self.budget.memory)
        self.crew = Crew(self.code.functions, self.store, self.actions)
        shared = self.store.shared.array
        shared[Shared.DEADLOCK] = int(self.check_deadlock)
        shared[Shared.PENDING] = (1 << self.reachables) - 1
        limit = self.budget.states or ENDLESS
        shared[Shared.ENOUGH] = limit
        shared[Shared.REPORT] = max(1, min(REPORT, limit // (16 * self.workers)))

    def explore(self) -> None:
        """Search until everything is seen, something is found, or a limit ends it."""
        self.started = self.reported = time.perf_counter()
        try:
            self.attend(self._explore)
        except KeyboardInterrupt:
            self.reason, self.interrupted = "interrupted", True
        except Spent as spent:
            self.reason = str(spent)
        if self.reason:
            self.finding = None

    def attend(self, task: Callable[[], T]) -> T:
        """Run what runs kernels: in a thread of its own, while this one watches the budget.

        Raises Spent and KeyboardInterrupt, and what the task raises.
        """
        self.crew.halt.clear()
        return attend(task, self._watch, self.crew.stop)

    def _explore(self) -> None:
        try:
            self._initial()
            while self.finding is None and not self.reason and self.levels[-1]:
                if self.budget.depth is not None and len(self.levels) > self.budget.depth:
                    self.cut_at_depth = self.sizes[-1]
                    return
                self._optimise()
                self._level()
        finally:
            self.crew.close()

    def _initial(self) -> None:
        self.crew.begin_level()
        scratch = Block(self.width)
        self.crew.running, self.crew.parked = 1, 0  # the table may have to grow here too
        self.code.functions["kernel_initial"](self.crew.blocks[0].address, scratch.address)
        self._note_stop()
        self._close_level()
        self.crew.part(0, Worker.PER_ACTION).fill(0)
        self.crew.part(0, Worker.CHANGED).fill(0)
        if not self.reason and (self.crew.total(Worker.BAD) or self.crew.total(Worker.FAILED)):
            self.finding = Finding.INITIAL

    def _optimise(self) -> None:
        """Go on with optimised code where the search is not a short one."""
        if self.code.optimise and time.perf_counter() - self.started > build.PATIENCE:
            self.code = self.code.optimise()
            self.crew.use(self.code.functions)

    def _level(self) -> None:
        self.crew.begin_level()
        alone = self.sizes[-1] < ALONE_BELOW
        work = self.store.set_work(self.levels[-1])
        self.crew.run("kernel_search", 1 if alone else self.workers)
        del work
        self._note_stop()
        self._close_level()
        if not self.reason:
            self._judge_level()

    def _note_stop(self) -> None:
        """Note why the kernels left before they were done, if they did."""
        self.reason = self.reason or self.crew.refusal
        try:
            self.budget.look_at_states(self.distinct)
        except Spent as spent:
            self.reason = self.reason or str(spent)
        if self.crew.halt.is_set or self.crew.total(Worker.DROPPED):
            self.reason = self.reason or "stopped"

    def _close_level(self) -> None:
        segments = self.crew.level_segments()
        if self.levels:
            self.new_by_action += self.store.count_actions(segments)
        self.levels.append(segments)
        self.sizes.append(sum(end - start for start, end in segments))  # who watches may look
        self.expanded = self.crew.total(Worker.EXPANDED)
        if len(self.levels) == 1:
            self.cut_initially = self.crew.total(Worker.CUT)
        if self.crew.total(Worker.ALIKE):
            self.reason = self.reason or TOO_ALIKE
        self._note_reached()

    def _note_reached(self) -> None:
        self.sought = int(self.store.shared.array[Shared.PENDING])
        bits = 0
        for block in self.crew.blocks:
            bits |= int(block.array[Worker.REACHED])
        for number in range(self.reachables):
            if bits >> number & 1:
                self.reached.setdefault(number, len(self.levels) - 1)
        self.store.shared.array[Shared.PENDING] = (1 << self.reachables) - 1 & ~bits

    def _judge_level(self) -> None:
        if self.crew.total(Worker.DEADLOCKS):
            self.finding = Finding.DEADLOCK
        elif any(self.crew.total(p) for p in (Worker.BAD, Worker.FAILED, Worker.BROKEN)):
            self.finding = Finding.EVENT

    def _watch(self) -> None:
        self.budget.look_at_clock()
        now = time.perf_counter()
        if self.on_progress is not None and now - self.reported > 1:
            self.reported = now
            self.on_progress(self.progress())

    @property
    def distinct(self) -> int:
        """States stored so far."""
        return self.crew.total(Worker.DISTINCT)

    def progress(self) -> Progress:
        """The numbers so far."""
        distinct, expanded = self.distinct, self.crew.total(Worker.EXPANDED)
        seconds = time.perf_counter() - self.started
        generated = self.crew.total(Worker.GENERATED)
        return Progress(generated, distinct, distinct - expanded, len(self.levels), seconds)

    def words(self, index: int) -> tuple[int, ...]:
        """A stored state."""
        return self.store.words(index)

    def lookup(self, words: tuple[int, ...]) -> int:
        """Index of a state, 0 where it was not found by the search."""
        scratch = Block(self.width)
        scratch.array[:] = array("Q", words)
        found = self.code.functions["kernel_lookup"](self.crew.blocks[0].address, scratch.address)
        return int(found)

    def set_mode(self, mode: Mode) -> None:
        """Say what becomes of successors from now on."""
        self.crew.set_mode(mode)
