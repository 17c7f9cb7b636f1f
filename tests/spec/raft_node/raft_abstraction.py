"""What the nodes of `spec.raft.node` and their messages are in the model `raft.etcd`.

Server 0 stands for node 1, and so on; indexes and terms are the same. Not compared: `next_index`,
on which nothing hangs with `liberties`, and what a refusal hints at.
"""

from planespec.checker.engines.python.stepping import values_of
from planespec.checker.instance import Instance
from planespec.checker.lang import constant, initial
from planespec.model.raft.etcd import EtcdRaft, raft_types
from planespec.spec.raft.confchange import ChangeKind
from planespec.spec.raft.node import messages as wire
from planespec.spec.raft.node.messages import MessageType
from planespec.spec.raft.node.state import Role as NodeRole
from planespec.spec.raft.raft_requirements import Role

SERVERS = 7


class RecordedRaft(EtcdRaft):
    """Begins as the recordings do, with a snapshot; servers that come later have nothing."""

    max_term: int = constant(40, at_least=1, at_most=99)
    max_log: int = constant(110, at_least=1, at_most=999)
    max_msgs: int = constant(600, at_least=0, at_most=9999)
    batch: int = constant(110, at_least=0, at_most=999)
    reads: int = constant(60, at_least=0, at_most=999)
    beginning: int = constant(1, at_least=1, at_most=99)
    """How many entries the first snapshot stands for."""

    @initial
    def bootstrap(self) -> None:
        """Whoever is a member has the first entries, which stand for the state before."""
        for i in self.servers:
            self.configuration[i] = self.get_first_configuration()
            if i < self.voters + self.learners:
                self.log[i] = [raft_types.Entry(1) for _ in range(self.beginning)]
                self.commit[i] = self.beginning
                self.applied[i] = self.beginning
                self.compacted[i] = self.beginning
        self.committed = [raft_types.Entry(1) for _ in range(self.beginning)]


FEATURES = {
    **{"servers": SERVERS, "changes": 2, "duplication": True, "restarts": True},
    **{"snapshots": True, "heartbeats": True, "transfers": True, "adds": True},
    **{"removals": True, "demotions": True, "joint": True, "liberties": True},
}
ROLES = {
    NodeRole.FOLLOWER: Role.FOLLOWER,
    NodeRole.PRE_CANDIDATE: Role.PRE_CANDIDATE,
    NodeRole.CANDIDATE: Role.CANDIDATE,
    NodeRole.LEADER: Role.LEADER,
}
KINDS = {
    ChangeKind.ADD_VOTER: raft_types.ChangeKind.ADD_VOTER,
    ChangeKind.ADD_LEARNER: raft_types.ChangeKind.ADD_LEARNER,
    ChangeKind.REMOVE: raft_types.ChangeKind.REMOVE,
}


def make_instance(config, voters, learners=0, mutant=None):
    """The model for nodes of a configuration."""
    switches = {"pre_vote": config.pre_vote, "check_quorum": config.check_quorum}
    named = FEATURES | switches | {"voters": voters, "learners": learners}
    return Instance(RecordedRaft, named, mutant)


class Abstraction:
    """What the values of the node are in the model: server 0 stands for node 1, and so on."""

    def __init__(self, instance):
        self.servers = values_of(instance.actions[0].parameters[0].type)
        self.contexts = {"": 0}

    def server(self, number):
        return self.servers[number - 1] if number else None

    def members(self, numbers):
        return frozenset(self.server(number) for number in numbers)

    def configuration(self, known):
        return raft_types.Configuration(
            voters=self.members(known.voters),
            outgoing=self.members(known.outgoing),
            learners=self.members(known.learners),
            learners_next=self.members(known.learners_next),
            auto_leave=int(known.auto_leave),
        )

    def change(self, change):
        """Two changes without a word about it pass through a joint configuration by itself."""
        singles = tuple(
            raft_types.SingleChange(KINDS[each.kind], self.server(each.node))
            for each in change.changes
        )
        transition = raft_types.Transition.AUTO
        if change.transition is wire.Transition.JOINT_EXPLICIT:
            transition = raft_types.Transition.JOINT_EXPLICIT
        elif change.transition is wire.Transition.JOINT_IMPLICIT or len(singles) > 1:
            transition = raft_types.Transition.JOINT_IMPLICIT
        return raft_types.ConfChange(singles, transition)

    def entry(self, entry):
        if entry.type is wire.EntryType.NORMAL:
            return raft_types.Entry(entry.term)
        return raft_types.Entry(entry.term, (self.change(entry.change or wire.ConfChange()),))

    def message(self, m, committed):
        """The message in the model; None for one that the model leaves out."""
        ends = (m.term, self.server(m.sender) if m.sender <= SERVERS else None, self.server(m.to))
        match m.type:
            case MessageType.VOTE | MessageType.PRE_VOTE:
                flags = (int(m.type is MessageType.PRE_VOTE), int(m.context != ""))
                return raft_types.VoteRequest(*ends, m.index, m.log_term, *flags)
            case MessageType.VOTE_RESP if not m.reject:
                return raft_types.VoteReply(*ends, 0, 0)
            case MessageType.PRE_VOTE_RESP:
                return raft_types.VoteReply(*ends, 1, int(m.reject))
            case MessageType.APP:
                entries = tuple(map(self.entry, m.entries))
                commit = min(m.commit, m.index + len(entries))
                return raft_types.AppendRequest(*ends, m.index, m.log_term, entries, commit)
            case MessageType.APP_RESP:
                granted = not m.reject and m.index > 0
                return raft_types.AppendReply(*ends, granted, m.index if granted else 0)
            case MessageType.SNAP:
                state = tuple(committed[: m.snapshot.index])
                configuration = self.configuration(m.snapshot.configuration)
                return raft_types.SnapshotRequest(*ends, m.snapshot.index, state, configuration)
            case MessageType.HEARTBEAT:
                return raft_types.Heartbeat(*ends, m.commit, self.contexts.get(m.context, -1))
            case MessageType.HEARTBEAT_RESP:
                return raft_types.HeartbeatReply(*ends, self.contexts.get(m.context, -1))
            case MessageType.TIMEOUT_NOW:
                return raft_types.TimeoutNow(*ends)
        return None


def plain(message):
    """The message without what a refusal hints at: only its term matters."""
    if isinstance(message, raft_types.AppendReply) and not (message.granted and message.index):
        return raft_types.AppendReply(message.term, message.source, message.target, False, 0)
    return message


def is_mere_refusal(message):
    """Whether the message only says no to a pre-vote."""
    return isinstance(message, raft_types.VoteReply) and message.refused == 1
