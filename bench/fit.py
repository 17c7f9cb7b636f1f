"""How long `planespec fit` takes on a whole cluster: `bench/fit.py [NODES PODS]`.

Writes the snapshot that `bench/audit.py` writes (5,000 nodes, 150,000 pods), asks about one pod
in a process of its own, and checks that all nodes take it but those whose room is used up.
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

ROOT = Path(__file__).resolve().parents[1]
LONGEST_SECONDS = 5.0
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "new"},
    "spec": {
        "containers": [
            {
                "name": "c",
                "image": "registry.example/new:v1",
                "resources": {"requests": {"cpu": "1"}},
            }
        ]
    },
}


def main(nodes: int, pods: int) -> int:
    """Print what the question took; 1 where it exceeds the promise or the answer is another."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot, asked = Path(folder) / "snapshot.json", Path(folder) / "pod.json"
        cluster.write_snapshot(snapshot, nodes, pods)
        asked.write_text(json.dumps(POD))
        size = snapshot.stat().st_size / 2**20
        print(f"{nodes:,} nodes, {pods:,} pods, {size:,.0f} MiB of JSON")
        seconds, busy, peak, answer = _ask(asked, snapshot)
    print(f"{seconds:.1f} s, {busy:.1f} s of processor time, {peak / 2**20:,.0f} MiB at most")
    print(f"{answer['verdict']} on {len(answer['nodes']):,} nodes")
    is_right = len(answer["nodes"]) == nodes - cluster.FULL_NODES and not answer["unconsidered"]
    return 0 if is_right and seconds < LONGEST_SECONDS else 1


def _ask(pod: Path, snapshot: Path) -> tuple[float, float, int, dict[str, list[object]]]:
    """Return wall and processor seconds, peak bytes, and the answer."""
    command = [sys.executable, "-m", "planespec.reports.cli", "fit", "--json", str(pod)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".pypath")}
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        command += ["--cluster", str(snapshot)]
        process = subprocess.Popen(command, stdout=output, env=environment, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != ExitCode.HOLDS:
        raise RuntimeError(f"fit exits with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, json.loads(text)


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]] or [5_000, 150_000]
    sys.exit(main(*sizes))
