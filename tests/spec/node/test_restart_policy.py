"""Rules, the container's policy and the pod's decide in this order whether it starts again."""

import pytest

from planespec.spec.node.lifecycle.restart_policy import (
    find_restart_action,
    restarts_all,
    should_restart,
)
from planespec.spec.objects.core_views import Container


def make_rule(action: str, operator: str, *codes: int) -> dict[str, object]:
    return {"action": action, "exitCodes": {"operator": operator, "values": list(codes)}}


def make_container(policy: str = "", *rules: dict[str, object]) -> Container:
    fields: dict[str, object] = {"name": "a", "restartPolicyRules": list(rules)}
    return Container({**fields, "restartPolicy": policy} if policy else fields)


@pytest.mark.parametrize(
    ("own", "pods", "after_0", "after_1"),
    [
        ("", "Always", True, True),
        ("", "OnFailure", False, True),
        ("", "Never", False, False),
        ("", "", True, True),
        ("Always", "Never", True, True),
        ("OnFailure", "Never", False, True),
        ("Never", "Always", False, False),
        ("Sometimes", "Never", False, False),
    ],
)
def test_a_policy_of_its_own_goes_before_the_pods(
    own: str, pods: str, after_0: bool, after_1: bool
) -> None:
    container = make_container(own)
    found = (should_restart(container, pods, 0), should_restart(container, pods, 1))
    assert found == (after_0, after_1)


def test_the_first_rule_that_fits_decides() -> None:
    container = make_container(
        "Never", make_rule("RestartAllContainers", "In", 42), make_rule("Restart", "NotIn", 1, 2)
    )
    assert [find_restart_action(container, code) for code in (42, 1, 2, 3)] == [
        *("RestartAllContainers", "", "", "Restart"),
    ]
    assert [should_restart(container, "Always", code) for code in (42, 1, 3)] == [
        *(True, False, True),
    ]
    assert [restarts_all(container, code) for code in (42, 3)] == [True, False]


def test_a_rule_without_a_policy_of_its_own_does_not_restart_but_may_restart_all() -> None:
    container = make_container("", make_rule("Restart", "In", 1))
    assert not should_restart(container, "Never", 1)
    assert restarts_all(make_container("", make_rule("RestartAllContainers", "In", 1)), 1)


def test_a_rule_without_codes_or_with_another_operator_never_fits() -> None:
    container = make_container(
        "Never", {"action": "Restart"}, make_rule("Restart", "Exists", 1), make_rule("x", "In", 1)
    )
    assert find_restart_action(container, 1) == "x"
