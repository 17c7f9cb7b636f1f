"""Each part of the Raft model runs with few others: something is reached, something holds.

A mutant that breaks the part is noticed there, too, so that what holds does not hold for nothing.
"""

import pytest

from planespec.checker.budget import Options
from planespec.checker.errors import ConfigurationError, LanguageError
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.model.raft.etcd import EtcdRaft, alone
from planespec.model.raft.etcd.elections import Elections
from planespec.model.raft.etcd.servers import Servers
from planespec.model.raft.etcd.state import State

COMPOSED: list[type[Model]] = [
    model
    for model in vars(alone).values()
    if isinstance(model, type) and issubclass(model, Model) and model.instances
]
EXPECTED = {
    ("Voting", "small"): (381, "two_leaders_at_once"),
    ("Voting", "pre-vote"): (393, "pre_vote_won"),
    ("Replicating", "small"): (158, "entry_committed_everywhere"),
    ("Replicating", "network"): (282, "entry_committed_everywhere"),
    ("Changing", "small"): (225, "membership_changed"),
    ("Changing", "joint"): (3074, "joint_left"),
    ("Compacting", "small"): (113, "logs_compacted"),
    ("Reading", "small"): (2949, "reads_answered"),
    ("Checking", "small"): (1892, "leader_steps_down_in_its_term"),
    ("Checking", "clocks"): (4153, "leader_steps_down_in_its_term"),
    ("HandingOver", "small"): (168, "successor_campaigns"),
    ("Crashing", "small"): (434, "entry_not_durable"),
    ("Sending", "small"): (863, "message_repeated"),
    ("Taking", "small"): (247, "logs_compacted"),
}
"""Distinct states, and what is reached."""
LARGER = {"max_log": 2, "candidates": 2}
FAULTS = [
    (alone.Voting, {"max_log": 1}, "vote_twice", "RAFT-1"),
    (
        alone.Replicating,
        {"servers": 2, "voters": 2, "max_term": 1, "max_msgs": 2},
        "match_falls",
        "RAFT-15",
    ),
    (alone.Changing, {"changes": 2, "removals": True, "max_log": 3}, "v2_not_pending", "RAFT-17"),
    (alone.Reading, {"reads": 1, **LARGER}, "read_unconfirmed", "RAFT-23"),
    (alone.Crashing, {"restarts": True, "max_log": 1}, "restart_forgets_vote", "RAFT-1"),
    (
        alone.Crashing,
        {"restarts": True, "writes": True, "max_log": 1},
        "vote_before_write",
        "RAFT-13",
    ),
]
"""Constants with which a fault of the part breaks what the part promises."""


QUICK_STATES = 1_500
"""The reference engine takes seconds for more."""
RUNS = [
    pytest.param(*each, marks=[pytest.mark.slow] if states > QUICK_STATES else [])
    for each, (states, _) in EXPECTED.items()
]


@pytest.mark.parametrize(("model", "name"), RUNS)
def test_a_part_runs_without_the_others(model: str, name: str) -> None:
    """On the reference engine: all it promises holds, and what it is for is reached."""
    chosen: type[Model] = getattr(alone, model)
    constants = next(n.constants for n in chosen.instances if n.name == name)
    outcome = check(Instance(chosen, constants), "python", Options())
    distinct, reached = EXPECTED[model, name]
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.statistics.distinct == distinct
    assert outcome.reached[reached] is not None
    assert Instance(chosen, constants).requirements


@pytest.mark.sample(2)
@pytest.mark.parametrize(("model", "constants", "fault", "requirement"), FAULTS)
def test_a_part_keeps_its_promise_only_without_its_fault(
    model: type[Model], constants: dict[str, int], fault: str, requirement: str
) -> None:
    options = Options(workers=2, requirements=(requirement,))
    violation = check(Instance(model, constants, fault), "native", options).violation
    assert violation is not None
    assert violation.property == requirement
    assert check(Instance(model, constants), "native", options).verdict is Verdict.HOLDS


def test_every_composition_is_run() -> None:
    named = {(model.__name__, n.name) for model in COMPOSED for n in model.instances}
    assert named == set(EXPECTED)


def test_every_part_of_raft_is_in_a_composition_without_another_part() -> None:
    """So that no part needs all the others; liberties are taken with what they go beyond."""
    parts = set(EtcdRaft.__bases__)
    for part in parts:
        assert any(part in model.__bases__ and parts - set(model.__bases__) for model in COMPOSED)


def test_parts_stand_side_by_side_on_what_they_share() -> None:
    assert {part.__bases__ for part in EtcdRaft.__bases__} == {(Servers,)}
    assert Servers.__bases__ == (State,)


def test_a_part_has_no_constant_of_another_part() -> None:
    """What it would ignore it refuses."""
    with pytest.raises(ConfigurationError, match="no constant 'adds'"):
        Instance(alone.Voting, {"adds": True})


def test_who_sends_needs_a_network() -> None:
    with pytest.raises(LanguageError, match="send"):
        Instance(Elections)
