"""What the nodes of a trace may hear of by messages that are not traced.

Pre-votes, the request to take leadership over, and answers to reads are not traced. Like all
others they leave with a Ready of their sender, which is: so what they tell can be known elsewhere
only after it.
"""

from collections.abc import Set
from dataclasses import dataclass, field

from planespec.reports.judge.raft.traces.raft_trace_form import PRE_CANDIDATE, Event, get_role
from planespec.spec.raft.node.outbox import TraceEvent


@dataclass(slots=True)
class Hearsay:
    """What has left the nodes so far, and what waits for their next Ready."""

    entered: set[int] = field(default_factory=set)
    """Terms of which a message may be on its way."""
    led: set[int] = field(default_factory=set)
    """Terms whose leader may have asked another node to take over."""
    _entering: dict[int, set[int]] = field(default_factory=dict)
    """By node, terms that it was in since its last Ready."""
    _leading: dict[int, set[int]] = field(default_factory=dict)
    """By node, terms that it leads or led since its last Ready."""
    _readies: int = 0
    _last: dict[int, int] = field(default_factory=dict)
    """By node, the number of its last Ready."""
    _asked: dict[tuple[int, int], int] = field(default_factory=dict)
    """By pre-candidate and term, the number of the Ready with which it first asked."""

    def fork(self) -> "Hearsay":
        """Return a copy that goes on independently."""
        return Hearsay(
            set(self.entered),
            set(self.led),
            {node: set(terms) for node, terms in self._entering.items()},
            {node: set(terms) for node, terms in self._leading.items()},
            self._readies,
            dict(self._last),
            dict(self._asked),
        )

    def take_note(self, event: Event) -> None:
        """Take note of what an explained event shows."""
        node, term = event.node, event.record["state"]["term"]
        if event.name is TraceEvent.INIT_STATE:
            # A crash loses what no Ready handed out.
            self._entering[node], self._leading[node] = set(), set()
        self._entering.setdefault(node, set()).add(term)
        if event.name is TraceEvent.BECOME_LEADER:
            self._leading.setdefault(node, set()).add(term)
        if event.name is TraceEvent.READY:
            self._let_go(node)
            if get_role(event) == PRE_CANDIDATE:
                self._asked.setdefault((node, term), self._readies)

    def _let_go(self, node: int) -> None:
        self._readies += 1
        self._last[node] = self._readies
        self.entered |= self._entering.pop(node)
        self.led |= self._leading.pop(node, set())

    def list_answered(self, node: int, term: int) -> Set[int]:
        """Return who may have answered a pre-candidate in `term`, itself included.

        A late answer to what it asked before counts as well, if that was in this term or the
        one before: its term is then not below the node's own.
        """
        times = [
            self._asked[node, asked] for asked in (term - 1, term) if (node, asked) in self._asked
        ]
        if not times:
            return frozenset()
        return {other for other, last in self._last.items() if last > min(times)} | {node}
