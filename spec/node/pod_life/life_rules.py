"""Whether a call of a kubelet has a reason: the rules of a pod's life, put together.

What to do next is `compute_pod_actions`; a call has a reason where that rule asks for it in one of
the states in which the kubelet may see the pod by now. The end of a pod is its worker's: nothing
is started any more, containers stop in the order of sidecars, then the sandbox. Each function
returns why a call has none, empty where it has.
"""

from collections.abc import Iterator, Mapping
from math import inf

from planespec.spec.node.lifecycle.pod_actions import PodActions, compute_pod_actions
from planespec.spec.node.lifecycle.runtime_status import RuntimeStatus
from planespec.spec.node.lifecycle.termination_order import order_termination
from planespec.spec.node.pod_life.observed_life import (
    SLACK,
    LifeContainer,
    LifeSandbox,
    PodLife,
    ProbeLog,
)
from planespec.spec.node.pod_status.pod_conditions import should_all_restart
from planespec.spec.objects.view import View

LEAST_TIMEOUT = 2
"""Seconds that a container is given to stop at the least."""
NOTICE = 5.0
"""Seconds within which a kubelet notices that a pod is gone from its source, or too old."""
OLD = 2.0
"""Seconds by which what a kubelet has of its runtime may be old."""
RACE = 0.5
"""Seconds within which two parts of a kubelet may remove the same container."""
MOST_REMOVALS = 2
"""How many parts of a kubelet remove containers: the workers of pods, and what follows an exit."""


def _list_actions(life: PodLife, now: float) -> Iterator[tuple[RuntimeStatus, PodActions]]:
    for status in life.list_statuses(now):
        yield status, compute_pod_actions(life.pod, status)


def may_end(life: PodLife, now: float) -> bool:
    """Whether the pod may be brought to its end: it is gone, too old, or has nothing to do."""
    if life.was_deleted or life.deleted_at <= now + SLACK:
        return True
    deadline = life.pod.spec.integer("activeDeadlineSeconds")
    if deadline is not None and now >= life.began_at + deadline - SLACK:
        return True
    return any(each.kill_pod and not each.create_sandbox for _, each in _list_actions(life, now))


def _may_restart_all(life: PodLife, now: float) -> bool:
    return any(
        should_all_restart(dict(life.pod.data), each, None) for each in life.list_statuses(now)
    )


def _explain_late(life: PodLife, now: float) -> str:
    """Why nothing of a pod may be started any more."""
    if now > life.deleted_at + NOTICE:
        return "the pod is gone from its source"
    deadline = life.pod.spec.integer("activeDeadlineSeconds")
    since = max(life.seen_at, life.kubelet_restarted_at)
    if deadline is not None and now > since + deadline + NOTICE and not life.was_deleted:
        return "the pod has been active for too long"
    if life.unstarted and life.restarted_at < life.containers[life.unstarted].created_at:
        return f"{life.unstarted} was made and has not been started"
    return ""


def explain_run(life: PodLife, attempt: int, now: float) -> str:
    """Why no sandbox is made."""
    late = _explain_late(life, now)
    if late:
        return late
    known = life.list_sandboxes()
    wanted = known[0].attempt + 1 if known else 0
    if not wanted <= attempt <= wanted + life.unseen_sandboxes:
        return f"the attempt of the sandbox must be {wanted}"
    if any(each.stopped_at == inf for each in known):
        return f"{known[0].sandbox_id} has not been stopped"
    if not any(actions.create_sandbox for _, actions in _list_actions(life, now)):
        return "the pod needs no new sandbox"
    return ""


def explain_create(
    life: PodLife, sandbox: LifeSandbox, name: str, attempt: int, now: float
) -> str:
    """Why a container is not made."""
    late = _explain_late(life, now)
    if late:
        return late
    container = life.get_container(name)
    if container is None:
        return f"the pod has no container {name!r}"
    if sandbox is not life.list_sandboxes()[0] or sandbox.stopped_at < inf:
        return f"{sandbox.sandbox_id} is not the sandbox of now"
    if attempt not in _list_attempts(life, name):
        return f"the attempt of {name} must be one of {sorted(_list_attempts(life, name))}"
    if not _is_asked_for(life, sandbox, name, now):
        return f"{name} is not to be started now"
    return ""


def _list_attempts(life: PodLife, name: str) -> set[int]:
    """The next attempt of a container; those removed may be remembered from before, or not."""
    known = life.list_known(name)
    ever = [each.attempt for each in life.containers.values() if each.name == name]
    attempts = {each + 1 + more for each in ever[-1:] for more in range(life.unseen + 1)}
    return attempts if known else attempts | {*range(life.unseen + 1)}


