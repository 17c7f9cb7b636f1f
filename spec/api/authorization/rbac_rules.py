"""One rule of a Role or ClusterRole: what it allows, and how it prints.

Source: `pkg/apis/rbac/v1/evaluation_helpers.go`, `plugin/pkg/auth/authorizer/rbac/rbac.go`, v1.36.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import quote

ALL = "*"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """Verbs on resources, or on paths that are none."""

    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """`resourceNames`; empty for objects of any name."""
    urls: tuple[str, ...] = ()
    """`nonResourceURLs`."""

    def allows(self, request: Attributes) -> bool:
        """Say whether this rule alone allows the request."""
        if not _has(self.verbs, request.verb):
            return False
        if not request.is_resource:
            return self.allows_path(request.path)
        return (
            _has(self.groups, request.group)
            and self.allows_resource(request.combined_resource, request.subresource)
            and (not self.names or request.name in self.names)
        )

    def allows_resource(self, combined: str, subresource: str) -> bool:
        """Say whether `resources` has it: all, this one, or this subresource of anything."""
        return (
            ALL in self.resources
            or combined in self.resources
            or (bool(subresource) and f"*/{subresource}" in self.resources)
        )

    def allows_path(self, path: str) -> bool:
        """Say whether `nonResourceURLs` has it: this path, or a beginning of it before a `*`."""
        return any(covers_path(url, path) for url in self.urls)

    def __str__(self) -> str:
        parts = [
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.urls),
            ("ResourceNames", self.names),
            ("Verbs", self.verbs),
        ]
        listed = [f"{name}:{quote_all(values)}" for name, values in parts if values]
        return f"{{{', '.join(listed)}}}"


def covers_path(held: str, path: str) -> bool:
    """Say whether a path of a rule covers another: the same, or a beginning of it before a `*`."""
    return held == path or (held.endswith(ALL) and path.startswith(held.rstrip(ALL)))


def quote_all(values: Sequence[str]) -> str:
    """A list of texts as `%q` prints it: `["a" "b"]`."""
    return f"[{' '.join(quote(value) for value in values)}]"


def read_rule(view: View) -> PolicyRule:
    """Read a rule; raises ObjectError."""
    return PolicyRule(
        tuple(view.texts("verbs")),
        tuple(view.texts("apiGroups")),
        tuple(view.texts("resources")),
        tuple(view.texts("resourceNames")),
        tuple(view.texts("nonResourceURLs")),
    )


def read_rules(view: View, name: str = "rules") -> tuple[PolicyRule, ...]:
    """Read a list of rules; raises ObjectError."""
    return tuple(read_rule(each) for each in view.views(name))


def write_rule(rule: PolicyRule) -> dict[str, list[str]]:
    """The rule as JSON, without fields that are empty."""
    fields = {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
        "nonResourceURLs": rule.urls,
    }
    return {name: list(values) for name, values in fields.items() if values}


def allow(rules: Iterable[PolicyRule], request: Attributes) -> bool:
    """Say whether any of the rules allows the request."""
    return any(rule.allows(request) for rule in rules)


def _has(values: tuple[str, ...], wanted: str) -> bool:
    return ALL in values or wanted in values
