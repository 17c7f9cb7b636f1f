"""Operators that an exported module defines for itself, so that it needs no community module.

Names bound here end in `_`. Nothing is chosen freely: CHOOSE puts sets in some order where a loop
walks them, and no model may depend on that order.
"""

from collections.abc import Iterable

PRELUDE: dict[str, tuple[str, str]] = {
    "Elements": (
        "the values of a sequence or function",
        "Elements(f_) == {f_[i_] : i_ \\in DOMAIN f_}",
    ),
    "Interval": (
        "the sequence of the numbers a_..b_",
        "Interval(a_, b_) == [i_ \\in 1..(b_ - a_ + 1) |-> a_ + i_ - 1]",
    ),
    "Values": (
        "the values of a function in the order of its keys",
        "Values(f_, keys_) == [i_ \\in 1..Len(keys_) |-> f_[keys_[i_]]]",
    ),
    "SeqOf": (
        "the members of a set in some order",
        "RECURSIVE SeqOf(_)\n"
        "SeqOf(S_) == IF S_ = {} THEN <<>>\n"
        "             ELSE LET x_ == CHOOSE y_ \\in S_ : TRUE IN <<x_>> \\o SeqOf(S_ \\ {x_})",
    ),
    "BagWith": (
        "a bag and one copy more; the empty bag is [x \\in {} |-> 0]",
        "BagWith(b_, x_) == IF x_ \\in DOMAIN b_ THEN [b_ EXCEPT ![x_] = @ + 1] "
        "ELSE b_ @@ (x_ :> 1)",
    ),
    "BagWithout": (
        "a bag and one copy less",
        "BagWithout(b_, x_) == IF x_ \\notin DOMAIN b_ THEN b_\n"
        "                      ELSE IF b_[x_] > 1 THEN [b_ EXCEPT ![x_] = @ - 1]\n"
        "                      ELSE [y_ \\in DOMAIN b_ \\ {x_} |-> b_[y_]]",
    ),
    "BagOf": (
        "the bag of the elements of a sequence",
        "BagOf(xs_) == [x_ \\in Elements(xs_) |-> "
        "Cardinality({i_ \\in DOMAIN xs_ : xs_[i_] = x_})]",
    ),
    "BagCount": (
        "copies of an element",
        "BagCount(b_, x_) == IF x_ \\in DOMAIN b_ THEN b_[x_] ELSE 0",
    ),
    "SeqOfBag": (
        "the members of a bag in some order, copies as often as they are there",
        "RECURSIVE SeqOfBag(_)\n"
        "SeqOfBag(b_) == IF DOMAIN b_ = {} THEN <<>>\n"
        "                ELSE LET x_ == CHOOSE y_ \\in DOMAIN b_ : TRUE\n"
        "                     IN <<x_>> \\o SeqOfBag(BagWithout(b_, x_))",
    ),
    "SeqCount": (
        "how often an element stands in a sequence",
        "SeqCount(xs_, x_) == Cardinality({i_ \\in DOMAIN xs_ : xs_[i_] = x_})",
    ),
    "SumOf": (
        "the sum of f_ over a sequence",
        "SumOf(xs_, f_(_)) ==\n"
        "    LET g_[i_ \\in 0..Len(xs_)] == IF i_ = 0 THEN 0 ELSE g_[i_ - 1] + f_(xs_[i_])\n"
        "    IN  g_[Len(xs_)]",
    ),
    "JoinOf": (
        "the sequences f_ gives for a sequence, one after the other",
        "JoinOf(xs_, f_(_)) ==\n"
        "    LET g_[i_ \\in 0..Len(xs_)] == IF i_ = 0 THEN <<>> ELSE g_[i_ - 1] \\o f_(xs_[i_])\n"
        "    IN  g_[Len(xs_)]",
    ),
    "MinOf": (
        "the least number of a set",
        "MinOf(S_) == CHOOSE x_ \\in S_ : \\A y_ \\in S_ : x_ <= y_",
    ),
    "MaxOf": (
        "the greatest number of a set",
        "MaxOf(S_) == CHOOSE x_ \\in S_ : \\A y_ \\in S_ : x_ >= y_",
    ),
    "Abs": ("the distance from 0", "Abs(x_) == IF x_ < 0 THEN -x_ ELSE x_"),
    "FloorDiv": (
        "division that floors, for divisors of either sign",
        "FloorDiv(a_, b_) == IF b_ > 0 THEN a_ \\div b_ ELSE (-a_) \\div (-b_)",
    ),
    "Mod": (
        "the remainder with the sign of the divisor",
        "Mod(a_, b_) == IF b_ > 0 THEN a_ % b_ ELSE -((-a_) % (-b_))",
    ),
    "At": (
        "the element at an index from 0, or from the end where it is negative",
        "At(xs_, i_) == xs_[IF i_ < 0 THEN Len(xs_) + i_ + 1 ELSE i_ + 1]",
    ),
    "Clamp": (
        "an end of a slice, from 0, or from the end of the sequence where it is negative",
        "Clamp(n_, i_) == IF i_ > n_ THEN n_ ELSE IF i_ >= 0 THEN i_\n"
        "                 ELSE IF n_ + i_ < 0 THEN 0 ELSE n_ + i_",
    ),
    "Slice": (
        "the elements from index a_ up to, not including, b_; indices from 0",
        "Slice(xs_, a_, b_) == SubSeq(xs_, Clamp(Len(xs_), a_) + 1, Clamp(Len(xs_), b_))",
    ),
    "Given": (
        "a value that must be there: TLC reports an error where it is None",
        "Given(x_) == CASE x_ # None -> x_",
    ),
}
"""Operator to what it is, and its text; an operator uses only those above it."""

NEEDS = {
    "BagOf": ("Elements",),
    "SeqOfBag": ("BagWithout",),
    "Slice": ("Clamp",),
}

BOUND = ["s_", "a_", "b_", "f_", "g_", "i_", "keys_", "n_", "S_", "x_", "xs_", "y_"]
"""Names the operators bind."""


def prelude(used: Iterable[str]) -> list[str]:
    """The text of the operators used, and of those they need."""
    wanted = set(used)
    for name in tuple(wanted):
        wanted.update(NEEDS.get(name, ()))
    found: list[str] = []
    for name, (meaning, text) in PRELUDE.items():
        if name in wanted:
            found += [f"\\* {name}: {meaning}", *text.splitlines()]
    return found
