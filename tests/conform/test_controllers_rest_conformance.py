"""Endpoints, claims, garbage, taints and zones: controllers answer as recorded."""

import copy
from pathlib import Path
from typing import Any

import pytest
from recordings import (
    check_lines,
    check_refusal,
    check_whole,
    get_recording,
    judge_lines,
    pick_line,
    read_lines,
)

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import recognise

NAME = "controllers_rest"
RECORDING = get_recording(NAME)
LINES = read_lines(NAME, every=15)
COUNTS = {
    "endpointslice_reconcile": 2000,
    "gc_decisions": 1250,
    "pv_match": 1500,
    "pv_sync_claim": 1500,
    "pv_sync_volume": 1250,
    "taint_eviction": 1500,
    "zone_disruption": 300,
}


def test_a_sample_of_the_recorded_lines_agrees(tmp_path: Path) -> None:
    check_lines(NAME, tmp_path, LINES)
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_lines_agree() -> None:
    check_whole(NAME, COUNTS)


def test_another_slice_or_write_is_noticed(tmp_path: Path) -> None:
    line = pick_line(LINES, "endpointslice_reconcile", lambda out: out["writes"])
    for change in ({"writes": []}, {"slices": []}, {"error": "skipping Pod p9"}):
        changed = {**line, "out": {**line["out"], **change}}
        assert judge_lines(NAME, tmp_path, changed).exit_code == ExitCode.SAFETY


def test_endpoints_may_stand_in_either_of_two_slices_but_not_in_both(tmp_path: Path) -> None:
    def is_spread(out: Any) -> bool:
        made = [s for s in out["slices"] if len(s["endpoints"]) > 1]
        return out["writes"] == ["create", "create"] and len(made) > 0

    lines = read_lines(NAME, most=2000)
    line = copy.deepcopy(
        next(
            line
            for line in lines
            if line["kind"] == "endpointslice_reconcile"
            and is_spread(line["out"])
            and len({str(s["ports"]) + s["addressType"] for s in line["out"]["slices"]}) == 1
        )
    )
    one, other = line["out"]["slices"]
    one["endpoints"][0], other["endpoints"][0] = other["endpoints"][0], one["endpoints"][0]
    for each in (one, other):
        each["endpoints"].sort(key=lambda endpoint: endpoint["pod"])
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.HOLDS
    other["endpoints"][0] = copy.deepcopy(one["endpoints"][0])
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def test_a_volume_that_is_no_best_one_is_noticed(tmp_path: Path) -> None:
    line = pick_line(LINES, "pv_match", lambda out: out["controllerChoice"] != [""])
    for told in ([""], ["v9"], []):
        changed = {**line, "out": {**line["out"], "controllerChoice": told}}
        assert judge_lines(NAME, tmp_path, changed).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize("kind", ["pv_sync_claim", "pv_sync_volume"])
def test_a_write_too_few_is_noticed(kind: str, tmp_path: Path) -> None:
    line = pick_line(LINES, kind, lambda out: len(out["actions"]) == 1)
    line["out"]["actions"] = []
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def test_what_a_recycler_writes_may_come_later_but_not_otherwise(tmp_path: Path) -> None:
    def is_recycled(out: Any) -> bool:
        phases = [action["object"]["status"]["phase"] for action in out["actions"]]
        return phases == ["Released", "Failed"]

    lines = [line for line in read_lines(NAME) if line["kind"] == "pv_sync_volume"]
    line = copy.deepcopy(next(line for line in lines if is_recycled(line["out"])))
    early = {**line, "out": {"actions": line["out"]["actions"][:1]}}
    assert judge_lines(NAME, tmp_path, early).exit_code == ExitCode.HOLDS
    silent = {**line, "out": {"actions": line["out"]["actions"]}}
    assert judge_lines(NAME, tmp_path, silent).exit_code == ExitCode.SAFETY


def test_another_decision_about_one_object_is_noticed(tmp_path: Path) -> None:
    line = pick_line(
        LINES, "gc_decisions", lambda out: out["attemptToDeleteItem"]["o0"]["actions"]
    )
    line["out"]["attemptToDeleteItem"]["o0"]["actions"] = []
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def test_another_eviction_or_rate_is_noticed(tmp_path: Path) -> None:
    line = pick_line(LINES, "taint_eviction")
    line["out"]["after"][-1]["evictions"] += 1
    zones = pick_line(LINES, "zone_disruption", lambda out: out["after"])
    next(iter(zones["out"]["after"][0].values()))["evictionQPS"] = 7
    tally = judge_lines(NAME, tmp_path, line, zones)
    assert (tally.cases, tally.agree) == (2, 0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"kind": "x", "in": {}, "out": {"a": 1}}, "kind: 'x' is none of endpointslice_reconcile"),
        ({"kind": "pv_match", "in": {"x": 1}, "out": {"a": 1}}, "in.claim: is missing"),
        (
            {"kind": "taint_eviction", "in": {"steps": [{}]}, "out": {"after": []}},
            "in.steps[0].advanceSeconds: must be a number",
        ),
        (
            {"kind": "zone_disruption", "in": {"steps": []}, "out": {"after": []}},
            "in.evictionQPS: must be a number",
        ),
        (
            {"kind": "endpointslice_reconcile", "in": {"service": {}}, "out": {"writes": []}},
            "in.maxEndpointsPerSlice: is missing",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: Any, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)


@pytest.mark.parametrize(
    ("kind", "path", "value", "message"),
    [
        ("pv_sync_claim", "claim metadata", {"name": ""}, ""),
        ("pv_sync_claim", "claim metadata", {"namespace": "n"}, "in.claim.metadata.name: is"),
        ("pv_sync_claim", "claim status", 7, "in.claim.status: must be an object"),
        ("pv_sync_volume", "volume status", [], "in.volume.status: must be an object"),
        ("pv_sync_volume", "volume spec claimRef", "x", "claimRef: must be an object"),
        (
            "endpointslice_reconcile",
            "existingSlices",
            [{"name": "s", "addressType": "IPv4", "ports": [{"port": {}}]}],
            "ports[0].port: must be a string or an integer",
        ),
    ],
)
def test_a_part_of_another_shape_is_named(
    kind: str, path: str, value: Any, message: str, tmp_path: Path
) -> None:
    line = pick_line(LINES, kind)
    *above, last = path.split()
    place = line["in"]
    for name in above:
        place = place[name]
    place[last] = value
    if message:
        check_refusal(NAME, tmp_path, line, message)
    else:
        assert judge_lines(NAME, tmp_path, line).cases == 1
