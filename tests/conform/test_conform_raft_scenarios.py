"""The judge of Raft scenarios: the whole recording, tampered copies of it, and malformed ones."""

import copy
import gzip
import json
import random
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.raft_recordings import find_panic, judge_scenario
from planespec.reports.judge.runner import run

RECORDING = Path(__file__).resolve().parents[1] / "recorded/raft.jsonl.gz"


@pytest.fixture(scope="module")
def scenarios():
    """Every fifth scenario of the recording, and all that end in a panic."""
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        return [
            json.loads(line)
            for number, line in enumerate(lines)
            if number % 5 == 0 or '"panic"' in line
        ]


def judge_one(scenario):
    return list(judge_scenario(RECORDING, 1, scenario))


def test_a_fifth_of_the_scenarios_and_every_panic_are_reproduced_in_every_step(scenarios):
    comparisons = [c for scenario in scenarios for c in judge_one(scenario)]
    assert [c for c in comparisons if not c.agrees] == []
    assert sum(c.kind == "init" for c in comparisons) == len(scenarios) > 60
    assert sum(c.kind == "panic" for c in comparisons) == 9


@pytest.mark.slow
def test_every_recorded_scenario_is_reproduced_in_every_step():
    tally = run(load_judge("raft"), [RECORDING])
    assert tally.disagreements == []
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == 100_491
    assert (tally.kinds["init"].agree, tally.kinds["panic"].agree) == (300, 9)


def tamper_state(step, rng):
    field = rng.choice(["term", "vote", "commit", "applied", "first", "last", "lastTerm", "lead"])
    step["after"][field] += rng.choice([-1, 1, 2])


def tamper_role(step, rng):
    roles = {"StateFollower", "StatePreCandidate", "StateCandidate", "StateLeader"}
    step["after"]["state"] = rng.choice(sorted(roles - {step["after"]["state"]}))


def tamper_configuration(step, rng):
    name = rng.choice(["voters", "votersOutgoing", "learners", "learnersNext"])
    step["after"][name] = [*step["after"][name], 9]


def tamper_message(step, rng):
    message = rng.choice(step["sent"])
    field = rng.choice(["term", "to", "from", "n"])
    message[field] += rng.choice([1, 2])


def tamper_lost_message(step, rng):
    step["sent"].pop(rng.randrange(len(step["sent"])))


def tamper_entry(step, rng):
    rng.choice(step["applied"])["t"] += 1


def tamper_refusal(step, rng):
    if step.pop("error", None) is None:
        step["error"] = "raft proposal dropped"


TAMPERINGS = [
    (tamper_state, lambda step: "after" in step),
    (tamper_role, lambda step: "after" in step),
    (tamper_configuration, lambda step: "after" in step),
    (tamper_message, lambda step: "sent" in step),
    (tamper_lost_message, lambda step: "sent" in step),
    (tamper_entry, lambda step: "applied" in step),
    (tamper_refusal, lambda step: step["op"].startswith("propose")),
]


@pytest.mark.parametrize(("tamper", "fits"), TAMPERINGS)
def test_a_tampered_step_is_rejected_at_that_step(scenarios, tamper, fits):
    rng = random.Random(tamper.__name__)
    tampered = 0
    while tampered < 12:
        scenario = copy.deepcopy(rng.choice(scenarios))
        candidates = [number for number, step in enumerate(scenario["steps"]) if fits(step)]
        if not candidates:
            continue
        number = rng.choice(candidates)
        tamper(scenario["steps"][number], rng)
        last = judge_one(scenario)[-1]
        assert (last.agrees, last.given["step"]) == (False, number)
        tampered += 1


def test_a_swapped_delivery_is_accepted_only_where_both_messages_have_the_same_effect(scenarios):
    """Messages that are lost, or late and ignored, or equal, are told apart by nothing."""
    rng = random.Random(7)
    swapped = accepted = 0
    for scenario in copy.deepcopy(scenarios):
        delivered = [n for n, step in enumerate(scenario["steps"]) if step["op"] == "deliver"]
        if not delivered:
            continue
        number = rng.choice(delivered)
        step = scenario["steps"][number]
        sent = {m["n"]: {**m, "n": 0} for s in scenario["steps"] for m in s.get("sent", ())}
        before = step["n"]
        step["n"] += rng.choice([1, 2, 3])
        last = judge_one(scenario)[-1]
        swapped += 1
        accepted += last.agrees
        ignored = step.get("lost") or "sent" not in step
        assert not last.agrees or ignored or sent[before] == sent[step["n"]]
        assert last.agrees or last.given["step"] >= number
    assert swapped > 50
    assert accepted <= swapped // 20


