"""`conform controller`: verdicts, exit codes, JSON, and one message for what is wrong."""

import json
from typing import Any

import pytest
from commands import Commands
from test_document_schemas import assert_valid

from planespec.checker.errors import ExitCode

MODEL = '''
from planespec.checker.lang import Model, action, on, require
from planespec.model.parts.api_store import Name, ObjectStore
from planespec.model.parts.informers import Informers
from planespec.model.parts.processes import Crash, Process


class Keeper(ObjectStore, Informers, Crash):
    """Makes one pod of each name where it sees none, and writes those that it sees."""

    trace = [
        on("create", "pods", action="make", p="process", n="name"),
        on("update", "pods", action="write", p="process", n="name"),
        on("update", "pods", code=409),
        ENTRY
    ]

    @action
    def make(self, p: Process, n: Name) -> None:
        """It sees no pod of the name."""
        require(self.sees(p, n) == 0)
        self.create(n)

    @action
    def write(self, p: Process, n: Name) -> None:
        """It writes a pod that it sees."""
        is_done = self.update(n, self.sees_version(p, n))
        require(is_done)
'''


def line(kind: str, verb: str, name: str, version: int | None = None, **more: Any) -> str:
    """A line of a trace."""
    found: dict[str, Any] = {kind: verb, "resource": "pods", "name": name}
    if version is not None:
        found["resourceVersion"] = str(version)
    return json.dumps(found | more) + "\n"


MADE = line("call", "create", "a", 5, uid="u", code=201)
HEARD = line("heard", "ADDED", "a", 5, uid="u")
WRITTEN = line("call", "update", "a", 6, seen="5", code=200)


def ask(planespec: Commands, trace: str, *options: str, entry: str = "") -> Any:
    """Hold a trace to the model."""
    model = planespec.write(MODEL.replace("ENTRY", entry))
    path = planespec.write(trace, "trace.jsonl")
    return planespec("conform", "controller", path, "--model", model, *options)


def test_a_trace_that_is_explained(planespec: Commands) -> None:
    answer = ask(planespec, MADE + HEARD + WRITTEN, "--json")
    document = assert_valid("explained", answer.out)
    assert (answer.code, document["exit_code"]) == (0, 0)
    (found,) = document["answers"]
    assert (found["verdict"], found["lines"], found["explained"]) == ("explained", 3, 3)
    shown = [step["action"] for step in found["run"] if step["line"] is not None]
    assert shown == ["make", "", "write"]


def test_a_trace_that_is_not(planespec: Commands) -> None:
    trace = MADE + WRITTEN.replace('"a"', '"b"')
    document = assert_valid("explained", ask(planespec, trace, "--json").out)
    assert document["exit_code"] == ExitCode.SAFETY
    rest = document["answers"][0]["unexplained"]
    assert rest["line"].endswith("trace.jsonl:2")
    assert rest["what"] == "update pods b (200)"
    assert rest["reasons"] == ["write(p=process0, n=name1): require(is_done) is false"]
    assert "update pods a" in rest["allowed"]


def test_a_line_of_what_is_heard_says_what_is_known_there(planespec: Commands) -> None:
    answer = ask(planespec, MADE + HEARD.replace('"5"', '"4"'))
    assert answer.code == ExitCode.SAFETY
    assert "heard ADDED pods a at 4 is not explained" in answer.out
    assert "what is known there of a: not there, or resourceVersion 5" in answer.out


def test_a_call_without_an_entry_is_not_explained(planespec: Commands) -> None:
    answer = ask(planespec, MADE + line("call", "delete", "a", code=200))
    assert answer.code == ExitCode.SAFETY
    assert "no entry of the model's `trace` is about delete pods" in answer.out
    refused = line("call", "create", "a", code=409)
    assert "about create pods with code 409" in ask(planespec, MADE + refused).out
    allowed = ask(planespec, MADE + line("call", "update", "a", seen="4", code=409))
    assert allowed.code == ExitCode.HOLDS


