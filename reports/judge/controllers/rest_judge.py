"""Judge of `controllers_rest`: endpoints, claims, garbage, taints and zones.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind. Where upstream goes through a map, an answer agrees if it is one of those
that the real controller may give.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from planespec.reports.judge.controllers.binder_answers import (
    answer_claim_sync,
    answer_match,
    answer_volume_sync,
)
from planespec.reports.judge.controllers.collector_answers import answer_collector
from planespec.reports.judge.controllers.eviction_answers import (
    answer_taint_eviction,
    answer_zone_disruption,
)
from planespec.reports.judge.controllers.slice_answers import answer_slices
from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.objects.view import ObjectError, View

_ANSWERS: dict[str, Callable[[View, View], dict[str, Any]]] = {
    "endpointslice_reconcile": answer_slices,
    "gc_decisions": answer_collector,
    "pv_match": answer_match,
    "pv_sync_claim": answer_claim_sync,
    "pv_sync_volume": answer_volume_sync,
    "taint_eviction": answer_taint_eviction,
    "zone_disruption": answer_zone_disruption,
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    kind = line.needing("kind", "in", "out").text("kind")
    if kind not in _ANSWERS:
        raise ObjectError("kind", f"{kind!r} is none of {', '.join(sorted(_ANSWERS))}")
    given, out = line.view("in"), line.view("out")
    expected = dict(out.data)
    if kind == "gc_decisions" and "events" in expected:
        # Events about dependents of one owner come in the order of a map.
        expected["events"] = sorted(out.texts("events"))
    yield compare(kind, where, given.data, expected, _ANSWERS[kind](given, out))
