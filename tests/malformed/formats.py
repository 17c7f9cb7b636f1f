"""Every format of files that a command reads: files in order, and the command that reads them."""

import gzip
import json
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from mutation import damage_json, damage_text, mutate_value
from wrapped_formats import CHART, archived, collections_of, shipped

HERE = Path(__file__).resolve().parent
RECORDED = HERE.parent / "recorded"
RECORDINGS = tuple(
    f"controllers_{part}" for part in ("apps", "batch_scaling", "machinery", "rest")
)
KUBELETS = ("kubelet_containerd", "kubelet_podstatus", "kubelet_resize", "kubelet_statusmanager")
NAMES = (
    "saved answer",
    "ITF",
    "baseline",
    "table",
    "script",
    "model",
    "primitives",
    "scheduling",
    "etcd",
    "etcd history",
    "etcd watches",
    "Raft scenario",
    "Raft trace",
    "Raft table",
    "snapshot",
    "YAML snapshot",
    "audit log",
    "recorded log",
    "watch",
    "event list",
    "cloud log",
    "shipped log",
    "admitted",
    "admitting",
    "archive",
    "collection",
    "chart",
    "pod",
    "cluster",
    *RECORDINGS,
    *KUBELETS,
)
"""Every format, for tests to be made from."""

Run = Callable[..., int]
"""Runs a command; returns its exit code."""


@dataclass(frozen=True)
class Format:
    """Files of one format: damaged ones are drawn, and given to the command where FILE stands."""

    damaged: Callable[[random.Random], bytes]
    commands: tuple[tuple[str, ...], ...]
    file: str = "input.json"


def _lines(name: str, first: int = 0, count: int = 1) -> list[Any]:
    with gzip.open(RECORDED / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, first, first + count)]


def _smallest(name: str, of: Callable[[Any], str]) -> list[Any]:
    """The shortest record of each kind."""
    best: dict[str, str] = {}
    with gzip.open(RECORDED / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            kind = of(json.loads(line))
            best[kind] = min(best.get(kind, line), line, key=len)
    return [json.loads(line) for line in best.values()]


def _recorded(name: str) -> Format:
    """A line of each kind of a recording of controllers: the longest that is not long."""
    best: dict[str, str] = {}
    with gzip.open(RECORDED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in (each for each in lines if len(each) < 4_000):
            # Kinds of objects begin with a capital.
            (kind, *_) = re.findall('"kind":"([a-z_]+)"', line)
            best[kind] = max(best.get(kind, ""), line, key=len)
    lines_of_kinds = [json.loads(line) for line in best.values()]
    return Format(_json(lines_of_kinds), (("conform", name, "FILE"),))


TAINTED: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "tainted", "labels": {"zone": "a"}, "resourceVersion": "5"},
    "spec": {
        "taints": [
            {
                "key": "k",
                "value": "v",
                "effect": "NoSchedule",
                "timeAdded": "2024-01-01T00:00:00Z",
            }
        ],
        "podCIDRs": ["10.0.0.0/24"],
        "unschedulable": True,
    },
    "status": {"allocatable": {"cpu": "4", "memory": "7Gi", "pods": "110"}},
}
ON_IT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "on-it",
        "namespace": "n",
        "deletionTimestamp": None,
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r"}],
    },
    "spec": {
        "nodeName": "tainted",
        "nodeSelector": {"zone": "b"},
        "tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": 5}],
        "containers": [
            {"name": "c", "image": "i", "ports": [{"containerPort": 1, "hostPort": 1}]}
        ],
    },
    "status": {
        "phase": "Running",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "True",
                "lastTransitionTime": "2024-01-02T00:00:00Z",
            }
        ],
        "containerStatuses": [
            {"name": "c", "ready": False, "restartCount": 9, "state": {"waiting": {"reason": "X"}}}
        ],
    },
}
"""Fields that no recorded object has, on a node and a pod of which one needs the other."""


def cluster_objects() -> list[Any]:
    """Objects of a cluster, some of each kind that is judged."""
    found: dict[tuple[str, str], Any] = {
        (each["kind"], each["metadata"]["name"]): each for each in (TAINTED, ON_IT)
    }
    for name in ("objects", "rbac", "apf"):
        text = gzip.decompress((RECORDED / f"openim-cluster/{name}.json.gz").read_bytes())
        for item in json.loads(text)["items"]:
            found.setdefault((item["kind"], ""), item)
    for record in _smallest("scheduler.jsonl.gz", lambda line: str(line["case"]["kind"])):
        for items in record["case"].values():
            for item in items if isinstance(items, list) else [items]:
                if isinstance(item, dict) and "kind" in item:
                    found.setdefault((item["kind"], item["metadata"]["name"]), item)
    return list(found.values())


def _json(values: Iterable[Any]) -> Callable[[random.Random], bytes]:
    """One of the values is damaged and stands alone in the file."""
    kept = list(values)
    return lambda draw: damage_json([draw.choice(kept)], draw)


