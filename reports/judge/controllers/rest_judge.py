"""Judge of `controllers_rest`: endpoints, claims, garbage, taints and zones.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind. Where upstream goes through a map, an answer agrees if it is one of those
that the real controller may give.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.controllers.binder_answers import (
    answer_claim_sync,
    answer_match,
    answer_volume_sync,
)
from planespec.reports.judge.controllers.collector_answers import answer_collector, read_decisions
from planespec.reports.judge.controllers.eviction_answers import (
    answer_taint_eviction,
    answer_zone_disruption,
)
from planespec.reports.judge.controllers.kind_answers import Answer, Reading, judge_kinds
from planespec.reports.judge.controllers.slice_answers import answer_slices
from planespec.reports.judge.runner import Comparison

_ANSWERS: dict[str, Answer] = {
    "endpointslice_reconcile": answer_slices,
    "gc_decisions": answer_collector,
    "pv_match": answer_match,
    "pv_sync_claim": answer_claim_sync,
    "pv_sync_volume": answer_volume_sync,
    "taint_eviction": answer_taint_eviction,
    "zone_disruption": answer_zone_disruption,
}
_READINGS: dict[str, Reading] = {"gc_decisions": read_decisions}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_kinds(path, _ANSWERS, _READINGS)
