"""`planespec admit` applies mutating policies in the order and words of the API server."""

from typing import Any

import pytest
from commands import Commands
from test_admit import apply, ask, make, make_pod, mutate

from planespec.checker.errors import ExitCode


def bound(name: str, *mutations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    policy_, binding = mutate(*mutations, **more)
    policy_["metadata"]["name"] = binding["spec"]["policyName"] = name
    binding["metadata"]["name"] = f"{name}-b"
    return [policy_, binding]


def label(name: str, value: str = "'set'") -> dict[str, Any]:
    return apply(f"Object{{metadata: Object.metadata{{labels: {{'{name}': {value}}}}}}}")


def test_a_mutation_that_fails_leaves_what_the_others_of_its_policy_make(
    planespec: Commands,
) -> None:
    ignoring = bound("p", label("a"), apply("object.none"), label("c"), failurePolicy="Ignore")
    code, answer = ask(planespec, make_pod(), *ignoring)
    assert code == ExitCode.HOLDS
    assert answer["stored"]["metadata"]["labels"] == {"a": "set", "c": "set"}


def test_the_first_policy_that_fails_is_told_after_all_had_their_turn(planespec: Commands) -> None:
    failing = [*bound("p", apply("object.one")), *bound("q", apply("object.two"))]
    code, answer = ask(planespec, make_pod(), *failing)
    assert code == ExitCode.SAFETY
    assert answer["refusal"]["message"].startswith("policy 'p' with binding 'p-b' denied request")


def test_a_binding_that_cannot_be_used_is_forbidden_in_so_many_words(planespec: Commands) -> None:
    policy_, binding = bound("p", label("a"))
    policy_["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    binding["spec"]["paramRef"] = {"name": "most", "parameterNotFoundAction": "Deny"}
    other = make("ConfigMap", "other", "n", data={"most": "3"})
    code, answer = ask(planespec, make_pod(), policy_, binding, other)
    assert code == ExitCode.SAFETY
    assert answer["refusal"] == {
        "code": 403,
        "reason": "Forbidden",
        "message": "policy 'p' with binding 'p-b' denied request: failed to configure binding: "
        "no params found for policy binding with `Deny` parameterNotFoundAction",
    }


def test_which_policies_mean_an_object_is_decided_before_any_changes_it(
    planespec: Commands,
) -> None:
    second = bound("q", label("second"))
    second[0]["spec"]["matchConstraints"]["objectSelector"] = {"matchLabels": {"first": "set"}}
    code, answer = ask(planespec, make_pod(), *bound("p", label("first")), *second)
    assert code == ExitCode.HOLDS
    assert answer["stored"]["metadata"]["labels"] == {"first": "set"}


@pytest.mark.parametrize(("again", "seen"), [("IfNeeded", "yes"), ("Never", "no")])
def test_a_policy_is_applied_again_where_a_later_one_changed_the_object(
    planespec: Commands, again: str, seen: str
) -> None:
    look = "has(object.metadata.labels) && 'late' in object.metadata.labels ? 'yes' : 'no'"
    first = bound("p", label("saw", look), reinvocationPolicy=again)
    code, answer = ask(planespec, make_pod(), *first, *bound("q", label("late")))
    assert code == ExitCode.HOLDS
    assert answer["stored"]["metadata"]["labels"] == {"saw": seen, "late": "set"}


def test_each_parameter_of_a_binding_has_its_turn(planespec: Commands) -> None:
    change = apply(
        "Object{metadata: Object.metadata{labels: {params.metadata.name: params.data.most}}}"
    )
    policy_, binding = bound("p", change)
    policy_["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    binding["spec"]["paramRef"] = {"selector": {}, "parameterNotFoundAction": "Deny"}
    known = [make("ConfigMap", name, "n", data={"most": name}) for name in ("x", "y")]
    code, answer = ask(planespec, make_pod(), policy_, binding, *known)
    assert code == ExitCode.HOLDS
    assert answer["stored"]["metadata"]["labels"] == {"x": "x", "y": "y"}
