"""Resource claims get devices by structured parameters, or the node is rejected."""

from typing import Any

import pytest
from clusters import Object, ask, culprits, make, make_node, make_pod

from planespec.reports.fit.device_selectors import evaluate_on_device
from planespec.reports.fit.node_answers import Explanation
from planespec.spec.scheduling.attempts.attempt import FitVerdict
from planespec.spec.scheduling.devices.device_inventory import (
    FailedSelectorError,
    UnsupportedSelectorError,
)

VERSION = "resource.k8s.io/v1"
DRIVER = "gpu.example.com"


def cel(expression: str) -> Object:
    return {"cel": {"expression": expression}}


def device_class(name: str = "gpu", *selectors: str, **spec: Any) -> Object:
    chosen = [cel(each) for each in selectors or (f"device.driver == '{DRIVER}'",)]
    return make("DeviceClass", name, VERSION, spec={"selectors": chosen, **spec})


def device(name: str, **fields: Any) -> Object:
    return {"name": name, **fields}


def model(name: str) -> Object:
    return {"attributes": {"model": {"string": name}}}


def resource_slice(node: str, *devices: Object, name: str = "", **spec: Any) -> Object:
    pool = {"name": node, "generation": 1, "resourceSliceCount": 1} | spec.pop("pool", {})
    body = {"driver": DRIVER, "nodeName": node, "pool": pool, "devices": [*devices], **spec}
    return make("ResourceSlice", name or f"{node}-slice", VERSION, spec=body)


def request(name: str = "gpu", **fields: Any) -> Object:
    return {"name": name, "exactly": {"deviceClassName": "gpu", **fields}}


def claim(name: str, *requests: Object, **fields: Any) -> Object:
    devices = {"requests": [*requests] or [request()], **fields.pop("devices", {})}
    return make("ResourceClaim", name, VERSION, "default", spec={"devices": devices}, **fields)


def held(name: str, node: str, *names: str, **result: Any) -> Object:
    results = [
        {"request": "gpu", "driver": DRIVER, "pool": node, "device": each, **result}
        for each in names
    ]
    only = {"key": "metadata.name", "operator": "In", "values": [node]}
    nodes = {"nodeSelectorTerms": [{"matchFields": [only]}]}
    allocation = {"devices": {"results": results}, "nodeSelector": nodes}
    return claim(name, status={"allocation": allocation})


def using(name: str, **fields: Any) -> Object:
    return make_pod(resourceClaims=[{"name": "d", "resourceClaimName": name}], **fields)


NODES = [make_node("n1"), make_node("n2")]


def ask_devices(pod: Object, *objects: Object) -> Explanation:
    return ask(pod, *NODES, *objects, is_new=False)


def feasible(answer: Explanation) -> list[str]:
    return sorted(each["node"] for each in answer.nodes)


def test_a_claim_is_served_where_a_device_is_free() -> None:
    slices = [resource_slice("n1", device("a")), resource_slice("n2", device("a"))]
    answer = ask_devices(
        using("mine"), device_class(), *slices, claim("mine"), held("x", "n2", "a")
    )
    assert feasible(answer) == ["n1"]
    assert culprits(answer, "n2") == [
        "claim mine, request gpu: 1 of class gpu",
        "device gpu.example.com/n2/a is held by claim default/x",
    ]


def test_a_claim_that_has_devices_binds_the_pod_to_their_node() -> None:
    slices = [resource_slice("n1", device("a")), resource_slice("n2", device("a"))]
    answer = ask_devices(using("mine"), device_class(), *slices, held("mine", "n2", "a"))
    assert feasible(answer) == ["n2"]
    assert culprits(answer) == ["the devices of claim mine cannot be used on the node"]


