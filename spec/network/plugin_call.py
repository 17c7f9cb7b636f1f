"""A call of a CNI plugin: what it is given, and what it refuses before it does anything.

Source: containernetworking/cni v1.3, `pkg/skel/skel.go`, `pkg/utils/utils.go`. That a plugin's own
network namespace must not be the one that it is given is left out: it cannot be told from a call.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.network.cni_errors import (
    DECODING_FAILURE,
    INCOMPATIBLE_VERSION,
    INVALID_ENVIRONMENT,
    INVALID_NETWORK_CONFIG,
    SUPPORTED_VERSIONS,
    PluginError,
    check_supported,
    is_at_least,
)
from planespec.spec.objects.json_errors import word_like_go
from planespec.spec.objects.view import View

_NEEDED = {
    "CNI_CONTAINERID": {"ADD", "CHECK", "DEL"},
    "CNI_NETNS": {"ADD", "CHECK"},
    "CNI_IFNAME": {"ADD", "CHECK", "DEL"},
    "CNI_PATH": {"ADD", "CHECK", "DEL", "GC", "STATUS"},
}
"""Variables, in the order in which they are looked at, and the commands that need them."""
_SINCE = {"CHECK": "0.4.0", "GC": "1.1.0", "STATUS": "1.1.0"}
"""The version of a configuration from which on it allows a command."""
CONTAINER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.\-]*")
_LONGEST_INTERFACE = 15


@dataclass(frozen=True, slots=True)
class PluginCall:
    """A call that is not refused: the plugin does what the command says."""

    command: str
    container: str
    netns: str
    interface: str
    arguments: str
    config: View


def read_call(environment: Mapping[str, str], text: str) -> PluginCall:
    """Read a call from its environment and standard input; raises PluginError.

    The version is checked by `check_version`, as a plugin does for some commands only.
    """
    command = environment.get("CNI_COMMAND", "")
    _check_environment(command, environment)
    config = View({}) if command == "VERSION" else _read_config(text)
    if command not in {"ADD", "DEL", "VERSION", *_SINCE}:
        raise PluginError(f"unknown CNI_COMMAND: {command}", INVALID_ENVIRONMENT)
    return PluginCall(
        command,
        environment.get("CNI_CONTAINERID", ""),
        environment.get("CNI_NETNS", ""),
        environment.get("CNI_IFNAME", ""),
        environment.get("CNI_ARGS", ""),
        config,
    )


def _check_environment(command: str, environment: Mapping[str, str]) -> None:
    missing = [] if command else ["CNI_COMMAND"]
    for name, commands in _NEEDED.items():
        value = environment.get(name, "")
        if command not in commands:
            continue
        if not value:
            missing.append(name)
        elif name == "CNI_CONTAINERID" and not CONTAINER_NAME.fullmatch(value):
            raise PluginError("invalid characters in containerID", INVALID_ENVIRONMENT, value)
        elif name == "CNI_IFNAME":
            check_interface(value)
    if missing:
        message = f"required env variables [{','.join(missing)}] missing"
        raise PluginError(message, INVALID_ENVIRONMENT)


def check_interface(name: str) -> None:
    """Raise PluginError for a name that no interface can have."""
    if len(name.encode()) > _LONGEST_INTERFACE:
        details = f"interface name should be less than {_LONGEST_INTERFACE + 1} characters"
        raise PluginError("interface name is too long", INVALID_ENVIRONMENT, details)
    if name in (".", ".."):
        raise PluginError("interface name is . or ..", INVALID_ENVIRONMENT)
    if any(letter in "/:" or letter.isspace() for letter in name):
        message = "interface name contains / or : or whitespace characters"
        raise PluginError(message, INVALID_ENVIRONMENT)


def _read_config(text: str) -> View:
    try:
        config = View(json.loads(text))
    except json.JSONDecodeError as error:
        message = f"error unmarshall network config: {word_like_go(error)}"
        raise PluginError(message, DECODING_FAILURE) from error
    name = config.text("name")
    if not name:
        raise PluginError("missing network name", INVALID_NETWORK_CONFIG)
    if not CONTAINER_NAME.fullmatch(name):
        message = "invalid characters found in network name"
        raise PluginError(message, INVALID_NETWORK_CONFIG, name)
    return config


def check_version(call: PluginCall, supported: Sequence[str] = SUPPORTED_VERSIONS) -> None:
    """Raise PluginError unless the version of the configuration allows the command.

    `supported` are the versions of the plugin, oldest first.
    """
    version = call.config.text("cniVersion") or "0.1.0"
    if call.command in _SINCE:
        _check_allowed(call.command, version, supported[-1])
    check_supported(version, supported)


def _check_allowed(command: str, version: str, newest: str) -> None:
    if not is_at_least(version, _SINCE[command]):
        message = f"config version does not allow {command}"
        raise PluginError(message, INCOMPATIBLE_VERSION)
    if not is_at_least(newest, version):
        message = f"plugin version does not allow {command}"
        raise PluginError(message, INCOMPATIBLE_VERSION)
