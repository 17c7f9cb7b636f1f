"""Judge of `gc` and `volumes_live`: live scenarios, each of which must be explained as a trace.

A line is one case, counted by its scenario. It is explained when every version of an object that a
watch showed is due to a request and is what that request makes of the version before; every
request got an answer that fits; every write and every event of a controller is one that our rules
lead to in a state that it may have seen; and what must follow has followed by the end. Otherwise
the first few reasons are told why not. Writes of controllers that nobody knows are not explained.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from planespec.reports.judge.controllers.traced.attach_traces import AttachReasons
from planespec.reports.judge.controllers.traced.binder_traces import VolumeReasons
from planespec.reports.judge.controllers.traced.collector_traces import CollectorReasons
from planespec.reports.judge.controllers.traced.namespace_traces import NamespaceReasons
from planespec.reports.judge.controllers.traced.request_answers import explain_answer
from planespec.reports.judge.controllers.traced.scenario_clock import find_odd_time
from planespec.reports.judge.controllers.traced.scenario_ends import Ends
from planespec.reports.judge.controllers.traced.told_events import EventReasons
from planespec.reports.judge.controllers.traced.traced_history import make_history
from planespec.reports.judge.controllers.traced.traced_line import (
    SCRIPT,
    Request,
    Scenario,
    read_scenario,
)
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.reports.judge.controllers.traced.workload_traces import WorkloadReasons
from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.objects.view import ObjectError, View

EXPLAINED = "explained"
MOST = 3
"""Reasons that are told of a line."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    scenario = read_scenario(line)
    try:
        faults = list(islice(list_faults(scenario), MOST))
    except (AttributeError, KeyError, OverflowError, TypeError) as error:
        raise ObjectError("", "a field has another type than it should") from error
    actual = "; ".join(faults) or EXPLAINED
    yield compare(line.text("scenario"), where, dict(line.data), EXPLAINED, actual)


def list_faults(scenario: Scenario) -> Iterator[str]:
    """Why a scenario is not explained; nothing where it is."""
    history = make_history(scenario)
    yield from history.faults
    moments = Moments(history)
    for request in scenario.requests:
        if fault := explain_answer(request, moments):
            yield f"{request}: {fault}"
    reasons = _Reasons(scenario, moments)
    yield from reasons.list_unexplained()
    if fault := find_odd_time(history):
        yield fault
    yield from reasons.ends.list_faults()


class _Reasons:
    """Who finds the reasons of whom."""

    def __init__(self, scenario: Scenario, moments: Moments) -> None:
        """Share the states of a scenario."""
        asked = scenario.requests
        collecting = CollectorReasons(moments, *_list_looks(asked))
        binding, attaching = VolumeReasons(moments, asked), AttachReasons(moments)
        gone = [each for each in asked if each.verb == "deletecollection"]
        workloads = WorkloadReasons(moments, asked)
        self.scenario = scenario
        self.explainers: dict[str, Callable[[Request], str]] = {
            "generic-garbage-collector": collecting.explain,
            "namespace-controller": NamespaceReasons(moments, gone).explain,
            "deployment-controller": workloads.explain_deployment,
            "replicaset-controller": workloads.explain_replica_set,
            "persistent-volume-binder": binding.explain_binding,
            "pvc-protection-controller": binding.explain_protection,
            "pv-protection-controller": binding.explain_protection,
            "attachdetach-controller": attaching.explain,
        }
        namespaces = sorted({each.key.namespace for each in scenario.versions})
        self.events = EventReasons(binding, attaching, collecting, namespaces)
        self.ends = Ends(scenario, collecting, binding, attaching)

    def list_unexplained(self) -> Iterator[str]:
        """Writes and events of controllers without a reason."""
        for request in self.scenario.requests:
            if request.component == SCRIPT:
                continue
            explain = self.explainers.get(request.component)
            fault = "nobody knows this controller" if explain is None else explain(request)
            if fault:
                yield f"{request}: {fault}"
        for event in self.scenario.told:
            if fault := self.events.explain(event):
                yield fault


def _list_looks(requests: list[Request]) -> tuple[list[Request], list[Request]]:
    """Deletions of the collector that were refused, and its patches."""
    own = [each for each in requests if each.component == "generic-garbage-collector"]
    refused = [each for each in own if each.verb == "delete" and each.code == 409]
    return refused, [each for each in own if each.verb == "patch"]
