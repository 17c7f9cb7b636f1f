"""Runs of plugins by name: what a plugin prints, or the error that it ends with.

Source: containernetworking/cni v1.3, `pkg/skel/skel.go`; which versions a plugin supports:
containernetworking/plugins v1.9, the `main` of each. Left out: fields of the wrong JSON type.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planespec.spec.network.chained.bandwidth_plugin import (
    add_bandwidth,
    check_bandwidth,
    delete_bandwidth,
)
from planespec.spec.network.chained.bridge_plugin import (
    add_bridge,
    ask_bridge,
    check_bridge,
    delete_bridge,
)
from planespec.spec.network.chained.delegated_ipam import find_plugin
from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.plain_plugins import (
    add_firewall,
    add_loopback,
    check_firewall,
    check_loopback,
    delete_firewall,
    delete_loopback,
)
from planespec.spec.network.chained.plugin_results import PluginResult
from planespec.spec.network.chained.portmap_plugin import (
    add_portmap,
    check_portmap,
    delete_portmap,
)
from planespec.spec.network.chained.ptp_plugin import add_ptp, ask_ptp, check_ptp, delete_ptp
from planespec.spec.network.chained.tuning_plugin import add_tuning, check_tuning, delete_tuning
from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, is_at_least
from planespec.spec.network.plugin_call import PluginCall, check_version, read_call


@dataclass(frozen=True, slots=True)
class Plugin:
    """What a plugin does, and the oldest version that it supports."""

    add: Callable[[Node, PluginCall], PluginResult]
    delete: Callable[[Node, PluginCall], None]
    check: Callable[[Node, PluginCall], None]
    since: str = "0.1.0"
    ask: Callable[[Node, PluginCall], None] | None = None
    """STATUS, where it does anything."""

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that it supports, oldest first."""
        return tuple(each for each in SUPPORTED_VERSIONS if is_at_least(each, self.since))


PLUGINS: Mapping[str, Plugin] = {
    "bridge": Plugin(add_bridge, delete_bridge, check_bridge, ask=ask_bridge),
    "ptp": Plugin(add_ptp, delete_ptp, check_ptp, ask=ask_ptp),
    "loopback": Plugin(add_loopback, delete_loopback, check_loopback),
    "portmap": Plugin(add_portmap, delete_portmap, check_portmap),
    "bandwidth": Plugin(add_bandwidth, delete_bandwidth, check_bandwidth, "0.3.0"),
    "tuning": Plugin(add_tuning, delete_tuning, check_tuning),
    "firewall": Plugin(add_firewall, delete_firewall, check_firewall, "0.4.0"),
}
"""Plugins by name."""


def require_plugin(name: str) -> Plugin:
    """Return a plugin; raises PluginError where there is none of the name."""
    find_plugin(name, frozenset(PLUGINS))
    return PLUGINS[name]


def run_plugin(
    node: Node, name: str, environment: Mapping[str, str], stdin: Mapping[str, object]
) -> dict[str, object] | None:
    """Run a plugin and return what it prints; raises PluginError with what it ends with."""
    plugin = require_plugin(name)
    call = read_call({**environment, "CNI_PATH": "/"}, json.dumps(stdin))
    check_version(call, plugin.versions)
    if call.command == "ADD":
        result = plugin.add(node, call)
        return result.to_version(call.config.text("cniVersion")).to_json()
    if call.command == "DEL":
        plugin.delete(node, call)
    elif call.command == "CHECK":
        plugin.check(node, call)
    elif call.command == "STATUS" and plugin.ask:
        plugin.ask(node, call)
    return None
