"""A node with one namespace, and lists of plugins run on it."""

from typing import Any

from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.list_operations import ListRunError, ListRunner
from planespec.spec.network.chained.network_links import HOST, LOOPBACK, Namespace, Network
from planespec.spec.network.chained.network_lists import Attaching, NetworkList, read_list
from planespec.spec.network.chained.orderly_chance import OrderlyChance

SPACE = "/netns/a"
HOST_LOCAL = {"type": "host-local", "dataDir": "/d", "ranges": [[{"subnet": "10.1.0.0/29"}]]}
DUAL = {**HOST_LOCAL, "ranges": [*HOST_LOCAL["ranges"], [{"subnet": "2001:db8::/125"}]]}
BRIDGE = {"type": "bridge", "bridge": "cni0", "ipam": HOST_LOCAL}
PTP = {"type": "ptp", "ipam": HOST_LOCAL}
ETH0 = Attaching("c1", SPACE, "eth0")
NET1 = Attaching("c1", SPACE, "net1")


def make_runner() -> ListRunner:
    """libcni on a node with a namespace and a host whose loopback is up."""
    network = Network(OrderlyChance())
    network.set_up(HOST, LOOPBACK)
    network.spaces[SPACE] = Namespace()
    return ListRunner(Node(network))


def make_list(*plugins: Any, version: str = "1.1.0", **more: Any) -> NetworkList:
    """A list named `n`."""
    return read_list({"cniVersion": version, "name": "n", "plugins": list(plugins), **more})


def said(operation: Any, *arguments: Any) -> str:
    """The error of an operation, or nothing."""
    try:
        operation(*arguments)
    except ListRunError as error:
        return str(error)
    return ""
