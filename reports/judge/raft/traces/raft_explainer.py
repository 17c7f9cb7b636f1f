"""Searches the constants of a trace's nodes: switches and the window of a leader's appends.

They are not traced. The first choice that explains the trace so far is followed; where it fails,
the others are tried on everything explained until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from planespec.reports.judge.raft.traces.raft_beginning import find_beginning
from planespec.reports.judge.raft.traces.raft_member import Unexplained
from planespec.reports.judge.raft.traces.raft_rejection import Rejection, make_rejection
from planespec.reports.judge.raft.traces.raft_replay import Replay
from planespec.reports.judge.raft.traces.raft_restart import Beginning
from planespec.reports.judge.raft.traces.raft_trace_form import Event, Json
from planespec.spec.raft.node.state import NodeConfig

SWITCHES = ((False, False), (False, True), (True, False), (True, True))
"""PreVote and CheckQuorum, in the order in which they are tried."""
_WINDOWS = (*range(1, 9), 16, 32, 64, 128)
"""Windows that are tried where one of `NodeConfig`'s default size does not explain a trace."""


@dataclass(slots=True)
class Choice:
    """A choice of constants, and the nodes as they are under it after some events."""

    replay: Replay
    position: int = 0
    """How many events it was tried on."""
    instead: Json | str = ""
    """What it has in place of the first event that it does not explain."""

    @property
    def window(self) -> int:
        """Most appends in flight to one member."""
        return self.replay.config.max_inflight

    def explain(self, event: Event) -> bool:
        """Go on past `event`; False, and of no further use, when this does not lead to it."""
        self.position += 1
        try:
            self.instead = self.replay.explain(event)
        except Unexplained as reason:
            self.instead = f"blocked, {reason}"
        return self.instead == event.record

    def fork(self) -> "Choice":
        """Return a copy that goes on independently."""
        return replace(self, replay=self.replay.fork())


@dataclass(slots=True)
class Explainer:
    """A choice of constants that explains the trace so far, and the choices left to try."""

    events: list[Event]
    """The trace, of which only what tells of its beginning is read ahead."""
    explained: list[Event] = field(default_factory=list)
    followed: Choice = field(init=False)
    """The choice that is followed; after a rejection the one that went furthest first."""
    _waiting: list[Choice] = field(default_factory=list)
    _windows: set[int] = field(default_factory=set)
    """Windows beside the default one that are tried or waiting to be."""
    _beginning: Beginning = field(init=False)

    def __post_init__(self) -> None:
        """Begin with both switches off."""
        self._beginning = beginning = find_beginning(self.events)
        choices = (Choice(Replay(beginning, config)) for config in _list_configs())
        self.followed, *self._waiting = choices

    def explain(self, event: Event) -> bool:
        """Go on past `event`; False, and of no further use, when no choice leads to it."""
        first = self.followed
        if not first.explain(event):
            found = self._search(event)
            if found is None:
                return False
            self.followed = found
        self.explained.append(event)
        return True

    def _search(self, event: Event) -> Choice | None:
        """Try the other choices, those with the window of the one that went furthest first.

        Other windows are tried only where one of the choices fails in what a window changes.
        """
        failed = furthest = self.followed
        waiting, self._waiting, in_flow = self._waiting, [], False
        while True:
            in_flow = in_flow or failed.replay.fails_in_flow
            waiting += self._list_smaller_windows(failed) if in_flow else ()
            waiting.sort(key=lambda choice: choice.window != furthest.window)
            if not waiting or (waiting[0].window != furthest.window and not in_flow):
                return None
            failed = waiting.pop(0)
            if self._catch_up(failed) and failed.explain(event):
                self._waiting = waiting
                return failed
            furthest = max(furthest, failed, key=lambda choice: choice.position)

    def _list_smaller_windows(self, failed: Choice) -> Iterator[Choice]:
        """Yield choices whose window would hold something back that this one had in flight."""
        for window in _WINDOWS:
            if window not in self._windows and window <= failed.replay.longest < failed.window:
                self._windows.add(window)
                for config in _list_configs():
                    smaller = replace(config, max_inflight=window)
                    yield Choice(Replay(self._beginning, smaller))

    def _catch_up(self, choice: Choice) -> bool:
        return all(choice.explain(event) for event in self.explained[choice.position :])

    def report(self, event: Event) -> Rejection:
        """Say why no choice leads to `event`, by the choice that was followed until then."""
        config, instead = self.followed.replay.config, self.followed.instead
        replay = Replay(self._beginning, config)
        for explained in self.explained:
            replay.explain(explained)
        return make_rejection(replay, event, instead, self.explained)

    def warm_up(self) -> None:
        """Let the choices that wait catch up now; those that fail are dropped."""
        self._waiting = [choice for choice in self._waiting if self._catch_up(choice)]

    def fork(self, events: list[Event]) -> "Explainer":
        """Return a copy that goes on independently, with a trace that goes on as `events` do."""
        copied = Explainer(events, list(self.explained))
        copied.followed = self.followed.fork()
        copied._waiting = [choice.fork() for choice in self._waiting]
        copied._windows = set(self._windows)
        return copied


def _list_configs() -> Iterator[NodeConfig]:
    return (NodeConfig(pre_vote=p, check_quorum=c) for p, c in SWITCHES)
