"""The rules of host-local and of lists of plugins give every recorded answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode
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


def read_chains() -> list[Any]:
    """Some of the recorded lines of lists of plugins."""
    return [line for line in read_lines(NAME, every=5) if line["kind"] == "chain"]


def test_a_sample_of_the_recorded_lists_agrees(tmp_path: Path) -> None:
    tally = judge_lines(NAME, tmp_path, *read_chains()[::2])
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases > 150
    assert tally.kinds["chain ADD"].agree > 80


@pytest.mark.slow
def test_all_recorded_runs_and_lists_agree() -> None:
    tally = run(load_judge(NAME), [get_recording(NAME)])
    assert {kind: count.agree for kind, count in tally.kinds.items()} == {
        **{"ADD": 2048, "CHECK": 452, "DEL": 880, "GC": 84, "NOPE": 21, "STATUS": 69},
        **{"VERSION": 69, "no command": 15, "parallel ADD": 177},
        **{"chain ADD": 912, "chain CHECK": 284, "chain DEL": 386, "chain GC": 81},
        **{"chain STATUS": 59, "chain VALIDATE": 47},
    }
    assert tally.agree == tally.cases


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


def find_added(*parts: str) -> tuple[Any, Any]:
    """The first recorded list whose ADD gave a result and left some parts, and the step."""
    for line in read_chains():
        for step in line["steps"]:
            told = step.get("answer", {}).get("result", {})
            if "interfaces" in told and all(step["after"].get(part) for part in parts):
                return line, step
    raise LookupError(parts)


@pytest.mark.parametrize(
    ("parts", "change"),
    [
        ((), lambda step: step["answer"]["result"]["ips"][0].update(address="10.9.1.9/29")),
        ((), lambda step: step["answer"]["calls"][0]["stdin"].update(mtu=9)),
        ((), lambda step: step["answer"]["calls"][0]["env"].update(CNI_IFNAME="eth9")),
        ((), lambda step: step["answer"].update(error="no")),
        (("cache",), lambda step: step["after"]["cache"].pop()),
        (("store",), lambda step: step["after"]["store"].clear()),
        (("host",), lambda step: step["after"]["host"][0].update(mtu=9)),
        (("nat",), lambda step: step["after"]["nat"].reverse()),
        (("qdisc",), lambda step: step["after"]["qdisc"].pop()),
    ],
)
def test_what_a_list_leaves_in_another_way_is_noticed(
    parts: tuple[str, ...], change: Callable[[Any], object], tmp_path: Path
) -> None:
    line, step = find_added(*parts)
    index = line["steps"].index(step)
    line["steps"] = line["steps"][: index + 1]
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.HOLDS
    change(step)
    tally = judge_lines(NAME, tmp_path, line)
    assert [each.kind for each in tally.disagreements] == ["chain ADD"]


def test_any_new_mac_address_is_accepted_and_one_that_was_seen_is_not(tmp_path: Path) -> None:
    line, step = find_added()
    line["steps"] = line["steps"][: line["steps"].index(step) + 1]
    text = json.dumps(line)
    assert '"mac#1"' in text
    renamed = json.loads(text.replace('"mac#1"', '"02:00:00:00:00:99"'))
    assert judge_lines(NAME, tmp_path, renamed).exit_code == ExitCode.HOLDS
    same = json.loads(text.replace('"mac#1"', '"mac#0"'))
    assert judge_lines(NAME, tmp_path, same).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "kind: is missing"),
        ({"kind": "dhcp", "steps": []}, "kind: must be host-local or chain, not 'dhcp'"),
        ({"kind": "host-local", "steps": [{}]}, "steps[0].store: is missing"),
        ({"kind": "host-local", "steps": [{"store": {}}]}, "steps[0].env: is missing"),
        ({"kind": "host-local", "steps": [{"store": {"a": 1}}]}, "store.a: must be a string"),
        ({"kind": "chain", "steps": [{}]}, "steps[0].after: is missing"),
        ({"kind": "chain", "steps": [{"after": {}, "list": {}}]}, "steps[0].request: is missing"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)
