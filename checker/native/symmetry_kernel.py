"""The order in which permutations are tried for a canonical state, in the kernel dialect.

Individuals of all symmetric sorts are numbered through. `order` lists them by position, sort
after sort, and within a sort by key; a *block* is a run of individuals of one sort with the same
key, and only those are interchanged.
"""

Word = int
Words = list[int]


def _symmetry_sort(keys: Words, order: Words, blocks: Words, start: Word, size: Word) -> None:
    """Order the individuals `start..start+size-1` by key; number each block by its first place."""
    for k in range(start, start + size):
        at = k
        while at > start and keys[order[at - 1]] > keys[k]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    blocks[start] = start
    for k in range(start + 1, start + size):
        if keys[order[k]] == keys[order[k - 1]]:
            blocks[k] = blocks[k - 1]
        else:
            blocks[k] = k


def _symmetry_tied(blocks: Words, total: Word) -> Word:
    """Whether some block has several individuals."""
    for k in range(total):
        if blocks[k] != k:
            return 1
    return 0


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


def _symmetry_next(order: Words, blocks: Words, total: Word) -> Word:
    """Move on to the next permutation of ties; 0 when all have been seen."""
    end = total
    while end > 0:
        start = blocks[end - 1]
        if end - start > 1 and _symmetry_step(order, start, end) == 1:
            return 1
        end = start
    return 0


KERNELS = (_symmetry_sort, _symmetry_tied, _symmetry_maps, _symmetry_step, _symmetry_next)