A, B = device("a", **model("old")), device("b", **model("new"))
C = device("c", **model("new"))
IS_NEW = f"device.attributes['{DRIVER}'].model == 'new'"
MATCH = {"constraints": [{"matchAttribute": f"{DRIVER}/model"}]}
DIFFER = {"constraints": [{"distinctAttribute": f"{DRIVER}/model"}]}
TAINTED = device("t", taints=[{"key": "broken", "effect": "NoSchedule"}])
TOLERANT = {"tolerations": [{"key": "broken", "operator": "Exists"}]}
FIRST = {
    "name": "any",
    "firstAvailable": [
        {"name": "big", "deviceClassName": "gpu", "count": 9},
        {"name": "small", "deviceClassName": "gpu", "count": 2},
    ],
}
OLD_SHAPE = {"name": "gpu", "deviceClassName": "gpu"}

SERVED: dict[str, tuple[list[Object], list[Object], Object, bool]] = {
    "as many as there are": ([A, B], [request(count=2)], {}, True),
    "one too many": ([A, B], [request(count=3)], {}, False),
    "two requests, two devices": ([A, B], [request("x"), request("y")], {}, True),
    "two requests, one device": ([A], [request("x"), request("y")], {}, False),
    "a selector that matches": ([A, B], [request(selectors=[cel(IS_NEW)])], {}, True),
    "a selector that matches too few": (
        [A, B],
        [request(selectors=[cel(IS_NEW)], count=2)],
        {},
        False,
    ),
    "all of them": ([A, B], [request(allocationMode="All")], {}, True),
    "all of none": ([], [request(allocationMode="All")], {}, False),
    "all after one is gone": (
        [A, B],
        [request("x"), request("y", allocationMode="All")],
        {},
        False,
    ),
    "alike": ([A, B, C], [request(count=2)], MATCH, True),
    "alike, too few": ([A, B], [request(count=2)], MATCH, False),
    "alike, without the attribute": ([device("d")], [request()], MATCH, False),
    "different": ([B, C, A], [request(count=2)], DIFFER, True),
    "different, too few": ([B, C], [request(count=2)], DIFFER, False),
    "a later choice undone": (
        [B, A],
        [request("any"), request("new", selectors=[cel(IS_NEW)])],
        {},
        True,
    ),
    "a tainted device": ([TAINTED], [request()], {}, False),
    "a tainted device that is tolerated": ([TAINTED], [request(**TOLERANT)], {}, True),
    "the second alternative": ([A, B], [FIRST], {}, True),
    "no alternative": ([A], [FIRST], {}, False),
    "the shape of v1beta1": ([device("a", basic=model("old"))], [OLD_SHAPE], {}, True),
}


@pytest.mark.parametrize("case", SERVED)
def test_devices_are_handed_out_as_claims_ask(case: str) -> None:
    devices, requests, constraints, is_served = SERVED[case]
    objects = [device_class(), resource_slice("n1", *devices)]
    mine = claim("mine", *requests, devices=constraints)
    answer = ask_devices(using("mine"), *objects, mine)
    assert feasible(answer) == (["n1"] if is_served else [])


COUNTERS = {"memory": {"value": "40Gi"}}
HALF = [{"counterSet": "gpu-0", "counters": {"memory": {"value": "20Gi"}}}]
MOST = [{"counterSet": "gpu-0", "counters": {"memory": {"value": "30Gi"}}}]


@pytest.mark.parametrize(
    ("takes", "is_held", "is_served"),
    [(HALF, False, True), (HALF, True, True), (MOST, False, True), (MOST, True, False)],
)
def test_parts_of_a_device_share_its_counters(
    takes: list[Object], is_held: bool, is_served: bool
) -> None:
    parts = [device("a", consumesCounters=HALF), device("b", consumesCounters=takes)]
    shared = resource_slice(
        "n1", name="counters", sharedCounters=[{"name": "gpu-0", "counters": COUNTERS}]
    )
    pool = {"resourceSliceCount": 2}
    shared["spec"]["pool"] |= pool
    objects = [device_class(), resource_slice("n1", *parts, pool=pool), shared]
    taken = [held("x", "n1", "a")] if is_held else []
    answer = ask_devices(using("mine"), *objects, *taken, claim("mine"))
    assert feasible(answer) == (["n1"] if is_served else [])


