"""`conform controller` on what controllers of a recorded cluster did."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from planespec.checker.budget import Budget
from planespec.checker.lang import Range, action, constant, on, require
from planespec.checker.lang.named import NamedInstance
from planespec.model.parts.api_store import Name, ObjectStore
from planespec.model.parts.informers import Informers
from planespec.model.parts.processes import Crash, Process
from planespec.reports.judge.controller_traces.controller_judge import (
    Judged,
    Question,
    judge_trace,
)
from planespec.reports.judge.controller_traces.trace_reading import read_trace
from planespec.reports.judge.controller_traces.trace_search import Verdict

FOLDER = Path(__file__).resolve().parents[1] / "recorded" / "cluster"
USER = "system:serviceaccount:kube-system:replicaset-controller"


class Replicas(ObjectStore, Informers, Crash):
    """Somebody scales ReplicaSets; their controller makes and deletes pods, taken together."""

    trace = [
        on("create", "pods", action="make", p="process", n="name"),
        on("delete", "pods", action="give_up", p="process", n="name", where={"sees(p, n)": "uid"}),
    ]

    most: int = constant(40, at_least=1)
    replicas: Annotated[int, Range(0, "most")] = 0

    @action
    def scale(self, k: Annotated[int, Range(0, "most")]) -> None:
        """Somebody asks for another number of pods."""
        require(k != self.replicas)
        self.replicas = k

    @action
    def make(self, p: Process, n: Name) -> None:
        """The controller sees too few pods, and makes one."""
        require(sum(self.sees(p, m) != 0 for m in self.names) < self.replicas)
        self.create(n)

    @action
    def give_up(self, p: Process, n: Name) -> None:
        """It sees too many, and deletes one that it sees."""
        require(sum(self.sees(p, m) != 0 for m in self.names) > self.replicas)
        is_gone = self.delete(n, self.sees(p, n))
        require(is_gone)


def judge(path: Path, **constants: int | str) -> Judged:
    """Hold the calls of the controller of ReplicaSets to the model."""
    given = NamedInstance("given", constants)
    question = Question(f"{__file__}:Replicas", given, None, Budget(states=600))
    return judge_trace(question, read_trace([path], user=USER).lines)


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "name",
    ["01_scale_pending_00", "01_scale_pending_02", "02_rolling_update_02", "01_scale_pending_04"],
)
def test_pods_of_replica_sets_are_explained(name: str) -> None:
    judged = judge(FOLDER / f"{name}.jsonl.gz")
    assert judged.found.verdict is Verdict.EXPLAINED, (judged.line, judged.reasons)
    assert judged.found.reached == len(judged.considered) > 30
    assert {line.verb for line in judged.considered} >= {"create", "delete"}


Change = Callable[[list[dict[str, Any]]], None]


def calls(lines: list[dict[str, Any]], verb: str) -> list[dict[str, Any]]:
    """Audit events of the controller's calls of pods."""
    events = [line["audit"] for line in lines if "audit" in line]
    own = [e for e in events if e["user"] == USER and e["objectRef"]["resource"] == "pods"]
    return [e for e in own if e["verb"] == verb]


def delete_what_never_was(lines: list[dict[str, Any]]) -> None:
    """A pod is deleted that nobody has made."""
    calls(lines, "delete")[0]["objectRef"]["name"] = "a-never-was"


def delete_twice(lines: list[dict[str, Any]]) -> None:
    """A pod is deleted once more, when it is gone."""
    lines.append({"audit": calls(lines, "delete")[0] | {"requestReceivedTimestamp": "2027-01-01"}})


@pytest.mark.parametrize("change", [delete_what_never_was, delete_twice])
def test_what_a_controller_did_not_do_is_not_explained(change: Change, tmp_path: Path) -> None:
    path = FOLDER / "01_scale_pending_00.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        lines = [json.loads(line) for line in stream]
    change(lines)
    (tmp_path / "changed.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    judged = judge(tmp_path / "changed.jsonl")
    assert judged.found.verdict is not Verdict.EXPLAINED
    assert judged.line is not None
    assert judged.line.verb == "delete"
    assert judged.reasons


def test_more_pods_than_anybody_may_have_asked_for_are_not_explained() -> None:
    path = FOLDER / "01_scale_pending_00.jsonl.gz"
    assert judge(path, most=40, consistency="LIVE").found.verdict is Verdict.EXPLAINED
    judged = judge(path, most=3, consistency="LIVE")
    assert judged.found.verdict is Verdict.NOT_EXPLAINED
    assert judged.line is not None
    assert judged.line.verb == "create"
