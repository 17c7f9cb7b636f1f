"""Traces of random clusters under hosts that take their time: genuine, so each is accepted.

The recorded scenarios settle every node after every input. Here a host may also let inputs come
between the parts of a Ready, lose its last Ready in a crash, compact its log unseen, limit the
size of appends, and report on the network.
"""

import json
import random
from collections import deque
from contextlib import suppress
from pathlib import Path

import pytest

from planespec.reports.judge.raft.traces.raft_trace import judge_trace
from planespec.reports.judge.raft.traces.raft_trace_form import print_event
from planespec.spec.raft.confchange import ChangeKind, Configuration, SingleChange
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import (
    ConfChange,
    Entry,
    EntryType,
    HardState,
    Snapshot,
    Transition,
)
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.ready import advance, has_ready, take_ready, wrap
from planespec.spec.raft.node.server import start_node
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.storage import Storage


class Host:
    """One node with its disk, and a Ready that may be half done."""

    def __init__(self, cluster, number, storage):
        self.cluster, self.number, self.storage = cluster, number, storage
        self.applied, self.configuration = storage.snapshot.index, storage.snapshot.configuration
        node = start_node(
            number, cluster.config, storage, cluster.draw, self.applied, cluster.take_note
        )
        node.limit_append = cluster.limit
        self.node, self.raw = node, wrap(node)
        self.ready, self.is_durable, self.to_apply = None, True, deque()

    def go_on(self):
        """Do the next part of a Ready."""
        if self.ready is None:
            if has_ready(self.raw):
                self.ready, self.is_durable = take_ready(self.raw), False
        elif not self.is_durable:
            self.persist()
        elif self.to_apply:
            self.apply()
        else:
            advance(self.raw)
            self.ready = None

    def persist(self):
        """Write, then send."""
        ready, self.is_durable = self.ready, True
        self.storage.hard_state = ready.hard_state or self.storage.hard_state
        if ready.snapshot is not None:
            durable.apply_snapshot(self.storage, ready.snapshot)
            self.applied = ready.snapshot.index
            self.configuration = ready.snapshot.configuration
        durable.append(self.storage, ready.entries)
        self.cluster.network += ready.messages
        self.to_apply.extend(ready.committed_entries)

    def apply(self):
        entry = self.to_apply.popleft()
        if entry.type is not EntryType.NORMAL:
            self.configuration = apply_conf_change(self.node, entry.change or ConfChange())
        self.applied = entry.index

    def settle(self):
        while self.ready is not None or has_ready(self.raw):
            self.go_on()

    def compact(self, chance):
        """Take a snapshot of what is applied, and forget some of the log."""
        if self.storage.snapshot.index < self.applied <= durable.get_last_index(self.storage):
            durable.create_snapshot(self.storage, self.applied, self.configuration)
            first = self.storage.compacted.index
            durable.compact(self.storage, chance.randint(first, self.applied))


