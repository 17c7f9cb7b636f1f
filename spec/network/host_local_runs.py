"""Runs of host-local: from a call to how it ends, and what it leaves in the directories.

Source: containernetworking/plugins v1.9, `plugins/ipam/host-local/main.go`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError
from planespec.spec.network.host_local import (
    Adding,
    Attachment,
    Directory,
    is_known,
    release_all,
    start_adding,
)
from planespec.spec.network.ipam_config import IpamConfig, make_result, read_ipam_config
from planespec.spec.network.plugin_call import PluginCall, check_version

Store = dict[str, Directory]
"""Directories of networks by path."""
Dns = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the plugin ended."""

    exit: int
    stdout: object
    stderr: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it as it is recorded."""
        told: dict[str, object] = {"exit": self.exit, "stdout": self.stdout}
        return told | ({"stderr": self.stderr} if self.stderr else {})


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the plugin: how it ended, or what it does yet with a directory."""

    ended: Ended | None = None
    adding: Adding | None = None
    path: str = ""
    dns: Dns | None = None
    deleting: tuple[IpamConfig, Attachment] | None = None

    def go_on(self, files: Directory) -> Iterator[tuple["Run", dict[str, str]]]:
        """Yield what can come of the next time that it holds the lock."""
        if self.deleting is not None:
            yield (
                replace(self, ended=Ended(0, "")),
                release_all(self.deleting[0], files, self.deleting[1]),
            )
        elif self.adding is not None:
            for adding, left in self.adding.go_on(files):
                ended = _end(adding, self.dns or {}) if adding.is_done else None
                yield replace(self, ended=ended, adding=adding), left


def _end(adding: Adding, dns: Dns) -> Ended:
    if adding.error is not None:
        return Ended(1, adding.error.to_json())
    return Ended(0, make_result(adding.config, adding.given, dns))


def begin_run(call: PluginCall, store: Store, read_dns: Callable[[str], Dns]) -> Run:
    """Return a run up to where it first holds the lock, or to its end; raises PluginError.

    `read_dns` reads the resolv.conf of that path, which only ADD does.
    """
    if call.command == "VERSION":
        versions = {"supportedVersions": list(SUPPORTED_VERSIONS)}
        return Run(Ended(0, {"cniVersion": SUPPORTED_VERSIONS[-1], **versions}))
    check_version(call)
    if call.command in ("GC", "STATUS"):
        return Run(Ended(0, ""))
    config = read_ipam_config(call.config, call.arguments)
    path, owner = f"{config.data_dir}/{config.network}", Attachment(call.container, call.interface)
    if call.command == "DEL":
        return Run(path=path, deleting=(config, owner))
    if call.command == "CHECK":
        if not is_known(store.get(path, {}), owner):
            message = f"Failed to find address added by container {owner.container}"
            raise PluginError(f"host-local: {message}")
        return Run(Ended(0, ""))
    dns = read_dns(config.resolv_conf) if config.resolv_conf else {}
    return Run(adding=start_adding(config, owner), path=path, dns=dns)


def finish_run(run: Run, store: Store) -> tuple[Ended, Store]:
    """Return how a run ends, with nobody beside it, and the directories after it.

    Where upstream takes any of several addresses, the first in their order.
    """
    while run.ended is None:
        run, files = next(iter(run.go_on(store.get(run.path, {}))))
        store = {**store, run.path: files}
    return run.ended, store
