"""Histories in the form of etcd's robustness reports: read, written, and read again."""

import json

import pytest

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Operation
from planespec.reports.judge.history.history_files import (
    read_operations,
    read_report,
    read_watches,
    write_operations,
    write_report,
    write_watches,
)
from planespec.reports.judge.history.history_json import write_operation
from planespec.spec.etcd import Store
from planespec.spec.etcd.history import Defragment, Observation, step
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    Txn,
)
from planespec.spec.etcd.watch import PreviousValue, SeenEvent, SeenResponse

# As upstream's Go writes them: pretty-printed, all fields, embedded structures flattened.
UPSTREAM_OPERATIONS = """{
  "ClientId": 3,
  "Input": {
    "Type": "txn",
    "LeaseGrant": null,
    "LeaseRevoke": null,
    "Range": null,
    "Txn": {
      "Conditions": [{"Key": "key1", "ExpectedRevision": 4, "ExpectedVersion": 0}],
      "OperationsOnSuccess": [
        {"Type": "put-operation", "Range": {"Start": "", "End": "", "Limit": 0},
         "Put": {"Key": "key1", "Value": {"Value": "70"}, "LeaseID": 0}, "Delete": {"Key": ""}}
      ],
      "OperationsOnFailure": [
        {"Type": "range-operation", "Range": {"Start": "key1", "End": "", "Limit": 0},
         "Put": {"Key": "", "Value": {}, "LeaseID": 0}, "Delete": {"Key": ""}}
      ]
    },
    "Defragment": null,
    "Compact": null
  },
  "Call": 100,
  "Output": {
    "Txn": {"Failure": true, "Results": [{"KVs": [{"Key": "key1", "Value": {"Hash": 42},
            "ModRevision": 5, "Version": 2}], "Count": 1, "Deleted": 0}]},
    "Range": null, "LeaseGrant": null, "LeaseRevoke": null, "Defragment": null, "Compact": null,
    "ClientError": "", "Revision": 6, "Persisted": false, "PersistedRevision": 0, "Error": ""
  },
  "Return": 250,
  "Metadata": null
}
{"ClientId": 4, "Input": {"Type": "compact", "Compact": {"Revision": 7}}, "Call": 5,
 "Output": {"Error": "timeout"}, "Return": 9223372036854775807}
{"ClientId": 4, "Input": {"Type": "leaseGrant", "LeaseGrant": {"LeaseID": 9}}, "Call": 5,
 "Output": {"Persisted": true, "PersistedRevision": 12, "Error": "timeout"}, "Return": 50}
"""

UPSTREAM_WATCH = """{
  "Request": {"Key": "key", "Revision": 2, "WithPrefix": true,
              "WithProgressNotify": true, "WithPrevKV": true},
  "Responses": [
    {"Events": [{"Type": "delete-operation", "Key": "key1", "Value": {}, "Revision": 3,
                 "IsCreate": false,
                 "PrevValue": {"Value": {"Value": "1"}, "ModRevision": 2, "Version": 1}}],
     "IsProgressNotify": false, "Revision": 3, "Time": 17, "Error": ""},
    {"Events": null, "IsProgressNotify": true, "Revision": 4, "Time": 18, "Error": ""}
  ]
}
"""


@pytest.fixture
def read_text(tmp_path):
    def read(text, reader):
        path = tmp_path / "file.json"
        path.write_text(text, encoding="utf-8")
        return reader(path)

    return read


def test_operations_of_upstream_are_read(read_text):
    txn, lost, persisted = read_text(UPSTREAM_OPERATIONS, read_operations)
    assert (txn.client, txn.called, txn.returned) == (3, 100, 250)
    assert txn.input.compare[0] == Compare("key1", target=CompareTarget.MOD, operand=4)
    assert txn.input.success == (Put("key1", "70"),)
    assert (txn.output.revision, txn.output.failure) == (6, True)
    assert txn.output.results[0].kvs[0].value == 42
    assert lost.is_unknown
    assert lost.input == Compact(7)
    assert persisted.output == Observation(12, persisted=True)


