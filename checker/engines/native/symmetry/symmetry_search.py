"""The representative of a state in which many individuals are tied, in the kernel dialect.

A search tree over ordered partitions (McKay, Practical Graph Isomorphism, 1981). A node refines
its blocks by keys that depend on the blocks of the others; where a tie is left, each individual of
the first block is singled out in turn. Leaves are permutations, and the least renamed state is the
representative. A branch is left out where an automorphism shows that it is like the first one: an
exchange of those who are told apart, or a leaf with the same renamed state as the first leaf.

The frame of a level: its order and blocks; those of its first branch, refined; the block that is
branched over (start, end), the place of the branch, whether there was a leaf; that leaf.
"""

from planespec.checker.engines.native.kernels.intrinsics import (
    Word,
    Words,
    at,
    rename,
    stopped,
    symmetry_keys,
)
from planespec.checker.engines.native.symmetry.symmetry_kernel import (
    _symmetry_end,
    _symmetry_keeps,
    _symmetry_split,
    symmetry_settle,
)

# Filled in at compile time; HEAD and FRAME are words of the room, MOST_LEAVES a limit.
WIDTH = TOTAL = HEAD = FRAME = MOST_LEAVES = 0


def symmetry_search(
    state: Words, room: Words, order: Words, blocks: Words, own: Words, bases: Words
) -> Word:
    """Replace a state by its representative; 1, and no change, at the limit of leaves.

    Where the search is stopped it answers 1 as well: nothing that it says then counts.
    """
    frame = at(room, HEAD)
    _symmetry_copy(frame, order, TOTAL)
    _symmetry_copy(at(frame, TOTAL), blocks, TOTAL)
    level = 0
    leaves = 0
    while True:
        if _symmetry_enter(state, room, own, level):
            level += 1
            continue
        if room[0] == 0:
            leaves += 1
            if leaves > MOST_LEAVES or stopped():
                return 1
            level = _symmetry_leaf(state, room, bases, level, leaves)
        level = _symmetry_onward(room, level)
        if level == 0:
            break
    _symmetry_copy(state, at(room, HEAD - WIDTH), WIDTH)
    return 0


def _symmetry_enter(state: Words, room: Words, own: Words, level: Word) -> Word:
    """Refine a new frame; 1 with a branch below it, else 0. `room[0]`: it is like the first."""
    frame = at(room, HEAD + level * FRAME)
    blocks = at(frame, TOTAL)
    maps = at(room, 1 + 2 * TOTAL)
    image = at(room, HEAD - 2 * WIDTH)
    _symmetry_refine(state, frame, blocks, at(room, 1), at(room, 1 + TOTAL))
    symmetry_settle(state, frame, blocks, own, maps, image)
    room[0] = 0
    if level > 0 and _symmetry_like_first(state, room, own, level):
        room[0] = 1
        return 0
    start = 0
    end = _symmetry_end(blocks, start)
    while start < TOTAL and end - start == 1:
        start = end
        end = _symmetry_end(blocks, start)
    if start >= TOTAL:
        return 0
    frame[4 * TOTAL] = start
    frame[4 * TOTAL + 1] = end
    frame[4 * TOTAL + 2] = start
    frame[4 * TOTAL + 3] = 0
    _symmetry_branch(room, level)
    return 1


def _symmetry_refine(
    state: Words, order: Words, blocks: Words, colours: Words, keys: Words
) -> None:
    """Split blocks by keys that see the blocks of others, until that splits none."""
    split = 1
    while split:
        split = 0
        for k in range(TOTAL):
            colours[order[k]] = blocks[k]
        symmetry_keys(state, colours, keys)
        start = 0
        while start < TOTAL:
            end = _symmetry_end(blocks, start)
            _symmetry_split(keys, order, blocks, start, end)
            split = split | (blocks[end - 1] ^ start)
            start = end


