"""A kubelet under pressure: which conditions its node has, what it clears away, whom it evicts.

One pass, every ten seconds, is `observe`, then `evict_over_limits`; where that evicts nobody, one
of `list_first` is relieved: garbage is collected where that can help, and if that does not do
(`is_relieved`), `choose_victim` says which single pod goes.

Which threshold is relieved first upstream leaves to the order of a Go map, but memory goes before
all else. Waiting for the evicted pod to be gone and notifications of the kernel are left out.
Source: Kubernetes v1.36, `pkg/kubelet/eviction/eviction_manager.go`, `helpers.go`.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction

from planespec.spec.node.evictions.eviction_messages import describe_pressure
from planespec.spec.node.evictions.eviction_ranking import Disks, PodUsage, rank_pods, to_bytes
from planespec.spec.node.evictions.eviction_thresholds import (
    CONDITIONS,
    IMAGE_FS,
    IMAGE_FS_INODES,
    MEMORY_SIGNALS,
    NODE_FS,
    NODE_FS_INODES,
    PIDS,
    Threshold,
    fix_container_fs,
)
from planespec.spec.objects.core_views import Pod, Taint
from planespec.spec.pods.node_selection import is_tolerated
from planespec.spec.pods.qos import QosClass, get_qos_class, is_critical
from planespec.spec.pods.resources import compute_pod_limits
from planespec.spec.quantity import Quantity
from planespec.spec.quantity.amount import quote

IMMEDIATE_GRACE = 1
"""Seconds that a pod gets when it is evicted at once."""
MEMORY_PRESSURE = "MemoryPressure"
_MEMORY_TAINT = Taint("node.kubernetes.io/memory-pressure", "", "NoSchedule")
CONTAINERS, IMAGES = "containers", "images"
"""Kinds of garbage."""


@dataclass(frozen=True, slots=True)
class EvictionConfig:
    """How a kubelet's eviction is set up; times in seconds."""

    thresholds: tuple[Threshold, ...] = ()
    most_grace: int = 0
    """`evictionMaxPodGracePeriod`: the longest grace under a soft threshold."""
    transition: Fraction = Fraction(0)
    """`evictionPressureTransitionPeriod`: how long a condition stays after it was observed."""
    disks: Disks = field(default_factory=Disks)
    isolates_local_storage: bool = True
    """Whether limits of local storage are enforced."""


@dataclass(frozen=True, slots=True)
class Observation:
    """How much of what a signal is about there is."""

    available: Quantity
    capacity: Quantity
    time: Fraction | None = None
    """When it was measured; None counts as new each time."""


@dataclass(frozen=True, slots=True)
class EvictionState:
    """What is remembered from one pass to the next."""

    met: tuple[Threshold, ...] = ()
    """Thresholds met for their grace, and not resolved."""
    conditions: Set[str] = frozenset()
    first_observed: Mapping[Threshold, Fraction] = field(default_factory=dict)
    last_observed: Mapping[str, Fraction] = field(default_factory=dict)
    """When each condition was last observed."""
    observations: Mapping[str, Observation] | None = None
    """Those of the last pass; None before the first."""


@dataclass(frozen=True, slots=True)
class Eviction:
    """A pod that is killed, with its grace in seconds and the message in its status."""

    pod: Pod
    grace: int
    message: str
    is_disruption: bool = False
    """Whether the pod gets the condition DisruptionTarget; limits of storage do not give it."""


def observe(
    config: EvictionConfig,
    state: EvictionState,
    observations: Mapping[str, Observation],
    now: Fraction,
) -> tuple[EvictionState, tuple[Threshold, ...]]:
    """Take in new observations; return the next state, and the thresholds to act on in any order.

    A threshold that was met stays so until the minimum is reclaimed. A condition is there from
    the first observation on, grace or not, and for less than the transition period after the
    last: with a period of zero there is never one.
    """
    if not config.thresholds and not config.isolates_local_storage:
        return state, ()
    stated = _get_thresholds(config, is_first=state.observations is None)
    met = [each for each in stated if _is_met(each, observations)]
    for old in state.met:
        if _is_met(old, observations, reclaims=True) and not any(old.is_same(e) for e in met):
            met.append(old)
    first = {each: state.first_observed.get(each, now) for each in met}
    last = dict(state.last_observed) | {CONDITIONS[each.signal]: now for each in met}
    conditions = frozenset(name for name, at in last.items() if now - at < config.transition)
    waited = tuple(each for each, at in first.items() if now - at >= each.grace)
    before = state.observations or {}
    fresh = tuple(each for each in waited if _is_fresh(each.signal, observations, before))
    return EvictionState(waited, conditions, first, last, observations), fresh


def _get_thresholds(config: EvictionConfig, *, is_first: bool) -> tuple[Threshold, ...]:
    disks = config.disks
    at_first, later = fix_container_fs(
        config.thresholds, has_image_fs=disks.has_image_fs, is_split=disks.is_split
    )
    return at_first if is_first else later


def _is_met(
    threshold: Threshold, observations: Mapping[str, Observation], *, reclaims: bool = False
) -> bool:
    observed = observations.get(threshold.signal)
    if observed is None:
        return False
    wanted = threshold.amount.of(observed.capacity)
    if reclaims and threshold.minimum_reclaim is not None:
        wanted += threshold.minimum_reclaim.of(observed.capacity)
    return wanted > observed.available


