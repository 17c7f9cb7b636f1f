"""The audit policy of the recorded API servers.

It is a line of its own, of kind `audit_policy`. Where a file does not have that line the policy
is what the events of the others show: which requests are written, how much of them, and when.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.input.lines import at, read_records
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
    ]
}
"""The policy as events show it."""


def read_policy_of(path: Path) -> AuditPolicy:
    """The policy that a recording has a line for, else the one that is shown.

    Raises InputError where the file cannot be read.
    """
    for number, record in read_records(path):
        if record.get("kind") == KIND:
            with at(path, number):
                return read_audit_policy(find_policy(View(record)))
    return read_audit_policy(View(SHOWN))


def find_policy(line: View) -> View:
    """The policy in a line, wherever it stands: the object that has rules; raises ObjectError."""
    for found in _objects(line):
        if isinstance(found.data.get("rules"), list):
            return found
    raise ObjectError(line.field, "has no policy: no object with rules")


def _objects(view: View) -> Iterator[View]:
    yield view
    for name, value in view.data.items():
        if isinstance(value, dict):
            yield from _objects(view.view(name))


def answer_policy(line: View) -> tuple[object, object]:
    """The levels of the rules of a policy as recorded, and as they are read.

    A policy that the API server would refuse has its errors in place of levels.
    """
    policy = find_policy(line)
    names = {level: name for name, level in LEVELS.items()}
    recorded = [rule.text("level") for rule in policy.views("rules")]
    errors = list(get_audit_policy_errors(policy))
    ours = [names[rule.level] for rule in read_audit_policy(policy).rules]
    return {"levels": recorded}, {"levels": errors or ours}
