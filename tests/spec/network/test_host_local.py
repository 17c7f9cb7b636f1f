"""host-local gives addresses as its source does, also where no recorded line goes."""

from typing import Any

import pytest

from planespec.spec.network.cni_errors import PluginError, is_at_least, parse_version
from planespec.spec.network.host_local import (
    Attachment,
    find_addresses,
    is_known,
    release,
    start_adding,
)
from planespec.spec.network.ip_addresses import parse_address, parse_subnet
from planespec.spec.network.ipam_config import IpamConfig, make_result, read_ipam_config
from planespec.spec.network.plugin_call import check_version, read_call
from planespec.spec.objects.view import View

OWNER = Attachment("c1", "eth0")
SMALL = [[{"subnet": "10.1.0.0/29"}]]


def configure(ranges: Any, arguments: str = "", version: str = "1.1.0", **more: Any) -> IpamConfig:
    config = {"cniVersion": version, "name": "n", "ipam": {"ranges": ranges, **more}}
    return read_ipam_config(View(config), arguments)


def add(
    config: IpamConfig, files: dict[str, str], owner: Attachment = OWNER, choice: int = 0
) -> tuple[list[str] | str, dict[str, str]]:
    """What an ADD that nobody disturbs gives or says, and the directory after it."""
    adding = start_adding(config, owner)
    while not adding.is_done:
        choices = list(adding.go_on(files))
        adding, files = choices[min(choice, len(choices) - 1)]
    return str(adding.error) if adding.error else [str(a) for a, _ in adding.given], files


def test_addresses_go_round_from_the_last_that_was_given_which_comes_last() -> None:
    config, files = configure([[{"subnet": "10.1.0.0/29", "rangeEnd": "10.1.0.4"}]]), {}
    for wanted in ("10.1.0.2", "10.1.0.3", "10.1.0.4", "10.1.0.2"):
        given, files = add(config, files)
        assert given == [wanted]
        files = release(files, OWNER)


def test_an_exhausted_set_gives_nothing_and_keeps_what_is_taken() -> None:
    config = configure([[{"subnet": "10.1.0.0/30"}]])
    _, files = add(config, {}, Attachment("other", "eth0"))
    said, after = add(config, files)
    assert said == (
        "failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.2"
    )
    assert after == files


def test_a_set_goes_on_in_its_next_range_and_leaves_gateways_out() -> None:
    ranges = [
        {"subnet": "10.1.0.0/30", "gateway": "10.1.0.2"},
        {"subnet": "10.2.0.0/30", "gateway": "10.2.0.1"},
    ]
    config, files = configure([ranges]), {}
    for name, wanted in (("a", "10.1.0.1"), ("b", "10.2.0.2")):
        given, files = add(config, files, Attachment(name, "eth0"))
        assert given == [wanted]
    assert isinstance(add(config, files)[0], str)


def test_a_second_add_keeps_the_address_of_the_first_only_if_it_fails_at_once() -> None:
    _, files = add(configure(SMALL), {})
    said, after = add(configure(SMALL), files)
    assert "duplicate allocation is not allowed" in said
    assert after == files
    wider = [[{"subnet": "10.2.0.0/29"}], *SMALL]
    said, after = add(configure(wider), files)
    assert said.startswith("failed to allocate for range 1: 10.1.0.2 has been allocated to c1")
    assert "10.1.0.2" not in after, "the address of the first ADD is released with the new one"


def test_an_address_that_is_asked_for_is_given_beside_another() -> None:
    _, files = add(configure(SMALL), {})
    given, files = add(configure(SMALL, "IP=10.1.0.5"), files)
    assert given == ["10.1.0.5"]
    assert [str(each) for each in find_addresses(files, OWNER)] == ["10.1.0.2", "10.1.0.5"]


def test_of_two_addresses_asked_for_in_one_set_any_is_taken_and_the_other_fails() -> None:
    config = configure(SMALL, args=None)
    asked = {"name": "n", "args": {"cni": {"ips": ["10.1.0.4", "10.1.0.5"]}}}
    config = read_ipam_config(View({**asked, "ipam": {"ranges": SMALL}}), "")
    said = {add(config, {}, choice=choice)[0] for choice in (0, 1)}
    start = "failed to allocate all requested IPs:"
    assert said == {f"{start} 10.1.0.4", f"{start} 10.1.0.5"}


