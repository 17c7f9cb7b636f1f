"""What `--json` prints is what docs/json.md and tests/schemas say, for every command."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import COUNTER, Commands
from test_fit import CLUSTER, pod

from planespec.checker.errors import ExitCode
from planespec.reports.live.etcd.defects import DEFECTS
from planespec.reports.live.etcd.hunting import Finding, Status, render_json

jsonschema = pytest.importorskip("jsonschema", reason="`pip install .[test]` brings jsonschema")

TESTS = Path(__file__).resolve().parents[1]


def assert_valid(name: str, text: str) -> Any:
    """The document, which its schema accepts and which names that schema."""
    document = json.loads(text)
    schema = json.loads((TESTS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    found = jsonschema.Draft202012Validator(schema).iter_errors(document)
    best = jsonschema.exceptions.best_match(found)
    assert best is None, f"{best.json_path}: {best.message}"
    assert document["schema"] == schema["properties"]["schema"]["const"]
    assert document["schema"].startswith(f"planespec/{name}/")
    return document


def test_list(planespec: Commands) -> None:
    assert len(assert_valid("list", planespec("list", "--json").out)["models"]) >= 10


def test_list_requirements(planespec: Commands) -> None:
    text = planespec("list", "--requirements", "--json").out
    known = {each["id"]: each for each in assert_valid("requirements", text)["requirements"]}
    assert known["SCHED-1"]["levels"] == ["step", "snapshot", "transition", "log"]
    assert known["SCHED-9"]["levels"] == ["promise"]
    assert known["SCHED-9"]["models"] == ["scheduler.progress"]
    assert known["WATCH-1"]["levels"] == ["watch"]


def test_mutate_and_replay(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    assert_valid("mutate", planespec("mutate", path, "--json").out)
    assert planespec("check", path, "--mutant", "runaway", "--save", "saved.json").code == 12
    document = assert_valid("replay", planespec("replay", "saved.json", "--json").out)
    assert document["violation"]["property"] == "within_limit"


@pytest.mark.parametrize("options", [[], ["--requirement", "guarded"]])
def test_vacuity(planespec: Commands, options: list[str]) -> None:
    answer = planespec("vacuity", TESTS / "vacuity" / "cases.py", "--json", *options)
    document = assert_valid("vacuity", answer.out)
    assert document["exit_code"] == answer.code


@pytest.mark.parametrize("options", [[], ["--mutant", "stale_check"]])
def test_prove(planespec: Commands, options: list[str]) -> None:
    answer = planespec("prove", "toy.resource_fit", "--json", *options)
    assert assert_valid("prove", answer.out)["exit_code"] == answer.code


def test_prove_of_what_is_not_inductive(planespec: Commands) -> None:
    model = TESTS / "symbolic" / "counters.py"
    answer = planespec("prove", f"{model}:Twins", "--json", "--requirement", "together")
    assert_valid("prove", answer.out)


@pytest.mark.parametrize("asked", ["500m", "1800m", "64"])
def test_fit(planespec: Commands, asked: str) -> None:
    planespec.write(json.dumps({"kind": "List", "items": CLUSTER}), "cluster.json")
    planespec.write(json.dumps(pod("new", asked, priority=10)), "pod.json")
    answer = planespec("fit", "pod.json", "--cluster", "cluster.json", "--json")
    document = assert_valid("fit", answer.out)
    assert document["fits"] is (answer.code == ExitCode.HOLDS)


@pytest.mark.parametrize("image", ["registry.example/app:v1", ""])
def test_admit(planespec: Commands, image: str) -> None:
    made = {**pod("new", "1", containers=[{"name": "c", "image": image}])}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    planespec.write(json.dumps(made), "pod.json")
    planespec.write(json.dumps(namespace), "cluster.json")
    answer = planespec("admit", "pod.json", "--cluster", "cluster.json", "--json")
    document = assert_valid("admit", answer.out)
    assert (document["refusal"] is None) is (answer.code == ExitCode.HOLDS)


def test_audit(planespec: Commands) -> None:
    lost = pod("lost", "1", nodeName="nowhere")
    crowd = [pod(f"p{n}", "3", nodeName="n1") for n in range(4)]
    planespec.write(json.dumps({"kind": "List", "items": [*CLUSTER, lost, *crowd]}), "all.json")
    planespec.write("{", "broken.json")
    answer = planespec("audit", "all.json", "broken.json", "--json")
    document = assert_valid("audit", answer.out)
    assert document["violations"]
    assert document["malformed"]


def test_conform(planespec: Commands) -> None:
    case = {"format": "DecimalSI", "milli": 0, "sign": 1, "string": "0050E", "value": 0}
    for shown in ("0050E", "50E"):
        line = {"in": {"op": "quantity", "s": "0050E"}, "out": {**case, "string": shown}}
        planespec.write(json.dumps(line) + "\n", "cases.jsonl")
        answer = planespec("conform", "primitives", "cases.jsonl", "--json")
        document = assert_valid("conform", answer.out)
        assert bool(document["disagreements"]) is (answer.code == ExitCode.SAFETY)
        assert (document["verdict"] == "agrees") is (shown == case["string"])


def test_hunt() -> None:
    found = Finding(DEFECTS[0], Status.FOUND, "broke it", ("put a",), shortest=True, runs=3)
    missing = Finding(DEFECTS[1], Status.ABSENT)
    assert_valid("hunt", render_json("3.5.1", [found, missing], ExitCode.SAFETY))
