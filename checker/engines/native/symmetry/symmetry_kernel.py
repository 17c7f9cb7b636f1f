"""The order in which permutations are tried for a canonical state, in the kernel dialect.

Individuals of all symmetric sorts are numbered through. `order` lists them by position, sort
after sort, and within a sort by key; a *block* is a run of individuals of one sort with the same
key, and only those are interchanged. `blocks` has for each position the first one of its block.
"""

from planespec.checker.engines.native.kernels.intrinsics import Word, Words, rename

# Filled in at compile time: the width of a state in words, how many individuals there are.
WIDTH = TOTAL = MOST_WAYS = 0


def _symmetry_sort(keys: Words, order: Words, blocks: Words, start: Word, size: Word) -> None:
    """Order the individuals `start..start+size-1` by key; number each block by its first place."""
    for k in range(start, start + size):
        order[k] = k
        blocks[k] = start
    _symmetry_split(keys, order, blocks, start, start + size)


def _symmetry_split(keys: Words, order: Words, blocks: Words, start: Word, end: Word) -> None:
    """Order a block by key and make it as many blocks as there are keys."""
    for k in range(start + 1, end):
        who = order[k]
        place = k
        while place > start and keys[order[place - 1]] > keys[who]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = who
    for k in range(start + 1, end):
        if keys[order[k]] == keys[order[k - 1]]:
            blocks[k] = blocks[k - 1]
        else:
            blocks[k] = k


def _symmetry_ways(blocks: Words) -> Word:
    """How many permutations the blocks leave; some number above MOST_WAYS where it is more."""
    ways = 1
    run = 1
    for k in range(TOTAL):
        if blocks[k] == k:
            run = 1
        else:
            run += 1
            ways = ways * run
            if ways > MOST_WAYS:
                return ways
    return ways


def _symmetry_end(blocks: Words, start: Word) -> Word:
    """The place after a block."""
    end = start + 1
    while end < TOTAL and blocks[end] == start:
        end += 1
    return end


def _symmetry_keeps(state: Words, maps: Words, image: Words) -> Word:
    """Whether a renaming changes nothing."""
    rename(image, state, maps)
    differ = 0
    for k in range(WIDTH):
        differ = differ | (image[k] ^ state[k])
    return differ == 0


def _symmetry_free(
    state: Words, order: Words, start: Word, end: Word, own: Words, maps: Words, image: Words
) -> Word:
    """Whether any order of a block gives the same: two exchanged, and all moved on by one, do."""
    for k in range(TOTAL):
        maps[k] = own[k]
    maps[order[start]] = own[order[start + 1]]
    maps[order[start + 1]] = own[order[start]]
    if _symmetry_keeps(state, maps, image) == 0:
        return 0
    maps[order[end - 1]] = own[order[start]]
    for k in range(start + 1, end):
        maps[order[k - 1]] = own[order[k]]
    return _symmetry_keeps(state, maps, image)


def symmetry_settle(
    state: Words, order: Words, blocks: Words, own: Words, maps: Words, image: Words
) -> None:
    """Give up blocks whose order makes no difference; `own` renames nobody."""
    start = 0
    while start < TOTAL:
        end = _symmetry_end(blocks, start)
        if end - start > 1 and _symmetry_free(state, order, start, end, own, maps, image):
            for k in range(start, end):
                blocks[k] = k
        start = end


def _symmetry_maps(order: Words, maps: Words, start: Word, size: Word) -> None:
    """For each individual of a sort its number after the permutation."""
    for k in range(start, start + size):
        maps[order[k]] = k - start


def _symmetry_step(order: Words, start: Word, end: Word) -> Word:
    """Next arrangement of a block in lexicographic order; 0 and the first one after the last."""
    i = end - 1
    while i > start and order[i - 1] > order[i]:
        i -= 1
    found = 0
    if i > start:
        j = end - 1
        while order[j] < order[i - 1]:
            j -= 1
        kept = order[j]
        order[j] = order[i - 1]
        order[i - 1] = kept
        found = 1
    low = i
    high = end - 1
    while low < high:
        other = order[low]
        order[low] = order[high]
        order[high] = other
        low += 1
        high -= 1
    return found


def _symmetry_next(order: Words, blocks: Words) -> Word:
    """Move on to the next permutation of ties; 0 when all have been seen."""
    end = TOTAL
    while end > 0:
        start = blocks[end - 1]
        if end - start > 1 and _symmetry_step(order, start, end) == 1:
            return 1
        end = start
    return 0


KERNELS = (
    _symmetry_sort,
    _symmetry_split,
    _symmetry_ways,
    _symmetry_end,
    _symmetry_keeps,
    _symmetry_free,
    symmetry_settle,
    _symmetry_maps,
    _symmetry_step,
    _symmetry_next,
)
