"""Effective requests and limits follow KEP-753 and KEP-2837."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.objects import Pod
from planespec.spec.pods.pod_admission import default_pod_resources
from planespec.spec.pods.resources import (
    NON_ZERO_REQUESTS,
    compute_pod_limits,
    compute_pod_requests,
    has_pod_level_resources,
    merge_maximum,
)
from planespec.spec.quantity import ZERO, Quantity

cpus = st.sampled_from(["0", "10m", "100m", "250m", "1", "2500m"])
resource_lists = st.dictionaries(st.sampled_from(["cpu", "memory", "hugepages-2Mi"]), cpus)


def container(
    requests: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
    *,
    name: str = "c",
    sidecar: bool = False,
) -> dict[str, object]:
    """A container as plain JSON."""
    data: dict[str, object] = {"name": name, "resources": {"requests": requests or {}}}
    data["resources"] = {"requests": requests or {}, "limits": limits or {}}
    return data | ({"restartPolicy": "Always"} if sidecar else {})


containers = st.builds(container, resource_lists, resource_lists)
init_containers = st.builds(container, resource_lists, resource_lists, sidecar=st.booleans())


def pod(regular: list[object], init: list[object] | None = None, **spec: object) -> Pod:
    """A pod of these containers."""
    return Pod({"spec": {"containers": regular, "initContainers": init or [], **spec}})


def printed(resources: Mapping[str, Quantity]) -> dict[str, str]:
    """The quantities as text."""
    return {name: str(quantity) for name, quantity in resources.items()}


def test_containers_add_up() -> None:
    both = pod([container({"cpu": "100m"}), container({"cpu": "250m", "memory": "1Gi"})])
    assert printed(compute_pod_requests(both)) == {"cpu": "350m", "memory": "1Gi"}


def test_an_init_container_raises_the_sum_only_above_it() -> None:
    small, large = container({"cpu": "50m"}), container({"cpu": "2"})
    regular = [container({"cpu": "1"})]
    assert printed(compute_pod_requests(pod(regular, [small]))) == {"cpu": "1"}
    assert printed(compute_pod_requests(pod(regular, [large, small]))) == {"cpu": "2"}


def test_a_sidecar_counts_beside_the_containers() -> None:
    one = pod([container({"cpu": "1"})], [container({"cpu": "100m"}, sidecar=True)])
    assert printed(compute_pod_requests(one)) == {"cpu": "1100m"}


def test_an_init_container_runs_beside_the_sidecars_before_it_only() -> None:
    sidecar = container({"cpu": "1"}, sidecar=True)
    init, regular = container({"cpu": "2"}), [container({"cpu": "100m"})]
    assert printed(compute_pod_requests(pod(regular, [sidecar, init]))) == {"cpu": "3"}
    assert printed(compute_pod_requests(pod(regular, [init, sidecar]))) == {"cpu": "2"}


def test_overhead_adds_to_requests_and_to_limits_that_exist() -> None:
    one = pod([container({"cpu": "1"}, {"cpu": "2"})], overhead={"cpu": "10m", "memory": "1Mi"})
    assert printed(compute_pod_requests(one)) == {"cpu": "1010m", "memory": "1Mi"}
    assert printed(compute_pod_limits(one)) == {"cpu": "2010m"}
    assert printed(compute_pod_requests(one, with_overhead=False)) == {"cpu": "1"}


def test_resources_of_the_pod_replace_those_of_its_containers() -> None:
    whole = {"requests": {"cpu": "3", "example.com/gpu": "1"}, "limits": {"memory": "4Gi"}}
    one = pod([container({"cpu": "1", "memory": "1Gi"}, {"cpu": "2"})], resources=whole)
    assert printed(compute_pod_requests(one)) == {"cpu": "3", "memory": "1Gi"}
    assert printed(compute_pod_limits(one)) == {"cpu": "2", "memory": "4Gi"}
    assert printed(compute_pod_requests(one, with_pod_level=False))["cpu"] == "1"
    assert has_pod_level_resources(one)
    assert not has_pod_level_resources(pod([], resources={"requests": {"example.com/gpu": "1"}}))


def test_what_a_container_does_not_request_is_assumed() -> None:
    one = pod([container({"cpu": "0"}), container({"memory": "1Mi"})])
    assumed = compute_pod_requests(one, non_missing=NON_ZERO_REQUESTS)
    assert printed(assumed) == {"cpu": "100m", "memory": "201Mi"}


def status(name: str, requests: dict[str, str], allocated: dict[str, str]) -> dict[str, object]:
    """The status of a container in a resize."""
    return {"name": name, "resources": {"requests": requests}, "allocatedResources": allocated}


def test_a_resize_in_progress_holds_the_greatest_of_all_amounts() -> None:
    data = pod([container({"cpu": "1"})]).data
    statuses = {"containerStatuses": [status("c", {"cpu": "2"}, {"cpu": "3"})]}
    resized = Pod({**data, "status": statuses})
    assert printed(compute_pod_requests(resized, use_status=True)) == {"cpu": "3"}
    assert printed(compute_pod_requests(resized)) == {"cpu": "1"}


def test_an_infeasible_resize_does_not_count_the_wish() -> None:
    data = pod([container({"cpu": "9"})]).data
    statuses = {
        "containerStatuses": [status("c", {"cpu": "2"}, {"cpu": "1"})],
        "conditions": [{"type": "PodResizePending", "reason": "Infeasible"}],
    }
    refused = Pod({**data, "status": statuses})
    assert printed(compute_pod_requests(refused, use_status=True)) == {"cpu": "2"}


@pytest.mark.parametrize(
    "conditions",
    [[], [{"type": "PodResizePending", "reason": "Deferred"}]],
    ids=["none", "deferred"],
)
def test_the_wish_counts_as_long_as_the_node_may_grant_it(
    conditions: list[dict[str, str]],
) -> None:
    data = pod([container({"cpu": "9"})]).data
    statuses = [status("c", {"cpu": "2"}, {"cpu": "1"})]
    asked = Pod({**data, "status": {"containerStatuses": statuses, "conditions": conditions}})
    assert printed(compute_pod_requests(asked, use_status=True)) == {"cpu": "9"}


@given(st.lists(containers, max_size=3), st.lists(init_containers, max_size=3))
def test_the_pod_never_needs_less_than_one_of_its_containers(
    regular: list[object], init: list[object]
) -> None:
    one = pod(regular, init)
    total = compute_pod_requests(one)
    for each in [*one.containers, *one.init_containers]:
        for name, quantity in each.resources.requests.items():
            assert total[name] >= quantity


@given(st.lists(containers, min_size=1, max_size=3), st.lists(init_containers, max_size=3))
def test_the_order_of_regular_containers_does_not_matter(
    regular: list[object], init: list[object]
) -> None:
    backward = compute_pod_requests(pod(regular[::-1], init))
    assert compute_pod_requests(pod(regular, init)) == backward


@given(st.lists(containers, max_size=3), st.lists(init_containers, max_size=3))
def test_a_sidecar_never_costs_less_than_an_init_container(
    regular: list[object], init: list[object]
) -> None:
    as_sidecars = [{**each, "restartPolicy": "Always"} for each in init]
    low, high = (
        compute_pod_requests(pod(regular, init)),
        compute_pod_requests(pod(regular, as_sidecars)),
    )
    assert all(high[name] >= quantity for name, quantity in low.items())


def test_the_maximum_keeps_the_first_of_equal_quantities() -> None:
    first = pod([container({"cpu": "+1"})]).containers[0].resources.requests
    second = pod([container({"cpu": "1"})]).containers[0].resources.requests
    assert printed(merge_maximum(first, second)) == {"cpu": "+1"}
    assert merge_maximum() == {}


def test_requests_default_to_limits() -> None:
    one = default_pod_resources(pod([container({"cpu": "1"}, {"cpu": "2", "memory": "1Gi"})]))
    assert printed(one.containers[0].resources.requests) == {"cpu": "1", "memory": "1Gi"}


def test_quantities_are_rounded_up_to_thousandths() -> None:
    one = default_pod_resources(pod([container({"cpu": "1500u"})], overhead={"cpu": "1n"}))
    assert printed(one.containers[0].resources.requests) == {"cpu": "2m"}
    assert printed(one.overhead) == {"cpu": "1m"}


def test_requests_of_the_pod_default_to_its_containers_then_to_its_limits() -> None:
    whole = {"limits": {"cpu": "4", "memory": "8Gi"}}
    one = default_pod_resources(pod([container({"cpu": "1"})], resources=whole))
    assert one.resources is not None
    assert printed(one.resources.requests) == {"cpu": "1", "memory": "8Gi"}


def test_huge_pages_of_the_pod_default_to_the_limits_of_its_containers() -> None:
    huge = {"hugepages-2Mi": "4Mi"}
    one = default_pod_resources(
        pod([container(huge, huge)], resources={"limits": {"cpu": "1", "memory": "1Gi"}})
    )
    assert one.resources is not None
    assert printed(one.resources.limits)["hugepages-2Mi"] == "4Mi"
    assert printed(one.resources.requests)["hugepages-2Mi"] == "4Mi"


@given(st.lists(containers, max_size=2), st.lists(init_containers, max_size=2), resource_lists)
def test_defaults_are_filled_in_once(
    regular: list[object], init: list[object], limits: dict[str, str]
) -> None:
    once = default_pod_resources(pod(regular, init, resources={"limits": limits}))
    assert default_pod_resources(once).data == once.data


@given(st.lists(containers, max_size=3))
def test_after_defaults_no_limit_is_without_a_request(regular: list[object]) -> None:
    filled = default_pod_resources(pod(regular))
    for each in filled.containers:
        assert set(each.resources.limits) <= set(each.resources.requests)
    assert compute_pod_requests(filled).get("cpu", ZERO) >= ZERO
