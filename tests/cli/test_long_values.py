"""Traces of models with large values: lines that can be read."""

import io
import sys

import pytest
from commands import Commands

from planespec.reports.text.trace_text import WIDTH, folded

RECORDS = '''
from typing import Annotated
from planespec.checker.lang import (
    Array, Domain, Model, Range, Size, Sort, action, each, invariant, record, replace, require,
    sort,
)

class Server(Sort):
    """A server."""

Small = Annotated[int, Range(0, 3)]

@record
class Machine:
    """What a server knows."""
    remembered_term: Small = 0
    remembered_vote: Small = 0
    remembered_commit: Small = 0

@record
class Message:
    """A message of many words."""
    origin_of_message: Small = 0
    target_of_message: Small = 0
    content_of_message: Small = 0
    purpose_of_message: Small = 0
    urgency_of_message: Small = 0

class Records(Model):
    """Servers with records."""
    deadlock = False
    servers: Domain[Server] = sort(4)
    machines: Array[Server, Machine] = each(Machine())
    sent: Annotated[set[Message], Size(4)] = {Message(), Message(1), Message(2)}

    @action
    def step(self, s: Server) -> None:
        """A step."""
        require(self.machines[s].remembered_term < 3)
        machine = self.machines[s]
        self.machines[s] = replace(machine, remembered_term=machine.remembered_term + 1)
        self.sent.add(Message(3, 3, 3, 3, 3))

    @invariant
    def slow(self) -> bool:
        """Nobody gets far."""
        return all(self.machines[s].remembered_term < 1 for s in self.servers)
'''


def test_arrays_of_records_are_laid_out_by_field(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(RECORDS, "records.py"))
    assert "    machines.remembered_term = {server0: 0, server1: 0, server2: 0, server3: 0}\n" in (
        answer.out
    )
    assert "    sent = {\n        Message(origin_of_message=0," in answer.out
    trace = answer.out.partition("records.py: ")[0]
    assert max(map(len, trace.splitlines())) <= 100
    assert "machines[server0].remembered_term: 0 -> 1" in trace
    assert "sent: gains Message(origin_of_message=3," in trace


def test_explore_lays_them_out_as_well(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("quit\n"))
    answer = planespec("explore", planespec.write(RECORDS, "records.py"))
    assert "machines.remembered_vote = {server0: 0," in answer.out


def test_a_folded_line_loses_nothing() -> None:
    line = "x: " + ", ".join(f"word{n}" for n in range(40)) + " -> y"
    lines = list(folded(line))
    assert max(map(len, lines)) <= WIDTH + 8
    assert " ".join(part.strip() for part in lines) == line
