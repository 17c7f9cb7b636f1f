"""RaftBench: a small bounded Raft whose state space is exactly defined, to measure checkers by.

Election, replication and commitment after the Raft paper (2014), figure 2. The network is a set:
a message is there or not, in no order; it may be dropped, and is never duplicated. All bounds are
guards of actions, so that every checker given the same guards finds the same number of states.
Left out: clients' values (an entry is its term), crashes, membership changes, snapshots.
`bench/rivals` holds the same system in TLA+, Promela, C and plain Python.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    constant,
    each,
    instance,
    no_recording,
    record,
    require,
    sort,
)
from planespec.spec.raft.raft_requirements import (
    Role,
    leader_completeness,
    leaders_differ_in_term,
    log_matching,
    state_machine_safety,
)


class Server(Sort):
    """A Raft server."""


Term = Annotated[int, Range(0, "max_term")]
Entry = Annotated[int, Range(1, "max_term")]
Index = Annotated[int, Range(0, "max_log")]
NextIndex = Annotated[int, Range(1, "max_log + 1")]


@record
class VoteRequest:
    """A candidate asks for a vote and says how far its log goes."""

    term: Entry
    source: Server
    target: Server
    last_index: Index
    last_term: Term


@record
class VoteReply:
    """The answer to a vote request."""

    term: Entry
    source: Server
    target: Server
    granted: bool


@record
class AppendRequest:
    """A leader sends at most one entry, the one after `previous_index`."""

    term: Entry
    source: Server
    target: Server
    previous_index: Index
    previous_term: Term
    entry: Entry | None
    commit: Index


@record
class AppendReply:
    """The answer to an append request: how far the logs are now known to match."""

    term: Entry
    source: Server
    target: Server
    ok: bool
    match: Index


Message = VoteRequest | VoteReply | AppendRequest | AppendReply


class RaftBench(Model):
    """Bounded Raft; `servers`, `max_term`, `max_log` and `max_msgs` bound it."""

    held_to = no_recording(
        "the paper's algorithm, written to measure checkers by; no component is it"
    )

    servers: Domain[Server] = sort(3, at_least=1, at_most=5, symmetric=True)
    max_term: int = constant(1, at_least=1)
    max_log: int = constant(1, at_least=1)
    max_msgs: int = constant(1, at_least=0)
    deadlock = False

    term: Array[Server, Term] = each(0)
    role: Array[Server, Role] = each(Role.FOLLOWER)
    voted_for: Array[Server, Server | None] = each(None)
    votes: Array[Server, set[Server]] = each(set())
    log: Array[Server, Annotated[list[Entry], Size("max_log")]] = each([])
    commit: Array[Server, Index] = each(0)
    next_index: Array[Server, Array[Server, NextIndex]] = each(each(1))
    match_index: Array[Server, Array[Server, Index]] = each(each(0))
    msgs: Annotated[set[Message], Size("max_msgs")] = set()

    requires = [leaders_differ_in_term, log_matching, state_machine_safety, leader_completeness]

    @action
    def timeout(self, i: Server) -> None:
        """A server that hears no leader opens a new term and votes for itself."""
        require(self.role[i] != Role.LEADER)
        require(self.term[i] < self.max_term)
        self.term[i] += 1
        self.role[i] = Role.CANDIDATE
        self.voted_for[i] = i
        self.votes[i] = {i}

    @action
    def request_vote(self, i: Server, j: Server) -> None:
        """A candidate asks a server that has not granted its vote, once more if need be."""
        require(self.role[i] == Role.CANDIDATE)
        require(j not in self.votes[i])
        self.send(VoteRequest(self.term[i], i, j, len(self.log[i]), self.last_term(i)))

    @action
    def become_leader(self, i: Server) -> None:
        """A candidate with the votes of a majority leads its term."""
        require(self.role[i] == Role.CANDIDATE)
        require(self.is_quorum(self.votes[i]))
        self.role[i] = Role.LEADER
        self.votes[i] = set()
        for j in self.servers:
            self.next_index[i][j] = 1 if j == i else len(self.log[i]) + 1

    @action
    def client_request(self, i: Server) -> None:
        """A leader appends an entry of its term."""
        require(self.role[i] == Role.LEADER)
        require(len(self.log[i]) < self.max_log)
        self.log[i].append(self.term[i])

    @action
    def append_entries(self, i: Server, j: Server) -> None:
        """A leader sends a follower the next entry it needs, or none when it has all."""
        require(self.role[i] == Role.LEADER)
        require(j != i)
        index = self.next_index[i][j]
        has_entry = index <= len(self.log[i])
        self.send(
            AppendRequest(
                term=self.term[i],
                source=i,
                target=j,
                previous_index=index - 1,
                previous_term=self.log[i][index - 2] if index > 1 else 0,
                entry=self.log[i][index - 1] if has_entry else None,
                commit=min(self.commit[i], index if has_entry else index - 1),
            )
        )

    @action
    def advance_commit(self, i: Server) -> None:
        """A leader commits the greatest index a majority holds, if that entry is of its term."""
        require(self.role[i] == Role.LEADER)
        index = max(
            (k for k in range(self.commit[i] + 1, len(self.log[i]) + 1) if self.is_held(i, k)),
            default=0,
        )
        require(index > 0)
        require(self.log[i][index - 1] == self.term[i])
        self.commit[i] = index

    @action
    def receive(self, m: Message = among("msgs")) -> None:
        """The target takes a message; a newer term makes it a follower of that term first."""
        self.msgs.remove(m)
        if m.term > self.term[m.target]:
            self.term[m.target] = m.term
            self.voted_for[m.target] = None
            self.step_down(m.target)
        match m:
            case VoteRequest():
                self.handle_vote_request(m)
            case VoteReply():
                self.handle_vote_reply(m)
            case AppendRequest():
                self.handle_append_request(m)
            case AppendReply():
                self.handle_append_reply(m)

    @action
    def drop(self, m: Message = among("msgs")) -> None:
        """The network loses a message."""
        self.msgs.remove(m)

    def handle_vote_request(self, m: VoteRequest) -> None:
        """Grant to the first candidate of the term whose log is as complete as the server's."""
        i = m.target
        up_to_date = m.last_term > self.last_term(i) or (
            m.last_term == self.last_term(i) and m.last_index >= len(self.log[i])
        )
        is_free = self.voted_for[i] is None or self.voted_for[i] == m.source
        granted = m.term == self.term[i] and up_to_date and is_free
        if granted:
            self.voted_for[i] = m.source
        self.msgs.add(VoteReply(self.term[i], i, m.source, granted))

    def handle_vote_reply(self, m: VoteReply) -> None:
        """A candidate counts a vote of its own term."""
        i = m.target
        if m.term == self.term[i] and self.role[i] == Role.CANDIDATE and m.granted:
            self.votes[i].add(m.source)

    def handle_append_request(self, m: AppendRequest) -> None:
        """Take the entry if the logs match before it; an answer goes back either way."""
        i = m.target
        if m.term < self.term[i]:
            self.msgs.add(AppendReply(self.term[i], i, m.source, ok=False, match=0))
            return
        self.step_down(i)
        if m.previous_index > 0 and not self.has_entry(i, m.previous_index, m.previous_term):
            self.msgs.add(AppendReply(self.term[i], i, m.source, ok=False, match=0))
            return
        last = m.previous_index
        if m.entry is not None:
            last += 1
            if not self.has_entry(i, last, m.entry):
                self.log[i] = self.log[i][: m.previous_index] + [m.entry]
        self.commit[i] = max(self.commit[i], m.commit)
        self.msgs.add(AppendReply(self.term[i], i, m.source, ok=True, match=last))

    def handle_append_reply(self, m: AppendReply) -> None:
        """A leader learns how far a follower's log matches, or steps back by one."""
        i = m.target
        j = m.source
        if m.term != self.term[i] or self.role[i] != Role.LEADER:
            return
        if m.ok:
            self.match_index[i][j] = max(self.match_index[i][j], m.match)
            self.next_index[i][j] = self.match_index[i][j] + 1
        else:
            self.next_index[i][j] = max(self.next_index[i][j] - 1, 1)

    def send(self, m: Message) -> None:
        """Put a new message on the network while there is room for one."""
        require(len(self.msgs) < self.max_msgs)
        require(m not in self.msgs)
        self.msgs.add(m)

    def step_down(self, i: Server) -> None:
        """Become a follower and forget what only candidates and leaders keep."""
        self.role[i] = Role.FOLLOWER
        self.votes[i] = set()
        self.next_index[i] = each(1)
        self.match_index[i] = each(0)

    def is_quorum(self, who: set[Server]) -> bool:
        """Whether the servers are a majority."""
        return 2 * len(who) > len(self.servers)

    def is_held(self, i: Server, index: Index) -> bool:
        """Whether leader `i` knows a majority, itself included, to hold the entry at `index`."""
        return self.is_quorum({i} | {j for j in self.servers if self.match_index[i][j] >= index})

    def has_entry(self, i: Server, index: Index, term: Term) -> bool:
        """Whether the log of a server holds an entry of that term at an index from 1 on."""
        return index <= len(self.log[i]) and self.log[i][index - 1] == term

    def last_term(self, i: Server) -> Term:
        """The term of the last entry, 0 for an empty log."""
        return self.log[i][-1] if len(self.log[i]) > 0 else 0

    instances = [
        instance("s3-t1-l1-m1", servers=3, max_term=1, max_log=1, max_msgs=1),
        instance("s3-t1-l1-m2", servers=3, max_term=1, max_log=1, max_msgs=2),
        instance("s3-t1-l1-m3", servers=3, max_term=1, max_log=1, max_msgs=3),
        instance("s3-t1-l1-m4", slow=True, servers=3, max_term=1, max_log=1, max_msgs=4),
        instance("s3-t1-l2-m1", servers=3, max_term=1, max_log=2, max_msgs=1),
        instance("s3-t1-l2-m2", servers=3, max_term=1, max_log=2, max_msgs=2),
        instance("s3-t2-l1-m1", servers=3, max_term=2, max_log=1, max_msgs=1),
        instance("s3-t2-l1-m2", servers=3, max_term=2, max_log=1, max_msgs=2),
        instance("s3-t2-l1-m3", slow=True, servers=3, max_term=2, max_log=1, max_msgs=3),
        instance("s3-t2-l2-m1", servers=3, max_term=2, max_log=2, max_msgs=1),
        instance("s3-t2-l2-m2", slow=True, servers=3, max_term=2, max_log=2, max_msgs=2),
        instance("s3-t3-l1-m1", servers=3, max_term=3, max_log=1, max_msgs=1),
        instance("s3-t3-l2-m1", slow=True, servers=3, max_term=3, max_log=2, max_msgs=1),
        instance("s5-t1-l1-m1", slow=True, servers=5, max_term=1, max_log=1, max_msgs=1),
    ]
