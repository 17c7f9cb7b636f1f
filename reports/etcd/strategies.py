"""Hypothesis strategies for requests to a store and for what is done to a member.

Keys are few, so that requests meet. Keys, revisions and leases are to be placed by an `Origin`.
"""

from typing import Any

from hypothesis import strategies as st

from planespec.reports.etcd.actions import Action, Ask, AskAndKill, Kill, Pause
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Operation,
    Put,
    Range,
    Request,
    SortOrder,
    SortTarget,
    Txn,
)

LAST = "~"
"""A range end after every key."""

KEYS = st.sampled_from("abcde")
RANGE_ENDS = st.sampled_from(["", "", "a", "b", "c", "d", "e", LAST, LAST])
LEASES = st.integers(1, 2)
REVISIONS = st.integers(-1, 20)
VALUES = st.sampled_from(["", "0", "1", "2"])
SELDOM = st.integers(0, 9).map(lambda n: n == 9)

_BOUND = st.sampled_from([0, 0, 0, 3, 6, 9])

PUTS = st.builds(
    Put,
    key=KEYS,
    value=VALUES,
    lease=st.sampled_from([0, 0, 1, 2]),
    prev_kv=st.booleans(),
    ignore_value=SELDOM,
    ignore_lease=SELDOM,
)
"""Puts, among them those that keep value or lease and those that contradict themselves."""


def _ranges(revisions: st.SearchStrategy[int]) -> st.SearchStrategy[Range]:
    return st.builds(
        Range,
        key=KEYS,
        range_end=RANGE_ENDS,
        limit=st.integers(0, 3),
        revision=revisions,
        sort_order=st.sampled_from(SortOrder),
        sort_target=st.sampled_from(SortTarget),
        serializable=st.booleans(),
        keys_only=SELDOM,
        count_only=SELDOM,
        min_mod_revision=_BOUND,
        max_mod_revision=_BOUND,
        min_create_revision=_BOUND,
        max_create_revision=_BOUND,
    )


RANGES = _ranges(st.just(0) | REVISIONS)
"""Ranges with every option."""

LATEST_RANGES = _ranges(st.just(0))
"""Ranges of the latest revision, which no store refuses."""

DELETIONS = st.builds(DeleteRange, KEYS, RANGE_ENDS, st.booleans())
"""Deletions of a key or a range."""


def _compares(target: CompareTarget) -> st.SearchStrategy[Compare]:
    operand: st.SearchStrategy[Any] = st.integers(0, 6)
    if target is CompareTarget.VALUE:
        operand = VALUES
    results = st.sampled_from(CompareResult)
    return st.builds(Compare, KEYS, results, st.just(target), operand, RANGE_ENDS)


COMPARES = st.one_of([_compares(target) for target in CompareTarget])
"""Guards on every target with every relation."""


def _txns(operation: st.SearchStrategy[Operation]) -> st.SearchStrategy[Txn]:
    operations = st.lists(operation, max_size=2).map(tuple)
    return st.builds(Txn, st.lists(COMPARES, max_size=2).map(tuple), operations, operations)


FLAT_TXNS = _txns(st.one_of(PUTS, LATEST_RANGES, DELETIONS))
TXNS = _txns(st.one_of(PUTS, LATEST_RANGES, DELETIONS, FLAT_TXNS))
"""Transactions nested once; some put and delete the same key and are refused.

None reads the past beside a write: where that is refused, 3.5.1 still writes once the member
was restarted (issue 18667; the hunt shows it).
"""

READ_TXNS = _txns(RANGES)
"""Transactions that only read, at any revision."""

REQUESTS: st.SearchStrategy[Request] = st.one_of(
    PUTS,
    PUTS,
    RANGES,
    DELETIONS,
    TXNS,
    READ_TXNS,
    st.builds(Compact, st.integers(1, 20), SELDOM),
    st.builds(LeaseGrant, st.sampled_from([600, 600, 9_000_000_001]), LEASES),
    st.builds(LeaseRevoke, LEASES),
)
"""Requests of every kind. A lease granted outlives any suite.

No compaction at revision 0: it is accepted on a fresh store, but a crash may forget it, since 0
is how a member writes down that none is under way (mvcc/kvstore.go, restore).
"""

_SELDOM_DONE: dict[int, st.SearchStrategy[Action]] = {
    37: st.just(Kill()),
    38: st.builds(AskAndKill, REQUESTS, st.integers(0, 3000)),
    39: st.builds(Pause, st.integers(1, 10)),
}
_ASKED: st.SearchStrategy[Action] = st.builds(Ask, REQUESTS)

ACTIONS = st.integers(0, 39).flatmap(lambda n: _SELDOM_DONE.get(n, _ASKED))
"""What is done to a member: mostly requests, now and then a crash or a pause."""
