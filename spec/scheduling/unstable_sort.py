"""The order in which Go's `sort.Slice` leaves elements that compare equal.

Victims of equal priority and start time keep no promised order upstream, yet the order decides
who is reprieved first. It is deterministic: a pattern-defeating quicksort with fixed pivots and a
generator seeded by the length. Up to 12 elements it is an insertion sort, which is stable.
Source: the Go standard library, `src/sort/zsortfunc.go` (pdqsort_func); Orson Peters,
"Pattern-defeating Quicksort", arXiv 2106.05123.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
INSERTION_SORT_LENGTH = 12
NINTHER_LENGTH = 50
"""From this length on, the pivot is the median of three medians."""
MOST_EXCHANGES = 12
"""Exchanges in finding a ninther when every comparison went the wrong way."""
REPAIRS = 5
"""Out-of-order pairs that are repaired before an almost sorted range is given up on."""
MASK = 2**64 - 1


def sort_as_go_does(items: Iterable[T], is_less: Callable[[T, T], bool]) -> list[T]:
    """Return the items sorted by `is_less`, equal ones in the order of Go's `sort.Slice`."""
    sorter = _Sorter(list(items), is_less)
    length = len(sorter.items)
    sorter.sort(0, length, length.bit_length())
    return sorter.items


class _Sorter(Generic[T]):
    """One array being sorted in place; ranges are half open, indexes absolute."""

    def __init__(self, items: list[T], is_less: Callable[[T, T], bool]) -> None:
        self.items = items
        self._is_less = is_less

    def less(self, i: int, j: int) -> bool:
        return self._is_less(self.items[i], self.items[j])

    def swap(self, i: int, j: int) -> None:
        self.items[i], self.items[j] = self.items[j], self.items[i]

    def sort(self, low: int, high: int, bad_choices_left: int) -> None:
        """Partition until short ranges remain; fall back to heap sort on unlucky pivots."""
        was_balanced = was_partitioned = True
        while high - low > INSERTION_SORT_LENGTH:
            if bad_choices_left == 0:
                self.heap_sort(low, high)
                return
            if not was_balanced:
                self.break_patterns(low, high)
                bad_choices_left -= 1
            pivot, looks_sorted = self.choose_pivot(low, high)
            if was_balanced and was_partitioned and looks_sorted and self.repair(low, high):
                return
            if low > 0 and not self.less(low - 1, pivot):
                low = self.skip_equal(low, high, pivot)
                continue
            length = high - low
            middle, was_partitioned = self.partition(low, high, pivot)
            was_balanced = min(middle - low, high - middle) >= length // 8
            if middle - low < high - middle:
                self.sort(low, middle, bad_choices_left)
                low = middle + 1
            else:
                self.sort(middle + 1, high, bad_choices_left)
                high = middle
        self.insertion_sort(low, high)

    def insertion_sort(self, low: int, high: int) -> None:
        for start in range(low + 1, high):
            at = start
            while at > low and self.less(at, at - 1):
                self.swap(at, at - 1)
                at -= 1

    def choose_pivot(self, low: int, high: int) -> tuple[int, bool]:
        """Return a median and whether the range looks sorted; a falling range is turned round."""
        quarter = (high - low) // 4
        points = [low + quarter, low + quarter * 2, low + quarter * 3]
        exchanges = 0
        if high - low >= NINTHER_LENGTH:
            for number, at in enumerate(points):
                points[number], extra = self.median(at - 1, at, at + 1)
                exchanges += extra
        pivot, extra = self.median(*points)
        exchanges += extra
        if exchanges == MOST_EXCHANGES:
            self.items[low:high] = self.items[low:high][::-1]
            return (high - 1) - (pivot - low), True
        return pivot, exchanges == 0

    def median(self, a: int, b: int, c: int) -> tuple[int, int]:
        """Return the index of the median of three and how many pairs stood the wrong way."""
        exchanges = 0
        if self.less(b, a):
            a, b, exchanges = b, a, exchanges + 1
        if self.less(c, b):
            b, c, exchanges = c, b, exchanges + 1
        if self.less(b, a):
            a, b, exchanges = b, a, exchanges + 1
        return b, exchanges

    def repair(self, low: int, high: int) -> bool:
        """Sort an almost sorted range by a few shifts; tell whether it is sorted now."""
        at = low + 1
        for _ in range(REPAIRS):
            while at < high and not self.less(at, at - 1):
                at += 1
            if at == high:
                return True
            if high - low < NINTHER_LENGTH:
                return False
            self.swap(at, at - 1)
            self.shift_both_ways(low, high, at)
        return False

    def shift_both_ways(self, low: int, high: int, at: int) -> None:
        """Move the two exchanged elements to their places, the smaller one downwards first."""
        if at - low >= 2:
            down = at - 1
            while down >= 1 and self.less(down, down - 1):
                self.swap(down, down - 1)
                down -= 1
        if high - at >= 2:
            up = at + 1
            while up < high and self.less(up, up - 1):
                self.swap(up, up - 1)
                up += 1

    def partition(self, low: int, high: int, pivot: int) -> tuple[int, bool]:
        """Put smaller elements before the pivot; return its place and whether nothing moved."""
        self.swap(low, pivot)
        left, right = self.close_in(low, low + 1, high - 1)
        untouched = left > right
        while left <= right:
            self.swap(left, right)
            left, right = self.close_in(low, left + 1, right - 1)
        self.swap(right, low)
        return right, untouched

    def close_in(self, pivot: int, left: int, right: int) -> tuple[int, int]:
        while left <= right and self.less(left, pivot):
            left += 1
        while left <= right and not self.less(right, pivot):
            right -= 1
        return left, right

    def skip_equal(self, low: int, high: int, pivot: int) -> int:
        """Gather the elements equal to the pivot at the front; return where the greater begin."""
        self.swap(low, pivot)
        left, right = low + 1, high - 1
        while True:
            while left <= right and not self.less(low, left):
                left += 1
            while left <= right and self.less(low, right):
                right -= 1
            if left > right:
                return left
            self.swap(left, right)
            left, right = left + 1, right - 1

    def break_patterns(self, low: int, high: int) -> None:
        """Exchange three elements around the middle with drawn ones; the seed is the length."""
        length = high - low
        state, modulus = length, 1 << length.bit_length()
        first = low + (length // 4) * 2 - 1
        for offset in range(3):
            state = _next_random(state)
            other = state & (modulus - 1)
            self.swap(first + offset, low + (other - length if other >= length else other))

    def heap_sort(self, low: int, high: int) -> None:
        length = high - low
        for root in range((length - 1) // 2, -1, -1):
            self.sift_down(root, length, low)
        for last in range(length - 1, -1, -1):
            self.swap(low, low + last)
            self.sift_down(0, last, low)

    def sift_down(self, root: int, end: int, base: int) -> None:
        while (child := 2 * root + 1) < end:
            if child + 1 < end and self.less(base + child, base + child + 1):
                child += 1
            if not self.less(base + root, base + child):
                return
            self.swap(base + root, base + child)
            root = child


def _next_random(state: int) -> int:
    """Return the next number of the 64-bit xorshift generator (13, 7, 17)."""
    state ^= (state << 13) & MASK
    state ^= state >> 7
    return state ^ ((state << 17) & MASK)
