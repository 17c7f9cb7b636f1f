"""Recordings: reading some of their lines, and judging lines that a test has made."""

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

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
