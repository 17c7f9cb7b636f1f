"""What a worker runs to simulate: walks that take one of the successors of a state by chance.

The model emits every successor of the state; each is judged, and each replaces the one taken so
far with probability one in the number of candidates, so that all are taken equally often and none
has to be kept. `simulation.walking` does the same under CPython and is the reference.
"""

from planespec.checker.engines.native.host.context import Row, Walker, Walks
from planespec.checker.engines.native.kernels.intrinsics import (
    Word,
    Words,
    address,
    at,
    call_back,
    fetch_add,
    high_product,
    lower_shared,
    model_expand,
    model_initial,
    model_judge,
    model_reach,
    model_terminal,
    read_shared,
    stopped,
    words,
)
from planespec.checker.engines.native.kernels.table_kernel import _copy, _equal, _hash
from planespec.checker.engines.simulation.plan import End

# Filled in at compile time: the width of a state in words, and so on.
WIDTH = CHECKED = CONSTRAINED = JUDGE_BAD = OUTSIDE = REACH_ERROR = 0
RECENT_STATES = SAMPLE_ROOM = SAMPLE_MOST = 0
W, S, R, E = Walker, Walks, Row, End


def kernel_walks(ctx: Words) -> None:
    """Take walks of the round until none is left, or one before them went wrong."""
    shared = words(ctx[W.SHARED])
    while stopped() == 0:
        walk = fetch_add(shared, S.CURSOR, 1)
        if walk >= shared[S.COUNT] or walk > read_shared(shared, S.LEAST):
            break
        row = at(words(shared[S.ROWS]), walk * shared[S.ROW_WORDS])
        end = kernel_walk(ctx, shared, row, walk)
        row[R.END] = end
        if end >= E.DEADLOCK:
            lower_shared(shared, S.LEAST, walk)


def kernel_walk(ctx: Words, shared: Words, row: Words, walk: Word) -> Word:
    """One walk; how it ended."""
    ctx[W.ROW] = address(row)
    _begin(ctx, shared, shared[S.FIRST] + walk)
    _forget(ctx)
    ctx[W.STARTING] = 1
    model_initial(ctx, words(ctx[W.CURRENT]))
    if stopped():
        return E.ABANDONED
    if ctx[W.FOUND]:
        return E.EVENT
    if ctx[W.EMITTED] == 0:
        return E.FINISHED
    if ctx[W.CANDIDATES] == 0:
        return E.OUTSIDE
    ctx[W.STARTING] = 0
    if _go(ctx, shared, row):
        return E.EVENT
    while row[R.STEPS] < shared[S.DEPTH]:
        if stopped() or walk > read_shared(shared, S.LEAST):
            return E.ABANDONED
        end = _step(ctx, shared, row)
        if stopped():
            return E.ABANDONED
        if end:
            return end
    return E.DEPTH


def _begin(ctx: Words, shared: Words, number: Word) -> None:
    """The stream of a walk, and the actions it may use."""
    start = _mixed(shared[S.SEED] + 0x9E3779B97F4A7C15)
    ctx[W.RANDOM] = _mixed(start ^ (number * 0xD1342543DE82EF95))
    ctx[W.MASKED] = shared[S.SWARM]
    if shared[S.SWARM]:
        subset = words(ctx[W.SUBSET])
        for k in range(shared[S.SUBSET_WORDS]):
            subset[k] = _random(ctx)


def _mixed(word: Word) -> Word:
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB
    return word ^ (word >> 31)


def _random(ctx: Words) -> Word:
    ctx[W.RANDOM] = ctx[W.RANDOM] + 0x9E3779B97F4A7C15
    return _mixed(ctx[W.RANDOM])


def _forget(ctx: Words) -> None:
    ctx[W.CANDIDATES] = 0
    ctx[W.EMITTED] = 0
    ctx[W.FOUND] = 0
    ctx[W.BROKEN] = 0
    ctx[W.AGAIN] = 0


def _step(ctx: Words, shared: Words, row: Words) -> Word:
    """Move on to a successor; why there is none to move to, or 0."""
    _forget(ctx)
    state = words(ctx[W.CURRENT])
    model_expand(ctx, state)
    if ctx[W.FOUND]:
        row[R.STEPS] = row[R.STEPS] + 1
        return E.EVENT
    if ctx[W.EMITTED] == 0:
        if shared[S.DEADLOCK] != 0 and model_terminal(state) == 0:
            return E.DEADLOCK
        return E.FINISHED
    if ctx[W.CANDIDATES] == 0 and ctx[W.MASKED] != 0:
        ctx[W.MASKED] = 0
        ctx[W.AGAIN] = 1
        model_expand(ctx, state)
    if ctx[W.CANDIDATES] == 0:
        return E.OUTSIDE
    place = R.ACTIONS + 2 * ctx[W.ACTION] + 1
    row[place] = row[place] + 1
    row[R.STEPS] = row[R.STEPS] + 1
    return _go(ctx, shared, row)


