"""A rejection names who or what is behind it."""

from typing import Any

import pytest
from clusters import Object, ask, culprits, make, make_node, make_pod

from planespec.spec.scheduling.affinity_terms import AffinityTerm

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


def make_zone(count: int) -> list[Object]:
    nodes = [make_node(f"n{n}", labels={ZONE: "a"}) for n in range(count)]
    return [
        *nodes,
        *(make_pod(f"db{n}", labels={"app": "db"}, nodeName=f"n{n}") for n in range(count)),
    ]


def test_many_pods_of_a_domain_are_counted_on_each_of_its_nodes() -> None:
    pod = make_pod(affinity=pod_affinity("podAntiAffinity", ZONE))
    answer = ask(pod, *make_zone(8), is_new=False)
    named = [f"anti-affinity term 1 of 1 matches pod default/db{n}, in {ZONE}=a" for n in range(5)]
    assert list(answer.rejected) == [f"n{n}" for n in range(8)]
    for [rejection] in answer.rejected.values():
        assert list(rejection.culprits) == [*named, "and 3 more"]


def test_pods_that_keep_others_away_are_named_in_their_order_over_all_domains() -> None:
    keys = ["kubernetes.io/hostname", ZONE]
    keepers = [
        make_pod(f"k{n}", nodeName="n1", affinity=pod_affinity("podAntiAffinity", keys[n % 2]))
        for n in range(8)
    ]
    nodes = [make_node(f"n{n}", labels={ZONE: "a"}) for n in (1, 2)]
    answer = ask(make_pod(labels={"app": "db"}), *nodes, *keepers, is_new=False)
    found = {name: each[0].culprits for name, each in answer.rejected.items()}
    assert [each.split()[1] for each in found["n1"][:5]] == [f"default/k{n}" for n in range(5)]
    assert found["n1"][5:] == ("and 3 more",)
    assert [each.split()[1] for each in found["n2"]] == [f"default/k{n}" for n in (1, 3, 5, 7)]


@pytest.mark.parametrize("kind", ["podAntiAffinity", "keepers"])
def test_the_pods_of_a_cluster_are_looked_at_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [0]
    matches = AffinityTerm.matches

    def count(self: AffinityTerm, *given: Any) -> bool:
        calls[0] += 1
        return matches(self, *given)

    monkeypatch.setattr(AffinityTerm, "matches", count)
    counted = []
    for size in (10, 40):
        objects, pod = make_zone(size), make_pod(labels={"app": "db"})
        for each in [pod] if kind == "podAntiAffinity" else objects[size:]:
            each["spec"]["affinity"] = pod_affinity("podAntiAffinity", ZONE)
        calls[0] = 0
        assert len(ask(pod, *objects, is_new=False).rejected) == size
        counted.append(calls[0])
    assert counted[1] < 5 * counted[0]
