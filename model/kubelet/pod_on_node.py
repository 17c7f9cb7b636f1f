"""`kubelet.pod`: the life of pods on one node, put together of its parts.

Each instance has some features on, so that each is searched to its end.
"""

from typing import Any

from planespec.checker.lang import constant, instance, only, reachable, recording
from planespec.model.kubelet.pod_limits import BackOff, GracePeriods, Resources
from planespec.model.kubelet.pod_probes import Probes
from planespec.model.kubelet.pod_runtime import Runtime, Starting, Stopping
from planespec.model.kubelet.pod_sources import ApiServer, ApiSource, FileSource
from planespec.model.kubelet.pod_statuses import Statuses
from planespec.model.kubelet.pod_worker import PodWorker
from planespec.spec.node.container_requirements import (
    apps_come_to_run,
    apps_start_after_the_others,
    apps_wait_for_started_sidecars,
    init_containers_run_in_order,
    liveness_waits_for_the_start,
    one_instance_runs,
    readiness_follows_the_probe,
    ready_pods_are_ready_throughout,
    restarts_change_no_readiness,
    restarts_follow_the_policy,
    restarts_wait,
    sidecars_stop_last,
    what_begins_is_not_ready,
)
from planespec.spec.node.pod_requirements import (
    admitted_pods_fit,
    deleted_objects_go,
    ends_are_shown,
    everything_is_released,
    grace_never_grows,
    mirrors_end_no_static_pod,
    nothing_grows_unadmitted,
    objects_go_after_their_containers,
    one_static_pod_runs,
    resizes_that_fit_are_made,
    restarts_keep_allocations,
    running_pods_are_not_pending,
    static_pods_run,
    statuses_arrive,
    success_is_seen,
    terminal_phases_stay,
    what_ended_stays_ended,
)
from planespec.spec.node.pod_states import PodPhase, Policy, Role, Run, Stage, Work

SIDECAR = [Role.SIDECAR, Role.APP]
"""A sidecar and an app."""
SIDECARS = [Role.SIDECAR, Role.SIDECAR, Role.APP]
"""Two sidecars and an app."""
INIT = [Role.INIT, Role.INIT, Role.SIDECAR, Role.APP]
"""Two init containers, a sidecar and an app."""

PROBED: dict[str, Any] = {
    "containers": 2,
    "roles": SIDECAR,
    "probes": True,
    "exits": 1,
    "forces": False,
}
"""A sidecar and an app with probes, one of which exits by itself."""


