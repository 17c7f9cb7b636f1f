"""Judge of `apiserver_chain` recordings: what happens to a request before and around its handler.

A line is `{"kind": ..., "in": {...}, "out": {...}}`; each kind has a function that answers it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.apiserver.chain.burst_answers import (
    answer_classification,
    answer_in_flight,
    answer_timeouts,
)
from planespec.reports.judge.apiserver.chain.chain_answers import (
    answer_authentication,
    answer_chain,
)
from planespec.reports.judge.apiserver.chain.fairness_answers import answer_fairness
from planespec.reports.judge.apiserver.chain.flow_answers import (
    answer_allocation,
    answer_match,
    answer_sharding,
)
from planespec.reports.judge.apiserver.chain.recorded_policy import (
    KIND,
    answer_policy,
    find_policy_among,
)
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.api.handlers.audit_policy import AuditPolicy
from planespec.spec.objects.view import ObjectError, View

Answer = Callable[[View, View], object]
"""From what was asked and what was answered, our answer; the second only where it is left open."""

ANSWERS: dict[str, Answer] = {
    "authn": answer_authentication,
    "concurrency_allocation": answer_allocation,
    "flow_classification": answer_classification,
    "flow_schema_match": answer_match,
    "max_inflight": answer_in_flight,
    "priority_and_fairness": answer_fairness,
    "shuffle_sharding": answer_sharding,
    "timeouts": answer_timeouts,
}
AUDITED = ("authz_order", "chain")
"""Kinds whose answers depend on the audit policy, too."""
KINDS = (*ANSWERS, *AUDITED, KIND)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line of a recording; InputError where it is malformed.

    All lines are read first: the one with the audit policy may stand anywhere.
    """
    records = list(read_records(path))
    policy = find_policy_among(path, records)
    for number, record in records:
        with at(path, number):
            line = View(record)
            kind = line.text("kind")
            if kind not in KINDS:
                message = f"kind: {kind!r} is not a kind of this recording"
                raise InputError(message, file=path, line=number, allowed=", ".join(KINDS))
            expected, actual = _answer(kind, line, policy)
        yield compare(kind, f"{path}:{number}", line.data.get("in"), expected, actual)


def _answer(kind: str, line: View, policy: AuditPolicy) -> tuple[object, object]:
    if kind == KIND:
        return answer_policy(line)
    expected = line.data.get("out")
    if not isinstance(expected, dict):
        raise ObjectError("out", "must be an object")
    given, recorded = line.needing("in").view("in"), line.view("out")
    if kind in AUDITED:
        return expected, answer_chain(given, recorded, policy)
    return expected, ANSWERS[kind](given, recorded)
