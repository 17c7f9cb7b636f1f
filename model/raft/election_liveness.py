"""Is a leader of Raft ever elected? The promise, and what it takes (the Raft paper, section 5.6).

Not without fairness: nothing need ever happen. Not with fairness alone either: servers that stand
at the same time split the vote, and terms are bounded here, so that the last split is for ever.
The paper has it that timing must be right: one server's timer runs out well before the others
hear nothing, and servers stay up long enough. `CalmElection` is that time.
"""

from planespec.checker.lang import Fairness, action, eventually, initial, reachable, require
from planespec.model.raft.election import Election, Server, VoteRequest
from planespec.spec.raft.raft_requirements import Role


class PromisedElection(Election):
    """Leader election with the promise of a leader, and no fairness."""

    @eventually
    def leader_is_elected(self) -> bool:
        """A leader is eventually elected."""
        return any(self.role[s] == Role.LEADER for s in self.servers)


class FairElection(PromisedElection):
    """Whatever stays possible is done; servers may restart at any time, but need not."""

    fairness = {
        "timeout": Fairness.WEAK,
        "observe_term": Fairness.WEAK,
        "grant_vote": Fairness.WEAK,
        "count_vote": Fairness.WEAK,
        "become_leader": Fairness.WEAK,
    }


class CalmElection(FairElection):
    """One server's timer is the only one to run out, and no server restarts."""

    first: Server | None = None
    """The server whose timer runs out."""

    @initial
    def pick(self, s: Server) -> None:
        """Any server may be the one."""
        self.first = s

    @action
    def timeout(self, s: Server) -> None:
        """The server that hears no leader opens a new term, votes for itself, asks the others."""
        require(s == self.first and self.role[s] != Role.LEADER)
        require(self.term[s] < self.terms)
        self.term[s] += 1
        self.role[s] = Role.CANDIDATE
        self.voted_for[s] = s
        self.votes[s] = {s}
        self.requests.add(VoteRequest(self.term[s], s))

    @action
    def restart(self, s: Server) -> None:
        """Servers stay up."""
        require(False)

    @reachable
    def leader_in_every_term(self) -> bool:
        """The leader may be that of any term, the last included; it stays, so there is but one."""
        return len(self.elected[self.terms]) > 0

    @reachable
    def split_vote(self) -> bool:
        """Votes do not split, but they may be slow: the server has stood in every term."""
        return any(
            self.term[s] == self.terms and self.role[s] == Role.CANDIDATE for s in self.servers
        )

    @reachable
    def two_leaders_at_once(self) -> bool:
        """Nobody else ever leads; but everybody may have voted."""
        return all(self.voted_for[s] == self.first for s in self.servers)