def _symmetry_branch(room: Words, level: Word) -> None:
    """The frame below: one individual of the block stands before the rest of it."""
    frame = at(room, HEAD + level * FRAME)
    below = at(frame, FRAME)
    _symmetry_copy(below, frame, 2 * TOTAL)
    start = frame[4 * TOTAL]
    chosen = frame[4 * TOTAL + 2]
    below[start] = frame[chosen]
    below[chosen] = frame[start]
    for k in range(start + 1, frame[4 * TOTAL + 1]):
        below[TOTAL + k] = start + 1


def _symmetry_like_first(state: Words, room: Words, own: Words, level: Word) -> Word:
    """Whether an exchange of individuals takes the first branch to this one; keep the first."""
    below = at(room, HEAD + level * FRAME)
    frame = at(room, HEAD + (level - 1) * FRAME)
    first = at(frame, 2 * TOTAL)
    if frame[4 * TOTAL + 2] == frame[4 * TOTAL]:
        _symmetry_copy(first, below, 2 * TOTAL)
        return 0
    maps = at(room, 1 + 2 * TOTAL)
    for k in range(TOTAL):
        maps[k] = own[k]
    for k in range(TOTAL):
        if first[TOTAL + k] != below[TOTAL + k]:
            return 0
        alone = _symmetry_end(at(below, TOTAL), below[TOTAL + k]) - below[TOTAL + k] == 1
        if alone and first[k] != below[k]:
            if maps[first[k]] == own[below[k]]:
                continue
            if maps[first[k]] != own[first[k]] or maps[below[k]] != own[below[k]]:
                return 0
            maps[first[k]] = own[below[k]]
            maps[below[k]] = own[first[k]]
    return _symmetry_keeps(state, maps, at(room, HEAD - 2 * WIDTH))


def _symmetry_leaf(state: Words, room: Words, bases: Words, level: Word, leaves: Word) -> Word:
    """Rename by a permutation; the level whose branch need not be looked at any further."""
    frame = at(room, HEAD + level * FRAME)
    maps = at(room, 1 + 2 * TOTAL)
    image = at(room, HEAD - 2 * WIDTH)
    best = at(room, HEAD - WIDTH)
    for k in range(TOTAL):
        maps[frame[k]] = k - bases[k]
    rename(image, state, maps)
    if leaves == 1 or _symmetry_less(image, best):
        _symmetry_copy(best, image, WIDTH)
    for above in range(level):
        frame = at(room, HEAD + above * FRAME)
        first = at(frame, 4 * TOTAL + 4)
        if frame[4 * TOTAL + 2] == frame[4 * TOTAL]:
            if frame[4 * TOTAL + 3] == 0:
                _symmetry_copy(first, image, WIDTH)
                frame[4 * TOTAL + 3] = 1
        elif _symmetry_less(image, first) == 0 and _symmetry_less(first, image) == 0:
            return above + 1
    return level


def _symmetry_onward(room: Words, level: Word) -> Word:
    """Make the next frame to look at and tell its level; 0 where there is none."""
    while level > 0:
        level -= 1
        frame = at(room, HEAD + level * FRAME)
        frame[4 * TOTAL + 2] = frame[4 * TOTAL + 2] + 1
        if frame[4 * TOTAL + 2] < frame[4 * TOTAL + 1]:
            _symmetry_branch(room, level)
            return level + 1
    return 0


def _symmetry_less(a: Words, b: Words) -> Word:
    """Whether the first state is less, word 0 deciding first."""
    for k in range(WIDTH):
        if a[k] < b[k]:
            return 1
        if a[k] > b[k]:
            return 0
    return 0


def _symmetry_copy(target: Words, source: Words, count: Word) -> None:
    for k in range(count):
        target[k] = source[k]


KERNELS = (
    symmetry_search,
    _symmetry_enter,
    _symmetry_refine,
    _symmetry_branch,
    _symmetry_like_first,
    _symmetry_leaf,
    _symmetry_onward,
    _symmetry_less,
    _symmetry_copy,
)
