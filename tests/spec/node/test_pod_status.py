"""The status of a pod: what upstream's source says where no recorded step says it."""

from typing import Any

import pytest

from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    RuntimeStatus,
    SandboxStatus,
)
from planespec.spec.node.pod_status.container_statuses import StartFailure
from planespec.spec.node.pod_status.pod_conditions import should_all_restart
from planespec.spec.node.pod_status.pod_phase import compute_phase, is_static_pod
from planespec.spec.node.pod_status.status_generation import KubeletView, generate_pod_status
from planespec.spec.node.status_parts import find_condition

Json = dict[str, Any]
SANDBOX = SandboxStatus("s0", True, 0)
ALL = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}


def make_pod(*containers: Json, policy: str = "Always", **spec: Any) -> Json:
    listed = list(containers) or [{"name": "app", "image": "app:1"}]
    return {
        "metadata": {"name": "web"},
        "spec": {"containers": listed, "restartPolicy": policy} | spec,
    }


def make_found(
    state: ContainerState, code: int = 0, name: str = "app", **more: Any
) -> ContainerStatus:
    return ContainerStatus(name, f"containerd://{name}-0", state, code, **more)


def generate(pod: Json, *found: ContainerStatus, **more: Any) -> Json:
    return generate_pod_status(KubeletView(pod, RuntimeStatus((SANDBOX,), found), **more))


RUNNING = make_found(ContainerState.RUNNING)


def test_addresses_are_the_first_of_each_family_ipv4_first() -> None:
    given = ["fd00::5", "10.0.0.5", "10.0.0.6", "fd00:0::7"]
    status = generate(make_pod(), RUNNING, addresses=given)
    assert status["podIPs"] == [{"ip": "10.0.0.5"}, {"ip": "fd00::5"}]
    assert "hostIP" not in status


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ([], ["192.0.2.1", "fd00::1"]),
        (["192.0.2.1"], ["192.0.2.1", "fd00::1"]),
        (["fd00::9"], ["fd00::9"]),
    ],
)
def test_a_pod_in_the_network_of_its_node_has_its_addresses(
    own: list[str], shown: list[str]
) -> None:
    hosts = ["192.0.2.1", "fd00::1"]
    pod = make_pod(hostNetwork=True)
    status = generate(pod, RUNNING, addresses=own, host_addresses=hosts)
    assert [each["ip"] for each in status["podIPs"]] == shown
    assert [each["ip"] for each in status["hostIPs"]] == hosts


