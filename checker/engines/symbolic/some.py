"""`Is it so for some values?`, without leaving the unknowns free: they are tried one by one.

Whether an action is enabled is asked both ways, so that its parameters and choices cannot be left
to the solver as those of a step are. Where they have few values the formula is written out for
each; where they have many the solver is given a quantifier.
"""

from typing import Any

import z3

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic.transition import Unknowns
from planespec.checker.ir import types as t

MOST_WRITTEN = 1_024
"""Combinations of values for which a formula is written out."""
_UNKNOWNS = Unknowns()


class Some:
    """Unknowns that are bound: what `holds` gives depends on none of them."""

    def __init__(self) -> None:
        self._numbers: list[tuple[Any, list[Any] | None]] = []

    def fresh(self, name: str, type_: t.Type) -> tuple[Any, l.Truth]:
        """An unknown, with the condition that it is a value of its type."""
        return _UNKNOWNS.fresh(f"some {name}", type_, self._note)

    def _note(self, unknown: Any, part: t.Type) -> None:
        values = None
        if isinstance(part, t.Bool):
            values = [z3.BoolVal(False), z3.BoolVal(True)]
        elif isinstance(part, t.Int) and part.is_bounded:
            low, high = part.bounds
            few = high - low < MOST_WRITTEN
            values = [z3.IntVal(n) for n in range(low, high + 1)] if few else None
        self._numbers.append((unknown, values))

    def holds(self, formula: l.Truth) -> l.Truth:
        """Whether the formula is true for some values of the unknowns."""
        written, left = [formula], []
        for unknown, values in self._numbers:
            if values is None or len(written) * len(values) > MOST_WRITTEN:
                left.append(unknown)
            else:
                written = [one for whole in written for one in _tried(whole, unknown, values)]
        bound = (one if l.known(one) or not left else z3.Exists(left, one) for one in written)
        return l.any_of(bound)


def _tried(formula: l.Truth, unknown: Any, values: list[Any]) -> list[l.Truth]:
    """The formula with each value for the unknown, but for those that are false."""
    if l.known(formula):
        return [formula] if formula else []
    made = [z3.simplify(z3.substitute(formula, (unknown, value))) for value in values]
    return [True if z3.is_true(one) else one for one in made if not z3.is_false(one)]
