"""The audit policy of the recorded API servers.

It is a line of its own, of kind `audit_policy`. Where a file does not have that line the policy
is what the events of the others show: which requests are written, how much of them, and when.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

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
_WORDS = ("rules:", "Rules:", '"rules"', '"Rules"', "level:", "Level:")
"""What the text of a policy has, or that of its rules."""

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
    """The policy in a line: the object that has rules, or text of one; raises ObjectError.

    It may be a list of rules alone, stand in a list or among other documents, or be written as Go
    prints its own types, with capitals.
    """
    return next((found for found in _objects(line) if "rules" in found.data), None)


def _objects(view: View) -> Iterator[View]:
    view = View(_lower(view.data), view.field)
    if isinstance(view.data.get("rules"), list):
        yield view
        return
    for name, value in view.data.items():
        field = view.path(name)
        if isinstance(value, str) and any(each in value for each in _WORDS):
            value = _read_text(value, field)
        if isinstance(value, list) and value and all(_is_rule(each) for each in value):
            yield View({"rules": value}, field)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _objects(View(each, field))


def _is_rule(value: object) -> bool:
    return isinstance(value, dict) and value.get("level") in LEVELS


def _lower(value: Any) -> Any:
    """Begin the names of fields with a small letter."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _lower(each) for name, each in value.items()}
    return [_lower(each) for each in value] if isinstance(value, list) else value


def _read_text(text: str, field: str) -> object:
    """Read a document, or all of several."""
    try:
        documents = list(yaml.safe_load_all(text))
        return documents[0] if len(documents) == 1 else documents
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
