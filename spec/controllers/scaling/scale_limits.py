"""How fast an autoscaler may get to the replicas that it wants.

A new recommendation counts only as far as recent ones agree (stabilisation), then only as far as
the policies of its direction let it go in their periods, then within minimum and maximum.

Source: Kubernetes v1.36, `pkg/controller/podautoscaler/horizontal.go`
(normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors). Times are seconds ago.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

FACTOR, AT_LEAST = 8, 4
"""How far one step up may go without behaviours: to eight times as many, at least to four."""
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A number of replicas that was wanted some time ago."""

    replicas: int
    seconds_ago: float = 0


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """By how much the replicas changed some time ago."""

    change: int
    seconds_ago: float


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """`type` is Pods or Percent."""

    type: str
    value: int
    period: int


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """One direction of `behavior`; `select` is Max, Min or Disabled."""

    policies: Sequence[ScalingPolicy]
    select: str
    stabilization_window: int


@dataclass(frozen=True, slots=True)
class Behavior:
    """Both directions, and what happened in each."""

    up: ScalingRules
    down: ScalingRules
    ups: Sequence[ScaleEvent] = ()
    downs: Sequence[ScaleEvent] = ()


@dataclass(frozen=True, slots=True)
class ScaleBounds:
    """Of an autoscaler and its target."""

    least: int
    most: int
    current: int


@dataclass(frozen=True, slots=True)
class Normalized:
    """The replicas to have, why, and the recommendations to remember."""

    replicas: int
    able_to_scale: str
    """The reason of the condition AbleToScale."""
    scaling_limited: str
    """The reason of the condition ScalingLimited."""
    is_limited: bool
    recommendations: tuple[Recommendation, ...]


def normalize(
    bounds: ScaleBounds, desired: int, past: Sequence[Recommendation], window: int
) -> Normalized:
    """Without behaviours: the highest of a window on the way down, no window on the way up."""
    recent = [each.replicas for each in past if each.seconds_ago <= window]
    stable = max([desired, *recent])
    old = [place for place, each in enumerate(past) if each.seconds_ago > window]
    limit = max(FACTOR * bounds.current, AT_LEAST)
    if stable < bounds.least:
        replicas, reason = bounds.least, "TooFewReplicas"
    elif stable > min(bounds.most, limit):
        replicas = min(bounds.most, limit)
        reason = "ScaleUpLimit" if bounds.most > limit else "TooManyReplicas"
    else:
        replicas, reason = stable, "DesiredWithinRange"
    able = "ReadyForNewScale" if stable == desired else "ScaleDownStabilized"
    return Normalized(replicas, able, reason, replicas != stable, _remember(past, old, desired))


def normalize_with_behavior(
    bounds: ScaleBounds, desired: int, past: Sequence[Recommendation], behavior: Behavior
) -> Normalized:
    """With behaviours of both directions."""
    up_window, down_window = behavior.up.stabilization_window, behavior.down.stabilization_window
    lowest = min([desired, *(each.replicas for each in past if each.seconds_ago < up_window)])
    highest = max([desired, *(each.replicas for each in past if each.seconds_ago < down_window)])
    stable = min(max(bounds.current, lowest), highest)
    longest = max(up_window, down_window)
    old = [place for place, each in enumerate(past) if each.seconds_ago > longest]
    direction = "ScaleUpStabilized" if desired >= bounds.current else "ScaleDownStabilized"
    able = "ReadyForNewScale" if stable == desired else direction
    replicas, reason = _limit(bounds, stable, behavior)
    return Normalized(replicas, able, reason, replicas != stable, _remember(past, old, desired))


def _remember(
    past: Sequence[Recommendation], old: Sequence[int], desired: int
) -> tuple[Recommendation, ...]:
    """Put the newest in the place of the last one that is too old, or at the end."""
    if not old:
        return (*past, Recommendation(desired))
    return (*past[: old[-1]], Recommendation(desired), *past[old[-1] + 1 :])


def _limit(bounds: ScaleBounds, desired: int, behavior: Behavior) -> tuple[int, str]:
    if desired > bounds.current:
        limit = max(compute_up_limit(bounds.current, behavior), bounds.current)
        most = min(bounds.most, limit)
        if desired > most:
            return most, "ScaleUpLimit" if bounds.most > limit else "TooManyReplicas"
    elif desired < bounds.current:
        limit = min(compute_down_limit(bounds.current, behavior), bounds.current)
        least = max(bounds.least, limit)
        if desired < least:
            return least, "ScaleDownLimit" if bounds.least < limit else "TooFewReplicas"
    return desired, "DesiredWithinRange"


def compute_up_limit(current: int, behavior: Behavior) -> int:
    """The most that the policies allow (`calculateScaleUpLimitWithScalingRules`)."""
    return _choose(behavior.up, current, max, _propose(behavior.up, current, behavior, 1))


def compute_down_limit(current: int, behavior: Behavior) -> int:
    """The least that the policies allow (`calculateScaleDownLimitWithBehaviors`)."""
    return _choose(behavior.down, current, min, _propose(behavior.down, current, behavior, -1))


def _propose(
    rules: ScalingRules, current: int, behavior: Behavior, direction: int
) -> Iterator[int]:
    """The replicas that each policy lets it get to; shares are rounded up, on the way down cut."""
    for policy in rules.policies:
        start = _find_start(policy, current, behavior)
        if policy.type == "Pods":
            yield start + direction * policy.value
        else:
            share = start * (1 + direction * policy.value / 100)
            yield ceil(share) if direction > 0 else int(share)


def _find_start(policy: ScalingPolicy, current: int, behavior: Behavior) -> int:
    """The replicas at the beginning of the period, as far as is known."""
    added = _sum_recent(behavior.ups, policy.period)
    return current - added + _sum_recent(behavior.downs, policy.period)


def _sum_recent(events: Iterable[ScaleEvent], period: int) -> int:
    return sum(event.change for event in events if event.seconds_ago < period)


def _choose(
    rules: ScalingRules,
    current: int,
    widest: Callable[..., int],
    proposed: Iterable[int],
) -> int:
    """The widest of what is proposed, or the narrowest with Min; nothing with Disabled."""
    if rules.select == "Disabled":
        return current
    narrowest = min if widest is max else max
    nothing = -_MOST - 1 if widest is max else _MOST
    choose = narrowest if rules.select == "Min" else widest
    if rules.select == "Min":
        nothing = -nothing - 1
    return choose([nothing, *proposed])
