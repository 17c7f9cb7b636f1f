"""From the model to the table, as on a conveyor.

A successor meets memory twice: at its line of the table and at the state that line points to. Each
visit is asked for well before it is made, while later successors are being computed, so that
computing and waiting overlap.
"""

from planespec.checker.engines.native.host.context import Mode, Shared, Worker
from planespec.checker.engines.native.kernels.intrinsics import (
    Word,
    Words,
    at,
    call_back,
    fetch_add,
    model_canon,
    model_judge,
    prefetch,
    read_shared,
    stop_all,
    stopped,
    words,
)
from planespec.checker.engines.native.kernels.table_kernel import (
    _equal,
    _find,
    _hash,
    _insert,
    _is_bad,
    _is_marked,
    _seek,
    _state,
)

# Filled in at compile time: the width of a state in words, and so on.
WIDTH = RING = LAG = RECENT_STATES = INDEX_MASK = INDEX_BITS = SYMMETRY = 0
CONSTRAINED = JUDGE_BAD = 0
W, S, M = Worker, Shared, Mode


def kernel_slot(ctx: Words) -> Words:
    """Room for the next successor."""
    return at(words(ctx[W.BUFFER]), (ctx[W.COUNT] & (RING - 1)) * WIDTH)


def _made(ctx: Words) -> Words:
    """The successor that the slot holds, counted, and what it changes noted."""
    state = at(words(ctx[W.BUFFER]), (ctx[W.COUNT] & (RING - 1)) * WIDTH)
    before = words(ctx[W.CURRENT])
    changed = words(ctx[W.CHANGED])
    for k in range(WIDTH):
        changed[k] = changed[k] | (before[k] ^ state[k])
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    return state


def _generated(ctx: Words, action: Word) -> None:
    ctx[W.GENERATED] = ctx[W.GENERATED] + 1
    per_action = words(ctx[W.PER_ACTION])
    per_action[action] = per_action[action] + 1


def _listed(ctx: Words, index: Word, action: Word) -> None:
    """Write down an edge; one that leads to no stored state has the index 0."""
    number = ctx[W.EDGE_COUNT]
    edges = words(ctx[W.EDGES])
    edges[2 * number] = ctx[W.SOURCE]
    edges[2 * number + 1] = index | (action << INDEX_BITS)
    ctx[W.EDGE_COUNT] = number + 1


def kernel_emit(ctx: Words, action: Word) -> None:
    """Take the successor that the slot holds."""
    kernel_take(ctx, _made(ctx), action)


def kernel_outside(ctx: Words, action: Word) -> None:
    """Judge the successor that the slot holds, by a step outside a constraint; it is not kept."""
    state = _made(ctx)
    shared = words(ctx[W.SHARED])
    mode = ctx[W.MODE]
    if mode == M.INSERT:
        _generated(ctx, action)
        ctx[W.LEFT_OUT] = ctx[W.LEFT_OUT] + 1
        if model_judge(state) & JUDGE_BAD:
            ctx[W.BAD] = ctx[W.BAD] + 1
        _seek(ctx, shared, state)
    elif mode == M.MARK:
        if _is_bad(shared, state):
            ctx[W.FOUND] = 1
    elif mode == M.LIST:
        _listed(ctx, 0, action)


def kernel_take(ctx: Words, state: Words, action: Word) -> None:
    """Put a successor on the conveyor, or use it at once when states are not being inserted."""
    if SYMMETRY:
        too_hard = ctx[W.ALIKE]
        if too_hard == 0:
            ctx[W.ALIKE] = model_canon(state)
    if ctx[W.MODE] != M.INSERT:
        _use(ctx, state, action)
        return
    _generated(ctx, action)
    value = _hash(state)
    if CONSTRAINED == 0 and _is_recent(words(ctx[W.RECENT]), state, value, action):
        return
    shared = words(ctx[W.SHARED])
    prefetch(words(shared[S.TABLE]), value & shared[S.MASK])
    count = ctx[W.COUNT]
    words(ctx[W.ACTIONS])[count & (RING - 1)] = action
    words(ctx[W.HASHES])[count & (RING - 1)] = value
    ctx[W.COUNT] = count + 1
    if count >= LAG:
        _look(ctx, shared, count - LAG)
    if count >= 2 * LAG:
        _settle(ctx, shared, count - 2 * LAG)


