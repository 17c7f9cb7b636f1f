"""What the API server refuses about a pod that is to be scheduled."""

from worlds import affinity, pod

from planespec.spec.pod_validation import get_pod_errors
from planespec.spec.scheduling.cluster import read_pod

PORT = {"containerPort": 80, "hostPort": 80}


def errors(data: dict[str, object]) -> list[str]:
    """The errors of a pod with its defaults."""
    return get_pod_errors(read_pod(data).pod)


def test_two_ports_of_a_pod_may_not_take_the_same_host_port() -> None:
    assert errors(pod(ports=[PORT, {**PORT, "protocol": "UDP"}])) == []
    assert errors(pod(ports=[PORT, PORT])) == [
        'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'
    ]


def test_a_pod_requests_no_less_than_its_containers() -> None:
    enough, little = {"requests": {"cpu": "1"}}, {"requests": {"cpu": "100m"}}
    assert errors(pod(cpu="1", resources=enough)) == []
    assert errors(pod(cpu="1", resources=little)) == [
        'spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to'
        " aggregate container requests of 1"
    ]


def test_values_of_required_node_affinity_are_labels_and_preferred_ones_need_not_be() -> None:
    broken = {"matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["-5"]}]}
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    required = {"affinity": {"nodeAffinity": {field: {"nodeSelectorTerms": [broken]}}}}
    [error] = errors(pod(**required))  # type: ignore[arg-type]
    assert error.startswith(f"spec.affinity.nodeAffinity.{field}.nodeSelectorTerms[0]")
    assert errors(pod(**affinity("nodeAffinity", broken, weights=[1]))) == []  # type: ignore[arg-type]
