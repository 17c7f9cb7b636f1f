"""What Raft promises (paper, figure 3), along random runs of a lossy network of servers."""

import random
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from planespec.spec.raft.confchange import ChangeKind, Configuration, SingleChange
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.log import Panic, get_entries, get_first_index, get_last_index
from planespec.spec.raft.node.messages import (
    ConfChange,
    Entry,
    HardState,
    Snapshot,
    Transition,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.server import settle, snapshot_and_compact, start_server
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.storage import Storage

VOTERS = (1, 2, 3)
NEWCOMERS = (4, 5)


class Run:
    """One random run: what ever was elected, applied and said, checked as it goes."""

    def __init__(self, seed, config):
        self.chance = random.Random(seed)
        self.config = config
        self.messages = []
        self.elected = {}
        self.applied = {}
        self.terms = {}
        members = Configuration(voters=frozenset(VOTERS))
        self.servers = {}
        for number in (*VOTERS, *NEWCOMERS):
            storage = Storage()
            if number in VOTERS:
                storage = Storage(HardState(1, 0, 1), Snapshot(1, 1, members), Entry(1, 1))
            self.start(number, storage)

    def start(self, number, storage):
        draw = lambda: self.chance.randrange(10, 20)  # noqa: E731
        self.servers[number] = start_server(number, self.config, storage, draw)
        self.settle(number)

    def settle(self, number):
        server = self.servers[number]
        outcome = settle(server)
        self.messages += outcome.sent
        for entry in outcome.applied:
            assert self.applied.setdefault(entry.index, entry) == entry
        node = server.node
        assert node.term >= self.terms.get(number, 0)
        self.terms[number] = node.term
        if node.role is Role.LEADER:
            assert self.elected.setdefault(node.term, number) == number

    def take_step(self):
        kind = self.chance.choices(["deliver", "tick", "other"], [10, 6, 1])[0]
        if kind == "deliver" and self.messages:
            position = self.chance.randrange(len(self.messages))
            message = self.messages[position]
            if self.chance.random() < 0.9:
                del self.messages[position]
            if self.chance.random() < 0.9:
                self.tell(message.to, inputs.receive, message)
        elif kind == "other":
            self.take_rare_step(self.chance.choice(list(self.servers)))
        else:
            self.tell(self.chance.choice(list(self.servers)), tick)

    def tell(self, number, tell, *arguments, **options):
        with suppress(inputs.StepRefusedError, ProposalDroppedError):
            tell(self.servers[number].node, *arguments, **options)
        self.settle(number)

    def take_rare_step(self, number):
        node = self.servers[number].node
        match self.chance.choice(["propose", "propose", "change", "crash", "compact", "transfer"]):
            case "propose":
                self.tell(number, inputs.propose_data, str(self.chance.random()))
            case "change":
                self.tell(number, inputs.propose_conf_change, self.draw_change(), version=2)
            case "crash":
                self.start(number, self.servers[number].storage)
            case "compact" if node.log.applied > 1:
                snapshot_and_compact(self.servers[number], node.log.applied)
            case _:
                self.tell(number, inputs.transfer_leader, self.chance.choice(VOTERS))

    def draw_change(self):
        """Server 1 stays, so that nobody runs out of voters."""
        kinds = [ChangeKind.ADD_VOTER, ChangeKind.ADD_LEARNER, ChangeKind.REMOVE]
        nodes = self.chance.sample((2, 3, *NEWCOMERS), self.chance.randrange(3))
        singles = tuple(SingleChange(self.chance.choice(kinds), node) for node in nodes)
        transition = self.chance.choice(list(Transition)) if singles else Transition.AUTO
        return ConfChange(singles, transition)

    def check(self):
        nodes = [server.node for server in self.servers.values()]
        logs = [{e.index: e for e in get_all(node)} for node in nodes]
        for ours in logs:
            for theirs in logs:
                check_log_matching(ours, theirs)
        for node, log in zip(nodes, logs, strict=True):
            for index, entry in self.applied.items():
                if node.role is Role.LEADER and entry.term < node.term and index in log:
                    assert log[index] == entry
                if node.role is Role.LEADER and entry.term < node.term:
                    assert index <= get_last_index(node.log)


def get_all(node):
    return get_entries(node.log, get_first_index(node.log), get_last_index(node.log) + 1) or ()


def check_log_matching(ours, theirs):
    """Where two logs have an entry of the same index and term, they agree up to there."""
    common = [i for i in ours.keys() & theirs.keys() if ours[i].term == theirs[i].term]
    if common:
        for index in ours.keys() & theirs.keys():
            assert index > max(common) or ours[index] == theirs[index]


configs = st.builds(
    NodeConfig,
    max_inflight=st.sampled_from([1, 2, 8]),
    pre_vote=st.booleans(),
    check_quorum=st.booleans(),
    step_down_on_removal=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), configs)
def test_raft_keeps_its_promises_along_random_runs(seed, config):
    run = Run(seed, config)
    for number in range(400):
        run.take_step()
        if number % 20 == 0:
            run.check()
    run.check()


def test_random_runs_reach_elections_changes_snapshots_and_commits():
    """The run above would show nothing if nothing happened in it."""
    run = Run(11, NodeConfig(max_inflight=8))
    for _ in range(6000):
        run.take_step()
    assert len(run.elected) > 3
    assert len(run.applied) > 30
    assert any(entry.change for entry in run.applied.values())
    assert any(server.storage.snapshot.index > 1 for server in run.servers.values())


class ForgetfulRun(Run):
    """A run whose servers lose term and vote when they restart (Raft paper figure 2)."""

    def start(self, number, storage):
        commit = storage.hard_state.commit
        storage.hard_state = HardState(term=min(1, commit), commit=commit)
        self.terms.pop(number, None)
        super().start(number, storage)


def breaks_a_promise(seed):
    run = ForgetfulRun(seed, NodeConfig(max_inflight=8))
    try:
        for _ in range(1500):
            run.take_step()
    except (AssertionError, Panic):
        return True
    return False


def test_servers_that_forget_their_ballots_break_the_promises():
    """The checks above can fail: two leaders of one term, or two entries at one index."""
    assert any(breaks_a_promise(seed) for seed in range(100))
