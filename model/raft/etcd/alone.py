"""Each part of `raft.etcd` with the fewest others it can be checked with.

Whoever sends needs `Network`. Where nobody elects, a leader is given at the start.
`planespec check planespec.model.raft.etcd.alone:Voting@small` searches the elections, and so on.
"""

from planespec.checker.lang import initial, instance
from planespec.model.raft.etcd.check_quorum import Leases
from planespec.model.raft.etcd.durability import Durability
from planespec.model.raft.etcd.elections import Elections
from planespec.model.raft.etcd.liberties import Liberties
from planespec.model.raft.etcd.log_snapshots import Snapshots
from planespec.model.raft.etcd.membership import Membership
from planespec.model.raft.etcd.network import Network
from planespec.model.raft.etcd.reads import Reads
from planespec.model.raft.etcd.replication import Replication
from planespec.model.raft.etcd.servers import Servers
from planespec.model.raft.etcd.transfer import Transfer


class Led(Servers):
    """The first server leads the first term, whoever elected it."""

    @initial
    def bootstrap(self) -> None:
        """All follow the leader, whose first entry nobody else has yet."""
        for i in self.servers:
            self.configuration[i] = self.get_first_configuration()
            self.term[i] = 1
            self.lease[i] = 0
            if i == 0:
                self.lead(i)


class Voting(Elections, Network):
    """Elections: leaders have their first entry, and nobody learns of it."""

    instances = [
        instance("small", max_log=1),
        instance("pre-vote", max_term=1, max_log=1, pre_vote=True),
    ]


class Replicating(Led, Replication, Network):
    """Replication from one leader."""

    instances = [
        instance("small", max_term=1),
        instance("network", servers=2, voters=2, max_term=1, max_msgs=2),
    ]


class Changing(Led, Replication, Membership, Network):
    """Memberships: changes are entries, and one leader replicates them."""

    instances = [
        instance("small", max_term=1, changes=1, voters=2, adds=True, removals=True),
        instance(
            "joint",
            max_term=1,
            max_log=3,
            voters=2,
            changes=2,
            joint=True,
            simple=False,
            adds=True,
            removals=True,
            fixed=1,
        ),
    ]


class Compacting(Led, Replication, Snapshots, Network):
    """Snapshots of what one leader replicates."""

    instances = [instance("small", servers=2, voters=2, max_term=1, snapshots=True)]


class Reading(Elections, Replication, Reads, Network):
    """Reads: only where leaders change can one be stale."""

    instances = [instance("small", max_log=1, candidates=2, reads=1, heartbeats=True)]


class Checking(Elections, Replication, Leases, Network):
    """Leaders that check their quorum: what they hear is answers to what they replicate."""

    instances = [
        instance("small", max_term=1, max_log=1, check_quorum=True, heartbeats=True),
        instance("clocks", max_term=1, max_log=1, check_quorum=True, lease_ticks=1, candidates=1),
    ]


class HandingOver(Led, Replication, Transfer, Network):
    """Transfers: the leader has brought its successor up to date, which campaigns unasked."""

    instances = [instance("small", transfers=True, max_log=1)]


class Crashing(Elections, Durability, Network):
    """Disks: votes are what a crash must not lose, so elections are enough."""

    instances = [
        instance("small", servers=2, voters=2, max_log=1, max_term=2, restarts=True, writes=True)
    ]


class Sending(Elections, Network):
    """The network: it loses and repeats what elections put on it."""

    instances = [instance("small", max_term=1, max_log=1, max_msgs=2, duplication=True)]


class Taking(Elections, Replication, Membership, Snapshots, Network, Liberties):
    """Liberties are taken with elections, logs, memberships and snapshots, so they need all."""

    instances = [instance("small", servers=2, voters=2, max_log=1, snapshots=True, liberties=True)]