def test_another_resource_is_not_considered(planespec: Commands) -> None:
    other = line("call", "delete", "a", code=200).replace("pods", "services")
    answer = ask(planespec, MADE + other + other)
    assert answer.code == ExitCode.HOLDS
    assert "not considered: delete services (2)" in answer.out
    none = ask(planespec, other)
    assert none.code == ExitCode.CONFIGURATION
    assert "no line of the trace is about what the model is about: pods" in none.err


@pytest.mark.parametrize("code", [200, 409])
def test_an_answer_that_was_lost_may_mean_both(planespec: Commands, code: int) -> None:
    lost = line("call", "update", "a", seen="5", code=0)
    after = line("call", "update", "a", None if code == 409 else 7, seen="5", code=code)
    assert ask(planespec, MADE + HEARD + lost + after).code == ExitCode.HOLDS


def test_a_budget_ends_as_unknown(planespec: Commands) -> None:
    answer = ask(planespec, MADE + HEARD + WRITTEN, "--budget", "states=2", "--json")
    document = assert_valid("explained", answer.out)
    assert answer.code == ExitCode.UNKNOWN
    assert document["answers"][0]["verdict"] == "unknown"
    assert document["answers"][0]["reason"] == "the limit of 2 states was reached"
    text = ask(planespec, MADE + HEARD + WRITTEN, "--budget", "states=2").out
    assert "explained, " not in text
    assert "Unknown from line" in text


def test_one_view_that_explains_is_enough(planespec: Commands) -> None:
    late = MADE + line("call", "update", "a", 6, seen="5", code=200)
    listed = ask(planespec, late, "--view", "all", "--json")
    document = assert_valid("explained", listed.out)
    assert {a["view"]: a["verdict"] for a in document["answers"]}["live"] == "explained"
    gone = ask(planespec, line("call", "update", "a", 6, code=200), "--view", "all")
    assert gone.code == ExitCode.SAFETY
    assert "; not explained under" not in gone.out
    assert "not explained under live (line 1), own-writes (line 1)" in gone.out


def test_a_constant_that_is_given_is_a_bound(planespec: Commands) -> None:
    two = MADE + line("call", "create", "b", 6, uid="v", code=201)
    assert ask(planespec, two).code == ExitCode.HOLDS
    assert ask(planespec, two, "-c", "names=1").code == ExitCode.SAFETY
    many = "".join(line("call", "create", f"n{i}", i + 1, code=201) for i in range(30))
    assert "names=30" in ask(planespec, many).out


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('on("make", "pods"),', "on: 'make' is no verb"),
        ('on("create", "pods", action="mak"),', "on: there is no action mak"),
        ('on("create", "pods", action="make", q="name"),', "on: action make has no parameter q"),
        ('on("create", "pods", action="make", n="nam"),', "on: a line has no field 'nam'"),
        ('on("create", "pods", action="make", code=9),', "on: code is 9"),
        ('on("delete", "pods", action="make", where={"sees(": "uid"}),', "is no expression"),
        ('on("create", "pods", action="make", where={"see": "uid"}),', "'see' cannot be read"),
        ("3,", "trace is no list of what explains lines"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_at_its_line(
    planespec: Commands, entry: str, message: str
) -> None:
    answer = ask(planespec, MADE, entry=entry)
    assert answer.code == ExitCode.PARSE
    assert message in answer.err
    assert "allowed:" in answer.err
    assert ".py:" in answer.err.splitlines()[0]


def test_options_that_do_not_fit(planespec: Commands) -> None:
    path = planespec.write(MADE, "trace.jsonl")
    model = planespec.write(MODEL.replace("ENTRY", ""))
    for words, message in (
        (("controller", path), "needs a FILE, and --model MODEL"),
        (("controller", "--model", model), "needs a FILE, and --model MODEL"),
        (("primitives", path, "--model", model), "is for `conform controller` alone"),
        (("controller", path, "--model", model, "--view", "lve"), "has no view 'lve'"),
        (("controller", path, "--model", "raft.election"), "does not say which action"),
    ):
        answer = planespec("conform", *words)
        assert answer.code == ExitCode.CONFIGURATION, answer
        assert message in answer.err
    none = planespec("conform", "controller", path, "--model", model, "--adapter", "no.toml")
    assert (none.code, "cannot be read" in none.err) == (ExitCode.PARSE, True)
