"""ABAC: a file of policies, one object a line, mostly in JSON.

Source: `pkg/auth/authorizer/abac/abac.go`, `pkg/apis/abac/{v0,v1beta1}/conversion.go`, v1.36.
Subresources are not told apart: a policy for `pods` is one for `pods/exec`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from planespec.spec.api.authorization.access_request import (
    AUTHENTICATED,
    Answer,
    Attributes,
    Decision,
    User,
)
from planespec.spec.api.authorization.rbac_rules import covers_path
from planespec.spec.objects.json_errors import word_like_go
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import quote

ALL = "*"
_GROUP = "abac.authorization.kubernetes.io"
_OLD, _CURRENT = f"{_GROUP}/v0", f"{_GROUP}/v1beta1"
_SCHEME = "pkg/apis/abac/register.go:33"
_NO_KIND = "couldn't get version/kind; json parse error"
_HEAD = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)
"""The Go type of what is read of an object first."""


class AbacError(ValueError):
    """A policy file cannot be loaded; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class AbacPolicy:
    """One policy: who may do what; empty texts match empty ones only."""

    user: str = ""
    group: str = ""
    readonly: bool = False
    api_group: str = ""
    resource: str = ""
    namespace: str = ""
    path: str = ""
    """`nonResourcePath`."""

    def allows(self, request: Attributes) -> bool:
        """Say whether it allows the request."""
        if not self.is_about(request.user) or (self.readonly and not request.is_read_only):
            return False
        if request.is_resource:
            return (
                self.namespace in (ALL, request.namespace)
                and self.resource in (ALL, request.resource)
                and self.api_group in (ALL, request.group)
            )
        return covers_path(self.path, request.path)

    def is_about(self, user: User) -> bool:
        """Say whether the user has every property that is named, and that one is."""
        if self.user and self.user not in (ALL, user.name):
            return False
        if self.group and self.group != ALL and self.group not in user.groups:
            return False
        return bool(self.user or self.group)


def authorize_by_abac(policies: Iterable[AbacPolicy], request: Attributes) -> Answer:
    """Allow where a policy does; never deny."""
    if any(policy.allows(request) for policy in policies):
        return Answer(Decision.ALLOW)
    return Answer(Decision.NO_OPINION, "No policy matched.")


ReadYaml = Callable[[str], object]
"""Reads a line of YAML; raises ValueError."""


def load_policies(lines: Iterable[str], file: str, read_yaml: ReadYaml) -> list[AbacPolicy]:
    """Read the lines of a policy file; raises AbacError for the first that cannot be read."""
    policies = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                policies.append(_read_policy(_parse(line, read_yaml)))
            except ValueError as error:
                message = f"error reading policy file {file}, line {number}: {line}: {error}"
                raise AbacError(message) from error
    return policies


def _parse(line: str, read_yaml: ReadYaml) -> object:
    """Read a line: JSON where it begins with a brace, else YAML, as every reader of objects does.

    What is wrong with YAML is told in other words than upstream's.
    """
    if line.lstrip().startswith("{"):
        try:
            return json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{_NO_KIND}: {word_like_go(error)}") from error
    try:
        value = read_yaml(line)
    except ValueError as error:
        raise ValueError(f"yaml: {error}") from error
    if value is None or isinstance(value, dict):
        return value
    form = {str: "string", bool: "bool", list: "array"}.get(type(value), "number")
    raise ValueError(f"{_NO_KIND}: json: cannot unmarshal {form} into Go value of type {_HEAD}")


def _read_policy(value: object) -> AbacPolicy:
    view = View(value)
    version, kind = view.text("apiVersion") or _OLD, view.text("kind") or "Policy"
    if version not in (_OLD, _CURRENT) or kind != "Policy":
        raise ValueError(
            f"no kind {quote(kind)} is registered for version {quote(version)} "
            f"in scheme {quote(_SCHEME)}"
        )
    if version == _OLD:
        return _read_old(view)
    if not view.has("kind"):
        # What names no kind is read as an old policy, which no new one becomes.
        raise ValueError("converting (v1beta1.Policy) to (v0.Policy): unknown conversion")
    return _read_v1beta1(view.view("spec"))


def _read_v1beta1(spec: View) -> AbacPolicy:
    user, group = spec.text("user"), spec.text("group")
    if ALL in (user, group):
        user, group = "", AUTHENTICATED
    return AbacPolicy(
        user,
        group,
        spec.flag("readonly"),
        spec.text("apiGroup"),
        spec.text("resource"),
        spec.text("namespace"),
        spec.text("nonResourcePath"),
    )


def _read_old(view: View) -> AbacPolicy:
    """A line without version: what it leaves out matches everything, and nobody is everybody."""
    user, group = view.text("user"), view.text("group")
    if ALL in (user, group) or not (user or group):
        user, group = "" if ALL in (user, group) else user, AUTHENTICATED
    resource, namespace = view.text("resource"), view.text("namespace")
    return AbacPolicy(
        user,
        group,
        view.flag("readonly"),
        ALL,
        resource or ALL,
        namespace or ALL,
        "" if resource or namespace else ALL,
    )
