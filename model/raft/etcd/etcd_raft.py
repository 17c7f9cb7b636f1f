"""Raft as etcd runs it: all its parts, side by side, and the instances that are searched."""

from planespec.checker.lang import instance, recording
from planespec.model.raft.etcd.check_quorum import Leases
from planespec.model.raft.etcd.durability import Durability
from planespec.model.raft.etcd.elections import Elections
from planespec.model.raft.etcd.liberties import Liberties
from planespec.model.raft.etcd.log_snapshots import Snapshots
from planespec.model.raft.etcd.membership import Membership
from planespec.model.raft.etcd.network import Network
from planespec.model.raft.etcd.reads import Reads
from planespec.model.raft.etcd.replication import Replication
from planespec.model.raft.etcd.transfer import Transfer


class EtcdRaft(
    Elections,
    Replication,
    Membership,
    Snapshots,
    Reads,
    Leases,
    Transfer,
    Durability,
    Network,
    Liberties,
):
    """Raft as etcd runs it; constants switch its features, and all but elections are off.

    What a part promises and what it can reach stands with the part.
    """

    held_to = [
        recording(
            "tests/recorded/raft.jsonl.gz",
            cases=100_491,
            of="go.etcd.io/raft v3.6",
            part="elections, logs, commitment, memberships, snapshots, reads and transfers",
            test="tests/spec/raft_node/test_raft_model_beside_recordings.py"
            "::test_the_model_goes_along_with_recorded_scenarios_of_the_library",
            through="planespec.spec.raft.node",
            conform="raft",
        )
    ]

    instances = [
        instance("defaults"),
        instance("three-terms", slow=True, max_term=3, max_log=3),
        instance(
            "five-voters", slow=True, servers=5, voters=5, max_term=2, max_log=1, candidates=2
        ),
        instance("network", slow=True, max_msgs=2),
        instance("repeated", slow=True, max_term=2, max_log=1, max_msgs=2, duplication=True),
        instance(
            "two-on-a-network",
            servers=2,
            voters=2,
            max_term=2,
            max_log=2,
            max_msgs=3,
            duplication=True,
        ),
        instance("restarts", slow=True, restarts=True, max_msgs=1),
        instance("writes-short", slow=True, restarts=True, writes=True, max_log=1),
        instance("writes", slow=True, restarts=True, writes=True),
        instance(
            "writes-on-a-network",
            slow=True,
            servers=3,
            restarts=True,
            writes=True,
            max_log=1,
            max_term=2,
            max_msgs=1,
            loss=False,
        ),
        instance("check-quorum", slow=True, check_quorum=True, heartbeats=True),
        instance(
            "clocks",
            slow=True,
            check_quorum=True,
            lease_ticks=4,
            check_ticks=1,
            drift=1,
            candidates=2,
            heartbeats=True,
            max_log=1,
        ),
        instance("reads", slow=True, reads=2, heartbeats=True),
        instance(
            "reads-on-a-network", slow=True, reads=1, heartbeats=True, max_msgs=1, candidates=2
        ),
        instance(
            "lease-reads",
            slow=True,
            reads=1,
            lease_reads=True,
            check_quorum=True,
            heartbeats=True,
            lease_ticks=4,
            check_ticks=1,
            drift=1,
            candidates=2,
        ),
        instance("snapshots", slow=True, snapshots=True, max_log=2),
        instance(
            "snapshots-on-a-network",
            slow=True,
            snapshots=True,
            max_msgs=1,
            max_term=2,
            max_log=2,
            candidates=2,
        ),
        instance(
            "snapshots-and-writes",
            slow=True,
            snapshots=True,
            restarts=True,
            writes=True,
            max_log=1,
            max_term=2,
            candidates=2,
        ),
        instance("transfers", slow=True, transfers=True, max_log=3),
        instance("changes", slow=True, changes=1, adds=True, removals=True, max_log=3),
        instance("joining", slow=True, servers=4, changes=1, adds=True, max_log=3, candidates=2),
        instance(
            "leaving-and-restarts", slow=True, changes=1, removals=True, restarts=True, max_log=3
        ),
        instance(
            "learners",
            slow=True,
            servers=3,
            voters=2,
            learners=1,
            changes=1,
            adds=True,
            demotions=True,
            max_log=3,
        ),
        instance(
            "learners-and-snapshots",
            slow=True,
            servers=3,
            voters=2,
            learners=1,
            changes=1,
            adds=True,
            snapshots=True,
            max_log=3,
        ),
        instance(
            "joint-demotions",
            slow=True,
            servers=4,
            changes=2,
            joint=True,
            simple=False,
            adds=True,
            demotions=True,
            max_log=3,
            candidates=2,
            fixed=2,
        ),
        instance(
            "joint-and-restarts",
            slow=True,
            servers=3,
            voters=2,
            changes=2,
            joint=True,
            simple=False,
            adds=True,
            removals=True,
            restarts=True,
            max_log=4,
            candidates=2,
        ),
        instance("pre-vote", slow=True, pre_vote=True, max_msgs=1),
        instance("pre-vote-three-terms", slow=True, pre_vote=True, max_term=3),
        instance(
            "pre-vote-and-check-quorum",
            slow=True,
            pre_vote=True,
            check_quorum=True,
            max_msgs=1,
            max_log=1,
        ),
        instance(
            "pre-vote-and-transfers",
            slow=True,
            transfers=True,
            pre_vote=True,
            max_msgs=1,
            max_log=2,
        ),
        instance(
            "joint",
            slow=True,
            servers=4,
            max_term=2,
            max_log=3,
            changes=2,
            joint=True,
            simple=False,
            adds=True,
            removals=True,
            candidates=2,
            fixed=2,
        ),
        instance("liberties", liberties=True, max_term=2, max_log=2, candidates=2),
        instance(
            "liberties-and-pre-vote",
            slow=True,
            liberties=True,
            pre_vote=True,
            max_term=2,
            max_log=1,
            max_msgs=1,
        ),
        instance(
            "liberties-and-changes",
            liberties=True,
            changes=1,
            removals=True,
            demotions=True,
            adds=True,
            voters=2,
            max_term=2,
            max_log=2,
            candidates=2,
        ),
    ]