def _go(ctx: Words, shared: Words, row: Words) -> Word:
    """Be in the state that was taken, and note the reachable properties it has.

    Returns how the walk ends where one of them cannot be judged, else 0.
    """
    taken = ctx[W.BEST]
    ctx[W.BEST] = ctx[W.CURRENT]
    ctx[W.CURRENT] = taken
    pending = shared[S.REACHABLE] & ~row[R.REACHED]
    if pending:
        found = model_reach(words(taken), pending)
        if found & REACH_ERROR:
            return E.EVENT
        row[R.REACHED] = row[R.REACHED] | found
    return 0


def kernel_slot(ctx: Words) -> Words:
    """Room for the next successor."""
    return words(ctx[W.SLOT])


def _made(ctx: Words, state: Words, action: Word) -> Word:
    """Count and judge the step to a successor; the bits of `model_judge`."""
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    judged = _judged(ctx, state)
    if ctx[W.AGAIN] == 0:
        row = words(ctx[W.ROW])
        row[R.JUDGED] = row[R.JUDGED] + 1
        if ctx[W.STARTING] == 0:
            place = R.ACTIONS + 2 * action
            row[place] = row[place] + 1
        if judged & JUDGE_BAD or ctx[W.BROKEN] != 0:
            ctx[W.FOUND] = 1
    ctx[W.BROKEN] = 0
    return judged


def kernel_emit(ctx: Words, action: Word) -> None:
    """Judge the successor that the slot holds, and take it or not."""
    state = words(ctx[W.SLOT])
    judged = _made(ctx, state, action)
    if CONSTRAINED and judged & OUTSIDE:
        return
    if ctx[W.MASKED] != 0 and ctx[W.STARTING] == 0 and _is_left_out(ctx, action):
        return
    candidates = ctx[W.CANDIDATES] + 1
    ctx[W.CANDIDATES] = candidates
    if candidates > 1 and high_product(_random(ctx), candidates) != 0:
        return
    ctx[W.SLOT] = ctx[W.BEST]
    ctx[W.BEST] = address(state)
    ctx[W.ACTION] = action


def kernel_outside(ctx: Words, action: Word) -> None:
    """Judge the successor that the slot holds; a constraint keeps its step from being taken."""
    _made(ctx, words(ctx[W.SLOT]), action)


def _is_left_out(ctx: Words, action: Word) -> Word:
    """Whether the walk's subset is without an action."""
    return ~(words(ctx[W.SUBSET])[action >> 6] >> (action & 63)) & 1


def _judged(ctx: Words, state: Words) -> Word:
    """The bits of `model_judge`, remembered for states that were judged not long ago."""
    value = _hash(state)
    place = at(words(ctx[W.RECENT]), (value >> 32 & (RECENT_STATES - 1)) * (WIDTH + 1))
    if place[WIDTH] != 0 and _equal(place, state):
        return place[WIDTH]
    judged = 1 << 32
    if CHECKED:
        judged = judged | model_judge(state)
    _copy(place, state)
    place[WIDTH] = judged
    if value < ctx[W.LIMIT]:
        _sample(ctx, value)
    return judged


def _sample(ctx: Words, value: Word) -> None:
    """Remember a hash; where there are too many, the host keeps the lesser half of all."""
    table = words(ctx[W.SAMPLE])
    place = value & (SAMPLE_ROOM - 1)
    while table[place] != 0:
        if table[place] == value:
            return
        place = (place + 1) & (SAMPLE_ROOM - 1)
    table[place] = value
    ctx[W.SAMPLED] = ctx[W.SAMPLED] + 1
    if ctx[W.SAMPLED] > SAMPLE_MOST:
        call_back(words(ctx[W.SHARED])[S.PURGE], ctx)


def kernel_fail(ctx: Words) -> None:
    """An instance went wrong."""
    ctx[W.EMITTED] = ctx[W.EMITTED] + 1
    ctx[W.FOUND] = 1


def kernel_broken(ctx: Words) -> None:
    """The successor to be emitted next comes by a step that breaks a step requirement."""
    ctx[W.BROKEN] = 1
