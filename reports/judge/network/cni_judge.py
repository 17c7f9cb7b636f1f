"""Judge of `cni` recordings: runs of the IPAM plugin host-local, and lists of plugins.

A line of kind `host-local` is `{"kind", "plugin", "steps"}`. A step is one run (`env`, `stdin`,
`exit`, `stdout`, `stderr`), several ADDs at once (`parallel`, with one `stdin`), or a file that
was changed (`tamper`, `file`), each with the data directory after it (`store`, `\\n` for CR LF).
`stdin` may be `same` as in the step before. A run is a case of its command's kind, ADDs at once
are one case.

Lines of kind `chain` are lists of plugins under libcni: see `network_list_judge`.

Where upstream takes any of several addresses that are asked for, and in whatever order ADDs hold
the lock, the recorded answers must be one of those that can come of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from planespec.reports.judge.network.network_list_judge import judge_chain
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError
from planespec.spec.network.host_local import (
    BREAK,
    Adding,
    Attachment,
    Directory,
    is_known,
    release_all,
    start_adding,
)
from planespec.spec.network.ipam_config import IpamConfig, make_result, read_ipam_config
from planespec.spec.network.plugin_call import PluginCall, check_version, read_call
from planespec.spec.objects.view import ObjectError, View

HOST_LOCAL, CHAIN = "host-local", "chain"
_ANSWERS = ("exit", "stdout", "stderr", "store")
_DATA = "/d"
"""The data directory that is recorded."""
_RESOLV_CONF = "/resolv.conf"
"""How the path of the recorder's resolv.conf ends, wherever it ran."""
_DNS = {"nameservers": ["192.0.2.53"], "search": ["example.test"], "options": ["ndots:2"]}
"""What the recorder's resolv.conf says; it has no other."""

Store = dict[str, Directory]
"""Directories of networks by path."""


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


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each run; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    kind = line.needing("kind", "steps").text("kind")
    if kind == CHAIN:
        yield from judge_chain(where, line)
        return
    if kind != HOST_LOCAL:
        raise ObjectError(line.path("kind"), f"must be {HOST_LOCAL} or {CHAIN}, not {kind!r}")
    recorded = _Recorded(line.text("plugin"))
    for step in line.views("steps"):
        found = recorded.judge_step(where, step)
        if found:
            yield found


