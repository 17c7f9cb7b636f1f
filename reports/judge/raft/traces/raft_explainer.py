"""Searches the constants of a trace's nodes: switches and the window of a leader's appends.

They are not traced. The first choice that explains the trace so far is followed; where it fails,
the others are tried on everything explained until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from planespec.reports.judge.choice_search import BoundReachedError, ChoiceSearch
from planespec.reports.judge.raft.traces.raft_beginning import Assumed
from planespec.reports.judge.raft.traces.raft_member import Unexplained
from planespec.reports.judge.raft.traces.raft_rejection import Rejection, make_rejection
from planespec.reports.judge.raft.traces.raft_replay import Replay
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
    instead: Json | str = ""
    """What it has in place of the first event that it does not explain."""
    bound: str = ""
    """Which bound ended the search for an explanation; empty when it is certain."""

    def explain(self, event: Event) -> bool:
        """Go on past `event`; False, and of no further use, when this does not lead to it."""
        try:
            self.instead = self.replay.explain(event)
        except Unexplained as reason:
            self.instead = f"blocked, {reason}"
        except BoundReachedError as reached:
            self.instead = self.bound = f"not decided: {reached}"
        return self.instead == event.record

    def fork(self) -> "Choice":
        """Return a copy that goes on independently."""
        return replace(self, replay=self.replay.fork())


@dataclass(slots=True)
class Explainer:
    """A choice of constants that explains the trace so far, and the choices left to try."""

    events: list[Event]
    explained: int = 0
    """Events that are explained, from the first on."""
    followed: Choice = field(init=False)
    """The choice that is followed; after a rejection the one that went furthest first."""
    bound: str = ""
    """Why a rejection is not certain; empty when it is."""
    _tried: list[Assumed] = field(default_factory=list)
    """The choices that were tried or wait to be."""
    _search: ChoiceSearch[Choice] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with both switches off."""
        self._search = ChoiceSearch(self._go_on)
        for config in _list_configs():
            self._search.put_last(0, self._try(Assumed(config)))
        _, self.followed = self._search.waiting[-1]

    def _try(self, assumed: Assumed) -> Choice:
        self._tried.append(assumed)
        return Choice(Replay(assumed))

    def explain_next(self) -> bool:
        """Go on past the next event; False, and of no further use, when no choice leads to it.

        It is then the furthest event that any choice reaches.
        """
        found = self._search.reach(self.explained + 1)
        if found is None:
            return False
        self.explained, self.followed = self.explained + 1, found
        return True

    def _go_on(self, position: int, choice: Choice) -> Iterator[tuple[int, Choice]]:
        """Windows matter only where a choice fails in what a window changes."""
        yield from self._explain_or_learn(position, choice)
        if choice.instead != self.events[position].record:
            self.bound = self.bound or choice.bound
            if choice.replay.fails_in_flow:
                self._add_smaller_windows(choice.replay)

    def _explain_or_learn(self, position: int, choice: Choice) -> Iterator[tuple[int, Choice]]:
        """Where an event tells what should have been assumed, begin with that."""
        event = self.events[position]
        if choice.explain(event):
            yield position + 1, choice
            return
        for lesson in choice.replay.list_lessons(event, choice.instead):
            if lesson not in self._tried:
                yield 0, self._try(lesson)

    def _add_smaller_windows(self, failed: Replay) -> None:
        """Try windows that would hold something back that this choice had in flight."""
        known = {tried.config.max_inflight for tried in self._tried}
        for window in _WINDOWS:
            if window not in known and window <= failed.longest < failed.config.max_inflight:
                for config in _list_configs():
                    smaller = replace(config, max_inflight=window)
                    assumed = replace(failed.assumed, config=smaller)
                    self._search.put_last(0, self._try(assumed))

    def report(self) -> Rejection:
        """Say why no choice leads to the next event, by the one that was followed so far."""
        replay = Replay(self.followed.replay.assumed)
        for explained in self.events[: self.explained]:
            replay.explain(explained)
        event, instead = self.events[self.explained], self.followed.instead
        tried = [assumed.config for assumed in self._tried]
        return make_rejection(replay, event, instead, self.events[: self.explained], tried)

    def warm_up(self) -> None:
        """Let the choices that wait catch up now; those that fail are dropped."""
        waiting, self._search.waiting = self._search.waiting, []
        for position, choice in waiting:
            search = ChoiceSearch(self._explain_or_learn, waiting=[(position, choice)])
            found = search.reach(self.explained)
            if found is not None:
                self._search.waiting.append((self.explained, found))

    def fork(self, events: list[Event]) -> "Explainer":
        """Return a copy that goes on independently, with a trace that goes on as `events` do."""
        copied = Explainer(events, self.explained)
        waiting = [(position, choice.fork()) for position, choice in self._search.waiting]
        copied._search.waiting, copied._tried = waiting, list(self._tried)
        copied.bound = self.bound
        _, copied.followed = waiting[-1]
        return copied


def _list_configs() -> Iterator[NodeConfig]:
    return (NodeConfig(pre_vote=p, check_quorum=c) for p, c in SWITCHES)
