"""libcni's lists and its cache, and rules of iptables, as their sources have them."""

from dataclasses import replace
from typing import Any

import pytest
from chained_node import (
    BRIDGE,
    DUAL,
    ETH0,
    NET1,
    PTP,
    SPACE,
    make_list,
    make_runner,
    said,
)

from planespec.spec.network.chained.network_links import (
    HOST,
    KernelError,
    Namespace,
    RouteEntry,
)
from planespec.spec.network.chained.network_lists import ListError, read_list

START = "error parsing configuration list: "


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({}, f"{START}no name"),
        ({"name": 1}, f"{START}invalid name type float64"),
        ({"name": "n", "cniVersion": None}, f"{START}invalid cniVersion type <nil>"),
        ({"name": "n", "plugins": {}}, f"{START}invalid 'plugins' type map[string]interface {{}}"),
        ({"name": "n", "plugins": []}, f"{START}no plugins in list"),
        ({"name": "n", "disableGC": 1}, f"{START}invalid type float64 for disableGC"),
        ({"name": "n", "disableCheck": "Yes"}, f'{START}invalid value "yes" for disableCheck'),
        (
            {"name": "n", "loadOnlyInlinedPlugins": True},
            f"{START}`loadOnlyInlinedPlugins` is true, and no 'plugins' key",
        ),
        (
            {"name": "n", "plugins": [{}]},
            "failed to parse plugin config 0: error parsing configuration: missing 'type'",
        ),
        (
            {"name": "n", "cniVersions": ["1.0.0", 2]},
            f"{START}invalid type for cniVersions index 1: float64",
        ),
        (
            {"name": "n", "cniVersions": ["a"]},
            f"{START}invalid cniVersions entry a at index 0: failed to convert major version part"
            ' "a": strconv.Atoi: parsing "a": invalid syntax',
        ),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(raw: dict[str, Any], told: str) -> None:
    with pytest.raises(ListError) as error:
        read_list(raw)
    assert str(error.value) == told


def test_the_newest_version_that_libcni_knows_is_chosen() -> None:
    raw = {"name": "n", "cniVersion": "0.3.1", "cniVersions": ["1.0.0", "9.0.0", "0.4.0"]}
    assert read_list(raw).version == "1.0.0"
    assert read_list({**raw, "disableGC": "TRUE"}).skips_collection


def test_what_is_remembered_is_given_in_the_version_of_the_list() -> None:
    runner = make_runner()
    runner.add(make_list(PTP, version="0.3.1"), ETH0)
    assert said(runner.check, make_list(PTP), ETH0) == ""
    previous = runner.runs[-1].stdin["prevResult"]
    assert previous["cniVersion"] == "1.1.0"
    assert "version" not in previous["ips"][0]
    told = "no converter for CNI result version 0.3.1 to 9.9.9"
    start = 'failed to get network "n" cached result: failed to convert cached result'
    new = make_list(PTP, version="9.9.9")
    assert said(runner.check, new, ETH0) == f'{start} to config version "9.9.9": {told}'
    assert "incompatible CNI versions" in said(runner.delete, new, ETH0)
    assert runner.cache == {}


def test_a_result_of_an_old_list_names_no_interface_for_check() -> None:
    runner = make_runner()
    runner.add(make_list(PTP, version="0.2.0"), ETH0)
    told = "Sandbox in prevResult  doesn't match configured netns: /netns/a"
    assert said(runner.check, make_list(PTP), ETH0) == told
    other = make_runner()
    other.add(make_list(BRIDGE, version="0.2.0"), ETH0)
    assert said(other.check, make_list(BRIDGE), ETH0) == "Interface name missing "


def test_collection_goes_on_after_an_error_and_tells_of_all() -> None:
    runner = make_runner()
    limited = make_list(BRIDGE, {"type": "bandwidth"})
    runner.add(limited, ETH0)
    runner.add(limited, NET1)
    told = said(runner.collect, replace(limited, version="0.2.0"), [])
    start = 'plugin type="bandwidth" failed (delete): incompatible CNI versions'
    assert [line.partition("; ")[0] for line in told.split("\n")] == [
        f"failed to delete stale attachment c1 eth0: {start}",
        f"failed to delete stale attachment c1 net1: {start}",
    ]
    kept = [{"containerID": "c1", "ifname": each} for each in ("eth0", "net1")]
    absent = make_list(BRIDGE, {"type": "absent"})
    assert said(runner.collect, absent, kept) == (
        'failed to GC plugin absent: failed to find plugin "absent" in path [/opt/cni/bin]'
    )
    assert len(runner.cache) == 2
    assert said(runner.collect, make_list(BRIDGE, disableGC=True), []) == ""
    assert len(runner.cache) == 2


def test_del_forgets_an_attachment_whatever_the_version_and_a_file_that_cannot_be_read() -> None:
    runner = make_runner()
    for version in ("0.3.1", "1.0.0"):
        runner.add(make_list(PTP), ETH0)
        assert said(runner.delete, make_list(PTP, version=version), ETH0) == ""
        assert runner.cache == {}
    runner.add(make_list(PTP), ETH0)
    runner.cache = dict.fromkeys(runner.cache)
    assert "unexpected end of JSON input" in said(runner.check, make_list(PTP), ETH0)
    assert said(runner.collect, make_list(PTP), []) == ""
    assert said(runner.delete, make_list(PTP), ETH0) == ""
    assert runner.cache == {}


