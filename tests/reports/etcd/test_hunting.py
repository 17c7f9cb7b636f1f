"""The hunt without an etcd: shortening, what counts as found or undecided, and the text."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.checker.errors import ExitCode
from planespec.reports.live.etcd.client import NoAnswerError
from planespec.reports.live.etcd.defects import DEFECTS
from planespec.reports.live.etcd.hunting import (
    ATTEMPTS,
    Finding,
    Ground,
    Status,
    get_exit_code,
    hunt,
    render_json,
    render_text,
    shrink,
)


def never():
    return False


def test_everything_that_is_not_needed_is_left_out():
    needed = {3, 17, 18}
    steps, shortest = shrink(tuple(range(40)), lambda rest: needed <= set(rest), never)
    assert (set(steps), shortest) == (needed, True)


@given(st.sets(st.integers(0, 30), min_size=1))
def test_what_is_left_still_shows_it_and_nothing_more(needed):
    runs = []

    def shows(rest):
        runs.append(rest)
        return needed <= set(rest)

    steps, shortest = shrink(tuple(range(31)), shows, never)
    assert set(steps) == needed
    assert shortest
    assert all(runs)


def test_lateness_ends_the_shortening_and_is_admitted():
    steps, shortest = shrink(tuple(range(40)), lambda rest: 7 in rest, lambda: True)
    assert (steps, shortest) == (tuple(range(40)), False)


class FakeGround:
    """A ground whose runs are judged by a function of the steps."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.runs = 0

    def refusal(self, defect):
        return ""

    @contextmanager
    def open(self, defect):
        ground = self

        class FakeLab:
            history = ()

            def run(self, steps):
                ground.runs += 1
                self.breach = ground.outcome(steps)
                self.history = [str(step) for step in steps]

        yield FakeLab()


DEFECT = replace(DEFECTS[0], steps=("a", "b", "c", "d"), judge=lambda lab: vars(lab)["breach"])


def test_a_defect_that_shows_is_found_with_its_shortest_history():
    finding = hunt(FakeGround(lambda steps: "broken" if "c" in steps else ""), DEFECT, 60)
    assert (finding.status, finding.breach) == (Status.FOUND, "broken")
    assert (finding.history, finding.shortest) == (("c",), True)


def test_a_defect_that_never_shows_is_absent_after_several_runs():
    ground = FakeGround(lambda steps: "")
    assert hunt(ground, DEFECT, 60).status is Status.ABSENT
    assert ground.runs == ATTEMPTS


def test_runs_without_an_answer_decide_nothing():
    def fail(steps):
        raise NoAnswerError("no leader")

    finding = hunt(FakeGround(fail), DEFECT, 60)
    assert (finding.status, finding.reason) == (Status.UNDECIDED, "no leader")


def test_one_run_with_an_answer_is_not_enough_for_absence_when_others_had_none():
    outcomes = iter(["", NoAnswerError("lost"), ""])

    def outcome(steps):
        result = next(outcomes)
        if isinstance(result, Exception):
            raise result
        return result

    assert hunt(FakeGround(outcome), DEFECT, 60).status is Status.UNDECIDED


def test_time_that_runs_out_before_the_last_attempt_decides_nothing():
    finding = hunt(FakeGround(lambda steps: ""), DEFECT, 1e-9)
    assert (finding.status, finding.reason) == (Status.UNDECIDED, "time ran out")


def test_an_endpoint_cannot_show_defects_that_need_members():
    ground = Ground(endpoint=("127.0.0.1", 1))
    refused = {each.name for each in DEFECTS if ground.refusal(each)}
    assert refused == {"18667", "18667-restart", "17780", "19557", "21694"}
    assert hunt(ground, DEFECTS[0], 60).status is Status.UNDECIDED


FOUND = Finding(DEFECT, Status.FOUND, "m0 differs", ("put a", "compact"), 9, True)
ABSENT = Finding(DEFECT, Status.ABSENT, runs=3)
OPEN = Finding(DEFECT, Status.UNDECIDED, reason="time ran out")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([ABSENT], ExitCode.HOLDS),
        ([ABSENT, OPEN], ExitCode.UNKNOWN),
        ([], ExitCode.UNKNOWN),
        ([ABSENT, OPEN, FOUND], ExitCode.SAFETY),
    ],
)
def test_the_exit_code_never_claims_more_than_was_shown(findings, code):
    assert get_exit_code(findings) is code


def test_a_finding_names_guarantee_issue_and_history():
    text = render_text("3.5.1", [FOUND, ABSENT, OPEN])
    assert "#18667 found: " in text
    assert "guarantee  Replica equality" in text
    assert "    1. put a\n    2. compact" in text
    assert "because time ran out" in text
    assert text.endswith("1 of 3 known defects found, 1 not decided")


def test_a_history_that_may_not_be_shortest_says_so():
    text = render_text("3.5.1", [replace(FOUND, shortest=False)])
    assert "perhaps not the shortest" in text


def test_the_same_is_said_in_json():
    body = json.loads(render_json("3.5.1", [FOUND, OPEN], ExitCode.SAFETY))
    assert (body["schema"], body["exit_code"]) == ("planespec/hunt/1", 12)
    assert body["findings"][0]["history"] == ["put a", "compact"]
    assert [each["status"] for each in body["findings"]] == ["found", "not decided"]


def test_each_defect_has_a_name_of_its_own_and_a_sentence():
    assert len({each.name for each in DEFECTS}) == len(DEFECTS)
    assert all(each.title and each.guarantee and each.steps for each in DEFECTS)
