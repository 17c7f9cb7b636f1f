"""Plugins of a list do as their source does, also where no recorded line goes."""

from dataclasses import replace
from typing import Any

import pytest
from chained_node import BRIDGE, DUAL, ETH0, NET1, PTP, SPACE, make_list, make_runner, said

from planespec.spec.network.chained.network_links import HOST, NO_MAC, Namespace
from planespec.spec.network.chained.plugin_results import read_result
from planespec.spec.network.cni_errors import PluginError

GATEWAY = {**BRIDGE, "isGateway": True}
LIMITS = {"ingressRate": 800, "ingressBurst": 800, "egressRate": 1600, "egressBurst": 1600}


def test_a_bridge_without_ports_has_no_mac_to_keep_and_fails_once_as_gateway() -> None:
    runner = make_runner()
    plain, gateway = make_list(BRIDGE), make_list(GATEWAY)
    runner.add(plain, ETH0)
    bridge = runner.node.network.host.links["cni0"]
    assert bridge.mac == next(runner.node.network.find_ports("cni0")).mac
    runner.delete(plain, ETH0)
    assert bridge.mac == NO_MAC
    told = "failed to set bridge addr: could not set bridge's mac: invalid argument"
    assert said(runner.add, gateway, ETH0) == f'plugin type="bridge" failed (add): {told}'
    assert set(runner.node.stores["/d/n"]) == {"last_reserved_ip.0"}
    assert str(bridge.addresses[0]) == "10.1.0.1/29"
    assert said(runner.add, gateway, NET1) == ""


def test_a_gateway_keeps_the_mac_that_its_bridge_had_before_the_first_port() -> None:
    runner = make_runner()
    runner.add(make_list(GATEWAY), ETH0)
    bridge = runner.node.network.host.links["cni0"]
    own = bridge.mac
    assert own != next(runner.node.network.find_ports("cni0")).mac
    runner.delete(make_list(GATEWAY), ETH0)
    assert bridge.mac == own


def test_an_address_of_a_bridge_is_replaced_only_by_force() -> None:
    runner = make_runner()
    runner.add(make_list(GATEWAY), ETH0)
    ipam = {"type": "static", "addresses": [{"address": "10.2.0.2/24"}]}
    other = {**GATEWAY, "ipam": ipam}
    told = '"cni0" already has an IP address different from 10.2.0.1/24'
    assert told in said(runner.add, make_list(other), NET1)
    runner.node.network.remove(SPACE, "net1")
    assert said(runner.add, make_list({**other, "forceAddress": True}), NET1) == ""
    assert [str(each) for each in runner.node.network.host.links["cni0"].addresses] == [
        "10.2.0.1/24"
    ]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"hairpinMode": True, "promiscMode": True}, "cannot set hairpin mode and promiscuous"),
        ({"runtimeConfig": {"mac": "zz"}}, "failed to make veth pair: address zz: invalid MAC"),
        ({"bridge": "lo"}, 'could not add "lo"|"lo" already exists but is not a bridge'),
        ({"vlan": 5000}, "invalid VLAN ID 5000 (must be between 0 and 4094)"),
        ({"vlan": 100}, 'could not add "cni0": operation not supported'),
    ],
)
def test_a_bridge_that_cannot_be_is_refused(config: dict[str, Any], told: str) -> None:
    answer = said(make_runner().add, make_list({**BRIDGE, **config}), ETH0)
    assert any(part in answer for part in told.split("|"))


def test_a_tag_on_a_port_of_a_bridge_that_stands_is_refused_and_the_port_stays() -> None:
    runner = make_runner()
    runner.add(make_list(BRIDGE), ETH0)
    answer = said(runner.add, make_list({**BRIDGE, "vlan": 100}), NET1)
    assert "failed to setup vlan tag on interface" in answer
    assert len(list(runner.node.network.find_ports("cni0"))) == 2
    assert "10.1.0.3" not in runner.node.stores["/d/n"]


