"""ReplicaSets, Deployments, StatefulSets and DaemonSets: controllers answer as recorded."""

import json
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

NAME = "controllers_apps"
RECORDING = get_recording(NAME)
LINES = read_lines(NAME, every=9)
COUNTS = {
    "daemonset_sync": 1250,
    "deployment_sync": 1500,
    "replicaset_deletion_order": 1000,
    "replicaset_sync": 1500,
    "statefulset_sync": 2000,
}


def test_a_sample_of_the_recorded_lines_agrees(tmp_path: Path) -> None:
    tally = check_lines(NAME, tmp_path, LINES)
    assert set(tally.kinds) == set(COUNTS)
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_lines_agree() -> None:
    check_whole(NAME, COUNTS)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("daemonset_sync", {"answers": [{"deleted": ["d-n7-0"]}]}),
        ("daemonset_sync", {"status": {}}),
        ("daemonset_sync", {"shouldRunAndContinue": {}}),
        ("daemonset_sync", {"error": "couldn't get node"}),
        ("deployment_sync", {"actions": []}),
        ("deployment_sync", {"events": ["Normal ScalingReplicaSet Scaled"]}),
        ("deployment_sync", {"helpers": {}}),
        ("deployment_sync", {"error": "it is refused"}),
        ("replicaset_deletion_order", {"order": []}),
        ("replicaset_deletion_order", {"ranks": {}}),
        ("replicaset_deletion_order", {"before": {"p00": ["p00"]}}),
        ("replicaset_sync", {"createCalls": 77}),
        ("replicaset_sync", {"writes": []}),
        ("replicaset_sync", {"deleted": ["p77"]}),
        ("replicaset_sync", {"error": "not creating pod"}),
        ("replicaset_sync", {"patches": [{"metadata": {"uid": "u"}}]}),
        ("statefulset_sync", {"actions": [{"verb": "delete"}]}),
        ("statefulset_sync", {"status": {}}),
        ("statefulset_sync", {"error": "it is refused"}),
    ],
)
def test_an_answer_that_is_wrong_somewhere_is_noticed(
    kind: str, change: Any, tmp_path: Path
) -> None:
    line = pick_line(LINES, kind)
    line["out"] |= change
    assert [each.kind for each in judge_lines(NAME, tmp_path, line).disagreements] == [kind]


# What a line leaves open.


def make_pod(name: str, owner: str = "u", **status: Any) -> Any:
    """A pod of the ReplicaSet of that uid, made long ago."""
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": owner}
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": name,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"app": "a"},
            "ownerReferences": [reference | {"controller": True}],
        },
        "status": {"phase": "Running"} | status,
    }


def make_replica_set_line(*pods: Any, replicas: int = 1, **given: Any) -> Any:
    """A sync of a ReplicaSet, with an answer that deletes and makes nothing."""
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": {}}
    meta = {"name": "r", "namespace": "default", "uid": "u"}
    replica_set = {"metadata": meta, "spec": spec, "status": {}}
    given = {"now": "2026-01-02T00:00:00Z", "pods": list(pods), **given}
    count = len(pods)
    status = {"replicas": count, "terminatingReplicas": 0}
    status |= {"fullyLabeledReplicas": count} if count else {}
    write = {"verb": "update", "resource": "replicasets", "subresource": "status", "name": "r"}
    return {
        "kind": "replicaset_sync",
        "in": given | {"replicaSets": [replica_set]},
        "out": {
            **{"createCalls": 0, "created": 0, "deleted": [], "patches": []},
            "writes": [write | {"object": {"status": status}}],
        },
    }


def test_which_of_two_equal_pods_is_deleted_is_open_and_how_many_is_not(tmp_path: Path) -> None:
    line = make_replica_set_line(make_pod("p0"), make_pod("p1"))
    codes = []
    for deleted in (["p0"], ["p1"], ["p0", "p1"], []):
        line["out"]["deleted"] = deleted
        codes.append(judge_lines(NAME, tmp_path, line).exit_code)
    assert codes == [ExitCode.HOLDS, ExitCode.HOLDS, ExitCode.SAFETY, ExitCode.SAFETY]