class PodLife(
    ApiServer,
    ApiSource,
    FileSource,
    PodWorker,
    Starting,
    Stopping,
    Runtime,
    Statuses,
    Probes,
    BackOff,
    GracePeriods,
    Resources,
):
    """Pods of one kubelet."""

    held_to = [
        recording(
            "tests/recorded/podactions.jsonl.gz",
            cases=3_000,
            of="kubelet 1.36.2",
            part="which containers are started, and when a sandbox is made",
            test="tests/spec/node/test_pod_model_beside_the_rules.py"
            "::test_the_model_starts_what_the_rule_starts",
            through="planespec.spec.node.lifecycle.pod_actions",
            conform="podactions",
        ),
        recording(
            "tests/recorded/kubelet_terminationorder.jsonl.gz",
            cases=2_000,
            of="kubelet 1.36.2",
            part="which containers are stopped before which",
            test="tests/spec/node/test_pod_model_beside_the_rules.py"
            "::test_the_model_stops_containers_in_the_waves_of_the_rule",
            through="planespec.spec.node.lifecycle.termination_order",
            conform="kubelet_terminationorder",
        ),
        recording(
            "tests/recorded/kubelet_backoff.jsonl.gz",
            cases=34_955,
            of="kubelet 1.36.2",
            part="how long a container that has ended waits",
            test="tests/spec/node/test_pod_model_beside_the_rules.py"
            "::test_waits_double_as_the_rule_has_them",
            through="planespec.spec.node.lifecycle.crash_backoff",
            conform="kubelet_backoff",
        ),
    ]

    requires = [
        only(objects_go_after_their_containers, when="not statics"),
        only(terminal_phases_stay, when="not statics"),
        only(ends_are_shown, when="not statics"),
        what_ended_stays_ended,
        only(one_static_pod_runs, when="statics and crashes == 0"),
        init_containers_run_in_order,
        apps_start_after_the_others,
        sidecars_stop_last,
        restarts_follow_the_policy,
        only(restarts_wait, when="backoff > 0"),
        one_instance_runs,
        only(success_is_seen, when="not statics and not lags"),
        only(readiness_follows_the_probe, when="probes"),
        only(liveness_waits_for_the_start, when="probes"),
        only(restarts_change_no_readiness, when="probes and crashes > 0"),
        only(ready_pods_are_ready_throughout, when="probes"),
        only(everything_is_released, when="promises and not statics and outages == 0"),
        only(deleted_objects_go, when="promises and not statics and outages == 0"),
        only(statuses_arrive, when="promises and not statics and outages == 0"),
        only(grace_never_grows, when="graces > 0"),
        only(admitted_pods_fit, when="room > 0 and crashes == 0"),
        only(nothing_grows_unadmitted, when="resizes > 0"),
        only(restarts_keep_allocations, when="resizes > 0 and crashes > 0"),
        only(resizes_that_fit_are_made, when="promises and resizes > 0"),
        only(mirrors_end_no_static_pod, when="statics"),
        only(static_pods_run, when="promises and statics"),
        only(apps_come_to_run, when="promises and exits > 0"),
        only(running_pods_are_not_pending, when="not lags"),
        only(what_begins_is_not_ready, when="probes"),
        only(apps_wait_for_started_sidecars, when="probes"),
    ]
    promises: bool = constant(default=True)
    """Whether it is asked what happens at last."""

    @reachable(when="not statics")
    def comes_to_its_end(self) -> bool:
        """A pod is deleted after it ran, and all of it is gone."""
        return any(
            self.stored[p] == Stage.GONE
            and self.work[p] == Work.NONE
            and self.shown[p] == PodPhase.SUCCEEDED
            for p in self.pods
        )

    @reachable(when="not statics and forces")
    def outlives_its_object(self) -> bool:
        """Containers run whose object is gone."""
        return any(self.stored[p] == Stage.FORCED and self.is_running(p) for p in self.pods)

    @reachable(when="statics and crashes > 0")
    def static_pods_meet(self) -> bool:
        """After a restart a static pod runs beside the one before, until that is found."""
        return sum(self.is_running(p) for p in self.pods) > 1

    @reachable
    def runs(self) -> bool:
        """Every container of some pod that is not an init container runs."""
        return any(
            all(
                self.roles[c] == Role.INIT or self.run[p][c] == Run.RUNNING
                for c in self.containers
            )
            for p in self.pods
        )

    instances = [
        instance("one", crashes=1),
        instance("api-away", crashes=1, outages=1),
        instance("late-writes", crashes=1, late=True),
        instance("static", pods=2, statics=True, policy=Policy.ALWAYS, edits=3),
        instance("static-outage", statics=True, policy=Policy.ALWAYS, edits=1, outages=1),
        instance("init", containers=4, roles=INIT, crashes=1),
        instance("init-collected", containers=4, roles=INIT, prunes=True, crashes=1),
        instance("init-never", containers=4, roles=INIT, policy=Policy.NEVER),
        instance("two-apps", containers=2, roles=[Role.APP, Role.APP], policy=Policy.NEVER),
        instance("cache", containers=2, roles=SIDECAR, lags=True),
        instance("sandbox", containers=4, roles=INIT, losses=1),
        instance("sidecars", containers=3, roles=SIDECARS, crashes=1),
        instance(
            "back-off",
            containers=2,
            roles=SIDECAR,
            policy=Policy.ALWAYS,
            backoff=2,
            exits=3,
            forces=False,
        ),
        instance("probes", **PROBED, policy=Policy.ALWAYS, crashes=1),
        instance("probes-never", **PROBED, policy=Policy.NEVER),
        instance("readiness", probes=True, threshold=2, crashes=1),
        instance("grace", containers=3, roles=SIDECARS, graces=2, crashes=1),
        instance("room", pods=2, room=1),
        instance("resize", pods=2, room=3, resizes=2, exits=1, forces=False),
        instance("two-pods", slow=True, pods=2, crashes=1),
        instance(
            "static-restarts",
            slow=True,
            pods=2,
            statics=True,
            policy=Policy.ALWAYS,
            edits=3,
            crashes=1,
            outages=1,
        ),
        instance("cache-restarts", slow=True, containers=2, roles=SIDECAR, lags=True, crashes=2),
        instance(
            "resize-restart",
            slow=True,
            pods=2,
            room=3,
            resizes=2,
            exits=1,
            crashes=1,
            forces=False,
            promises=False,
        ),
        instance(
            "two-pods-sidecar",
            slow=True,
            pods=2,
            containers=2,
            roles=SIDECAR,
            crashes=1,
            promises=False,
        ),
    ]
