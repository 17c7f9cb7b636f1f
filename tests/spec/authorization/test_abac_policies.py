"""ABAC policy files in cases that no recording has."""

import json

import pytest

from planespec.reports.judge.apiserver.authz_judge import read_yaml
from planespec.spec.api.authorization.abac_policy import (
    AbacError,
    authorize_by_abac,
    load_policies,
)
from planespec.spec.api.authorization.access_request import AUTHENTICATED, Attributes, User

ANN = User("ann", ("dev", AUTHENTICATED))
PATH = Attributes(ANN, "get", path="/x", is_resource=False)
PODS = Attributes(ANN, "create", group="apps", resource="pods", namespace="a")


def load(*policies: object) -> list[str]:
    return [json.dumps(policy) for policy in policies]


def v1(**spec: object) -> dict[str, object]:
    version = "abac.authorization.kubernetes.io/v1beta1"
    return {"apiVersion": version, "kind": "Policy", "spec": spec}


def allows(request: Attributes, *policies: object) -> bool:
    return authorize_by_abac(load_policies(load(*policies), "f", read_yaml), request).allows


def test_a_line_without_version_gives_everything_that_it_does_not_name() -> None:
    assert allows(PODS, {})
    assert allows(PATH, {"user": "ann"})
    assert not allows(PATH, {"user": "ann", "namespace": "a"})
    assert not allows(PATH, {"user": "ann", "resource": "pods"})
    assert allows(PODS, {"user": "ann", "resource": "pods"})
    assert not allows(PODS, {"readonly": True})
    assert not allows(PODS, {"user": "bob"})
    assert allows(PODS, {"apiVersion": "abac.authorization.kubernetes.io/v0", "user": "ann"})


def test_a_star_for_user_or_group_is_everybody_who_is_authenticated() -> None:
    everything = {"apiGroup": "*", "resource": "*", "namespace": "*"}
    stranger = Attributes(User("x", ("system:unauthenticated",)), "get", resource="pods")
    for names in ({"user": "*"}, {"group": "*"}, {"user": "bob", "group": "*"}):
        assert allows(PODS, v1(**names, **everything))
        assert not allows(stranger, v1(**names, **everything))
        assert allows(PODS, {**names})
    assert not allows(PODS, v1(**everything))


def test_user_and_group_must_both_match_where_both_are_named() -> None:
    everything = {"apiGroup": "*", "resource": "*", "namespace": "*"}
    assert allows(PODS, v1(user="ann", group="dev", **everything))
    assert not allows(PODS, v1(user="ann", group="ops", **everything))
    assert not allows(PODS, v1(user="bob", group="dev", **everything))


def test_empty_texts_match_empty_ones_only() -> None:
    cluster_wide = Attributes(ANN, "get", resource="nodes")
    assert allows(cluster_wide, v1(user="ann", resource="nodes"))
    assert not allows(PODS, v1(user="ann", resource="pods", apiGroup="apps"))
    assert allows(PODS, v1(user="ann", resource="pods", apiGroup="apps", namespace="a"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        ("{x}", "invalid character 'x' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ('{"a":[1 2]}', "invalid character '2' after array element"),
        ("{} x", "invalid character 'x' after top-level value"),
        ('{"a":x}', "invalid character 'x' looking for beginning of value"),
        ('{"a":"b', "unexpected end of JSON input"),
        ('{"apiVersion":"v2","kind":"Policy"}', 'no kind "Policy" is registered for version "v2"'),
        ('{"kind":"Role"}', 'no kind "Role" is registered for version "abac.authorization'),
        (
            '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","spec":{}}',
            "converting (v1beta1.Policy) to (v0.Policy): unknown conversion",
        ),
        ('{"user":1}', "user: must be a string"),
        (
            "nonsense",
            "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go "
            r'value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; '
            r'Kind string "json:\"kind,omitempty\"" }',
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, message: str) -> None:
    with pytest.raises(AbacError) as error:
        load_policies(["# comment", "", line], "policy.jsonl", read_yaml)
    assert str(error.value).startswith(f"error reading policy file policy.jsonl, line 3: {line}: ")
    assert message in str(error.value)


def test_a_line_that_begins_with_no_brace_is_yaml() -> None:
    (policy,) = load_policies(["user: ann"], "f", read_yaml)
    assert authorize_by_abac([policy], PODS).allows
    (policy,) = load_policies(["null"], "f", read_yaml)
    assert authorize_by_abac([policy], PATH).allows
    for value, form in ((["a"], "array"), (17, "number"), (True, "bool")):
        with pytest.raises(AbacError, match=f"json: cannot unmarshal {form} into Go value of"):
            load_policies(["x"], "f", lambda _, value=value: value)
