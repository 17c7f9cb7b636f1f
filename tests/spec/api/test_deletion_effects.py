"""What a deletion makes of an object: marked, marked and gone, gone, or left as it is."""

import pytest

from planespec.spec.api.deletion import DeleteOptions
from planespec.spec.api.graceful_deletion import Json, delete_object

NOW, DUE = "2026-12-01T00:00:00Z", "2026-12-01T00:00:30Z"
RUNNING = {"spec": {"nodeName": "n", "terminationGracePeriodSeconds": 30}}
MARKED = {"deletionTimestamp": DUE, "deletionGracePeriodSeconds": 30}

OVER = {"deletionTimestamp": NOW, "deletionGracePeriodSeconds": 0}
"""A pod whose removal failed after it was marked."""


@pytest.mark.parametrize(
    ("meta", "options", "is_graceful", "left", "is_stored", "is_gone"),
    [
        ({}, DeleteOptions(), True, MARKED, True, False),
        ({}, DeleteOptions(grace=0), True, {"deletionTimestamp": NOW}, True, True),
        (MARKED, DeleteOptions(), True, MARKED, False, False),
        (OVER, DeleteOptions(), True, OVER, False, True),
        ({}, DeleteOptions(), False, {}, False, True),
        ({"finalizers": ["x"]}, DeleteOptions(), False, {"finalizers": ["x"]}, True, False),
        ({"finalizers": ["orphan"]}, DeleteOptions(policy="Background"), False, {}, False, True),
    ],
)
def test_a_deletion_leaves(
    meta: Json,
    options: DeleteOptions,
    is_graceful: bool,
    left: Json,
    is_stored: bool,
    is_gone: bool,
) -> None:
    old = {**RUNNING, "metadata": {"name": "a", **meta}}
    found = delete_object(old, options, NOW, is_graceful=is_graceful)
    assert (found.is_stored, found.is_gone) == (is_stored, is_gone)
    assert found.data["metadata"].items() >= left.items()
    assert ("finalizers" in found.data["metadata"]) == ("finalizers" in left)
    assert old["metadata"] == {"name": "a", **meta}
