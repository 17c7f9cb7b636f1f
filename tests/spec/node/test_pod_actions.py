"""What a kubelet does next for a pod, where recordings say nothing: as in upstream's source."""

from typing import Any

import pytest

from planespec.spec.node.lifecycle.init_actions import Kill
from planespec.spec.node.lifecycle.pod_actions import PodActions, Reset, compute_pod_actions
from planespec.spec.node.lifecycle.restart_policy import restarts_after_exit, should_be_started
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
    SandboxStatus,
    choose_sandbox,
)
from planespec.spec.objects.core_views import Pod

READY = SandboxStatus("sb", is_ready=True, attempt=1, ip="10.0.0.1")
DEAD = SandboxStatus("sb", is_ready=False, attempt=1)
SIDECAR = {"name": "side", "restartPolicy": "Always"}
RULES = [
    {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}},
    {"action": "RestartAllContainers", "exitCodes": {"operator": "NotIn", "values": [0, 1, 42]}},
]
EXITED, RUNNING = ContainerState.EXITED, ContainerState.RUNNING
CREATED, UNKNOWN = ContainerState.CREATED, ContainerState.UNKNOWN


def make_pod(*containers: object, policy: str = "Always", **spec: object) -> Pod:
    """A pod of the containers."""
    return Pod({"spec": {"containers": list(containers), "restartPolicy": policy, **spec}})


def make(name: str, state: ContainerState, code: int = 0, **more: Any) -> ContainerStatus:
    """A container whose id is made of its name."""
    return ContainerStatus(name, f"id-{name}", state, code, **more)


def act(pod: Pod, *containers: ContainerStatus, sandbox: SandboxStatus = READY) -> PodActions:
    """What is done for a pod in one sandbox."""
    return compute_pod_actions(pod, RuntimeStatus((sandbox,), containers))


@pytest.mark.parametrize(
    ("sandboxes", "spec", "expected"),
    [
        ((), {}, (True, 0, "")),
        ((READY,), {}, (False, 1, "sb")),
        ((DEAD,), {}, (True, 2, "sb")),
        ((SandboxStatus("sb", True, 1, ""),), {}, (True, 2, "sb")),
        ((SandboxStatus("sb", True, 1, None),), {}, (False, 1, "sb")),
        ((READY,), {"hostNetwork": True}, (True, 2, "")),
        ((SandboxStatus("sb", True, 1, "", True),), {"hostNetwork": True}, (False, 1, "sb")),
        ((SandboxStatus("sb", True, 1, "ip", True),), {}, (True, 2, "")),
        ((READY, SandboxStatus("old", True, 4, "ip")), {}, (True, 5, "sb")),
        ((DEAD, SandboxStatus("old", True, 0, "ip")), {}, (True, 2, "sb")),
        ((READY, SandboxStatus("old", False, 0)), {}, (False, 1, "sb")),
    ],
)
def test_a_sandbox_is_kept_if_it_alone_is_ready_of_the_network_and_has_an_address(
    sandboxes: tuple[SandboxStatus, ...], spec: dict[str, object], expected: object
) -> None:
    pod = make_pod({"name": "c"}, **spec)
    choice = choose_sandbox(pod, RuntimeStatus(sandboxes))
    assert (choice.is_new, choice.attempt, choice.sandbox_id) == expected


@pytest.mark.parametrize(
    ("policy", "own", "code", "expected"),
    [
        ("Always", None, 0, True),
        ("OnFailure", None, 0, False),
        ("OnFailure", None, 1, True),
        ("Never", None, 1, False),
        ("", None, 0, True),
        ("Never", "Always", 0, True),
        ("Never", "OnFailure", 1, True),
        ("Always", "OnFailure", 0, False),
        ("Always", "Never", 1, False),
        ("Always", "Never", 42, True),
        ("Always", "Never", 7, True),
        ("Always", None, 42, True),
        ("Never", None, 42, False),
        ("Never", "Other", 1, False),
    ],
)
def test_the_rules_and_policy_of_a_container_come_before_those_of_the_pod(
    policy: str, own: str | None, code: int, expected: bool
) -> None:
    pod = make_pod({"name": "c", "restartPolicy": own, "restartPolicyRules": RULES}, policy=policy)
    assert restarts_after_exit(pod, pod.containers[0], code) is expected


