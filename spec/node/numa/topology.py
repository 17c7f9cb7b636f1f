"""The topology manager: one NUMA affinity of the hints that several providers give.

Source: pkg/kubelet/cm/topologymanager of v1.36 (policy.go, policy_*.go, numa_info.go, bitmask).
Left out: the scopes (pod, container), which only say for what the providers are asked, and the
alpha option that weighs nodes by what is allocated on them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MOST_NODES = 64
"""A mask has so many bits; nodes are numbered from 0."""

PREFER_CLOSEST = "prefer-closest-numa-nodes"
"""The policy option: among equally many nodes, those nearest to each other."""

POLICIES = ("none", "best-effort", "restricted", "single-numa-node")
"""The names of the policies."""

Nodes = frozenset[int]


@dataclass(frozen=True, slots=True)
class Hint:
    """Nodes from which a resource can be given; None is any node. `preferred`: fewest possible."""

    nodes: Nodes | None
    preferred: bool


ProviderHints = Mapping[str, Sequence[Hint] | None]
"""Hints by resource: None where any node will do, an empty sequence where none is possible."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The merged hint, and whether the policy lets the pod in."""

    hint: Hint
    admit: bool


@dataclass(frozen=True, slots=True)
class NumaNodes:
    """The nodes of a machine, and row by row how far each is from each (10 is itself)."""

    distances: tuple[tuple[int, ...], ...]

    @property
    def all(self) -> Nodes:
        """Every node."""
        return frozenset(range(len(self.distances)))

    def total_distance(self, nodes: Nodes) -> int:
        """The sum over all pairs. Upstream's average orders sets of the same size as this does."""
        return sum(self.distances[one][other] for one in nodes for other in nodes)


def decide_affinity(
    policy: str, providers: Iterable[ProviderHints | None], machine: NumaNodes, *, closest: bool
) -> Decision:
    """Merge what the providers hint at and admit or refuse, as one of POLICIES does.

    `closest` is the option PREFER_CLOSEST, which single-numa-node and none do not heed. Raises
    ValueError for an unknown policy.
    """
    if policy not in POLICIES:
        raise ValueError(f"no policy is called {policy!r}; known: {', '.join(POLICIES)}")
    if policy == "none":
        return Decision(Hint(None, False), admit=True)
    resources = list(_collect(providers))
    if policy != "single-numa-node":
        hint = merge_hints(resources, machine, closest=closest)
        return Decision(hint, admit=hint.preferred or policy == "best-effort")
    single = [[hint for hint in hints if _fits_one_node(hint)] for hints in resources]
    hint = merge_hints(single, machine, closest=False)
    if hint.nodes == machine.all:
        hint = Hint(None, hint.preferred)
    return Decision(hint, admit=hint.preferred)


def _collect(providers: Iterable[ProviderHints | None]) -> Iterator[Sequence[Hint]]:
    """The hints of each resource; a provider without any resource counts as one without wishes."""
    for hints in providers:
        if not hints:
            yield (Hint(None, True),)
        for found in (hints or {}).values():
            if found is None:
                yield (Hint(None, True),)
            else:
                yield found or (Hint(None, False),)


def _fits_one_node(hint: Hint) -> bool:
    return hint.preferred and (hint.nodes is None or len(hint.nodes) == 1)


def merge_hints(resources: Sequence[Sequence[Hint]], machine: NumaNodes, *, closest: bool) -> Hint:
    """Choose one hint of each resource so that what they have in common is best.

    Upstream walks all choices and keeps the better of two; its comparison is a total order, so
    the order of the walk (of a Go map, by chance) decides nothing, and this takes the least.
    """
    wanted = _count_needed(resources)

    def rank(hint: Hint) -> tuple[bool, tuple[int, int], int, int]:
        nodes = hint.nodes or frozenset()
        count = len(nodes)
        size = (0, count) if hint.preferred else _rank_size(count, wanted)
        distance = machine.total_distance(nodes) if closest else 0
        return not hint.preferred, size, distance, sum(1 << node for node in nodes)

    merged = [hint for hint in _combine(resources, machine.all) if hint.nodes]
    return min(merged, key=rank, default=Hint(machine.all, False))


def _rank_size(count: int, wanted: int) -> tuple[int, int]:
    """Of hints that are not preferred: as many as wanted, else nearest below, else the fewest."""
    if count == wanted:
        return 0, 0
    return (1, -count) if count < wanted else (2, count)


def _count_needed(resources: Iterable[Iterable[Hint]]) -> int:
    """The nodes that the most demanding resource needs at least."""
    sizes = ([len(hint.nodes) for hint in hints if hint.nodes is not None] for hints in resources)
    return max((min(each) for each in sizes if each), default=0)


def _combine(resources: Iterable[Sequence[Hint]], everything: Nodes) -> Iterator[Hint]:
    """What each choice has in common, once each; preferred only if all chosen name the same nodes.

    Choices that came to the same so far go on as one, or their number would be the product.
    """
    found: set[tuple[Nodes, Nodes | None, bool]] = {(everything, None, True)}
    for hints in resources:
        found = {_add(so_far, hint) for so_far in found for hint in hints}
    return (Hint(nodes, preferred) for nodes, _, preferred in found)


def _add(so_far: tuple[Nodes, Nodes | None, bool], hint: Hint) -> tuple[Nodes, Nodes | None, bool]:
    nodes, first, preferred = so_far
    if hint.nodes is None:
        return nodes, first, preferred and hint.preferred
    first = hint.nodes if first is None else first
    return nodes & hint.nodes, first, preferred and hint.preferred and first == hint.nodes
