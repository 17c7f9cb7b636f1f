"""The first configuration of a cluster in a trace: entries that each founder writes by itself.

A founder enters term 1, writes one entry for each peer, commits them, and puts them in force one
by one; a trace shows only the growing configuration. All founders must write the same entries.
Source: go.etcd.io/raft v3.6 (bootstrap.go).
"""

from planespec.reports.conform.raft_member import Member, Unexplained
from planespec.reports.conform.raft_trace_form import Event, get_new_voters
from planespec.spec.raft.confchange import ChangeKind, SingleChange
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import NO_NODE, ConfChange, Entry, EntryType
from planespec.spec.raft.node.roles import become_follower

LARGEST_BOOTSTRAP = 1000
"""Peers a founder may begin with; a trace that tells of more is taken for a damaged one."""


def begin_bootstrap(member: Member, term: int) -> bool:
    """Enter the first term if the node is new and does so; return whether it did."""
    node = member.node
    if (node.term, term, logs.get_last_index(node.log)) != (0, 1, 0) or node.progress:
        return False
    member.bootstrapping = True
    become_follower(node, term, NO_NODE)
    return True


def apply_bootstrap_change(
    member: Member, event: Event, founders: dict[int, SingleChange]
) -> None:
    """Write the founders' entries at the first such event, and put the next of them in force."""
    node = member.node
    if not node.log.committed:
        _write_entries(member, event.record["log"])
    index = len(node.configuration.voters) + 1
    joining = get_new_voters(event) - node.configuration.voters
    if len(joining) != 1:
        raise Unexplained("ApplyConfChange", "each founder's entry adds one voter")
    change = SingleChange(ChangeKind.ADD_VOTER, next(iter(joining)))
    if founders.setdefault(index, change) != change:
        raise Unexplained("ApplyConfChange", "another founder began with other peers")
    entry = ConfChange((change,))
    node.log.unstable[index - 1] = Entry(index, 1, EntryType.CONF_CHANGE, change=entry)
    apply_conf_change(node, entry)
    member.bootstrapping = index < node.log.committed


def _write_entries(member: Member, count: int) -> None:
    if not 0 < count <= LARGEST_BOOTSTRAP:
        raise Unexplained("ApplyConfChange", "a founder begins with at least one peer")
    log = member.node.log
    logs.append(log, [Entry(n, 1, EntryType.CONF_CHANGE) for n in range(1, count + 1)])
    log.committed = count
