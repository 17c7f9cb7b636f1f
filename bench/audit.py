"""How long an audit of a whole cluster takes: `bench/audit.py [NODES PODS] [--beside TREE]`.

Writes a synthetic snapshot of the size Kubernetes promises to bear (5,000 nodes, 150,000 pods),
audits it in a process of its own, and checks that exactly the planted violations are found.
With `--beside` it also runs another tree of planespec, in turns, prints both, and exits with 1
where this one takes over 3 % more processor time or 10 % more memory, or prints something else.
"""

import argparse
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
LONGEST_SECONDS, LARGEST_BYTES = 15.0, 2**30


ROOT = Path(__file__).resolve().parents[1]
TURNS = 3
MOST_TIME, MOST_MEMORY = 1.03, 1.10


def main(nodes: int, pods: int, beside: Path | None) -> int:
    """Print what the audit took; 1 where it exceeds the promise or finds something else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.json"
        cluster.write_snapshot(path, nodes, pods)
        print(f"{nodes:,} nodes, {pods:,} pods, {path.stat().st_size / 2**20:,.0f} MiB of JSON")
        if beside is not None:
            return _compare(path, beside)
        seconds, busy, peak, output = _time(ROOT, path)
    found = json.loads(output)
    counts: dict[str, int] = {}
    for each in found["violations"]:
        counts[each["requirement"]] = counts.get(each["requirement"], 0) + 1
    print(f"{seconds:.1f} s, {busy:.1f} s of processor time, {peak / 2**20:,.0f} MiB at most")
    print(f"found {counts}")
    is_right = counts == cluster.PLANTED
    is_fast = seconds < LONGEST_SECONDS and peak < LARGEST_BYTES
    return 0 if is_right and is_fast else 1


def _compare(path: Path, beside: Path) -> int:
    """Run both trees in turns; the least of each is what the machine's other work blurs least."""
    busy: dict[Path, list[float]] = {beside: [], ROOT: []}
    peaks, outputs = {}, {}
    for _ in range(TURNS):
        for tree, times in busy.items():
            _, seconds, peaks[tree], outputs[tree] = _time(tree, path)
            times.append(seconds)
    for tree, times in busy.items():
        shown = ", ".join(f"{each:.2f}" for each in times)
        print(f"{tree}: {shown} s of processor time, {peaks[tree] / 2**20:,.0f} MiB")
    time_ratio = min(busy[ROOT]) / min(busy[beside])
    memory_ratio = peaks[ROOT] / peaks[beside]
    is_same = outputs[ROOT] == outputs[beside]
    print(f"time x {time_ratio:.3f}, memory x {memory_ratio:.3f}, same output: {is_same}")
    return 0 if time_ratio <= MOST_TIME and memory_ratio <= MOST_MEMORY and is_same else 1


def _time(tree: Path, path: Path) -> tuple[float, float, int, str]:
    """Audit with a tree; return wall and processor seconds, peak bytes, and the output."""
    command = [sys.executable, "-m", "planespec.reports.cli", "audit", "--json", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(tree / ".pypath")}
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env=environment, cwd=tree)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != ExitCode.SAFETY:
        raise RuntimeError(f"the audit exits with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[NODES, PODS])
    parser.add_argument("--beside", type=Path, metavar="TREE")
    options = parser.parse_args()
    if len(options.sizes) != 2:
        parser.error("give the numbers of nodes and of pods, or neither")
    sys.exit(main(*options.sizes, options.beside and options.beside.resolve()))
