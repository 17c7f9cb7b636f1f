"""A double binding is found in whatever a shipper or a cloud made of the audit log."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report, render_text
from planespec.reports.audit.log_files import audit_logs, is_log
from planespec.reports.cli.main import run
from planespec.spec.cluster.cluster_requirements import place_of

PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "public"


def binding(number: int, node: str, code: int = 201) -> dict[str, Any]:
    target = {"resource": "pods", "namespace": "d", "name": "p", "uid": "u"}
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse",
        "auditID": f"id-{number}",
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/d/pods/p/binding",
        "verb": "create",
        "objectRef": target | {"apiVersion": "v1", "subresource": "binding"},
        "responseStatus": {"metadata": {}, "code": code},
        "requestReceivedTimestamp": f"2026-01-01T00:00:{number:02}.000000Z",
        "requestObject": {"kind": "Binding", "target": {"kind": "Node", "name": node}},
    }


FIRST, SECOND = binding(1, "n1"), binding(2, "n2")
TEXTS = [json.dumps(each) for each in (FIRST, SECOND)]
CRI = "2026-01-01T00:00:00.1+02:00 stdout"


def pieces(text: str) -> list[str]:
    return [text[:100], text[100:300], text[300:]]


def docker(text: str) -> str:
    """What docker writes of a line longer than 16 KiB."""
    *begun, last = pieces(text)
    parts = [*begun, last + "\n"]
    return "".join(json.dumps({"log": part, "stream": "stdout"}) + "\n" for part in parts)


def runtime(text: str) -> str:
    """What a container runtime writes of a line longer than 16 KiB."""
    *begun, last = pieces(text)
    return "".join(f"{CRI} P {part}\n" for part in begun) + f"{CRI} F {last}\n"


def azure(text: str) -> dict[str, Any]:
    pod = {"log": text, "stream": "stdout", "pod": "kube-apiserver-1"}
    return {"time": "2026-01-01T00:00:00Z", "category": "kube-audit", "properties": pod}


def google(event: dict[str, Any]) -> dict[str, Any]:
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "methodName": "io.k8s.core.v1.pods.binding.create",
        "resourceName": "core/v1/namespaces/d/pods/p/binding",
        "serviceName": "k8s.io",
        "status": {"code": 10} if event["responseStatus"]["code"] == 409 else {},
        "request": {"@type": "core.k8s.io/v1.Binding", **event["requestObject"]},
    }
    time = event["requestReceivedTimestamp"]
    return {"protoPayload": payload, "insertId": event["auditID"], "timestamp": time}


def column(event: dict[str, Any]) -> dict[str, Any]:
    """A row of the table AKSAudit."""
    return {
        "AuditId": event["auditID"],
        "Level": event["level"],
        "Stage": event["stage"],
        "Verb": event["verb"],
        "RequestUri": event["requestURI"],
        "ObjectRef": json.dumps(event["objectRef"]),
        "ResponseStatus": json.dumps(event["responseStatus"]),
        "RequestObject": json.dumps(event["requestObject"]),
        "RequestReceivedTime": event["requestReceivedTimestamp"],
    }


DATA = {"messageType": "DATA_MESSAGE", "logGroup": "/aws/eks/c/cluster"}
CONTROL = DATA | {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL"}]}


def shapes(*both: dict[str, Any]) -> dict[str, str]:
    """Two events in every shape."""
    texts = [json.dumps(each) for each in both]
    listed = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": both}
    cloudwatch = [{"timestamp": 1, "message": text, "eventId": "x"} for text in texts]
    firehose = [DATA | {"logEvents": [each]} for each in cloudwatch]

    def lines(make: Callable[[str], Any]) -> str:
        return "".join(json.dumps(make(text)) + "\n" for text in texts)

    return {
        "lines": "\n".join(texts),
        "the list of the audit webhook": json.dumps(listed),
        "that list, printed over many lines": json.dumps(listed, indent=1),
        "a list without its kind": json.dumps({"items": both}),
        "lists, one a line": "\n".join(json.dumps(listed | {"items": [each]}) for each in both),
        "printed over many lines": "\n".join(json.dumps(each, indent=2) for each in both),
        "an array": json.dumps(list(both)),
        "an array over many lines": json.dumps(list(both), indent=2),
        "an array with an event a line": "[\n" + ",\n".join(texts) + "\n]\n",
        "without a line between them": "".join(texts),
        "lines that Windows ended": "\r\n".join(texts),
        "a byte order mark": "\ufeff" + "\n".join(texts),
        "an event that lost its version": "\n".join(
            json.dumps({k: v for k, v in each.items() if k != "apiVersion"}) for each in both
        ),
        "the version before": "\n".join(
            text.replace("k8s.io/v1", "k8s.io/v1beta1") for text in texts
        ),
        "CloudWatch, filtered": json.dumps(
            {"events": cloudwatch, "searchedLogStreams": []}, indent=1
        ),
        "CloudWatch, exported": "".join(f"2026-01-01T00:00:00.000Z {text}\n" for text in texts),
        "CloudWatch, by Firehose": "".join(json.dumps(each) for each in (CONTROL, *firehose)),
        "CloudWatch Insights": json.dumps(
            {"results": [[{"field": "@message", "value": text}] for text in texts]}
        ),
        "CloudWatch, as text": "".join(
            f"EVENTS\t31\t17000\tkube-apiserver-audit-1\t{text}\t17001\n" for text in texts
        ),
        "Azure, storage": lines(azure),
        "Azure, event hub": json.dumps({"records": [azure(text) for text in texts]}),
        "Azure, properties as text": lines(lambda text: {"properties": json.dumps({"log": text})}),
        "Azure, table": json.dumps([column(each) for each in both]),
        "Google, read": json.dumps([google(each) for each in both], indent=2),
        "Google, in YAML": yaml.safe_dump_all([google(each) for each in both]),
        "Google, exported": "\n".join(json.dumps(google(each)) for each in both),
        "docker": lines(lambda text: {"log": text + "\n", "stream": "stdout", "time": "t"}),
        "docker, cut up": "".join(map(docker, texts)),
        "a container runtime": "".join(f"{CRI} F {text}\n" for text in texts),
        "a container runtime, cut up": "".join(map(runtime, texts)),
        "fluent-bit": lines(
            lambda text: {"date": 1.5, "log": text, "kubernetes": {"pod_name": "a"}}
        ),
        "fluent-bit, a runtime's line": lines(lambda text: {"log": f"{CRI} F {text}"}),
        "fluent-bit, merged": lines(lambda text: {"date": 1.5, **json.loads(text)}),
        "fluentd": "".join(f"2026-01-01T00:00:00Z\tkube.audit\t{text}\n" for text in texts),
        "Elastic": lines(lambda text: {"_source": {"kubernetes": {"audit": json.loads(text)}}}),
        "Loki": json.dumps({"data": {"result": [{"values": [["1", text] for text in texts]}]}}),
        "Splunk": lines(lambda text: {"result": {"_raw": text}}),
        "journald": lines(lambda text: {"MESSAGE": text, "PRIORITY": "6"}),
        "syslog": "".join(f"Jan  1 00:00:00 host kube-apiserver[1]: {text}\n" for text in texts),
        "oc adm node-logs": "".join(f"ip-10-0-0-1 {text}\n" for text in texts),
        "kubectl logs --prefix": "".join(f"[pod/kube-apiserver/kas] {text}\n" for text in texts),
        "other lines of the server between": (
            f"I0101 00:00:00.000000       1 server.go:1] up\n{texts[0]}\n"
            f"W0101 00:00:00.000000       1 x.go:2] late\n{texts[1]}\n"
        ),
    }


SHAPES = shapes(FIRST, SECOND)
REFUSED = shapes(FIRST, binding(2, "n2", 409))


def follow(folder: Path, text: str | bytes, name: str = "log.json") -> Report:
    """Follow a file that is a log by what is in it."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    assert is_log(str(path))
    return audit_logs([str(path)])


