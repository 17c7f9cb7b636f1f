"""What logs show of kubelets, step by step, and that recorded kubelets give no false alarm."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from node_cases import BROKEN
from test_audit_steps import follow, found, pod, request

from planespec.reports.audit.audit_result import Report
from planespec.spec.cluster.node_life.shown_pods import find_shown
from planespec.spec.cluster.steps.kubelet_steps import list_steps
from planespec.spec.objects import View

RECORDINGS = Path(__file__).parents[1] / "recorded"
KUBELET = {"user": {"username": "system:node:n1"}, "userAgent": "kubelet/v1.36.0 (linux/amd64)"}
RUNS = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
ZERO = {"gracePeriodSeconds": 0}


def ended(code: int, **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "startedAt": "2026-01-01T00:00:00Z", **more}}


def status(phase: str, state: Any, **more: Any) -> dict[str, Any]:
    shown = {"name": "c", "state": state, "lastState": {}, "ready": False, "restartCount": 0}
    return {"phase": phase, "containerStatuses": [shown], **more}


def write(second: int, *said: Any, **more: Any) -> dict[str, Any]:
    body = {"status": status(*said)} if said else {}
    return request("patch", "pods/status", "a", second, **body) | KUBELET | more


def delete(second: int, code: int = 200, **more: Any) -> dict[str, Any]:
    return request("delete", "pods", "a", second, code, **ZERO) | KUBELET | more


def ids(report: Report) -> list[str]:
    return [id_ for id_, _ in found(report)]


def test_a_kubelet_that_deletes_what_it_shows_to_run_is_found(tmp_path: Path) -> None:
    early = follow(tmp_path, write(1, "Running", RUNS), delete(2))
    assert [*found(early)] == [("KUB-1", 2), ("KUB-38", 2)]
    assert "container c is shown to run" in early.violations[0].message
    in_order = [write(1, "Running", RUNS), write(2, "Succeeded", ended(0)), delete(3)]
    assert found(follow(tmp_path, *in_order)) == []


def test_a_kubelet_shows_the_last_phase_before_it_deletes(tmp_path: Path) -> None:
    lines = [write(1, "Running", ended(0)), delete(2)]
    assert found(follow(tmp_path, *lines)) == [("KUB-38", 2)]
    for agent in ("kubelet/v1.26.4 (linux/amd64)", "hollow-kubelet", "kubectl/v1.36.0"):
        older = delete(2, userAgent=agent)
        assert found(follow(tmp_path, lines[0], older)) == []


@pytest.mark.parametrize(
    "other",
    [
        delete(2, user={"username": "admin"}, userAgent="kubectl/v1.36.0"),
        delete(2, code=409),
        delete(2, requestObject={"gracePeriodSeconds": 30}),
        delete(2, user={"username": "system:node:a"}) | {"objectRef": {}},
    ],
    ids=["forced", "refused", "graceful", "nothing named"],
)
def test_other_deletes_are_none_of_a_kubelets_ends(other: Any, tmp_path: Path) -> None:
    assert found(follow(tmp_path, write(1, "Running", RUNS), other)) == []


def test_the_mirror_of_a_static_pod_goes_while_it_runs(tmp_path: Path) -> None:
    marked = {"metadata": {"annotations": {"kubernetes.io/config.mirror": "h"}}}
    made = request("create", "pods", "a", 0, 201, **marked)
    assert found(follow(tmp_path, made, write(1, "Running", RUNS), delete(2))) == []
    node = {"user": {"username": "system:node:n1"}}
    named = [write(1, "Running", RUNS), delete(2)]
    for line in named:
        line["objectRef"] |= {"name": "etcd-n1"}
        line |= node
    assert found(follow(tmp_path, *named)) == []


def test_a_write_of_which_the_log_does_not_say_enough_leaves_nothing_known(tmp_path: Path) -> None:
    lines = [write(1, "Running", RUNS), write(2), delete(3)]
    assert found(follow(tmp_path, *lines)) == []


def test_a_watch_that_shows_the_end_excuses_a_log_that_lost_it(tmp_path: Path) -> None:
    meta = {"uid": "uid-a"}
    seen = pod("ADDED", 2, metadata=meta, status=status("Running", RUNS))
    over = pod("MODIFIED", 3, metadata=meta, status=status("Succeeded", ended(0)))
    log = [write(1, "Running", RUNS), delete(2)]
    assert found(follow(tmp_path, seen, over, *log)) == []
    assert ids(follow(tmp_path, seen, *log)) == ["KUB-1", "KUB-38"]


def test_another_pod_of_the_name_is_another_pod(tmp_path: Path) -> None:
    later = delete(3)
    later["objectRef"] |= {"uid": "other"}
    assert found(follow(tmp_path, write(1, "Running", RUNS), later)) == []


def answered(second: int, data: dict[str, Any]) -> dict[str, Any]:
    data = data | {"metadata": data["metadata"] | {"uid": "uid-a"}}
    return write(second, "Running", RUNS, responseObject=data)


@pytest.mark.parametrize(
    "id_", ["KUB-5", "KUB-6", "KUB-8", "KUB-11", "KUB-15", "KUB-30", "KUB-35", "NODE-3"]
)
def test_what_one_status_shows_is_found_in_watches_and_in_answers(
    id_: str, tmp_path: Path
) -> None:
    for [broken] in BROKEN[id_]:
        meta = broken["metadata"] | {"uid": "u", "namespace": "x", "resourceVersion": "2"}
        event = {"type": "ADDED", "object": broken | {"metadata": meta}}
        assert ids(follow(tmp_path, event)) == [id_]
        same = {
            "type": "MODIFIED",
            "object": broken | {"metadata": meta | {"resourceVersion": "3"}},
        }
        assert ids(follow(tmp_path, event, same)) == [id_]
        assert ids(follow(tmp_path, answered(1, broken), answered(2, broken))) == [id_]


def step(policy: str, before: Any, after: Any, **of_container: Any) -> list[dict[str, Any]]:
    spec = {"restartPolicy": policy, "containers": [{"name": "c", **of_container}]}
    return [
        pod("ADDED", 2, spec=spec, status=status("Running", before)),
        pod("MODIFIED", 3, spec=spec, status=status("Running", after)),
    ]


@pytest.mark.parametrize(
    ("policy", "before", "is_broken"),
    [
        ("Never", ended(0), True),
        ("Never", ended(1), True),
        ("OnFailure", ended(0), True),
        ("OnFailure", ended(1), False),
        ("Always", ended(0), False),
        ("Never", ended(137, reason="ContainerStatusUnknown"), False),
        ("Never", ended(128, reason="StartError"), False),
        ("Never", {"waiting": {"reason": "ContainerCreating"}}, False),
    ],
)
def test_a_container_runs_again_only_as_its_policy_allows(
    policy: str, before: Any, is_broken: bool, tmp_path: Path
) -> None:
    wanted = [("KUB-8", 2)] if is_broken else []
    assert found(follow(tmp_path, *step(policy, before, RUNS))) == wanted
    assert found(follow(tmp_path, *step("Always", before, RUNS, restartPolicy=policy))) == wanted
    rules = {"restartPolicyRules": [{"action": "Restart"}]}
    assert found(follow(tmp_path, *step(policy, before, RUNS, **rules))) == []


def test_the_answers_of_a_log_show_steps_as_a_watch_does(tmp_path: Path) -> None:
    objects = [each["object"] for each in step("Never", ended(0), RUNS)]
    assert found(follow(tmp_path, *map(answered, (1, 2), objects))) == [("KUB-8", 2)]


def test_a_pod_that_runs_does_not_go_back_to_pending(tmp_path: Path) -> None:
    spec = {"initContainers": [{"name": "i"}]}
    done = [{"name": "i", "state": ended(0)}]

    def shown(type_: str, revision: int, phase: str, state: Any) -> dict[str, Any]:
        of_init = {"initContainerStatuses": done}
        return pod(type_, revision, spec=spec, status=status(phase, state, **of_init))

    start = shown("ADDED", 2, "Running", RUNS)
    again = {"waiting": {"reason": "PodInitializing"}}
    assert found(follow(tmp_path, start, shown("MODIFIED", 3, "Pending", RUNS))) == [("KUB-27", 2)]
    assert found(follow(tmp_path, start, shown("MODIFIED", 3, "Pending", again))) == []


def read_states(state: dict[str, Any]) -> dict[str, Any]:
    """A state as the API has it, of one as it was recorded."""
    state = dict(state)
    kind = state.pop("is", "")
    return {kind: {"startedAt": "2026-01-01T00:00:00Z", **state}} if kind else {}


def read_status(shown: dict[str, Any]) -> dict[str, Any]:
    conditions = shown.get("conditions", {}).items()
    made: dict[str, Any] = {
        "phase": shown.get("phase", ""),
        "conditions": [{"type": type_, "status": said[0]} for type_, said in conditions],
    }
    for name in ("initContainerStatuses", "containerStatuses"):
        made[name] = [
            {"name": container, "ready": each["ready"]}
            | {name: read_states(each.get(name, {})) for name in ("state", "lastState")}
            for container, each in shown.get(name, {}).items()
        ]
    return made


def read_recorded(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(RECORDINGS / f"{name}.jsonl.gz", "rt") as lines:
        yield from map(json.loads, lines)


def test_a_real_kubelet_breaks_nothing_whatever_is_killed_around_it() -> None:
    """Containers, sandboxes, the runtime and the kubelet itself are killed in these recordings."""
    count = 0
    for recorded in read_recorded("kubelet_containerd"):
        spec, last = recorded["pod"]["spec"], ("", View({}))
        for each in recorded["status"]:
            shown = each["pod"] or {}
            after = read_status(shown)
            assert find_shown(after, spec, {"name": "a", "generation": 1}) == ()
            if shown.get("uid", "-") == last[0]:
                assert list(list_steps(last[1], View(after), View(spec))) == []
                count += 1
            last = (shown.get("uid", ""), View(after))
    assert count > 700


def test_a_real_kubelet_calls_no_pod_ready_of_which_a_container_is_not() -> None:
    """Whatever a runtime says, and probes: the parts are random in these recordings."""
    count = 0
    for recorded in read_recorded("kubelet_podstatus"):
        for each in recorded["steps"]:
            found_ = find_shown(each["status"], recorded["pod"]["spec"], {"name": "a"})
            assert "KUB-15" not in {one.requirement.id for one in found_}
            count += each["status"]["phase"] == "Running"
        if count > 1_500:
            break
    assert count > 1_500
