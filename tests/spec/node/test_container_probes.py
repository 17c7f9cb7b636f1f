"""Probes publish what comes often enough, hold, and say what is started and ready.

Expected values follow upstream's source, also where no recorded line goes.
"""

from dataclasses import replace

import pytest

from planespec.spec.node.container_probes import ContainerProbes, Role
from planespec.spec.node.probe_worker import (
    Attempt,
    ProbeType,
    Result,
    SeenContainer,
    SeenPod,
    State,
    Tick,
)
from planespec.spec.objects.core_views import Container

LIVENESS, READINESS, STARTUP = ProbeType
KUBELET_AGE = 500
POD = SeenPod()
SEEN = SeenContainer("c://1", State.RUNNING, age=100, started=True)
GOOD, BAD = Attempt("success"), Attempt("failure", "no")
WARNING, UNKNOWN = Attempt("warning", "hm"), Attempt("unknown")
ERROR = Attempt("unknown", error="broken")


def make_probes(role: Role = Role.REGULAR, **probes: dict[str, object]) -> ContainerProbes:
    """The probes of a container whose probe fields are these."""
    return ContainerProbes(Container({"name": "c", **probes}), role)


def make_probe(success: int = 1, failure: int = 1, delay: int = 0) -> dict[str, object]:
    thresholds = {"successThreshold": success, "failureThreshold": failure}
    return {**thresholds, "initialDelaySeconds": delay}


def tick(
    probes: ContainerProbes,
    probe: ProbeType,
    *attempts: Attempt,
    seen: SeenContainer = SEEN,
    pod: SeenPod = POD,
) -> Tick:
    """One tick; more attempts than are given are an error of the test."""
    return probes.tick(probe, pod, seen, KUBELET_AGE, iter(attempts).__next__)


def get_result(probes: ContainerProbes, probe: ProbeType) -> Result | None:
    return probes.results[probe].by_container.get(SEEN.container_id)


def test_readiness_is_published_when_it_came_often_enough_in_a_row() -> None:
    probes = make_probes(readinessProbe=make_probe(success=2, failure=3))
    published = []
    for got in (GOOD, BAD, GOOD, GOOD, BAD, BAD, UNKNOWN, WARNING, GOOD):
        tick(probes, READINESS, got)
        published.append(get_result(probes, READINESS) is Result.SUCCESS)
    assert published == [False, False, False, True, True, True, False, False, True]
    assert [result for _, result in probes.results[READINESS].updates] == [
        *(Result.FAILURE, Result.SUCCESS, Result.FAILURE, Result.SUCCESS),
    ]


def test_a_liveness_failure_holds_until_another_container_comes() -> None:
    probes = make_probes(livenessProbe=make_probe())
    assert tick(probes, LIVENESS, BAD).events == ("Warning Unhealthy Liveness probe failed: no",)
    assert get_result(probes, LIVENESS) is Result.FAILURE
    assert tick(probes, LIVENESS) == Tick(keeps_going=True)
    other = replace(SEEN, container_id="c://2")
    assert tick(probes, LIVENESS, GOOD, seen=other).attempts == 1
    assert probes.results[LIVENESS].by_container == {"c://2": Result.SUCCESS}


def test_a_startup_success_holds_and_lets_the_others_begin() -> None:
    probes = make_probes(startupProbe=make_probe(), livenessProbe=make_probe())
    fresh = replace(SEEN, started=False)
    assert tick(probes, LIVENESS, seen=fresh).attempts == 0
    assert not probes.update_status(POD, fresh, KUBELET_AGE)[0].started
    assert tick(probes, STARTUP, GOOD, seen=fresh).attempts == 1
    assert probes.workers[STARTUP].on_hold
    started, _ = probes.update_status(POD, fresh, KUBELET_AGE)
    assert (started.started, started.ready) == (True, True)
    assert tick(probes, LIVENESS, GOOD, seen=started).attempts == 1


