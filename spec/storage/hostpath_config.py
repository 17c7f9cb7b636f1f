"""The flags of the CSI host path driver, and what they let it offer.

Source: kubernetes-csi/csi-driver-host-path v1.18, `cmd/hostpathplugin/main.go`,
`pkg/hostpath/capacity.go`, `controllerserver.go` (`getControllerServiceCapabilities`) and
`nodeserver.go` (`NodeGetCapabilities`). Flags that change no answer (endpoint, directories, log)
are taken and ignored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from planespec.spec.quantity import Quantity, QuantityError, read_quantity

TEBIBYTE = 1 << 40
NODE_TOPOLOGY = "topology.hostpath.csi/node"
"""The topology segment that names the node."""


class FlagError(ValueError):
    """A flag that the driver does not have, or a value that it does not take."""


@dataclass(frozen=True, slots=True)
class DriverConfig:
    """How a driver was started; sizes are bytes, 0 of a limit means none."""

    node_id: str = "node-1"
    ephemeral: bool = False
    max_volumes_per_node: int = 0
    attach_limit: int = 0
    max_volume_size: int = TEBIBYTE
    max_expansion_on_node: int = TEBIBYTE
    capacity: Mapping[str, Quantity] = field(default_factory=dict)
    """Storage in all, by kind; without any the driver does not track capacity."""
    enable_attach: bool = False
    enable_topology: bool = True
    enable_expansion: bool = True
    disable_controller_expansion: bool = False
    disable_node_expansion: bool = False
    check_lifecycle: bool = False
    enable_modify: bool = False
    mutable_parameters: frozenset[str] = frozenset()
    """Names that may be modified; empty means all."""
    enable_list_snapshots: bool = True

    @property
    def controller_capabilities(self) -> list[str]:
        """What the controller service says it can do, in its order."""
        if self.ephemeral:
            return []
        return [
            *("CREATE_DELETE_VOLUME", "GET_VOLUME", "GET_CAPACITY", "CREATE_DELETE_SNAPSHOT"),
            *("LIST_SNAPSHOTS", "GET_SNAPSHOT", "LIST_VOLUMES", "CLONE_VOLUME"),
            *("VOLUME_CONDITION", "SINGLE_NODE_MULTI_WRITER"),
            *_when(
                self.enable_expansion and not self.disable_controller_expansion, "EXPAND_VOLUME"
            ),
            *_when(self.enable_attach, "PUBLISH_UNPUBLISH_VOLUME"),
            *_when(self.enable_modify, "MODIFY_VOLUME"),
            *_when(self.enable_list_snapshots, "LIST_SNAPSHOTS"),
        ]

    @property
    def node_capabilities(self) -> list[str]:
        """What the node service says it can do, in its order."""
        expands = self.enable_expansion and not self.disable_node_expansion
        names = ("STAGE_UNSTAGE_VOLUME", "VOLUME_CONDITION", "GET_VOLUME_STATS")
        return [*names, "SINGLE_NODE_MULTI_WRITER", *_when(expands, "EXPAND_VOLUME")]

    @property
    def topology(self) -> dict[str, object] | None:
        """The topology of everything on this node, where the driver tells it."""
        return {"segments": {NODE_TOPOLOGY: self.node_id}} if self.enable_topology else None


def _when(condition: bool, name: str) -> list[str]:
    return [name] if condition else []


_BOOLEANS = {
    "ephemeral": "ephemeral",
    "enable-attach": "enable_attach",
    "enable-topology": "enable_topology",
    "enable-volume-expansion": "enable_expansion",
    "node-expand-required": "enable_expansion",
    "disable-controller-expansion": "disable_controller_expansion",
    "disable-node-expansion": "disable_node_expansion",
    "check-volume-lifecycle": "check_lifecycle",
    "enable-controller-modify-volume": "enable_modify",
    "enable-list-snapshots": "enable_list_snapshots",
}
_NUMBERS = {
    "maxvolumespernode": "max_volumes_per_node",
    "attach-limit": "attach_limit",
    "max-volume-size": "max_volume_size",
    "max-volume-size-node": "max_expansion_on_node",
}
_IGNORED = {"endpoint", "proxy-endpoint", "drivername", "statedir", "v", "logtostderr"}
_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}


def read_flags(flags: Sequence[str]) -> DriverConfig:
    """Read flags as Go's `flag` does (`-name`, `--name=value`, `-name value`).

    Raises FlagError for one that is unknown, lacks its value or has an impossible one.
    """
    fields: dict[str, object] = {}
    capacity: dict[str, Quantity] = {}
    for name, value in _part_flags(flags):
        if name in _BOOLEANS:
            fields[_BOOLEANS[name]] = _read_boolean(name, value)
        elif name in _NUMBERS:
            fields[_NUMBERS[name]] = _read_number(name, value)
        elif name == "capacity":
            kind, quantity = _read_capacity(value)
            capacity[kind] = quantity
        elif name == "nodeid":
            fields["node_id"] = value
        elif name == "accepted-mutable-parameter-names":
            fields["mutable_parameters"] = frozenset(value.split(","))
        elif name not in _IGNORED:
            raise FlagError(f"flag provided but not defined: -{name}")
    largest = fields.get("max_volume_size", TEBIBYTE)
    fields["max_expansion_on_node"] = fields.get("max_expansion_on_node") or largest
    return DriverConfig(capacity=capacity, **fields)  # type: ignore[arg-type]


def _part_flags(flags: Sequence[str]) -> Iterator[tuple[str, str]]:
    rest = iter(flags)
    for flag in rest:
        name, equals, value = flag.lstrip("-").partition("=")
        if not flag.startswith("-") or not name or flag.startswith("---"):
            raise FlagError(f"not a flag: {flag!r}")
        if not equals:
            value = "true" if name in _BOOLEANS else next(rest, "")
        yield name, value


def _read_boolean(name: str, value: str) -> bool:
    if value not in _TRUE | _FALSE:
        raise FlagError(f'invalid boolean value "{value}" for -{name}')
    return value in _TRUE


def _read_number(name: str, value: str) -> int:
    if not value.removeprefix("-").isdecimal() or abs(int(value)) >= 1 << 63:
        raise FlagError(f'invalid value "{value}" for flag -{name}')
    return int(value)


def _read_capacity(value: str) -> tuple[str, Quantity]:
    kind, equals, text = value.partition("=")
    if not equals:
        raise FlagError(f'invalid value "{value}" for flag -capacity: must be <type>=<size>')
    try:
        return kind, read_quantity(text)
    except QuantityError as error:
        raise FlagError(f'invalid value "{value}" for flag -capacity: {error}') from error