def test_a_port_without_an_address_comes_up_and_old_versions_cannot_tell_of_it() -> None:
    runner = make_runner()
    plain = {**BRIDGE, "ipam": {}}
    answer = said(runner.add, make_list(plain, version="0.2.0"), ETH0)
    assert answer.endswith("cannot convert: no valid IP addresses")
    assert runner.node.network.spaces[SPACE].links["eth0"].is_up
    hidden = {**plain, "disableContainerInterface": True}
    assert said(runner.add, make_list(hidden), NET1) == ""
    assert not runner.node.network.spaces[SPACE].links["net1"].is_up
    assert said(runner.check, make_list(hidden), NET1) == "no plugin name provided"


def test_status_asks_for_addresses_of_ptp_always_and_of_bridge_where_there_are_any() -> None:
    runner = make_runner()
    assert said(runner.get_status, make_list(PTP, BRIDGE)) == ""
    assert said(runner.get_status, make_list({**PTP, "ipam": {}})) == "no plugin name provided"
    assert said(runner.get_status, make_list({**BRIDGE, "ipam": {}})) == ""
    other = {**BRIDGE, "ipam": {"type": "dhcp"}}
    assert "failed to find plugin" in said(runner.get_status, make_list(other))


def change_link(name: str, **values: Any) -> Any:
    """A change of a link inside."""

    def change(network: Any) -> None:
        for key, value in values.items():
            setattr(network.spaces[SPACE].links[name], key, value)

    return change


@pytest.mark.parametrize(
    ("plugin", "change", "told"),
    [
        (BRIDGE, change_link("eth0", mac="02:00:00:00:00:09"), "doesn't match container Mac"),
        (BRIDGE, change_link("eth0", kind="dummy"), "Container interface eth0 not of type veth"),
        (BRIDGE, change_link("eth0", addresses=[]), "Failed to match addr 10.1.0.2/29"),
        (BRIDGE, lambda n: n.spaces[SPACE].routes.clear(), "Failed to find Gateway 10.1.0.1"),
        (GATEWAY, lambda n: n.remove(SPACE, "eth0"), "Interface name eth0 not found"),
        (BRIDGE, lambda n: n.host.links.pop("cni0"), "Interface name cni0 not found"),
        (
            BRIDGE,
            lambda n: setattr(n.host.links["cni0"], "is_promiscuous", True),
            "Promisc Mode false doesn't match current state: true ",
        ),
        (
            BRIDGE,
            change_link("eth0", peer=None),
            "CNI veth created for bridge cni0 was not found",
        ),
        (PTP, lambda n: n.remove(SPACE, "eth0"), "name in prevResult: eth0 not found"),
        (PTP, change_link("eth0", kind="dummy"), "not of type veth/p2p"),
        (PTP, change_link("eth0", mac="02:00:00:00:00:09"), "doesn't match container Mac"),
        (PTP, lambda n: n.spaces.pop(SPACE), 'failed to open netns "/netns/a"'),
    ],
)
def test_check_tells_what_is_not_as_add_left_it(plugin: Any, change: Any, told: str) -> None:
    runner = make_runner()
    runner.add(make_list(plugin), ETH0)
    assert said(runner.check, make_list(plugin), ETH0) == ""
    change(runner.node.network)
    assert told in said(runner.check, make_list(plugin), ETH0)


def test_check_of_a_route_that_is_gone_prints_it_as_go_does() -> None:
    runner = make_runner()
    ipam = {**DUAL, "routes": [{"dst": "10.9.0.0/16"}]}
    network = make_list({**PTP, "ipam": ipam})
    runner.add(network, ETH0)
    space = runner.node.network.spaces[SPACE]
    space.routes = [each for each in space.routes if each.network != "10.9.0.0/16"]
    assert said(runner.check, network, ETH0) == (
        "Expected Route {Dst:{IP:10.9.0.0 Mask:ffff0000} GW:<nil> MTU:0 AdvMSS:0 Priority:0"
        " Table:<nil> Scope:<nil>} not found in routing table"
    )


def test_a_gateway_that_no_address_reaches_is_refused() -> None:
    ipam = {"type": "static", "addresses": [{"address": "10.2.0.2/24"}]}
    ipam["routes"] = [{"dst": "10.9.0.0/16", "gw": "10.3.0.1"}]
    answer = said(make_runner().add, make_list({**BRIDGE, "ipam": ipam}), ETH0)
    assert answer.endswith(
        "failed to add route '{10.9.0.0 ffff0000} via 10.3.0.1 dev eth0 metric 0"
        " (Scope: universe, Table: 0)': network is unreachable"
    )