def test_watches_of_upstream_are_read(read_text):
    (watch,) = read_text(UPSTREAM_WATCH, read_watches)
    assert (watch.key, watch.revision, watch.with_prefix) == ("key", 2, True)
    event = SeenEvent("key1", "", 3, is_delete=True, prev_value=PreviousValue("1", 2, 1))
    assert watch.responses == (
        SeenResponse((event,), revision=3, time=17),
        SeenResponse(is_progress_notify=True, revision=4, time=18),
    )


REQUESTS = [
    Txn(success=(Put("a", "1"), Put("b", "x" * 30))),
    LeaseGrant(3600, 7),
    Txn(
        (Compare("a", target=CompareTarget.VERSION, operand=1),),
        (Put("a", "2", lease=7),),
        (Range("a"),),
    ),
    Txn((Compare("a", target=CompareTarget.MOD, operand=99),), (), (Range("a", "c", limit=1),)),
    Range("a", "c", keys_only=True),
    Range("a", revision=2),
    Put("c", "3"),
    DeleteRange("c"),
    LeaseRevoke(7),
    Compact(3),
    Compact(3),
    Defragment(),
    Range("b"),
]


def history():
    """Answer every request once; give the last no answer."""
    store, operations = Store(), []
    for at, request in enumerate(REQUESTS):
        store, seen = step(store, request)
        operations.append(Operation(at % 2, request, seen, 10 * at, 10 * at + 5))
    return [*operations, Operation(1, Txn(success=(Put("d"),)), None, 500, None)]


def as_transactions(operations):
    """A put or deletion on its own is recorded as the transaction of it."""
    alone = (Put, DeleteRange)
    for each in operations:
        request = Txn(success=(each.input,)) if isinstance(each.input, alone) else each.input
        yield Operation(each.client, request, each.output, each.called, each.returned)


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "operations.json"
    write_operations(path, history())
    again = read_operations(path)
    expected = list(as_transactions(history()))
    assert [each.output for each in again] == [each.output for each in expected]
    assert [write_operation(each) for each in again] == [write_operation(e) for e in expected]


def test_a_report_folder_holds_a_folder_for_each_client(tmp_path, read_text):
    watches = read_text(UPSTREAM_WATCH, read_watches)
    write_report(tmp_path / "report", history(), {0: watches, 5: watches})
    operations, seen = read_report(tmp_path / "report")
    assert len(operations) == len(REQUESTS) + 1
    assert seen == watches * 2
    folders = sorted(path.name for path in (tmp_path / "report").iterdir())
    assert folders == ["client-0", "client-1", "client-5"]


def test_watches_are_written_as_upstream_writes_them(tmp_path, read_text):
    write_watches(tmp_path / "watch.json", read_text(UPSTREAM_WATCH, read_watches))
    written = json.loads((tmp_path / "watch.json").read_text(encoding="utf-8"))
    expected = json.loads(UPSTREAM_WATCH)
    expected["Responses"][1]["Events"] = []
    assert written == expected


@pytest.mark.parametrize(
    "request_",
    [
        Txn((Compare("a", CompareResult.GREATER, CompareTarget.MOD, 1),)),
        Txn((Compare("a", target=CompareTarget.VALUE, operand="1"),)),
        Txn((Compare("a", operand=0),)),
        Txn(success=(Txn(),)),
        Txn(success=(DeleteRange("a", "b"),)),
        Range("a", count_only=True),
    ],
)
def test_what_the_form_cannot_express_is_refused(tmp_path, request_):
    operation = Operation(0, request_, None, 0, None)
    with pytest.raises(ValueError, match="no place"):
        write_operations(tmp_path / "operations.json", [operation])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n", r":1: cannot be understood: ClientId: is missing"),
        ('{"ClientId": 1}\n[1]\n', r":1: cannot be understood: Input: is missing"),
        (UPSTREAM_OPERATIONS + "\n[1]\n", r":37: .*must be an object, not a list"),
        (UPSTREAM_OPERATIONS + "{", r":36: is not JSON"),
        (UPSTREAM_OPERATIONS.replace('"compact"', '"compress"'), r":32: .*compress"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(read_text, text, message):
    with pytest.raises(InputError, match=message):
        read_text(text, read_operations)


def test_an_event_of_no_known_type_is_refused(read_text):
    with pytest.raises(InputError, match="an event is one of"):
        read_text(UPSTREAM_WATCH.replace("delete-operation", "drop"), read_watches)


def test_an_empty_report_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no client"):
        read_report(tmp_path)
