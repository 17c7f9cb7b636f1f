"""Nodes of `spec.raft.node` that are made to take the steps that the model `raft.etcd` chooses."""

import random
from contextlib import suppress

from model_beside import Beside, reads_of
from raft_abstraction import KINDS, make_instance, plain

from planespec.checker.engines.python.stepping import values_of
from planespec.model.raft.etcd import raft_types
from planespec.spec.raft.confchange import Configuration, SingleChange
from planespec.spec.raft.follower_progress import Progress
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.messages import (
    NO_NODE,
    ConfChange,
    Entry,
    HardState,
    Message,
    MessageType,
    Snapshot,
    Transition,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.replication import send_append
from planespec.spec.raft.node.server import settle, snapshot_and_compact, start_server
from planespec.spec.raft.node.state import Role
from planespec.spec.raft.node.step import step as take
from planespec.spec.raft.node.storage import Storage

CHOSEN = {
    **{"receive": 40, "drop_message": 2, "timeout": 3, "client_request": 4, "propose_single": 3},
    **{"propose_pair": 3, "leave_joint": 2, "compact_to": 2, "read_index": 2, "restart": 2},
    **{"check_quorum_now": 1, "transfer_leader": 1, "abort_transfer": 1, "heartbeat": 3},
    **{"append_from": 3, "append_entries": 3},
}
"""How often each action is chosen; the others follow from these."""
REAL_KINDS = {ours: theirs for theirs, ours in KINDS.items()}
REAL_TRANSITIONS = {
    raft_types.Transition.AUTO: Transition.AUTO,
    raft_types.Transition.JOINT_IMPLICIT: Transition.JOINT_IMPLICIT,
    raft_types.Transition.JOINT_EXPLICIT: Transition.JOINT_EXPLICIT,
}
JOINT = {True: raft_types.Transition.JOINT_IMPLICIT, False: raft_types.Transition.JOINT_EXPLICIT}


class Together:
    """A random run: the model chooses a step, and the node is made to take it."""

    def __init__(self, seed, config, mutant=None, voters=None):
        self.chance, self.config, self.network = random.Random(seed), config, []
        voters = voters or self.chance.randrange(1, 5)
        learners = self.chance.randrange(2)
        self.beside = Beside(make_instance(config, voters, learners, mutant))
        self.number_of = {i: n for n, i in enumerate(self.beside.abstraction.servers, start=1)}
        numbers = range(1, voters + learners + 1)
        members = Configuration(frozenset(numbers[:voters]), learners=frozenset(numbers[voters:]))
        self.servers, self.asked = {}, 0
        for number in self.number_of.values():
            known = Storage(HardState(), Snapshot(1, 1, members), Entry(1, 1))
            self.start(number, known if number in numbers else Storage())

    def start(self, number, storage):
        draw = lambda: self.chance.randrange(10, 20)  # noqa: E731
        self.servers[number] = start_server(number, self.config, storage, draw)

    def tell(self, number, tell, *arguments, **options):
        """Give the node an input, and let the model go along with what else it does."""
        server = self.servers[number]
        with suppress(inputs.StepRefusedError, ProposalDroppedError):
            tell(server.node, *arguments, **options)
        self.finish(number)

    def finish(self, number, heard=None):
        server = self.servers[number]
        outcome = settle(server)
        self.network += outcome.sent
        reads = reads_of(outcome.reads, outcome.sent)
        self.beside.explain(server, self.network, sent=outcome.sent, heard=heard, reads=reads)

    def take_step(self):
        """A tick, or a step that the model has enabled."""
        if self.chance.random() < 0.3:
            self.tell(self.chance.choice(list(self.servers)), tick)
            return
        names, weights = zip(*CHOSEN.items(), strict=True)
        name = self.chance.choices(names, weights)[0]
        values = self.draw(name)
        if values is not None:
            getattr(self, name)(*values)

    def draw(self, name):
        """Parameters for which the action is enabled, if some of a few are."""
        if name not in self.beside.numbers:
            return None
        info = self.beside.instance.actions[self.beside.numbers[name]]
        msgs = sorted(set(self.beside.now.msgs), key=repr)
        if any(p.among for p in info.parameters) and not msgs:
            return None
        for _ in range(12):
            values = tuple(
                self.chance.choice(msgs if p.among else values_of(p.type)[:9])
                for p in info.parameters
            )
            if self.beside.can(name, *values) is not None:
                return values
        return None

    # What makes a node take the step of each name.

    def timeout(self, i):
        self.beside.move("timeout", i)
        self.tell(self.number_of[i], inputs.campaign)

    def client_request(self, i):
        self.beside.move("client_request", i)
        self.tell(self.number_of[i], inputs.propose_data, "x")

    def propose_single(self, i, kind, s, transition):
        self.beside.move("propose_single", i, kind, s, transition)
        self.propose(i, ((kind, s),), transition)

    def propose_pair(self, i, kind, s, other_kind, other, implicit):
        self.beside.move("propose_pair", i, kind, s, other_kind, other, implicit)
        self.propose(i, ((kind, s), (other_kind, other)), JOINT[implicit])

    def propose(self, i, changes, transition):
        singles = tuple(SingleChange(REAL_KINDS[k], self.number_of[s]) for k, s in changes)
        change = ConfChange(singles, REAL_TRANSITIONS[transition])
        self.tell(self.number_of[i], inputs.propose_conf_change, change, version=2)

    def leave_joint(self, i):
        self.beside.move("leave_joint", i)
        self.tell(self.number_of[i], inputs.propose_conf_change, ConfChange(), version=2)

    def compact_to(self, i, index):
        self.beside.move("compact_to", i, index)
        snapshot_and_compact(self.servers[self.number_of[i]], index)
        self.finish(self.number_of[i])

    def read_index(self, i):
        """The read is taken up, or answered at once; its context is the next number."""
        self.asked += 1
        self.beside.move("read_index", i)
        self.beside.abstraction.contexts[str(self.asked)] = self.beside.now.asked
        self.tell(self.number_of[i], inputs.read_index, str(self.asked))

    def check_quorum_now(self, i):
        self.beside.move("check_quorum_now", i)
        self.tell(self.number_of[i], take, Message(MessageType.CHECK_QUORUM))

    def transfer_leader(self, i, j):
        self.beside.move("transfer_leader", i, j)
        self.tell(self.number_of[i], inputs.transfer_leader, self.number_of[j])

    def abort_transfer(self, i):
        """A transfer to oneself ends one that is under way."""
        self.beside.move("abort_transfer", i)
        self.tell(self.number_of[i], inputs.transfer_leader, self.number_of[i])

    def restart(self, i):
        self.beside.move("restart", i)
        self.start(self.number_of[i], self.servers[self.number_of[i]].storage)
        self.finish(self.number_of[i])

    def heartbeat(self, i, j):
        self.beside.move("heartbeat", i, j)
        self.tell(self.number_of[i], take, Message(MessageType.BEAT))

    def append_entries(self, i, j):
        """The model's own place to send from; a node does so when it probes there."""
        following = self.beside.now.next_index[i][j]
        last = min(len(self.beside.now.log[i]), following - 1 + self.beside.now.batch)
        self.append_from(i, j, following - 1, last)

    def append_from(self, i, j, previous, last):
        self.beside.move("append_from", i, j, previous, last)
        server = self.servers[self.number_of[i]]
        known = server.node.progress[self.number_of[j]]
        probing = Progress(
            known.match,
            previous + 1,
            recent_active=known.recent_active,
            max_inflight=known.max_inflight,
            is_learner=known.is_learner,
        )
        server.node.progress[self.number_of[j]] = probing
        server.node.limit_append = lambda *_: last - previous
        self.tell(self.number_of[i], send_append, self.number_of[j])
        server.node.limit_append = None

    def receive(self, m):
        """The node takes the message; neither its leader nor an earlier refusal is in the way."""
        (found,) = [n for n in self.network if plain(self.beside.abstract(n)) == plain(m)][:1]
        self.network.remove(found)
        server = self.servers[found.to]
        if found.type in (MessageType.VOTE, MessageType.PRE_VOTE):
            server.node.election_elapsed = self.config.election_tick
            server.node.lead = NO_NODE if server.node.role is Role.FOLLOWER else server.node.lead
        if server.node.votes.get(found.sender) is False:
            del server.node.votes[found.sender]
        self.beside.take_in(found, self.network)
        self.tell(found.to, inputs.receive, found)

    def drop_message(self, m):
        for found in [n for n in self.network if plain(self.beside.abstract(n)) == plain(m)]:
            self.network.remove(found)
        for copy in self.beside.find(m):
            while copy in self.beside.now.msgs:
                self.beside.move("drop_message", copy)

    def deliver_among(self, *servers, kinds=raft_types.Message):
        """Let these servers hear such messages of each other; the network loses all others."""
        while self.beside.now.msgs:
            m = min(self.beside.now.msgs, key=repr)
            if {m.source, m.target} <= set(servers) and isinstance(m, kinds):
                self.receive(m)
            else:
                self.drop_message(m)
