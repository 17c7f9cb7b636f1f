"""Random models of other sizes: sorts with one element, and with none."""

from random import Random

SIZES = (2, 2, 2, 2, 1, 0)


def resized(source: str, seed: int, spare: str) -> str:
    """The model with as many units as the seed says.

    A unit that is named is the last there is, or `spare`, a variable that may hold one.
    """
    size = Random(seed).choice(SIZES)
    if size == 2:
        return source
    for number in (0, 1):
        if number >= size:
            source = source.replace(f"Unit({number})", f"Unit({size - 1})" if size else spare)
    for written in ("sort(2", "sort(3"):
        source = source.replace(written, f"sort({size}, at_least=0")
    return source