def test_a_pod_that_is_worth_more_is_not_deleted_for_one_that_is_not(tmp_path: Path) -> None:
    pending = make_pod("p1", phase="Pending")
    line = make_replica_set_line(make_pod("p0"), pending)
    codes = []
    for deleted in (["p0"], ["p1"]):
        line["out"]["deleted"] = deleted
        codes.append(judge_lines(NAME, tmp_path, line).exit_code)
    assert codes == [ExitCode.SAFETY, ExitCode.HOLDS]


def test_which_of_two_requests_that_fail_is_told_is_open(tmp_path: Path) -> None:
    line = make_replica_set_line(replicas=3, createsThatSucceed=1)
    line["out"] |= {"createCalls": 3, "created": 1}
    codes = []
    for call in (2, 3, 4):
        error = f"not creating pod, limit 1 already reached (create call {call})"
        failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
        failure |= {"message": error, "lastTransitionTime": "2026-01-02T00:00:00Z"}
        line["out"]["error"] = error
        line["out"]["writes"][0]["object"]["status"]["conditions"] = [failure]
        codes.append(judge_lines(NAME, tmp_path, line).exit_code)
    assert codes == [ExitCode.HOLDS, ExitCode.HOLDS, ExitCode.SAFETY]


def test_each_of_several_answers_has_to_be_possible(tmp_path: Path) -> None:
    reference = {"kind": "DaemonSet", "name": "d", "uid": "u", "controller": True}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    nodes = [{"metadata": {"name": f"n{n}"}} for n in range(2)]
    meta = {"namespace": "default", "labels": {"a": "b"}, "ownerReferences": [reference]}
    pods = [
        {
            "metadata": meta | {"name": f"p{n}", "uid": f"p{n}"},
            "spec": {"nodeName": f"n{n}"},
            "status": {"phase": "Running", "conditions": [ready]},
        }
        for n in range(2)
    ]
    limits = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": {}, "updateStrategy": limits}
    owner = {"metadata": {"name": "d", "namespace": "default", "uid": "u"}, "spec": spec}
    given = {"daemonSet": owner, "nodes": nodes, "pods": pods, "hash": "h"}
    counts = dict.fromkeys(("desiredNumberScheduled", "currentNumberScheduled"), 2)
    counts |= {"numberReady": 2, "numberAvailable": 2, "numberMisscheduled": 0}
    out = {"shouldRunAndContinue": {"n0": [True, True], "n1": [True, True]}, "status": counts}
    codes = []
    for names in (["p0"], ["p1"], ["p0", "p1"], []):
        answers = [{"deleted": ["p0"]}, {"deleted": names}]
        line = {"kind": "daemonset_sync", "in": given | {"now": "2026-01-02T00:00:00Z"}}
        tally = judge_lines(NAME, tmp_path, line | {"out": out | {"answers": answers}})
        codes.append(tally.exit_code)
    assert codes == [ExitCode.HOLDS, ExitCode.HOLDS, ExitCode.SAFETY, ExitCode.SAFETY]


def make_stateful_set_line(*pods: Any, replicas: int = 4) -> Any:
    """A sync of a StatefulSet without order whose pods have names that are taken."""
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"image": "i"}]}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "a"}},
        "template": template,
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "OnDelete"},
    }
    owner = {"metadata": {"name": "s", "namespace": "default", "uid": "u"}, "spec": spec}
    given = {"statefulSet": owner, "pods": list(pods), "now": "2026-01-02T00:00:00Z"}
    return {"kind": "statefulset_sync", "in": given}


