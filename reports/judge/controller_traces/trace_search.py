"""Is there a run of a model whose visible steps are a trace, with hidden steps in between?

At each line the search goes breadth first through hidden steps; from a state that explains the
line it goes on at once, and comes back to others when it is stuck. Each state is entered once at
each line with the same binding, so that a trace which is not explained was tried in every way.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from planespec.checker.budget import Budget, Spent
from planespec.checker.engines.python.judging import Arguments, Judge
from planespec.checker.instance import Instance
from planespec.checker.outcome import State
from planespec.reports.judge.choice_search import BoundReachedError
from planespec.reports.judge.choice_search import Budget as StateBudget
from planespec.reports.judge.controller_traces.line_steps import LineSteps
from planespec.reports.judge.controller_traces.trace_binding import Bound
from planespec.reports.judge.controller_traces.trace_lines import TraceLine
from planespec.reports.judge.controller_traces.trace_map import TraceMap

STATES = 200_000
"""States that are entered by default, at all lines together."""
KNOWN = 20_000
"""States whose hidden steps are remembered."""
HiddenStep = tuple[str, Arguments, State]
"""An action with its arguments, and where it leads."""


class Verdict(Enum):
    """Whether a model explains a trace."""

    EXPLAINED = "explained"
    NOT_EXPLAINED = "not explained"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A state on a run, and how it came about; `line` is the one that its step explains."""

    state: State
    bound: Bound
    before: "Node | None" = None
    action: str = ""
    arguments: Arguments = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run that explains a trace; `line` counts from 0, None for a hidden step."""

    action: str
    arguments: Arguments
    line: int | None
    breaks: str = ""
    """The requirement of the model that the state after it is the first to break."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the search found; `reached` is how many lines some run explains."""

    verdict: Verdict
    reached: int
    entered: int
    run: tuple[RunStep, ...] = ()
    bound: Bound = field(default_factory=Bound)
    """What stands for what at the end of the run."""
    ends: tuple[Node, ...] = ()
    """States from which the line after those could not be explained."""
    reason: str = ""


class _Waiting:
    """States to be followed, those at the last line first, and there the first come."""

    def __init__(self, lines: int) -> None:
        self._queues: list[deque[Node]] = [deque() for _ in range(lines + 1)]
        self._entered: list[set[Hashable]] = [set() for _ in range(lines + 1)]
        self.position = -1
        """The last line at which a state waits."""

    def put(self, position: int, node: Node) -> None:
        """Let a state be followed, unless it was entered there before."""
        entry = (node.state, node.bound.identity)
        if entry not in self._entered[position]:
            self._entered[position].add(entry)
            self._queues[position].append(node)
            self.position = max(self.position, position)

    def take(self) -> Node:
        """The next state at `position`."""
        node = self._queues[self.position].popleft()
        while self.position >= 0 and not self._queues[self.position]:
            self.position -= 1
        return node


@dataclass(slots=True)
class TraceSearch:
    """The search for a run of one instance; `lines` are those that the model speaks of."""

    instance: Instance
    trace: TraceMap
    lines: Sequence[TraceLine]
    steps: LineSteps = field(init=False)
    _hidden: list[int] = field(init=False)
    _reached: int = 0
    _entered: int = 0
    _ends: list[Node] = field(default_factory=list)
    _budget: Budget = field(default_factory=Budget)
    _known: dict[State, list[HiddenStep]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the model ready."""
        self.steps = LineSteps(self.instance, self.trace)
        self._hidden = self.trace.hidden(self.lines)

    def run(self, budget: Budget) -> Explanation:
        """Search; raises ModelError where a step of the model goes wrong."""
        self._budget = budget.begun()
        waiting = _Waiting(len(self.lines))
        for step in self.instance.initial_states():
            waiting.put(0, Node(step.state, Bound(), action=step.action))
        if waiting.position < 0:
            raise self.instance.nowhere_to_begin()
        try:
            found = self._follow(waiting, StateBudget(budget.states or STATES))
        except (BoundReachedError, Spent) as error:
            return self._answer(Verdict.UNKNOWN, reason=str(error))
        if found is None:
            return self._answer(Verdict.NOT_EXPLAINED)
        run = tuple(judge_run(self.instance, found))
        return Explanation(Verdict.EXPLAINED, len(self.lines), self._entered, run, found.bound)

    def _follow(self, waiting: "_Waiting", states: StateBudget) -> Node | None:
        """The first run that explains all lines; None when every way was tried."""
        while waiting.position >= 0:
            position, node = waiting.position, waiting.take()
            if position == len(self.lines):
                return node
            states.spend()
            for following, after in self._go_on(position, node):
                waiting.put(following, after)
        return None

    def _answer(self, verdict: Verdict, reason: str = "") -> Explanation:
        ends = tuple(self._ends)
        return Explanation(verdict, self._reached, self._entered, ends=ends, reason=reason)

    def _go_on(self, position: int, node: Node) -> Iterator[tuple[int, Node]]:
        self._note(position, node)
        if self._entered % 64 == 0:
            self._budget.look_at_clock()
        line = self.lines[position]
        for one in self.steps.explain(line, node.state, node.bound):
            yield (
                position + 1,
                Node(one.state, one.bound, node, one.action, one.arguments, position),
            )
        for action, arguments, after in self._hidden_steps(node.state):
            yield position, Node(after, node.bound, node, action, arguments)

    def _hidden_steps(self, state: State) -> list[HiddenStep]:
        """Where hidden steps lead; many nodes have one state."""
        found = self._known.get(state)
        if found is None:
            every = (step for n in self._hidden for step in self.steps.hidden(state, n))
            found = [step for step in every if step[2] != state]
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[state] = found
        return found

    def _note(self, position: int, node: Node) -> None:
        self._entered += 1
        if position > self._reached or (position == self._reached and not self._ends):
            self._reached, self._ends = position, []
        if position == self._reached:
            self._ends.append(node)


def judge_run(instance: Instance, end: Node) -> Iterator[RunStep]:
    """The steps that lead to a state, in order, each with what it is the first to break."""
    path: list[Node] = []
    node: Node | None = end
    while node is not None:
        path.append(node)
        node = node.before
    path.reverse()
    judge, broken = Judge(instance), set[str]()
    for before, after in pairwise(path):
        found = [judge.step(before.state, after.state), judge.state(after.state)]
        ids = [event.property for event in found if event is not None]
        fresh = next((id_ for id_ in ids if id_ not in broken), "")
        broken.update(ids)
        yield RunStep(after.action, after.arguments, after.line, fresh)