@pytest.mark.parametrize(
    ("state", "expected"), [(RUNNING, False), (CREATED, True), (UNKNOWN, True), (EXITED, False)]
)
def test_what_never_ran_to_its_end_is_started_whatever_the_policy(
    state: ContainerState, expected: bool
) -> None:
    pod = make_pod({"name": "c"}, policy="Never")
    status = RuntimeStatus((READY,), (make("c", state, 1),))
    assert should_be_started(pod, pod.containers[0], status) is expected


def test_the_newest_container_of_a_name_counts() -> None:
    pod = make_pod({"name": "c"}, policy="OnFailure")
    assert act(pod, make("c", EXITED, 0), make("c", EXITED, 1)).containers_to_start == []
    assert act(pod, make("c", EXITED, 1), make("c", EXITED, 0)).containers_to_start == [0]


def test_a_deleted_pod_starts_no_regular_container() -> None:
    data = {**make_pod({"name": "c"}).data, "metadata": {"deletionTimestamp": "now"}}
    actions = act(Pod(data))
    assert (actions.containers_to_start, actions.kill_pod) == ([], True)


def test_a_new_sandbox_skips_what_has_succeeded_by_its_own_policy() -> None:
    own = {"name": "b", "restartPolicy": "OnFailure"}
    pod = make_pod({"name": "a"}, own)
    done = [make("a", EXITED), make("b", EXITED)]
    actions = act(pod, *done, sandbox=DEAD)
    assert (actions.containers_to_start, actions.create_sandbox) == ([0], True)
    assert actions.attempt == 2


def test_a_new_sandbox_is_not_made_for_a_pod_that_is_done() -> None:
    pod = make_pod({"name": "a"}, policy="OnFailure", initContainers=[{"name": "i"}])
    actions = act(pod, make("a", EXITED), sandbox=DEAD)
    assert (actions.kill_pod, actions.create_sandbox) == (True, False)
    assert actions.init_containers_to_start == []


def test_ephemeral_containers_start_once_and_before_initialization_ends() -> None:
    debug = [{"name": "d0"}, {"name": "d1"}]
    pod = make_pod({"name": "a"}, initContainers=[{"name": "i"}], ephemeralContainers=debug)
    actions = act(pod, make("i", RUNNING), make("d0", EXITED))
    assert actions.ephemeral_containers_to_start == [1]
    assert actions.containers_to_start == []


@pytest.mark.parametrize("reason", ["", "OOMKilled"])
def test_an_init_container_without_memory_has_failed_even_with_code_0(reason: str) -> None:
    pod = make_pod({"name": "a"}, initContainers=[{"name": "i"}, {"name": "j"}])
    actions = act(pod, make("i", EXITED, reason=reason))
    assert actions.init_containers_to_start == ([0] if reason else [1])


@pytest.mark.parametrize(
    ("policy", "own", "state", "code", "is_killed"),
    [
        ("Never", None, EXITED, 1, True),
        ("Never", "OnFailure", EXITED, 1, False),
        ("Always", "Never", EXITED, 1, True),
        ("Always", "Never", EXITED, 42, False),
        ("Never", None, UNKNOWN, 42, True),
        ("Never", "OnFailure", UNKNOWN, 0, False),
        ("Always", "Never", UNKNOWN, 42, True),
    ],
)
def test_a_failed_init_container_is_tried_again_by_its_own_policy(
    policy: str, own: str | None, state: ContainerState, code: int, is_killed: bool
) -> None:
    init = {"name": "i", "restartPolicy": own, "restartPolicyRules": RULES}
    pod = make_pod({"name": "a"}, policy=policy, initContainers=[init])
    actions = act(pod, make("i", state, code))
    assert actions.kill_pod is is_killed
    assert actions.init_containers_to_start == ([] if is_killed else [0])
    assert bool(actions.kills) is (state is UNKNOWN and not is_killed)