def test_disruption_is_kept_as_it_was_told_last() -> None:
    told = {"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}
    pod = make_pod() | {"status": {"conditions": [told | {"reason": "PreemptionByScheduler"}]}}
    status = generate(pod, RUNNING, held={"conditions": [told]})
    assert find_condition(status["conditions"], "DisruptionTarget") == told


def test_a_pod_that_is_over_says_nothing_of_a_resize() -> None:
    resize = [{"type": "PodResizePending", "status": "True"}]
    for is_over, shown in ((False, True), (True, False)):
        status = generate(make_pod(), RUNNING, resize_conditions=resize, is_over=is_over)
        found = find_condition(status["conditions"], "PodResizePending")
        assert (found is not None) is shown


def test_a_pod_that_runs_keeps_the_resources_that_were_told_last() -> None:
    pod = make_pod(resources={"requests": {"cpu": "2"}})
    held = {"phase": "Running", "resources": {"requests": {"cpu": "1"}}}
    told = [
        generate(pod | {"status": {"phase": phase}}, RUNNING, held=held)["resources"]
        for phase in ("Pending", "Running")
    ]
    assert [each["requests"]["cpu"] for each in told] == ["2", "1"]


def test_the_reason_of_a_phase_goes_with_the_phase() -> None:
    held = {"phase": "Running", "reason": "Because"}
    assert generate(make_pod(), RUNNING, held=held)["reason"] == "Because"
    assert "reason" not in generate(make_pod(), RUNNING, held=held | {"phase": "Pending"})


@pytest.mark.parametrize(("held", "api"), [("Failed", ""), ("", "Failed"), ("Failed", "Failed")])
def test_a_terminal_phase_is_not_left_for_one_that_is_not(held: str, api: str) -> None:
    pod = make_pod() | {"status": {"phase": api}}
    assert generate(pod, RUNNING, held={"phase": held})["phase"] == "Failed"


def test_only_what_the_api_server_has_seen_keeps_failed_from_becoming_succeeded() -> None:
    done = make_found(ContainerState.EXITED)
    pod = make_pod(policy="Never")
    assert generate(pod, done, held={"phase": "Failed"})["phase"] == "Succeeded"
    seen = pod | {"status": {"phase": "Failed"}}
    assert generate(seen, done, held={"phase": "Failed"})["phase"] == "Failed"


def test_the_end_of_a_static_pod_follows_its_policy_even_when_it_is_over() -> None:
    done = make_found(ContainerState.EXITED)
    pod = make_pod()
    assert generate(pod, done, is_over=True)["phase"] == "Succeeded"
    pod["metadata"]["annotations"] = {"kubernetes.io/config.source": "file"}
    assert is_static_pod(pod)
    assert generate(pod, done, is_over=True)["phase"] == "Running"


@pytest.mark.parametrize("source", [None, "api"])
def test_a_pod_of_the_api_server_is_not_static(source: str | None) -> None:
    annotations = {"kubernetes.io/config.source": source} if source else {}
    assert not is_static_pod({"metadata": {"annotations": annotations}})


def test_a_container_in_no_known_state_keeps_a_pod_pending() -> None:
    pod = make_pod({"name": "app"}, {"name": "b"})
    statuses = {"app": {"state": {"running": {}}}, "b": {"state": {}}}
    assert compute_phase(pod, statuses, is_over=False, has_started=True) == "Pending"
    del statuses["b"]
    assert compute_phase(pod, statuses, is_over=False, has_started=True) == "Pending"


@pytest.mark.parametrize(("has_started", "phase"), [(False, "Pending"), (True, "Running")])
def test_a_sidecar_that_starts_again_keeps_only_a_new_pod_pending(
    has_started: bool, phase: str
) -> None:
    pod = make_pod(initContainers=[{"name": "log", "restartPolicy": "Always"}])
    statuses = {
        "log": {"state": {"running": {}}, "started": False},
        "app": {"state": {"running": {}}},
    }
    assert compute_phase(pod, statuses, is_over=False, has_started=has_started) == phase


@pytest.mark.parametrize("is_active", [True, False])
def test_only_containers_of_the_sandbox_of_now_have_started_a_pod(is_active: bool) -> None:
    pod = make_pod(initContainers=[{"name": "log", "restartPolicy": "Always"}])
    log = make_found(ContainerState.RUNNING, name="log")
    app = make_found(ContainerState.RUNNING, is_active=is_active)

    def report(pod: Json, status: Json) -> None:
        """Leave everything as it is: the sidecar has not started."""

    status = generate(pod, log, app, report_probes=report)
    assert status["phase"] == ("Running" if is_active else "Pending")


def test_containers_removed_to_start_all_again_are_told_so() -> None:
    pod = make_pod({"name": "app", "restartPolicyRules": [ALL]}, {"name": "b"})
    first = generate(
        pod, make_found(ContainerState.EXITED, 42), make_found(ContainerState.RUNNING, name="b")
    )
    restarting = find_condition(first["conditions"], "AllContainersRestarting")
    assert restarting is not None
    assert restarting["status"] == "True"
    second = generate(pod, make_found(ContainerState.EXITED, 42), held=first)
    gone = second["containerStatuses"][1]
    assert gone["state"]["waiting"]["reason"] == "RestartingAllContainers"
    assert (gone["restartCount"], gone["lastState"]["terminated"]["exitCode"]) == (1, 137)


@pytest.mark.parametrize(("has_mounted_volumes", "status"), [(False, "False"), (True, "True")])
def test_starting_all_again_ends_when_containers_and_volumes_are_gone(
    has_mounted_volumes: bool, status: str
) -> None:
    pod = make_pod({"name": "app", "restartPolicyRules": [ALL]})
    held = {"conditions": [{"type": "AllContainersRestarting", "status": "True"}]}
    told = generate(pod, held=held, has_mounted_volumes=has_mounted_volumes)
    found = find_condition(told["conditions"], "AllContainersRestarting")
    assert found is not None
    assert found["status"] == status


def test_without_a_runtime_the_last_status_says_that_all_are_to_start_again() -> None:
    pod = make_pod({"name": "app", "restartPolicyRules": [ALL]})
    old = {"containerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": 42}}}]}
    assert should_all_restart(pod, None, old)
    assert not should_all_restart(pod, RuntimeStatus(), old)


def test_why_a_container_could_not_start_is_told_only_while_it_is_to_start() -> None:
    failures = {"app": StartFailure("ImagePullBackOff", "Back-off")}
    waiting = generate(make_pod(), failures=failures)["containerStatuses"][0]
    assert waiting["state"]["waiting"]["reason"] == "ImagePullBackOff"
    done = make_found(ContainerState.EXITED)
    pod = make_pod(policy="OnFailure")
    ended = generate(pod, done, failures=failures)["containerStatuses"][0]
    assert "terminated" in ended["state"]


def test_a_pod_without_probes_is_ready_when_its_containers_run() -> None:
    pod = make_pod(initContainers=[{"name": "set"}, {"name": "log", "restartPolicy": "Always"}])
    status = generate(
        pod,
        make_found(ContainerState.EXITED, name="set"),
        make_found(ContainerState.RUNNING, name="log"),
        RUNNING,
    )
    conditions = {each["type"]: each["status"] for each in status["conditions"]}
    assert conditions["Initialized"] == conditions["Ready"] == "True"
    assert status["phase"] == "Running"