def test_only_the_newest_generation_of_a_pool_counts_and_only_when_it_is_whole() -> None:
    old = resource_slice("n1", device("a"), device("b"))
    new = resource_slice("n1", device("a"), name="new", pool={"generation": 2})
    two = claim("mine", request(count=2))
    assert feasible(ask_devices(using("mine"), device_class(), old, two)) == ["n1"]
    assert feasible(ask_devices(using("mine"), device_class(), old, new, two)) == []
    part = resource_slice("n1", device("a"), pool={"resourceSliceCount": 2})
    assert feasible(ask_devices(using("mine"), device_class(), part, claim("mine"))) == []


def test_devices_of_the_network_are_where_the_slice_says() -> None:
    zone = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
    nodes = [make_node("n1", labels={"zone": "a"}), make_node("n2", labels={"zone": "b"})]
    there = resource_slice("pool", device("a"), nodeSelector={"nodeSelectorTerms": [zone]})
    del there["spec"]["nodeName"]
    answer = ask(using("mine"), *nodes, device_class(), there, claim("mine"), is_new=False)
    assert feasible(answer) == ["n1"]
    everywhere = resource_slice("pool", device("a"), allNodes=True)
    del everywhere["spec"]["nodeName"]
    answer = ask(using("mine"), *nodes, device_class(), everywhere, claim("mine"), is_new=False)
    assert feasible(answer) == ["n1", "n2"]


def test_who_looks_on_shares_devices() -> None:
    there = resource_slice("n1", device("a"))
    mine = claim("mine", request(adminAccess=True))
    answer = ask_devices(using("mine"), device_class(), there, held("x", "n1", "a"), mine)
    assert feasible(answer) == ["n1"]
    looking = held("x", "n1", "a", adminAccess=True)
    assert feasible(ask_devices(using("mine"), device_class(), there, looking, claim("mine"))) == [
        "n1"
    ]


def test_a_rule_may_taint_devices() -> None:
    taint = {"key": "broken", "effect": "NoExecute"}
    rule = make("DeviceTaintRule", "r", VERSION)
    rule["spec"] = {"deviceSelector": {"driver": DRIVER, "device": "a"}, "taint": taint}
    objects = [device_class(), claim("mine"), rule]
    assert feasible(ask_devices(using("mine"), *objects, resource_slice("n1", device("a")))) == []
    other = resource_slice("n1", device("b"))
    assert feasible(ask_devices(using("mine"), *objects, other)) == ["n1"]


EXTENDED = {"cpu": "1", "example.com/gpu": "2"}


@pytest.mark.parametrize(
    ("resource", "spec"),
    [
        ("example.com/gpu", {"extendedResourceName": "example.com/gpu"}),
        ("deviceclass.resource.kubernetes.io/gpu", {}),
    ],
)
def test_a_device_class_serves_an_extended_resource(resource: str, spec: Object) -> None:
    pod = make_pod(requests={resource: "2"})
    objects = [device_class(**spec), resource_slice("n1", device("a"), device("b"))]
    assert feasible(ask_devices(pod, *objects)) == ["n1"]
    taken = held("x", "n1", "a")
    assert feasible(ask_devices(pod, *objects, taken)) == []


def test_a_node_that_offers_an_extended_resource_itself_is_asked_for_that() -> None:
    served = device_class(extendedResourceName="example.com/gpu")
    own = make_node("n3", {"example.com/gpu": "2"})
    answer = ask(make_pod(requests=EXTENDED), own, served, resource_slice("n1"), is_new=False)
    assert feasible(answer) == ["n3"]


