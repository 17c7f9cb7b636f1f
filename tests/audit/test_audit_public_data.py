"""Audits of public data: what is really wrong there is found."""

from pathlib import Path

import pytest

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files

PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "public"


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
        ("OBJ-10", "openim-ingress"),
        ("OBJ-6", "redis-statefulset"),
        ("OBJ-11", "mongo-statefulset"),
        ("OBJ-11", "redis-statefulset"),
        ("OBJ-16", "kafka-statefulset"),
        ("OBJ-16", "minio"),
        ("OBJ-16", "mongo-statefulset"),
        ("OBJ-16", "redis-statefulset"),
        ("OBJ-15", "kafka-pvc"),
        ("OBJ-17", "auth-rpc-server"),
    } <= found(report)
    assert "openim-msggateway-service does not exist" in messages
    assert "redis-secret does not exist" in messages


def test_a_small_healthy_cluster_has_no_violation() -> None:
    report = audit("kivi-c3")
    assert report.counts["Pod"] >= 21
    assert report.violations == []
    # A manifest there has two objects in one document, and two files are tables.
    assert len(report.malformed) == 3


def test_failing_pods_are_found_with_their_reasons() -> None:
    report = audit("troubleshoot")
    assert {
        ("STAT-1", "oom-kill-job3-gbb89"),
        ("STAT-1", "no-image-deployment-849c4c4958-rxqmt"),
        ("STAT-1", "init-demo"),
        ("STAT-2", "kotsadm-b6cb54c8f-zgzrn"),
        ("SCHED-12", "pending-pod-resources-5fddcf7688-djjfc"),
        ("STAT-5", "post-install-job"),
    } <= found(report)
    assert report.malformed == []


def test_every_pod_of_the_alibaba_trace_fits_some_empty_node() -> None:
    report = audit("alibaba-gpu-v2023")
    assert report.counts == {"Node": 1_523, "Pod": 8_152}
    assert (report.violations, report.malformed) == ([], [])
