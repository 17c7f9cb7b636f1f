"""Raft as etcd runs it: all parts, and what they promise together."""

from planespec.checker.lang import only
from planespec.model.raft.etcd.goals import Goals
from planespec.spec.raft.cluster import (
    commit_never_falls,
    committed_is_durable,
    committed_stays,
    durable_term_never_falls,
    leader_append_only,
    match_never_falls,
    next_above_match,
    one_ballot,
    quorum_holds_committed,
)
from planespec.spec.raft.membership import (
    configuration_follows_log,
    learner_never_campaigns,
    lease_excludes_others,
    linearizable_reads,
    nobody_votes_and_learns,
    one_pending_change,
    quorum_decides_commit,
    quorum_decides_election,
)
from planespec.spec.raft.requirements import (
    election_safety,
    leader_completeness,
    leaders_differ_in_term,
    log_matching,
    state_machine_safety,
)


class EtcdRaft(Goals):
    """Raft as etcd runs it; constants switch its features, and all but elections are off."""

    requires = [
        election_safety,
        leaders_differ_in_term,
        committed_stays,
        log_matching,
        state_machine_safety,
        leader_completeness,
        leader_append_only,
        quorum_holds_committed,
        committed_is_durable,
        durable_term_never_falls,
        only(one_ballot, when="writes"),
        commit_never_falls,
        match_never_falls,
        next_above_match,
        only(one_pending_change, when="changes > 0"),
        quorum_decides_commit,
        quorum_decides_election,
        only(learner_never_campaigns, when="changes > 0"),
        only(configuration_follows_log, when="changes > 0"),
        only(nobody_votes_and_learns, when="changes > 0"),
        only(linearizable_reads, when="reads > 0"),
        only(lease_excludes_others, when="lease_reads and lease_ticks > 0"),
    ]
