"""Sorts: finite sets of individuals that have a number and nothing else."""

from typing import TypeVar

S = TypeVar("S")


class Sort(int):
    """Base of sorts: `class Server(Sort)`. An element is a number from 0 to the size less 1.

    A constant of the model gives the size: `servers: Domain[Server] = sort(3)`. Elements print as
    the lower-case name of the sort and the number: `server0`.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__.lower()}{int(self)}"

    __str__ = __repr__


class Domain(tuple[S, ...]):
    """All elements of a sort, in order: the value of a constant declared with `sort(...)`.

    It can be walked, has a `len`, and knows with `in` whether a value is one of its elements.
    """

    __slots__ = ()


def elements(sort: type[Sort], size: int) -> "Domain[Sort]":
    """The domain of a sort with `size` elements."""
    return Domain(sort(number) for number in range(size))
