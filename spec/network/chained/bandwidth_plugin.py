"""bandwidth: limits of what goes into a container and comes out of it.

What comes out is led over a device of its own (`bwp...`), since only what leaves a device can be
shaped. Source: containernetworking/plugins v1.9, `plugins/meta/bandwidth/main.go` and
`ifb_creator.go`; Linux, `net/sched/sch_tbf.c`.
"""

from dataclasses import dataclass, replace

from planespec.spec.network.chained.delegated_ipam import read_previous
from planespec.spec.network.chained.interface_setup import Node, open_namespace, take_down
from planespec.spec.network.chained.network_links import HOST, KernelError, Link
from planespec.spec.network.chained.packet_rules import name_by_hash
from planespec.spec.network.chained.plugin_results import PluginResult, ToldInterface
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.plugin_call import PluginCall
from planespec.spec.objects.view import View

_NAMES = ("ingressRate", "ingressBurst", "egressRate", "egressBurst")
_LONGEST_DEVICE = 15
_BITS, _MICROSECONDS = 8, 1_000_000
_TICKS = 15.625
"""Ticks of the kernel's packet scheduler in a microsecond."""
_WORD = (1 << 32) - 1
SHAPED, INGRESS = "tbf", "ingress"
"""Kinds of queues: one that shapes what leaves, one that leads off what comes in."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Limits in bits: rates a second, and bursts; 0 for none."""

    into_rate: int
    into_burst: int
    out_rate: int
    out_burst: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is limited."""
        return not any((self.into_rate, self.into_burst, self.out_rate, self.out_burst))


def _read_bandwidth(call: PluginCall) -> Bandwidth | None:
    """Return the limits of the configuration, or else of the runtime; raises PluginError."""
    config = call.config
    if not any(config.has(name) for name in _NAMES):
        runtime = config.view("runtimeConfig")
        if not runtime.has("bandwidth"):
            return None
        config = runtime.view("bandwidth")
    found = _read_limits(config)
    _check_limit(found.into_rate, found.into_burst)
    _check_limit(found.out_rate, found.out_burst)
    return found


def _read_limits(config: View) -> Bandwidth:
    rates = [config.integer(name) or 0 for name in _NAMES]
    return Bandwidth(*rates)


def _check_limit(rate: int, burst: int) -> None:
    if rate and not burst:
        raise PluginError("if rate is set, burst must also be set")
    if burst and not rate:
        raise PluginError("if burst is set, rate must also be set")
    if burst // _BITS >= _WORD:
        raise PluginError("burst cannot be more than 4GB")


def measure_queue(rate: int, burst: int) -> tuple[int, int]:
    """Return rate in bytes and burst in ticks, as they are set for limits in bits.

    Go cuts what does not fit into 32 bits. Raises PluginError for a rate of no byte a second.
    """
    in_bytes = rate // _BITS
    if not in_bytes:
        raise PluginError("create qdisc: invalid argument")
    time = int(burst // _BITS * _MICROSECONDS / in_bytes) & _WORD
    return in_bytes, int(time * _TICKS) & _WORD


def tell_burst(rate: int, ticks: int) -> int:
    """Return the burst in bytes that `tc` tells of a queue."""
    return int(rate * int(ticks / _TICKS) / _MICROSECONDS)


def add_bandwidth(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD; raises PluginError, and leaves then the queues that were made."""
    limits = _read_bandwidth(call)
    result = read_previous(call)
    if result is None:
        raise PluginError("must be called as chained plugin")
    version = call.config.text("cniVersion")
    if limits is None or limits.is_nothing:
        return result.to_version(version)
    result = result.to_version("1.1.0")
    outside = _find_outside(node, call, result)
    if limits.into_rate:
        outside.queues.append((SHAPED, *measure_queue(limits.into_rate, limits.into_burst)))
    if limits.out_rate:
        device = _name_device(call)
        try:
            node.network.add_ifb(device, outside.mtu)
        except KernelError as error:
            raise PluginError(f"adding link: {error}") from error
        link = node.network.host.links[device]
        outside.queues.append((INGRESS, 0, 0))
        try:
            link.queues.append((SHAPED, *measure_queue(limits.out_rate, limits.out_burst)))
        except PluginError as error:
            raise PluginError(f"create ifb qdisc: {error}") from error
        told = ToldInterface(device, link.mac)
        result = replace(result, interfaces=(*result.interfaces, told))
    return result.to_version(version)


def _name_device(call: PluginCall) -> str:
    return name_by_hash("bwp", call.config.text("name"), call.container, _LONGEST_DEVICE)


def _find_outside(node: Node, call: PluginCall, result: PluginResult) -> Link:
    """Return the end on the host of the container's pair; raises PluginError."""
    try:
        space = node.network.spaces[open_namespace(node, call.netns)]
    except PluginError as error:
        raise PluginError(f"failed to open netns %!q(<nil>): {error}") from error
    if not result.interfaces:
        raise PluginError("no interfaces provided")
    name = call.interface
    link = space.links.get(name)
    if link is None or link.kind != "veth":
        why = f'could not look up "{name}": Link not found'
        if link is not None:
            why = f'interface "{name}" was not a veth interface'
        raise PluginError(f"container interface {name} has no veth peer: {why}")
    outside = node.network.host.links.get(link.peer[1]) if link.peer else None
    told = [each.name for each in result.interfaces if not each.sandbox]
    if outside is None or outside.name not in told:
        raise PluginError("no veth peer of container interface found in host ns")
    return outside


def delete_bandwidth(node: Node, call: PluginCall) -> None:
    """Do DEL: the container's device goes; raises PluginError."""
    _read_bandwidth(call)
    read_previous(call)
    take_down(node, HOST, _name_device(call))


def check_bandwidth(node: Node, call: PluginCall) -> None:
    """Do CHECK; raises PluginError where a queue is not as ADD left it."""
    limits = _read_bandwidth(call)
    result = read_previous(call)
    if result is None:
        raise PluginError("must be called as a chained plugin")
    outside = _find_outside(node, call, result)
    if limits is None:
        return
    if limits.into_rate:
        _check_queue(outside, limits.into_rate, limits.into_burst)
    if limits.out_rate:
        device = node.network.host.links.get(_name_device(call))
        if device is None:
            raise PluginError("get ifb device: Link not found")
        _check_queue(device, limits.out_rate, limits.out_burst)


def _check_queue(link: Link, rate: int, burst: int) -> None:
    """Compare the queue that shapes a link; upstream passes over a link without one."""
    wanted = measure_queue(rate, burst)
    for kind, own_rate, ticks in link.queues:
        if kind == SHAPED and own_rate != wanted[0]:
            raise PluginError("Rate doesn't match")
        if kind == SHAPED and ticks != wanted[1]:
            raise PluginError("Limit doesn't match")