@pytest.mark.parametrize(
    ("addresses", "told"),
    [
        (
            [{"address": "10.2.0.2/32", "gateway": "10.2.0.1"}],
            "failed to delete route {Ifindex: 2 Dst: 10.2.0.2/32 Src: <nil> Gw: <nil> Flags: []"
            " Table: 0 Realm: 0}: no such process",
        ),
        ([{"address": "10.2.0.2/24"}], "invalid argument"),
        ([{"address": "10.2.0.2/24", "gateway": "10.2.0.1"}] * 2, 'to "eth0": file exists'),
        (
            [{"address": f"10.{n}.0.2/24", "gateway": "10.2.0.1"} for n in (2, 3)],
            "failed to add route {Ifindex: 2 Dst: 10.2.0.1/32",
        ),
    ],
)
def test_addresses_that_ptp_cannot_lead_over_a_gateway_are_refused(
    addresses: list[dict[str, str]], told: str
) -> None:
    ipam = {"type": "static", "addresses": addresses}
    assert told in said(make_runner().add, make_list({**PTP, "ipam": ipam}), ETH0)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"ingressBurst": 8}, "if burst is set, rate must also be set"),
        ({"ingressRate": 8}, "if rate is set, burst must also be set"),
        ({"ingressRate": 7, "ingressBurst": 8}, "(add): create qdisc: invalid argument"),
        ({"egressRate": 7, "egressBurst": 8}, "create ifb qdisc: create qdisc: invalid argument"),
        ({"egressRate": 8, "egressBurst": 8 * (2**32 - 1)}, "burst cannot be more than 4GB"),
    ],
)
def test_limits_that_cannot_be_are_refused(limits: dict[str, int], told: str) -> None:
    network = make_list(PTP, {"type": "bandwidth", **limits})
    assert told in said(make_runner().add, network, ETH0)


def test_check_compares_limits_and_looks_for_the_device_of_the_container() -> None:
    runner = make_runner()
    network = make_list(PTP, {"type": "bandwidth", **LIMITS})
    runner.add(network, ETH0)
    assert said(runner.check, network, ETH0) == ""
    for name, told in (("ingressRate", "Rate doesn't"), ("egressBurst", "Limit doesn't")):
        other = make_list(PTP, {"type": "bandwidth", **LIMITS, name: 8000})
        assert told in said(runner.check, other, ETH0)
    [device] = [name for name in runner.node.network.host.links if name.startswith("bwp")]
    runner.node.network.remove(HOST, device)
    assert said(runner.check, network, ETH0) == "get ifb device: Link not found"


def test_the_second_interface_of_a_container_finds_its_device_taken() -> None:
    runner = make_runner()
    network = make_list(BRIDGE, {"type": "bandwidth", **LIMITS})
    runner.add(network, ETH0)
    assert said(runner.add, network, NET1).endswith("(add): adding link: file exists")
    [port] = [e for e in runner.node.network.host.links.values() if e.peer == (SPACE, "net1")]
    assert [kind for kind, _, _ in port.queues] == ["tbf"]


TUNED = {"mtu": 1300, "promisc": True, "allmulti": True, "mac": "02:00:00:00:00:11"}
TUNED["sysctl"] = {"net.ipv4.conf.IFNAME.arp_filter": "1"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (change_link("eth0", mtu=1280), "configured MTU of eth0 is 1300, current value is 1280"),
        (change_link("eth0", is_promiscuous=False), "promisc is true, current value is 0"),
        (change_link("eth0", takes_all_multicast=False), "all-multicast mode of eth0 is true"),
        (
            lambda n: n.spaces[SPACE].sysctls.update({"net/ipv4/conf/eth0/arp_filter": "0"}),
            "configured value of /proc/sys/net/ipv4/conf/eth0/arp_filter is 1, current value is 0",
        ),
    ],
)
def test_check_tells_what_is_not_as_it_was_tuned(change: Any, told: str) -> None:
    runner = make_runner()
    network = make_list(PTP, {"type": "tuning", **TUNED})
    result = runner.add(network, ETH0)
    assert result["interfaces"][1]["mac"] == "02:00:00:00:00:11"
    assert said(runner.check, network, ETH0) == ""
    change(runner.node.network)
    assert told in said(runner.check, network, ETH0)


