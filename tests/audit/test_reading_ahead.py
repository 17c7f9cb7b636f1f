"""A second process that reads a file gives what reading it here gives."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import make, make_node, make_pod, make_workload

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import render_json
from planespec.reports.audit.reading import ahead
from planespec.reports.audit.sources import audit_files

ITEMS = [
    make_node(),
    *(make_pod(f"p{number}", "n1" if number % 3 else "n9") for number in range(700)),
    make_pod("odd", "n1", restartPolicy=5),
    make("Pod", "worse", spec={"nodeName": [1], "containers": 3}),
    make("ConfigMap", "m", data={"a": 1}),
    make_workload("Deployment", "web"),
    {"kind": "ConfigMapList", "apiVersion": "v1", "items": [{"metadata": {"name": "n"}}]},
    {"metadata": {"name": "without a kind"}},
    {"kind": "Pod"},
    [1],
    5,
    None,
    {},
]
BROKEN = [
    '{"kind": "Pod", nonsense}',
    '{"kind": "Pod", "metadata": {"name": "x", "name": "y"}}',
    '{"kind": "Pod", "metadata": {"name": "\\ud800"}}',
    '{"kind": "Pod", "metadata": {"name": "z"}, "spec": {"x": NaN}}',
]


def write(path: Path) -> str:
    parts = [json.dumps(each, indent=4) for each in ITEMS] + BROKEN
    path.write_text('{"apiVersion": "v1", "items": [\n' + ",\n".join(parts) + '], "kind": "List"}')
    return str(path)


def document(name: str) -> Any:
    return json.loads(render_json(audit_files([name])))


def test_what_is_read_ahead_is_what_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write(tmp_path / "all.json")
    here = document(name)
    monkeypatch.setattr(ahead, "SMALLEST", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert ahead.pays_ahead(name)
    assert document(name) == here
    assert here["read"]["Pod"] > 700
    assert len(here["malformed"]) > 5


@pytest.mark.parametrize("size", [1, 2])
def test_a_process_that_ends_early_is_told(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write(tmp_path / "all.json")
    monkeypatch.setattr(ahead, "SMALLEST", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(ahead, "_START", "import os; os._exit(1)" if size == 1 else CUT)
    report = audit_files([name])
    assert "could not be read to its end" in report.malformed[-1].message
    assert report.exit_code in (ExitCode.PARSE, ExitCode.SAFETY)


CUT = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from planespec.reports.audit.reading import ahead;"
    "flush = ahead._Sender.flush;"
    "ahead._Sender.flush = lambda self: (flush(self), sys.stdout.buffer.flush(), os._exit(1));"
    "ahead.send(sys.argv[2])"
)


def test_a_small_or_packed_file_and_standard_input_are_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write(tmp_path / "all.json")
    assert not ahead.pays_ahead(name)
    monkeypatch.setattr(ahead, "SMALLEST", 1)
    assert not ahead.pays_ahead("-")
    subprocess.run(["gzip", name], check=True)
    assert not ahead.pays_ahead(f"{name}.gz")
