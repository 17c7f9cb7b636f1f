"""Recordings: reading some of their lines, and judging lines that a test has made."""

import copy
import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import Tally, run

RECORDED = Path(__file__).parent.parent / "recorded"


def get_recording(name: str) -> Path:
    """The recording to which the judge of that name holds a rule."""
    return RECORDED / f"{name}.jsonl.gz"


def read_texts(name: str) -> list[str]:
    """The lines of a recording as they stand."""
    return gzip.decompress(get_recording(name).read_bytes()).decode().splitlines()


def read_lines(name: str, *, every: int = 1, most: int | None = None) -> list[Any]:
    """Every so many lines of a recording, from the first on, at the most so many."""
    with gzip.open(get_recording(name), "rt") as lines:
        return [json.loads(line) for line in islice(islice(lines, 0, None, every), most)]


def write_lines(folder: Path, *lines: object) -> Path:
    """A recording of these lines; a text is a line as it stands."""
    path = folder / "lines.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def judge_lines(name: str, folder: Path, *lines: object) -> Tally:
    """What the judge of that name says of these lines."""
    return run(load_judge(name), [write_lines(folder, *lines)])


def count_cases(name: str, folder: Path, *lines: object) -> tuple[int, int]:
    """Cases of some lines, and how many of them disagree."""
    tally = judge_lines(name, folder, *lines)
    return tally.cases, tally.cases - tally.agree


def pick_line(lines: Iterable[Any], kind: str, wanted: Callable[[Any], bool] = bool) -> Any:
    """The first line of a kind whose answer is as wanted, to be changed."""
    found = (line for line in lines if line["kind"] == kind and wanted(line["out"]))
    return copy.deepcopy(next(found))


def check_lines(name: str, folder: Path, lines: Sequence[object]) -> Tally:
    """Some lines agree, each of which is one case."""
    tally = judge_lines(name, folder, *lines)
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, len(lines))
    return tally


def check_whole(name: str, counts: Mapping[str, int]) -> None:
    """Every case of a recording agrees, and there are so many of each kind."""
    tally = run(load_judge(name), [get_recording(name)])
    assert {kind: count.agree for kind, count in tally.kinds.items()} == counts
    assert tally.cases == sum(counts.values())
    assert tally.exit_code == ExitCode.HOLDS


def check_refusal(name: str, folder: Path, line: object, message: str) -> None:
    """A line is refused with a message, and its place."""
    with pytest.raises(InputError) as error:
        judge_lines(name, folder, line)
    assert message in error.value.message
    assert error.value.line == 1