def test_an_error_is_tried_three_times_and_then_changes_nothing() -> None:
    probes = make_probes(readinessProbe=make_probe(failure=2))
    tick(probes, READINESS, BAD)
    told = "Warning Unhealthy Readiness probe errored and resulted in unknown state: broken"
    assert tick(probes, READINESS, ERROR, ERROR, ERROR) == Tick(True, (told,), 3)
    worker = probes.workers[READINESS]
    assert (worker.last_result, worker.result_run) == (Result.FAILURE, 1)
    warned = "Warning ProbeWarning Readiness probe warning: hm"
    assert tick(probes, READINESS, ERROR, WARNING) == Tick(True, (warned,), 2)
    assert get_result(probes, READINESS) is Result.SUCCESS


def test_nothing_is_probed_before_the_initial_delay() -> None:
    probes = make_probes(readinessProbe=make_probe(delay=100))
    assert tick(probes, READINESS, seen=replace(SEEN, age=99)).attempts == 0
    assert tick(probes, READINESS, GOOD, seen=replace(SEEN, age=100)).attempts == 1


def test_a_deleted_pod_ends_liveness_and_startup_quietly_and_readiness_goes_on() -> None:
    probes = make_probes(livenessProbe=make_probe(), readinessProbe=make_probe())
    deleted = replace(POD, is_deleting=True)
    tick(probes, LIVENESS, BAD)
    assert tick(probes, LIVENESS, pod=deleted) == Tick(keeps_going=True)
    other = replace(SEEN, container_id="c://2")
    probes.results[LIVENESS].updates.clear()
    assert not tick(probes, LIVENESS, seen=other, pod=deleted).keeps_going
    assert probes.results[LIVENESS].updates == [("c://2", Result.SUCCESS)]
    assert probes.results[LIVENESS].by_container == {}
    assert tick(probes, READINESS, BAD, pod=deleted).keeps_going
    assert list(probes.workers) == [READINESS]


@pytest.mark.parametrize(
    ("pod", "fields", "goes_on"),
    [
        (POD, {}, True),
        (replace(POD, restart_policy="OnFailure"), {}, True),
        (replace(POD, restart_policy="Never"), {}, False),
        (replace(POD, restart_policy="Never", restarts_all=True), {}, True),
        (replace(POD, restart_policy="Never"), {"restartPolicy": "Always"}, True),
        (
            replace(POD, restart_policy="Never"),
            {
                "restartPolicyRules": [
                    {
                        "action": "RestartAllContainers",
                        "exitCodes": {"operator": "In", "values": [3]},
                    }
                ]
            },
            True,
        ),
    ],
)
def test_a_worker_ends_with_a_container_that_does_not_come_again(
    pod: SeenPod, fields: dict[str, object], goes_on: bool
) -> None:
    container = Container({"name": "c", "livenessProbe": make_probe(), **fields})
    probes = ContainerProbes(container)
    ended = SeenContainer("c://1", State.TERMINATED, exit_code=3)
    assert tick(probes, LIVENESS, seen=ended, pod=pod).keeps_going is goes_on
    assert (LIVENESS in probes.workers) is goes_on
    assert get_result(probes, LIVENESS) is (Result.FAILURE if goes_on else None)
    assert tick(probes, LIVENESS, seen=ended, pod=pod).keeps_going is goes_on


def test_a_container_that_waits_has_failed_and_its_worker_goes_on() -> None:
    probes = make_probes(livenessProbe=make_probe())
    waiting, pod = replace(SEEN, state=State.WAITING), replace(POD, restart_policy="Never")
    assert tick(probes, LIVENESS, seen=waiting, pod=pod).keeps_going
    assert get_result(probes, LIVENESS) is Result.FAILURE


@pytest.mark.parametrize(
    ("pod", "seen", "goes_on"),
    [
        (replace(POD, is_known=False), SEEN, True),
        (replace(POD, is_known=False, phase="Failed"), SEEN, True),
        (replace(POD, phase="Failed"), SEEN, False),
        (replace(POD, phase="Succeeded"), SEEN, False),
        (POD, replace(SEEN, container_id=""), True),
    ],
)
def test_without_a_container_to_look_at_nothing_is_published(
    pod: SeenPod, seen: SeenContainer, goes_on: bool
) -> None:
    probes = make_probes(livenessProbe=make_probe())
    assert tick(probes, LIVENESS, seen=seen, pod=pod) == Tick(keeps_going=goes_on)
    assert probes.results[LIVENESS].updates == []


