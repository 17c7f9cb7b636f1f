"""The command: exit codes, forms of output, sources of input."""

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import make_node, make_pod

from planespec.reports.cli.main import run
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Level

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
OF_SNAPSHOTS = sum(Level.SNAPSHOT in each.levels for each in list_audited())
LOST = [make_node(), make_pod("lost", "n9")]


def write(path: Path, *objects: object) -> str:
    path.write_text(json.dumps({"kind": "List", "items": list(objects)}, indent=1))
    return str(path)


def test_it_exits_with_0_without_a_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", write(tmp_path / "a.json", make_node(), make_pod("a"))]) == 0
    assert capsys.readouterr().out == (
        "read 1 Node, 1 Pod (a cluster)\n"
        f"judged: 1 node, 1 pod by {OF_SNAPSHOTS} requirements\nno violation\n"
    )


def test_it_says_what_is_wrong_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.json", *LOST)
    assert run(["audit", file]) == 12
    assert capsys.readouterr().out == (
        f"SCHED-11 error: {file}:36: Pod default/lost spec.nodeName\n"
        "    bound to node n9, which does not exist\n"
        "    A pod is bound to a node that exists. "
        "[pkg/controller/podgc/gc_controller.go, gcOrphaned]\n"
        "read 1 Node, 1 Pod (a cluster)\n"
        f"judged: 1 node, 1 pod by {OF_SNAPSHOTS} requirements\n"
        "1 violation (1 error, 0 warnings): SCHED-11 1\n"
    )


