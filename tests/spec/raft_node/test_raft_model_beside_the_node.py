"""A node of `spec.raft.node` takes every step that the model `raft.etcd` chooses."""

import pytest
from driven_by_the_model import CHOSEN, Together
from hypothesis import given, settings
from hypothesis import strategies as st
from model_beside import ApartError

from planespec.model.raft.etcd import raft_types
from planespec.spec.raft.node.state import NodeConfig, Role

configs = st.builds(
    NodeConfig,
    max_inflight=st.sampled_from([1, 2, 8]),
    pre_vote=st.booleans(),
    check_quorum=st.booleans(),
)


def run(seed, config, mutant=None):
    together = Together(seed, config, mutant)
    for _ in range(180):
        together.take_step()
    return together.beside.taken


def config_of(seed):
    """Every configuration of a few comes up along the seeds."""
    window, switches = (1, 2, 8)[seed % 3], seed // 3
    return NodeConfig(
        max_inflight=window, pre_vote=bool(switches % 2), check_quorum=bool(switches // 2 % 2)
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9), configs)
def test_a_node_takes_every_step_that_the_model_chooses(seed, config):
    run(seed, config)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), configs)
def test_a_node_takes_every_step_that_the_model_chooses_in_many_runs(seed, config):
    run(seed, config)


RICH = (23, 48)
"""Seeds of runs that take every action between them."""


def test_the_runs_take_every_action_that_can_be_chosen():
    """The runs above would show nothing if nothing happened in them."""
    wanted = set(CHOSEN)
    for seed in (*RICH, *range(60)):
        wanted -= {name for name, times in run(seed, config_of(seed)).items() if times}
        if not wanted:
            return
    assert wanted == set()


FAULTS = {
    **{"half_is_enough": 0, "change_before_own_commit": 0, "vote_blindly": 0, "commit_falls": 0},
    **{"learner_campaigns": 0, "truncate_always": 3, "commit_unchecked": 0, "v2_not_pending": 0},
    **{"read_before_own_commit": 0, "second_change_early": 1, "read_unconfirmed": 1},
    **{"learner_counts": 0, "joint_incoming_only": 18, "vote_twice": 12, "match_falls": 4},
    **{"leave_before_commit": 4, "count_pre_votes": 5, "confirm_any_context": 5},
    **{"reuse_context": 5, "joint_outgoing_only": 6, "snapshot_drops_configuration": 10},
    **{"stale_snapshot": 10, "ignore_quorum": 9, "restart_forgets_vote": 3},
    **{"restart_forgets_term": 0, "restart_forgets_log": 0},
}
"""Mutants of the model, each with a run that notices it."""


@pytest.mark.sample(2)
@pytest.mark.parametrize("mutant", FAULTS)
def test_a_fault_of_the_model_is_noticed(mutant):
    seed = FAULTS[mutant]
    with pytest.raises(ApartError):
        run(seed, config_of(seed), mutant)


VOTES = raft_types.VoteRequest | raft_types.VoteReply


def count_an_older_term(mutant=None):
    """The paper, figure 8: a majority holds an entry of an older term under a later leader."""
    together = Together(0, NodeConfig(), mutant, voters=3)
    a, b, c = together.beside.abstraction.servers[:3]
    together.timeout(a)
    together.deliver_among(a, b, c)
    together.client_request(a)
    together.deliver_among()
    together.timeout(b)
    together.deliver_among(b, c, kinds=VOTES)
    together.restart(a)
    together.timeout(a)
    together.timeout(a)
    together.deliver_among(a, c, kinds=VOTES)
    together.append_from(a, c, 2, 3)
    for _ in ("request", "reply"):
        (message,) = set(together.beside.now.msgs)
        together.receive(message)
    return together.servers[1].node


def test_node_and_model_count_no_entry_of_an_older_term():
    leader = count_an_older_term()
    assert leader.role is Role.LEADER
    assert leader.progress[3].match >= 3 > leader.log.committed
    with pytest.raises(ApartError, match="advance_commit_index"):
        count_an_older_term("count_old_terms")


@pytest.mark.parametrize("seed", [0, 1])  # with a learner, and without one
def test_a_leader_that_votes_alone_answers_a_read_in_the_step_that_asks(seed):
    together = Together(seed, NodeConfig(), voters=1)
    alone = together.beside.abstraction.servers[0]
    together.timeout(alone)
    together.read_index(alone)
    assert len(together.beside.now.answered) == 1
    assert together.beside.taken["read_index"] == 1
    assert together.beside.taken["answer_read"] == 0
