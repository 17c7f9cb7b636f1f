"""Every recorded verdict of kube-scheduler is ours too, plugin by plugin."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.runner import Tally, run
from planespec.reports.judge.scheduling import judge, normalize

RECORDED = Path(__file__).parent.parent / "recorded"
RECORDING = RECORDED / "scheduler.jsonl.gz"
INVALID = RECORDED / "scheduler_invalid_pods.jsonl.gz"
CASES = {
    "interpod": 356,
    "mixed": 276,
    "nodeaffinity": 213,
    "nodename": 60,
    "ports": 213,
    "preempt": 357,
    "resources": 329,
    "score": 336,
    "spread": 378,
    "taints": 227,
    "volumes": 249,
}

Record = dict[str, dict[str, object]]


def counts(tally: Tally) -> dict[str, tuple[int, int]]:
    """Agreeing and all comparisons by kind."""
    return {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}


def test_every_sixth_recorded_case_agrees_in_every_field(tmp_path: Path) -> None:
    lines = gzip.decompress(RECORDING.read_bytes()).splitlines(keepends=True)[::6]
    sample = tmp_path / "sample.jsonl"
    sample.write_bytes(b"".join(lines))
    tally = run(judge, [sample])
    assert tally.disagreements == []
    whole = {kind: pair for kind, pair in counts(tally).items() if kind.startswith("case: ")}
    assert whole.keys() == {f"case: {kind}" for kind in CASES}
    assert sum(agree for agree, _ in whole.values()) == len(lines)


@pytest.mark.slow
def test_all_recorded_cases_agree_in_every_field() -> None:
    tally = run(judge, [RECORDING])
    print(
        "\n".join(f"{kind}: {agree} of {cases}" for kind, (agree, cases) in counts(tally).items())
    )
    assert tally.disagreements == []
    assert tally.exit_code == ExitCode.HOLDS
    whole = {kind: pair for kind, pair in counts(tally).items() if kind.startswith("case: ")}
    assert whole == {f"case: {kind}": (cases, cases) for kind, cases in CASES.items()}


def test_all_pods_that_validation_refused_are_refused_with_the_same_words() -> None:
    tally = run(judge, [INVALID])
    assert tally.exit_code == ExitCode.HOLDS
    assert counts(tally)["podErrors"] == (12, 12)


def first(select: Callable[[Record], bool]) -> Record:
    """The first recorded line that is so."""
    for text in gzip.decompress(RECORDING.read_bytes()).decode().splitlines():
        record: Record = json.loads(text)
        if select(record):
            return record
    raise LookupError("no recorded line is so")


def has_node_rejection(plugin: str) -> Callable[[Record], bool]:
    """Lines in which the plugin alone rejects some node."""
    return lambda record: bool(record["verdict"]["filter"].get(plugin))  # type: ignore[attr-defined]


def change_first_leaf(value: object) -> object:
    """A JSON value that differs in one leaf."""
    if isinstance(value, dict) and value:
        name = min(value)
        return {**value, name: change_first_leaf(value[name])}
    if isinstance(value, list) and value:
        return [change_first_leaf(value[0]), *value[1:]]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


def judged(tmp_path: Path, record: Record) -> Tally:
    """Judge one line."""
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record))
    return run(judge, [path])


@pytest.mark.parametrize("field", ["qos", "prefilter", "framework", "scores", "scoresAll"])
def test_a_tampered_field_is_detected(tmp_path: Path, field: str) -> None:
    record = first(lambda line: field in line["verdict"])
    record["verdict"][field] = change_first_leaf(record["verdict"][field])
    tally = judged(tmp_path, record)
    assert tally.exit_code == ExitCode.SAFETY
    whole = [kind for kind in tally.kinds if kind.startswith("case: ")]
    assert [tally.kinds[kind].agree for kind in whole] == [0]


@pytest.mark.parametrize(
    "plugin",
    ["NodeAffinity", "NodePorts", "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity"],
)
def test_a_tampered_rejection_of_one_node_names_the_plugin(tmp_path: Path, plugin: str) -> None:
    record = first(has_node_rejection(plugin))
    rejections = record["verdict"]["filter"][plugin]  # type: ignore[index]
    del rejections[min(rejections)]
    tally = judged(tmp_path, record)
    assert tally.disagreements[0].kind == f"Filter {plugin}"


def test_a_tampered_victim_is_detected(tmp_path: Path) -> None:
    record = first(lambda line: "candidates" in line["verdict"].get("preemption", {}))  # type: ignore[operator]
    candidates = record["verdict"]["preemption"]["candidates"]  # type: ignore[index]
    candidates[min(candidates)]["victims"].append("default/nobody")
    tally = judged(tmp_path, record)
    assert tally.kinds["preemption"].agree == 0


def test_a_field_that_we_do_not_answer_is_a_disagreement(tmp_path: Path) -> None:
    record = first(lambda line: True)
    record["verdict"]["reserve"] = {"DynamicResources": "Success"}
    assert judged(tmp_path, record).exit_code == ExitCode.SAFETY


def test_objects_of_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    record = first(lambda line: True)
    record["case"]["resourceclaims"] = [{}]
    with pytest.raises(InputError, match="cannot judge the fields resourceclaims"):
        judged(tmp_path, record)


def test_only_reasons_without_an_order_are_sorted() -> None:
    reasons = ["Insufficient cpu", "Insufficient memory", "Insufficient b", "Insufficient a"]
    fixed = ["node(s) z", "node(s) a"]
    sorted_ = normalize({"filter": {"reasons": reasons}, "other": {"reasons": fixed}})
    assert sorted_ == {
        "filter": {"reasons": [*reasons[:2], "Insufficient a", "Insufficient b"]},
        "other": {"reasons": fixed},
    }
