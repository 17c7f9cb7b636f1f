"""What of a request is audited: the first rule of the policy that matches decides.

Source: `apiserver/pkg/audit/policy/checker.go`, `apiserver/pkg/apis/audit/validation`, v1.36.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.objects.view import View


class Level(IntEnum):
    """How much of a request is written down."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3


LEVELS = {
    "None": Level.NONE,
    "Metadata": Level.METADATA,
    "Request": Level.REQUEST,
    "RequestResponse": Level.REQUEST_RESPONSE,
}
STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")


@dataclass(frozen=True, slots=True)
class GroupResources:
    """Resources of one API group, and perhaps only objects of some names."""

    group: str
    resources: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One rule; what is empty matches everything."""

    level: Level
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resources: tuple[GroupResources, ...] = ()
    namespaces: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    omitted: frozenset[str] = frozenset()
    """Stages at which nothing is written, those of the whole policy among them."""

    def matches(self, request: Attributes) -> bool:
        """Whether the rule decides about the request."""
        user = request.user
        if self.users and user.name not in self.users:
            return False
        if self.groups and not set(self.groups) & set(user.groups):
            return False
        if self.verbs and request.verb not in self.verbs:
            return False
        if self.namespaces or self.resources:
            return self._matches_resource(request)
        if self.urls:
            return not request.is_resource and any(_covers(url, request.path) for url in self.urls)
        return True

    def _matches_resource(self, request: Attributes) -> bool:
        if not request.is_resource:
            return False
        if self.namespaces and request.namespace not in self.namespaces:
            return False
        return not self.resources or any(_lists(each, request) for each in self.resources)


@dataclass(frozen=True, slots=True)
class AuditDecision:
    """How much of one request is written, and at which stages nothing is."""

    level: Level
    omitted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """The rules in their order."""

    rules: tuple[AuditRule, ...]
    omitted: frozenset[str] = frozenset()

    def decide(self, request: Attributes) -> AuditDecision:
        """Find the first rule that matches; without one nothing is written."""
        for rule in self.rules:
            if rule.matches(request):
                return AuditDecision(rule.level, rule.omitted)
        return AuditDecision(Level.NONE, self.omitted)


def read_audit_policy(policy: View) -> AuditPolicy:
    """Read an `audit.k8s.io/v1` Policy that has no errors; raises ObjectError."""
    omitted = frozenset(policy.texts("omitStages"))
    rules = tuple(_read_rule(rule, omitted) for rule in policy.views("rules"))
    return AuditPolicy(rules, omitted)


def _read_rule(rule: View, omitted: frozenset[str]) -> AuditRule:
    return AuditRule(
        level=LEVELS.get(rule.text("level"), Level.NONE),
        users=tuple(rule.texts("users")),
        groups=tuple(rule.texts("userGroups")),
        verbs=tuple(rule.texts("verbs")),
        resources=tuple(
            GroupResources(
                each.text("group"),
                tuple(each.texts("resources")),
                tuple(each.texts("resourceNames")),
            )
            for each in rule.views("resources")
        ),
        namespaces=tuple(rule.texts("namespaces")),
        urls=tuple(rule.texts("nonResourceURLs")),
        omitted=omitted | frozenset(rule.texts("omitStages")),
    )


def _covers(url: str, path: str) -> bool:
    return url in ("*", path) or (url.endswith("*") and path.startswith(url.rstrip("*")))


def _lists(listed: GroupResources, request: Attributes) -> bool:
    if listed.group != request.group:
        return False
    if not listed.resources:
        return True
    if listed.names and request.name not in listed.names:
        return False
    forms = {request.combined_resource, "*", f"{request.resource}/*"}
    if request.subresource:
        forms.add(f"*/{request.subresource}")
    return bool(forms & set(listed.resources))


def get_audit_policy_errors(policy: View) -> Iterator[str]:
    """Yield why the API server would refuse to start with the policy; raises ObjectError."""
    for stage in policy.texts("omitStages"):
        yield from _check_stage(policy.path("omitStages"), stage)
    for rule in policy.views("rules"):
        yield from _check_rule(rule)


def _check_rule(rule: View) -> Iterator[str]:
    level = rule.text("level")
    if level not in LEVELS:
        yield f"{rule.path('level')}: {level!r} is not one of {', '.join(LEVELS)}"
    urls = rule.texts("nonResourceURLs")
    for url in urls:
        if url != "*" and not url.startswith("/"):
            yield f"{rule.path('nonResourceURLs')}: {url!r} does not begin with a slash"
        if "*" in url[:-1]:
            yield f"{rule.path('nonResourceURLs')}: {url!r} has a star that is not its end"
    if urls and (rule.items("resources") or rule.items("namespaces")):
        yield f"{rule.field}: a rule is about resources or about URLs, not both"
    for each in rule.views("resources"):
        yield from _check_resources(each)
    for stage in rule.texts("omitStages"):
        yield from _check_stage(rule.path("omitStages"), stage)


def _check_resources(listed: View) -> Iterator[str]:
    group = listed.text("group")
    if group and get_dns1123_subdomain_errors(group):
        yield f"{listed.path('group')}: {group!r} is no API group"
    if listed.texts("resourceNames") and not listed.texts("resources"):
        yield f"{listed.path('resourceNames')}: names need a resource"


def _check_stage(field: str, stage: str) -> Iterator[str]:
    if stage not in STAGES:
        yield f"{field}: {stage!r} is not one of {', '.join(STAGES)}"
