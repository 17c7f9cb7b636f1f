"""What the API server refuses about a pod that is to be scheduled."""

import pytest
from worlds import affinity, pod

from planespec.spec.validation.pod.pod_rules import list_pod_errors

PORT = {"containerPort": 80, "hostPort": 80}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def errors(data: dict[str, object]) -> list[str]:
    """The errors of a pod."""
    return [str(error) for error in list_pod_errors(data)]


def test_two_ports_of_a_pod_may_not_take_the_same_host_port() -> None:
    assert errors(pod(ports=[PORT, {**PORT, "protocol": "UDP"}])) == []
    assert errors(pod(ports=[PORT, PORT])) == [
        'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'
    ]


def test_init_containers_run_alone_so_only_their_own_ports_clash() -> None:
    once = {"name": "i", "image": "i:1", "ports": [PORT]}
    twice = {**once, "name": "j", "ports": [PORT, PORT]}
    assert errors(pod(ports=[PORT], initContainers=[once, {**once, "name": "k"}])) == []
    # Upstream counts from 0 for each of them: the second is named as the first.
    assert errors(pod(ports=[PORT], initContainers=[once, twice])) == [
        'spec.initContainers[0].ports[1].hostPort: Duplicate value: "TCP//80"'
    ]


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ({"operator": "In"}, "values: Required value: must be specified when"),
        ({"operator": "Exists", "values": ["1"]}, "values: Forbidden: may not be specified"),
        ({"operator": "Lt", "values": ["1", "2"]}, "values: Required value: must be specified si"),
        ({"operator": "Ge"}, 'operator: Invalid value: "Ge": not a valid selector operator'),
        ({"operator": "Exists", "key": "-"}, 'key: Invalid value: "-": name part must consist'),
    ],
)
def test_expressions_of_required_node_affinity_are_checked(
    expression: dict[str, object], wrong: str
) -> None:
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "gen", **expression}]}]}
    [error] = errors(pod(affinity={"nodeAffinity": {REQUIRED: terms}}))
    assert f"matchExpressions[0].{wrong}" in error


def test_a_pod_requests_no_less_than_its_containers() -> None:
    enough, little = {"requests": {"cpu": "1"}}, {"requests": {"cpu": "100m"}}
    assert errors(pod(cpu="1", resources=enough)) == []
    assert errors(pod(cpu="1", resources=little)) == [
        'spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to'
        " aggregate container requests of 1"
    ]


def test_what_only_containers_request_is_no_fault_of_the_pod() -> None:
    assert errors(pod(cpu="1", memory="1Gi", resources={"requests": {"cpu": "1"}})) == []


def test_values_of_required_node_affinity_are_labels_and_preferred_ones_need_not_be() -> None:
    broken = {"matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["-5"]}]}
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    required = {"affinity": {"nodeAffinity": {field: {"nodeSelectorTerms": [broken]}}}}
    [error] = errors(pod(**required))  # type: ignore[arg-type]
    assert error.startswith(f"spec.affinity.nodeAffinity.{field}.nodeSelectorTerms[0]")
    assert errors(pod(**affinity("nodeAffinity", broken, weights=[1]))) == []  # type: ignore[arg-type]
