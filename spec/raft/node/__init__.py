"""One etcd-raft node as deterministic functions over its state, to be read as a document.

Reading order:

- `messages`: entries, snapshots and messages; `storage`: what survives a crash; `log`: the log.
- `state`: everything a node knows; `outbox`: sending, and the points at which a node is observed;
  `replication`: a leader brings followers up.
- `roles`: becoming follower, candidate, leader; `elections`: campaigning, voting, counting.
- `leading`: what a leader does with answers, and a follower with its leader's messages.
- `membership`: applying changes of configuration; `proposals`: what a leader appends, linearizable
  reads, handing leadership over.
- `step`: a message arrives; `inputs`: time passes; `ready`: what the node asks of its host.
- `choice_points`: what time, the network and a host decide, and no function here does.
- `server`: a host that persists, sends and applies at once, and can crash and restart.

The node is go.etcd.io/raft v3.6 with synchronous storage writes. Time and chance come from
outside: `tick` is called, and every randomized election timeout is asked of an oracle. Left out:
asynchronous storage writes, limits by bytes (message size, uncommitted size, bytes in flight),
forgetting the leader, disabled proposal forwarding.
"""