@pytest.mark.parametrize(("state", "is_killed"), [(EXITED, True), (UNKNOWN, False)])
def test_a_deleted_pod_tries_an_init_container_again_only_if_it_may_still_run(
    state: ContainerState, is_killed: bool
) -> None:
    pod = make_pod({"name": "a"}, initContainers=[{"name": "i"}])
    deleted = Pod({**pod.data, "metadata": {"deletionTimestamp": "now"}})
    assert act(deleted, make("i", state, 1)).kill_pod is is_killed


@pytest.mark.parametrize(
    ("result", "to_start", "reasons"),
    [
        (None, [], []),
        (ProbeResult.UNKNOWN, [], []),
        (ProbeResult.SUCCESS, [1], []),
        (ProbeResult.FAILURE, [0], ["StartupProbe"]),
    ],
)
def test_the_next_init_container_waits_until_a_sidecar_has_started(
    result: ProbeResult | None, to_start: list[int], reasons: list[str]
) -> None:
    sidecar = {**SIDECAR, "startupProbe": {}}
    pod = make_pod({"name": "a"}, initContainers=[sidecar, {"name": "i"}])
    startup = {"id-side": result} if result else {}
    status = RuntimeStatus((READY,), (make("side", RUNNING),), startup=startup)
    actions = compute_pod_actions(pod, status)
    assert actions.init_containers_to_start == to_start
    assert [kill.reason for kill in actions.kills.values()] == reasons


def test_a_probe_that_the_sidecar_does_not_have_is_not_asked() -> None:
    pod = make_pod({"name": "a"}, initContainers=[SIDECAR])
    failed = {"id-side": ProbeResult.FAILURE}
    status = RuntimeStatus((READY,), (make("side", RUNNING),), liveness=failed, startup=failed)
    actions = compute_pod_actions(pod, status)
    assert (actions.kills, actions.containers_to_start) == ({}, [0])


def test_sidecars_do_not_keep_a_pod_that_has_nothing_else_to_run() -> None:
    pod = make_pod({"name": "a"}, policy="Never", initContainers=[SIDECAR, {"name": "i"}])
    actions = act(pod, make("side", EXITED), make("i", EXITED), make("a", EXITED))
    assert (actions.kill_pod, actions.init_containers_to_start) == (True, [])


@pytest.mark.parametrize(
    ("own", "message", "to_start"),
    [
        ("Never", "Container a failed liveness probe", []),
        (None, "Container a failed liveness probe, will be restarted", [0]),
    ],
)
def test_a_failed_probe_restarts_by_the_policy_of_the_container_and_not_its_rules(
    own: str | None, message: str, to_start: list[int]
) -> None:
    pod = make_pod({"name": "a", "restartPolicy": own, "restartPolicyRules": RULES})
    liveness = {"id-a": ProbeResult.FAILURE}
    status = RuntimeStatus((READY,), (make("a", RUNNING, 42),), liveness)
    actions = compute_pod_actions(pod, status)
    assert actions.kills == {"id-a": Kill("a", message, "LivenessProbe")}
    assert actions.containers_to_start == to_start


def test_all_containers_are_removed_before_the_one_by_which_all_restart() -> None:
    asking = {"name": "a", "restartPolicy": "Never", "restartPolicyRules": RULES}
    pod = make_pod(asking, {"name": "b"}, initContainers=[SIDECAR])
    known = (make("a", EXITED, 7), make("b", RUNNING), make("side", RUNNING), make("b", EXITED))
    actions = compute_pod_actions(pod, RuntimeStatus((READY,), known), restarts_all=True)
    assert actions.resets == [
        Reset("id-b", True),
        Reset("id-b", False),
        Reset("id-side", True),
        Reset("id-a", False),
    ]
    assert (actions.containers_to_start, actions.kill_pod) == ([], False)
