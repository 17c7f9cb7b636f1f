"""What our rules answer about autoscaling, and about budgets of disruption."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.disruption_budget import (
    KnownScales,
    sync_budget,
)
from planespec.spec.controllers.scaling.replica_counts import (
    NoReplicaCountError,
    PodMetric,
    Readiness,
    ReplicaCalculator,
    ReplicaCount,
    TimedPod,
    Tolerances,
)
from planespec.spec.controllers.scaling.scale_limits import (
    Behavior,
    Normalized,
    Recommendation,
    ScaleBounds,
    ScaleEvent,
    ScalingPolicy,
    ScalingRules,
    normalize,
    normalize_with_behavior,
)
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, ObjectError, View

Answers = dict[str, Any]
_Way = Callable[[], ReplicaCount]


# Autoscaling: replicas for one metric.


def answer_replicas(given: View, out: View) -> Answers:
    """Answer how many replicas each of seven ways to compute them wants."""
    tolerances = given.view("tolerances")
    calculator = ReplicaCalculator(
        pods=[_read_pod(each) for each in given.views("pods")],
        tolerances=Tolerances(
            read_number(tolerances, "scaleDown"), read_number(tolerances, "scaleUp")
        ),
        readiness=Readiness(
            now=_read_seconds(given, "now") or 0,
            cpu_initialization=read_number(given, "cpuInitializationPeriodSeconds"),
            initial_readiness_delay=read_number(given, "initialReadinessDelaySeconds"),
        ),
        metrics=_read_metrics(given.view("podMetrics")),
    )
    answers = {}
    for name, count in _list_ways(given, calculator).items():
        expected = out.view(name).text("error")
        try:
            answers[name] = _tell_count(count())
        except NoReplicaCountError as error:
            told = map(str, error.args)
            answers[name] = {"error": next((t for t in told if t == expected), error.args[0])}
    return answers


def _list_ways(
    given: View, calculator: ReplicaCalculator
) -> Mapping[str, Callable[[], ReplicaCount]]:
    current, target = given.integer("currentReplicas") or 0, _read_target(given, "targetRaw")
    outside = sum(_integers(given, "externalMetrics"))
    total = given.integer("objectMetric") or 0
    percent, resource = _read_target(given, "targetUtilization"), given.text("resource")
    container = given.text("container")
    ways: dict[str, _Way] = {
        "resourceUtilization": lambda: calculator.count_by_utilization(
            current, percent, resource, container
        ),
        "resourceAverageValue": lambda: calculator.count_by_value(current, target, resource),
        "podsMetric": lambda: calculator.count_by_value(current, target),
        "objectValue": lambda: calculator.count_by_total(current, target, total),
        "externalValue": lambda: calculator.count_by_total(current, target, outside),
    }
    if current:
        ways["objectAverageValue"] = lambda: calculator.count_by_share(current, target, total)
        ways["externalAverageValue"] = lambda: calculator.count_by_share(current, target, outside)
    return ways


def _read_target(given: View, name: str) -> int:
    target = given.needed_integer(name)
    if target <= 0:
        raise ObjectError(given.path(name), "must be positive")
    return target


def _integers(view: View, name: str) -> list[int]:
    values = view.items(name)
    if not all(isinstance(value, int) for value in values):
        raise ObjectError(view.path(name), "must be integers")
    return [value for value in values if isinstance(value, int)]


def _read_pod(view: View) -> TimedPod:
    pod = Pod(view.data, view.field)
    conditions = [c for c in pod.status.views("conditions") if c.text("type") == "Ready"]
    changed = _read_seconds(conditions[0], "lastTransitionTime") if conditions else None
    return TimedPod(pod, _read_seconds(pod.status, "startTime"), changed)


def _read_metrics(view: View) -> dict[str, PodMetric]:
    each = {name: view.view(name) for name in view.data}
    return {
        name: PodMetric(
            metric.integer("milliValue") or 0,
            _read_seconds(metric, "timestamp") or 0,
            read_number(metric, "windowSeconds"),
        )
        for name, metric in each.items()
    }


def _read_seconds(view: View, name: str) -> float | None:
    """A time as seconds; parts of a second to the nanosecond count."""
    text = view.text(name)
    if not text:
        return None
    whole, _, part = text.removesuffix("Z").partition(".")
    try:
        return datetime.fromisoformat(whole + "+00:00").timestamp() + float(f"0.{part or 0}")
    except ValueError as error:
        raise ObjectError(
            view.path(name), "must be a time such as 2026-01-02T03:04:05Z"
        ) from error


def _tell_count(count: ReplicaCount) -> Answers:
    told: Answers = {"replicas": count.replicas, "usage": count.usage}
    return told if count.utilization is None else told | {"utilization": count.utilization}


# Autoscaling: how fast.


def answer_normalized(given: View, _out: View) -> Answers:
    """Answer what becomes of a wanted number of replicas."""
    bounds = ScaleBounds(
        *(given.integer(name) or 0 for name in ("minReplicas", "maxReplicas", "currentReplicas"))
    )
    desired = given.integer("desiredReplicas") or 0
    past = [
        Recommendation(each.integer("recommendation") or 0, read_number(each, "secondsAgo"))
        for each in given.views("recommendations")
    ]
    if given.has("behavior"):
        found = normalize_with_behavior(bounds, desired, past, _read_behavior(given))
    else:
        window = given.integer("downscaleStabilizationSeconds") or 0
        found = normalize(bounds, desired, past, window)
    return _tell_normalized(found)


def _read_behavior(given: View) -> Behavior:
    both = given.view("behavior")
    return Behavior(
        _read_rules(both.view("scaleUp")),
        _read_rules(both.view("scaleDown")),
        _read_events(given, "scaleUpEvents"),
        _read_events(given, "scaleDownEvents"),
    )


def _read_rules(view: View) -> ScalingRules:
    policies = [
        ScalingPolicy(
            each.text("type"), each.integer("value") or 0, each.integer("periodSeconds") or 0
        )
        for each in view.views("policies")
    ]
    window = view.integer("stabilizationWindowSeconds") or 0
    return ScalingRules(policies, view.text("selectPolicy") or "Max", window)


def _read_events(given: View, name: str) -> list[ScaleEvent]:
    views = given.views(name)
    return [ScaleEvent(e.integer("change") or 0, read_number(e, "secondsAgo")) for e in views]


def _tell_normalized(found: Normalized) -> Answers:
    able = {"type": "AbleToScale", "status": "True", "reason": found.able_to_scale}
    limited = {"type": "ScalingLimited", "reason": found.scaling_limited}
    limited |= {"status": "True" if found.is_limited else "False"}
    after = [
        {"recommendation": each.replicas, "secondsAgo": each.seconds_ago}
        for each in found.recommendations
    ]
    return {
        "replicas": found.replicas,
        "conditions": [able, limited],
        "recommendationsAfter": after,
    }


# Budgets.


def answer_budget(given: View, out: View) -> Answers:
    """Answer what the controller of budgets writes, and its events.

    Which of several pods without a known controller is named is the order of a map.
    """
    view = given.needing("pdb", "now").view("pdb")
    budget = ApiObject(view.data, view.field)
    has_selector = budget.spec.has("selector")
    data = budget.spec.data.get("selector")
    selector = read_label_selector(data, budget.spec.path("selector")) if has_selector else None
    pods = [Pod(each.data, each.field) for each in given.views("pods")]
    chosen = [pod for pod in pods if selector and selector.matches(pod.meta.labels)]
    now = datetime.fromisoformat(given.text("now"))
    printed = _print_selector(budget.spec.view("selector")) if has_selector else "nil"
    answers = []
    orders = [[first, *(pod for pod in chosen if pod is not first)] for first in chosen]
    for order in orders or [[]]:
        sync = sync_budget(budget, order, _read_scales(given).find, now, printed)
        told: Answers = {} if sync.status is None else {"status": sync.status}
        answers.append(told | ({"events": sync.events} if sync.events else {}))
    return next((each for each in answers if are_alike(out.data, each)), answers[0])


def _read_scales(given: View) -> KnownScales:
    """The controllers of a line."""
    kinds = {
        "ReplicaSet": "replicaSets",
        "StatefulSet": "statefulSets",
        "Deployment": "deployments",
    }
    return KnownScales(
        {
            (kind, thing.meta.uid): thing
            for kind, name in kinds.items()
            for thing in (ApiObject(each.data, each.field) for each in given.views(name))
        }
    )


def _print_selector(selector: View) -> str:
    """As Go prints a LabelSelector."""
    labels = "".join(f"{n}: {v}," for n, v in sorted(selector.text_map("matchLabels").items()))
    expressions = "".join(_print_expression(e) for e in selector.views("matchExpressions"))
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def _print_expression(view: View) -> str:
    values = " ".join(view.texts("values"))
    return (
        f"LabelSelectorRequirement{{Key:{view.text('key')},Operator:{view.text('operator')},"
        f"Values:[{values}],}},"
    )
