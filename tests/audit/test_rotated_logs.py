"""Several files of a log are one log, whatever order they are given in."""

import gzip
import json
import tarfile
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.log_files import audit_logs
from planespec.reports.audit.reading.archives import name_log
from planespec.reports.audit.sources import audit_files
from planespec.reports.cli.main import run


def event(
    second: int, verb: str = "create", sub: str = "binding", **fields: Any
) -> dict[str, Any]:
    target = {"resource": "pods", "namespace": "d", "name": "p", "subresource": sub}
    if uid := fields.pop("uid", "u"):
        target["uid"] = uid
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "auditID": f"id-{second}-{fields.pop('server', '')}",
        "stage": "ResponseComplete",
        "verb": verb,
        "objectRef": target,
        "responseStatus": {"code": 201},
        "requestReceivedTimestamp": f"2026-01-01T00:00:{second:02}.000000Z",
        "requestObject": fields,
    }


def bind(second: int, node: str, **fields: Any) -> dict[str, Any]:
    return event(second, target={"kind": "Node", "name": node}, **fields)


def write(folder: Path, **logs: list[dict[str, Any]]) -> list[str]:
    """Write logs, `__` in whose names stands for a point, and `_` for a slash."""
    names = []
    for name, events in logs.items():
        path = folder / name.replace("__", ".").replace("_", "/")
        path.parent.mkdir(exist_ok=True)
        data = "\n".join(map(json.dumps, events)).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        names.append(str(path))
    return names


def ids(report: Report) -> list[str]:
    assert report.malformed == []
    return [each.requirement.id for each in report.violations]


PARTS = {
    "numbers": ("a__log__2", "a__log__1", "a__log"),
    "packed": ("audit__log__2__gz", "audit__log__1", "audit__log"),
    "dates": ("a__log-20260101", "a__log-20260102", "a__log"),
    "times": ("a-2026-01-02T03-04-05.678__log", "a-2026-01-02T03-04-06.678__log", "a__log"),
}


@pytest.mark.parametrize("names", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("uid", ["u", ""])
def test_a_double_binding_is_found_across_rotated_files(
    names: tuple[str, ...], uid: str, tmp_path: Path
) -> None:
    parts = [[bind(1, "n1", uid=uid)], [event(2, "get", "")], [bind(3, "n2", uid=uid)]]
    files = write(tmp_path, **dict(zip(names, parts, strict=True)))
    for order in permutations(files):
        for report in (audit_logs(order), audit_files(order)):
            assert ids(report) == ["SCHED-1"]
            assert report.violations[0].numbers == {"before": "n1", "after": "n2"}
            assert report.violations[0].objects[0].place == (files[2], 1)
            assert report.unjudged == []
    assert run(["audit", "--log", str(tmp_path)]) == ExitCode.SAFETY
    assert run(["audit", str(tmp_path)]) == ExitCode.SAFETY


def test_the_steps_of_a_log_are_judged_across_its_files(tmp_path: Path) -> None:
    ended, runs = ({"status": {"phase": phase}} for phase in ("Failed", "Running"))
    parts = [event(1, "patch", "status", **ended), event(2, "patch", "status", **runs)]
    files = write(tmp_path, log__1=parts[:1], log=parts[1:])
    assert ids(audit_logs(files[::-1])) == ["API-6"]
    versions = [{"metadata": {"resourceVersion": version}} for version in ("9", "7")]
    parts = [event(n, "update", "", **each) for n, each in enumerate(versions)]
    files = write(tmp_path, log__1=parts[:1], log=parts[1:])
    assert ids(audit_logs(files[::-1])) == ["API-1"]


def test_parts_that_tell_the_newest_first_are_put_right(tmp_path: Path) -> None:
    versions = enumerate(("1", "2", "3", "4"))
    events = [event(n, "update", "", metadata={"resourceVersion": v}) for n, v in versions]
    files = write(tmp_path, log__1=events[1::-1], log=events[:1:-1])
    assert ids(audit_logs(files)) == []
    files = write(tmp_path, log__1=events[1::-1], log=events[2:])
    assert ids(audit_logs(files)) == []


def test_a_part_may_tell_its_events_the_other_way_round(tmp_path: Path) -> None:
    first = [event(0, "get", ""), bind(1, "n1", uid="")]
    second = [bind(4, "n2", uid=""), event(3, "delete", "", uid=""), event(2, "get", "")]
    assert ids(audit_logs(write(tmp_path, log__1=first, log=second))) == []
    del second[1]
    assert ids(audit_logs(write(tmp_path, log__1=first, log=second))) == ["SCHED-1"]


def test_two_requests_of_one_moment_are_two(tmp_path: Path) -> None:
    twice = [bind(1, "n1", server="a"), bind(1, "n1", server="b")]
    assert ids(audit_logs(write(tmp_path, log=twice))) == ["SCHED-1"]


def test_a_pod_bound_by_two_servers_is_found_in_their_logs(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        a_audit__log=[event(1, "get", ""), bind(5, "n2")],
        b_audit__log=[bind(3, "n1"), event(9, "get", "")],
    )
    for order in (files, files[::-1]):
        report = audit_logs(order)
        assert ids(report) == ["SCHED-1"]
        assert report.violations[0].numbers == {"before": "n1", "after": "n2"}
        assert "each is followed by itself" in report.unjudged[0]


def test_logs_of_two_clusters_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    of_name = [bind(n, f"n{n}", uid="") for n in (1, 2)]
    versions = [
        event(n, "update", "", metadata={"resourceVersion": v}) for n, v in ((3, "9"), (4, "7"))
    ]
    logs = zip(of_name, versions, strict=True)
    files = write(
        tmp_path, **dict(zip(("prod-1__log", "prod-2__log"), map(list, logs), strict=True))
    )
    assert ids(audit_logs(files)) == []


def test_an_event_that_two_logs_have_is_one(tmp_path: Path) -> None:
    files = write(tmp_path, a_audit__log=[bind(1, "n1")], b_audit__log=[bind(1, "n1")])
    assert ids(audit_logs(files)) == []
    files = write(tmp_path, log__1=[bind(1, "n1")], log=[bind(1, "n1"), event(2, "get", "")])
    assert ids(audit_logs(files)) == []


def test_the_parts_in_an_archive_are_one_log(tmp_path: Path) -> None:
    files = write(tmp_path, log=[bind(3, "n2")])
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(files[0], "k/audit.log")
        (first,) = write(tmp_path, first=[bind(1, "n1")])
        archive.add(first, "k/audit.log.1")
    report = audit_logs([str(tmp_path / "all.tar")])
    assert ids(report) == ["SCHED-1"]
    assert report.violations[0].numbers == {"before": "n1", "after": "n2"}


@pytest.mark.parametrize("name", ["10_bare_pods_00.jsonl", "prod-1.log", "a-1.2.3.log", "1.json"])
def test_a_number_that_rotating_does_not_put_there_is_part_of_the_name(name: str) -> None:
    assert name_log(f"/l/{name}.gz") == f"/l/{name}"
