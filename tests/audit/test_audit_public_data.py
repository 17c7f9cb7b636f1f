"""Audits of public data: what is really wrong there is found."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = ROOT.parent / "shared" / "public"


def audit(name: str) -> Report:
    folder = PUBLIC / name
    if not folder.is_dir():
        pytest.skip(f"the public data ../shared/public/{name} is not here")
    return audit_files([str(folder)])


def found(report: Report) -> set[tuple[str, str]]:
    return {(each.requirement.id, each.objects[0].name) for each in report.violations}


def test_the_defects_of_the_openim_manifests_are_found() -> None:
    report = audit("openim")
    messages = "\n".join(each.message for each in report.violations)
    assert report.malformed == []
    assert {
        ("OBJ-4", "messagegateway-rpc-service"),
        ("OBJ-9", "openim-ingress"),
        ("OBJ-6", "redis-statefulset"),
        ("OBJ-11", "mongo-statefulset"),
        ("OBJ-11", "redis-statefulset"),
        ("OBJ-16", "kafka-statefulset"),
        ("OBJ-16", "minio"),
        ("OBJ-16", "mongo-statefulset"),
        ("OBJ-16", "redis-statefulset"),
        ("OBJ-17", "auth-rpc-server"),
    } <= found(report)
    assert "openim-msggateway-service does not exist" in messages
    assert "redis-secret does not exist" in messages
    assert report.mode == "manifests"
    doubts = "\n".join(report.unjudged)
    assert "StorageClass for a claim: PersistentVolumeClaim default/kafka-pvc" in doubts
    assert "IngressClass of an Ingress exists: Ingress default/openim-ingress" in doubts


def test_a_small_healthy_cluster_has_no_violation() -> None:
    report = audit("kivi-c3")
    assert report.counts["Pod"] >= 21
    # One of its manifests sets the replicas of a workload that an autoscaler scales.
    # Another has two objects in one document, of which kubectl sees the last values alone. The
    # last is of a version that is gone, and is not held to the rules of today.
    mixed = {(id_, "mydeployment") for id_ in ("OBJ-3", "OBJ-26")}
    assert found(report) == {("OPS-6", "php-apache"), *mixed}
    assert len(report.malformed) == 2  # tables


def test_failing_pods_are_found_with_their_reasons() -> None:
    report = audit("troubleshoot")
    assert {
        ("STAT-1", "oom-kill-job3-gbb89"),
        ("STAT-1", "no-image-deployment-849c4c4958-rxqmt"),
        ("STAT-1", "init-demo"),
        ("STAT-2", "kotsadm-b6cb54c8f-zgzrn"),
        ("STAT-2", "pending-pod-resources-5fddcf7688-djjfc"),
        ("STAT-5", "post-install-job"),
    } <= found(report)
    assert report.malformed == []
    # The folder holds pods of three clusters and the nodes of one.
    assert not {"SCHED-11", "SCHED-12"} & {id_ for id_, _ in found(report)}
    assert any("other nodes than these" in each for each in report.unjudged)


def lists(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What the reader of Alibaba's lists prints."""
    command = [sys.executable, str(ROOT / "bench/alibaba.py"), *arguments]
    path = {"PYTHONPATH": str(ROOT / ".pypath")}
    return subprocess.run(command, env=os.environ | path, capture_output=True, check=False)


def test_every_pod_of_the_alibaba_trace_fits_some_empty_node() -> None:
    folder = PUBLIC / "alibaba-gpu-v2023"
    if not folder.is_dir():
        pytest.skip("the public data ../shared/public/alibaba-gpu-v2023 is not here")
    told = lists(str(folder))
    assert (told.returncode, told.stderr) == (0, b"")
    report = audit_files(["-"], io.BufferedReader(io.BytesIO(told.stdout)))
    assert report.counts == {"Node": 1_523, "Pod": 8_152}
    assert (report.violations, report.malformed) == ([], [])


def test_a_line_that_is_not_of_the_trace_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    nodes = tmp_path / "openb_node_list_all_node.csv"
    nodes.write_text("sn,cpu_milli,memory_mib,gpu,model\nn0,32000,1024,2,G2\nn1,much,1024,0,\n")
    (tmp_path / "openb_node_list_part.csv").write_text(
        "sn,cpu_milli,memory_mib,gpu,model\nn0,1,1,0,\n"
    )
    told = lists(str(tmp_path))
    assert told.returncode == ExitCode.PARSE
    assert f"{nodes}:3: is not a line of the trace: cpu_milli is 'much'" in told.stderr.decode()
    (node,) = (json.loads(line) for line in told.stdout.splitlines())
    assert node["metadata"] == {"name": "n0", "labels": {"alibabacloud.com/gpu-card-model": "G2"}}
    assert node["status"]["allocatable"]["alibabacloud.com/gpu-milli"] == "2000"


def test_a_file_that_is_no_list_of_the_trace_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    told = lists(str(other))
    assert told.returncode == 1
    assert b"is no list of the trace" in told.stderr
    assert b"Traceback" not in told.stderr