def ids(report: Report) -> list[str]:
    return [each.requirement.id for each in report.violations]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_events_of_a_shape_are_found_without_the_option(shape: str, tmp_path: Path) -> None:
    report = follow(tmp_path, SHAPES[shape])
    assert (report.malformed, report.counts["audit event"]) == ([], 2)
    assert ids(report) == ["SCHED-1"]
    assert report.violations[0].numbers == {"before": "n1", "after": "n2"}
    assert run(["audit", str(tmp_path / "log.json")]) == ExitCode.SAFETY


@pytest.mark.parametrize("shape", SHAPES)
def test_a_second_binding_that_is_refused_is_a_fact_in_any_shape(
    shape: str, tmp_path: Path
) -> None:
    report = follow(tmp_path, REFUSED[shape])
    assert (ids(report), report.malformed, report.counts["audit event"]) == ([], [], 2)
    assert list(report.exceptions) == ["a second binding of a pod is refused (409)"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_log_may_be_packed_once_and_again(times: int, tmp_path: Path) -> None:
    data = SHAPES["CloudWatch, by Firehose"].encode()
    for _ in range(times):
        half = len(data) // 2
        data = gzip.compress(data[:half]) + gzip.compress(data[half:])
    assert ids(follow(tmp_path, data, "000000.gz")) == ["SCHED-1"]


def test_an_event_over_many_lines_is_named_by_its_own_line(tmp_path: Path) -> None:
    report = follow(tmp_path, SHAPES["an array over many lines"])
    place = place_of(report.violations[0])
    assert place is not None
    assert place.line == 2 + json.dumps(FIRST, indent=2).count("\n") + 1


def test_the_newest_may_come_first(tmp_path: Path) -> None:
    late, early = (
        {**binding(n, "n"), "verb": verb, "requestObject": {"metadata": {"resourceVersion": rv}}}
        for n, verb, rv in ((9, "update", "7"), (3, "update", "9"))
    )
    for each in (late, early):
        each["objectRef"] = {"resource": "configmaps", "namespace": "d", "name": "c"}
    middle = binding(5, "n1")
    report = follow(tmp_path, json.dumps([google(middle), late, early]))
    assert ids(report) == []
    report = follow(tmp_path, json.dumps([late, middle, early]))
    assert ids(report) == ["API-1"]


def test_an_event_that_was_sent_twice_is_one(tmp_path: Path) -> None:
    assert ids(follow(tmp_path, "\n".join([TEXTS[0], TEXTS[0]]))) == []


def test_what_is_left_out_of_an_event_is_said_and_the_rest_taken(tmp_path: Path) -> None:
    cut = {**SECOND, "requestObject": "skipped-too-big-size-object"}
    report = follow(tmp_path, "\n".join([TEXTS[0], json.dumps(cut)]))
    assert (ids(report), report.malformed) == (["SCHED-1"], [])
    assert "skipped-too-big-size-object" in report.unjudged[0]


def test_a_json_patch_is_no_object_and_no_fault(tmp_path: Path) -> None:
    patch = {**SECOND, "verb": "patch", "requestObject": [{"op": "add", "path": "/a"}]}
    report = follow(tmp_path, "\n".join([TEXTS[0], json.dumps(patch)]))
    assert (ids(report), report.malformed) == (["SCHED-1"], [])
    assert "a JSON patch" in report.unjudged[0]


@pytest.mark.parametrize("code", ["utf-16", "utf-16-be"])
def test_what_powershell_wrote_is_read(code: str, tmp_path: Path) -> None:
    text = "\ufeff" * (code == "utf-16-be") + "\r\n".join(TEXTS)
    assert ids(follow(tmp_path, text.encode(code))) == ["SCHED-1"]


def test_a_part_that_is_cut_off_costs_one_event_and_is_told(tmp_path: Path) -> None:
    for cut in (
        TEXTS[0][:50],
        TEXTS[0][:-1],
        '{"kind": "Event",',
        json.dumps(FIRST, indent=1)[:99],
    ):
        report = follow(tmp_path, f"{TEXTS[0]}\n{cut}\n{TEXTS[1]}\n")
        assert ids(report) == ["SCHED-1"], cut
        assert [each.place.line for each in report.malformed] == [2]
        assert run(["audit", str(tmp_path / "log.json")]) == ExitCode.SAFETY
    report = follow(tmp_path, f"{TEXTS[0]}\n" + json.dumps({"message": TEXTS[1][:-9]}))
    assert "holds an event that cannot be read" in report.malformed[0].message
    assert report.exit_code is ExitCode.PARSE


def read_only(verb: str = "get", level: str = "Metadata") -> dict[str, Any]:
    return {**FIRST, "verb": verb, "level": level, "objectRef": {"resource": "nodes", "name": "n"}}


def test_a_log_of_which_nothing_could_be_judged_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = follow(tmp_path, json.dumps(read_only()))
    assert report.exit_code is ExitCode.UNKNOWN
    told = render_text(report, 1)
    assert "no violation" not in told
    assert "read 1 audit event; levels: 1 Metadata; from 2026-01-01T00:00:01" in told
    assert told.endswith("unknown: nothing could be judged")
    assert run(["audit", "--json", str(tmp_path / "log.json")]) == ExitCode.UNKNOWN
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "unknown"
    assert document["levels"] == {"Metadata": 1}
    earlier = {**FIRST, "stage": "RequestReceived"}
    assert follow(tmp_path, json.dumps(earlier)).exit_code is ExitCode.UNKNOWN
    refused = [binding(1, "n1", 409)]
    assert follow(tmp_path, json.dumps(refused)).exit_code is ExitCode.HOLDS


def test_text_without_an_event_is_counted_and_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "other.log"
    path.write_text(json.dumps({"log": "I0101 started\n", "stream": "stderr"}) + "\n")
    report = audit_logs([str(path)])
    assert report.counts == {"other record": 1}
    assert report.exit_code is ExitCode.UNKNOWN


def test_resources_of_another_group_are_not_those_of_kubernetes(tmp_path: Path) -> None:
    write = {**FIRST, "verb": "patch", "requestObject": {"status": {"phase": "Running"}}}
    target = {"resource": "pods", "name": "p", "namespace": "d", "uid": "u"}
    ended = {**write, "requestObject": {"status": {"phase": "Failed"}}, "auditID": "before"}
    ended["requestReceivedTimestamp"] = "2026-01-01T00:00:00.500000Z"
    for group, wanted in (("", ["API-6"]), ("metrics.k8s.io", [])):
        of_status = target | {"apiGroup": group, "subresource": "status"}
        events = [each | {"objectRef": of_status} for each in (ended, write)]
        report = follow(tmp_path, "\n".join(map(json.dumps, events)))
        assert (ids(report), report.malformed) == (wanted, [])


def test_logs_and_objects_may_be_given_together(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_text("\n".join(TEXTS))
    pod = {"kind": "Pod", "metadata": {"name": "q"}, "spec": {"nodeName": "gone"}}
    node = {"kind": "Node", "metadata": {"name": "n1"}}
    (tmp_path / "objects.json").write_text(json.dumps({"kind": "List", "items": [pod, node]}))
    files = [str(tmp_path / name) for name in ("audit.log", "objects.json")]
    target = tmp_path / "out.sarif"
    assert run(["audit", *files, "--sarif", str(target)]) == ExitCode.SAFETY
    results = json.loads(target.read_text())["runs"][0]["results"]
    assert {each["ruleId"] for each in results} >= {"SCHED-1", "SCHED-11"}


def test_no_public_event_is_a_false_alarm() -> None:
    folder = PUBLIC / "falco-k8s-audit"
    if not folder.is_dir():
        pytest.skip("the public data ../shared/public/falco-k8s-audit is not here")
    report = audit_logs([str(folder)])
    assert (report.violations, report.malformed) == ([], [])
    # One of the files has no event in it.
    assert report.counts["audit event"] == 51
    [passed_over] = [each for each in report.unjudged if "begin with events" in each]
    assert passed_over.endswith("fal_01_003.json")