def make_named(ordinal: int) -> Any:
    """How a pod of the set is made."""
    labels = {"app": "a", "controller-revision-hash": "s-7657c5648b"}
    labels |= {"statefulset.kubernetes.io/pod-name": f"s-{ordinal}"}
    told = {"labels": labels | {"apps.kubernetes.io/pod-index": str(ordinal)}, "image": "i"}
    return {"verb": "create", "resource": "pods", "name": f"s-{ordinal}", "object": told}


def make_stateful_set_answer(order: list[int]) -> Any:
    """An answer that makes a revision and pods in that order."""
    revision: Any = {"verb": "create", "resource": "controllerrevisions", "name": "s-7657c5648b"}
    status = {"replicas": 0, "availableReplicas": 0, "collisionCount": 0}
    status |= {"currentRevision": "s-7657c5648b", "updateRevision": "s-7657c5648b"}
    write = {"verb": "update", "resource": "statefulsets", "subresource": "status", "name": "s"}
    pods = [make_named(ordinal) for ordinal in order]
    ends = [revision | {"object": {"revision": 1}}, write | {"object": {"status": status}}]
    return {"actions": [ends[0], *pods, ends[1]], "status": status}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([0, 1, 2, 3], ExitCode.HOLDS),
        ([0, 2, 1, 3], ExitCode.HOLDS),
        ([1, 0, 2, 3], ExitCode.SAFETY),
        ([0, 1, 3, 2], ExitCode.SAFETY),
        ([0, 1, 2], ExitCode.SAFETY),
    ],
)
def test_pods_that_are_made_at_once_have_no_order_and_batches_have(
    order: list[int], code: ExitCode, tmp_path: Path
) -> None:
    line = make_stateful_set_line() | {"out": make_stateful_set_answer(order)}
    assert judge_lines(NAME, tmp_path, line).exit_code == code


@pytest.mark.parametrize("name", ["s-7657c5648c", "t-7657c5648b", "s-"])
def test_a_new_revision_is_named_after_its_set_and_its_hash(name: str, tmp_path: Path) -> None:
    text = json.dumps(make_stateful_set_answer([0, 1, 2, 3]))
    line = make_stateful_set_line() | {"out": json.loads(text.replace("s-7657c5648b", name))}
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def test_several_errors_are_told_in_any_order_and_all_of_them(tmp_path: Path) -> None:
    def make_taken(ordinal: int) -> Any:
        made = make_named(ordinal)["object"]
        meta = {"name": f"s-{ordinal}", "namespace": "default", "labels": made["labels"]}
        return {"metadata": meta, "spec": {"containers": [{"image": "i"}]}, "status": {}}

    well = make_taken(0) | {"status": {"phase": "Running"}}
    line = make_stateful_set_line(well, make_taken(1), make_taken(2))
    out = make_stateful_set_answer([1, 2])
    del out["status"]
    told = {"replicas": 1, "currentReplicas": 1, "updatedReplicas": 1}
    out["actions"][-1]["object"]["status"] |= told
    codes = []
    both = [f'pods "s-{ordinal}" already exists' for ordinal in (1, 2)]
    for errors in (both, both[::-1], both[:1], [both[0], both[0]]):
        line["out"] = out | {"error": f"[{', '.join(errors)}]"}
        codes.append(judge_lines(NAME, tmp_path, line).exit_code)
    assert codes == [ExitCode.HOLDS, ExitCode.HOLDS, ExitCode.SAFETY, ExitCode.SAFETY]


