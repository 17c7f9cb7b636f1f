"""Network namespaces of a node and of sandboxes, and plugins run in that of the node.

A namespace lives as long as the process that holds it, so that nothing is left behind, and the
network of this machine is not touched. Needs root, and `unshare` and `nsenter` of util-linux and
`ip` of iproute2.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_TOOLS = ("unshare", "nsenter", "ip")
_OWN = Path("/proc/self/ns/net")
START_SECONDS = 10.0
CALL_SECONDS = 60.0


class Spaces(Protocol):
    """Where plugins run, and where sandboxes are."""

    def make(self) -> str:
        """Make a namespace for a sandbox; return the path that plugins are given."""

    def remove(self, path: str) -> None:
        """Let a namespace vanish, with all interfaces in it."""

    def list_addresses(self, path: str, interface: str) -> Sequence[str]:
        """The addresses of an interface, without those of the link; none where it is not there."""

    def wrap(self, command: Sequence[str]) -> Sequence[str]:
        """The command that runs a command in the namespace of the node."""


class KernelSpaces:
    """Namespaces of the kernel; `end` lets them all vanish."""

    def __init__(self) -> None:
        """Make that of the node. Raises OSError where it cannot be made."""
        self._held: dict[str, subprocess.Popen[bytes]] = {}
        self._node = self.make()

    def make(self) -> str:
        """Make a namespace; return its path."""
        process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        path = f"/proc/{process.pid}/ns/net"
        self._held[path] = process
        until = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < until:
            if os.readlink(path) != os.readlink(_OWN):
                return path
            time.sleep(0.01)
        self.remove(path)
        raise OSError("no network namespace can be made here")

    def remove(self, path: str) -> None:
        """Kill the process that holds a namespace."""
        process = self._held.pop(path)
        process.kill()
        process.wait()

    def list_addresses(self, path: str, interface: str) -> Sequence[str]:
        """Ask `ip` in the namespace."""
        command = ["nsenter", f"--net={path}", "ip", "-j", "address", "show", "scope", "global"]
        shown = subprocess.run(command, capture_output=True, check=True, timeout=CALL_SECONDS)
        return sorted(
            str(each["local"])
            for link in json.loads(shown.stdout or b"[]")
            if link.get("ifname") == interface
            for each in link.get("addr_info", ())
            if "local" in each  # of other scopes `ip` prints what is empty
        )

    def wrap(self, command: Sequence[str]) -> Sequence[str]:
        """Enter the namespace of the node first."""
        return ["nsenter", f"--net={self._node}", *command]

    def end(self) -> None:
        """Kill all processes that hold namespaces."""
        for path in [*self._held]:
            self.remove(path)


def find_obstacle() -> str:
    """Say why no namespaces can be made here; empty where they can."""
    if os.geteuid() != 0:
        return "network namespaces are made by root alone"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"there is no program {', '.join(missing)}"
    try:
        KernelSpaces().end()
    except OSError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plugin printed, and how it exited."""

    exit: int
    told: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PluginCaller:
    """Runs the plugins of a folder."""

    folder: Path
    spaces: Spaces

    def call(self, command: str, config: Mapping[str, object], **of_call: str) -> Answer:
        """Run the plugin that the configuration names; `of_call` is CNI_ in the environment.

        Raises FileNotFoundError where there is none.
        """
        plugin = self.folder / str(config["type"])
        if not plugin.is_file():
            raise FileNotFoundError(f"there is no plugin {plugin}")
        told = {"COMMAND": command, "PATH": str(self.folder)} | of_call
        ended = subprocess.run(
            self.spaces.wrap([str(plugin)]),
            input=json.dumps(config).encode(),
            env=os.environ | {f"CNI_{name}": value for name, value in told.items()},
            capture_output=True,
            check=False,
            timeout=CALL_SECONDS,
        )
        return Answer(ended.returncode, _read_output(ended.stdout.decode(errors="replace")))


def _read_output(text: str) -> Mapping[str, object]:
    """Read what a plugin printed; what is no object of JSON is its message."""
    try:
        told = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError:
        told = text
    return told if isinstance(told, dict) else {"msg": text}
