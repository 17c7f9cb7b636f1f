"""The judge of the quorum and membership tables: our own tables, tampered ones, and upstream's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.raft.raft_quorum import compute_commit_by_support, describe, judge
from planespec.reports.judge.runner import run
from planespec.spec.raft.quorum import compute_majority_commit

ROOT = Path(__file__).resolve().parents[2]
OWN = sorted((ROOT / "tests/recorded/raft_quorum").glob("*.txt"))
UPSTREAM = ROOT.parent / "shared/public/etcd-raft"


@pytest.fixture
def judge_text(tmp_path):
    def judge_one(text):
        path = tmp_path / "table.txt"
        path.write_text(text, encoding="utf-8")
        return list(judge(path))

    return judge_one


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_table_agrees_in_every_case(path):
    tally = run(judge, [path])
    assert tally.disagreements == []
    assert tally.exit_code == ExitCode.HOLDS


def test_every_upstream_table_agrees_in_every_case():
    paths = sorted(UPSTREAM.glob("quorum/testdata/*.txt"))
    paths += sorted(UPSTREAM.glob("confchange/testdata/*.txt"))
    if not paths:
        pytest.skip("the public etcd-raft tables are not beside this checkout (../shared/public)")
    tally = run(judge, paths)
    assert tally.disagreements == []
    assert (tally.files, tally.cases) == (13, 185)


@pytest.mark.parametrize(
    "tampered",
    [
        "vote cfg=(1,2,3) votes=(y,y,n)\n----\nVoteLost\n",
        "vote cfg=(1) cfgj=(2) votes=(y,_)\n----\nVoteWon\n",
        "committed cfg=(1) idx=(12)\n----\n     idx\n>     12    (id=1)\n13\n",
        "committed cfg=(1) idx=(12)\n----\n     idx\nx>    12    (id=1)\n12\n",
        "committed cfg=(1) idx=(12)\n----\n     idx\n>     12    (id=1)\n9 <-- via symmetry\n12\n",
        "simple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=2\n",
        "simple\nv1\n----\nvoters=(1)\n",
        "leave-joint\n----\nvoters=()\n",
    ],
)
def test_a_tampered_answer_disagrees(judge_text, tampered):
    (comparison,) = judge_text(tampered)
    assert not comparison.agrees


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("elect cfg=(1)\n----\n", "unknown command 'elect'"),
        ("vote cfg=(1) ballots=(y)\n----\n", "unknown argument 'ballots'"),
        ("vote cfg=(1) votes=(x)\n----\n", "unknown vote 'x'"),
        ("vote cfg=(one) votes=(y)\n----\n", "'one' is not a whole number"),
        ("vote cfg=(1) cfgj=(zero,2) votes=(y,y)\n----\n", "'zero' is not a whole number"),
        ("committed cfg=(1) idx=(0)\n----\n", "an index of 0 cannot be given"),
        ("enter-joint autoleave=maybe\n----\n", "autoleave=true or autoleave=false"),
    ],
)
def test_a_table_with_an_unknown_word_is_refused_with_its_line(judge_text, table, message):
    with pytest.raises(InputError, match=message) as refusal:
        judge_text(f"# a comment\n\n{table}")
    assert refusal.value.line == 3


def test_a_refused_change_leaves_the_membership_and_lets_the_log_grow(judge_text):
    text = "simple\nv1\n----\n?\n\nsimple\nr1\n----\n?\n\nsimple\nl2\n----\n?\n"
    last = judge_text(text)[-1]
    assert last.actual == [
        "voters=(1) learners=(2)",
        "1: StateProbe match=0 next=1",
        "2: StateProbe match=0 next=2 learner",
    ]


voters = st.sets(st.integers(1, 9), max_size=7)
acknowledged = st.dictionaries(st.integers(1, 9), st.integers(1, 5))


@given(voters, acknowledged)
def test_counting_the_support_of_each_index_gives_the_same_commit(members, known):
    assert compute_commit_by_support(members, known) == compute_majority_commit(members, known)


@given(voters.filter(bool), acknowledged)
def test_equal_indexes_are_drawn_with_equal_bars(members, known):
    lines = describe(members, known).splitlines()[1:]
    bars = {}
    for voter, line in zip(sorted(members), lines, strict=True):
        assert line.endswith(f"(id={voter})")
        bar = line.split()[0]
        assert bar == bars.setdefault(known.get(voter, "?"), bar)
