"""Whom the API server calls has a Service, and that the port: webhooks, converters, other APIs."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make

OTHER = make("Service", "other", spec={"ports": [{"port": 1}]})
SECURE = make("Service", "web", spec={"ports": [{"port": 80}, {"port": 443}]})
PLAIN = make("Service", "web", spec={"ports": [{"port": 80}]})
ALIAS = make("Service", "web", spec={"type": "ExternalName", "externalName": "a.example"})
CLIENT: Object = {"service": {"name": "web", "namespace": "default"}}


def register(version: str, kind: str, name: str, **fields: Any) -> Object:
    """An object of no namespace."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


def webhook(**service: Any) -> Object:
    hook = {
        "name": "a.b.c",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": CLIENT["service"] | service},
        "rules": [
            {
                "apiGroups": ["apps"],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["deployments"],
            }
        ],
    }
    version, kind = "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"
    return register(version, kind, "policy", webhooks=[hook])


def converted(*versions: str, strategy: str = "Webhook") -> Object:
    spec: Object = {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"kind": "Shop", "plural": "shops", "singular": "shop", "listKind": "ShopList"},
        "versions": [
            {
                "name": name,
                "served": True,
                "storage": name == versions[0],
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
            for name in versions
        ],
        "conversion": {"strategy": strategy},
    }
    if strategy == "Webhook":
        called = {"conversionReviewVersions": ["v1"], "clientConfig": CLIENT}
        spec["conversion"]["webhook"] = called
    kind = "CustomResourceDefinition"
    return register("apiextensions.k8s.io/v1", kind, "shops.example.com", spec=spec)


def aggregated(**more: Any) -> Object:
    spec = {
        "group": "metrics.example.com",
        "version": "v1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        **CLIENT,
        **more,
    }
    version, name = "apiregistration.k8s.io/v1", "v1.metrics.example.com"
    return register(version, "APIService", name, spec=spec)


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        pytest.param([webhook(), PLAIN], [webhook(), SECURE], id="the port nobody names"),
        pytest.param([webhook(port=8443), SECURE], [webhook(port=80), SECURE], id="a port"),
        pytest.param([webhook(), PLAIN], [webhook(), ALIAS], id="an alias has any port"),
        pytest.param(
            [converted("v1", "v2"), OTHER], [converted("v1", "v2"), SECURE], id="a converter"
        ),
        pytest.param(
            [converted("v1", "v2"), OTHER], [converted("v1"), OTHER], id="nothing to convert"
        ),
        pytest.param(
            [converted("v1", "v2"), PLAIN],
            [converted("v1", "v2", strategy="None"), PLAIN],
            id="nobody is called",
        ),
        pytest.param([aggregated(), OTHER], [aggregated(), SECURE], id="an API"),
        pytest.param(
            [aggregated(), OTHER], [aggregated(service=None), OTHER], id="an API of its own"
        ),
    ],
)
def test_who_is_called_is_there(broken: list[Object], right: list[Object]) -> None:
    assert "OPS-7" in ids(audit(*broken))
    assert "OPS-7" not in ids(audit(*right))