def test_an_address_of_an_old_version_is_found_and_released_by_container_alone() -> None:
    files = {"10.1.0.2": "c1", "10.1.0.3": "c1\r\nnet1", "10.1.0.4": "c10\r\neth0"}
    assert is_known(files, OWNER)
    left = release(files, OWNER)
    assert sorted(left) == ["10.1.0.3", "10.1.0.4"]
    assert not is_known(left, OWNER)
    assert release(left, OWNER) == left


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ([], "no IP ranges specified"),
        ([[]], "invalid range set 0: empty range set"),
        ([[{"rangeStart": "10.1.0.1"}]], "invalid range set 0: IP <nil> not v4 nor v6"),
        ([[{"subnet": "10.1.0.0/31"}]], "Network 10.1.0.0/31 too small to allocate from"),
        ([[{"subnet": "2001:db8::/127"}]], "Network 2001:db8::/127 too small to allocate from"),
        ([[{"subnet": "10.1.0.1/24"}]], "the network address is 10.1.0.0"),
        (
            [[{"subnet": "10.1.0.0/24", "rangeEnd": "10.2.0.1"}]],
            "invalid range set 0: RangeEnd 10.2.0.1 not in network 10.1.0.0/24",
        ),
        (
            [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "rangeEnd": "10.1.0.3"}]],
            "RangeStart 10.1.0.9 not in network 10.1.0.0/24",
        ),
        (
            [[{"subnet": "10.1.0.0/24"}, {"subnet": "2001:db8::/64"}]],
            "invalid range set 0: mixed address families",
        ),
        (
            [[{"subnet": "10.1.0.0/24"}, {"subnet": "10.1.0.0/28"}]],
            "subnets 10.1.0.1-10.1.0.254 and 10.1.0.1-10.1.0.14 overlap",
        ),
        (
            [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.1.0.128/28"}]],
            "range set 0 overlaps with 1",
        ),
        ([[{"subnet": "10.1.0.0/24", "gateway": "x"}]], "invalid IP address: x"),
        ([[{"subnet": "10.1.0.0"}]], "invalid CIDR address: 10.1.0.0"),
    ],
)
def test_a_range_that_will_not_do_is_refused_in_upstreams_words(ranges: Any, said: str) -> None:
    with pytest.raises(PluginError) as error:
        configure(ranges)
    assert error.value.message.endswith(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("IgnoreUnknown=maybe", "boolean unmarshal error: invalid input maybe"),
        ("A=1;B=2", 'ARGS: unknown args ["A=1" "B=2"]'),
        ("IP=1=2", 'ARGS: invalid pair "IP=1=2"'),
    ],
)
def test_arguments_that_will_not_do_are_refused(arguments: str, said: str) -> None:
    with pytest.raises(PluginError) as error:
        configure(SMALL, arguments)
    assert error.value.message.endswith(said)


def test_unknown_arguments_are_ignored_when_that_is_asked_for_wherever_it_stands() -> None:
    assert configure(SMALL, "A=1;IgnoreUnknown=TRUE;IP=10.1.0.3/24").requested


def test_an_empty_address_that_is_asked_for_is_none() -> None:
    config = {"name": "n", "ipam": {"ranges": SMALL}, "runtimeConfig": {"ips": [""]}}
    with pytest.raises(PluginError, match="cannot understand ip"):
        read_ipam_config(View(config), "")


def test_old_results_have_one_address_of_each_family_with_the_routes_of_it() -> None:
    routes = [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "2001:db8::9", "mtu": 9}]
    ranges = [[{"subnet": "10.1.0.0/29"}], [{"subnet": "2001:db8::/64"}]]
    config = configure(ranges, version="0.2.0", routes=routes)
    adding, files = start_adding(config, OWNER), {}
    while not adding.is_done:
        adding, files = next(iter(adding.go_on(files)))
    result = make_result(config, adding.given, {})
    assert result["ip4"]["routes"] == [{"dst": "0.0.0.0/0"}]
    assert result["ip6"]["routes"] == [{"dst": "::/0", "gw": "2001:db8::9"}]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("::ffff:10.1.0.2", "10.1.0.2"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("10.1.0.02", None),
        ("fe80::1%eth0", None),
        ("10.1.0", None),
    ],
)
def test_addresses_are_read_and_printed_as_go_does(text: str, printed: str | None) -> None:
    address = parse_address(text)
    assert (str(address) if address else None) == printed


@pytest.mark.parametrize("text", ["10.1.0.0/33", "10.1.0.0/", "10.1.0.0/-1", "10.1.0.0/+8", "/8"])
def test_a_prefix_is_a_number_that_fits(text: str) -> None:
    assert parse_subnet(text) is None


def test_versions_are_numbers() -> None:
    assert is_at_least("0.10.0", "0.4.0")
    assert parse_version("1") == (1, 0, 0)
    with pytest.raises(PluginError, match="too many parts"):
        parse_version("1.2.3.4")
    with pytest.raises(PluginError, match='failed to convert minor version part "x"'):
        parse_version("1.x")


ENVIRONMENT = {
    **{"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c", "CNI_NETNS": "/n", "CNI_IFNAME": "eth0"},
    "CNI_PATH": "/p",
}


@pytest.mark.parametrize(
    ("environment", "text", "said"),
    [
        (
            ENVIRONMENT | {"CNI_CONTAINERID": "", "CNI_PATH": ""},
            "{}",
            "[CNI_CONTAINERID,CNI_PATH]",
        ),
        (ENVIRONMENT | {"CNI_CONTAINERID": "", "CNI_IFNAME": "."}, "{}", "is . or .."),
        (ENVIRONMENT | {"CNI_IFNAME": "a:b"}, "{}", "contains / or : or whitespace"),
        ({"CNI_COMMAND": "NOPE"}, "{}", "missing network name"),
        ({"CNI_COMMAND": "NOPE"}, '{"name": "-"}', "invalid characters found in network name"),
        ({"CNI_COMMAND": "NOPE"}, '{"name": "n"}', "unknown CNI_COMMAND: NOPE"),
        (ENVIRONMENT, '{"name" 1}', "invalid character '1' after object key"),
    ],
)
def test_a_call_is_refused_before_anything_is_done(
    environment: dict[str, str], text: str, said: str
) -> None:
    with pytest.raises(PluginError) as error:
        read_call(environment, text)
    assert said in error.value.message


@pytest.mark.parametrize(
    ("command", "version", "said"),
    [
        ("CHECK", "0.3.1", "config version does not allow CHECK"),
        ("CHECK", "0.5.0", "incompatible CNI versions"),
        ("GC", "1.0.0", "config version does not allow GC"),
        ("STATUS", "2.0.0", "plugin version does not allow STATUS"),
        ("DEL", "1.2", "incompatible CNI versions"),
    ],
)
def test_a_version_must_allow_the_command(command: str, version: str, said: str) -> None:
    text = f'{{"name": "n", "cniVersion": "{version}"}}'
    call = read_call(ENVIRONMENT | {"CNI_COMMAND": command}, text)
    with pytest.raises(PluginError) as error:
        check_version(call)
    assert error.value.message == said
