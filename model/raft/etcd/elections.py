"""Elections: campaigning, voting, winning (the paper, 5.2 and 5.4.1; thesis 9.6 for PreVote).

Left out: counting refusals (a candidate that cannot win any more waits for its next timeout), and
the randomness of timeouts (any server may time out whenever its lease allows). Fairness, for the
promises of `liveness`: a timer that may run out does, and whoever has won begins.
"""

from planespec.checker.lang import Fairness, action, constant, mutant, reachable, require
from planespec.model.raft.etcd.raft_types import Message, Server, VoteReply, VoteRequest
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.log_requirements import quorum_decides_election
from planespec.spec.raft.quorum import is_as_complete
from planespec.spec.raft.raft_requirements import (
    Role,
    election_safety,
    leaders_differ_in_term,
)


class Elections(Servers):
    """Who leads. Needs a network, and no logs beyond the first entry of a leader."""

    candidates: int = constant(7, at_least=1, at_most=7)
    """Only servers numbered below it campaign: a bound."""

    vote_twice: bool = mutant("A server grants every request of its term.")
    vote_blindly: bool = mutant("A vote is granted without comparing logs.")
    compare_only_length: bool = mutant("A longer log counts as more up to date than a newer one.")
    count_pre_votes: bool = mutant("A pre-vote that comes late counts as a vote.", when="pre_vote")
    campaign_before_apply: bool = mutant(
        "A server campaigns with committed changes that it has not applied.",
        issue="raft#456",
        when="changes > 0",
    )
    learner_campaigns: bool = mutant("A learner campaigns.", when="changes > 0")
    forced_vote_blindly: bool = mutant(
        "A vote for the leader's chosen successor skips the log.", when="transfers"
    )

    requires = [election_safety, leaders_differ_in_term, quorum_decides_election]

    @action(fair=Fairness.WEAK, per_instance=True)
    def timeout(self, i: Server) -> None:
        """A server that hears no leader campaigns, with a pre-vote where that is switched on."""
        self.require_may_campaign(i)
        require(self.lease[i] == 0)
        if self.pre_vote:
            require(self.role[i] != Role.PRE_CANDIDATE)
            require(self.term[i] < self.max_term)
            self.become_pre_candidate_of(i)
        else:
            self.become_candidate_of(i)

    @action(fair=Fairness.WEAK, per_instance=True, when="pre_vote")
    def become_candidate(self, i: Server) -> None:
        """A pre-candidate that could win starts the election."""
        require(self.role[i] == Role.PRE_CANDIDATE)
        require(self.is_quorum(i, self.votes[i]))
        self.become_candidate_of(i)

    @action(fair=Fairness.WEAK, per_instance=True)
    def become_leader(self, i: Server) -> None:
        """A candidate with the votes of a quorum leads its term."""
        require(self.role[i] == Role.CANDIDATE)
        require(self.is_quorum(i, self.votes[i]))
        self.lead(i)

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

    def require_may_campaign(self, i: Server) -> None:
        """Only a voter that has applied every change it knows to be committed may campaign."""
        require(self.role[i] != Role.LEADER and i < self.candidates)
        require(len(self.outbox[i]) == 0)
        is_learner = self.learner_campaigns and i in self.get_learners(i)
        require(self.is_voter(i, i) or is_learner)
        if self.changes > 0:
            require(self.campaign_before_apply or not self.has_unapplied_change(i))

    def is_in_lease(self, i: Server, m: VoteRequest) -> bool:
        """Whether a leader was heard so recently that nobody else is to be elected.

        Only with CheckQuorum, and not for an election that the leader itself asked for.
        """
        hears = self.lease[i] > 0 and i not in self.leaderless
        is_fresh = hears or self.role[i] == Role.LEADER
        return self.check_quorum and self.lease_ticks > 0 and is_fresh and m.transfer == 0

    def is_up_to_date(self, i: Server, m: VoteRequest) -> bool:
        """Whether the candidate's log is at least as complete as that of the server."""
        if self.vote_blindly or (self.forced_vote_blindly and m.transfer == 1):
            return True
        if self.compare_only_length:
            return m.last_index >= len(self.log[i])
        return is_as_complete(m.last_term, m.last_index, self.last_term(i), len(self.log[i]))

    def handle_vote(self, m: VoteRequest) -> Message | None:
        """A pre-vote asks about a term that nobody enters; a lease makes a server deaf to both."""
        i = m.target
        if m.term > self.term[i]:
            if self.is_in_lease(i, m):
                return None
            if m.pre == 0:
                self.become_follower(i, m.term)
        elif m.term < self.term[i]:
            return self.refuse(m)
        return self.handle_vote_request(m)

    def handle_vote_request(self, m: VoteRequest) -> Message | None:
        """Grant to the first candidate of the term whose log is complete; a pre-vote binds nobody.

        A learner that is asked votes: it may have been promoted without knowing it yet.
        """
        i = m.target
        is_free = self.voted_for[i] is None or self.voted_for[i] == m.source
        is_possible = is_free or (m.pre == 1 and m.term > self.term[i])
        if not self.is_up_to_date(i, m) or not (is_possible or self.vote_twice):
            return self.refuse(m)
        if m.pre == 0:
            self.voted_for[i] = m.source
        return VoteReply(m.term, i, m.source, m.pre, 0)

    def refuse(self, m: VoteRequest) -> Message | None:
        """Tell the refusal where its term is later than that of who asks, which then follows."""
        i = m.target
        if m.pre == 0 or m.term > self.term[i]:
            return None
        return VoteReply(self.term[i], i, m.source, 1, 1)

    def handle_vote_reply(self, m: VoteReply) -> None:
        """Count a vote for the campaign that is going on; a pre-vote of an earlier one counts too.

        raft.go compares the term of a pre-vote with nothing but its own.
        """
        i = m.target
        if m.refused == 1:
            return
        if self.role[i] == Role.PRE_CANDIDATE:
            is_awaited = m.pre == 1 and m.term >= self.term[i]
        else:
            is_awaited = m.term == self.term[i] and (m.pre == 0 or self.count_pre_votes)
        if is_awaited and (self.role[i] in (Role.PRE_CANDIDATE, Role.CANDIDATE)):
            self.votes[i].add(m.source)

    @reachable(when="max_term >= 2 and voters >= 3 and candidates >= 2")
    def two_leaders_at_once(self) -> bool:
        """An old leader has not yet heard of the new one."""
        return sum(1 for s in self.servers if self.role[s] == Role.LEADER) > 1

    @reachable(when="pre_vote")
    def pre_vote_won(self) -> bool:
        """A pre-candidate may begin its election."""
        return any(
            self.role[s] == Role.PRE_CANDIDATE and self.is_quorum(s, self.votes[s])
            for s in self.servers
        )
