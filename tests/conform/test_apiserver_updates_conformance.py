"""Merge patches to objects of 22 kinds are answered as a real API server did."""

import copy
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run


def test_answers_of_a_sample_agree(tmp_path: Path) -> None:
    tally = judge_lines("apiserver_updates", tmp_path, *read_lines("apiserver_updates", every=11))
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 161)


@pytest.mark.slow
def test_all_recorded_answers_agree() -> None:
    tally = run(load_judge("apiserver_updates"), [get_recording("apiserver_updates")])
    assert (tally.agree, tally.cases) == (1652, 1652)
    assert len({kind.split()[0] for kind in tally.kinds}) == 21
    assert tally.exit_code == ExitCode.HOLDS


@pytest.mark.parametrize("name", ["changed", "causes", "message", "warnings"])
def test_an_answer_that_is_wrong_in_one_part_is_told(name: str, tmp_path: Path) -> None:
    record = copy.deepcopy(read_lines("apiserver_updates", every=138)[0])
    answer = next(each for each in record["out"]["answers"] if each.get(name))
    answer[name] = answer[name][:-1]
    tally = judge_lines("apiserver_updates", tmp_path, record)
    assert tally.cases - tally.agree == 1


def test_the_time_of_a_write_is_not_decided_by_a_line_and_its_owner_is(tmp_path: Path) -> None:
    record = copy.deepcopy(read_lines("apiserver_updates", every=138)[0])
    answer = next(
        each for each in record["out"]["answers"] if "no kind" in each.get("message", "")
    )
    cause = answer["causes"][0]
    for part in (answer, cause):
        part["message"] = part["message"].replace(r"\"time\":\"2026", r"\"time\":\"2027")
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.HOLDS
    cause["message"] = cause["message"].replace(r"\"manager\":\"unknown", r"\"manager\":\"other")
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.SAFETY


def test_entries_of_managed_fields_are_in_the_order_of_times_that_no_line_tells(
    tmp_path: Path,
) -> None:
    record = copy.deepcopy(read_lines("apiserver_updates")[137])
    message = r"{\"manager\":\"unknown\""
    answers = record["out"]["answers"]
    answer = next(each for each in answers if each.get("message", "").count(message) == 2)
    for part in (answer, answer["causes"][0]):
        head, start, rest = part["message"].partition(r"\"managedFields\":[")
        body, end, tail = rest.partition("]")
        first, second = body[1:-1].split("},{")
        part["message"] = f"{head}{start}{{{second}}},{{{first}}}{end}{tail}"
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.HOLDS
    answer["causes"][0]["message"] = answer["causes"][0]["message"].replace(
        "f:attached", "f:other"
    )
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.SAFETY


def test_a_service_takes_its_free_port_from_the_answer(tmp_path: Path) -> None:
    def is_open(record: Any) -> bool:
        return any(has_port(each) for each in record["out"]["answers"])

    def has_port(answer: Any) -> bool:
        return any("nodePort" in each["path"] for each in answer.get("changed") or ())

    record = copy.deepcopy(next(filter(is_open, read_lines("apiserver_updates"))))
    answer = next(filter(has_port, record["out"]["answers"]))
    port = next(each for each in answer["changed"] if "nodePort" in each["path"])
    port["after"] += 1
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.HOLDS
    answer["changed"].remove(port)
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.SAFETY


def test_free_ports_that_no_answer_tells_are_not_the_same(tmp_path: Path) -> None:
    """A refused update of a Service that has ports of the nodes says nothing of them."""
    record = copy.deepcopy(
        next(
            each
            for each in read_lines("apiserver_updates")
            if each["in"]["object"]["kind"] == "Service"
        )
    )
    name = record["in"]["object"]["metadata"]["name"]
    record["in"]["object"]["spec"]["type"] = "NodePort"
    patch = {"query": "?dryRun=All", "mergePatch": {"spec": {"ports": [{"port": 1}, {"port": 2}]}}}
    errors = [f"spec.ports[{index}].name" for index in range(2)]
    answer = {
        "code": 422,
        "reason": "Invalid",
        "message": f'Service "{name}" is invalid: '
        f"[{', '.join(f'{each}: Required value' for each in errors)}]",
        "causes": [
            {"reason": "FieldValueRequired", "message": "Required value", "field": each}
            for each in errors
        ],
    }
    record["in"]["patches"], record["out"]["answers"] = [patch], [answer]
    assert judge_lines("apiserver_updates", tmp_path, record).exit_code == ExitCode.HOLDS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line["in"].pop("object"), "in.object: is missing"),
        (lambda line: line["in"]["create"].update(kind="Robot"), "no kind of these recordings"),
        (lambda line: line["out"]["answers"].pop(), "one for each of in.patches"),
        (lambda line: line["in"]["patches"][0].pop("mergePatch"), "mergePatch: is missing"),
        (
            lambda line: line["in"]["object"]["metadata"].update(uid=""),
            "object.metadata.uid: is missing",
        ),
        (lambda line: line["in"]["object"].update(apiVersion=1), "in.object: is no Pod: apiV"),
        (lambda line: line["in"]["create"].update(metadata="x"), "create.metadata: must be"),
        (lambda line: line["out"]["answers"][0].update(causes=1), "causes: must be a list"),
        (lambda line: line["out"]["answers"][0].update(causes=[None]), "message: is missing"),
        (lambda line: line["in"].update(eachAgainstTheFirstObject=False), "are dry runs"),
    ],
)
def test_a_malformed_line_is_told(change: Any, message: str, tmp_path: Path) -> None:
    record = copy.deepcopy(read_lines("apiserver_updates", every=138)[0])
    change(record)
    with pytest.raises(InputError, match=message):
        judge_lines("apiserver_updates", tmp_path, record)
