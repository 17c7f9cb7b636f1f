"""Tables of iptables: chains, their rules, and how both are printed.

A rule is kept as `iptables -S` prints it without its chain. Sources: iptables v1.8.9 (nf_tables),
`iptables/nft.c`, `xshared.c`, `extensions/libxt_tcp.c`, `libxt_udp.c`, `libxt_sctp.c`,
`libxt_multiport.c`; coreos/go-iptables, `iptables/iptables.go`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

_BUILT_IN = {
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
_LONGEST_CHAIN = 28
_LONGEST_COMMENT = 255
_BAD_INPUT, _FAILED = 2, 4


class RulesError(Exception):
    """A command of iptables that failed, as go-iptables tells of it."""

    def __init__(self, command: Sequence[str], status: int, message: str) -> None:
        """Keep its text and the exit status."""
        super().__init__(f"running [{' '.join(command)}]: exit status {status}: {message}")
        self.status = status


@dataclass(frozen=True, slots=True)
class PacketRule:
    """A rule as it is printed, and as it is given on a command line."""

    printed: str
    given: tuple[str, ...]
    bad_port: str = ""
    """A port that no rule can have, where it has one."""


@dataclass(slots=True)
class Table:
    """A table of one family; the chains that are built in are always there."""

    name: str = "nat"
    family: int = 4
    chains: dict[str, list[PacketRule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in _BUILT_IN[self.name]:
            self.chains.setdefault(each, [])

    @property
    def program(self) -> str:
        """The command of its family."""
        return "iptables" if self.family == 4 else "ip6tables"

    def has_chain(self, chain: str) -> bool:
        """Say whether there is a chain."""
        return chain in self.chains

    def ensure_chain(self, chain: str) -> None:
        """Make a chain that is not there."""
        self.chains.setdefault(chain, [])

    def clear_chain(self, chain: str) -> None:
        """Take away the rules of a chain, which is there afterwards."""
        self.chains[chain] = []

    def contains(self, chain: str, rule: PacketRule) -> bool:
        """Say whether a chain has a rule; raises RulesError for one that there cannot be."""
        if rule.bad_port:
            command = self._command("-C", chain, *rule.given)
            told = f"invalid port/service `{rule.bad_port}' specified\n"
            helping = f"Try `{self.program} -h' or '{self.program} --help' for more information.\n"
            raise RulesError(command, _BAD_INPUT, self._prefix + " " + told + helping)
        return any(each.printed == rule.printed for each in self.chains.get(chain, []))

    def add(self, chain: str, rule: PacketRule, *, first: bool = False) -> None:
        """Add a rule that a chain has not, at its end or before all others."""
        if not self.contains(chain, rule):
            self.chains[chain].insert(0 if first else len(self.chains[chain]), rule)

    def delete(self, chain: str, printed: str) -> None:
        """Take away the first rule of a chain that is printed so, if there is one."""
        for index, each in enumerate(self.chains.get(chain, [])):
            if each.printed == printed:
                del self.chains[chain][index]
                return

    def delete_chain(self, chain: str) -> None:
        """Take away an empty chain; raises RulesError while a rule leads to it."""
        if any(self._leads_to(each, chain) for rules in self.chains.values() for each in rules):
            told = f" CHAIN_DEL failed (Device or resource busy): chain {chain}\n"
            raise RulesError(self._command("-X", chain), _FAILED, f"{self._prefix} {told}")
        self.chains.pop(chain, None)

    def leading_to(self, chain: str, target: str) -> list[str]:
        """Return the rules of a chain that lead to another, as they are printed."""
        return [e.printed for e in self.chains.get(chain, []) if self._leads_to(e, target)]

    def print_all(self) -> list[str]:
        """Return the lines of `iptables -S`, without those of policies."""
        own = sorted(name for name in self.chains if name not in _BUILT_IN[self.name])
        order = [*_BUILT_IN[self.name], *own]
        rules = [f"-A {name} {each.printed}" for name in order for each in self.chains[name]]
        return [*(f"-N {name}" for name in own), *rules]

    @staticmethod
    def _leads_to(rule: PacketRule, chain: str) -> bool:
        return rule.printed.endswith(f"-j {chain}")

    @property
    def _prefix(self) -> str:
        return f"{self.program} v1.8.9 (nf_tables):"

    def _command(self, *words: str) -> list[str]:
        return [f"/usr/sbin/{self.program}", "-t", self.name, *words, "--wait"]


def print_comment(comment: str) -> str:
    """Return a comment as it is printed in a rule."""
    return json.dumps(comment, ensure_ascii=False)


def trim_comment(comment: str) -> str:
    """Return a comment that is not longer than iptables takes."""
    return comment if len(comment) <= _LONGEST_COMMENT else comment[:253] + "..."


def tell_attachment(network: str, container: str) -> str:
    """Return the comment of rules of a container."""
    quoted = (json.dumps(each, ensure_ascii=False) for each in (network, container))
    return trim_comment("name: {} id: {}".format(*quoted))


def name_by_hash(prefix: str, network: str, container: str, length: int = _LONGEST_CHAIN) -> str:
    """Return the name of a chain or a device of a container."""
    digest = hashlib.sha512((network + container).encode()).hexdigest()
    return (prefix + digest)[:length]


def name_chain(network: str, container: str, prefix: str = "") -> str:
    """Return the name of a chain of a container."""
    return name_by_hash(f"CNI-{prefix}", network, container)