def _is_fresh(
    signal: str, observations: Mapping[str, Observation], before: Mapping[str, Observation]
) -> bool:
    if signal not in observations:
        return False
    time, last = observations[signal].time, before.get(signal)
    if time is None or last is None or last.time is None:
        return True
    return time > last.time


def list_first(thresholds: Iterable[Threshold]) -> list[Threshold]:
    """List the thresholds any of which may be relieved first: those of memory, else all.

    Source: byEvictionPriority, sorted by insertion, which holds for up to 12 thresholds.
    """
    given = list(thresholds)
    return [each for each in given if each.signal in MEMORY_SIGNALS] or given


def list_garbage(signal: str, disks: Disks) -> tuple[str, ...]:
    """List what is cleared away, in order, before a pod is evicted because of a signal."""
    if signal in (*MEMORY_SIGNALS, PIDS):
        return ()
    if not disks.has_image_fs:
        return (CONTAINERS, IMAGES)
    if not disks.is_split:
        return () if signal in (NODE_FS, NODE_FS_INODES) else (CONTAINERS, IMAGES)
    return (IMAGES,) if signal in (IMAGE_FS, IMAGE_FS_INODES) else (CONTAINERS,)


def is_relieved(config: EvictionConfig, observations: Mapping[str, Observation]) -> bool:
    """Say whether after garbage collection no threshold at all is met, minimum and all."""
    thresholds = _get_thresholds(config, is_first=False)
    return not any(_is_met(each, observations, reclaims=True) for each in thresholds)


def choose_victim(
    config: EvictionConfig,
    threshold: Threshold,
    pods: Iterable[Pod],
    usages: Mapping[str, PodUsage],
    observations: Mapping[str, Observation],
) -> Eviction | None:
    """Choose the pod that is evicted to relieve a threshold; None where all are critical."""
    ranked = rank_pods(threshold.signal, pods, usages, config.disks)
    pod = next((each for each in ranked if not is_critical(each)), None)
    if pod is None:
        return None
    grace = IMMEDIATE_GRACE
    if not threshold.is_hard:
        own = pod.spec.integer("terminationGracePeriodSeconds")
        grace = config.most_grace if own is None else min(config.most_grace, own)
    observed = observations[threshold.signal]
    message = describe_pressure(
        threshold.signal,
        threshold.amount.of(observed.capacity),
        observed.available,
        pod,
        usages.get(pod.meta.uid),
    )
    return Eviction(pod, grace, message, is_disruption=True)


def evict_over_limits(
    config: EvictionConfig, pods: Iterable[Pod], usages: Mapping[str, PodUsage]
) -> list[Eviction]:
    """Evict every pod that uses more local storage than its limits, in the order of the pods."""
    if not config.isolates_local_storage:
        return []
    evictions = []
    for pod in pods:
        usage = usages.get(pod.meta.uid)
        if usage is None or is_critical(pod):
            continue
        message = find_exceeded_limit(pod, usage, config.disks)
        if message is not None:
            evictions.append(Eviction(pod, IMMEDIATE_GRACE, message))
    return evictions


def find_exceeded_limit(pod: Pod, usage: PodUsage, disks: Disks) -> str | None:
    """Describe the first limit of local storage that a pod exceeds: volume, pod, container."""
    return (
        _find_volume_over_limit(pod, usage)
        or _find_pod_over_limit(pod, usage)
        or _find_container_over_limit(pod, usage, disks)
    )


def _find_volume_over_limit(pod: Pod, usage: PodUsage) -> str | None:
    for volume in pod.spec.views("volumes"):
        name, source = volume.text("name"), volume.view("emptyDir")
        limit = source.quantity("sizeLimit")
        if limit.sign > 0 and name in usage.volumes and to_bytes(usage.volumes[name].used) > limit:
            return (
                f"Usage of EmptyDir volume {quote(name)} exceeds the limit {quote(str(limit))}. "
            )
    return None


def _find_pod_over_limit(pod: Pod, usage: PodUsage) -> str | None:
    limit = compute_pod_limits(pod).get("ephemeral-storage")
    if limit is None or to_bytes(usage.ephemeral_storage) <= limit:
        return None
    return f"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. "


def _find_container_over_limit(pod: Pod, usage: PodUsage, disks: Disks) -> str | None:
    """Writable layers on a file system of their own do not count."""
    limits = {each.name: each.resources.limits.get("ephemeral-storage") for each in pod.containers}
    for container in usage.containers:
        limit = limits.get(container.name)
        parts = [container.logs] if disks.has_image_fs else [container.logs, container.root]
        used = sum(part.used for part in parts if part is not None)
        if limit is not None and limit.value != 0 and to_bytes(used) > limit:
            exceeded = f"exceeded its local ephemeral storage limit {quote(str(limit))}. "
            return f"Container {container.name} {exceeded}"
    return None


def admits(conditions: Set[str], pod: Pod) -> bool:
    """Say whether a kubelet whose node has these conditions of pressure runs a new pod.

    Critical pods always; under pressure of memory alone those too that request or limit memory or
    cpu, or tolerate the pressure.
    """
    if not conditions or is_critical(pod):
        return True
    if set(conditions) != {MEMORY_PRESSURE}:
        return False
    if get_qos_class(pod) is not QosClass.BEST_EFFORT:
        return True
    return is_tolerated(_MEMORY_TAINT, pod.tolerations)
