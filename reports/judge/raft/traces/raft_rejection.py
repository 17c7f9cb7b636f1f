"""A rejected trace: the event, the longest explained prefix, the states there, and the guards."""

from collections.abc import Sequence
from dataclasses import dataclass

from planespec.reports.judge.raft.traces.raft_guards import Guard, list_guards
from planespec.reports.judge.raft.traces.raft_replay import Replay
from planespec.reports.judge.raft.traces.raft_trace_form import Event, Json
from planespec.reports.judge.runner import Explanation
from planespec.spec.raft.node.state import NodeConfig


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why no behaviour explains an event."""

    event: Event
    explained: int
    """Events before it, all of which are explained."""
    last_line: int
    """The line of the last explained event; 0 when there is none."""
    instead: Json | str
    """What the node does there instead, or the guard that was met first."""
    constants: Json
    """The choice of constants that led so far."""
    guards: list[Guard]
    open_choices: list[str]
    """What was chosen among, none of it with success."""
    states: dict[int, str]
    """The state of every node after the last explained event."""

    @property
    def concerned(self) -> list[int]:
        """The nodes that the event is about."""
        message = self.event.record.get("msg", {})
        names = {str(self.event.node), message.get("from"), message.get("to")}
        return [number for number in self.states if str(number) in names]


def make_rejection(
    replay: Replay,
    event: Event,
    instead: Json | str,
    explained: Sequence[Event],
    tried: Sequence[NodeConfig],
) -> Rejection:
    """Gather what is known about why `event` cannot follow; `replay` stands before it."""
    config = replay.config
    return Rejection(
        event,
        len(explained),
        explained[-1].line if explained else 0,
        instead,
        {
            "preVote": config.pre_vote,
            "checkQuorum": config.check_quorum,
            "maxInflight": config.max_inflight,
        },
        list_guards(replay, event) or [(str(event.name), _say(instead))],
        _list_open(replay, event, tried),
        {
            number: member.describe()
            for number, member in sorted(replay.members.items())
            if member.raw is not None
        },
    )


def _list_open(replay: Replay, event: Event, tried: Sequence[NodeConfig]) -> list[str]:
    """The constants that were tried, and the inputs before which more may have been told."""
    windows = sorted({config.max_inflight for config in tried})
    inputs = replay.count_inputs(event.node)
    reconsidered = f"what it was told unseen before each of its last {inputs} inputs as leader"
    return [
        f"PreVote and CheckQuorum on or off, maxInflight {', '.join(map(str, windows))}",
        *([f"node {event.node}: {reconsidered}"] if inputs else []),
    ]


def _say(instead: Json | str) -> str:
    return instead if isinstance(instead, str) else f"the node does {instead['name']} instead"


def write_rejection(rejection: Rejection) -> Explanation:
    """Lay a rejection out for people and as JSON; people see the nodes that are concerned."""
    states = {n: f"  node {n}: {state}" for n, state in rejection.states.items()}
    concerned = rejection.concerned
    lines = (
        f"longest explained prefix: {rejection.explained} events, to line {rejection.last_line}",
        "states there",
        *(states[number] for number in concerned),
        "choices that were open",
        *(f"  {choice}" for choice in rejection.open_choices),
        "what could have explained the event, and the guard that blocks it",
        *(f"  {action}: {guard}" for action, guard in rejection.guards),
    )
    more = tuple(state for number, state in states.items() if number not in concerned)
    return Explanation(lines, more, _write_json(rejection))


def _write_json(rejection: Rejection) -> dict[str, object]:
    return {
        "line": rejection.event.line,
        "explained": {"events": rejection.explained, "lastLine": rejection.last_line},
        "states": {str(number): state for number, state in rejection.states.items()},
        "blocked": [{"action": action, "guard": guard} for action, guard in rejection.guards],
        "open": rejection.open_choices,
    }
