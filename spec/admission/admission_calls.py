"""Which webhooks and policies the API server asks when a pod is created, conditions left out."""

from collections.abc import Mapping

from planespec.spec.admission.extensions.admission_request import (
    AdmissionRequest,
    GroupVersion,
    covers,
    is_selected,
)
from planespec.spec.objects import View

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label every namespace has: its name."""
_KIND, _RESOURCE = GroupVersion("", "v1", "Pod"), GroupVersion("", "v1", "pods")


def asks_about_pod(
    match: View, rules: str, namespace: Mapping[str, str], labels: Mapping[str, str]
) -> bool:
    """Say whether rules and selectors mean the creation of a pod with these labels.

    `match` is a webhook with the field `rules`, or the constraints of a policy with their field;
    an absent selector selects everything. Raises SelectorError.
    """
    pod = {"metadata": {"labels": dict(labels)}}
    name = namespace.get(NAME_LABEL, "default")
    request = AdmissionRequest("CREATE", _KIND, _RESOURCE, name, "", pod)
    # Pods are served in one version, so a rule that says none, or another, is meant for it.
    meant = (View({**rule.data, "apiVersions": ["*"]}, rule.field) for rule in match.views(rules))
    return any(covers(rule, request) for rule in meant) and is_selected(match, request, namespace)