def test_claims_of_templates_are_judged_as_if_they_existed() -> None:
    template = make("ResourceClaimTemplate", "t", VERSION, "default")
    template["spec"] = {"spec": claim("x")["spec"]}
    pod = make_pod(resourceClaims=[{"name": "d", "resourceClaimTemplateName": "t"}])
    objects = [device_class(), template, resource_slice("n1", device("a"), device("b"))]
    answer = ask(pod, *NODES, *objects, replicas=3)
    assert [each.node for each in answer.placements] == ["n1", "n1", None]


def test_a_class_or_claim_that_is_gone_rejects_the_pod() -> None:
    there = [resource_slice("n1", device("a")), claim("other")]
    answer = ask_devices(using("mine"), device_class("other"), *there)
    assert answer.rejection is not None
    assert 'could not find v1.ResourceClaim "default/mine"' in answer.rejection.reasons
    answer = ask_devices(using("mine"), device_class("other"), *there, claim("mine"))
    assert answer.rejection is not None
    assert "request gpu: device class gpu does not exist" in answer.rejection.reasons


@pytest.mark.parametrize(
    "broken",
    [
        {"selectors": [cel("device.attributes['a'].?b.orValue(1) == 1")]},
        {"capacity": {"requests": {"memory": "1Gi"}}},
        {"allocationMode": "Some"},
    ],
)
def test_devices_beyond_the_model_are_not_considered(broken: Object) -> None:
    objects = [device_class(), resource_slice("n1", device("a"))]
    answer = ask_devices(using("mine"), *objects, claim("mine", request(**broken)))
    assert answer.verdict is FitVerdict.UNKNOWN
    assert answer.unconsidered[0].startswith("devices: ")


def test_a_selector_that_fails_ends_the_attempt() -> None:
    wrong = request(selectors=[cel(f"device.attributes['{DRIVER}'].colour == 'red'")])
    there = [resource_slice("n1", A), resource_slice("n2")]
    answer = ask_devices(using("mine"), device_class(), *there, claim("mine", wrong))
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert answer.rejection is not None
    assert answer.rejection.code == "Error"


DEVICE = {
    "driver": DRIVER,
    "attributes": {DRIVER: {"model": "a100", "cores": 8, "firmware": {"version": "1.10.0"}}},
    "capacity": {DRIVER: {"memory": {"quantity": "40Gi"}}},
    "allowMultipleAllocations": False,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"device.attributes['{DRIVER}'].cores >= 8", True),
        (f"device.attributes['{DRIVER}'].model in ['h100', 'a100']", True),
        (f"device.attributes['{DRIVER}'].model.lowerAscii().startsWith('b')", False),
        (f"device.capacity['{DRIVER}'].memory.compareTo(quantity('40960Mi')) == 0", True),
        (f"device.capacity['{DRIVER}'].memory.isGreaterThan(quantity('40G'))", True),
        (f"device.attributes['{DRIVER}'].firmware.isGreaterThan(semver('1.9.0'))", True),
        (f"device.attributes['{DRIVER}'].firmware.isLessThan(semver('1.10.0-rc.1'))", False),
        ("'other.example.com' in device.attributes", False),
        ("has(device.attributes['other.example.com'].x)", False),
        ("'o.p' in device.attributes && device.attributes['o.p'].x == 1", False),
        ("!device.allowMultipleAllocations", True),
    ],
)
def test_expressions_mean_what_they_mean_in_kubernetes(expression: str, expected: bool) -> None:
    assert evaluate_on_device(expression, DEVICE) is expected


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("device.attributes['other.example.com'].x == 1", FailedSelectorError),
        (f"device.attributes['{DRIVER}'].colour == 'red'", FailedSelectorError),
        (f"device.attributes['{DRIVER}'].?colour.hasValue()", UnsupportedSelectorError),
        ("nothing(device)", UnsupportedSelectorError),
        ("device.driver ==", UnsupportedSelectorError),
        ("device.driver", UnsupportedSelectorError),
        ("device.driver.isGreaterThan(semver('x'))", UnsupportedSelectorError),
    ],
)
def test_an_expression_that_cannot_be_decided_says_why(
    expression: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        evaluate_on_device(expression, DEVICE)
