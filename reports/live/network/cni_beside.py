"""The rules of `spec.network` walked beside real plugins: answers, directories, interfaces.

The plugin is host-local alone, or one that makes an interface and asks host-local for its address.
Calls are made as a container runtime does: DEL follows an ADD that failed. Of the plugin that
makes the interface it is asked whether it succeeds; the addresses, and refusals for want of them,
are those of the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planespec.reports.live.network.network_spaces import Answer, PluginCaller
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.host_local import BREAK, LAST_RESERVED
from planespec.spec.network.host_local_runs import Ended, Store, begin_run, finish_run
from planespec.spec.network.ip_addresses import parse_address
from planespec.spec.network.network_requirements import (
    a_used_address_is_reserved,
    no_address_is_used_twice,
)
from planespec.spec.network.plugin_call import PluginCall
from planespec.spec.objects.view import View

HOST_LOCAL = "host-local"
INTERFACE = "eth0"
SANDBOXES = 3
_NETWORK = "planespec"
_RANGE = {"subnet": "10.88.7.0/29", "rangeStart": "10.88.7.2", "rangeEnd": "10.88.7.3"}
"""Fewer addresses than sandboxes."""
_FIRST, _COUNT = "10.88.7.2", 2
OPERATIONS = ("ADD", "DEL", "CHECK", "Vanish")


@dataclass(frozen=True, slots=True)
class CniAction:
    """A step of a walk: a call for a sandbox, or that its namespace vanishes."""

    op: str
    which: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What is seen of addresses, as requirements ask for it."""

    sandboxes: range
    addresses: int
    uses: Mapping[int, int]
    owner: Mapping[int, int | None]


