"""A small network of servers, for tests of one sentence each; helpers here are importable."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.inputs import tick
from planespec.spec.raft.node.messages import Entry, HardState, Snapshot
from planespec.spec.raft.node.server import settle, start_server
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.storage import Storage

sys.path.insert(0, str(Path(__file__).parent))


class Network:
    """Servers that hear each other at once, except those that are cut off."""

    def __init__(self, voters=(1, 2, 3), learners=(), terms=(), **config):
        self.config = NodeConfig(**config)
        members = Configuration(voters=frozenset(voters), learners=frozenset(learners))
        snapshot = Snapshot(1, 1, members)
        self.cut_off = set()
        self.servers = {}
        for number in sorted({*voters, *learners}):
            entries = [Entry(index, term) for index, term in enumerate(terms, start=2)]
            hard_state = HardState(term=max(terms, default=1), commit=1)
            self.start(number, Storage(hard_state, snapshot, Entry(1, 1), entries))

    def start(self, number, storage):
        self.servers[number] = start_server(number, self.config, storage, lambda: 10)

    def restart(self, number):
        self.start(number, self.servers[number].storage)

    def node(self, number):
        return self.servers[number].node

    def tell(self, number, tell, *arguments, **options):
        """Give one input to a node and deliver all that follows; return what it did itself."""
        tell(self.node(number), *arguments, **options)
        outcome = settle(self.servers[number])
        self.deliver(outcome.sent)
        return outcome

    def deliver(self, messages):
        waiting = list(messages)
        while waiting:
            message = waiting.pop(0)
            if {message.sender, message.to} & self.cut_off or message.to not in self.servers:
                continue
            with suppress(inputs.StepRefusedError):
                inputs.receive(self.node(message.to), message)
            waiting += settle(self.servers[message.to]).sent

    def hear(self, number, message):
        """Deliver one forged message, and return what is sent in answer to it alone."""
        inputs.receive(self.node(number), message)
        return settle(self.servers[number]).sent

    def elect(self, number):
        self.tell(number, inputs.campaign)
        assert self.node(number).role is Role.LEADER
        return self.node(number)

    def tick(self, number, times=1):
        for _ in range(times):
            self.tell(number, tick)


@pytest.fixture
def make_network():
    return Network
