"""Judge of `raft`: an etcd-raft node against recorded scenarios, or against a library's trace.

The first line tells the form: a scenario has `steps`, a line of a trace has a `tag` or an
`event`, both as JSON lines, plain or gzip. A transcript begins with a comment or a command.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from planespec.reports.input.lines import read_lines, read_records
from planespec.reports.judge.comparison import Comparison
from planespec.reports.judge.raft.raft_json import Json
from planespec.reports.judge.raft.raft_scenarios import judge_scenario
from planespec.reports.judge.raft.raft_transcripts import COMMANDS
from planespec.reports.judge.raft.raft_transcripts import judge as judge_transcript
from planespec.reports.judge.raft.traces.raft_trace import judge_trace


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
