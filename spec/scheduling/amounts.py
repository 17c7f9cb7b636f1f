"""Amounts of resources as the scheduler counts them: whole milli-CPUs, bytes and units.

Source: `pkg/scheduler/framework/types.go`, Resource. Upstream counts in int64 and would wrap
above 9.2e18; these sums do not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from planespec.spec.quantity import Quantity

CPU = "cpu"
MEMORY = "memory"
EPHEMERAL_STORAGE = "ephemeral-storage"
PODS = "pods"


@dataclass(frozen=True, slots=True)
class Amounts:
    """CPU in thousandths, memory and ephemeral storage in bytes, other resources in units."""

    milli_cpu: int = 0
    memory: int = 0
    ephemeral_storage: int = 0
    scalars: Mapping[str, int] = field(default_factory=dict)
    """Extended resources, huge pages in bytes, attachable volumes; by name."""

    def __add__(self, other: "Amounts") -> "Amounts":
        return self._combine(other, 1)

    def __sub__(self, other: "Amounts") -> "Amounts":
        return self._combine(other, -1)

    def _combine(self, other: "Amounts", sign: int) -> "Amounts":
        scalars: Mapping[str, int] = self.scalars
        if other.scalars:
            scalars = dict(self.scalars)
            for name, amount in other.scalars.items():
                scalars[name] = scalars.get(name, 0) + sign * amount
        return Amounts(
            self.milli_cpu + sign * other.milli_cpu,
            self.memory + sign * other.memory,
            self.ephemeral_storage + sign * other.ephemeral_storage,
            scalars,
        )


def sum_amounts(amounts: Iterable[Amounts]) -> Amounts:
    """Add up any number of amounts, in one go: a large cluster has many pods."""
    milli_cpu = memory = storage = 0
    scalars: dict[str, int] = {}
    for each in amounts:
        milli_cpu += each.milli_cpu
        memory += each.memory
        storage += each.ephemeral_storage
        for name, amount in each.scalars.items() if each.scalars else ():
            scalars[name] = scalars.get(name, 0) + amount
    return Amounts(milli_cpu, memory, storage, scalars)


def build_amounts(quantities: Mapping[str, Quantity]) -> Amounts:
    """Return the amounts of a resource list; resources the scheduler does not count are left out.

    Source: Resource.Add.
    """
    return Amounts(
        milli_cpu=quantities[CPU].milli_value if CPU in quantities else 0,
        memory=_whole(quantities, MEMORY),
        ephemeral_storage=_whole(quantities, EPHEMERAL_STORAGE),
        scalars={
            name: quantity.value
            for name, quantity in quantities.items()
            if is_scalar_resource_name(name)
        },
    )


def _whole(quantities: Mapping[str, Quantity], name: str) -> int:
    return quantities[name].value if name in quantities else 0


def is_scalar_resource_name(name: str) -> bool:
    """Tell whether the scheduler counts `name` by units.

    These are extended resources (with a domain of their own), names with kubernetes.io/ in them,
    huge pages and attachable volumes. Source: `pkg/scheduler/util/utils.go`,
    IsScalarResourceName; `pkg/apis/core/v1/helper/helpers.go`. The syntax of an extended name is
    left to API validation.
    """
    if "/" in name:
        return "kubernetes.io/" in name or not name.startswith("requests.")
    return name.startswith(("hugepages-", "attachable-volumes-"))