def _is_asked_for(life: PodLife, sandbox: LifeSandbox, name: str, now: float) -> bool:
    if any(name in _list_started(life, actions) for _, actions in _list_actions(life, now)):
        return True
    made = [each for each in life.containers.values() if each.sandbox == sandbox.sandbox_id]
    if any(each.name == name for each in made):
        return False
    # What is started in a new sandbox was decided before it was made.
    before = life.list_statuses(now, before_sandbox=True)
    return any(name in _list_started(life, compute_pod_actions(life.pod, each)) for each in before)


def _list_started(life: PodLife, actions: PodActions) -> set[str]:
    pod = life.pod
    started = {pod.init_containers[place].name for place in actions.init_containers_to_start}
    return started | {pod.containers[place].name for place in actions.containers_to_start}


def explain_start(life: PodLife, container: LifeContainer, now: float) -> str:
    """Why a container is not started."""
    if life.unstarted != container.container_id:
        return f"{container.container_id} is not what was made last"
    if container.started_at < inf:
        return f"{container.container_id} was started before"
    restarted = life.kubelet_restarted_at
    if container.created_at < restarted and now > restarted + SLACK:
        return f"{container.container_id} was made before the kubelet was restarted"
    return ""


def explain_stop(
    life: PodLife, container: LifeContainer, timeout: int, now: float, *, is_hook: bool = False
) -> str:
    """Why a container is not stopped, nor its hook run before that, which waits for no other."""
    if container.started_at == inf:
        return f"{container.container_id} was never started"
    if now > container.gone_at + OLD:
        return f"{container.container_id} does not run"
    # A worker waits for what is newer than its last pass, in which the container has ended.
    if container.stopped_at > life.kubelet_restarted_at and not is_hook:
        return f"{container.container_id} was stopped before"
    reason = _find_cause(life, container, now)
    if not reason:
        return f"nothing asks for {container.container_id} to be stopped"
    longest = _get_longest_grace(life, container)
    if not LEAST_TIMEOUT <= timeout <= longest:
        return f"the timeout must be from {LEAST_TIMEOUT} to {longest} seconds"
    if reason == "end" and not is_hook:
        return _explain_too_early(life, container, now)
    return ""


def _find_cause(life: PodLife, container: LifeContainer, now: float) -> str:
    """Why a container is to be stopped: alone, with its sandbox, or with the pod."""
    if container.hook_failed:
        return "hook"
    for _, actions in _list_actions(life, now):
        if container.container_id in actions.kills:
            return "kill"
    if may_end(life, now):
        return "end"
    if any(actions.kill_pod for _, actions in _list_actions(life, now)):
        return "sandbox"
    return "all" if _may_restart_all(life, now) else ""


def _get_longest_grace(life: PodLife, container: LifeContainer) -> int:
    graces = [LEAST_TIMEOUT, life.pod.spec.integer("terminationGracePeriodSeconds") or 0]
    spec = life.get_container(container.name)
    if spec is not None:
        probes = [spec.view(name) for name in ("livenessProbe", "startupProbe")]
        graces += [each.integer("terminationGracePeriodSeconds") or 0 for each in probes]
    return max(graces)


def _explain_too_early(life: PodLife, container: LifeContainer, now: float) -> str:
    """Why a sidecar waits, as long as the pod has grace left."""
    grace = life.pod.spec.integer("terminationGracePeriodSeconds") or 0
    if now >= min(life.first_stop_at, now) + grace - SLACK and life.first_stop_at < now:
        return ""
    certain = [
        each.name
        for each in life.list_known()
        if each.may_run(now) and each.earliest_end > now + SLACK
    ]
    awaited = order_termination(life.pod, certain).list_awaited(container.name)
    return f"{container.name} waits for {', '.join(awaited)}" if awaited else ""


def explain_stop_sandbox(life: PodLife, sandbox: LifeSandbox, now: float) -> str:
    """Why a sandbox is not stopped."""
    for each in life.list_known():
        is_certain = each.may_run(now) and each.earliest_end > now + SLACK
        if each.sandbox == sandbox.sandbox_id and is_certain and not each.stops:
            return f"{each.container_id} still runs in it"
    if sandbox.stopped_at < inf or may_end(life, now):
        return ""
    if not any(actions.kill_pod for _, actions in _list_actions(life, now)):
        return "nothing asks for the sandbox to be stopped"
    return ""


