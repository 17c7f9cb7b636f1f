"""Lists of an EndpointSlice that are too long: upstream says so, and no more of them."""

from typing import Any

import pytest

from planespec.spec.validation.object_rules import validate_object

SLICE: dict[str, Any] = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": "web", "namespace": "default"},
    "addressType": "IPv4",
}
BAD_ENDPOINT = {"addresses": ["10.0.0.256"], "nodeName": "A_"}
BAD_PORT = {"name": "A_", "port": 80}


def find(**fields: Any) -> list[tuple[str, str]]:
    return [(each.field, each.message) for each in validate_object(SLICE | fields)]


def test_of_too_many_endpoints_only_their_number_is_told() -> None:
    [(field, message)] = find(endpoints=[BAD_ENDPOINT] * 1001)
    assert (field, message) == ("endpoints", "Too many: 1001: must have at most 1000 items")


def test_of_as_many_as_there_may_be_each_is_judged() -> None:
    found = find(endpoints=[{"addresses": ["10.0.0.1"]}] * 999 + [BAD_ENDPOINT])
    assert {field for field, _ in found} == {
        "endpoints[999].addresses[0]",
        "endpoints[999].nodeName",
    }


def test_of_too_many_ports_only_their_number_is_told() -> None:
    found = find(endpoints=[{"addresses": ["10.0.0.1"]}], ports=[BAD_PORT] * 20001)
    assert found == [("ports", "Too many: 20001: must have at most 20000 items")]


@pytest.mark.parametrize("name", ["forZones", "forNodes"])
def test_of_too_many_hints_only_their_number_is_told(name: str) -> None:
    hints = {name: [{"name": "A_ "}] * 9}
    found = find(endpoints=[{"addresses": ["10.0.0.1"], "hints": hints}])
    assert found == [(f"endpoints[0].hints.{name}", "Too many: 9: must have at most 8 items")]


def test_a_zone_has_the_name_of_a_label_and_a_node_that_of_a_domain() -> None:
    def hint(name: str, value: str) -> list[str]:
        hints = {name: [{"name": value}]}
        return [
            field for field, _ in find(endpoints=[{"addresses": ["10.0.0.1"], "hints": hints}])
        ]

    assert hint("forZones", "Zone_A") == []
    assert hint("forNodes", "Zone_A") == ["endpoints[0].hints.forNodes[0].name"]
    assert hint("forNodes", "node.a") == []