class RandomCluster:
    """Nodes, a network that loses, repeats and reorders, and chance."""

    def __init__(self, seed):
        self.chance = chance = random.Random(seed)
        self.lines, self.network, self.sizes, self.hosts = [], [], {}, {}
        self.config = NodeConfig(
            pre_vote=chance.random() < 0.5,
            check_quorum=chance.random() < 0.5,
            max_inflight=chance.choice([1, 2, 8, 256, 256]),
            step_down_on_removal=chance.random() < 0.3,
        )
        self.takes_its_time = chance.random() < 0.5
        self.largest = chance.choice([0, 0, 1, 2, 3])
        voters = frozenset(range(1, chance.choice([1, 2, 3, 3, 4, 5]) + 1))
        learners = frozenset(range(len(voters) + 1, len(voters) + 1 + chance.choice([0, 0, 1, 2])))
        first = Snapshot(1, 1, Configuration(voters=voters, learners=learners))
        self.disks = {n: Storage(HardState(), first, Entry(1, 1)) for n in voters | learners}
        for number in sorted(self.disks):
            self.start(number)

    def draw(self):
        return self.chance.randint(10, 19)

    def take_note(self, node, event, about):
        event = print_event(node, TraceEvent(event), about)
        self.lines.append({"tag": "trace", "event": json.loads(json.dumps(event))})

    def limit(self, node, to):
        """As many entries as fit, each of a size that it keeps, and at least one."""
        if not self.largest:
            return None
        count = total = 0
        end = logs.get_last_index(node.log) + 1
        for entry in logs.get_entries(node.log, node.progress[to].next, end) or ():
            key = (entry.index, entry.term)
            total += self.sizes.setdefault(key, self.chance.choice([1, 1, 2]))
            if count and total > self.largest:
                break
            count += 1
        return count or None

    def start(self, number):
        self.hosts[number] = Host(self, number, self.disks[number])

    def tell(self, host, give, *about, **how):
        with suppress(ProposalDroppedError, inputs.StepRefusedError):
            give(host.node, *about, **how)
        if not self.takes_its_time:
            host.settle()

    def step(self):
        """One input, or one part of a Ready."""
        host = self.chance.choice(sorted(self.hosts.values(), key=lambda h: h.number))
        if self.takes_its_time and self.chance.random() < 0.6:
            host.go_on()
            return
        (kind,) = self.chance.choices(list(STEPS), list(STEPS.values()))
        kind(self, host)

    def crash(self, host):
        del self.hosts[host.number]
        for number in sorted(self.disks.keys() - self.hosts.keys()):
            if not self.hosts or self.chance.random() < 0.6:
                self.start(number)

    def deliver(self, _):
        if not self.network:
            return
        number = self.chance.randrange(min(len(self.network), 6))
        message = self.network[number]
        if self.chance.random() > 0.05:
            del self.network[number]
        if self.chance.random() > 0.1 and message.to in self.hosts:
            self.tell(self.hosts[message.to], inputs.receive, message)

    def propose(self, host):
        leaders = [h for _, h in sorted(self.hosts.items()) if h.node.role is Role.LEADER]
        self.tell(self.chance.choice(leaders or [host]), inputs.propose_data, "x")

    def read(self, host):
        self.tell(host, inputs.read_index, str(self.chance.random()))

    def report(self, host):
        member = self.chance.choice([0, *sorted(host.node.progress)])
        if member and self.chance.random() < 0.5:
            self.tell(host, inputs.report_unreachable, member)
        elif member:
            arrived = self.chance.random() < 0.5
            self.tell(host, inputs.report_snapshot, member, arrived=arrived)

    def transfer(self, host):
        self.tell(host, inputs.transfer_leader, self.chance.choice(sorted(self.disks)))

    def compact(self, host):
        if host.ready is None:
            host.compact(self.chance)

    def change(self, host):
        """Propose any membership change, also of a node that does not exist yet."""
        nodes = self.chance.sample([*sorted(self.disks), max(self.disks) + 1], k=2)
        kinds = [ChangeKind.ADD_VOTER, ChangeKind.ADD_LEARNER, ChangeKind.REMOVE]
        chosen = nodes[: self.chance.choice([0, 1, 1, 2])]
        changes = tuple(SingleChange(self.chance.choice(kinds), node) for node in chosen)
        transition = self.chance.choice([Transition.AUTO, *Transition])
        for change in changes:
            if change.node not in self.disks and change.kind is not ChangeKind.REMOVE:
                self.disks[change.node] = Storage()
                self.start(change.node)
        version = 1 if len(changes) == 1 and transition is Transition.AUTO else 2
        change = ConfChange(changes, transition)
        self.tell(host, inputs.propose_conf_change, change, version=version)


STEPS = {
    lambda cluster, host: cluster.tell(host, tick): 35,
    RandomCluster.deliver: 45,
    RandomCluster.propose: 8,
    RandomCluster.read: 2,
    RandomCluster.transfer: 1,
    RandomCluster.report: 3,
    RandomCluster.change: 2,
    RandomCluster.compact: 2,
    RandomCluster.crash: 1,
}
"""What may happen, and how often."""


def make_trace(seed, steps):
    """Return what is traced of a random cluster, up to where the library would give up."""
    cluster = RandomCluster(seed)
    with suppress(Panic):
        for _ in range(steps):
            cluster.step()
    return cluster.lines


def judge(lines):
    return list(judge_trace(Path("trace"), enumerate(lines, 1)))


@pytest.mark.parametrize("seed", range(10))
def test_the_trace_of_a_random_cluster_is_accepted(seed):
    lines = make_trace(seed, 1500)
    last = judge(lines)[-1]
    assert last.agrees, last.given
    assert last.given["event"] == len(lines) - 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_longer_traces_of_random_clusters_are_accepted(seed):
    last = judge(make_trace(seed, 2500))[-1]
    assert last.agrees, last.given


def snapshot_everything(host, _):
    """Take a snapshot of what is not applied, too."""
    last = durable.get_last_index(host.storage)
    if host.storage.snapshot.index < host.applied <= last:
        durable.create_snapshot(host.storage, last, host.configuration)
        durable.compact(host.storage, host.applied)


def test_a_snapshot_of_what_is_not_applied_is_rejected_where_it_is_sent(monkeypatch):
    monkeypatch.setattr(Host, "compact", snapshot_everything)
    last = judge(make_trace(49, 700))[-1]
    assert not last.agrees
    assert last.expected["msg"]["type"] == "MsgSnap"


def test_the_random_clusters_do_what_a_trace_can_show():
    lines = [line["event"] for seed in range(10) for line in make_trace(seed, 1500)]
    assert {event["name"] for event in lines} == set(TraceEvent)
    assert {event["role"] for event in lines} == set(Role)
    assert {event["msg"]["type"] for event in lines if "msg" in event} >= {"MsgSnap", "MsgApp"}
    assert any(event["conf"][1] for event in lines)
