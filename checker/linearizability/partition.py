"""Splitting a history where that is sound, which makes the search short.

A history of several objects is linearizable exactly when that of each object is (locality,
Herlihy and Wing 1990, theorem 1). A store of keys is such a collection only if no answer
couples keys: an answer that shows a counter common to all keys forbids the split.
"""

from collections.abc import Callable, Collection, Hashable, Iterable

from planespec.checker.linearizability.history import (
    InputT,
    Operation,
    OutputT,
    SequentialModel,
    StateT,
)
from planespec.checker.linearizability.search import DEFAULT_LIMITS, Limits, Result, Verdict, check


def partition_by_keys(
    history: Iterable[Operation[InputT, OutputT]],
    keys_of: Callable[[InputT], Collection[Hashable]],
) -> list[list[Operation[InputT, OutputT]]]:
    """Split a history into the smallest parts of which no operation touches two.

    `keys_of` names every key an operation reads or writes; one that names none
    forms a part of its own.
    """
    operations = list(history)
    leader: dict[Hashable, Hashable] = {}
    for operation in operations:
        keys = list(keys_of(operation.input))
        for key in keys:
            leader[_find(leader, key)] = _find(leader, keys[0])
    parts: dict[Hashable, list[Operation[InputT, OutputT]]] = {}
    for number, operation in enumerate(operations):
        keys = list(keys_of(operation.input))
        name = ("key", _find(leader, keys[0])) if keys else ("none", number)
        parts.setdefault(name, []).append(operation)
    return list(parts.values())


def check_parts(
    model: SequentialModel[StateT, InputT, OutputT],
    parts: list[list[Operation[InputT, OutputT]]],
    limits: Limits = DEFAULT_LIMITS,
) -> Result[StateT, InputT, OutputT]:
    """Check each part on its own and return the worst result, Illegal before Unknown.

    The limits hold for each part. Of an empty list the result is Ok.
    """
    worst: Result[StateT, InputT, OutputT] | None = None
    for part in parts:
        result = check(model, part, limits)
        if result.verdict is Verdict.ILLEGAL:
            return result
        if worst is None or result.verdict is Verdict.UNKNOWN:
            worst = result
    return worst or check(model, [], limits)


def _find(leader: dict[Hashable, Hashable], key: Hashable) -> Hashable:
    while leader.setdefault(key, key) != key:
        key = leader[key]
    return key
