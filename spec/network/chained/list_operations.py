"""libcni: what it does with a list of plugins, and what it remembers of each attachment.

Where a plugin fails, nothing is undone. Source: containernetworking/cni v1.3, `libcni/api.go`,
`pkg/invoke/exec.go`. Left out: a cache of the form before libcni 0.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.network_lists import (
    Attaching,
    NetworkList,
    PluginEntry,
    make_stdin,
)
from planespec.spec.network.chained.plugin_results import PluginResult, read_result
from planespec.spec.network.chained.plugin_runs import require_plugin, run_plugin
from planespec.spec.network.cni_errors import PluginError, is_at_least
from planespec.spec.network.plugin_call import CONTAINER_NAME, check_interface

_SINCE_CHECK, _SINCE_COLLECTION = "0.4.0", "1.1.0"


class ListRunError(Exception):
    """What an operation ends with; `code` is there where the error of a plugin is handed on."""

    def __init__(self, message: str, code: int | None = None) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PluginRun:
    """A plugin that was run: what it was given, and what it printed or ended with."""

    plugin: str
    environment: Mapping[str, str]
    stdin: Mapping[str, object]
    stdout: Mapping[str, object] | None = None
    error: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return it as it is recorded."""
        told: dict[str, object] = {"plugin": self.plugin, "env": dict(self.environment)}
        told["stdin"] = dict(self.stdin)
        told |= {} if self.stdout is None else {"stdout": dict(self.stdout)}
        return told | ({} if self.error is None else {"error": self.error})


@dataclass(frozen=True, slots=True)
class CachedAttachment:
    """What is remembered of an attachment."""

    attaching: Attaching
    network: str
    result: Mapping[str, object]


