"""A rejection names who or what is behind it."""

from typing import Any

import pytest
from clusters import Object, ask, culprits, make, make_node, make_pod

ZONE = "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def node_affinity(*expressions: Object) -> Object:
    terms = [{"matchExpressions": [each]} for each in expressions]
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}


def pod_affinity(kind: str, key: str = "kubernetes.io/hostname") -> Object:
    term = {"topologyKey": key, "labelSelector": {"matchLabels": {"app": "db"}}}
    return {kind: {REQUIRED: [term]}}


DATABASE = make_pod("db", labels={"app": "db"}, nodeName="n1")
PORT = {"ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "UDP"}]}
EBS = {"awsElasticBlockStore": {"volumeID": "vol-1"}}


def bound_claim(name: str = "data", modes: str = "ReadWriteOnce", **volume: Any) -> list[Object]:
    claim = make(
        "PersistentVolumeClaim",
        name,
        namespace="default",
        metadata={"annotations": {"pv.kubernetes.io/bind-completed": "yes"}},
        spec={"volumeName": f"v-{name}", "accessModes": [modes]},
    )
    labels = volume.pop("labels", {})
    spec = {"accessModes": [modes], **volume}
    return [claim, make("PersistentVolume", f"v-{name}", metadata={"labels": labels}, spec=spec)]


def using(name: str = "data", **fields: Any) -> Object:
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": name}}
    return make_pod(volumes=[volume], **fields)


CASES: dict[str, tuple[Object, list[Object], list[str]]] = {
    "every taint": (
        make_pod(tolerations=[{"key": "a", "operator": "Exists"}]),
        [
            make_node(
                taints=[
                    {"key": "a", "effect": "NoSchedule"},
                    {"key": "b", "value": "x", "effect": "NoExecute"},
                    {"key": "c", "effect": "NoSchedule"},
                    {"key": "d", "effect": "PreferNoSchedule"},
                ]
            )
        ],
        ["taint b=x:NoExecute is not tolerated", "taint c:NoSchedule is not tolerated"],
    ),
    "a cordon": (
        make_pod(),
        [make_node(unschedulable=True)],
        ["node n1 is cordoned (spec.unschedulable)"],
    ),
    "a node by name": (
        make_pod(nodeName="n2"),
        [make_node()],
        ["the pod asks for node n2 (spec.nodeName)"],
    ),
    "each label of the selector": (
        make_pod(nodeSelector={"disk": "ssd", "gpu": "yes"}),
        [make_node(labels={"disk": "hdd"})],
        ["nodeSelector disk=ssd: the node has disk=hdd", "nodeSelector gpu=yes: no such label"],
    ),
    "each term of node affinity": (
        make_pod(
            affinity=node_affinity(
                {"key": ZONE, "operator": "In", "values": ["a", "b"]},
                {"key": "gpu", "operator": "Exists"},
            )
        ),
        [make_node(labels={ZONE: "c"})],
        [
            f"node affinity term 1 of 2: {ZONE} In [a, b]: the node has {ZONE}=c",
            "node affinity term 2 of 2: gpu Exists: no such label",
        ],
    ),
    "the holder of a port": (
        make_pod(container=PORT),
        [make_node(), make_pod("dns", "kube-system", container=PORT, nodeName="n1")],
        ["UDP port 8080 is held by pod kube-system/dns"],
    ),
    "amounts as they were written": (
        make_pod(requests={"cpu": "1.5", "memory": "3Gi", "example.com/gpu": "1"}),
        [make_node(room={"cpu": "1", "memory": "2Gi"})],
        [
            "cpu: asked 1500m, free 1 of 1 allocatable",
            "memory: asked 3Gi, free 2Gi of 2Gi allocatable",
            "example.com/gpu: asked 1, free 0 of 0 allocatable",
        ],
    ),
    "decimal amounts": (
        make_pod(requests={"memory": "500M"}),
        [make_node(room={"memory": "300M"})],
        ["memory: asked 500M, free 300M of 300M allocatable"],
    ),
    "a number of pods": (
        make_pod(),
        [make_node(room={"pods": "1"}), make_pod("old", nodeName="n1")],
        ["pods: asked 1, free 0 of 1 allocatable"],
    ),
    "the pod that has the disk": (
        make_pod(volumes=[{"name": "d", **EBS}]),
        [make_node(), make_pod("old", nodeName="n1", volumes=[{"name": "e", **EBS}])],
        ["the disk of volume d is used by pod default/old"],
    ),
    "the pod that has the claim": (
        using(),
        [
            make_node(),
            make_node("n2"),
            *bound_claim(modes="ReadWriteOncePod"),
            using() | {"metadata": {"name": "old"}, "spec": using(nodeName="n2")["spec"]},
        ],
        ["claim data (ReadWriteOncePod) is used by pod default/old"],
    ),
    "the zone of a volume": (
        using(),
        [make_node(labels={ZONE: "b"}), *bound_claim(labels={ZONE: "a"})],
        [f"volume v-data is in {ZONE} a, the node in b"],
    ),
    "where a volume can be reached from": (
        using(),
        [
            make_node(labels={ZONE: "b"}),
            *bound_claim(
                nodeAffinity={
                    "required": node_affinity({"key": ZONE, "operator": "In", "values": ["a"]})[
                        "nodeAffinity"
                    ][REQUIRED]
                }
            ),
        ],
        [f"volume v-data of claim data can be reached from {ZONE} In [a]"],
    ),
    "a term that no pod meets": (
        make_pod(affinity=pod_affinity("podAffinity")),
        [make_node(), make_node("n2"), DATABASE | {"spec": {"nodeName": "n2", "containers": []}}],
        ["affinity term 1 of 1 (app=db): no pod matches in kubernetes.io/hostname=n1"],
    ),
    "a node without the topology key": (
        make_pod(affinity=pod_affinity("podAffinity", ZONE)),
        [make_node(), DATABASE],
        [f"affinity term 1 of 1 (app=db): the node has no label {ZONE}"],
    ),
    "the pod that anti-affinity finds": (
        make_pod(affinity=pod_affinity("podAntiAffinity")),
        [make_node(), DATABASE],
        ["anti-affinity term 1 of 1 matches pod default/db, in kubernetes.io/hostname=n1"],
    ),
    "the pod that keeps others away": (
        make_pod(labels={"app": "db"}),
        [make_node(), make_pod("a", nodeName="n1", affinity=pod_affinity("podAntiAffinity"))],
        ["pod default/a keeps pods that match app=db away, in kubernetes.io/hostname=n1"],
    ),
    "the counts of a spread": (
        make_pod(
            labels={"app": "db"},
            topologySpreadConstraints=[
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "DoNotSchedule",
                    "labelSelector": {"matchLabels": {"app": "db"}},
                }
            ],
        ),
        [make_node(), make_node("n2"), DATABASE],
        [
            "spread constraint 1 of 1: kubernetes.io/hostname=n1 has 1 matching pods, the fewest "
            "are 0; the skew would be 2, maxSkew is 1"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rejection_names_its_culprits(case: str) -> None:
    pod, objects, expected = CASES[case]
    answer = ask(pod, *objects, is_new=False)
    assert culprits(answer) == expected


def test_many_culprits_are_counted() -> None:
    taints = [{"key": f"k{n}", "effect": "NoSchedule"} for n in range(8)]
    found = culprits(ask(make_pod(), make_node(taints=taints)))
    assert (len(found), found[-1]) == (6, "and 3 more")


def test_what_a_nominated_pod_waits_for_counts_as_taken() -> None:
    waiting = make_pod("first", requests={"cpu": "3"}, priority=5)
    waiting["status"] = {"nominatedNodeName": "n1"}
    answer = ask(make_pod(requests={"cpu": "2"}), make_node(), waiting)
    assert culprits(answer) == ["cpu: asked 2, free 1 of 4 allocatable"]