def test_an_age_that_reaches_another_magnitude_just_after_now_counts_as_either(
    tmp_path: Path,
) -> None:
    """2**33 nanoseconds are 8.589934592 seconds."""
    pods = [make_pod("p0"), make_pod("p1")]
    pods[0]["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z"
    pods[1]["metadata"]["creationTimestamp"] = "2026-01-02T00:00:04Z"
    codes = []
    for now in ("08.4", "08.58", "08.7"):
        line = make_replica_set_line(*pods, now=f"2026-01-02T00:00:{now}Z")
        codes.append([])
        for deleted in (["p0"], ["p1"]):
            line["out"]["deleted"] = deleted
            codes[-1].append(judge_lines(NAME, tmp_path, line).exit_code == ExitCode.HOLDS)
    assert codes == [[True, False], [True, True], [False, True]]


def find_created(line: Any) -> Any:
    """The action by which a line makes a ReplicaSet."""
    actions = line["out"]["actions"]
    return next((each for each in actions if each["verb"] == "create"), None)


@pytest.mark.parametrize("name", ["d-95db845fc", "e-95db845fb", "d-95db845fb-x", "d-"])
def test_the_hash_of_a_new_replica_set_is_open_and_its_name_follows_from_it(
    name: str, tmp_path: Path
) -> None:
    line = pick_line(LINES, "deployment_sync", lambda out: find_created({"out": out}))
    created = find_created(line)
    old = created["name"]
    text = json.dumps(line)
    renamed = json.loads(text.replace(old, "d-54"))
    find_created(renamed)["object"]["labels"]["pod-template-hash"] = "54"
    assert judge_lines(NAME, tmp_path, renamed).exit_code == ExitCode.HOLDS
    find_created(renamed)["object"]["labels"]["pod-template-hash"] = "aeiou"
    assert judge_lines(NAME, tmp_path, renamed).exit_code == ExitCode.SAFETY
    created["name"] = name
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"kind": "x", "in": {}, "out": {"a": 1}}, "kind: 'x' is none of daemonset_sync"),
        (
            {"kind": "daemonset_sync", "in": {"daemonSet": {"a": 1}}, "out": {}},
            "in.now: is missing",
        ),
        ({"kind": "deployment_sync", "in": {"now": "x"}, "out": {}}, "in.deployment: is missing"),
        (
            {"kind": "statefulset_sync", "in": {"now": "x"}, "out": {}},
            "in.statefulSet: is missing",
        ),
        ({"kind": "replicaset_sync", "in": {"x": 1}, "out": {}}, "in.now: is missing"),
        (
            {"kind": "deployment_sync", "in": {"deployment": {"a": 1}, "now": "x"}, "out": {}},
            "in.now: must be a time such as 2026-01-02T03:04:05Z",
        ),
        (
            {"kind": "replicaset_sync", "in": {"now": "2026-01-02T00:00:00Z"}, "out": {"a": 1}},
            "in.replicaSets: is missing",
        ),
        (
            {
                "kind": "replicaset_sync",
                "in": {"replicaSets": [], "now": "2026-01-02T00:00:00Z"},
                "out": {"a": 1},
            },
            "in.replicaSets: is empty",
        ),
        (
            {"kind": "replicaset_deletion_order", "in": {"now": "x"}, "out": {"a": 1}},
            "in.pods: is missing",
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
        ("deployment_sync", "deployment status conditions", [{"type": "x"}], "status: is missing"),
        ("deployment_sync", "deployment status replicas", [], "replicas: must be an integer"),
        (
            "deployment_sync",
            "deployment spec strategy",
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "x"}},
            "string is not a percentage",
        ),
        ("statefulset_sync", "statefulSet spec template spec", {"containers": ["x"]}, "[0]: must"),
    ],
)
def test_a_part_of_another_shape_is_named(
    kind: str, path: str, value: Any, message: str, tmp_path: Path
) -> None:
    line = pick_line(LINES, kind)
    *above, last = path.split()
    place = line["in"]
    for name in above:
        place = place.setdefault(name, {})
    place[last] = value
    check_refusal(NAME, tmp_path, line, message)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ({"deleted": [{}]}, "out.deleted[0]: must be a string"),
        ({"patches": [{"metadata": "x"}]}, "out.patches[0].metadata: must be an object"),
    ],
)
def test_an_answer_of_another_shape_is_named(out: Any, message: str, tmp_path: Path) -> None:
    line = pick_line(LINES, "replicaset_sync")
    line["out"] |= out
    check_refusal(NAME, tmp_path, line, message)
