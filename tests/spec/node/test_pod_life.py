"""The life of a pod: which calls have a reason, and why others have none."""

import pytest

from planespec.spec.node.pod_life import life_rules as rules
from planespec.spec.node.pod_life.life_statuses import explain_status
from planespec.spec.node.pod_life.observed_life import (
    LifeContainer,
    LifeSandbox,
    PodLife,
    ProbeLog,
    Program,
)
from planespec.spec.objects.core_views import Pod

ENDLESS = Program(stopped=frozenset({0, 137}))


def make_life(program: Program = ENDLESS, policy: str = "Always", **spec: object) -> PodLife:
    """A pod whose one container was started at 1 s."""
    pod = Pod({"spec": {"containers": [{"name": "app"}], "restartPolicy": policy} | spec})
    life = PodLife(pod, {"app": program})
    life.sandboxes["s0"] = LifeSandbox("s0", 0, 0.5)
    life.add(LifeContainer("c0", "app", "s0", 0, program, 1.0))
    life.start(life.containers["c0"], 1.0)
    return life


def explain_create(life: PodLife, attempt: int, now: float) -> str:
    return rules.explain_create(life, life.sandboxes["s0"], "app", attempt, now)


def test_a_container_is_made_again_only_after_it_can_have_ended() -> None:
    life = make_life(Program(5, 1))
    assert explain_create(life, 1, 4.0) == "app is not to be started now"
    assert explain_create(life, 1, 6.1) == ""
    assert explain_create(life, 2, 6.1) == "the attempt of app must be one of [1]"


def test_a_container_that_succeeded_is_not_made_again_on_failure() -> None:
    life = make_life(Program(5, 0), policy="OnFailure")
    assert explain_create(life, 1, 9.0) == "app is not to be started now"


def test_nothing_is_made_some_seconds_after_the_pod_is_gone() -> None:
    life = make_life(Program(1, 1))
    life.deleted_at = 10.0
    assert explain_create(life, 1, 12.0) == ""
    assert explain_create(life, 1, 16.0) == "the pod is gone from its source"


def test_nothing_is_made_some_seconds_after_the_deadline() -> None:
    life = make_life(Program(1, 1), activeDeadlineSeconds=9)
    assert explain_create(life, 1, 10.0) == ""
    assert explain_create(life, 1, 15.0) == "the pod has been active for too long"


def test_what_was_made_is_started_before_anything_else_is_made() -> None:
    life = make_life(Program(1, 1))
    life.add(LifeContainer("c1", "app", "s0", 1, ENDLESS, 5.0))
    assert explain_create(life, 2, 6.0) == "c1 was made and has not been started"
    life.restart(7.0, kubelet=True)
    assert explain_create(life, 2, 8.0) == ""
    assert "before the kubelet" in rules.explain_start(life, life.containers["c1"], 8.0)


def test_a_healthy_container_is_stopped_only_with_its_pod() -> None:
    life = make_life()
    container = life.containers["c0"]
    assert "nothing asks" in rules.explain_stop(life, container, 2, 5.0)
    life.deleted_at = 5.0
    assert rules.explain_stop(life, container, 2, 5.0) == ""
    assert "from 2 to 2 seconds" in rules.explain_stop(life, container, 1, 5.0)


def test_a_container_whose_probe_has_failed_is_stopped() -> None:
    life = make_life()
    log = life.containers["c0"].probes["livenessProbe"] = ProbeLog()
    for _ in range(2):
        log.add(succeeded=False, threshold=3)
    assert "nothing asks" in rules.explain_stop(life, life.containers["c0"], 2, 5.0)
    log.add(succeeded=False, threshold=3)
    assert rules.explain_stop(life, life.containers["c0"], 2, 5.0) == ""


