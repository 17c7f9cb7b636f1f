"""What a worker runs: expand the frontier, mark what leads to a finding, list the edges."""

from planespec.checker.engines.native.host.context import Shared, Worker
from planespec.checker.engines.native.kernels.flow_kernel import kernel_flush
from planespec.checker.engines.native.kernels.intrinsics import (
    Word,
    Words,
    address,
    fetch_add,
    model_canon,
    model_expand,
    model_initial,
    model_reach,
    model_terminal,
    stopped,
    words,
)
from planespec.checker.engines.native.kernels.table_kernel import (
    _find,
    _hash,
    _is_bad,
    _mark,
    _state,
)

# Filled in at compile time: the width of a state in words, and so on.
WIDTH = CHUNK_BITS = SYMMETRY = 0
W, S = Worker, Shared


def _next(ctx: Words, shared: Words, index: Word) -> Word:
    """The state to work on after this one, or first, after 0; 0 where none is left, or stopped."""
    if stopped():
        return 0
    index = index + 1
    if index < ctx[W.UNTIL]:
        return index
    item = fetch_add(shared, S.CURSOR, 1)
    if item >= shared[S.ITEMS]:
        return 0
    work = words(shared[S.WORK])
    ctx[W.UNTIL] = work[2 * item] + work[2 * item + 1]
    return work[2 * item]


def kernel_search(ctx: Words) -> None:
    """Expand work items until there are none left."""
    shared = words(ctx[W.SHARED])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        _expand(ctx, shared, _state(shared, index))
        ctx[W.EXPANDED] = ctx[W.EXPANDED] + 1
        index = _next(ctx, shared, index)
    kernel_flush(ctx)


def _expand(ctx: Words, shared: Words, state: Words) -> None:
    before = ctx[W.EMITTED]
    _successors(ctx, state)
    if ctx[W.EMITTED] == before and shared[S.DEADLOCK] != 0 and model_terminal(state) == 0:
        ctx[W.DEADLOCKS] = ctx[W.DEADLOCKS] + 1
        ctx[W.FOUND] = 1


def _successors(ctx: Words, state: Words) -> None:
    ctx[W.CURRENT] = address(state)
    model_expand(ctx, state)


def kernel_initial(ctx: Words, scratch: Words) -> None:
    """Insert the initial states."""
    ctx[W.CURRENT] = address(scratch)
    model_initial(ctx, scratch)
    kernel_flush(ctx)


def kernel_mark(ctx: Words) -> None:
    """Mark the states of the work items that fail or have a marked successor."""
    shared = words(ctx[W.SHARED])
    results = words(shared[S.RESULTS])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        ctx[W.FOUND] = 0
        _successors(ctx, _state(shared, index))
        kernel_flush(ctx)
        if ctx[W.FOUND]:
            _mark(results, index)
        index = _next(ctx, shared, index)


def kernel_mark_bad(ctx: Words) -> None:
    """Mark the states of the work items that break a requirement themselves."""
    shared = words(ctx[W.SHARED])
    results = words(shared[S.RESULTS])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        if _is_bad(shared, _state(shared, index)):
            _mark(results, index)
        index = _next(ctx, shared, index)


def kernel_mark_deadlocks(ctx: Words) -> None:
    """Mark the states of the work items that have no successor and should."""
    shared = words(ctx[W.SHARED])
    results = words(shared[S.RESULTS])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        before = ctx[W.DEADLOCKS]
        _expand(ctx, shared, _state(shared, index))
        kernel_flush(ctx)
        if ctx[W.DEADLOCKS] != before:
            _mark(results, index)
        index = _next(ctx, shared, index)


def kernel_edges(ctx: Words) -> None:
    """List the edges out of the states of the work items."""
    shared = words(ctx[W.SHARED])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        ctx[W.SOURCE] = index
        _successors(ctx, _state(shared, index))
        kernel_flush(ctx)
        index = _next(ctx, shared, index)


def kernel_classify(ctx: Words) -> None:
    """Write down which of the `reachable` properties hold in the states of the work items."""
    shared = words(ctx[W.SHARED])
    results = words(shared[S.RESULTS])
    ctx[W.UNTIL] = 0
    index = _next(ctx, shared, 0)
    while index:
        bits = words(results[index >> CHUNK_BITS])
        offset = index & ((1 << CHUNK_BITS) - 1)
        bits[offset] = model_reach(_state(shared, index), shared[S.PENDING])
        index = _next(ctx, shared, index)


def kernel_lookup(ctx: Words, state: Words) -> Word:
    """Index of a stored state, or 0; under symmetry `state` becomes its representative."""
    if SYMMETRY:
        model_canon(state)
    return _find(words(ctx[W.SHARED]), state, _hash(state))
