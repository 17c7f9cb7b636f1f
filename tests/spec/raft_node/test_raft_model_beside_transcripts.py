"""The model `raft.etcd` goes along with the interaction transcripts of go.etcd.io/raft."""

from pathlib import Path

import pytest
from model_beside import ApartError, Beside
from raft_abstraction import FEATURES, RecordedRaft

from planespec.checker.instance import Instance
from planespec.reports.judge.datadriven import read_cases
from planespec.reports.judge.raft.raft_rehearsal import Rehearsal, _is_for
from planespec.reports.judge.raft.raft_transcripts import Transcript
from planespec.spec.raft.node.ready import has_ready

PUBLIC = Path(__file__).resolve().parents[4] / "shared/public/etcd-raft/testdata"
OWN = """\
add-nodes 3 voters=(1,2,3) index=2 prevote=true
----

add-nodes 1 prevote=true
----

log-level none
----

campaign 1
stabilize
propose 1 a
stabilize 1
report-unreachable 1 2
transfer-leadership from=1 to=3
stabilize
----

propose-conf-change 3
l1 r2
----

stabilize
compact 3 5
----

propose-conf-change 3
v4
----

stabilize
forget-leader 4
forget-leader 1
campaign 4
stabilize
----
"""
DEMOTED = """\
add-nodes 3 voters=(1,2,3) index=2
----

log-level none
----

campaign 1
stabilize
----

propose-conf-change 1
l3
----

transfer-leadership from=1 to=3
stabilize 1 2
stabilize
----
"""
LEFT_OUT = {
    "async_storage_writes.txt": "votes of node 1",
    "async_storage_writes_append_aba_race.txt": "votes of node 2",
    "snapshot_succeed_via_app_resp.txt": "commit of node 3",
    "snapshot_succeed_via_app_resp_behind.txt": "commit of node 3",
}
"""Transcripts beyond the model, and where they part: storage that answers by messages, and members
that begin with different snapshots."""


class WatchedRehearsal(Rehearsal):
    """A rehearsal with the model beside it.

    What the nodes do between two Readys is followed message by message; their states are compared
    whenever a node has nothing to hand out, since the model counts one's own answers at once.
    """

    def __init__(self, printer):
        super().__init__()
        self.printer, self.beside, self.seen = printer, None, {}

    def begin(self):
        """The model begins where the first nodes do."""
        first = self.actors[0]
        config, members = first.node.config, first.node.configuration
        named = {"pre_vote": config.pre_vote, "check_quorum": config.check_quorum}
        named |= {"voters": len(members.voters), "learners": len(members.learners)}
        named |= {"beginning": first.storage.snapshot.index}
        self.beside = Beside(Instance(RecordedRaft, FEATURES | named))

    def list_under_way(self):
        pending = [m for a in self.actors for m in list_pending(a.node)]
        return [*self.messages, *pending]

    def catch_up(self):
        """Go along with what every node did since it was looked at last."""
        if self.beside is None:
            self.begin()
        for actor in self.actors:
            pending = list_pending(actor.node)
            known = self.seen.get(actor.node.id, [])
            self.seen[actor.node.id] = pending
            new = [m for m in pending if not any(m is k for k in known)]
            self.beside.pursue(actor, new)
            if not has_ready(actor.raw):
                self.beside.close(actor, (), ())
        self.beside.compare_network(self.list_under_way())

    def deliver(self, to, kind, *, drop):
        """Deliver one message at a time."""
        self.catch_up()
        count = 0
        for message in [m for m in self.messages if _is_for(m, to, kind, drop=drop)]:
            others = [m for m in self.messages if m is not message]
            self.messages = [message]
            count += super().deliver(to, kind, drop=drop)
            self.messages = others
            self.go_along(message, drop=drop)
        return count

    def go_along(self, message, *, drop):
        before, seen = self.beside.state, dict(self.seen)
        if not drop:
            try:
                self.beside.take_in(message, self.list_under_way())
                self.catch_up()
            except ApartError:
                self.beside.go(before)
                self.seen = seen
            else:
                return
        self.beside.lose(message, self.list_under_way())
        self.catch_up()

    def process_ready(self, actor):
        self.catch_up()
        super().process_ready(actor)
        self.catch_up()


def list_pending(node):
    """What waits to be handed out and sent to others."""
    return [m for m in [*node.messages, *node.messages_after_append] if m.to != node.id]


def follow(path):
    transcript = Transcript()
    transcript._rehearsal = watched = WatchedRehearsal(transcript._printer)
    for case in read_cases(path):
        try:
            transcript.answer(case)
        except ApartError as apart:
            raise ApartError(f"line {case.line}, {case.directive}: {apart}") from None
    watched.catch_up()
    return watched.beside.taken


def test_the_model_goes_along_with_a_transcript(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text(OWN)
    taken = follow(path)
    assert {"timeout_now", "leave_joint", "propose_pair", "compact_to", "send_snapshot"} <= set(
        taken
    )


def test_a_transfer_ends_where_its_target_is_demoted(tmp_path):
    path = tmp_path / "demoted.txt"
    path.write_text(DEMOTED)
    assert {"transfer_leader", "propose_single"} <= set(follow(path))


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the transcripts of etcd-raft are not here")
@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.txt")), ids=lambda path: path.stem)
def test_the_model_goes_along_with_a_transcript_of_the_library(path):
    if path.name in LEFT_OUT:
        with pytest.raises(ApartError, match=LEFT_OUT[path.name]):
            follow(path)
    else:
        assert sum(follow(path).values()) > 3
