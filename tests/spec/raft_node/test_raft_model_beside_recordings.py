"""The model `raft.etcd` goes along with recorded scenarios of go.etcd.io/raft, step by step."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from model_beside import ApartError, Beside, reads_of
from raft_abstraction import make_instance

from planespec.model.raft.etcd.membership import apply_change
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.raft_json import parse_change
from planespec.spec.raft.node.messages import ReadState
from planespec.spec.raft.node.state import NodeConfig

RECORDING = Path(__file__).resolve().parents[2] / "recorded/raft.jsonl.gz"


class Scenario:
    """A recorded scenario, carried out by the nodes and by the model beside them."""

    def __init__(self, record, mutant=None):
        config = record["config"]
        switches = NodeConfig(pre_vote=config["preVote"], check_quorum=config["checkQuorum"])
        learners = len(config["learners"] or [])
        self.cluster, self.steps = Cluster(record), record["steps"]
        self.beside = Beside(make_instance(switches, len(config["voters"]), learners, mutant))

    def perform_all(self):
        """Every step, up to a change that leaves nobody to vote; how many there were."""
        for number, step in enumerate(self.steps):
            if step["op"] == "proposeConfChange" and self.removes_everybody(step):
                return number
            try:
                self.perform(step)
            except ApartError as apart:
                raise ApartError(f"step {number}, {step['op']}: {apart}") from None
        return len(self.steps)

    def removes_everybody(self, step):
        change, _ = parse_change(step)
        abstract = self.beside.abstraction.change(change)
        i = self.beside.abstraction.server(step["node"])
        return not apply_change(self.beside.now.configuration[i], abstract).voters

    def perform(self, step):
        cluster, beside = self.cluster, self.beside
        before, heard = cluster._sent, cluster._messages.get(step.get("n"))
        printed = cluster.perform(step)
        sent = [m for n, m in cluster._messages.items() if n > before]
        network = list(cluster._messages.values())
        server = cluster._servers.get(printed.get("node"))
        if server is None:
            if heard is not None:
                beside.lose(heard, network)
            return
        if step["op"] == "restart":
            assert beside.move("restart", beside.abstraction.server(step["node"]))
        handed_out = [ReadState(r["index"], r["ctx"]) for r in printed.get("reads", [])]
        reads = reads_of(handed_out, sent)
        beside.explain(server, network, sent=sent, heard=heard, reads=reads)


def read_scenarios(every, also=()):
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for n, line in enumerate(lines) if n % every == 0 or n in also]


def follow_all(records):
    """The steps taken along recorded scenarios."""
    taken, steps = Counter(), 0
    for record in records:
        scenario = Scenario(record)
        steps += scenario.perform_all()
        taken += scenario.beside.taken
    return taken, steps


def test_the_model_goes_along_with_recorded_scenarios_of_the_library():
    taken, steps = follow_all(read_scenarios(50, also=TELLING))
    assert steps > 3_000
    assert taken["receive"] > 1_000


TELLING = (2, 34, 42, 53, 55, 59)
"""Scenarios in which the model did something else once; CHANGELOG says what."""


@pytest.mark.slow
def test_the_model_goes_along_with_every_recorded_scenario_of_the_library():
    taken, steps = follow_all(read_scenarios(1))
    assert steps > 95_000
    assert {name for name, times in taken.items() if times} >= SEEN


SEEN = {
    *("timeout", "become_candidate", "become_leader", "client_request", "advance_commit_index"),
    *("apply", "leave_joint", "read_index", "answer_read", "check_quorum_now", "restart"),
    *("transfer_leader", "abort_transfer", "request_vote", "append_entries", "send_snapshot"),
    *("heartbeat", "timeout_now", "receive", "drop_message", "duplicate_message"),
    *("append_from", "send_snapshot_of", "compact_to", "give_up", "ask_again"),
    *("propose_single", "propose_pair"),
}
"""Actions that the recordings show."""
