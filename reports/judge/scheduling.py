"""Judge of `scheduling`: recorded verdicts of kube-scheduler, plugin by plugin.

A line is `{"case": {...}, "verdict": {...}}`. Each case is judged part by part (what a plugin
says in PreFilter, of each node in Filter, its raw and normalised scores, the framework's result,
the totals, preemption) and once as a whole, as kind "case: KIND"; a case agrees as a whole only
when every field of its verdict does.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.comparison import Comparison, compare
from planespec.reports.judge.scheduling_answer import Answer, Case, answer_case, read_case
from planespec.spec.objects import View

ORDERED_REASONS = (
    "Too many pods",
    "Insufficient cpu",
    "Insufficient memory",
    "Insufficient ephemeral-storage",
)
"""What NodeResourcesFit says in this order; other resources follow in no fixed order."""
_IDENTITY = ("id",)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield the comparisons of every case of a recording; InputError where it is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            case_view = line.view("case")
            given, kind = {"id": case_view.text("id")}, f"case: {case_view.text('kind')}"
            expected = normalize(dict(line.view("verdict").data))
            actual = _answer(read_case(case_view), expected)
        where = f"{path}:{number}"
        comparisons = [
            compare(part, where, given, expected_part, actual_part)
            for part, expected_part, actual_part in split(expected, actual)
        ]
        yield from comparisons
        differing = [item.kind for item in comparisons if not item.agrees]
        yield compare(kind, where, given, {"differs in": []}, {"differs in": differing})


def _answer(case: Case, expected: Answer) -> Answer:
    """Return our verdict for the nominated pods that the recorded scheduler knew of.

    The recording does not say which those are: a nominated pod counts once the scheduler's
    informer has delivered it, and in the recordings most had not arrived. So the answer for all
    of them is tried first, then for fewer; where none agrees, it is the one for all.
    """
    first = None
    for count in range(len(case.nominated), -1, -1):
        for nominated in combinations(case.nominated, count):
            actual = normalize(answer_case(case, nominated))
            if actual == expected:
                return actual
            first = first or actual
    assert first is not None
    return first


def split(expected: Answer, actual: Answer) -> Iterator[tuple[str, object, object]]:
    """Yield each part of two verdicts with its kind; a part that one side lacks is null there."""
    for field in sorted(expected.keys() | actual.keys()):
        one, other = expected.get(field), actual.get(field)
        if field in ("prefilter", "filter"):
            stage = "PreFilter" if field == "prefilter" else "Filter"
            yield from _split_plugins(stage, one, other)
        elif field in ("scores", "scoresAll"):
            stage = "Score" if field == "scores" else "Score, all nodes:"
            yield from _split_scores(stage, one, other)
        else:
            yield field, one, other


def _split_plugins(stage: str, one: object, other: object) -> Iterator[tuple[str, object, object]]:
    left, right = _mapping(one), _mapping(other)
    for name in sorted(left.keys() | right.keys()):
        yield f"{stage} {name}", left.get(name), right.get(name)


def _split_scores(stage: str, one: object, other: object) -> Iterator[tuple[str, object, object]]:
    """Yield raw and normalised scores of each plugin together, then everything else."""
    left, right = _mapping(one), _mapping(other)
    parts = ("raw", "normalized")
    names = {name for side in (left, right) for part in parts for name in _mapping(side.get(part))}
    for name in sorted(names):
        scores = [
            {part: _mapping(side.get(part)).get(name) for part in parts} for side in (left, right)
        ]
        yield f"{stage} {name}", scores[0], scores[1]
    rest = [{k: v for k, v in side.items() if k not in parts} for side in (left, right)]
    yield f"{stage} total", rest[0], rest[1]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def normalize(verdict: Answer) -> Answer:
    """Return the verdict without its id and with what has no order sorted."""
    return {
        name: sorted(value)
        if name == "podErrors" and isinstance(value, list)
        else _normalize_reasons(value)
        for name, value in verdict.items()
        if name not in _IDENTITY
    }


def _normalize_reasons(value: object) -> Answer | object:
    if not isinstance(value, dict):
        return value
    return {
        name: sorted(inner, key=_reason_key)
        if name == "reasons" and isinstance(inner, list)
        else _normalize_reasons(inner)
        for name, inner in value.items()
    }


def _reason_key(reason: object) -> tuple[int, str]:
    """Sort the resources that have no order behind those that have; leave other reasons alone."""
    text = str(reason)
    if text in ORDERED_REASONS or not text.startswith("Insufficient "):
        return 0, ""
    return 1, text
