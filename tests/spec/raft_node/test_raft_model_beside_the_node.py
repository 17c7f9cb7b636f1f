"""A node of `spec.raft.node` takes every step that the model `raft.etcd` chooses."""

from collections import Counter

import pytest
from driven_by_the_model import CHOSEN, Together
from hypothesis import given, settings
from hypothesis import strategies as st
from model_beside import ApartError

from planespec.spec.raft.node.state import NodeConfig

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
@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**9), configs)
def test_a_node_takes_every_step_that_the_model_chooses_in_many_runs(seed, config):
    run(seed, config)


def test_the_runs_take_every_action_that_can_be_chosen():
    """The runs above would show nothing if nothing happened in them."""
    taken = sum((run(seed, config_of(seed)) for seed in range(12)), Counter())
    assert {name for name, times in taken.items() if times} >= set(CHOSEN)


FAULTS = {
    **{"half_is_enough": 0, "change_before_own_commit": 0, "vote_blindly": 0, "commit_falls": 0},
    **{"learner_campaigns": 0, "truncate_always": 0, "commit_unchecked": 0, "v2_not_pending": 0},
    **{"read_before_own_commit": 0, "second_change_early": 1, "read_unconfirmed": 1},
    **{"learner_counts": 2, "joint_incoming_only": 3, "vote_twice": 3, "match_falls": 4},
    **{"leave_before_commit": 4, "count_pre_votes": 5, "confirm_any_context": 5},
    **{"reuse_context": 5, "joint_outgoing_only": 6, "snapshot_drops_configuration": 10},
    **{"stale_snapshot": 10, "ignore_quorum": 9, "restart_forgets_vote": 0},
    **{"restart_forgets_term": 0, "restart_forgets_log": 0},
}
"""Mutants of the model, each with a run that notices it."""


@pytest.mark.parametrize("mutant", FAULTS)
def test_a_fault_of_the_model_is_noticed(mutant):
    seed = FAULTS[mutant]
    with pytest.raises(ApartError):
        run(seed, config_of(seed), mutant)
