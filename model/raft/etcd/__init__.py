"""Raft as etcd runs it (go.etcd.io/raft v3.6), to be read as a document.

`etcd_raft` lists the parts. Each of them stands on what all share and needs few others: `alone`
has each with the fewest. Reading order:

- `raft_types`: servers, entries, configurations, messages; `state`: what the parts share;
  `servers`: who decides, and becoming follower, candidate, leader.
- `elections`: campaigning and voting, with PreVote; `replication`: logs and commitment.
- `membership`: simple and joint changes, learners.
- `log_snapshots`: compaction; `reads`: ReadIndex; `check_quorum`: CheckQuorum and clocks.
- `transfer`: choosing a successor; `durability`: disks and crashes.
- `network`: messages; `liberties`: what else the library and its hosts may do.
"""

from planespec.model.raft.etcd.etcd_raft import EtcdRaft

__all__ = ["EtcdRaft"]
