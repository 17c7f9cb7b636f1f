"""Quotas count and refuse each kind as upstream's evaluators do."""

from typing import Any

import pytest

from planespec.spec.admission.quota_evaluators import charge, find_evaluator, list_refusals
from planespec.spec.admission.resource_quota import Quota, read_quota
from planespec.spec.objects import View


def make_quota(
    hard: dict[str, str], used: dict[str, str] | None = None, name: str = "q", **spec: Any
) -> Quota:
    data = {"metadata": {"name": name}, "spec": {"hard": hard, **spec}}
    return read_quota({**data, "status": {"used": used or {}}})


def count(resource: str, data: dict[str, Any], *names: str, **spec: Any) -> dict[str, str]:
    quota = make_quota(dict.fromkeys(names, "100Gi"), dict.fromkeys(names, "0"), **spec)
    (after,) = charge(find_evaluator(resource), View(data), [quota])
    return {name: str(amount) for name, amount in after.used.items()}


def service(kind: str, *ports: dict[str, int], **more: Any) -> dict[str, Any]:
    return {"spec": {"type": kind, "ports": list(ports), **more}}


@pytest.mark.parametrize(
    ("data", "ports", "balancers"),
    [
        (service("ClusterIP", {"port": 1}), "0", "0"),
        (service("NodePort", {"port": 1}, {"port": 2}), "2", "0"),
        (service("LoadBalancer", {"port": 1}), "1", "1"),
        (
            service(
                "LoadBalancer",
                {"port": 1},
                {"port": 2, "nodePort": 30000},
                allocateLoadBalancerNodePorts=False,
            ),
            "1",
            "1",
        ),
    ],
)
def test_services_count_the_ports_they_will_get(data: Any, ports: str, balancers: str) -> None:
    names = ("services.nodeports", "services.loadbalancers", "services")
    used = count("services", data, *names)
    assert used == dict(zip(names, (ports, balancers, "1"), strict=True))


def test_other_kinds_are_counted_by_name_and_some_by_an_old_one() -> None:
    assert count("configmaps", {}, "configmaps", "count/configmaps") == {
        "configmaps": "1",
        "count/configmaps": "1",
    }
    assert count("jobs.batch", {}, "count/jobs.batch", "jobs") == {
        "count/jobs.batch": "1",
        "jobs": "0",
    }


@pytest.mark.parametrize(("scope", "counted"), [(None, "1"), ("Terminating", "0")])
def test_a_quota_with_scopes_counts_only_what_has_scopes(scope: Any, counted: str) -> None:
    spec = {} if scope is None else {"scopes": [scope]}
    assert count("secrets", {}, "secrets", **spec) == {"secrets": counted}


def claim(size: str, **more: str) -> dict[str, Any]:
    return {"spec": {"resources": {"requests": {"storage": size}}, **more}}


def test_claims_count_whole_bytes_for_their_class() -> None:
    name = "gold.storageclass.storage.k8s.io/requests.storage"
    used = count("persistentvolumeclaims", claim("1500m", storageClassName="gold"), name)
    assert used == {name: "2"}


@pytest.mark.parametrize(("given", "counted"), [("a", "1"), ("b", "0"), ("", "0")])
def test_claims_have_a_scope_by_attributes_class(given: str, counted: str) -> None:
    values = {"scopeName": "VolumeAttributesClass", "operator": "In", "values": ["a"]}
    selector = {"matchExpressions": [values]}
    data = claim("1", volumeAttributesClassName=given)
    used = count("persistentvolumeclaims", data, "persistentvolumeclaims", scopeSelector=selector)
    assert used == {"persistentvolumeclaims": counted}


def pod(**resources: Any) -> View:
    return View({"spec": {"containers": [{"name": "c", "resources": resources}]}})


def test_what_has_to_be_stated_is_asked_of_every_quota_before_any_is_exceeded() -> None:
    full = make_quota({"pods": "0"}, name="full")
    strict = make_quota({"limits.cpu": "1"}, name="strict")
    said = list_refusals(find_evaluator("pods"), pod(), [full, strict])
    assert said == ["failed quota: strict: must specify limits.cpu for: c"]


def test_each_quota_that_is_exceeded_may_be_told() -> None:
    quotas = [make_quota({"pods": "0"}, name=name) for name in ("a", "b")]
    said = list_refusals(find_evaluator("pods"), pod(), quotas)
    assert [each.split(",")[0] for each in said] == ["exceeded quota: a", "exceeded quota: b"]


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("requests.example.com/gpu", True),
        ("limits.example.com/gpu", False),
        ("requests.hugepages-2Mi", True),
        ("limits.hugepages-2Mi", False),
        ("requests.kubernetes.io/a", False),
        ("requests.storage", False),
    ],
)
def test_a_quota_speaks_of_pods_by_the_names_it_bounds(name: str, speaks: bool) -> None:
    assert find_evaluator("pods").bounds(name) == speaks
