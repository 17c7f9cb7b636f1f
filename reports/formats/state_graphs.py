"""Every state of a small instance and every step between them, with what they break."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker import values
from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, Taken, step_of
from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.outcome import State
from planespec.checker.unbounded import refuse_unbounded
from planespec.reports.text.trace_text import changes, show_call
from planespec.reports.text.wording import Subject


@dataclass(slots=True)
class Node:
    """A state, or the end of a step that goes wrong (`values` is empty then).

    `level` counts steps from an initial state. `changed` says what the first step that leads here
    changes; for an initial state it is the whole state. `breaks` are ids of requirements, the
    word deadlock, or the message of a model error. `outside` names a constraint that cuts it off.
    """

    values: dict[str, str]
    changed: tuple[str, ...]
    level: int
    initial: bool = False
    breaks: tuple[str, ...] = ()
    outside: str = ""

    @property
    def text(self) -> str:
        """All variables in one line; empty for the end of a step that goes wrong."""
        return ", ".join(f"{name} = {text}" for name, text in self.values.items())


@dataclass(frozen=True, slots=True)
class Edge:
    """A step: numbers of its states, its action and arguments, the step requirement it breaks."""

    source: int
    target: int
    action: str
    arguments: str
    breaks: str = ""

    @property
    def call(self) -> str:
        """`request_vote(candidate=server0, voter=server1)`."""
        return f"{self.action}({self.arguments})"


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of a breadth-first search, edges in the order of their sources."""

    name: str
    nodes: list[Node]
    edges: list[Edge]


def state_graph(subject: Subject, requirements: tuple[str, ...] | None, limit: int) -> Graph:
    """All reachable states; raises ConfigurationError when there are more than `limit`."""
    refuse_unbounded(subject.instance, "python")
    return _Builder(subject, requirements, limit).build()


class _Builder:
    def __init__(self, subject: Subject, ids: tuple[str, ...] | None, limit: int) -> None:
        self.subject, self.instance, self.limit = subject, subject.instance, limit
        self.stepper, self.judge = Stepper(self.instance), Judge(self.instance, ids)
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.number: dict[State, int] = {}
        self.states: list[tuple[int, State]] = []

    def build(self) -> Graph:
        """Breadth first; states outside a constraint are shown and lead nowhere, steps are not."""
        for taken in self.stepper.start():
            node = self._reach(None, taken)
            self.nodes[node].initial = True
        if not self.nodes:
            raise self.instance.nowhere_to_begin()
        for number, state in self.states:  # grows meanwhile
            self._expand(number, state)
        return Graph(self.subject.target, self.nodes, self.edges)

    def _expand(self, number: int, state: State) -> None:
        found = False
        for taken in self.stepper.expand(state):
            found = True
            if (
                not isinstance(taken[3], Fault)
                and self.judge.cut_step(state, taken[3]) is not None
            ):
                continue
            target = self._reach((number, state), taken)
            self.edges.append(self._edge(number, state, taken, target))
        if not found and self.subject.check_deadlock:
            terminal = self.judge.is_terminal(state)
            if terminal is not True:
                word = terminal.message if isinstance(terminal, Event) else "deadlock"
                self.nodes[number].breaks += (word,)

    def _reach(self, source: tuple[int, State] | None, taken: Taken) -> int:
        """Number of the node a step leads to, made if need be."""
        after = taken[3]
        if isinstance(after, Fault):
            return self._add(Node({}, (after.message,), self._level(source), breaks=("error",)))
        if after not in self.number:
            self.number[after] = self._add(self._node(source, after))
            if not self.nodes[-1].outside:
                self.states.append((self.number[after], after))
        return self.number[after]

    def _level(self, source: tuple[int, State] | None) -> int:
        return self.nodes[source[0]].level + 1 if source else 0

    def _add(self, node: Node) -> int:
        if len(self.nodes) >= self.limit:
            raise ConfigurationError(
                f"{self.subject.target} has more than {self.limit:,} states, too many to draw: "
                "make constants smaller with -c, or raise --limit"
            )
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _node(self, source: tuple[int, State] | None, state: State) -> Node:
        types = self.instance.types
        named = list(zip(self.instance.variables, state, strict=True))
        shown = {name: values.show(types[name], value) for name, value in named}
        lines = tuple(f"{name} = {text}" for name, text in shown.items())
        if source is not None:
            lines = tuple(_differences(self.instance, source[1], state))
        broken, outside = self.judge.state(state), self.judge.cut(state)
        breaks = (_word(broken),) if broken is not None else ()
        if isinstance(outside, Event):
            breaks, outside = (*breaks, outside.message), None
        return Node(shown, lines, self._level(source), False, breaks, outside or "")

    def _edge(self, number: int, state: State, taken: Taken, target: int) -> Edge:
        step, after = step_of(self.instance, taken), taken[3]
        call = show_call("", step.arguments)
        broken = None if isinstance(after, Fault) else self.judge.step(state, after)
        return Edge(number, target, step.action, call[1:-1], _word(broken) if broken else "")


def _word(event: Event) -> str:
    return event.property or event.message


def _differences(instance: Instance, before: State, after: State) -> Iterator[str]:
    for name, old, new in zip(instance.variables, before, after, strict=True):
        for change in changes(instance.types[name], old, new, name):
            yield f"{change.place}: {change.text}"
