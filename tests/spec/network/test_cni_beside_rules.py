"""The model of CNI beside the rules of host-local: the same addresses in the same directory."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.stateful import machine
from planespec.model.network.cni import Cni, Sandbox
from planespec.spec.network import host_local
from planespec.spec.network.host_local import LAST_RESERVED, Attachment, release, start_adding
from planespec.spec.network.ipam_config import IpamConfig, read_ipam_config
from planespec.spec.objects.view import View

NAMES = ["a", "b", "c"]
LAST = f"{LAST_RESERVED}0"


def configure(addresses: int) -> IpamConfig:
    """As many addresses as the model has, from 10.0.0.1 on."""
    last, gateway = f"10.0.0.{addresses}", "10.0.0.254"
    one = {"subnet": "10.0.0.0/24", "rangeEnd": last, "gateway": gateway}
    return read_ipam_config(View({"name": "n", "ipam": {"ranges": [[one]]}}), "")


def number(address: str) -> int:
    return int(address.rpartition(".")[2])


class HostLocal:
    """A directory to which host-local's rules give, when the model's calls write and release."""

    names = {Sandbox: NAMES}

    def __init__(self, addresses: int) -> None:
        self.addresses, self.config = addresses, configure(addresses)

    def reset(self) -> None:
        self.files: dict[str, str] = {}

    def write(self, s: str) -> None:
        adding = start_adding(self.config, Attachment(s, "eth0"))
        [(adding, self.files)] = adding.go_on(self.files)
        assert adding.error is None

    def release(self, s: str) -> None:
        self.files = release(self.files, Attachment(s, "eth0"))

    def fail_to_pick(self, s: str) -> None:
        [(adding, self.files)] = start_adding(self.config, Attachment(s, "eth0")).go_on(self.files)
        assert "no IP addresses available" in str(adding.error)

    def state(self) -> dict[str, object]:
        held = {number(a): text.split("\r\n")[0] for a, text in self.files.items() if a != LAST}
        owner = {address: held.get(address) for address in range(1, self.addresses + 1)}
        return {"owner": owner, "last": number(self.files.get(LAST, "0.0"))}


def do_nothing(self: HostLocal, **arguments: str) -> None:
    """What the model does elsewhere than in host-local's directory."""


for _name in (
    *("run_sandbox", "pick", "link", "rule", "cache", "fail_to_add", "stop_sandbox", "call_del"),
    *("collect", "unrule", "unlink", "uncache", "fail_to_del", "lose_netns", "crash", "reboot"),
):
    setattr(HostLocal, _name, do_nothing)


def walk(walks: int, addresses: int) -> None:
    limits = settings(
        max_examples=walks,
        stateful_step_count=50,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    adapter, constants = HostLocal(addresses), {"sandboxes": 3, "faults": 3}
    walked = machine(Cni, adapter=adapter, addresses=addresses, **constants)
    run_state_machine_as_test(walked, settings=limits)


@pytest.mark.parametrize("addresses", [2, 4])
def test_the_model_gives_and_releases_as_the_rules_do(addresses: int) -> None:
    walk(2, addresses)


@pytest.mark.slow
@pytest.mark.parametrize("addresses", [1, 2, 3, 4])
def test_the_model_gives_and_releases_as_the_rules_do_for_long(addresses: int) -> None:
    walk(100, addresses)


def test_rules_that_do_not_go_round_differ_from_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    found = host_local.iterate
    monkeypatch.setattr(host_local, "iterate", lambda ranges, last: found(ranges, None))
    with pytest.raises(Exception, match="the system and the model differ"):
        walk(20, 2)
