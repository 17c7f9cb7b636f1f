"""What access control promises: for each requirement what keeps it and what breaks it."""

from types import SimpleNamespace

import pytest

from planespec.spec.api.authorization import access_requirements as promised
from planespec.spec.requirement import Requirement

ALICE, BOB = "alice", "bob"
GIVEN = {ALICE: {"get"}, BOB: set[str]()}

CASES = [
    (
        promised.permissions_are_given_by_holders,
        SimpleNamespace(held={ALICE: {"get"}, BOB: set()}, given=GIVEN),
        SimpleNamespace(held={ALICE: {"get"}, BOB: {"get"}}, given=GIVEN),
    ),
    (
        promised.nobody_poses_without_permission,
        SimpleNamespace(poses=set(), may_pose={(ALICE, BOB)}),
        SimpleNamespace(poses={(BOB, ALICE)}, may_pose={(ALICE, BOB)}),
    ),
    (
        promised.what_is_done_was_authorized,
        SimpleNamespace(authorized={"get", "list"}, done={"get"}),
        SimpleNamespace(authorized={"get"}, done={"get", "create"}),
    ),
    (
        promised.credentials_go_where_the_request_goes,
        SimpleNamespace(shown_to={"node"}, meant_for={"node"}),
        SimpleNamespace(shown_to={"node", "stranger"}, meant_for={"node"}),
    ),
    (
        promised.nodes_do_not_mark_themselves,
        SimpleNamespace(marks={"label"}, assigned={"label", "taint"}),
        SimpleNamespace(marks={"label"}, assigned={"taint"}),
    ),
    (
        promised.nodes_read_for_their_pods_alone,
        SimpleNamespace(read={"secret"}, needed={"secret"}),
        SimpleNamespace(read={"secret"}, needed=set()),
    ),
]


@pytest.mark.parametrize(
    ("requirement", "kept", "broken"), CASES, ids=[case[0].name for case in CASES]
)
def test_it_is_kept_and_it_is_broken(
    requirement: Requirement, kept: SimpleNamespace, broken: SimpleNamespace
) -> None:
    assert requirement(kept)
    assert not requirement(broken)