@pytest.mark.parametrize(("grace", "reason"), [(9, "log waits for app"), (1, "")])
def test_a_sidecar_waits_as_long_as_the_pod_has_grace(grace: int, reason: str) -> None:
    init = [{"name": "log", "restartPolicy": "Always"}]
    life = make_life(initContainers=init, terminationGracePeriodSeconds=grace)
    life.add(LifeContainer("c1", "log", "s0", 0, ENDLESS, 2.0))
    life.start(life.containers["c1"], 2.0)
    life.deleted_at, life.first_stop_at = 5.0, 5.0
    assert rules.explain_stop(life, life.containers["c1"], 2, 6.5) == reason


def test_a_sandbox_is_not_stopped_around_a_container_that_runs() -> None:
    life = make_life()
    life.deleted_at = 5.0
    assert rules.explain_stop_sandbox(life, life.sandboxes["s0"], 5.5) == "c0 still runs in it"
    life.stop(life.containers["c0"], 5.5, 0.1, done=True)
    assert rules.explain_stop_sandbox(life, life.sandboxes["s0"], 5.7) == ""


def test_a_new_sandbox_is_made_when_the_old_one_is_dead_and_stopped() -> None:
    life = make_life()
    assert rules.explain_run(life, 1, 5.0) == "s0 has not been stopped"
    life.sandboxes["s0"].may_be_dead = True
    life.stop(life.containers["c0"], 5.0, 0.1, done=True)
    life.stop_sandbox(life.sandboxes["s0"], 5.2, 0.1, done=True)
    assert rules.explain_run(life, 1, 5.5) == ""
    assert rules.explain_run(life, 2, 5.5) == "the attempt of the sandbox must be 1"


def test_the_last_container_of_a_name_is_kept() -> None:
    life = make_life(Program(1, 1))
    assert "is the last of app" in rules.explain_remove(life, life.containers["c0"], 5.0)
    life.add(LifeContainer("c1", "app", "s0", 1, ENDLESS, 5.0))
    assert rules.explain_remove(life, life.containers["c0"], 5.2) == ""


def test_a_container_that_ends_again_waits_for_its_back_off() -> None:
    life = make_life(Program(1, 1))
    assert rules.explain_back_off(life, "app", 4, 2.5) == ""
    life.add(LifeContainer("c1", "app", "s0", 1, Program(1, 1), 3.0))
    life.start(life.containers["c1"], 3.0)
    assert rules.explain_back_off(life, "app", 4, 5.0) == "app waits until 8.0 s"
    assert rules.explain_back_off(life, "app", 4, 8.0) == ""


def tell(phase: str, state: dict[str, object], **more: object) -> dict[str, object]:
    entry = {"name": "app", "state": state, "ready": False, "started": False, "restartCount": 0}
    ready = ["False", "PodFailed" if phase == "Failed" else "ContainersNotReady"]
    conditions = {"Initialized": ["True"], "Ready": ready, "ContainersReady": ready}
    return {"phase": phase, "conditions": conditions, "containerStatuses": [entry | more]}


def test_a_status_follows_from_what_was_done() -> None:
    life = make_life(Program(2, 1), policy="Never")
    running = tell("Running", {"running": {}})
    assert explain_status(life, None, running, 2.0) == ""
    ended = tell("Failed", {"terminated": {"exitCode": 1, "reason": "Error"}})
    assert "can have ended with 1" in explain_status(life, running, ended, 2.0)
    assert explain_status(life, running, ended, 3.1) == ""
    assert explain_status(life, ended, running, 3.2) == "the phase has left Failed"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (tell("Pending", {"running": {}}), "the phase must be Running, not Pending"),
        (tell("Running", {"running": {}}, restartCount=3), "app was made 1 times"),
        (tell("Running", {"running": {}}, name="b"), "the pod has no container 'b'"),
        (tell("Running", {"running": {}}, ready=True), "app has not started, and cannot be ready"),
        (tell("Pending", {"waiting": {"reason": "Sun"}}), "reason that is not known: Sun"),
    ],
)
def test_a_status_without_a_cause_is_not_explained(told: dict[str, object], reason: str) -> None:
    assert reason in explain_status(make_life(), None, told, 5.0)
