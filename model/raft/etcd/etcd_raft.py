"""Raft as etcd runs it: all parts, and what they promise together."""

from planespec.checker.lang import recording
from planespec.model.raft.etcd.goals import Goals
from planespec.spec.raft.log_requirements import (
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
from planespec.spec.raft.membership_requirements import (
    configuration_follows_log,
    learner_never_campaigns,
    lease_excludes_others,
    linearizable_reads,
    nobody_votes_and_learns,
    one_pending_change,
    quorum_decides_commit,
    quorum_decides_election,
)
from planespec.spec.raft.raft_requirements import (
    election_safety,
    leader_completeness,
    leaders_differ_in_term,
    log_matching,
    state_machine_safety,
)


class EtcdRaft(Goals):
    """Raft as etcd runs it; constants switch its features, and all but elections are off."""

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
        one_ballot,
        commit_never_falls,
        match_never_falls,
        next_above_match,
        one_pending_change,
        quorum_decides_commit,
        quorum_decides_election,
        learner_never_campaigns,
        configuration_follows_log,
        nobody_votes_and_learns,
        linearizable_reads,
        lease_excludes_others,
    ]