@dataclass(slots=True)
class CniBeside:
    """One walk, with a data directory of its own."""

    caller: PluginCaller
    data: Path
    plugin: str = HOST_LOCAL
    _store: Store = field(default_factory=dict)
    _paths: dict[int, str] = field(default_factory=dict)
    _vanished: dict[int, str] = field(default_factory=dict)
    """Paths where nothing is any more, of sandboxes that have no other since."""
    _results: dict[int, Mapping[str, object]] = field(default_factory=dict)
    """What ADD printed for sandboxes that have their interface."""

    def do(self, action: CniAction) -> None:
        """Let both take a step. Raises AssertionError where they differ, or one is broken."""
        which = action.which % SANDBOXES
        if action.op == "Vanish":
            self._vanish(which)
        elif action.op == "ADD":
            self._add(which)
        elif action.op == "DEL":
            self._delete(which)
        else:
            self._check(which)
        self._compare(action)

    def end(self) -> None:
        """Call DEL for all sandboxes, after which nothing is left; then let them vanish."""
        for which in range(SANDBOXES):
            self.do(CniAction("DEL", which))
        left = [name for name in self._read_files() if not name.startswith(LAST_RESERVED)]
        assert left == [], f"after the last DEL {left} is reserved"
        for which in range(SANDBOXES):
            self._vanish(which)

    @property
    def _is_direct(self) -> bool:
        return self.plugin == HOST_LOCAL

    def _config(self) -> dict[str, object]:
        ipam = {"type": HOST_LOCAL, "dataDir": str(self.data), "ranges": [[_RANGE]]}
        bridge = {"bridge": "planespec0"} if self.plugin == "bridge" else {}
        return {
            "cniVersion": "1.0.0",
            "name": _NETWORK,
            "type": self.plugin,
            **bridge,
            "ipam": ipam,
        }

    def _ask(self, command: str, which: int, **more: object) -> Answer:
        if command == "ADD":
            self._vanished.pop(which, None)
        path = self._vanished.get(which) or self._get_path(which)
        names = {"CONTAINERID": f"c{which}", "IFNAME": INTERFACE, "NETNS": path}
        return self.caller.call(command, self._config() | more, **names)

    def _get_path(self, which: int) -> str:
        if which not in self._paths:
            self._paths[which] = self.caller.spaces.make()
        return self._paths[which]

    def _answer(self, command: str, which: int) -> Ended:
        """What the rules answer; they take it in."""
        names = f"c{which}", self._paths.get(which, ""), INTERFACE
        call = PluginCall(command, *names, "", View(self._config()))
        try:
            run = begin_run(call, self._store, lambda path: {})
            ended, self._store = finish_run(run, self._store)
        except PluginError as error:
            return Ended(1, error.to_json())
        return ended

    def _add(self, which: int) -> None:
        real = self._ask("ADD", which)
        if which in self._results and not self._is_direct:
            assert real.exit != 0, f"ADD for c{which} succeeds, which has its interface"
            return
        due = self._answer("ADD", which)
        assert _tell(real) == _tell(Answer(due.exit, _mapping(due.stdout))), (
            f"ADD for c{which}: {dict(real.told)} where {due.stdout} is due"
        )
        if real.exit == 0:
            self._results[which] = real.told
        elif not (self._is_direct and which in self._results):
            self._delete(which)

    def _delete(self, which: int) -> None:
        real = self._ask("DEL", which)
        self._answer("DEL", which)
        self._results.pop(which, None)
        assert real.exit == 0, f"DEL for c{which} fails: {dict(real.told)}"

    def _check(self, which: int) -> None:
        known = self._results.get(which)
        more = {} if known is None or self._is_direct else {"prevResult": known}
        real = self._ask("CHECK", which, **more)
        due = self._answer("CHECK", which).exit == 0 and (self._is_direct or known is not None)
        said = "succeeds" if real.exit == 0 else f"fails: {dict(real.told)}"
        assert (real.exit == 0) == due, f"CHECK for c{which} {said}"

    def _vanish(self, which: int) -> None:
        path = self._paths.pop(which, "")
        if path:
            self.caller.spaces.remove(path)
            self._vanished[which] = path
        self._results.pop(which, None)

    def _compare(self, action: CniAction) -> None:
        due = dict(self._store.get(f"{self.data}/{_NETWORK}", {}))
        files = self._read_files()
        assert files == due, f"after {action} there is {files} where {due} is due"
        if self._is_direct:
            return
        seen = {which: self._list_addresses(which) for which in range(SANDBOXES)}
        given = {which: _list_ips(self._results.get(which, {})) for which in seen}
        assert seen == given, f"after {action} interfaces have {seen} where {given} is due"
        observed = self._observe(files, seen)
        for requirement in (no_address_is_used_twice, a_used_address_is_reserved):
            assert requirement(observed), f"after {action} {requirement.id} is broken"

    def _list_addresses(self, which: int) -> list[str]:
        path = self._paths.get(which)
        return [*self.caller.spaces.list_addresses(path, INTERFACE)] if path else []

    def _read_files(self) -> dict[str, str]:
        folder = self.data / _NETWORK
        names = [each for each in folder.glob("*") if each.name != "lock"]
        return {each.name: each.read_bytes().decode() for each in names}

    def _observe(self, files: Mapping[str, str], seen: Mapping[int, list[str]]) -> Observed:
        owners = {_number(name): _get_owner(held) for name, held in files.items()}
        numbers = range(1, _COUNT + 1)
        sandboxes = range(SANDBOXES)
        held = {number: owners.get(number) for number in numbers}
        return Observed(
            sandboxes,
            _COUNT,
            {which: _number(seen[which][0]) if seen[which] else 0 for which in sandboxes},
            {n: next((w for w in sandboxes if held[n] == f"c{w}"), None) for n in numbers},
        )


def _tell(answer: Answer) -> tuple[object, ...]:
    """What is compared of an answer: addresses, or the refusal to code and words."""
    if answer.exit == 0:
        return (0, *_list_ips(answer.told))
    return answer.exit, answer.told.get("code"), answer.told.get("msg")


def _mapping(told: object) -> Mapping[str, object]:
    return told if isinstance(told, Mapping) else {}


def _list_ips(told: Mapping[str, Any]) -> list[str]:
    ips = told.get("ips")
    listed = ips if isinstance(ips, list) else []
    return sorted(str(each["address"]).partition("/")[0] for each in listed)


def _get_owner(held: str) -> str:
    return held.partition(BREAK)[0]


def _number(name: str) -> int:
    """The number of an address, counted from 1; 0 for the name of no address of the range."""
    address, first = parse_address(name), parse_address(_FIRST)
    if address is None or first is None:
        return 0
    return int(address) - int(first) + 1