def explain_remove(life: PodLife, container: LifeContainer, now: float) -> str:
    """Why a container is not removed."""
    if container.removed_at < now - RACE or container.removals >= MOST_REMOVALS:
        return f"{container.container_id} was removed before"
    certain = container.may_run(now) and container.earliest_end > now + SLACK
    if container.started_at < inf and certain and not container.stops:
        return f"{container.container_id} still runs"
    newer = [
        each for each in life.list_known(container.name) if each.created_at > container.created_at
    ]
    if newer or may_end(life, now) or _may_restart_all(life, now):
        return ""
    if any(actions.create_sandbox for _, actions in _list_actions(life, now)):
        return ""  # Init containers are removed before a new sandbox is made.
    return f"{container.container_id} is the last of {container.name}, and is kept"


def explain_remove_sandbox(life: PodLife, sandbox: LifeSandbox, now: float) -> str:
    """Why a sandbox is not removed."""
    if sandbox.removed_at < inf:
        return f"{sandbox.sandbox_id} was removed before"
    if sandbox.stopped_at == inf:
        return f"{sandbox.sandbox_id} has not been stopped"
    left = [each.container_id for each in life.list_known() if each.sandbox == sandbox.sandbox_id]
    if left:
        return f"{left[0]} is still in it"
    if sandbox is life.list_sandboxes()[0] and not may_end(life, now):
        return f"{sandbox.sandbox_id} is the sandbox of now"
    return ""


def explain_exec(container: LifeContainer, answered: bool, now: float) -> str:
    """Why no command is run in a container; `answered` says that it ran to its end."""
    if container.started_at > now + SLACK:
        return f"{container.container_id} was never started"
    if container.removed_at < now - (RACE if answered else NOTICE):
        return f"{container.container_id} was removed before"
    if answered and not container.may_run(now):
        return f"{container.container_id} does not run"
    return ""


def explain_probe(
    life: PodLife, container: LifeContainer, name: str, probe: View, now: float
) -> str:
    """Why a probe is not made now."""
    # The time of the start is told in whole seconds, so it may seem a second earlier.
    if now < container.started_at + (probe.integer("initialDelaySeconds") or 0) - 1 - SLACK:
        return f"the {name} of {container.name} begins later"
    startup = container.probes.get("startupProbe")
    is_started = startup is None or startup.has_succeeded or startup.had_succeeded
    if name != "startupProbe" and not is_started:
        return f"{container.name} has not started, and its {name} waits"
    log = container.probes[name]
    if name == "startupProbe" and log.has_succeeded and not log.is_asked_again:
        return f"{container.name} has started, and is not asked again"
    if name != "readinessProbe" and log.has_failed:
        return f"the {name} of {container.name} has failed, and waits for another container"
    return ""


def take_turn(logs: Mapping[str, ProbeLog], now: float, took: float) -> str:
    """Take one of the probes whose worker may ask now, and note that; why there is none.

    One that is not ready is asked again whenever its pod is synchronized, before its period ends.
    """
    free = [
        each
        for name, each in logs.items()
        if (each.begun_at < now or name == "readinessProbe") and each.free_at <= now + SLACK
    ]
    if not free:
        return "each of its probes has been asked, and waits for its answer"
    chosen = min(free, key=lambda each: each.begun_at)
    chosen.begun_at, chosen.free_at = now, now + took
    return ""


def explain_back_off(life: PodLife, name: str, longest: int, now: float) -> str:
    """Why a container waits before it is made again, at the most so many seconds.

    It waits from the end of the last one that had ended when the kubelet looked: one that it has
    stopped a moment ago had not. The first time it does not wait. When it ended is a lower bound.
    """
    made = [each for each in life.containers.values() if each.name == name]
    made = [each for each in made if each.created_at > life.kubelet_restarted_at]
    waits = [_find_ended(made[:place]) for place in range(1, len(made) + 1)]
    if life.was_deleted or not waits or waits[-1] is None or not any(waits[:-1]):
        return ""
    since, made_at = waits[-1].earliest_end, waits[-1].created_at
    if since == inf or since > made_at + 2 * longest:
        return ""  # It never ran, or so long that it may be forgiven.
    if now < since + longest - SLACK:
        return f"{name} waits until {since + longest:.1f} s"
    return ""


def _find_ended(made: list[LifeContainer]) -> LifeContainer | None:
    """The last container that had ended by itself when another was made."""
    return next((each for each in reversed(made) if not each.stops), None)