@dataclass(slots=True)
class ListRunner:
    """libcni on a node; a file of its cache that cannot be read is None."""

    node: Node
    cache: dict[str, CachedAttachment | None] = field(default_factory=dict)
    runs: list[PluginRun] = field(default_factory=list)
    """The plugins that were run, in order."""

    def add(self, network: NetworkList, attaching: Attaching) -> dict[str, object]:
        """Run ADD of each plugin and return the last result; raises ListRunError."""
        result: PluginResult | None = None
        for entry in network.plugins:
            try:
                result = self._add_one(network, entry, result, attaching)
            except PluginError as error:
                start = f"plugin {entry.description} failed (add)"
                raise ListRunError(f"{start}: {error.text}") from error
        told = result.to_json() if result else {}
        try:
            path = _name_file(network.name, attaching)
        except PluginError as error:
            start = f'failed to set network "{network.name}" cached result'
            raise ListRunError(f"{start}: {error}") from error
        self.cache[path] = CachedAttachment(attaching, network.name, told)
        return told

    def _add_one(
        self,
        network: NetworkList,
        entry: PluginEntry,
        previous: PluginResult | None,
        attaching: Attaching,
    ) -> PluginResult:
        require_plugin(entry.name)
        if not attaching.container:
            raise PluginError("missing containerID")
        if not CONTAINER_NAME.fullmatch(attaching.container):
            raise PluginError("invalid characters in containerID", 4, attaching.container)
        if not CONTAINER_NAME.fullmatch(network.name):
            what = "invalid characters found in network name" if network.name else "missing name"
            raise PluginError(what, 4, network.name)
        if not attaching.interface:
            raise PluginError("interface name is empty")
        check_interface(attaching.interface)
        told = previous.to_json() if previous else None
        stdin = make_stdin(network, entry, told, attaching)
        printed = self._run(entry, "ADD", attaching, stdin) or {}
        return read_result(
            dict(printed) | {"cniVersion": printed.get("cniVersion") or network.version}
        )

    def check(self, network: NetworkList, attaching: Attaching) -> None:
        """Run CHECK of each plugin; raises ListRunError with the first that fails."""
        if not _require_since(network, _SINCE_CHECK):
            told = "does not support the CHECK command"
            raise ListRunError(f'configuration version "{network.version}" {told}')
        if network.skips_check:
            return
        try:
            result = self._find_result(network, attaching)
        except PluginError as error:
            start = f'failed to get network "{network.name}" cached result'
            raise ListRunError(f"{start}: {error}") from error
        for entry in network.plugins:
            self._hand_on(entry, "CHECK", attaching, make_stdin(network, entry, result, attaching))

    def _hand_on(
        self,
        entry: PluginEntry,
        command: str,
        attaching: Attaching,
        stdin: Mapping[str, object],
    ) -> None:
        """Run a plugin whose error is that of the operation."""
        try:
            require_plugin(entry.name)
        except PluginError as error:
            raise ListRunError(error.text) from error
        try:
            self._run(entry, command, attaching, stdin)
        except PluginError as error:
            raise ListRunError(error.text, error.code) from error

    def delete(self, network: NetworkList, attaching: Attaching) -> None:
        """Run DEL of each plugin, the last first; raises ListRunError where one fails."""
        result = None
        if _require_since(network, _SINCE_CHECK):
            try:
                result = self._find_result(network, attaching)
            except PluginError:
                self._forget(network, attaching)
        for entry in reversed(network.plugins):
            try:
                require_plugin(entry.name)
                stdin = make_stdin(network, entry, result, attaching)
                self._run(entry, "DEL", attaching, stdin)
            except PluginError as error:
                start = f"plugin {entry.description} failed (delete)"
                raise ListRunError(f"{start}: {error.text}") from error
        self._forget(network, attaching)

    def collect(self, network: NetworkList, valid: Sequence[Mapping[str, object]]) -> None:
        """Delete what is remembered and not valid, then run GC; raises ListRunError in the end."""
        if network.skips_collection:
            return
        failed = []
        kept = {(each.get("containerID"), each.get("ifname")) for each in valid}
        for _, cached in sorted(self.cache.items()):
            if cached is None or cached.network != network.name:
                continue
            own = cached.attaching
            if (own.container, own.interface) in kept:
                continue
            try:
                self.delete(network, own)
            except ListRunError as error:
                start = f"failed to delete stale attachment {own.container} {own.interface}"
                failed.append(f"{start}: {error}")
        failed += self._collect_each(network, valid)
        if failed:
            raise ListRunError("\n".join(failed))

    def _collect_each(
        self, network: NetworkList, valid: Sequence[Mapping[str, object]]
    ) -> list[str]:
        if not _is_since(network, _SINCE_COLLECTION):
            return []
        failed = []
        names = ("cni.dev/valid-attachments", "cni.dev/attachments")
        for entry in network.plugins:
            told = {name: [dict(each) for each in valid] for name in names}
            stdin = make_stdin(network, entry) | told
            try:
                require_plugin(entry.name)
                self._run(entry, "GC", Attaching(), stdin)
            except PluginError as error:
                failed.append(f"failed to GC plugin {entry.name}: {error.text}")
        return failed

    def get_status(self, network: NetworkList) -> None:
        """Run STATUS of each plugin; raises ListRunError with the first that fails."""
        if _is_since(network, _SINCE_COLLECTION):
            for entry in network.plugins:
                self._hand_on(entry, "STATUS", Attaching(), make_stdin(network, entry))

    def validate(self, network: NetworkList) -> list[str]:
        """Return the capabilities of all plugins; raises ListRunError."""
        failed = []
        version = network.version or "0.1.0"
        for entry in network.plugins:
            try:
                if version not in require_plugin(entry.name).versions:
                    told = f'does not support config version "{version}"'
                    failed.append(f"plugin {entry.name} {told}")
            except PluginError as error:
                failed.append(str(error))
        if failed:
            raise ListRunError(f"[{' '.join(failed)}]")
        return sorted({name for entry in network.plugins for name in entry.capabilities})

    def _run(
        self,
        entry: PluginEntry,
        command: str,
        attaching: Attaching,
        stdin: Mapping[str, object],
    ) -> Mapping[str, object] | None:
        environment = attaching.make_environment(command)
        try:
            printed = run_plugin(self.node, entry.name, environment, stdin)
        except PluginError as error:
            self.runs.append(PluginRun(entry.name, environment, stdin, None, error.text))
            raise
        self.runs.append(PluginRun(entry.name, environment, stdin, printed))
        return printed

    def _find_result(self, network: NetworkList, attaching: Attaching) -> dict[str, object] | None:
        """Return the remembered result in the form of the list's version; raises PluginError."""
        path = _name_file(network.name, attaching)
        if path not in self.cache:
            return None
        cached = self.cache[path]
        if cached is None:
            start = "decoding version from network config"
            raise PluginError(f"{start}: unexpected end of JSON input")
        try:
            return read_result(cached.result).to_version(network.version).to_json()
        except PluginError as error:
            told = f'failed to convert cached result to config version "{network.version}"'
            raise PluginError(f"{told}: {error}") from error

    def _forget(self, network: NetworkList, attaching: Attaching) -> None:
        try:
            self.cache.pop(_name_file(network.name, attaching), None)
        except PluginError:
            return


def _require_since(network: NetworkList, version: str) -> bool:
    """Say whether a list is of a version or later; raises ListRunError for one that is none."""
    try:
        return is_at_least(network.version, version)
    except PluginError as error:
        raise ListRunError(str(error)) from error


def _is_since(network: NetworkList, version: str) -> bool:
    """Say whether a list is of a version or later; one that is none is not."""
    try:
        return is_at_least(network.version, version)
    except PluginError:
        return False


def _name_file(network: str, attaching: Attaching) -> str:
    """Return the name of the file of an attachment; raises PluginError where a part is missing."""
    if not (network and attaching.container and attaching.interface):
        names = f'network name ("{network}"), container ID ("{attaching.container}")'
        told = f'{names}, and interface name ("{attaching.interface}")'
        raise PluginError(f"cache file path requires {told}")
    return f"{network}-{attaching.container}-{attaching.interface}"
