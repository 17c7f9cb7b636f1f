"""The model `kubelet.pod` beside the rules of `spec.node.lifecycle`, which recordings judge.

What runs is written as the runtime's status. In every assignment of states to the containers,
reachable or not, the model starts exactly what the rule would start, makes a sandbox where the
rule does, and stops containers in the rule's waves; a mutant of one of these does not. The model
knows no containers that were created and not started, and none in an unknown state.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.kubelet.pod_on_node import PodLife
from planespec.spec.node.lifecycle.crash_backoff import PodNames, make_crash_backoff, try_restart
from planespec.spec.node.lifecycle.pod_actions import compute_pod_actions
from planespec.spec.node.lifecycle.restart_policy import restarts_after_exit
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
    SandboxStatus,
)
from planespec.spec.node.lifecycle.termination_order import order_termination
from planespec.spec.node.pod_states import ENDED, EXITED, Policy, Role, Run, Startup, Work
from planespec.spec.objects.core_views import Pod

INIT, SIDECAR, APP = Role.INIT, Role.SIDECAR, Role.APP
ROLES = [
    (APP,),
    (SIDECAR, APP),
    (INIT, SIDECAR, APP),
    (INIT, INIT, APP),
    (SIDECAR, INIT, APP, APP),
]
STILL = (Run.NONE, Run.RUNNING, Run.DONE, Run.BROKEN)
POLICIES = {Policy.ALWAYS: "Always", Policy.ON_FAILURE: "OnFailure", Policy.NEVER: "Never"}


def models(
    roles: tuple[Role, ...], policy: Policy, mutant: str | None = None, **more: Any
) -> Iterator[Any]:
    """The model with one pod that is synced, in every state that its containers can have."""
    constants = {"containers": len(roles), "roles": list(roles), "policy": policy, **more}
    instance = Instance(PodLife, constants, mutant)
    for runs in itertools.product(STILL, repeat=len(roles)):
        model: Any = instance.new()
        (p,) = model.pods
        model.work[p] = Work.SYNC
        model.has_sandbox[p] = model.is_open[p] = True
        for c, run in zip(model.containers, runs, strict=True):
            model.run[p][c] = run
        yield model


def pod_of(model: Any) -> Pod:
    """The pod as an object of Kubernetes; a container is called by its number."""
    names: dict[Role, list[int]] = {role: [] for role in Role}
    for number, c in enumerate(model.containers):
        names[model.roles[c]].append(number)
    always: dict[str, object] = {"restartPolicy": "Always"}
    if model.probes:
        always["startupProbe"] = {}
    init = [
        {"name": f"c{n}"} | (always if n in names[SIDECAR] else {})
        for n in sorted(names[INIT] + names[SIDECAR])
    ]
    spec = {
        "restartPolicy": POLICIES[model.policy],
        "initContainers": init,
        "containers": [{"name": f"c{n}"} for n in names[APP]],
    }
    return Pod({"metadata": {"name": "p"}, "spec": spec})


def status_of(model: Any) -> RuntimeStatus:
    """What runs as the runtime says it."""
    (p,) = model.pods
    found = []
    started = {}
    for number, c in enumerate(model.containers):
        run = model.run[p][c]
        if run == Run.NONE:
            continue
        state = ContainerState.EXITED if run in EXITED else ContainerState.RUNNING
        code = 1 if run == Run.BROKEN else 0
        found.append(ContainerStatus(f"c{number}", f"c{number}", state, code))
        if model.probes and model.started[p][c] == Startup.SUCCESS:
            started[f"c{number}"] = ProbeResult.SUCCESS
    sandbox = SandboxStatus("s", model.is_open[p], 0, "10.0.0.1")
    return RuntimeStatus((sandbox,), tuple(found), startup=started)


def started_by_model(model: Any) -> set[str]:
    """The containers that the model may start now."""
    (p,) = model.pods
    return {
        f"c{number}"
        for number, c in enumerate(model.containers)
        if model.is_wanted(p)
        and model.has_more_to_run(p)
        and (model.is_next_app(p, c) if model.roles[c] == APP else model.is_next_init(p, c))
    }


def started_by_rule(model: Any) -> set[str]:
    """The containers that the rule starts in one pass."""
    pod = pod_of(model)
    actions = compute_pod_actions(pod, status_of(model))
    init = {pod.init_containers[place].name for place in actions.init_containers_to_start}
    return init | {pod.containers[place].name for place in actions.containers_to_start}


def differences(roles: tuple[Role, ...], policy: Policy, **more: Any) -> list[Any]:
    """States in which the model starts something else than the rule.

    A pod in its last phase is not synced, so that the rule is not asked.
    """
    return [
        dict(model.run[model.pods[0]])
        for model in models(roles, policy, **more)
        if model.find_phase(model.pods[0]) not in ENDED
        and started_by_model(model) != started_by_rule(model)
    ]


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "-".join(r.name for r in roles))
def test_the_model_starts_what_the_rule_starts(roles: tuple[Role, ...], policy: Policy) -> None:
    assert differences(roles, policy) == []


@pytest.mark.parametrize(
    ("mutant", "roles"),
    [
        ("init_in_parallel", (INIT, INIT, APP)),
        ("init_again", (INIT, INIT, APP)),
        ("sidecars_unawaited", (SIDECAR, APP)),
        ("restart_anyway", (APP, APP)),
    ],
)
def test_a_mutant_starts_something_else(mutant: str, roles: tuple[Role, ...]) -> None:
    assert differences(roles, Policy.ON_FAILURE, mutant=mutant)


def test_a_sidecar_passes_when_its_startup_probe_has() -> None:
    counts = {True: 0, False: 0}
    for mutant in (None, "sidecar_unstarted"):
        for model in models((SIDECAR, APP), Policy.ALWAYS, mutant, probes=True):
            (p,) = model.pods
            for result in (Startup.UNKNOWN, Startup.SUCCESS):
                model.started[p][model.containers[0]] = result
                if model.find_phase(p) in ENDED:
                    continue
                alike = started_by_model(model) == started_by_rule(model)
                assert alike or mutant
                counts[alike] += 1
    assert counts[False] > 0


@pytest.mark.parametrize("policy", Policy)
def test_the_model_makes_a_sandbox_where_the_rule_does(policy: Policy) -> None:
    for model in models((APP, APP), policy):
        (p,) = model.pods
        model.is_open[p] = False
        for c in model.containers:
            if model.run[p][c] == Run.RUNNING:
                model.run[p][c] = Run.BROKEN
        if not model.is_wanted(p):
            continue
        ran = any(run != Run.NONE for run in model.run[p].values())
        expected = compute_pod_actions(pod_of(model), status_of(model)).create_sandbox
        assert expected == (policy != Policy.NEVER or not ran), dict(model.run[p])


@pytest.mark.parametrize("mutant", [None, "sidecars_together", "sidecars_forwards"])
def test_the_model_stops_containers_in_the_waves_of_the_rule(mutant: str | None) -> None:
    differ = 0
    for model in models((SIDECAR, SIDECAR, APP, APP), Policy.ALWAYS, mutant):
        (p,) = model.pods
        running = [
            f"c{n}" for n, c in enumerate(model.containers) if model.run[p][c] == Run.RUNNING
        ]
        order = order_termination(pod_of(model), running)
        for number, c in enumerate(model.containers):
            if model.run[p][c] != Run.RUNNING or is_gap(running, number):
                continue
            waits = model.is_awaiting(p, c) and not model.sidecars_together
            differ += waits == order.may_stop(f"c{number}", 30)
    assert (differ == 0) == (mutant is None)


def is_gap(running: list[str], number: int) -> bool:
    """Whether the sidecar after this one does not run, so that upstream does not wait further."""
    return number == 0 and "c1" not in running


@pytest.mark.parametrize("policy", Policy)
def test_the_policy_is_the_rules(policy: Policy) -> None:
    (model, *_) = models((APP,), policy)
    pod = pod_of(model)
    for run, code in ((Run.DONE, 0), (Run.BROKEN, 1)):
        assert model.restarts(run) == restarts_after_exit(pod, pod.containers[0], code)


def test_waits_double_as_the_rule_has_them() -> None:
    instance = Instance(PodLife, {"backoff": 8})
    model: Any = instance.new()
    (p,), (c,) = model.pods, model.containers
    backoff, pod = make_crash_backoff(80), pod_of(model)
    names, now = PodNames("p", "", "u"), 0
    for _ in range(6):
        model.note_exit(p, c)
        ended = now
        refused = try_restart(backoff, names, pod.containers[0], ended, now)
        assert model.due[p][c] * 10 == (refused.until - ended if refused else 0)
        if refused:
            now = refused.until
            assert try_restart(backoff, names, pod.containers[0], ended, now) is None
        model.note_start(p, c)
