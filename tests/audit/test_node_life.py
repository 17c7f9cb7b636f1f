"""What objects show of kubelets, nodes, volumes and addresses: broken, kept, not yet to tell."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from node_cases import BEFORE, BROKEN, KEPT, RECENT, at, claim, node
from snapshots import Object, audit, ids

from planespec.reports.audit.sources import audit_files
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Level

ELSEWHERE = ("STAT", "SCHED", "OBJ", "OPS")
"""Areas that say of some of these objects that they are in trouble."""


def found(objects: list[Object]) -> list[str]:
    report = audit(*copy.deepcopy(objects))
    assert report.malformed == []
    return [each for each in ids(report) if each.partition("-")[0] not in ELSEWHERE]


def list_cases(of: dict[str, list[list[Object]]]) -> list[Any]:
    return [
        pytest.param(id_, objects, id=f"{id_}-{number}")
        for id_, cases in of.items()
        for number, objects in enumerate(cases)
    ]


@pytest.mark.parametrize(("id_", "objects"), list_cases(BROKEN))
def test_what_is_broken_is_found_and_nothing_else(id_: str, objects: list[Object]) -> None:
    assert found(objects) == [id_]


@pytest.mark.parametrize(("id_", "objects"), list_cases(KEPT))
def test_what_a_healthy_cluster_may_show_is_no_finding(id_: str, objects: list[Object]) -> None:
    assert found(objects) == []


def test_every_requirement_of_these_areas_that_a_snapshot_shows_has_cases() -> None:
    areas = ("KUB", "NODE", "CSI", "CNI", "CRI")
    audited = {e.id for e in list_audited() if e.id.partition("-")[0] in areas}
    on_snapshots = {e.id for e in list_audited() if Level.SNAPSHOT in e.levels} & audited
    assert on_snapshots == BROKEN.keys() == KEPT.keys()


def test_a_message_names_the_objects_and_the_reason() -> None:
    [one] = [e for e in audit(*BROKEN["KUB-17"][0]).violations if e.requirement.id == "KUB-17"]
    assert [str(each) for each in one.objects] == ["Pod default/a", "Node n1"]
    assert one.message == f"was to end by {BEFORE}, and is there still; node n1 is Ready"
    [one] = audit(*BROKEN["KUB-6"][0]).violations
    assert one.message == "container c runs, and init container first runs still"


def test_addresses_that_may_have_been_passed_on_are_not_judged() -> None:
    report = audit(node(), at("a", "10.0.0.7"), at("b", "10.0.0.7", RECENT))
    assert "whether pods had an address at one time" in "\n".join(report.unjudged)


def test_a_volume_that_went_on_between_two_dumps_had_one_claim(tmp_path: Path) -> None:
    for name in ("data", "other"):
        (tmp_path / f"{name}.json").write_text(json.dumps(claim(name)), encoding="utf-8")
    report = audit_files([str(tmp_path)])
    assert "CSI-12" not in ids(report)
    assert "whether a volume had two claims at one time" in "\n".join(report.unjudged)


def test_pods_that_are_alike_are_each_compared_by_their_own_address() -> None:
    """The second of equal pods is read without being decoded: its address is its own."""
    addresses = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3", "d": "10.0.0.2"}
    pods = [at(name, address, meta={"uid": name}) for name, address in addresses.items()]
    [one] = [e for e in audit(node(), *pods).violations if e.requirement.id == "CNI-1"]
    assert {each.name for each in one.objects} == {"b", "d"}