def test_what_was_tuned_is_put_back_though_a_plugin_before_it_cannot_delete() -> None:
    runner = make_runner()
    network = make_list(PTP, {"type": "bandwidth"}, {"type": "tuning", **TUNED})
    runner.add(network, ETH0)
    old = replace(network, version="0.2.0")
    assert "incompatible CNI versions" in said(runner.delete, old, ETH0)
    link = runner.node.network.spaces[SPACE].links["eth0"]
    assert (link.mtu, link.is_promiscuous, link.takes_all_multicast) == (1500, False, False)
    assert link.mac != "02:00:00:00:00:11"
    assert not runner.node.backups


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("kernel.hostname", 'invalid net sysctl key: "kernel/hostname"'),
        ("net.ipv4.conf.eth9.arp_filter", "open /proc/sys/net/ipv4/conf/eth9/arp_filter: no such"),
    ],
)
def test_a_sysctl_that_is_not_there_is_refused(key: str, told: str) -> None:
    network = make_list(PTP, {"type": "tuning", "sysctl": {key: "1"}})
    assert told in said(make_runner().add, network, ETH0)


def test_containers_that_share_an_address_share_the_rules_of_the_firewall() -> None:
    runner = make_runner()
    runner.node.network.spaces["/netns/b"] = Namespace()
    ipam = {"type": "static", "addresses": [{"address": "10.2.0.2/24", "gateway": "10.2.0.1"}]}
    network = make_list({**BRIDGE, "ipam": ipam}, {"type": "firewall"})
    other = replace(ETH0, container="c2", netns="/netns/b")
    runner.add(network, ETH0)
    runner.add(network, other)
    runner.delete(network, other)
    told = "expected rule [-d 10.2.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT]"
    assert said(runner.check, network, ETH0) == f"{told} not found"
    old = make_list({**BRIDGE, "ipam": ipam}, {"type": "firewall"}, version="0.3.1")
    answer = said(runner.add, old, NET1)
    assert answer.endswith('config is "0.3.1", plugin supports ["0.4.0" "1.0.0" "1.1.0"]')


def test_a_result_of_loopback_has_the_newest_form_but_without_a_version() -> None:
    runner = make_runner()
    network = make_list({"type": "loopback"}, version="0.2.0")
    assert runner.add(network, ETH0) == {"cniVersion": "0.2.0", "dns": {}}
    assert runner.runs[0].stdout is not None
    assert "interfaces" in runner.runs[0].stdout
    told = runner.add(make_list({"type": "loopback"}, version=""), ETH0)
    assert told["ip4"] == {"ip": "127.0.0.1/8"}
    assert told["cniVersion"] == "0.1.0"


def test_a_result_is_converted_with_what_its_version_holds() -> None:
    told = {
        "cniVersion": "1.0.0",
        "interfaces": [{"name": "eth0", "sandbox": "/a"}],
        "ips": [{"address": "10.0.0.2/24", "interface": 0}, {"address": "10.0.0.3/24"}],
        "routes": [{"dst": "0.0.0.0/0", "mtu": 9}, {"dst": "::/0"}],
    }
    result = read_result(told)
    assert result.to_version("0.2.0").to_json() == {
        "cniVersion": "0.2.0",
        "ip4": {"ip": "10.0.0.2/24", "routes": [{"dst": "0.0.0.0/0"}]},
        "dns": {},
    }
    assert result.to_version("0.4.0").to_json()["ips"][1] == {
        "version": "4",
        "address": "10.0.0.3/24",
    }
    assert result.to_version("1.1.0").to_json() == {**told, "cniVersion": "1.1.0"}
    with pytest.raises(PluginError, match=r"no converter for CNI result version 1\.0\.0 to 9"):
        result.to_version("9.9.9")
    with pytest.raises(PluginError, match="unsupported CNI result version"):
        read_result({"cniVersion": "9.9.9"})
