"""The audit policy of the recorded API servers.

It is a line of its own, of kind `audit_policy`. Where a file does not have that line the policy
is what the events of the others show: which requests are written, how much of them, and when.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from planespec.reports.input.lines import at
from planespec.spec.api.handlers.audit_policy import (
    LEVELS,
    AuditPolicy,
    get_audit_policy_errors,
    read_audit_policy,
)
from planespec.spec.objects.view import ObjectError, View

KIND = "audit_policy"

SHOWN = {
    "rules": [
        {"level": "None", "nonResourceURLs": ["/healthz*"]},
        {"level": "None", "users": ["bob"], "verbs": ["get"]},
        {
            "level": "Request",
            "resources": [{"group": "", "resources": ["secrets"], "resourceNames": ["s1"]}],
            "omitStages": ["RequestReceived"],
        },
        {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]},
        {
            "level": "RequestResponse",
            "userGroups": ["dev"],
            "resources": [{"group": "", "resources": ["configmaps"]}],
        },
        {
            "level": "RequestResponse",
            "userGroups": ["system:masters"],
            "verbs": ["create", "delete", "deletecollection"],
            "namespaces": ["default"],
            "omitStages": ["RequestReceived"],
        },
        {"level": "Metadata"},
    ],
}
"""The policy as events show it."""


def find_policy_among(
    path: Path, records: Iterable[tuple[int, Mapping[str, object]]]
) -> AuditPolicy:
    """The policy that a recording has a line for, else the one that is shown.

    Raises InputError where a policy is malformed.
    """
    for number, record in records:
        if record.get("kind") == KIND:
            with at(path, number):
                policy = find_policy(View(record))
                if policy is not None:
                    return read_audit_policy(policy)
    return read_audit_policy(View(SHOWN))


def find_policy(line: View) -> View | None:
    """The policy in a line: the object that has rules, or text of one; raises ObjectError."""
    for found in _objects(line):
        if isinstance(found.data.get("rules"), list):
            return found
    return None


def _objects(view: View) -> Iterator[View]:
    yield view
    for name, value in view.data.items():
        if isinstance(value, str) and "rules" in value:
            value = _read_text(value, view.path(name))
        if isinstance(value, dict):
            yield from _objects(View(value, view.path(name)))


def _read_text(text: str, field: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ObjectError(field, f"is no YAML: {str(error).splitlines()[0]}") from error


def answer_policy(line: View) -> tuple[object, object]:
    """The levels of the rules of a policy as recorded, and as they are read.

    A policy that the API server would refuse has its errors in place of levels; a line without
    one disagrees.
    """
    policy = find_policy(line)
    if policy is None:
        return line.data.get("out"), "no object with rules"
    names = {level: name for name, level in LEVELS.items()}
    recorded = [rule.text("level") for rule in policy.views("rules")]
    errors = list(get_audit_policy_errors(policy))
    ours = [names[rule.level] for rule in read_audit_policy(policy).rules]
    return {"levels": recorded}, {"levels": errors or ours}