def test_a_version_that_is_none_stops_check_and_del_and_no_other() -> None:
    runner, network = make_runner(), make_list(PTP, version="a")
    for operation in (runner.check, runner.delete):
        assert said(operation, network, ETH0).startswith("failed to convert major version part")
    assert said(runner.get_status, network) == ""
    assert said(runner.collect, network, []) == ""
    assert said(runner.validate, network) == '[plugin ptp does not support config version "a"]'


def test_every_plugin_is_validated() -> None:
    network = make_list(PTP, {"type": "absent"}, {"type": "bandwidth"}, version="0.2.0")
    assert said(make_runner().validate, network) == (
        '[failed to find plugin "absent" in path [/opt/cni/bin]'
        ' plugin bandwidth does not support config version "0.2.0"]'
    )


def mapped(*ports: dict[str, Any], ipam: Any = None, **config: Any) -> Any:
    """A list with portmap, and what is asked for with ports."""
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}, **config}
    network = make_list({**PTP, "ipam": ipam or PTP["ipam"]}, portmap)
    return network, replace(ETH0, given={"portMappings": list(ports)})


PORT = {"hostPort": 80, "containerPort": 8080, "protocol": "tcp"}


@pytest.mark.parametrize(
    ("port", "config", "told"),
    [
        ({"hostPort": 0}, {}, "failed to parse config: Invalid host port number: 0"),
        ({"containerPort": -1}, {}, "failed to parse config: Invalid container port number: -1"),
        ({}, {"markMasqBit": 32}, "MasqMarkBit must be between 0 and 31"),
        ({}, {"markMasqBit": 1, "externalSetMarkChain": "X"}, "Cannot specify externalSet"),
        ({"hostPort": 65536}, {}, "--dport 65536 -s 10.1.0.2/29 -j CNI-HOSTPORT-SETMARK --wait]"),
    ],
)
def test_ports_that_cannot_be_are_refused(port: Any, config: Any, told: str) -> None:
    network, attaching = mapped({**PORT, **port}, **config)
    assert told in said(make_runner().add, network, attaching)


def own_rules(runner: Any, family: int = 4) -> list[str]:
    """The rules of the container's chain."""
    table = runner.node.nat[family]
    [chain] = [name for name in table.chains if name.startswith("CNI-DN-")]
    return [rule.printed for rule in table.chains[chain]]


@pytest.mark.parametrize(
    ("port", "config", "rules"),
    [
        (
            {"hostIP": "192.0.2.1"},
            {"snat": False},
            ["-d 192.0.2.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.2:8080"],
        ),
        (
            {"hostIP": "0.0.0.0"},
            {"masqAll": True, "externalSetMarkChain": "X"},
            [
                "-p tcp -m tcp --dport 80 -j X",
                "-p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.2:8080",
            ],
        ),
        ({"hostIP": "2001:db8::9"}, {}, []),
    ],
)
def test_ports_lead_to_the_container_under_conditions(
    port: Any, config: Any, rules: list[str]
) -> None:
    runner = make_runner()
    runner.add(*mapped({**PORT, **port}, **config))
    assert own_rules(runner) == rules


def test_ports_of_both_families_have_their_own_rules_and_check_tells_which_is_gone() -> None:
    runner = make_runner()
    network, attaching = mapped(PORT, ipam=DUAL)
    runner.add(network, attaching)
    assert own_rules(runner, 6)[-1].endswith("--to-destination [2001:db8::2]:8080")
    table = runner.node.nat[6]
    table.clear_chain("CNI-HOSTPORT-DNAT")
    told = said(runner.check, network, attaching)
    assert told.startswith("could not check ipv6 dnat: rule [[-m comment --comment dnat name: ")
    assert told.endswith("]] in chain CNI-HOSTPORT-DNAT not found in table nat")
    runner.delete(network, attaching)
    assert not any(
        name.startswith("CNI-DN-") for name in (*table.chains, *runner.node.nat[4].chains)
    )


def test_a_chain_that_another_address_needs_is_flushed_but_stays() -> None:
    runner = make_runner()
    network = make_list({**BRIDGE, "ipMasq": True})
    runner.add(network, ETH0)
    runner.add(network, NET1)
    told = said(runner.delete, network, ETH0)
    assert "CHAIN_DEL failed (Device or resource busy): chain CNI-" in told
    assert len(runner.cache) == 2
    assert said(runner.delete, network, NET1) == ""
    assert [each for each in runner.node.nat[4].chains if each.startswith("CNI")] == []


def test_routes_go_before_their_like_and_the_same_or_one_that_is_to_be_alone_is_refused() -> None:
    space = Namespace()
    first, second = RouteEntry("10.0.0.0/8", "eth0"), RouteEntry("10.0.0.0/8", "net1")
    space.add_route(first, alone=True)
    space.add_route(second, alone=False)
    assert space.find_routes("10.0.0.0/8") == [second, first]
    for route, alone in ((first, False), (RouteEntry("10.0.0.0/8", "x"), True)):
        with pytest.raises(KernelError, match="file exists"):
            space.add_route(route, alone=alone)


def test_links_of_a_namespace_that_is_gone_stay_on_the_host_until_they_are_taken_away() -> None:
    runner = make_runner()
    runner.add(make_list(BRIDGE), ETH0)
    network = runner.node.network
    [end] = network.remove_space(SPACE)
    assert network.host.links[end].master == "cni0"
    network.remove(HOST, end)
    assert set(network.host.links) == {"lo", "cni0"}
    assert said(runner.delete, make_list(BRIDGE), ETH0) == ""
