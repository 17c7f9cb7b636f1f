"""The claims of a StatefulSet: who owns them by its policy, and who is left alone."""

from typing import Any

import pytest

from planespec.spec.controllers.apps.stateful_claims import (
    ClaimOwners,
    ClaimPolicy,
    Owner,
    read_claim_policy,
)
from planespec.spec.objects.view import ApiObject, View

SET, POD = Owner("apps/v1", "StatefulSet", "s", "u"), Owner("v1", "Pod", "s-0", "p0")
OWN, PODS = SET.make_reference(), POD.make_reference()
OTHER = {"apiVersion": "v1", "kind": "X", "name": "x", "uid": "x", "controller": True}
WITNESS = OTHER | {"controller": False, "uid": "w"}


def make_claim(ordinal: int, *owners: Any, **meta: Any) -> ApiObject:
    """The claim `data` of a pod."""
    found = {"name": f"data-s-{ordinal}", "ownerReferences": list(owners)}
    return ApiObject({"metadata": found | meta})


def make_owners(with_set: bool, with_pod: bool, condemned: bool) -> ClaimOwners:
    """The owners of the claim of s-0."""
    return ClaimOwners(ClaimPolicy(with_set, with_pod), SET, POD, condemned)


@pytest.mark.parametrize(
    ("policy", "references"),
    [
        ((False, False, False), []),
        ((False, False, True), []),
        ((True, False, False), [OWN]),
        ((True, False, True), [OWN]),
        ((False, True, False), []),
        ((False, True, True), [PODS]),
        ((True, True, False), [OWN]),
        ((True, True, True), [PODS]),
    ],
)
def test_a_claim_goes_with_the_set_or_with_a_pod_that_is_too_many(
    policy: tuple[bool, bool, bool], references: list[Any]
) -> None:
    owners = make_owners(*policy)
    for before in ([], [OWN], [PODS], [OWN, PODS]):
        claim = make_claim(0, WITNESS, *before)
        assert owners.list_references(claim) == [WITNESS, *references]
        assert owners.is_up_to_date(claim) == (before == references)


def test_a_claim_of_an_earlier_owner_is_left_alone() -> None:
    owners = make_owners(True, True, False)
    for stale in (OWN | {"uid": "old"}, PODS | {"uid": "old"}):
        assert owners.is_up_to_date(make_claim(0, stale))


def test_a_claim_that_somebody_else_controls_gets_no_owner_and_loses_ours() -> None:
    owners = make_owners(True, False, False)
    assert owners.is_up_to_date(make_claim(0, OTHER))
    shared = make_claim(0, OTHER, OWN)
    assert not owners.is_up_to_date(shared)
    assert owners.list_references(shared) == [OTHER]
    kept = make_owners(False, False, False)
    assert kept.is_up_to_date(make_claim(0, OTHER))
    assert not kept.is_up_to_date(shared)


def test_an_owner_that_does_not_control_is_made_to() -> None:
    weak = {name: value for name, value in OWN.items() if name != "controller"}
    owners = make_owners(True, False, False)
    assert not owners.is_up_to_date(make_claim(0, weak))
    assert owners.list_references(make_claim(0, weak)) == [OWN]


def test_without_a_policy_claims_are_kept() -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    found = read_claim_policy(View({"persistentVolumeClaimRetentionPolicy": policy}))
    assert found == ClaimPolicy(goes_with_set=False, goes_with_pod=True)
    assert read_claim_policy(View({})) == ClaimPolicy(goes_with_set=False, goes_with_pod=False)
