"""host-local's rules give every recorded answer; lists of plugins are said not to be judged."""

from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

NAME = "cni"


def read_host_local() -> list[Any]:
    """Some of the recorded lines, both halves of the file among them."""
    return [line for line in read_lines(NAME, every=6) if line["kind"] == "host-local"]


def test_a_sample_of_the_recorded_runs_agrees(tmp_path: Path) -> None:
    tally = judge_lines(NAME, tmp_path, *read_host_local()[::2])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases > 300
    assert tally.kinds["parallel ADD"].agree > 5
    assert recognise(get_recording(NAME)) == NAME


@pytest.mark.slow
def test_all_recorded_runs_agree_and_chains_are_not_judged() -> None:
    tally = run(load_judge(NAME), [get_recording(NAME)])
    assert (tally.cases, tally.agree) == (3815, 3815)
    assert {kind: count.agree for kind, count in tally.kinds.items()} == {
        **{"ADD": 2048, "CHECK": 452, "DEL": 880, "GC": 84, "NOPE": 21, "STATUS": 69},
        **{"VERSION": 69, "no command": 15, "parallel ADD": 177},
    }
    assert tally.unjudged == {"chain": 2080}
    assert tally.exit_code == ExitCode.UNKNOWN


def find(part: str) -> tuple[Any, Any]:
    """The first recorded line with a step that has a part, and the step."""
    for line in read_host_local():
        for step in line["steps"]:
            if part in step and step.get("exit", 0) == 0:
                return line, step
    raise LookupError(part)


def test_another_answer_of_one_run_is_noticed(tmp_path: Path) -> None:
    line, step = find("exit")
    step["stdout"]["ips"][0]["address"] = "10.1.0.99/29"
    tally = judge_lines(NAME, tmp_path, line)
    assert [each.kind for each in tally.disagreements] == ["ADD"]


def test_another_directory_after_a_run_is_noticed_and_carried_on(tmp_path: Path) -> None:
    line, step = find("exit")
    step["store"]["netb/10.1.0.77"] = "c9\neth0"
    tally = judge_lines(NAME, tmp_path, line)
    assert tally.agree < tally.cases


def test_no_order_of_runs_at_once_gives_two_of_them_one_address(tmp_path: Path) -> None:
    line, step = find("parallel")
    first, second = step["parallel"][:2]
    second["stdout"] = first["stdout"]
    tally = judge_lines(
        NAME, tmp_path, {**line, "steps": line["steps"][: 1 + line["steps"].index(step)]}
    )
    assert [each.kind for each in tally.disagreements] == ["parallel ADD"]


def test_runs_at_once_may_hold_the_lock_in_any_order(tmp_path: Path) -> None:
    line, step = find("parallel")
    answers = [each["stdout"] for each in step["parallel"]]
    owners = [f"{e['env']['CNI_CONTAINERID']}\n{e['env']['CNI_IFNAME']}" for e in step["parallel"]]
    moved = dict(zip(owners, [*owners[1:], owners[0]], strict=True))
    steps = line["steps"][: line["steps"].index(step)]
    for each, answer in zip(step["parallel"], [answers[-1], *answers[:-1]], strict=True):
        each["stdout"] = answer
    step["store"] = {name: moved.get(held, held) for name, held in step["store"].items()}
    tally = judge_lines(NAME, tmp_path, {**line, "steps": [*steps, step]})
    assert tally.exit_code == ExitCode.HOLDS


def test_a_recording_of_chains_alone_is_not_said_to_agree(tmp_path: Path) -> None:
    chain = next(line for line in read_lines(NAME, every=40) if line["kind"] == "chain")
    tally = judge_lines(NAME, tmp_path, chain)
    assert (tally.cases, tally.exit_code) == (0, ExitCode.UNKNOWN)


def test_chains_do_not_hide_a_disagreement(tmp_path: Path) -> None:
    chain = next(line for line in read_lines(NAME, every=40) if line["kind"] == "chain")
    line, step = find("exit")
    step["stdout"]["ips"] = []
    assert judge_lines(NAME, tmp_path, chain, line).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "kind: is missing"),
        ({"kind": "dhcp", "steps": []}, "kind: must be host-local or chain, not 'dhcp'"),
        ({"kind": "host-local", "steps": [{}]}, "steps[0].store: is missing"),
        ({"kind": "host-local", "steps": [{"store": {}}]}, "steps[0].env: is missing"),
        ({"kind": "host-local", "steps": [{"store": {"a": 1}}]}, "store.a: must be a string"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        judge_lines(NAME, tmp_path, line)
    assert message in error.value.message
    assert error.value.line == 1
