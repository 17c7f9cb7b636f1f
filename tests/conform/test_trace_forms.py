"""The forms of a controller's trace: our own lines, an audit log with a watch, logs by tables."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine
from planespec.reports.judge.controller_traces.trace_reading import read_trace

USER = "system:serviceaccount:shop:operator"


def brief(line: TraceLine) -> tuple[Any, ...]:
    """What a line says of its object."""
    return line.verb, line.resource, line.name, line.uid, line.version, line.code


def audit(verb: str, name: str, code: int, second: int, **more: Any) -> dict[str, Any]:
    """An audit event of a call of pods."""
    target = {"resource": "pods", "namespace": "shop"} | ({"name": name} if name else {})
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Event",
        "auditID": f"{second}-{verb}",
        "stage": "ResponseComplete",
        "verb": verb,
        "user": {
            "username": USER,
            "extra": {"authentication.kubernetes.io/pod-name": ["operator-0"]},
        },
        "objectRef": target,
        "responseStatus": {"code": code},
        "requestReceivedTimestamp": f"2026-11-29T10:00:{second:02}.000000Z",
        **more,
    }


def watched(type_: str, name: str, uid: str, version: int, **meta: Any) -> dict[str, Any]:
    """An event of a watch of pods."""
    about = {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": str(version)}
    shown = {"apiVersion": "v1", "kind": "Pod", "metadata": about | meta}
    return {"type": type_, "object": shown}


def put(path: Path, *records: Any, indent: int | None = None) -> Path:
    """Write JSON values one after the other."""
    text = "".join(json.dumps(each, indent=indent) + "\n" for each in records)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_watch_gives_calls_of_an_audit_log_their_names_and_versions(tmp_path: Path) -> None:
    wanted = {"requestObject": {"metadata": {"generateName": "web-"}}}
    log = put(
        tmp_path / "audit.log",
        audit("create", "", 201, 1, **wanted),
        audit("delete", "web-a", 200, 5),
        audit("create", "", 201, 3, **wanted),
        audit("delete", "web-b", 404, 7),
        audit("get", "web-a", 200, 8),
    )
    watch = put(
        tmp_path / "watch.json",
        watched("ADDED", "db-0", "u0", 10),
        watched("ADDED", "web-a", "u1", 11),
        watched("MODIFIED", "web-a", "u1", 12),
        watched("ADDED", "web-b", "u2", 13),
        watched("MODIFIED", "web-a", "u1", 14, deletionTimestamp="2026-11-29T10:00:35Z"),
        watched("DELETED", "web-a", "u1", 15),
        indent=2,
    )
    read = read_trace([log, watch], user=USER)
    assert read.forms == ("API server", "API server")
    assert [brief(line) for line in read.lines] == [
        ("ADDED", "pods", "db-0", "u0", 10, None),
        ("create", "pods", "web-a", "u1", 11, 201),
        ("MODIFIED", "pods", "web-a", "u1", 12, None),
        ("create", "pods", "web-b", "u2", 13, 201),
        ("delete", "pods", "web-a", "u1", 14, 200),
        ("delete", "pods", "web-b", "", None, 404),
        ("DELETED", "pods", "web-a", "u1", 15, None),
    ]
    assert {line.process for line in read.lines if line.kind is Kind.CALL} == {"operator-0"}


def test_bodies_of_an_audit_log_say_what_was_seen_and_written(tmp_path: Path) -> None:
    asked = {"metadata": {"name": "web-a", "uid": "u1", "resourceVersion": "11"}}
    answered = {"kind": "Pod", "metadata": {"name": "web-a", "uid": "u1", "resourceVersion": "12"}}
    refused = {"kind": "Status", "metadata": {}, "code": 409}
    log = put(
        tmp_path / "audit.log",
        audit("update", "web-a", 200, 1, requestObject=asked, responseObject=answered),
        audit("update", "web-a", 409, 2, requestObject=asked, responseObject=refused),
        audit("delete", "web-a", 200, 3, requestObject={"preconditions": {"uid": "u1"}}),
    )
    first, second, third = read_trace([log]).lines
    assert (first.seen, first.version, first.uid) == (11, 12, "u1")
    assert (second.seen, second.version, second.code) == (11, None, 409)
    assert (third.uid, third.version) == ("u1", None)


def test_it_has_to_be_said_whose_calls_are_meant(tmp_path: Path) -> None:
    other = audit("create", "web-b", 201, 2) | {"user": {"username": "admin"}}
    log = put(tmp_path / "audit.log", audit("create", "web-a", 201, 1), other)
    with pytest.raises(ConfigurationError, match=r"--user is needed: .* admin \(1\)"):
        read_trace([log])
    assert [line.name for line in read_trace([log], user="admin").lines] == ["web-b"]
    with pytest.raises(ConfigurationError, match="--user nobody made no call; the log has admin"):
        read_trace([log], user="nobody")


HOST = "https://10.0.0.1:443"
PODS = f"{HOST}/api/v1/namespaces/shop/pods"
SENT = '{"kind":"Pod","metadata":{"generateName":"web-"},"spec":{"containers":[{"name":"c'
RECEIVED = (
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-a","generateName":"web-",'
    '"namespace":"shop","uid":"u1","resourceVersion":"11","labels":{"name":"x"}},"spec":{"con'
)
LOGGED = (
    f"request.go:1212] Request Body: {SENT} [truncated 300 chars]",
    f"round_trippers.go:463] POST {PODS}",
    "round_trippers.go:469] Request Headers:",
    "round_trippers.go:574] Response Status: 201 Created in 5 milliseconds",
    f"request.go:1212] Response Body: {RECEIVED} [truncated 900 chars]",
    f"round_trippers.go:463] GET {PODS}/web-a",
    "round_trippers.go:574] Response Status: 200 OK in 1 milliseconds",
    f"round_trippers.go:553] DELETE {PODS}/web-b 404 Not Found in 3 milliseconds",
    f'round_trippers.go:632] "Response" verb="PUT" url="{HOST}/apis/apps/v1/namespaces/shop/'
    'deployments/web/status" status="409 Conflict" milliseconds=2',
    f"round_trippers.go:463] PATCH {PODS}/web-a",
)
KLOG = "".join(f"I1129 10:00:01.000001       1 {line}\n" for line in LOGGED)

ZAP = (
    {"level": "info", "msg": "Starting workers", "controller": "web", "worker count": 1},
    {"level": "info", "msg": 'Created Pod "web-a"', "namespace": "shop", "resourceVersion": "11"},
    {"level": "info", "msg": "deleted pod web-a", "namespace": "shop"},
    {
        "level": "error",
        "msg": "Reconciler error",
        "error": 'Operation cannot be fulfilled on pods "web-b": the object has been modified; '
        "please apply your changes to the latest version and try again",
    },
    {"level": "error", "msg": "Reconciler error", "error": 'pods "web-c" already exists'},
    {
        "level": "error",
        "msg": "Reconciler error",
        "error": 'failed to create Pod: pods "web-d" already exists',
    },
    {"level": "info", "msg": "all is well"},
)


def test_requests_that_client_go_logs_are_calls(tmp_path: Path) -> None:
    path = tmp_path / "operator.log"
    path.write_text(KLOG, encoding="utf-8")
    read = read_trace([path])
    assert read.forms == ("client-go",)
    assert [brief(line) for line in read.lines] == [
        ("create", "pods", "web-a", "u1", 11, 201),
        ("delete", "pods", "web-b", "", None, 404),
        ("update", "deployments/status", "web", "", None, 409),
        ("patch", "pods", "web-a", "", None, 0),
    ]
    assert {line.namespace for line in read.lines} == {"shop"}


def test_structured_lines_of_client_go_are_calls(tmp_path: Path) -> None:
    sent = json.dumps('{"kind":"Pod","metadata":{"generateName":"web-","labels":{"a":"b c"}}}')
    path = tmp_path / "operator.log"
    lines = [
        f'helper.go:202] "Request Body" body={sent}',
        f'round_trippers.go:527] "Request" verb="POST" url="{PODS}" headers=<',
        "\tAccept: application/json",
        " >",
        'round_trippers.go:632] "Response" status="201 Created" headers=<',
        "\tAudit-Id: 4",
        " > milliseconds=5",
        'helper.go:202] "Response Body" body=<',
        f"\t{RECEIVED}",
        " >",
        f"round_trippers.go:553] DELETE {PODS}/web-b  in 3 milliseconds",
        'helper.go:202] "Request Body" body=<',
        '\t{"kind":"DeleteOptions","preconditions":{"uid":"u7"}}',
        " >",
        f'round_trippers.go:527] "Request" verb="DELETE" url="{PODS}/web-c" headers=<',
    ]
    head = "I1129 10:00:01.000001       1 "
    logged = (line if line[0] in "\t " else head + line for line in lines)
    path.write_text("\n".join(logged) + "\n", encoding="utf-8")
    read = read_trace([path])
    assert [brief(line) for line in read.lines] == [
        ("create", "pods", "web-a", "u1", 11, 201),
        ("delete", "pods", "web-b", "", None, 0),
        ("delete", "pods", "web-c", "u7", None, 0),
    ]
    assert read.lines[0].generated == "web-"


def test_lines_of_controller_runtime_are_calls(tmp_path: Path) -> None:
    read = read_trace([put(tmp_path / "operator.log", *ZAP)])
    assert read.forms == ("controller-runtime",)
    assert [brief(line) for line in read.lines] == [
        ("restart", "", "", "", None, None),
        ("create", "pods", "web-a", "", 11, 201),
        ("delete", "pods", "web-a", "", None, 200),
        ("update", "pods", "web-b", "", None, 409),
        ("create", "pods", "web-c", "", None, 409),
        ("create", "pods", "web-d", "", None, 409),
    ]


TABLE = """
form = "text"
[[line]]
pattern = '^made (?P<name>\\S+) \\((?P<uid>\\w+)@(?P<version>\\d+)\\)$'
is = "call"
set = { verb = "create", resource = "pods", code = "201" }
[[line]]
pattern = '^informer: (?P<type>ADDED|DELETED) (?P<name>\\S+) (?P<uid>\\w+)@(?P<version>\\w+)'
is = "heard"
set = { resource = "pods" }
"""


def test_a_table_of_a_user_reads_other_logs(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(TABLE, encoding="utf-8")
    log = tmp_path / "own.log"
    log.write_text("hello\ninformer: ADDED web-a u1@11\nmade web-a (u1@11)\n", encoding="utf-8")
    made, heard = read_trace([log], adapter=tmp_path / "own.toml").lines
    assert brief(made) == ("create", "pods", "web-a", "u1", 11, 201)
    assert (heard.kind, heard.verb, heard.version) == (Kind.HEARD, "ADDED", 11)
    log.write_text("made web-a (u1@11)\ninformer: ADDED web-a u1@x\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own.log:2: version: must be a resourceVersion"):
        read_trace([log], adapter=tmp_path / "own.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("form = 3", "form: must be a string"),
        ('form = "xml"', "form: must be text or json, not 'xml'"),
        ("", "line: is missing"),
        ("line = 3", "line: is missing"),
        ("line = [3]", r"line\[0\]: must be an object"),
        ("[[line]]\nis = 'cal'", r"line\[0\].is: must be one of call, request"),
        ("[[line]]\nis = 'call'", r"line\[0\]: needs a pattern, or fields"),
        ("[[line]]\nis = 'call'\npattern = '('", r"line\[0\].pattern: is no regular expression"),
        ("[[line]]\nis = 'call'\npattern = '(?P<nam>.)'", r"line\[0\]: 'nam' is no value"),
        ("[[line]]\nis = 'call'\nfields = {msg = 'x'}", r"line\[0\]: needs a pattern"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    (tmp_path / "own.log").write_text("hello\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"own.toml: {message}"):
        read_trace([tmp_path / "own.log"], adapter=tmp_path / "own.toml")


CALL = {"call": "create", "resource": "pods", "name": "web-a", "code": 201}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"call": "make"}, "call: must be one of create, update, patch, delete, not 'make'"),
        ({"call": None}, "call: must be one of"),
        ({"resource": ""}, "resource: is missing"),
        ({"code": None, "coed": 201}, "has no key 'coed'; did you mean 'code'"),
        ({"code": 9}, "code: must be a code of HTTP, or 0"),
        ({"code": "x"}, "code: must be an integer"),
        ({"resourceVersion": "v1"}, "resourceVersion: must be a resourceVersion"),
        ({"resourceVersion": -1}, "resourceVersion: must be a resourceVersion"),
        ({"resourceVersion": True}, "resourceVersion: must be a resourceVersion"),
        ({"name": 3}, "name: must be a string"),
        ({"heard": "ADDED"}, "must have one of the keys call, heard, stored, restart"),
        ({"call": "delete", "name": ""}, "name: is missing"),
    ],
)
def test_a_line_that_is_none_is_refused(
    changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = put(tmp_path / "trace.jsonl", CALL, CALL | changed)
    with pytest.raises(InputError, match=rf"trace.jsonl:2: {message}"):
        read_trace([path])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("hello\n", "is no trace: neither JSON lines of calls, nor an audit log"),
        ('{"a": 1}\n', "trace:1: is neither an audit event nor a watch event"),
        ("[1, 2]\n", "trace:1: is not a JSON object"),
        ('{"call": "create", "resource"\n', "trace:1: "),
        ('{"type": "ADDED", "object": 3}\n', "trace:1: object: must be an object"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_trace([tmp_path / "trace"])


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    """Whatever becomes of a byte or a value: one message, never another error."""
    chance = random.Random(5)
    log = [audit("create", "web-a", 201, 1, responseObject={"metadata": {"name": "web-a"}})]
    texts = [
        json.dumps(CALL) + "\n" + json.dumps({"restart": "a"}) + "\n",
        "\n".join(map(json.dumps, [*log, watched("ADDED", "web-a", "u1", 11)])) + "\n",
        KLOG,
        "\n".join(map(json.dumps, ZAP)) + "\n",
    ]
    values = ("null", "3", '"x"', "[]", "{}", "-1", "true", "1e400", "{")
    refused = 0
    for text in texts:
        for _ in range(120):
            place, value = chance.randrange(len(text)), chance.choice(values)
            end = place + chance.choice((0, 1, 9))
            (tmp_path / "trace").write_text(text[:place] + value + text[end:], encoding="utf-8")
            try:
                read_trace([tmp_path / "trace"])
            except (InputError, ConfigurationError):
                refused += 1
    assert refused > 100
