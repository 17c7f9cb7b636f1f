"""The membership algebra: safety between neighbours, and a twin that keeps only roles."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.raft.confchange import (
    ChangeKind,
    ChangeRefusedError,
    Configuration,
    Membership,
    SingleChange,
    change_simply,
    enter_joint,
    find_broken_invariants,
    get_members,
    get_voters,
    leave_joint,
)
from planespec.spec.raft.quorum import VoteResult, compute_joint_vote

changes = st.lists(
    st.builds(SingleChange, st.sampled_from(ChangeKind), st.integers(0, 5)), max_size=5
)
operations = st.lists(
    st.tuples(st.sampled_from(["simple", "enter-joint", "leave-joint"]), changes, st.booleans()),
    max_size=8,
)
START = change_simply(
    Membership(), [SingleChange(ChangeKind.ADD_VOTER, 1)], last_index=0, max_inflight=1
)


def carry_out(members, operation, last_index=7):
    name, singles, auto_leave = operation
    if name == "leave-joint":
        return leave_joint(members)
    if name == "simple":
        return change_simply(members, singles, last_index=last_index, max_inflight=1)
    return enter_joint(
        members, singles, auto_leave=auto_leave, last_index=last_index, max_inflight=1
    )


def walk(todo):
    """Yield neighbours (before, operation, after), passing over refused operations."""
    members = START
    for operation in todo:
        try:
            after = carry_out(members, operation)
        except ChangeRefusedError:
            continue
        yield members, operation, after
        members = after


def quorums(configuration):
    voters = sorted(get_voters(configuration))
    for size in range(len(voters) + 1):
        for group in combinations(voters, size):
            votes = {voter: voter in group for voter in voters}
            halves = (configuration.voters, configuration.outgoing)
            if compute_joint_vote(*halves, votes) is VoteResult.WON:
                yield set(group)


@given(operations)
def test_any_quorum_meets_any_quorum_of_the_next_configuration(todo):
    for before, _, after in walk(todo):
        for old in quorums(before.configuration):
            assert all(old & new for new in quorums(after.configuration))


@given(operations)
def test_voters_learners_and_progress_stay_consistent(todo):
    for _, _, after in walk(todo):
        assert list(find_broken_invariants(after)) == []
        assert set(after.progress) == get_members(after.configuration)


@given(operations)
def test_a_change_repeated_in_the_same_step_changes_nothing_more(todo):
    for before, (name, singles, auto_leave), after in walk(todo):
        twice = (name, [*singles, *singles], auto_leave)
        if name != "leave-joint":
            repeated = carry_out(before, twice).configuration
            last = {single.node: single.kind for single in singles}
            if len(last) == len(singles):
                assert repeated == after.configuration


def apply_roles(roles, singles):
    """The naive twin: each node has one role in the new configuration, the last one given."""
    for single in singles:
        if single.node and single.kind is ChangeKind.REMOVE:
            roles.pop(single.node, None)
        elif single.node and single.kind is not ChangeKind.UPDATE:
            roles[single.node] = single.kind
    return roles


def as_configuration(roles, outgoing, auto_leave):
    learners = {node for node, kind in roles.items() if kind is ChangeKind.ADD_LEARNER}
    return Configuration(
        voters=frozenset(roles) - learners,
        outgoing=frozenset(outgoing),
        learners=frozenset(learners - outgoing),
        learners_next=frozenset(learners & outgoing),
        auto_leave=auto_leave,
    )


@given(operations)
def test_the_algebra_agrees_with_a_twin_that_keeps_one_role_for_each_node(todo):
    roles = {1: ChangeKind.ADD_VOTER}
    outgoing: frozenset[int] = frozenset()
    for before, (name, singles, auto_leave), after in walk(todo):
        if name == "enter-joint":
            outgoing = before.configuration.voters
        if name == "leave-joint":
            outgoing = frozenset()
        else:
            roles = apply_roles(roles, singles)
        joint_leave = auto_leave and name == "enter-joint"
        assert after.configuration == as_configuration(roles, outgoing, joint_leave)


@given(operations)
def test_a_member_keeps_its_progress_through_every_change_of_its_role(todo):
    for before, (_, singles, _), after in walk(todo):
        removed = {single.node for single in singles if single.kind is ChangeKind.REMOVE}
        for node in before.progress.keys() & after.progress.keys() - removed:
            assert before.progress[node].next == after.progress[node].next


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (("leave-joint", [], False), "can't leave a non-joint config"),
        (("simple", [SingleChange(ChangeKind.REMOVE, 1)], False), "removed all voters"),
        (("enter-joint", [SingleChange(ChangeKind.ADD_LEARNER, 1)], False), "removed all voters"),
    ],
)
def test_a_refusal_says_why_in_the_words_of_the_library(operation, refusal):
    with pytest.raises(ChangeRefusedError, match=refusal):
        carry_out(START, operation)


def test_an_empty_configuration_cannot_become_joint():
    with pytest.raises(ChangeRefusedError, match="can't make a zero-voter config joint"):
        carry_out(Membership(), ("enter-joint", [], False))


def test_a_joint_configuration_takes_no_other_change():
    joint = carry_out(START, ("enter-joint", [], True))
    with pytest.raises(ChangeRefusedError, match="config is already joint"):
        carry_out(joint, ("enter-joint", [], False))
    with pytest.raises(ChangeRefusedError, match="can't apply simple config change"):
        carry_out(joint, ("simple", [], False))


def test_a_corrupt_membership_is_named():
    lost = Membership(Configuration(voters=frozenset({1})), {})
    assert list(find_broken_invariants(lost)) == ["no progress for 1"]
    staged = Configuration(
        voters=frozenset({1}),
        learners=frozenset({1}),
        learners_next=frozenset({1}),
        auto_leave=True,
    )
    assert list(find_broken_invariants(Membership(staged, START.progress))) == [
        "1 is marked as learner in one place only",
        "1 is in LearnersNext, but not Voters[1]",
        "1 is in Learners and Voters[0]",
        "AutoLeave must be false when not joint",
    ]
