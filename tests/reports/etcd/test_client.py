"""The client of the gateway, without an etcd: addresses, encoding, answers that do not come."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.etcd.actions import REQUESTS
from planespec.reports.live.etcd.beside import Origin
from planespec.reports.live.etcd.client import (
    Gateway,
    NoAnswerError,
    NotSentError,
    decode,
    encode,
    parse_endpoint,
    write_request,
)
from planespec.reports.live.etcd.process import get_free_ports
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    LeaseRevoke,
    Put,
    Range,
    Txn,
)
from planespec.spec.etcd.wire import read_request


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:2379", ("127.0.0.1", 2379)),
        ("127.0.0.1:12", ("127.0.0.1", 12)),
        ("http://localhost", ("127.0.0.1", 2379)),
        ("http://[::1]:9", ("::1", 9)),
    ],
)
def test_a_loopback_address_is_accepted(url, address):
    assert parse_endpoint(url) == address


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1:2379", "https://127.0.0.1:2379", "http://example.org", "", "http://[::1"],
)
def test_any_other_address_is_refused(url):
    with pytest.raises(ConfigurationError):
        parse_endpoint(url)


def test_keys_and_values_travel_as_base64_at_any_depth():
    body = {"key": "a", "success": [{"request_put": {"key": "ä", "value": "", "lease": "7"}}]}
    sent = encode(body)
    assert sent["key"] == "YQ=="
    assert decode(sent) == body


def test_a_header_keeps_only_its_revision():
    answer = {"header": {"cluster_id": "1", "revision": "3"}, "kvs": [{"key": "YQ=="}]}
    assert decode(answer) == {"header": {"revision": "3"}, "kvs": [{"key": "a"}]}


@given(REQUESTS)
def test_what_is_sent_is_what_the_store_reads(request_):
    assert read_request(*write_request(request_)) == request_


def test_a_sequence_is_placed_where_it_begins():
    origin = Origin("p/", 100, 5000)
    assert origin.place(Put("a", lease=2)) == Put("p/a", lease=5002)
    assert origin.place(Range("a", "~", revision=-1, min_mod_revision=3)) == Range(
        "p/a", "p/~", revision=-1, min_mod_revision=103
    )
    assert origin.place(Compact(4)) == Compact(104)
    assert origin.place(LeaseRevoke(1)) == LeaseRevoke(5001)
    guard = Compare("a", target=CompareTarget.MOD, operand=2)
    zero = Compare("a", target=CompareTarget.CREATE, operand=0)
    placed = origin.place(Txn((guard, zero), (Txn(success=(Put("b"),)),)))
    assert [each.operand for each in placed.compare] == [102, 0]
    assert placed.success[0].success == (Put("p/b"),)


class Answers(BaseHTTPRequestHandler):
    """Answers what it is told to."""

    body = b"{}"
    status = 200

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def serve():
    servers = []

    def start(body, status=200):
        handler = type("Told", (Answers,), {"body": body, "status": status})
        server = HTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return server.server_address[1]

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_answer_comes_back_as_text(serve):
    port = serve(json.dumps({"kvs": [{"key": "YQ==", "value": "MQ=="}]}).encode())
    with Gateway("127.0.0.1", port) as gateway:
        assert gateway.call("kv/range", {"key": "a"}) == (
            200,
            {"kvs": [{"key": "a", "value": "1"}]},
        )


def test_a_refusal_of_what_must_not_be_refused_is_an_error(serve):
    port = serve(b'{"error": "etcdserver: no leader"}', 503)
    with Gateway("127.0.0.1", port) as gateway, pytest.raises(NoAnswerError, match="no leader"):
        gateway.require("kv/put", {"key": "a"})


def test_an_answer_that_is_not_json_is_no_answer(serve):
    with Gateway("127.0.0.1", serve(b"<html>")) as gateway, pytest.raises(NoAnswerError):
        gateway.call("kv/put", {"key": "a"})


def test_a_member_that_does_not_listen_got_nothing():
    (port,) = get_free_ports(1)
    with Gateway("127.0.0.1", port) as gateway:
        assert not gateway.is_healthy()
        with pytest.raises(NotSentError):
            gateway.call("kv/put", {"key": "a"})


def test_a_member_that_never_answers_leaves_the_outcome_unknown():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with Gateway("127.0.0.1", port, timeout=0.05) as gateway, pytest.raises(NoAnswerError):
            gateway.call("kv/put", {"key": "a"})


def test_free_ports_differ():
    assert len(set(get_free_ports(20))) == 20
