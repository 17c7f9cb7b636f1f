"""From the model to the table: successors are buffered and looked up together.

The cache misses of one buffer overlap; a successor at a time would wait for each of them.
"""

from planespec.checker.native.context import Mode, Shared, Worker
from planespec.checker.native.intrinsics import (
    Word,
    Words,
    at,
    call_back,
    fetch_add,
    model_canon,
    model_judge,
    prefetch,
    read_shared,
    words,
)
from planespec.checker.native.table_kernel import _equal, _find, _hash, _insert, _is_marked, _state

# Filled in at compile time: the width of a state in words, and so on.
WIDTH = BUFFER_STATES = RECENT_STATES = INDEX_MASK = INDEX_BITS = SYMMETRY = CONSTRAINED = (
    JUDGE_BAD
) = 0
W, S, M = Worker, Shared, Mode


def kernel_slot(ctx: Words) -> Words:
    """Room for the next successor."""
    return at(words(ctx[W.BUFFER]), ctx[W.COUNT] * WIDTH)


def kernel_emit(ctx: Words, action: Word) -> None:
    """Take the successor that the slot holds."""
    count = ctx[W.COUNT]
    words(ctx[W.ACTIONS])[count] = action
    before = words(ctx[W.CURRENT])
    after = at(words(ctx[W.BUFFER]), count * WIDTH)
    changed = words(ctx[W.CHANGED])
    for k in range(WIDTH):
        changed[k] = changed[k] | (before[k] ^ after[k])
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    ctx[W.COUNT] = count + 1
    if count + 1 == BUFFER_STATES:
        kernel_flush(ctx)


def kernel_fail(ctx: Words) -> None:
    """An instance went wrong."""
    ctx[W.FAILED] = ctx[W.FAILED] + 1
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    ctx[W.FOUND] = 1


def kernel_broken(ctx: Words) -> None:
    """A step broke a step requirement."""
    ctx[W.BROKEN] = ctx[W.BROKEN] + 1
    ctx[W.FOUND] = 1


def kernel_flush(ctx: Words) -> None:
    """Look up everything in the buffer; the order within it is kept."""
    count = ctx[W.COUNT]
    ctx[W.COUNT] = 0
    if count == 0:
        return
    shared = words(ctx[W.SHARED])
    if ctx[W.MODE] == M.INSERT:
        ctx[W.GENERATED] = ctx[W.GENERATED] + count
        while read_shared(shared, S.INSERTED) > shared[S.LIMIT]:
            if read_shared(shared, S.STOP) != 0:
                return
            call_back(shared[S.GROW_TABLE], ctx)
    if ctx[W.MODE] == M.DROP:
        return
    _fetch(ctx, shared, count)
    if ctx[W.MODE] == M.INSERT:
        _insert_all(ctx, shared, count)
    elif ctx[W.MODE] == M.MARK:
        _find_all(ctx, shared, count)
    else:
        _list_all(ctx, shared, count)


def _fetch(ctx: Words, shared: Words, count: Word) -> None:
    """Start the cache misses: the table's lines, then the states they point to."""
    buffer = words(ctx[W.BUFFER])
    hashes = words(ctx[W.HASHES])
    recent = words(ctx[W.RECENT])
    table = words(shared[S.TABLE])
    mask = shared[S.MASK]
    remember = ctx[W.MODE] == M.INSERT
    for k in range(count):
        state = at(buffer, k * WIDTH)
        if SYMMETRY:
            model_canon(state)
        value = _hash(state)
        if CONSTRAINED == 0 and remember and _is_recent(recent, state, value):
            hashes[k] = 0
        else:
            hashes[k] = value
            prefetch(table, value & mask)
    for k in range(count):
        value = hashes[k]
        if value != 0:
            entry = read_shared(table, value & mask)
            if (entry ^ value) >> INDEX_BITS == 0 and entry != 0:
                prefetch(_state(shared, entry & INDEX_MASK), 0)


def _is_recent(recent: Words, state: Words, value: Word) -> Word:
    """Whether the state was looked up not long ago; if not, remember it now.

    Most duplicates are siblings of a state seen a moment before: they need not reach the table.
    """
    place = at(recent, ((value >> 32) & (RECENT_STATES - 1)) * WIDTH)
    some = 0
    for k in range(WIDTH):
        some = some | state[k]
    if some != 0 and _equal(place, state):
        return 1
    for k in range(WIDTH):
        place[k] = state[k]
    return 0


def _insert_all(ctx: Words, shared: Words, count: Word) -> None:
    buffer = words(ctx[W.BUFFER])
    hashes = words(ctx[W.HASHES])
    actions = words(ctx[W.ACTIONS])
    per_action = words(ctx[W.PER_ACTION])
    before = ctx[W.DISTINCT]
    for k in range(count):
        action = actions[k]
        per_action[2 * action] = per_action[2 * action] + 1
        if hashes[k] != 0:
            fresh = _insert(ctx, shared, at(buffer, k * WIDTH), hashes[k])
            per_action[2 * action + 1] = per_action[2 * action + 1] + fresh
    fetch_add(shared, S.INSERTED, ctx[W.DISTINCT] - before)


def _find_all(ctx: Words, shared: Words, count: Word) -> None:
    buffer = words(ctx[W.BUFFER])
    hashes = words(ctx[W.HASHES])
    maps = words(shared[S.MARKS])
    for k in range(count):
        state = at(buffer, k * WIDTH)
        index = _find(shared, state, hashes[k])
        if index:
            if _is_marked(maps, index):
                ctx[W.FOUND] = 1
        elif CONSTRAINED and model_judge(state) & JUDGE_BAD:
            ctx[W.FOUND] = 1


def _list_all(ctx: Words, shared: Words, count: Word) -> None:
    """Write an edge for each buffered successor that is stored."""
    buffer = words(ctx[W.BUFFER])
    hashes = words(ctx[W.HASHES])
    actions = words(ctx[W.ACTIONS])
    edges = words(ctx[W.EDGES])
    number = ctx[W.EDGE_COUNT]
    for k in range(count):
        index = _find(shared, at(buffer, k * WIDTH), hashes[k])
        if index:
            edges[2 * number] = ctx[W.SOURCE]
            edges[2 * number + 1] = index | (actions[k] << INDEX_BITS)
            number = number + 1
    ctx[W.EDGE_COUNT] = number