def _json_lines(values: Iterable[Any], count: int) -> Callable[[random.Random], bytes]:
    """A row of `count` of the values, with damage to some."""
    kept = list(values)

    def damaged(draw: random.Random) -> bytes:
        at = draw.randrange(max(len(kept) - count, 0) + 1)
        return damage_json(kept[at : at + count], draw)

    return damaged


def _text(texts: Iterable[str]) -> Callable[[random.Random], bytes]:
    kept = list(texts)
    return lambda draw: damage_text(draw.choice(kept), draw)


def _snapshot(objects: list[Any], write: Callable[[Any], str]) -> Callable[[random.Random], bytes]:
    """A list of some objects, with damage to one of them."""

    def damaged(draw: random.Random) -> bytes:
        items = draw.sample(objects, min(len(objects), draw.choice((1, 3, 8))))
        items += [TAINTED, ON_IT] if draw.random() < 0.5 else []
        draw.shuffle(items)
        if draw.random() < 0.2:
            listed = {"apiVersion": "v1", "kind": "List", "items": items}
            return damage_text(write(listed), draw)
        items[0] = mutate_value(items[0], draw)
        if draw.random() < 0.3:
            items[0] = mutate_value(items[0], draw)
        return write({"apiVersion": "v1", "kind": "List", "items": items}).encode()

    return damaged


def _as_yaml(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=False)


def _watch_events(objects: list[Any]) -> list[Any]:
    return [{"type": kind, "object": each} for each in objects for kind in ("ADDED", "MODIFIED")]


def _history() -> list[Any]:
    text = (RECORDED / "etcd_history/client-1/operations.json").read_text(encoding="utf-8")
    return _back_to_back(text)[:12]


def _back_to_back(text: str) -> list[Any]:
    values, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    return values


def _watches() -> list[Any]:
    folders = sorted((RECORDED / "etcd_history").glob("client-*/watch.json"))
    return [each for path in folders for each in _back_to_back(path.read_text(encoding="utf-8"))]


def _scenario() -> Any:
    """A recorded scenario, cut to the beginning."""
    (scenario,) = _smallest("raft.jsonl.gz", lambda line: "any")
    return scenario | {"steps": scenario["steps"][:12]}


def _tables() -> list[str]:
    files = sorted((RECORDED / "raft_quorum").glob("*.txt"))
    return [path.read_text(encoding="utf-8") for path in files]


TRACE = [
    {"tag": "trace", "event": event}
    for event in (
        {
            "name": "InitState",
            "nid": "1",
            "state": {"term": 0, "vote": "0", "commit": 0},
            "role": "StateFollower",
            "log": 0,
            "conf": [["1"], []],
        },
        {
            "name": "BecomeFollower",
            "nid": "1",
            "state": {"term": 0, "vote": "0", "commit": 0},
            "role": "StateFollower",
            "log": 0,
            "conf": [["1"], []],
        },
        {
            "name": "BecomeCandidate",
            "nid": "1",
            "state": {"term": 1, "vote": "1", "commit": 0},
            "role": "StateCandidate",
            "log": 0,
            "conf": [["1"], []],
        },
    )
]
SCRIPT = "\nstate\nactions\nwhy up\n1\nback\n1\ntrace\nsave out.json\n# comment\nfind 1\nquit\n"


ZOO = HERE.parent / "front/zoo"
BROKEN_MODELS = (
    ("counter.py", "--mutant", "runaway"),
    ("unions_zoo.py", "--mutant", "loud"),
    ("collections_zoo.py:Bags",),
    ("collections_zoo.py:Sets",),
    ("lock.py:Broken",),
)
"""Their counterexamples end in violations, model errors and a lasso, over values of all kinds."""


GIVEN = {
    "capacity": '{"node0": 5, "node1": 8, "node2": 6}',
    "wish": '[{"cpu": 3}, {"cpu": 2, "zone": "WEST"}, {"cpu": 3, "zone": "EAST"}, {"cpu": 2}]',
    "reaches": '{"EAST": ["WEST"], "WEST": ["EAST", "WEST"]}',
    "links": '[["node0", "node1"], ["node1", "node2"], [2, 0]]',
    "order": "[2, 0, 1, 3]",
}
"""Tables of a model in tests/models, as a file may give them."""


def prepare(folder: Path, run: Run, model: str) -> None:
    """Write models and the files that planespec itself writes into a folder."""
    (folder / "counter.py").write_text(model, encoding="utf-8")
    models = (HERE.parent / "liveness/lock.py", HERE.parent / "models/pod_placement.py")
    for source in (*ZOO.glob("*_zoo.py"), *models):
        shutil.copy(source, folder)
    shutil.copytree(RECORDED / "etcd_history", folder / "report")
    for number, asked in enumerate(BROKEN_MODELS):
        names = ("--save", f"saved-{number}.json", "--itf", f"trace-{number}.json")
        run("check", *asked, "--engine", "python", *names)
    run("simulate", "counter.py", "--mutant", "runaway", "--save", "saved-walk.json")
    run("baseline", "counter.py", "--update", "--file", "lock.json")
    objects = cluster_objects()
    pod = next(each for each in objects if each["kind"] == "Pod")
    (folder / "good-pod.json").write_text(json.dumps(pod))
    (folder / "good.json").write_text(json.dumps({"kind": "List", "items": objects}))