def test_what_cannot_be_read_is_150_and_a_violation_beside_it_12(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert run(["audit", str(broken)]) == 150
    full = [make_node(cpu="1"), make_pod("a"), make_pod("b")]
    assert run(["audit", str(broken), write(tmp_path / "a.json", *full)]) == 12
    assert run(["audit", str(tmp_path / "absent.json")]) == 150


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.json", "--log", "b.jsonl"],
        ["--kubeconfig", "absent"],
        ["--context", "absent", "a.json"],
        ["--show", "-1", "a.json"],
        ["--colour"],
    ],
)
def test_a_wrong_option_is_151(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", *arguments]) == 151
    assert "Traceback" not in capsys.readouterr().err


def test_folders_yaml_and_standard_input_are_one_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "node.json", LOST[0])
    (tmp_path / "pod.yml").write_text("--- # a pod\n" + json.dumps(make_pod("b")) + "\n---\n")
    (tmp_path / "notes.txt").write_text("{ not read")
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(json.dumps(LOST[1]).encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(["audit", "--json", str(tmp_path), "-"]) == 12
    document = json.loads(capsys.readouterr().out)
    assert document["read"] == {"Node": 1, "Pod": 2}
    assert document["malformed"] == []
    (violation,) = document["violations"]
    assert violation["requirement"] == "SCHED-11"
    assert violation["objects"][0] == {
        "group": "",
        "kind": "Pod",
        "namespace": "default",
        "name": "lost",
        "file": "-",
        "line": 1,
    }


def test_sarif_names_rules_results_and_places(tmp_path: Path) -> None:
    target = tmp_path / "out.sarif"
    file = write(tmp_path / "a b.json", *LOST, {"kind": "Pod"})
    assert run(["audit", "--sarif", str(target), file]) == 12
    document = json.loads(target.read_text())
    (sarif,) = document["runs"]
    rules = sarif["tool"]["driver"]["rules"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in rules] == [*(each.id for each in list_audited()), "INPUT-1"]
    found, unread = sarif["results"]
    assert rules[found["ruleIndex"]]["id"] == found["ruleId"] == "SCHED-11"
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("a%20b.json")
    assert place["region"] == {"startLine": 36}
    assert unread["ruleId"] == "INPUT-1"


def test_a_broken_line_of_a_log_does_not_end_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def event(type_: str, revision: str, node: str) -> bytes:
        pod = make_pod("a", node, uid="u")
        pod["metadata"]["resourceVersion"] = revision
        return json.dumps({"type": type_, "object": pod}).encode()

    lines = [
        event("ADDED", "5", "n1"),
        b"{ nonsense",
        b"\xff",
        b"5",
        b'{"type": "ADDED", "object": {"kind": "Pod", "metadata": {"name": "b", "uid": 5}}}',
        event("MODIFIED", "6", "n2"),
        event("MODIFIED", "4", "n2"),
    ]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    assert run(["audit", "--json", "--log", str(log)]) == 12
    document = json.loads(capsys.readouterr().out)
    assert [each["line"] for each in document["malformed"]] == [2, 3, 4, 5]
    assert [each["requirement"] for each in document["violations"]] == ["SCHED-1", "API-1"]
    assert [each["objects"][0]["line"] for each in document["violations"]] == [6, 7]


def test_a_folder_of_logs_and_a_log_without_the_option_are_followed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = str(RECORDED / "cluster" / "12_quota_and_concurrency_00.jsonl.gz")
    assert run(["audit", log]) == 0
    assert "watch event" in capsys.readouterr().out
    assert run(["audit", "--log", str(RECORDED / "openim-cluster")]) == 0
    assert capsys.readouterr().out.startswith("fact: ")


def test_a_real_deployment_shows_its_defects(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--json", str(RECORDED / "openim-cluster" / "objects.json.gz")]) == 12
    violations = json.loads(capsys.readouterr().out)["violations"]
    found = {(each["requirement"], each["objects"][0]["name"]) for each in violations}
    assert {
        ("OBJ-11", "mongo-statefulset"),
        ("OBJ-11", "redis-statefulset"),
        ("OBJ-16", "minio"),
        ("OBJ-17", "auth-rpc-server-5854987fc4-bjsp5"),
        ("SCHED-13", "kafka-pvc"),
        ("STAT-1", "redis-statefulset-0"),
    } <= found
    assert not any(id_ in ("SCHED-1", "SCHED-3", "SCHED-11") for id_, _ in found)


EVENTS = b"".join(
    json.dumps(
        {
            "apiVersion": "audit.k8s.io/v1", "kind": "Event", "level": "RequestResponse",
            "auditID": str(n), "stage": "ResponseComplete", "verb": "create",
            "objectRef": {"resource": "pods", "namespace": "d", "name": "p",
                          "subresource": "binding"},
            "responseStatus": {"code": 201},
            "requestObject": {"kind": "Binding", "apiVersion": "v1", "metadata": {"name": "p"},
                              "target": {"kind": "Node", "name": node}},
        }
    ).encode() + b"\n"
    for n, node in enumerate(("n1", "n2"))
)  # fmt: skip


def through_a_pipe(folder: Path, data: bytes, name: str, *log: str) -> tuple[int, str]:
    """Run the command with a pipe for its input, as `|` (NAME `-`) and `<(...)` make them."""
    command = [sys.executable, "-m", "planespec.reports.cli", "audit", *log]
    if name != "PIPE":
        done = subprocess.run([*command, name], input=data, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    # A command that never opens the pipe must fail the test, not keep it waiting for a reader.
    writer = threading.Thread(target=pipe.write_bytes, args=(data,), daemon=True)
    writer.start()
    done = subprocess.run([*command, str(pipe)], capture_output=True, check=False)
    writer.join(timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", ["-", "/dev/stdin", "PIPE"])
@pytest.mark.parametrize("log", [["--log"], []])
@pytest.mark.parametrize("packed", [True, False])
def test_a_log_is_read_through_any_pipe(
    name: str, log: list[str], packed: bool, tmp_path: Path
) -> None:
    data = gzip.compress(EVENTS) if packed else EVENTS
    code, out = through_a_pipe(tmp_path, data, name, *log)
    assert "read 2 audit event" in out
    assert "SCHED-1" in out
    assert code == 12


def test_a_snapshot_through_a_pipe_is_no_log(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", *LOST)
    _, out = through_a_pipe(tmp_path, Path(file).read_bytes(), "PIPE")
    assert "1 violation (1 error, 0 warnings): SCHED-11 1" in out


def test_sarif_has_no_absolute_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.json", *LOST)
    (tmp_path / "inside").mkdir()
    for folder, uri in ((tmp_path, "a.json"), (tmp_path / "inside", "../a.json")):
        monkeypatch.chdir(folder)
        assert run(["audit", "--sarif", "out.sarif", file]) == 12
        (result,) = json.loads(Path("out.sarif").read_text())["runs"][0]["results"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}
