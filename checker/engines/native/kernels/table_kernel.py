"""The visited table and the states: exact lookup and insertion by many threads.

States are never compared by fingerprint alone. An entry of the table holds the index of a state
and 24 bits of its hash as a tag; where the tag agrees the states themselves are compared, so the
search is exact. States live in chunks, are only ever appended, and are queue and store at once.
"""

from planespec.checker.engines.native.host.context import Shared, Worker
from planespec.checker.engines.native.kernels.intrinsics import (
    Word,
    Words,
    at,
    call_back,
    fetch_add,
    fetch_or,
    high_product,
    lower_short,
    model_judge,
    model_reach,
    prefetch,
    read_shared,
    stop_word,
    stopped,
    store_short,
    swap_if,
    words,
)

# Filled in at compile time: the width of a state in words, and so on.
WIDTH = CHUNK_BITS = INDEX_MASK = INDEX_BITS = CONSTRAINED = CHECKED = 0
JUDGE_BAD = OUTSIDE = REACH_ERROR = 0
# Places in the blocks, by the names of `context`.
W, S = Worker, Shared


def _hash(state: Words) -> Word:
    """Never 0, so that 0 can say that there is nothing to look up."""
    value = 0x9E3779B97F4A7C15
    for k in range(WIDTH):
        mixed = (value ^ state[k]) * 0xA24BAED4963EE407
        value = mixed ^ high_product(value ^ state[k], 0x9FB21C651E98DF25)
        value = value ^ (value >> 29)
    value = value * 0xD6E8FEB86659FD93
    value = value ^ (value >> 32)
    return value + (value == 0)


def _equal(a: Words, b: Words) -> Word:
    differ = 0
    for k in range(WIDTH):
        differ = differ | (a[k] ^ b[k])
    return differ == 0


def _state(shared: Words, index: Word) -> Words:
    chunks = words(shared[S.CHUNKS])
    offset = index & ((1 << CHUNK_BITS) - 1)
    return at(words(chunks[index >> CHUNK_BITS]), offset * WIDTH)


def _insert(ctx: Words, shared: Words, state: Words, value: Word, action: Word) -> None:
    """Store a state unless it is there; keep the least action that leads to it in its level."""
    if CONSTRAINED:
        judged = model_judge(state)
        if judged & OUTSIDE:
            ctx[W.CUT] = ctx[W.CUT] + 1
            if judged & JUDGE_BAD:
                ctx[W.BAD] = ctx[W.BAD] + 1
            _seek(ctx, shared, state)
            return
    table = words(shared[S.TABLE])
    mask = shared[S.MASK]
    tag = value & ~INDEX_MASK
    place = value & mask
    written = 0
    while True:
        entry = read_shared(table, place)
        if entry == 0:
            if written == 0:
                if ctx[W.NEXT] == ctx[W.END]:
                    call_back(shared[S.GROW_CHUNK], ctx)
                    if ctx[W.NEXT] == ctx[W.END]:
                        ctx[W.DROPPED] = ctx[W.DROPPED] + 1
                        return
                _copy(words(ctx[W.CHUNK]), state)
                store_short(words(ctx[W.ACTION]), 0, action)
                written = 1
            entry = swap_if(table, place, 0, tag | ctx[W.NEXT])
            if entry == 0:
                _stored(ctx, shared)
                return
        if (entry ^ value) >> INDEX_BITS == 0 and _equal(
            state, _state(shared, entry & INDEX_MASK)
        ):
            _found_again(shared, entry & INDEX_MASK, action)
            return
        place = (place + 1) & mask


def _found_again(shared: Words, index: Word, action: Word) -> None:
    """A state of the level under construction may have come from a lesser action, too."""
    chunk = index >> CHUNK_BITS
    if index >= words(shared[S.FRESH])[chunk]:
        place = index & ((1 << CHUNK_BITS) - 1)
        lower_short(words(words(shared[S.ACTIONS])[chunk]), place, action)


def _copy(to: Words, source: Words) -> None:
    for k in range(WIDTH):
        to[k] = source[k]


def _is_bad(shared: Words, state: Words) -> Word:
    """Whether a state breaks a requirement, or something about it cannot be judged."""
    pending = shared[S.PENDING]
    if pending and model_reach(state, pending) & REACH_ERROR:
        return 1
    return model_judge(state) & JUDGE_BAD


def _seek(ctx: Words, shared: Words, state: Words) -> None:
    """Note which of the `reachable` properties that are pending hold in a state."""
    pending = shared[S.PENDING]
    if pending:
        reached = model_reach(state, pending)
        ctx[W.REACHED] = ctx[W.REACHED] | reached
        if reached & REACH_ERROR:
            ctx[W.BAD] = ctx[W.BAD] + 1


def _stored(ctx: Words, shared: Words) -> None:
    """Judge a new state, which stands at the end of the worker's chunk, and move past it."""
    state = words(ctx[W.CHUNK])
    if CHECKED and model_judge(state) & JUDGE_BAD:
        ctx[W.BAD] = ctx[W.BAD] + 1
    _seek(ctx, shared, state)
    ctx[W.CHUNK] = ctx[W.CHUNK] + 8 * WIDTH
    ctx[W.ACTION] = ctx[W.ACTION] + 2
    ctx[W.NEXT] = ctx[W.NEXT] + 1
    ctx[W.DISTINCT] = ctx[W.DISTINCT] + 1
    ctx[W.UNREPORTED] = ctx[W.UNREPORTED] + 1


def _find(shared: Words, state: Words, value: Word) -> Word:
    """Index of a stored state, or 0."""
    table = words(shared[S.TABLE])
    mask = shared[S.MASK]
    place = value & mask
    while True:
        entry = read_shared(table, place)
        if entry == 0:
            return 0
        index = entry & INDEX_MASK
        if (entry ^ value) >> INDEX_BITS == 0 and _equal(state, _state(shared, index)):
            return index
        place = (place + 1) & mask
    return 0


def _is_marked(maps: Words, index: Word) -> Word:
    bits = words(maps[index >> CHUNK_BITS])
    offset = index & ((1 << CHUNK_BITS) - 1)
    return (bits[offset >> 6] >> (offset & 63)) & 1


def _mark(maps: Words, index: Word) -> None:
    bits = words(maps[index >> CHUNK_BITS])
    offset = index & ((1 << CHUNK_BITS) - 1)
    fetch_or(bits, offset >> 6, 1 << (offset & 63))


def kernel_rehash(ctx: Words) -> None:
    """Put the states of the work items into a table that has none of them."""
    shared = words(ctx[W.SHARED])
    work = words(shared[S.WORK])
    while stopped() == 0:
        item = fetch_add(shared, S.CURSOR, 1)
        if item >= shared[S.ITEMS]:
            break
        first = work[2 * item]
        count = work[2 * item + 1]
        hashes = words(ctx[W.SCRATCH])
        table = words(shared[S.TABLE])
        for k in range(count):
            value = _hash(_state(shared, first + k))
            hashes[k] = value
            prefetch(table, value & shared[S.MASK])
        for k in range(count):
            _put(shared, first + k, hashes[k])


def _put(shared: Words, index: Word, value: Word) -> None:
    table = words(shared[S.TABLE])
    mask = shared[S.MASK]
    place = value & mask
    entry = (value & ~INDEX_MASK) | index
    while swap_if(table, place, 0, entry) != 0:
        place = (place + 1) & mask


def kernel_stop_word(ctx: Words) -> Words:
    """Where the word is that is not zero when all code of the module has to leave."""
    return stop_word()