def _is_recent(recent: Words, state: Words, value: Word, action: Word) -> Word:
    """Whether the state was looked up not long ago, after this action or a lesser one.

    If not, remember it now.

    Most duplicates are siblings of a state seen a moment before: they need not reach the table.
    """
    place = at(recent, ((value >> 32) & (RECENT_STATES - 1)) * (WIDTH + 1))
    some = 0
    for k in range(WIDTH):
        some = some | state[k]
    if some != 0 and _equal(place, state) and place[WIDTH] <= action:
        return 1
    for k in range(WIDTH):
        place[k] = state[k]
    place[WIDTH] = action
    return 0


def _look(ctx: Words, shared: Words, number: Word) -> None:
    """Read the line of the table and ask for the state it may point to."""
    value = words(ctx[W.HASHES])[number & (RING - 1)]
    entry = read_shared(words(shared[S.TABLE]), value & shared[S.MASK])
    if (entry ^ value) >> INDEX_BITS == 0 and entry != 0:
        prefetch(_state(shared, entry & INDEX_MASK), 0)


def _settle(ctx: Words, shared: Words, number: Word) -> None:
    """Store the successor if it is new."""
    if ctx[W.UNREPORTED] >= shared[S.REPORT]:
        kernel_report(ctx)
    if stopped():
        ctx[W.DROPPED] = ctx[W.DROPPED] + 1
        return
    place = number & (RING - 1)
    value = words(ctx[W.HASHES])[place]
    action = words(ctx[W.ACTIONS])[place]
    _insert(ctx, shared, at(words(ctx[W.BUFFER]), place * WIDTH), value, action)


def kernel_report(ctx: Words) -> None:
    """Tell how many states are new: end when they are enough, wait where the table is full."""
    shared = words(ctx[W.SHARED])
    before = fetch_add(shared, S.INSERTED, ctx[W.UNREPORTED])
    if before + ctx[W.UNREPORTED] >= shared[S.ENOUGH]:
        stop_all()
    ctx[W.UNREPORTED] = 0
    while read_shared(shared, S.INSERTED) > shared[S.LIMIT]:
        if stopped():
            return
        call_back(shared[S.GROW_TABLE], ctx)


def kernel_flush(ctx: Words) -> None:
    """Empty the conveyor."""
    count = ctx[W.COUNT]
    shared = words(ctx[W.SHARED])
    first = 0
    if count > 2 * LAG:
        first = count - 2 * LAG
    for number in range(first, count):
        _settle(ctx, shared, number)
    ctx[W.COUNT] = 0
    kernel_report(ctx)


def _use(ctx: Words, state: Words, action: Word) -> None:
    """Find a successor and tell whether it is marked, or write it down as an edge."""
    mode = ctx[W.MODE]
    if mode == M.DROP:
        return
    shared = words(ctx[W.SHARED])
    index = _find(shared, state, _hash(state))
    if mode == M.MARK:
        if index:
            if _is_marked(words(shared[S.MARKS]), index):
                ctx[W.FOUND] = 1
        elif CONSTRAINED and _is_bad(shared, state):
            ctx[W.FOUND] = 1
    else:
        _listed(ctx, index, action)


def kernel_fail(ctx: Words) -> None:
    """An instance went wrong."""
    ctx[W.FAILED] = ctx[W.FAILED] + 1
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    ctx[W.FOUND] = 1


def kernel_broken(ctx: Words) -> None:
    """A step broke a step requirement."""
    ctx[W.BROKEN] = ctx[W.BROKEN] + 1
    ctx[W.FOUND] = 1
