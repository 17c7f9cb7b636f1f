"""Interaction transcripts: the public ones of etcd-raft, one of our own, and malformed ones."""

from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

PUBLIC = Path(__file__).resolve().parents[3] / "shared/public/etcd-raft/testdata"
OWN = """\
# A cluster of two that elects, commits, hands over, and compacts.
log-level none
----
ok

add-nodes 2 voters=(1,2) index=2
----
ok

campaign 1
----
ok

stabilize
----
ok

log-level debug
----
ok

propose 1 a
----
ok

process-ready 1
----
Ready MustSync=true:
Entries:
1/4 EntryNormal "a"
Messages:
1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[1/4 EntryNormal "a"]

stabilize 2
----
> 2 receiving messages
  1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[1/4 EntryNormal "a"]
> 2 handling Ready
  Ready MustSync=true:
  Entries:
  1/4 EntryNormal "a"
  Messages:
  2->1 MsgAppResp Term:1 Log:0/4

raft-state
----
1: StateLeader (Voter) Term:1 Lead:1
2: StateFollower (Voter) Term:1 Lead:1

deliver-msgs 1
----
2->1 MsgAppResp Term:1 Log:0/4

status 1
----
1: StateReplicate match=4 next=5
2: StateReplicate match=4 next=5

propose 2 b
forget-leader 2
propose 2 c
----
INFO 2 forgetting leader 1 at term 1
INFO 2 no leader at term 1; dropping proposal
raft proposal dropped

raft-log 2
----
1/3 EntryNormal ""
1/4 EntryNormal "a"
"""


@pytest.fixture
def judge_text(tmp_path):
    def judge_one(text):
        path = tmp_path / "transcript.txt"
        path.write_text(text, encoding="utf-8")
        return run(load_judge("raft"), [path])

    return judge_one


def test_the_public_transcripts_agree_to_the_last_line():
    if not PUBLIC.exists():
        pytest.skip("the public etcd-raft transcripts are not beside this checkout")
    files = sorted(PUBLIC.glob("*.txt"))
    tally = run(load_judge("raft.transcripts"), files)
    assert tally.disagreements == []
    assert (len(files), tally.cases, tally.exit_code) == (28, 558, ExitCode.HOLDS)


def test_a_transcript_of_our_own_agrees(judge_text):
    tally = judge_text(OWN)
    assert tally.disagreements == []
    assert (tally.cases, tally.exit_code) == (13, ExitCode.HOLDS)


ASYNCHRONOUS = """\
log-level none
----
ok

add-nodes 1 voters=(1) index=2 async-storage-writes=true
----
ok

campaign 1
stabilize
log-level info
propose 1 a
process-ready 1
----
Ready MustSync=true:
Entries:
1/4 EntryNormal "a"
Messages:
1->AppendThread MsgStorageAppend Term:0 Log:0/0 Entries:[1/4 EntryNormal "a"] Responses:[
  1->1 MsgAppResp Term:1 Log:0/4
  AppendThread->1 MsgStorageAppendResp Term:1 Log:1/4
]

process-append-thread 1
----
Processing:
1->AppendThread MsgStorageAppend Term:0 Log:0/0 Entries:[1/4 EntryNormal "a"]
Responses:
1->1 MsgAppResp Term:1 Log:0/4
AppendThread->1 MsgStorageAppendResp Term:1 Log:1/4

deliver-msgs 1
process-ready 1
----
1->1 MsgAppResp Term:1 Log:0/4
AppendThread->1 MsgStorageAppendResp Term:1 Log:1/4
Ready MustSync=false:
HardState Term:1 Vote:1 Commit:4
CommittedEntries:
1/4 EntryNormal "a"
Messages:
1->AppendThread MsgStorageAppend Term:1 Log:0/0 Commit:4 Vote:1
1->ApplyThread MsgStorageApply Term:0 Log:0/0 Entries:[1/4 EntryNormal "a"] Responses:[
  ApplyThread->1 MsgStorageApplyResp Term:0 Log:0/0 Entries:[1/4 EntryNormal "a"]
]
"""


def test_storage_may_be_written_while_the_node_goes_on(judge_text):
    tally = judge_text(ASYNCHRONOUS)
    assert tally.disagreements == []
    assert tally.cases == 5
    early = ASYNCHRONOUS.replace("process-append-thread 1\n", "process-apply-thread 1\n")
    assert judge_text(early).exit_code is ExitCode.SAFETY


CHANGED = [
    ("Log:0/4\n\nraft-state", "Log:0/3\n\nraft-state", "stabilize"),
    ("match=4 next=5\n2", "match=3 next=5\n2", "status"),
    ("2: StateFollower (Voter)", "2: StateFollower (Non-Voter)", "raft-state"),
    ("INFO 2 forgetting leader 1 at term 1\n", "", "propose"),
    ('1/4 EntryNormal "a"\nMessages', "Messages", "process-ready"),
]


@pytest.mark.parametrize(("was", "now", "command"), CHANGED)
def test_one_changed_line_is_found_in_its_case(judge_text, was, now, command):
    assert was in OWN
    tally = judge_text(OWN.replace(was, now))
    assert [each.kind for each in tally.disagreements] == [command]
    assert tally.exit_code is ExitCode.SAFETY


REFUSED = [
    ("campaign 1\n----\nok\n", 1, "there is no node 1"),
    ("add-nodes x\n----\nok\n", 1, "'x' is not a number"),
    ("\n# it\nadd-nodes 1 pace=3\n----\nok\n", 3, "unknown argument 'pace'"),
    ("add-nodes 1 max-committed-size-per-ready=9\n----\nok\n", 1, "sizes of entries"),
    ("# x\ndance 1\n----\nok\n", 2, "unknown command 'dance'; known: add-nodes"),
    ("add-nodes 1\n----\nok\n\ncompact 1\n----\nok\n", 5, "an argument is missing"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED)
def test_what_no_transcript_has_is_refused_with_its_line(judge_text, text, line, message):
    with pytest.raises(InputError) as refusal:
        judge_text(text)
    assert message in str(refusal.value)
    assert refusal.value.line == line
