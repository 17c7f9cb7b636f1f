"""Judge of `kubelet_topology`: the affinity that the topology manager merges of random hints.

A line is `{"numaNodes", "distances": {node: [...]}, "providerHints": [{resource: [{"nodes",
"preferred"}]}], "merge": {policy: {"admit", "nodes", "preferred"}}}`; a policy may be followed by
`+prefer-closest-numa-nodes`. `nodes` of null are any. One line is one case: all policies, with
and without the option, are compared at once.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.numa.topology import (
    MOST_NODES,
    POLICIES,
    PREFER_CLOSEST,
    Hint,
    NumaNodes,
    ProviderHints,
    decide_affinity,
)
from planespec.spec.objects.view import ObjectError, View


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line. Raises InputError for a malformed one."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    machine = _read_machine(line.needing("numaNodes", "distances", "merge"))
    providers = [_read_provider(each) for each in line.views("providerHints")]
    actual = {
        policy + ("+" + PREFER_CLOSEST if closest else ""): _answer(
            policy, providers, machine, closest=closest
        )
        for policy, closest in product(POLICIES, (False, True))
    }
    given, _ = part_answers(line.data, ("merge",))
    yield compare("merge", where, given, dict(line.view("merge").data), actual)


def _answer(
    policy: str, providers: list[ProviderHints], machine: NumaNodes, *, closest: bool
) -> dict[str, object]:
    decision = decide_affinity(policy, providers, machine, closest=closest)
    hint = decision.hint
    nodes = None if hint.nodes is None else sorted(hint.nodes)
    return {"admit": decision.admit, "nodes": nodes, "preferred": hint.preferred}


def _read_machine(line: View) -> NumaNodes:
    count = line.integer("numaNodes") or 0
    if not 1 <= count <= MOST_NODES:
        raise ObjectError("numaNodes", f"must be from 1 to {MOST_NODES}, not {count}")
    distances = line.view("distances")
    return NumaNodes(tuple(_read_row(distances, str(node), count) for node in range(count)))


def _read_row(distances: View, node: str, count: int) -> tuple[int, ...]:
    row = _read_integers(distances, node)
    if len(row) != count:
        raise ObjectError(distances.path(node), f"must have {count} distances, not {len(row)}")
    return row


def _read_integers(view: View, name: str) -> tuple[int, ...]:
    """Read a list of numbers from 0."""
    items = view.items(name)
    for index, item in enumerate(items):
        if isinstance(item, bool) or not isinstance(item, int) or item < 0:
            raise ObjectError(f"{view.path(name)}[{index}]", "must be an integer, 0 or more")
    return tuple(item for item in items if isinstance(item, int))


def _read_provider(provider: View) -> ProviderHints:
    return {
        name: [_read_hint(hint) for hint in provider.views(name)] if provider.has(name) else None
        for name in provider.data
    }


def _read_hint(hint: View) -> Hint:
    if not hint.has("nodes"):
        return Hint(None, hint.flag("preferred"))
    nodes = frozenset(_read_integers(hint, "nodes"))
    if max(nodes, default=0) >= MOST_NODES:
        raise ObjectError(hint.path("nodes"), f"must be below {MOST_NODES}")
    return Hint(nodes, hint.flag("preferred"))
