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
from dataclasses import dataclass
from pathlib import Path

from planespec.reports.judge.network.network_list_judge import judge_chain
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError
from planespec.spec.network.host_local import BREAK
from planespec.spec.network.host_local_runs import Ended, Run, Store, begin_run, finish_run
from planespec.spec.network.plugin_call import read_call
from planespec.spec.objects.view import ObjectError, View

HOST_LOCAL, CHAIN = "host-local", "chain"
_ANSWERS = ("exit", "stdout", "stderr", "store")
_DATA = "/d"
"""The data directory that is recorded."""
_RESOLV_CONF = "/resolv.conf"
"""How the path of the recorder's resolv.conf ends, wherever it ran."""
_DNS = {"nameservers": ["192.0.2.53"], "search": ["example.test"], "options": ["ndots:2"]}
"""What the recorder's resolv.conf says; it has no other."""


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

    def _start(self, step: View, store: Store) -> Run:
        """Return a run up to where it first holds the lock, or to its end."""
        environment = {"CNI_PATH": "/x"} | {
            name: step.view("env").text(name)
            for name, value in step.view("env").data.items()
            if value is not None
        }
        if not environment.get("CNI_COMMAND"):
            versions = ", ".join(SUPPORTED_VERSIONS)
            about = f"CNI host-local plugin {self.plugin}\n"
            return Run(Ended(0, "", f"{about}CNI protocol versions supported: {versions}\n"))
        try:
            call = read_call(environment, _print_input(self.stdin))
            return begin_run(call, store, _read_dns)
        except PluginError as error:
            return Run(Ended(1, error.to_json()))


def _identify_run(run: Run) -> tuple[object, ...]:
    """Return all that what a run does yet depends on."""
    if run.ended is not None or run.adding is None:
        return (run.ended is None,)
    adding = run.adding
    return len(adding.given), adding.wanted, str(adding.error), adding.releases


def _may_give(run: Run, wanted: str) -> bool:
    """Say whether the answer of a run can still be the one that is wanted, in JSON."""
    if run.ended is not None:
        return json.dumps(run.ended.to_json(), sort_keys=True) == wanted
    if run.adding is None:
        return True
    if run.adding.error is not None:
        return json.dumps(str(run.adding.error)) in wanted
    given = (f'"{address}/' in wanted for address, _ in run.adding.given)
    return '"exit": 1' in wanted or all(given)


def _read_dns(path: str) -> Mapping[str, object]:
    if not path.endswith(_RESOLV_CONF):
        raise PluginError(f"open {path}: no such file or directory")
    return _DNS


def _find_end(
    runs: Sequence[Run], before: Store, expected: Sequence[dict[str, object]], after: Store
) -> tuple[list[Ended], Store]:
    """Return how the runs end and what they leave: as recorded, if that can come of them.

    Else as one after the other. Depth first over who holds the lock next and what comes of it;
    what the recorded answers rule out already is not followed.
    """
    wanted = [json.dumps(each, sort_keys=True) for each in expected]
    waiting: list[tuple[tuple[Run, ...], Store]] = [(tuple(runs), before)]
    entered = set()
    while waiting:
        states, store = waiting.pop()
        ends = [each.ended for each in states if each.ended is not None]
        if len(ends) == len(states):
            if _tell_store(store) == _tell_store(after) and _are_wanted(states, wanted):
                return ends, store
            continue
        for one in _follow(states, store, wanted):
            entry = (*(_identify_run(each) for each in one[0]), _identify(one[1], runs))
            if entry not in entered:
                entered.add(entry)
                waiting.append(one)
    return _run_in_order(runs, before)


def _are_wanted(states: Sequence[Run], wanted: Sequence[str]) -> bool:
    return all(_may_give(state, text) for state, text in zip(states, wanted, strict=True))


def _identify(store: Store, runs: Sequence[Run]) -> tuple[object, ...]:
    return tuple(frozenset(store.get(each.path, {}).items()) for each in runs[:1])


def _follow(
    states: tuple[Run, ...], store: Store, wanted: Sequence[str]
) -> Iterator[tuple[tuple[Run, ...], Store]]:
    for index, run in enumerate(states):
        if run.ended is None:
            for done, files in run.go_on(store.get(run.path, {})):
                if _may_give(done, wanted[index]):
                    rest = (*states[:index], done, *states[index + 1 :])
                    yield rest, {**store, run.path: files}


def _run_in_order(runs: Sequence[Run], store: Store) -> tuple[list[Ended], Store]:
    ends = []
    for run in runs:
        ended, store = finish_run(run, store)
        ends.append(ended)
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
