"""Sending, losing, duplicating and receiving messages; a message's term is weighed first (Step).

The network is a bag of at most `max_msgs` messages in no order. Where it holds none, a request
and its reply pass in one step, and either may be lost. A server sends requests of its own accord
at any time: what etcd sends in answer to an event is one of these.
"""

from planespec.checker.lang import Fairness, action, among, choose, mutant, require
from planespec.model.raft.etcd.durability import Durability
from planespec.model.raft.etcd.raft_types import (
    AppendReply,
    AppendRequest,
    Heartbeat,
    HeartbeatReply,
    Message,
    Server,
    SnapshotRequest,
    TimeoutNow,
    VoteReply,
    VoteRequest,
)
from planespec.spec.raft.raft_requirements import Role


class Network(Durability):
    """Messages."""

    late_unanswered: bool = mutant(
        "What comes from an earlier term is never answered.", issue="etcd#8501"
    )
    old_term_counts: bool = mutant("A message of an older term is taken like a present one.")
    heartbeat_passes_by: bool = mutant(
        "A heartbeat of a later term moves the term of a leader that goes on leading.",
        issue="hashicorp/raft#695",
        when="heartbeats",
    )

    @action(fair=Fairness.WEAK, per_instance=True)
    def request_vote(self, i: Server, j: Server) -> None:
        """A candidate or pre-candidate asks a voter that has not granted its vote."""
        require(self.role[i] == Role.CANDIDATE or self.role[i] == Role.PRE_CANDIDATE)
        require(j != i and self.is_voter(i, j) and j not in self.votes[i])
        require(self.is_hard_state_durable(i))
        is_pre = self.role[i] == Role.PRE_CANDIDATE
        self.send(
            VoteRequest(
                term=self.term[i] + 1 if is_pre else self.term[i],
                source=i,
                target=j,
                last_index=len(self.log[i]),
                last_term=self.last_term(i),
                pre=1 if is_pre else 0,
                transfer=1 if i in self.transferee[i] else 0,
            )
        )

    @action(fair=Fairness.WEAK, per_instance=True)
    def append_entries(self, i: Server, j: Server) -> None:
        """A leader sends the next entries a member needs, as many as a message takes, or none."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        require(self.next_index[i][j] > self.compacted[i])
        previous = self.next_index[i][j] - 1
        last = min(len(self.log[i]), previous + self.batch)
        self.send(self.make_append_request(i, j, previous, last))

    @action(fair=Fairness.WEAK, per_instance=True, when="snapshots")
    def send_snapshot(self, i: Server, j: Server) -> None:
        """A leader sends a snapshot to a member that needs entries which are compacted."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        require(self.next_index[i][j] <= self.compacted[i])
        self.send(self.make_snapshot(i, j, self.snapshot_index(i, j)))

    @action(when="heartbeats")
    def heartbeat(self, i: Server, j: Server) -> None:
        """A leader shows a member that it is there, and asks it to confirm the latest read."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        self.send(self.make_heartbeat(i, j))

    @action(when="transfers")
    def timeout_now(self, i: Server, j: Server) -> None:
        """A leader tells its successor to campaign as soon as that has the whole log."""
        require(self.role[i] == Role.LEADER and j in self.transferee[i])
        require(self.match_index[i][j] == len(self.log[i]))
        self.send(TimeoutNow(self.term[i], i, j))

    @action(when="writes")
    def send_reply(self, i: Server) -> None:
        """A server sends the reply that waited until what it attests was durable."""
        require(len(self.outbox[i]) > 0)
        reply = self.outbox[i][0]
        require(self.may_send(i, reply))
        self.outbox[i] = []
        if isinstance(reply, VoteReply) and reply.pre == 0:
            self.ballots[i][reply.term].add(reply.target)
        if self.max_msgs > 0:
            self.put(reply)
        else:
            arrives = self.arrives()
            if arrives:
                self.handle_reply(reply)

    @action(when="max_msgs > 0")
    def receive(self, m: Message = among("msgs")) -> None:
        """The target takes a message."""
        self.msgs.remove(m)
        if isinstance(m, VoteReply | AppendReply | HeartbeatReply):
            self.handle_reply(m)
            return
        reply = self.handle_request(m)
        if reply is None:
            return
        if self.writes:
            self.outbox[m.target].append(reply)
        else:
            self.put(reply)

    @action(when="loss and max_msgs > 0")
    def drop_message(self, m: Message = among("msgs")) -> None:
        """The network loses a message."""
        self.msgs.remove(m)

    @action(when="duplication and max_msgs > 0")
    def duplicate_message(self, m: Message = among("msgs")) -> None:
        """The network delivers a message once more."""
        require(self.msgs.count(m) == 1)
        require(len(self.msgs) < self.max_msgs)
        self.msgs.add(m)

    def send(self, m: Message) -> None:
        """Put a request on the network, or let it arrive at once where that holds nothing."""
        if self.max_msgs > 0:
            require(m not in self.msgs)
            self.put(m)
            return
        reply = self.handle_request(m)
        if reply is None:
            return
        if self.writes:
            self.outbox[m.target].append(reply)
        else:
            arrives = self.arrives()
            if arrives:
                self.handle_reply(reply)

    def put(self, m: Message) -> None:
        """Put a message on the network while there is room; one that is there is not put twice."""
        if m not in self.msgs:
            require(len(self.msgs) < self.max_msgs)
            self.msgs.add(m)

    def arrives(self) -> bool:
        """Whether a reply arrives that is sent at once."""
        if not self.loss:
            return True
        arrives: bool = choose({False, True})
        return arrives

    def handle_request(self, m: Message) -> Message | None:
        """Weigh the term of a request, then let the role decide."""
        i = m.target
        require(len(self.outbox[i]) == 0)
        if isinstance(m, VoteRequest):
            return self.handle_vote(m)
        if self.heartbeat_passes_by and isinstance(m, Heartbeat):
            self.pass_by(m)
        if m.term > self.term[i]:
            self.become_follower(i, m.term)
        if m.term < self.term[i] and not self.old_term_counts:
            return self.answer_earlier_term(m)
        if isinstance(m, TimeoutNow):
            self.handle_timeout_now(m)
            return None
        return self.follow(m)

    def pass_by(self, m: Heartbeat) -> None:
        """A thread for heartbeats alone, ahead of the one that leads."""
        if self.role[m.target] == Role.LEADER and m.term > self.term[m.target]:
            self.term[m.target] = m.term
            self.voted_for[m.target] = None

    def handle_vote(self, m: VoteRequest) -> Message | None:
        """A pre-vote asks about a term that nobody enters; a lease makes a server deaf to both."""
        i = m.target
        if m.term > self.term[i]:
            if self.is_in_lease(i, m):
                return None
            if m.pre == 0:
                self.become_follower(i, m.term)
        elif m.term < self.term[i]:
            return None if self.late_unanswered else self.refuse(m)
        return self.handle_vote_request(m)

    def answer_earlier_term(self, m: Message) -> Message | None:
        """Ignore what is late, except where silence would leave a server stuck.

        With PreVote or CheckQuorum a server in a later term is not heard otherwise.
        """
        i = m.target
        is_guarded = (self.pre_vote or self.check_quorum) and not self.late_unanswered
        if is_guarded and isinstance(m, AppendRequest | Heartbeat):
            return AppendReply(self.term[i], i, m.source, granted=False, index=0)
        return None

    def follow(self, m: Message) -> Message | None:
        """A follower does as its leader says; a candidate of the term follows from here on."""
        i = m.target
        if self.role[i] == Role.LEADER:
            return None
        if self.role[i] != Role.FOLLOWER:
            self.become_follower(i, self.term[i])
        self.hear_leader(i)
        if isinstance(m, AppendRequest):
            return self.handle_append_request(m)
        if isinstance(m, SnapshotRequest):
            return self.handle_snapshot(m)
        if isinstance(m, Heartbeat):
            return self.handle_heartbeat(m)
        return None

    def handle_reply(self, m: Message) -> None:
        """A later term makes a follower, unless it is one that was only asked about.

        Strangers are not heard (ErrStepPeerNotFound).
        """
        i = m.target
        if not self.is_member(i, m.source):
            return
        if isinstance(m, VoteReply) and m.pre == 1 and m.refused == 0:
            self.handle_vote_reply(m)
        elif m.term > self.term[i]:
            self.become_follower(i, m.term)
        elif isinstance(m, VoteReply):
            self.handle_vote_reply(m)
        elif isinstance(m, AppendReply):
            self.handle_append_reply(m)
        elif isinstance(m, HeartbeatReply):
            self.handle_heartbeat_reply(m)
