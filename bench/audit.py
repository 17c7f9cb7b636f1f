"""How long an audit of a whole cluster takes: `python bench/audit.py [NODES PODS]`.

Writes a synthetic snapshot of the size Kubernetes promises to bear (5,000 nodes, 150,000 pods),
audits it in a process of its own, and checks that exactly the planted violations are found.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cluster

from planespec.checker.errors import ExitCode

NODES, PODS = 5_000, 150_000
LONGEST_SECONDS, LARGEST_BYTES = 30.0, 4 * 2**30


def main(nodes: int, pods: int) -> int:
    """Print what the audit took; 1 where it exceeds the promise or finds something else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.json"
        cluster.write_snapshot(path, nodes, pods)
        size = path.stat().st_size
        command = [sys.executable, "-m", "planespec.reports.cli", "audit", "--json", str(path)]
        seconds, busy, peak, output = _time(command)
    found = json.loads(output)
    counts: dict[str, int] = {}
    for each in found["violations"]:
        counts[each["requirement"]] = counts.get(each["requirement"], 0) + 1
    print(f"{nodes:,} nodes, {pods:,} pods, {size / 2**20:,.0f} MiB of JSON")
    print(f"{seconds:.1f} s, {busy:.1f} s of processor time, {peak / 2**20:,.0f} MiB at most")
    print(f"found {counts}")
    is_right = counts == cluster.PLANTED
    is_fast = seconds < LONGEST_SECONDS and peak < LARGEST_BYTES
    return 0 if is_right and is_fast else 1


def _time(command: list[str]) -> tuple[float, float, int, str]:
    """Run a process that exits with 12; return wall and processor seconds, peak bytes, output."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env=_env())
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != ExitCode.SAFETY:
        raise RuntimeError(f"the audit exits with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text


def _env() -> dict[str, str]:
    folder = Path(__file__).resolve().parents[1] / ".pypath"
    return {**os.environ, "PYTHONPATH": str(folder)}


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(sizes if len(sizes) == 2 else (NODES, PODS))))
