"""Raft as etcd runs it (go.etcd.io/raft v3.6), to be read as a document.

Reading order:

- `raft_types`: servers, entries, configurations, messages; `state`: constants and variables.
- `quorums`: who decides; `roles`: becoming follower, candidate, leader.
- `elections`: campaigning and voting, with PreVote; `replication`: logs and commitment.
- `confchange`, `membership`: simple and joint changes, learners.
- `log_snapshots`: compaction; `reads`: ReadIndex; `check_quorum`: CheckQuorum and clocks.
- `transfer`: choosing a successor; `durability`: disks and crashes.
- `network`: messages; `goals`: what can be reached; `etcd_raft`: all of it, with its promises.
"""

from planespec.model.raft.etcd.etcd_raft import EtcdRaft

__all__ = ["EtcdRaft"]