@pytest.mark.parametrize(("age", "initial"), [(510, Result.FAILURE), (511, None)])
def test_an_older_container_keeps_what_another_kubelet_published(
    age: int, initial: Result | None
) -> None:
    probes = make_probes(readinessProbe=make_probe(delay=9999))
    old, ready = replace(SEEN, age=age), replace(POD, is_ready=True)
    tick(probes, READINESS, seen=old)
    assert get_result(probes, READINESS) is initial
    status, triggers = probes.update_status(ready, old, KUBELET_AGE)
    assert (status.ready, triggers) == (initial is None, True)
    assert not probes.update_status(POD, old, KUBELET_AGE)[0].ready


def test_an_older_container_without_readiness_is_ready_whatever_the_pod_was() -> None:
    old = replace(SEEN, age=511)
    status, triggers = make_probes().update_status(POD, old, KUBELET_AGE)
    assert (status.ready, triggers) == (True, False)


def test_a_readiness_worker_that_ended_leaves_an_older_container_to_the_pods_condition() -> None:
    probes = make_probes(readinessProbe=make_probe())
    probes.stop(LIVENESS, READINESS)
    assert probes.update_status(POD, SEEN, KUBELET_AGE) == (replace(SEEN, ready=True), False)
    assert not probes.update_status(POD, replace(SEEN, age=511), KUBELET_AGE)[0].ready


@pytest.mark.parametrize("age", [100, 511])
@pytest.mark.parametrize("role", [Role.REGULAR, Role.SIDECAR])
@pytest.mark.parametrize("started", [True, False])
def test_only_a_sidecar_that_had_started_begins_with_success(
    role: Role, started: bool, age: int
) -> None:
    probes = make_probes(role, startupProbe=make_probe(delay=9999))
    tick(probes, STARTUP, seen=replace(SEEN, age=age, started=started))
    expected = [Result.SUCCESS] if role is Role.SIDECAR and started else []
    expected += [Result.UNKNOWN] if age == 100 else []
    assert [result for _, result in probes.results[STARTUP].updates] == expected


def test_what_had_started_stays_started_while_no_startup_result_is_published() -> None:
    probes = make_probes(startupProbe=make_probe())
    fresh = replace(SEEN, started=False)
    assert not probes.update_status(POD, fresh, KUBELET_AGE)[0].started
    assert probes.update_status(POD, SEEN, KUBELET_AGE)[0].started
    ended = replace(SEEN, state=State.TERMINATED, ready=True)
    status, triggers = probes.update_status(POD, ended, KUBELET_AGE)
    assert (status.started, status.ready, triggers) == (False, True, False)


@pytest.mark.parametrize(
    ("state", "code", "ready"),
    [(State.TERMINATED, 0, True), (State.TERMINATED, 1, False), (State.RUNNING, 0, False)],
)
def test_an_init_container_is_ready_when_it_has_succeeded_and_is_never_probed(
    state: State, code: int, ready: bool
) -> None:
    probes = make_probes(Role.INIT, readinessProbe=make_probe())
    seen = SeenContainer("c://1", state, exit_code=code)
    status, triggers = probes.update_status(POD, seen, KUBELET_AGE)
    assert (status.ready, triggers, probes.workers) == (ready, False, {})


def test_after_holding_another_container_is_counted_from_the_beginning() -> None:
    probes = make_probes(livenessProbe=make_probe(failure=2))
    tick(probes, LIVENESS, BAD)
    tick(probes, LIVENESS, BAD)
    other = replace(SEEN, container_id="c://2")
    tick(probes, LIVENESS, BAD, seen=other)
    assert probes.results[LIVENESS].by_container == {"c://2": Result.SUCCESS}
    # What came before another container counts, where nothing was held.
    third = replace(SEEN, container_id="c://3")
    tick(probes, LIVENESS, BAD, seen=third)
    assert probes.results[LIVENESS].by_container == {"c://3": Result.FAILURE}


def test_a_liveness_success_does_not_hold() -> None:
    probes = make_probes(livenessProbe=make_probe())
    tick(probes, LIVENESS, GOOD)
    assert tick(probes, LIVENESS, BAD).attempts == 1
    assert get_result(probes, LIVENESS) is Result.FAILURE
