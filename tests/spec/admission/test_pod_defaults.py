"""A pod is read as the API server decodes and defaults it."""

from typing import Any

import pytest

from planespec.spec.admission.image_names import get_image_tag
from planespec.spec.admission.pod_defaults import read_pod
from planespec.spec.admission.pod_preparation import prepare_pod
from planespec.spec.objects import Pod


def read(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "i", **(container or {})}]
    made: Any = read_pod(Pod({"spec": {"containers": containers, **spec}})).data["spec"]
    return dict(made)


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("nginx", "latest"),
        ("nginx:latest", "latest"),
        ("nginx:1.2", "1.2"),
        ("localhost/a", "latest"),
        ("reg:5000/a/b", "latest"),
        ("reg:5000/a/b:v1", "v1"),
        (f"a@sha256:{'0' * 64}", ""),
        (f"a:v1@sha256:{'0' * 64}", "v1"),
        (f"a@sha256:{'0' * 63}", ""),
        ("Nginx", ""),
        ("Reg/nginx", "latest"),
        ("", ""),
        ("f" * 64, ""),
        ("a" * 300, ""),
    ],
)
def test_the_tag_of_an_image_is_what_upstreams_grammar_finds(image: str, tag: str) -> None:
    assert get_image_tag(image) == tag


def test_handlers_probes_and_ports_get_their_defaults() -> None:
    handler = {"httpGet": {"port": 1, "path": ""}}
    made = read(
        {
            "readinessProbe": {"grpc": {"port": 1}, "periodSeconds": 0},
            "lifecycle": {"preStop": handler},
            "ports": [{"containerPort": 1, "hostPort": 0}],
            "env": [{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        }
    )["containers"][0]
    assert made["readinessProbe"] == {
        "grpc": {"port": 1, "service": ""},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert made["lifecycle"]["preStop"]["httpGet"] == {"port": 1, "path": "/", "scheme": "HTTP"}
    assert made["ports"] == [{"containerPort": 1, "protocol": "TCP"}]
    assert made["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"


def test_volumes_get_their_defaults() -> None:
    claim = {"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}
    volumes = [
        {"name": "none"},
        {"name": "secret", "secret": {"secretName": "s"}},
        {"name": "host", "hostPath": {"path": "/"}},
        {"name": "image", "image": {"reference": "a:v1"}},
        {"name": "own", "ephemeral": {"volumeClaimTemplate": claim}},
        {"name": "p", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
    ]
    found = {each["name"]: each for each in read(volumes=volumes)["volumes"]}
    assert found["none"]["emptyDir"] == {}
    assert found["secret"]["secret"]["defaultMode"] == 420
    assert found["host"]["hostPath"] == {"path": "/", "type": ""}
    assert found["image"]["image"]["pullPolicy"] == "IfNotPresent"
    spec = found["own"]["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert spec == {"resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem"}
    token = found["p"]["projected"]["sources"][0]["serviceAccountToken"]
    assert token == {"path": "t", "expirationSeconds": 3600}


def test_what_is_empty_is_left_out_and_what_is_told_from_absence_stays() -> None:
    made = read(
        {"args": [], "stdin": False, "env": [{"name": "a", "value": ""}], "securityContext": {}},
        hostNetwork=False,
        automountServiceAccountToken=False,
        nodeSelector={},
        serviceAccount="old",
        terminationGracePeriodSeconds=-5,
    )
    assert {"hostNetwork", "nodeSelector"}.isdisjoint(made)
    assert {"args", "stdin"}.isdisjoint(made["containers"][0])
    assert made["automountServiceAccountToken"] is False
    assert made["containers"][0]["securityContext"] == {}
    assert (made["serviceAccountName"], made["serviceAccount"]) == ("old", "old")
    assert made["terminationGracePeriodSeconds"] == 1


def prepare(labels: dict[str, str], annotations: dict[str, str], **spec: Any) -> Any:
    containers = [{"name": "c", "image": "i"}]
    meta = {"labels": labels, "annotations": annotations}
    pod = Pod({"metadata": meta, "spec": {"containers": containers, **spec}})
    made, warnings = prepare_pod(pod, "now")
    return made.data, warnings


def test_label_keys_are_worked_into_selectors_that_are_there() -> None:
    terms = [
        {"matchLabelKeys": ["v", "none"], "mismatchLabelKeys": ["t"], "labelSelector": {}},
        {"matchLabelKeys": ["v"]},
    ]
    side = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
    made, _ = prepare(
        {"v": "1", "t": "2"},
        {},
        affinity={"podAffinity": side},
        topologySpreadConstraints=[{"matchLabelKeys": ["v"], "labelSelector": {}}],
    )
    found = made["spec"]["affinity"]["podAffinity"][next(iter(side))]
    own = {"key": "v", "operator": "In", "values": ["1"]}
    other = {"key": "t", "operator": "NotIn", "values": ["2"]}
    assert found[0]["labelSelector"] == {"matchExpressions": [own, other]}
    assert "labelSelector" not in found[1]
    spread = made["spec"]["topologySpreadConstraints"][0]
    assert spread["labelSelector"] == {"matchExpressions": [own]}


@pytest.mark.parametrize(
    ("annotation", "profile", "is_warned"),
    [
        ("runtime/default", {"type": "RuntimeDefault"}, True),
        ("localhost/a", {"type": "Localhost", "localhostProfile": "a"}, True),
        ("unconfined", None, False),
        ("what", None, True),
    ],
)
def test_old_annotations_become_fields(
    annotation: str, profile: dict[str, str] | None, is_warned: bool
) -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    own = {"appArmorProfile": {"type": "Unconfined"}}
    made, warnings = prepare({}, {key: annotation}, securityContext=own)
    context = made["spec"]["containers"][0].get("securityContext")
    assert context == (None if profile is None else {"appArmorProfile": profile})
    told = f'metadata.annotations[{key}]: deprecated since v1.30; use the "appArmorProfile" field'
    assert [each.startswith(told) for each in warnings] == [True] * is_warned