def test_the_drawn_election_timeout_is_taken_from_the_record_but_not_the_one_kept(scenarios):
    scenario = copy.deepcopy(scenarios[0])
    draws = next(step for step in scenario["steps"] if step["op"] == "campaign")
    draws["after"]["randomizedElectionTimeout"] = 20
    assert "out of range" in judge_one(scenario)[-1].actual["impossible"]
    scenario = copy.deepcopy(scenarios[0])
    number, keeps = next(
        (number, step) for number, step in enumerate(scenario["steps"]) if step["op"] == "tick"
    )
    keeps["after"]["randomizedElectionTimeout"] ^= 1
    last = judge_one(scenario)[-1]
    assert (last.agrees, last.given["step"]) == (False, number)


def test_the_rest_of_a_scenario_is_not_judged_after_its_first_disagreement(scenarios):
    scenario = copy.deepcopy(scenarios[0])
    scenario["steps"][4]["n"] = 999
    comparisons = judge_one(scenario)
    assert [comparison.agrees for comparison in comparisons] == [True] * 5 + [False]
    assert comparisons[-1].actual["impossible"] == "message 999 is not on its way"


def test_a_forged_beginning_and_a_forged_final_log_are_rejected(scenarios):
    begun = copy.deepcopy(scenarios[0])
    begun["init"]["1"]["commit"] = 2
    assert [(c.kind, c.agrees) for c in judge_one(begun)] == [("init", False)]
    ended = copy.deepcopy(next(s for s in scenarios if "final" in s))
    next(iter(ended["final"].values()))["log"].append({"i": 99, "t": 1})
    last = judge_one(ended)[-1]
    assert (last.kind, last.agrees) == ("final", False)


def test_a_forged_panic_is_rejected(scenarios):
    scenario = copy.deepcopy(next(s for s in scenarios if "panic" in s))
    scenario["panic"] = "tocommit(7) is out of range"
    last = judge_one(scenario)[-1]
    assert (last.kind, last.actual) == ("panic", "removed all voters")


def test_a_scenario_that_cannot_end_in_a_panic_has_none(scenarios):
    cluster = Cluster(scenarios[0])
    assert find_panic(cluster, "removed all voters") is None


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.pop("config"), "the scenario needs a field 'config' of type dict"),
        (lambda s: s["config"].pop("voters"), "config needs a field 'voters' of type list"),
        (lambda s: s["config"].update(voters=["1"]), "config.voters is not a list of numbers"),
        (lambda s: s["config"].update(electionTick=1), "election tick must be greater"),
        (lambda s: s["config"].update(preVote=1), "config needs a field 'preVote' of type bool"),
        (lambda s: s["init"].update(one={}), "init has a server 'one'"),
        (lambda s: s["steps"].insert(0, 7), r"steps\[0\] is not an object"),
        (lambda s: s["steps"][0].update(op="reboot"), r"steps\[0\] has an unknown op 'reboot'"),
        (lambda s: s["steps"][0].pop("node"), r"steps\[0\] needs a field 'node' of type int"),
        (lambda s: s["steps"][0].update(after={}), r"steps\[0\].after needs a field"),
        (
            lambda s: s["steps"].insert(0, {"op": "proposeConfChange", "node": 1}),
            r"steps\[0\] needs one of cc and ccv2",
        ),
    ],
)
def test_a_malformed_scenario_is_refused_with_file_line_and_field(
    scenarios, tmp_path, spoil, message
):
    scenario = copy.deepcopy(scenarios[0])
    spoil(scenario)
    path = tmp_path / "scenario.jsonl"
    path.write_text(f"\n{json.dumps(scenario)}\n", encoding="utf-8")
    with pytest.raises(InputError, match=message) as refusal:
        list(load_judge("raft")(path))
    assert (refusal.value.file, refusal.value.line) == (path, 2)
