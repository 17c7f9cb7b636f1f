"""Is a concurrent history explained by some order of its operations, one at a time?

Linearizability (Herlihy and Wing 1990): every operation takes effect at one moment between its
call and its return. `check` searches for such an order as Wing and Gong (1993) do, with the
memory of Lowe (2017): a set of done operations together with a state is tried once. The object
is a `SequentialModel`; nothing here knows what it is.
"""

from planespec.checker.linearizability.linearization import (
    Limits,
    Operation,
    Result,
    SequentialModel,
    Verdict,
    check,
    check_parts,
    partition_by_keys,
)

__all__ = [
    "Limits",
    "Operation",
    "Result",
    "SequentialModel",
    "Verdict",
    "check",
    "check_parts",
    "partition_by_keys",
]
