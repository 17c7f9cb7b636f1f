"""Judge of `raft`: an etcd-raft node against recorded scenarios, or against a library's trace.

The first line tells the form: a scenario has `steps`, a line of a trace has a `tag` or an
`event`, both as JSON lines, plain or gzip. A transcript begins with a comment or a command.
"""

import copy
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from planespec.reports.input.lines import at, read_lines, read_records
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.raft_json import Json, check_scenario
from planespec.reports.judge.raft.raft_transcripts import COMMANDS
from planespec.reports.judge.raft.raft_transcripts import judge as judge_transcript
from planespec.reports.judge.raft.traces.raft_trace import judge_trace
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.raft.node.log import Panic


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step of each scenario, event of the trace, or command.

    Raises InputError for a line that is of none of these forms.
    """
    if _is_transcript(path):
        yield from judge_transcript(path)
        return
    records = read_records(path)
    for first in records:
        rest = chain([first], records)
        if "steps" in first[1] or not {"tag", "event", "level"} & first[1].keys():
            yield from _judge_scenarios(path, rest)
        else:
            yield from judge_trace(path, rest)


def _is_transcript(path: Path) -> bool:
    """Look at the first word; a pipe can be read once only, and is none."""
    if not path.is_file():
        return False
    first = next((text.split() for _, text in read_lines(path) if text.strip()), [""])
    return first[0].startswith("#") or first[0] in COMMANDS


def _judge_scenarios(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    for line, record in records:
        yield from judge_scenario(path, line, record)


# Judge of recorded Raft scenarios: the node must do exactly what go.etcd.io/raft did.
#
# Every operation of a scenario is carried out by the specification, and all that was recorded of
# it is compared: the whole state of the node afterwards, the messages it sent, the entries it
# applied, its reads and its refusal. Where a scenario stops agreeing its rest is not judged,
# since nothing after that can be expected to agree. Kinds: `init`, each operation by its name,
# `final` (the durable logs), and `panic` (the library gave up where the recording ends).


def judge_scenario(path: Path, line: int, record: Json) -> Iterator[Comparison]:
    """Yield the comparisons of one scenario, up to the first that disagrees.

    Raises InputError where the record is not a scenario.
    """
    with at(path, line):
        check_scenario(record)
        cluster = Cluster(record)
    where, seed = f"{path}:{line}", record.get("seed")
    first = compare("init", where, {"seed": seed}, record["init"], cluster.print_states())
    yield first
    if not first.agrees:
        return
    for number, step in enumerate(record["steps"]):
        given = {"seed": seed, "step": number, "op": step["op"]}
        comparison = compare(step["op"], where, given, step, _perform(cluster, step))
        yield comparison
        if not comparison.agrees:
            return
    yield from _judge_end(where, seed, record, cluster)


def _perform(cluster: Cluster, step: Json) -> Json:
    try:
        return cluster.perform(step)
    except Panic as panic:
        return {"op": step["op"], "panic": str(panic)}
    except ValueError as error:
        return {"op": step["op"], "impossible": str(error)}


def _judge_end(where: str, seed: object, record: Json, cluster: Cluster) -> Iterator[Comparison]:
    given = {"seed": seed, "step": len(record["steps"])}
    if "final" in record:
        yield compare("final", where, given, record["final"], cluster.print_logs())
    if "panic" in record:
        panic = find_panic(cluster, record["panic"])
        yield compare("panic", where, given, record["panic"], panic)


def find_panic(cluster: Cluster, wanted: Any) -> str | None:
    """Return the panic `wanted`, or else any other, that some next operation ends in.

    The operation itself is not recorded, so the ones that can change a membership are tried.
    """
    found: list[str] = []
    for step in cluster.list_possible_steps():
        timeout = cluster.shortest_timeout
        outcome = _perform(
            copy.deepcopy(cluster), {**step, "after": {"randomizedElectionTimeout": timeout}}
        )
        if "panic" in outcome:
            found.append(outcome["panic"])
    return wanted if wanted in found else next(iter(found), None)
