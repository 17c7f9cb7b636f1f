"""The hash that a revision of a StatefulSet is named after."""

from typing import Any

import pytest

from planespec.spec.controllers.apps.revision_history import (
    encode_safely,
    hash_template,
    print_json,
)
from planespec.spec.fnv import hash_fnv1


@pytest.mark.parametrize(("image", "known"), [("v1", "67fd479774"), ("v2", "5ff79d6f4f")])
def test_a_template_has_the_hash_that_a_controller_gave_it(image: str, known: str) -> None:
    container: Any = {"image": image, "name": "c"}
    template: Any = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
    assert hash_template(template, 0) == known
    assert hash_template(template, 1) != known
    container["resources"] = {}
    assert hash_template(template, 0) == known
    container["resources"] = {"limits": {"cpu": "1"}}
    assert hash_template(template, 0) != known


def test_what_go_writes_though_it_is_empty_counts() -> None:
    claim: Any = {"spec": {"accessModes": ["ReadWriteOnce"]}}
    volume = {"name": "v", "ephemeral": {"volumeClaimTemplate": claim}}
    bare = {"spec": {"initContainers": [{"name": "i"}], "volumes": [volume, {"name": "w"}]}}
    whole: Any = {"metadata": {}, "spec": {**bare["spec"]}}
    whole["spec"]["initContainers"] = [{"name": "i", "resources": {}}]
    full = {"metadata": {}, "spec": {**claim["spec"], "resources": {}}}
    whole["spec"]["volumes"] = [
        {"name": "v", "ephemeral": {"volumeClaimTemplate": full}},
        {"name": "w"},
    ]
    assert hash_template(bare, 0) == hash_template(whole, 0)


def test_json_is_written_as_go_writes_it() -> None:
    value = {"b": ["<&>\u2028", True, None, 2**53 + 1, 2**63 - 1], "a": "\u00e9"}
    assert print_json(value) == (
        '{"a":"\u00e9","b":["\\u003c\\u0026\\u003e\\u2028",'
        "true,null,9007199254740992,9223372036854776000]}"
    )


def test_hashes_are_those_of_the_definition() -> None:
    """The vectors are those of draft-eastlake-fnv."""
    assert hash_fnv1(b"") == 0x811C9DC5
    assert hash_fnv1(b"a") == 0x050C5D7E
    assert hash_fnv1(b"foobar") == 0x31F0B262
    assert encode_safely("0123456789") == "456789bcdf"
