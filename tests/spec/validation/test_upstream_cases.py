"""Values that upstream's own unit tests accept and refuse.

Source: `pkg/apis/autoscaling/validation/validation_test.go` (ConfigurableTolerance) and
`pkg/apis/core/validation/validation_test.go` (TestValidateAppArmorProfileFormat).
"""

from typing import Any

import pytest

from planespec.spec.objects import ObjectMeta, View
from planespec.spec.validation.object_rules import validate_object
from planespec.spec.validation.pod.annotation_rules import validate_pod_annotations

POLICIES = [{"type": "Pods", "value": 1, "periodSeconds": 1800}]
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def judge_tolerance(value: Any) -> list[str]:
    rules = {"policies": POLICIES, "tolerance": value}
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "a", "namespace": "default"},
        "spec": {"scaleTargetRef": TARGET, "maxReplicas": 5, "behavior": {"scaleUp": rules}},
    }
    return [f"{each.field}: {each.message}" for each in validate_object(autoscaler)]


@pytest.mark.parametrize("value", ["0.1", "10", "0", "100m", "1m", 0, 2])
def test_a_tolerance_is_any_amount_from_zero(value: Any) -> None:
    assert judge_tolerance(value) == []


@pytest.mark.parametrize("value", ["-0.001", "-10m", -1])
def test_a_tolerance_below_zero_is_refused(value: Any) -> None:
    [said] = judge_tolerance(value)
    assert said.startswith("spec.behavior.scaleUp.tolerance: Invalid value: ")
    assert said.endswith("must be greater or equal to zero")


def judge_profile(profile: str) -> list[str]:
    key = "container.apparmor.security.beta.kubernetes.io/ctr"
    meta = ObjectMeta({"name": "p", "annotations": {key: profile}}, "metadata")
    spec = View({"containers": [{"name": "ctr", "image": "i"}]}, "spec")
    return [each.message for each in validate_pod_annotations(meta, spec)]


@pytest.mark.parametrize(
    "profile",
    ["", "runtime/default", "unconfined", "localhost//usr/sbin/ntpd", "localhost/foo-bar"],
)
def test_a_profile_of_the_runtime_of_the_node_or_none_is_one(profile: str) -> None:
    assert judge_profile(profile) == []


@pytest.mark.parametrize("profile", ["baz", "bad-name", "runtime/foo"])
def test_any_other_profile_is_refused(profile: str) -> None:
    [said] = judge_profile(profile)
    assert said.endswith(f'invalid AppArmor profile name: "{profile}"')