@dataclass(slots=True)
class _Recorded:
    """What is carried from step to step."""

    plugin: str
    store: Store | None = None
    stdin: object = ""

    def judge_step(self, where: str, step: View) -> Comparison | None:
        """Return what is compared of a step; None for a file that was changed."""
        before = self.store or {}
        recorded = _read_store(step.needing("store"))
        self.store = recorded
        if step.has("tamper"):
            return None
        if step.data.get("stdin") != "same":
            self.stdin = step.data.get("stdin")
        views = step.views("parallel") if step.has("parallel") else [step]
        runs = [self._start(each.needing("env", "exit", "stdout"), before) for each in views]
        expected = [part_answers(each.data, _ANSWERS[:3])[1] for each in views]
        ends, after = _find_end(runs, before, expected, recorded)
        given = part_answers(step.data, _ANSWERS)[0] | {"stdin": self.stdin}
        kind = "parallel ADD" if len(runs) > 1 else views[0].view("env").text("CNI_COMMAND")
        return compare(
            kind or "no command",
            where,
            given,
            {"runs": expected, "store": _tell_store(recorded)},
            {"runs": [each.to_json() for each in ends], "store": _tell_store(after)},
        )

    def _start(self, step: View, store: Store) -> "_Run":
        """Return a run up to where it first holds the lock, or to its end."""
        environment = {"CNI_PATH": "/x"} | {
            name: step.view("env").text(name)
            for name, value in step.view("env").data.items()
            if value is not None
        }
        if not environment.get("CNI_COMMAND"):
            versions = ", ".join(SUPPORTED_VERSIONS)
            about = f"CNI host-local plugin {self.plugin}\n"
            return _Run(Ended(0, "", f"{about}CNI protocol versions supported: {versions}\n"))
        try:
            call = read_call(environment, _print_input(self.stdin))
            return _begin(call, store)
        except PluginError as error:
            return _Run(Ended(1, error.to_json()))


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of the plugin: how it ended, or what it does yet with a directory."""

    ended: Ended | None = None
    adding: Adding | None = None
    path: str = ""
    dns: Mapping[str, object] | None = None
    deleting: tuple[IpamConfig, Attachment] | None = None

    def identify(self) -> tuple[object, ...]:
        """Return all that what it does yet depends on."""
        if self.ended is not None or self.adding is None:
            return (self.ended is None,)
        adding = self.adding
        return len(adding.given), adding.wanted, str(adding.error), adding.releases

    def may_give(self, wanted: str) -> bool:
        """Say whether its answer can still be the one that is wanted, in JSON."""
        if self.ended is not None:
            return json.dumps(self.ended.to_json(), sort_keys=True) == wanted
        if self.adding is None:
            return True
        if self.adding.error is not None:
            return json.dumps(str(self.adding.error)) in wanted
        given = (f'"{address}/' in wanted for address, _ in self.adding.given)
        return '"exit": 1' in wanted or all(given)

    def go_on(self, files: Directory) -> Iterator[tuple["_Run", dict[str, str]]]:
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


def _end(adding: Adding, dns: Mapping[str, object]) -> Ended:
    if adding.error is not None:
        return Ended(1, adding.error.to_json())
    return Ended(0, make_result(adding.config, adding.given, dns))


def _begin(call: PluginCall, store: Store) -> _Run:
    """Return what the plugin does about a call; raises PluginError."""
    if call.command == "VERSION":
        versions = {"supportedVersions": list(SUPPORTED_VERSIONS)}
        return _Run(Ended(0, {"cniVersion": SUPPORTED_VERSIONS[-1], **versions}))
    check_version(call)
    if call.command in ("GC", "STATUS"):
        return _Run(Ended(0, ""))
    config = read_ipam_config(call.config, call.arguments)
    path, owner = f"{config.data_dir}/{config.network}", Attachment(call.container, call.interface)
    if call.command == "DEL":
        return _Run(path=path, deleting=(config, owner))
    if call.command == "CHECK":
        if not is_known(store.get(path, {}), owner):
            message = f"Failed to find address added by container {owner.container}"
            raise PluginError(f"host-local: {message}")
        return _Run(Ended(0, ""))
    if not config.resolv_conf.endswith(_RESOLV_CONF) and config.resolv_conf:
        raise PluginError(f"open {config.resolv_conf}: no such file or directory")
    dns = _DNS if config.resolv_conf else {}
    return _Run(adding=start_adding(config, owner), path=path, dns=dns)


def _find_end(
    runs: Sequence[_Run], before: Store, expected: Sequence[dict[str, object]], after: Store
) -> tuple[list[Ended], Store]:
    """Return how the runs end and what they leave: as recorded, if that can come of them.

    Else as one after the other. Depth first over who holds the lock next and what comes of it;
    what the recorded answers rule out already is not followed.
    """
    wanted = [json.dumps(each, sort_keys=True) for each in expected]
    waiting: list[tuple[tuple[_Run, ...], Store]] = [(tuple(runs), before)]
    entered = set()
    while waiting:
        states, store = waiting.pop()
        ends = [each.ended for each in states if each.ended is not None]
        if len(ends) == len(states):
            if _tell_store(store) == _tell_store(after) and _are_wanted(states, wanted):
                return ends, store
            continue
        for one in _follow(states, store, wanted):
            entry = (*(each.identify() for each in one[0]), _identify(one[1], runs))
            if entry not in entered:
                entered.add(entry)
                waiting.append(one)
    return _run_in_order(runs, before)


def _are_wanted(states: Sequence[_Run], wanted: Sequence[str]) -> bool:
    return all(state.may_give(text) for state, text in zip(states, wanted, strict=True))


def _identify(store: Store, runs: Sequence[_Run]) -> tuple[object, ...]:
    return tuple(frozenset(store.get(each.path, {}).items()) for each in runs[:1])


def _follow(
    states: tuple[_Run, ...], store: Store, wanted: Sequence[str]
) -> Iterator[tuple[tuple[_Run, ...], Store]]:
    for index, run in enumerate(states):
        if run.ended is None:
            for done, files in run.go_on(store.get(run.path, {})):
                if done.may_give(wanted[index]):
                    rest = (*states[:index], done, *states[index + 1 :])
                    yield rest, {**store, run.path: files}


def _run_in_order(runs: Sequence[_Run], store: Store) -> tuple[list[Ended], Store]:
    ends = []
    for run in runs:
        while run.ended is None:
            run, files = next(iter(run.go_on(store.get(run.path, {}))))
            store = {**store, run.path: files}
        ends.append(run.ended)
    return ends, store


def _print_input(stdin: object) -> str:
    """Return what stands on standard input: a text as it is, an object in JSON."""
    return stdin if isinstance(stdin, str) else json.dumps(stdin)


def _read_store(step: View) -> Store:
    store: dict[str, dict[str, str]] = {}
    files = step.view("store")
    for path in files.data:
        network, _, name = path.partition("/")
        text = files.text(path).replace("\n", BREAK)
        store.setdefault(f"{_DATA}/{network}", {})[name] = text
    return dict(store)


def _tell_store(store: Store) -> dict[str, str]:
    """Return the files of the recorded data directory, as they are recorded."""
    return {
        f"{path.removeprefix(_DATA)[1:]}/{name}": held.replace(BREAK, "\n")
        for path, files in store.items()
        for name, held in files.items()
        if path.startswith(f"{_DATA}/")
    }
