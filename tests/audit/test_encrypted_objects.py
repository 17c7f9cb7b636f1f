"""Objects whose values sops has encrypted, as folders of GitOps keep them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files

Object = dict[str, Any]
HIDDEN = "ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=,type:str]"
MARK = {"lastmodified": "2026-01-01T00:00:00Z", "mac": HIDDEN, "version": "3.8.1"}


def audit(folder: Path, *objects: Object) -> Report:
    file = folder / "secret.sops.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    return audit_files([str(file)])


def secret(kind: str = "Opaque", **fields: Any) -> Object:
    meta = {"name": "s", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": kind, **fields}


@pytest.mark.parametrize(
    "hidden",
    [
        secret(data={"a": HIDDEN}, sops=MARK),
        secret(stringData={"a": HIDDEN}, sops=MARK),
        secret("kubernetes.io/dockerconfigjson", data={".dockerconfigjson": HIDDEN}, sops=MARK),
        secret(
            "kubernetes.io/dockerconfigjson",
            stringData={".dockerconfigjson": HIDDEN},
            sops=MARK,
        ),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "s"},
            "spec": {"type": "ExternalName", "externalName": "a.example", "clusterIP": ""},
            "sops": MARK,
        },
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "s"},
            "spec": {
                "maxReplicas": HIDDEN,
                "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"},
            },
            "sops": MARK,
        },
    ],
)
def test_what_is_encrypted_is_not_judged_and_that_is_said(hidden: Object, tmp_path: Path) -> None:
    report = audit(tmp_path, hidden)
    assert [each.requirement.id for each in report.violations] == []
    assert any("encrypted with sops" in each for each in report.unjudged)


@pytest.mark.parametrize(
    ("plain", "id_"),
    [
        (secret(data={"a": "not base64!"}, sops=MARK), "OBJ-24"),
        (secret(data={"a b": HIDDEN}, sops=MARK), "OBJ-27"),
        (secret("kubernetes.io/tls", data={"tls.crt": HIDDEN}, sops=MARK), "OBJ-27"),
        (secret(sops={"mac": "x"}), "OBJ-25"),
        (secret(sops="a text"), "OBJ-25"),
    ],
)
def test_what_is_not_encrypted_is_judged(plain: Object, id_: str, tmp_path: Path) -> None:
    assert id_ in [each.requirement.id for each in audit(tmp_path, plain).violations]


def test_an_encrypted_secret_exists(tmp_path: Path) -> None:
    container = {"name": "c", "image": "i:1", "envFrom": [{"secretRef": {"name": "s"}}]}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [container]},
    }
    report = audit(tmp_path, secret(data={"a": HIDDEN}, sops=MARK), pod)
    assert report.violations == []
