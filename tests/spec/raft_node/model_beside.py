"""The model `raft.etcd` kept beside the nodes of `spec.raft.node`, step by step.

`Beside` holds one state of the model. After every input to a node it looks for the steps of the
model that explain what the node did: first the message is taken, then the messages that the node
sent are sent in their order, and where the model cannot send the next one yet, one of the steps
that lead to the node's new state is taken. Every try comes nearer to it, so that the search ends.
`ApartError` is raised where nothing explains it, and where the model could go on by itself and the
node does not.
"""

from collections import Counter

from raft_abstraction import ROLES, Abstraction, is_mere_refusal, plain

from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.lang.model import load
from planespec.model.raft.etcd import raft_types
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import MessageType, ReadState
from planespec.spec.raft.node.proposals import get_context
from planespec.spec.raft.node.state import Role as NodeRole
from planespec.spec.raft.raft_requirements import Role

AT_ONCE = ("become_candidate", "become_leader", "advance_commit_index", "apply")
"""What a node does as soon as it can."""


MOST = 400
"""Steps of the model, beside those of sending, that one input to a node may stand for."""


class ApartError(AssertionError):
    """The node did what no steps of the model explain."""


class Beside:
    """A state of the model, and the steps that led to it."""

    def __init__(self, instance):
        self.instance = instance
        self.stepper = Stepper(instance)
        self.numbers = {action.name: n for n, action in enumerate(instance.actions)}
        (start,) = self.stepper.start()
        self.abstraction = Abstraction(instance)
        self.now = instance.new()
        self.state = start[3]
        load(self.now, self.state)
        self.taken = Counter()

    def can(self, action, *values):
        """Where the step leads; None where it is not enabled, or left out of the instance."""
        if action not in self.numbers:
            return None
        steps = self.stepper.instance_steps(self.state, self.numbers[action], values)
        for _, _, _, after in steps:
            if isinstance(after, Fault):
                raise ApartError(f"{action}{values} goes wrong: {after.message}")
            return after
        return None

    def move(self, action, *values):
        """Take a step where it is enabled, and say whether it was."""
        after = self.can(action, *values)
        if after is not None:
            self.go(after)
            self.taken[action] += 1
        return after is not None

    def go(self, state):
        self.state = state
        load(self.now, state)

    def find(self, message):
        """Messages of the network that are this one, but for hints."""
        wanted = plain(message)
        return [m for m in set(self.now.msgs) if plain(m) == wanted]

    def abstract(self, message):
        return self.abstraction.message(message, self.now.committed)

    # What a node did after one input.

    def explain(self, server, network, *, sent=(), heard=None, reads=()):
        """Go along with a node that took an input; ApartError where no steps lead there.

        `heard` is the message it took, `network` what is under way now, `reads` what it answered.
        """
        before, contexts, complaints = self.state, dict(self.abstraction.contexts), []
        for way in [self.take_in, self.lose] if heard is not None else [lambda *_: None]:
            self.go(before)
            self.abstraction.contexts = dict(contexts)
            try:
                way(heard, network)
                self.close(server, sent, reads)
                self.compare_network(network)
            except ApartError as apart:
                complaints.append(str(apart))
            else:
                return
        raise ApartError("; or ".join(dict.fromkeys(complaints)))

    def take_in(self, message, network):
        """Receive the message, and leave a copy where the network has one."""
        abstract = self.abstract(message)
        found = self.find(abstract) if abstract is not None else []
        if not found:
            if abstract is not None and not is_mere_refusal(abstract):
                raise ApartError(f"the model has no {abstract} under way")
            return
        if self.is_under_way(abstract, network) and len(found) == 1:
            self.move("duplicate_message", found[0])
        if not self.move("receive", found[0]):
            raise ApartError(f"the model cannot receive {found[0]}")

    def lose(self, message, network):
        """Drop the message unless the network has another copy."""
        abstract = self.abstract(message)
        if abstract is not None and not self.is_under_way(abstract, network):
            for found in self.find(abstract):
                while found in self.now.msgs:
                    self.move("drop_message", found)

    def is_under_way(self, abstract, network):
        wanted = plain(abstract)
        return any(plain(a) == wanted for a in map(self.abstract, network) if a is not None)

    def compare_network(self, network):
        """What is under way is the same, except for refusals that the model does not send."""
        theirs = {plain(a) for a in map(self.abstract, network) if a is not None}
        ours = {plain(m) for m in self.now.msgs}
        missing = {m for m in theirs - ours if not is_mere_refusal(m)}
        if missing or ours - theirs:
            raise ApartError(f"under way are {missing} in the nodes, {ours - theirs} in the model")

    def close(self, server, sent, reads):
        """Send what the node sent, in order, and come to its state; nothing is left to do."""
        self.pursue(server, sent, reads)
        different = list(self.differences(server, reads))
        if different:
            raise ApartError(f"different {different}")
        i = self.abstraction.server(server.node.id)
        undone = [action for action in AT_ONCE if self.can(action, i) is not None]
        if undone:
            raise ApartError(f"the model could {undone} where node {server.node.id} does nothing")

    def pursue(self, server, sent, reads=()):
        """Send what the node sent, in order, going towards its state where that comes first."""
        waiting = list(sent)
        for _ in range(MOST):
            while waiting and self.send(self.abstract(waiting[0])):
                waiting.pop(0)
            if not self.approach(server, reads):
                break
        unsent = [a for a in map(self.abstract, waiting) if not is_mere_refusal(a)]
        if unsent:
            raise ApartError(f"unsent {unsent}, different {list(self.differences(server, reads))}")

    def send(self, m):
        """Send exactly this message, whatever action sends such, unless it is under way."""
        if m is None or self.find(m):
            return True
        i, j = m.source, m.target
        match m:
            case raft_types.VoteRequest():
                tries = [("request_vote", i, j)]
            case raft_types.AppendRequest():
                last = m.previous_index + len(m.entries)
                tries = [("append_entries", i, j), ("append_from", i, j, m.previous_index, last)]
            case raft_types.SnapshotRequest():
                tries = [("send_snapshot", i, j), ("send_snapshot_of", i, j, m.index)]
            case raft_types.Heartbeat():
                tries = [("heartbeat", i, j)]
            case raft_types.TimeoutNow():
                tries = [("timeout_now", i, j)]
            case _:
                return False
        before = self.state
        for action, *values in tries:
            if self.move(action, *values):
                if m in self.now.msgs:
                    return True
                self.taken[action] -= 1
                self.go(before)
        return False

    def approach(self, server, reads):
        """Take one step towards the state of the node, and say whether there was one."""
        i = self.abstraction.server(server.node.id)
        return any(
            self.move(action, *values)
            for part in (self.towards_role, self.towards_log, self.towards_rest)
            for action, *values in part(server, i)
        ) or self.towards_reads(server, i, reads)

    def towards_role(self, server, i):
        node, role, term = server.node, self.now.role[i], self.now.term[i]
        wanted = ROLES[node.role]
        if (role, term) == (wanted, node.term):
            if role is Role.PRE_CANDIDATE and self.now.votes[i] - self.granted(node) - {i}:
                yield ("ask_again", i)
            return
        if wanted is Role.LEADER and role is Role.CANDIDATE:
            yield ("become_leader", i)
        if wanted is not Role.FOLLOWER and role is Role.PRE_CANDIDATE:
            yield ("become_candidate", i)
        if wanted is not Role.FOLLOWER and (term < node.term or wanted is Role.PRE_CANDIDATE):
            yield ("timeout", i)
        if wanted is Role.FOLLOWER and term == node.term:
            yield from (("check_quorum_now", i), ("give_up", i))

    def granted(self, node):
        return self.abstraction.members(n for n, granted in node.votes.items() if granted)

    def towards_log(self, server, i):
        log, length = server.node.log, len(self.now.log[i])
        if self.now.role[i] is Role.LEADER and length < logs.get_last_index(log):
            (entry,) = logs.get_entries(log, length + 1, length + 2)
            yield from self.proposals(i, self.abstraction.entry(entry))
        if self.now.commit[i] < log.committed:
            yield ("advance_commit_index", i)
        if self.now.applied[i] < log.applied:
            yield ("apply", i)
        if self.now.compacted[i] < server.storage.compacted.index:
            yield ("compact_to", i, server.storage.compacted.index)

    def proposals(self, i, entry):
        if not entry.change:
            yield ("client_request", i)
            return
        (change,) = entry.change
        singles = [(single.kind, single.server) for single in change.changes]
        if not singles:
            yield ("leave_joint", i)
        elif len(singles) == 1:
            yield ("propose_single", i, *singles[0], change.transition)
        else:
            implicit = change.transition is raft_types.Transition.JOINT_IMPLICIT
            yield ("propose_pair", i, *singles[0], *singles[1], implicit)

    def towards_rest(self, server, i):
        node, given = server.node, self.now.transferee[i]
        if ROLES[node.role] is not Role.LEADER or self.now.role[i] is not Role.LEADER:
            return
        wanted = self.abstraction.members([node.lead_transferee] if node.lead_transferee else [])
        if given - wanted:
            yield ("abort_transfer", i)
        for j in wanted - given:
            yield ("transfer_leader", i, j)
        if node.config.check_quorum and self.heard(i) - self.active(node):
            yield ("check_quorum_now", i)

    def heard(self, i):
        return {j for j in self.now.active[i] if j != i and self.now.is_member(i, j)}

    def active(self, node):
        return self.abstraction.members(
            n for n, known in node.progress.items() if known.recent_active and n != node.id
        )

    def towards_reads(self, server, i, reads):
        """Ask for a read that the node has taken up; answer one that it waits for no more."""
        contexts, node = self.abstraction.contexts, server.node
        asked = [*node.read_requests, *(r.context for r in reads if node.role is NodeRole.LEADER)]
        for ctx in asked:
            if ctx not in contexts and self.move("read_index", i):
                contexts[ctx] = self.now.asked
                return True
        waiting = {contexts.get(ctx) for ctx in node.read_requests}
        return any(r.context not in waiting for r in self.now.waiting[i][:1]) and self.move(
            "answer_read", i
        )

    def differences(self, server, reads):
        """What the node and its server in the model have that is not the same."""
        node, i, now = server.node, self.abstraction.server(server.node.id), self.now
        pairs = {
            "role": (ROLES[node.role], now.role[i]),
            "term": (node.term, now.term[i]),
            "vote": (self.abstraction.server(node.vote), now.voted_for[i]),
            "commit": (node.log.committed, now.commit[i]),
            "applied": (node.log.applied, now.applied[i]),
            "compacted": (server.storage.compacted.index, now.compacted[i]),
            "log": self.logs(node, i),
            "answers": (True, all(self.is_answered(node, read) for read in reads)),
        }
        if node.log.applied:
            known = self.abstraction.configuration(node.configuration)
            pairs["configuration"] = (known, now.configuration[i])
        if node.role in (NodeRole.CANDIDATE, NodeRole.PRE_CANDIDATE):
            pairs["votes"] = (self.granted(node), set(now.votes[i]))
        if node.role is NodeRole.LEADER:
            pairs |= self.leading(node, i)
        for name, (real, ours) in pairs.items():
            if real != ours:
                yield f"{name} of node {node.id} is {real}, in the model {ours}"

    def logs(self, node, i):
        first, end = logs.get_first_index(node.log), logs.get_last_index(node.log) + 1
        real = [self.abstraction.entry(e) for e in logs.get_entries(node.log, first, end)]
        ours = list(self.now.log[i])
        return (first - 1, real), (len(ours[: first - 1]), ours[first - 1 :])

    def is_answered(self, node, read):
        number = self.abstraction.contexts.get(read.context)
        found = [r for r in self.now.answered if r.context == number]
        return node.role is not NodeRole.LEADER or [r.index for r in found] == [read.index]

    def leading(self, node, i):
        """What only leaders know."""
        now, number, match = self.now, self.abstraction.server, self.now.match_index[i]
        known = {number(n): progress.match for n, progress in node.progress.items()}
        transferee = {number(node.lead_transferee)} - {None}
        contexts = self.abstraction.contexts
        reads = [
            (contexts.get(ctx), r.index, self.abstraction.members(r.acknowledged))
            for ctx, r in node.read_requests.items()
        ]
        return {
            "match": (known, {j: match[j] for j in now.servers if now.is_member(i, j)}),
            "pending": (node.pending_conf_index, now.pending_change[i]),
            "transferee": (transferee, set(now.transferee[i])),
            "active": (self.active(node) if node.config.check_quorum else set(), self.heard(i)),
            "waiting": (reads, [(r.context, r.index, r.confirmed) for r in now.waiting[i]]),
        }


def reads_of(handed_out, sent):
    """Reads that a leader answered: its own, and those that others had asked it for."""
    remote = [m for m in sent if m.type is MessageType.READ_INDEX_RESP]
    return [*handed_out, *(ReadState(m.index, get_context(m)) for m in remote)]
