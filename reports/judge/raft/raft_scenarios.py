"""Judge of recorded Raft scenarios: the node must do exactly what go.etcd.io/raft did.

Every operation of a scenario is carried out by the specification, and all that was recorded of
it is compared: the whole state of the node afterwards, the messages it sent, the entries it
applied, its reads and its refusal. Where a scenario stops agreeing its rest is not judged, since
nothing after that can be expected to agree. Kinds: `init`, each operation by its name, `final`
(the durable logs), and `panic` (the library gave up where the recording ends).
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planespec.reports.input.lines import at
from planespec.reports.judge.comparison import Comparison, compare
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.raft_json import Json
from planespec.reports.judge.raft.raft_scenario_form import check_scenario
from planespec.spec.raft.node.log import Panic


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
