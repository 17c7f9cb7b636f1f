"""Which webhooks and policies the API server asks when a pod is created.

Sources: `apiserver/pkg/admission/plugin/webhook/{namespace,object,rules}` and
`apiserver/pkg/admission/plugin/policy/matching`; v1.36. Conditions in CEL are left out.
"""

from collections.abc import Mapping

from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label every namespace has: its name."""


def asks_about_pod(
    match: View, rules: str, namespace: Mapping[str, str], labels: Mapping[str, str]
) -> bool:
    """Say whether rules and selectors mean the creation of a pod with these labels.

    `match` is a webhook with the field `rules`, or the constraints of a policy with their field;
    an absent selector selects everything. Raises SelectorError.
    """
    if not any(_covers_pods(rule) for rule in match.views(rules)):
        return False
    chosen = (("namespaceSelector", namespace), ("objectSelector", labels))
    return all(
        not match.has(name)
        or read_label_selector(match.data[name], match.path(name)).matches(given)
        for name, given in chosen
    )


def _covers_pods(rule: View) -> bool:
    """Say whether a rule covers new pods; `pods/*` does, since no subresource is one to it."""
    return (
        bool({"*", ""} & set(rule.texts("apiGroups")))
        and bool({"*", "*/*", "pods", "pods/*"} & set(rule.texts("resources")))
        and bool({"*", "CREATE"} & set(rule.texts("operations")))
        and rule.text("scope") in ("", "*", "Namespaced")
    )
