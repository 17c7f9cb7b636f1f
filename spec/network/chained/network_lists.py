"""Lists of plugins as libcni reads them, and what it puts into each plugin's configuration.

Source: containernetworking/cni v1.3, `libcni/conf.go` and `libcni/api.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError, parse_version

_START = "error parsing configuration list: "
_KINDS = {bool: "bool", int: "float64", float: "float64", str: "string", list: "[]interface {}"}


class ListError(Exception):
    """What is wrong with a list, in Go's words."""


@dataclass(frozen=True, slots=True)
class PluginEntry:
    """A plugin of a list, with its configuration as it stands there."""

    name: str
    config: Mapping[str, object]

    @property
    def capabilities(self) -> list[str]:
        """What it takes from the runtime."""
        told = self.config.get("capabilities")
        return [name for name, on in told.items() if on] if isinstance(told, dict) else []

    @property
    def description(self) -> str:
        """What libcni calls it."""
        own = self.config.get("name")
        return f'type="{self.name}"' + (f' name="{own}"' if own else "")


@dataclass(frozen=True, slots=True)
class NetworkList:
    """A list of plugins."""

    name: str
    version: str
    plugins: tuple[PluginEntry, ...]
    skips_check: bool
    skips_collection: bool


@dataclass(frozen=True, slots=True)
class Attaching:
    """What the runtime asks for: an interface of a container."""

    container: str = ""
    netns: str = ""
    interface: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    given: Mapping[str, object] | None = None
    """What it has for capabilities of plugins."""

    def make_environment(self, command: str) -> dict[str, str]:
        """Return the environment of a plugin's run, without its path."""
        return {
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": self.container,
            "CNI_NETNS": self.netns,
            "CNI_IFNAME": self.interface,
            "CNI_ARGS": ";".join("=".join(each) for each in self.arguments),
        }


def read_list(raw: Mapping[str, object]) -> NetworkList:
    """Read a list; raises ListError."""
    if "name" not in raw:
        raise ListError(f"{_START}no name")
    name, version = raw["name"], raw.get("cniVersion", "")
    if not isinstance(name, str):
        raise ListError(f"{_START}invalid name type {_tell_kind(name)}")
    if not isinstance(version, str):
        raise ListError(f"{_START}invalid cniVersion type {_tell_kind(version)}")
    version = _choose_version(raw, version)
    flags = [_read_flag(raw, each) for each in ("disableCheck", "disableGC")]
    only_inlined = _read_flag(raw, "loadOnlyInlinedPlugins")
    if "plugins" not in raw:
        if only_inlined:
            told = "`loadOnlyInlinedPlugins` is true, and no 'plugins' key"
            raise ListError(f"{_START}{told}")
        return NetworkList(name, version, (), *flags)
    plugins = raw["plugins"]
    if not isinstance(plugins, list):
        raise ListError(f"{_START}invalid 'plugins' type {_tell_kind(plugins)}")
    if not plugins:
        raise ListError(f"{_START}no plugins in list")
    entries = tuple(_read_entry(index, each) for index, each in enumerate(plugins))
    return NetworkList(name, version, entries, *flags)


def _read_entry(index: int, raw: object) -> PluginEntry:
    name = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(name, str) or not name:
        start = f"failed to parse plugin config {index}: error parsing configuration"
        raise ListError(f"{start}: missing 'type'")
    return PluginEntry(name, raw)


def _choose_version(raw: Mapping[str, object], version: str) -> str:
    """Return the newest of the versions that are known; raises ListError."""
    if "cniVersions" not in raw:
        return version
    listed = raw["cniVersions"]
    if not isinstance(listed, list):
        raise ListError(f"{_START}invalid type for cniVersions: []interface {{}}")
    known = []
    for index, each in enumerate([*listed, *([version] if version else [])]):
        if not isinstance(each, str):
            told = f"invalid type for cniVersions index {index}: {_tell_kind(each)}"
            raise ListError(f"{_START}{told}")
        try:
            if parse_version(each) <= parse_version(SUPPORTED_VERSIONS[-1]):
                known.append(each)
        except PluginError as error:
            told = f"invalid cniVersions entry {each} at index {index}"
            if index == len(listed):
                told = f"invalid cniVersion {each}"
            raise ListError(f"{_START}{told}: {error}") from error
    return max(known, key=parse_version, default=version)


def _read_flag(raw: Mapping[str, object], name: str) -> bool:
    value = raw.get(name, False)
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise ListError(f"{_START}invalid type {_tell_kind(value)} for {name}")
    if value.lower() not in ("true", "false"):
        raise ListError(f'{_START}invalid value "{value.lower()}" for {name}')
    return value.lower() == "true"


def _tell_kind(value: object) -> str:
    return "<nil>" if value is None else _KINDS.get(type(value), "map[string]interface {}")


def make_stdin(
    network: NetworkList,
    entry: PluginEntry,
    previous: Mapping[str, object] | None = None,
    runtime: Attaching | None = None,
) -> dict[str, object]:
    """Return what a plugin is given: its configuration with what libcni puts in."""
    made = dict(entry.config) | {"name": network.name, "cniVersion": network.version}
    if previous is not None:
        made["prevResult"] = dict(previous)
    given = (runtime.given if runtime else None) or {}
    own = {name: given[name] for name in entry.capabilities if name in given}
    return made | ({"runtimeConfig": own} if own else {})