def formats(folder: Path) -> dict[str, Format]:
    """The formats by name; `folder` is one that `prepare` filled."""

    def read(pattern: str) -> list[Any]:
        found = sorted(folder.glob(pattern))
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]

    objects = cluster_objects()
    pods = [each for each in objects if each["kind"] in ("Pod", "Deployment", "CronJob")]
    replay = (("replay", "FILE"), ("replay", "FILE", "--json"))
    draw = (("export", "FILE", "--to", "mermaid"),)
    audit = (("audit", "FILE"), ("audit", "FILE", "--json"), ("audit", "FILE", "--sarif", "o.s"))
    log = (("audit", "--log", "FILE"), ("audit", "--log", "FILE", "--json"))
    audit_log = _lines("openim-cluster/audit.jsonl.gz", 0, 60)
    recorded_log = _lines("cluster/04_preemption_00.jsonl.gz", 0, 80)
    return {
        "saved answer": Format(_json(read("saved-*.json")), (*replay, *draw)),
        "ITF": Format(
            _json(read("trace-*.json")), (*replay, ("replay", "FILE", "--model", "counter.py"))
        ),
        "baseline": Format(
            _json(read("lock.json")), (("baseline", "counter.py", "--file", "FILE"),)
        ),
        "table": Format(
            _json([json.loads(text) for text in GIVEN.values()]),
            tuple(
                ("check", "pod_placement.py", "--budget", "states=2000", "-c", f"{name}=@FILE")
                for name in GIVEN
            ),
        ),
        "script": Format(_text([SCRIPT]), (("explore", "counter.py", "--script", "FILE"),), "s"),
        "model": Format(_text([(folder / "counter.py").read_text()]), (("list", "FILE"),), "m.py"),
        "primitives": Format(
            _json(_smallest("primitives.jsonl.gz", lambda line: str(line["in"]["op"]))),
            (("conform", "primitives", "FILE"),),
        ),
        "scheduling": Format(
            _json(_smallest("scheduler.jsonl.gz", lambda line: str(line["case"]["kind"]))),
            (("conform", "scheduling", "FILE"),),
        ),
        "etcd": Format(_json(_lines("etcd.jsonl.gz", 0, 60)), (("conform", "etcd", "FILE"),)),
        "etcd history": Format(_json_lines(_history(), 8), (("conform", "etcd.history", "FILE"),)),
        "etcd watches": Format(
            _json_lines(_watches(), 2),
            (("conform", "etcd.history", "report"),),
            "report/client-9/watch.json",
        ),
        "Raft scenario": Format(_json([_scenario()]), (("conform", "raft", "FILE"),)),
        "Raft trace": Format(_json_lines(TRACE, 3), (("conform", "raft", "FILE"),)),
        "Raft table": Format(_text(_tables()), (("conform", "raft.quorum", "FILE"),), "t.txt"),
        "snapshot": Format(_snapshot(objects, json.dumps), audit),
        "YAML snapshot": Format(_snapshot(objects, _as_yaml), audit, "in.yaml"),
        "audit log": Format(_json_lines(audit_log, 6), log, "in.jsonl"),
        "recorded log": Format(_json_lines(recorded_log, 8), log, "in.jsonl"),
        "watch": Format(_json_lines(_watch_events(objects), 6), log, "in.jsonl"),
        "event list": Format(
            _json(
                [{"kind": "EventList", "items": audit_log[at : at + 4]} for at in range(0, 40, 4)]
            ),
            (*audit, *log),
        ),
        "cloud log": Format(
            _json([{"events": [{"message": json.dumps(e)} for e in audit_log[:4]]}]),
            (*audit, *log),
        ),
        "shipped log": Format(shipped(audit_log), (*audit, *log), "in.log"),
        "archive": Format(archived(objects), (*audit, *log), "in.tgz"),
        "collection": Format(_json(collections_of(objects, TAINTED, ON_IT)), audit),
        "chart": Format(_text([CHART]), audit, "in.yaml"),
        "pod": Format(_json(pods), (("fit", "FILE", "--cluster", "good.json"),)),
        "cluster": Format(
            _snapshot(objects, json.dumps), (("fit", "good-pod.json", "--cluster", "FILE"),)
        ),
        "admitted": Format(_json(pods), (("admit", "FILE", "--cluster", "good.json"),)),
        "admitting": Format(
            _snapshot(objects, json.dumps), (("admit", "good-pod.json", "--cluster", "FILE"),)
        ),
        **{name: _recorded(name) for name in RECORDINGS},
        **{k: Format(_json(_lines(f"{k}.jsonl.gz")), (("conform", k, "FILE"),)) for k in KUBELETS},
    }
