"""RBAC requirements of an audit: what they notice, and what they leave alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from planespec.reports.audit.sources import audit_files

GROUP = "rbac.authorization.k8s.io"
RECORDED = Path(__file__).resolve().parents[1] / "recorded"
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
READ = {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}


def make(kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    meta = {"name": name, **more.pop("meta", {})}
    if namespace:
        meta["namespace"] = namespace
    version = f"{GROUP}/v1" if "Role" in kind else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": meta, **more}


def bind(role: str, *subjects: dict[str, str], namespace: str = "", **more: Any) -> dict[str, Any]:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"apiGroup": GROUP, "kind": more.pop("kind", "ClusterRole"), "name": role}
    name = more.pop("name", "b")
    return make(kind, name, namespace, roleRef=ref, subjects=[*subjects], **more)


def group(name: str) -> dict[str, str]:
    return {"apiGroup": GROUP, "kind": "Group", "name": name}


def account(namespace: str, name: str) -> dict[str, str]:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


LIVE = make(
    "Pod", "p", "shop", meta={"uid": "u"}, spec={"containers": [{"name": "c", "image": "i"}]}
)
STRANGER = {"apiGroup": GROUP, "kind": "User", "name": "system:anonymous"}


def audit(folder: Path, *objects: dict[str, Any]) -> list[tuple[str, str]]:
    """Id and message of every violation of RBAC."""
    file = folder / "snapshot.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    report = audit_files([str(file)])
    assert report.malformed == []
    found = [(each.requirement.id, each.message) for each in report.violations]
    return [(id_, message) for id_, message in found if id_.startswith("RBAC-")]


@pytest.mark.parametrize(
    "name", ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"]
)
def test_everything_for_everybody_is_noticed(name: str, tmp_path: Path) -> None:
    assert audit(tmp_path, bind("cluster-admin", group(name))) == [
        ("RBAC-1", f"{name} may do everything by ClusterRole cluster-admin")
    ]
    role = make("Role", "all", "shop", rules=[EVERYTHING])
    assert audit(tmp_path, role, bind("all", group(name), namespace="shop", kind="Role")) == [
        ("RBAC-1", f"{name} may do everything in namespace shop by Role all")
    ]


def test_rights_of_strangers_are_noticed_but_not_public_paths(tmp_path: Path) -> None:
    objects = make("ClusterRole", "r", rules=[READ])
    paths = make("ClusterRole", "r", rules=[{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}])
    assert [id_ for id_, _ in audit(tmp_path, objects, bind("r", STRANGER))] == ["RBAC-2"]
    assert audit(tmp_path, paths, bind("r", STRANGER)) == []
    assert audit(tmp_path, objects, bind("r", group("system:authenticated"))) == []
    info = {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]}
    info["resourceNames"] = ["cluster-info"]
    role = make("Role", "kubeadm:bootstrap-signer-clusterinfo", "kube-public", rules=[info])
    bound = bind(role["metadata"]["name"], STRANGER, namespace="kube-public", kind="Role")
    assert audit(tmp_path, role, bound) == []


def test_a_missing_account_is_noticed_only_where_the_accounts_of_a_cluster_are_read(
    tmp_path: Path,
) -> None:
    role = make("ClusterRole", "r", rules=[READ])
    known = make("ServiceAccount", "app", "shop")
    bound = bind("r", account("shop", "app"), account("shop", "gone"), account("other", "x"))
    assert audit(tmp_path, role, known, bound, LIVE) == [
        ("RBAC-3", "ServiceAccount shop/gone does not exist")
    ]
    assert audit(tmp_path, role, known, bound) == []
    assert audit(tmp_path, role, bound, LIVE) == []
    standing = bind("r", account("shop", "gone"), name="system:controller:gone")
    assert audit(tmp_path, role, known, standing, LIVE) == []


def test_an_aggregated_role_that_selects_nothing_is_noticed_where_it_is_bound(
    tmp_path: Path,
) -> None:
    rule = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}
    role = make(
        "ClusterRole", "all", aggregationRule=rule, rules=[], meta={"labels": {"to": "all"}}
    )
    bound = bind("all", group("ops"))
    part = make("ClusterRole", "part", rules=[READ], meta={"labels": {"to": "all"}})
    assert [id_ for id_, _ in audit(tmp_path, role, bound, LIVE)] == ["RBAC-4"]
    assert audit(tmp_path, role, bound, part, LIVE) == []
    assert audit(tmp_path, role, LIVE) == []
    assert audit(tmp_path, role, bound) == []


def test_a_default_account_that_comes_to_control_of_the_cluster_is_noticed(tmp_path: Path) -> None:
    tokens = {"verbs": ["create"], "apiGroups": [""], "resources": ["serviceaccounts/token"]}
    role = make("ClusterRole", "tokens", rules=[tokens])
    strong = bind("cluster-admin", account("ops", "strong"), name="strong")
    found = audit(tmp_path, role, bind("tokens", account("shop", "default")), strong)
    assert found == [
        (
            "RBAC-5",
            "every pod of namespace shop that names no other account comes to full control: "
            "ask for a token of service account ops/strong; "
            "then use the rights of ServiceAccount ops/strong",
        )
    ]
    assert audit(tmp_path, role, bind("tokens", account("shop", "other")), strong) == []
    read = make("ClusterRole", "read", rules=[READ])
    assert audit(tmp_path, read, bind("read", account("shop", "default")), strong) == []
    local = bind("cluster-admin", account("shop", "default"))
    assert audit(tmp_path, local)[0][1].endswith("holds every right")


@pytest.mark.parametrize(
    ("verbs", "resources", "noticed"),
    [
        (["create"], ["leases"], True),
        (["create", "deletecollection"], ["leases"], True),
        (["create", "get"], ["leases"], False),
        (["create"], ["serviceaccounts/token"], False),
        (["create"], ["*"], False),
        (["list"], ["leases"], False),
    ],
)
def test_a_rule_whose_names_are_never_known_is_noticed(
    verbs: list[str], resources: list[str], noticed: bool, tmp_path: Path
) -> None:
    rule = {"verbs": verbs, "apiGroups": [""], "resources": resources, "resourceNames": ["x"]}
    found = audit(tmp_path, make("Role", "r", "shop", rules=[rule]))
    assert [id_ for id_, _ in found] == ["RBAC-6"] * noticed


def test_a_recorded_cluster_with_its_default_roles_breaks_none_of_them() -> None:
    folder = RECORDED / "openim-cluster"
    report = audit_files([str(folder / "rbac.json.gz"), str(folder / "objects.json.gz")])
    assert report.counts["ClusterRole"] == 72
    ids = {each.requirement.id for each in report.violations}
    assert not {id_ for id_ in ids if id_.startswith("RBAC-")}
