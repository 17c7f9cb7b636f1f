"""Judge of `raft`: an etcd-raft node against recorded scenarios, or against a library's trace.

The first line tells the form: a scenario has `steps`, a line of a trace has a `tag` or an
`event`. Both forms are JSON lines, plain or gzip.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from planespec.reports.conform.comparison import Comparison
from planespec.reports.conform.raft_json import Json
from planespec.reports.conform.raft_scenarios import judge_scenario
from planespec.reports.conform.raft_trace import judge_trace
from planespec.reports.conform.reading import read_records


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step of each scenario, or each event of the trace.

    Raises InputError for a line that is of neither form.
    """
    records = read_records(path)
    for first in records:
        rest = chain([first], records)
        if "steps" in first[1] or not {"tag", "event", "level"} & first[1].keys():
            yield from _judge_scenarios(path, rest)
        else:
            yield from judge_trace(path, rest)


def _judge_scenarios(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    for line, record in records:
        yield from judge_scenario(path, line, record)
