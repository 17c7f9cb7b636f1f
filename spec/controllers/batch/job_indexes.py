"""Sets of completion indexes, as the status of an Indexed Job writes them: `0,2-5`.

Source: Kubernetes v1.36, `pkg/controller/job/indexed_job_utils.go`. A text that is not in order is
read as upstream reads it, which may make intervals that no set has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planespec.spec.objects.view import ApiObject
from planespec.spec.quantity.amount import parse_int64

INDEX = "batch.kubernetes.io/job-completion-index"
UNKNOWN = -1
"""The index of a pod that does not say, or says nothing that can be."""

Interval = tuple[int, int]
"""The first and the last index."""


@dataclass(frozen=True, slots=True)
class IndexSet:
    """`orderedIntervals`."""

    intervals: tuple[Interval, ...] = ()

    @property
    def total(self) -> int:
        """How many indexes there are."""
        return sum(last - first + 1 for first, last in self.intervals)

    def __str__(self) -> str:
        """Write the intervals; two neighbours have a comma between them."""
        return ",".join(_write(first, last) for first, last in self.intervals)

    def __contains__(self, index: int) -> bool:
        """Say whether an index is there, by bisection over the ends."""
        found = next(((f, last) for f, last in self.intervals if last >= index), None)
        return found is not None and found[0] <= index

    def __or__(self, other: "IndexSet") -> "IndexSet":
        """Merge two sets (`merge`)."""
        result: list[Interval] = []
        for first, last in _interleave(self.intervals, other.intervals):
            if not result or first > result[-1][1] + 1:
                result.append((first, last))
            elif result[-1][1] < last:
                result[-1] = (result[-1][0], last)
        return IndexSet(tuple(result))

    def overlap(self, other: "IndexSet") -> int:
        """How many indexes are in both."""
        pairs = ((a, b) for a in self.intervals for b in other.intervals)
        return sum(max(min(a[1], b[1]) - max(a[0], b[0]) + 1, 0) for a, b in pairs)


def _write(first: int, last: int) -> str:
    if last <= first:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"


def _interleave(one: tuple[Interval, ...], two: tuple[Interval, ...]) -> Iterator[Interval]:
    i = j = 0
    while i < len(one) and j < len(two):
        if one[i][0] < two[j][0]:
            yield one[i]
            i += 1
        else:
            yield two[j]
            j += 1
    yield from one[i:]
    yield from two[j:]


def make_set(indexes: Iterable[int]) -> IndexSet:
    """A set of indexes that come in order."""
    return IndexSet() | IndexSet(tuple((index, index) for index in indexes))


def read_indexes(text: str, completions: int) -> IndexSet:
    """Read a text, up to the number of completions (`parseIndexesFromString`).

    An interval that is none is passed over; what comes after one that begins too high is not read.
    """
    result: list[Interval] = []
    for part in text.split(",") if text else ():
        first, *rest = part.split("-")
        ends = [parse_int64(each) for each in (first, *rest[:1])]
        if ends[0] is None:
            continue
        if ends[0] >= completions:
            break
        if ends[-1] is None:
            continue
        start, end = ends[0], min(ends[-1], completions - 1)
        if result and result[-1][1] == start - 1:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return IndexSet(tuple(result))


def get_index(pod: ApiObject) -> int:
    """The completion index of a pod."""
    number = parse_int64(pod.meta.annotations.get(INDEX, ""))
    return number if number is not None and number >= 0 else UNKNOWN
