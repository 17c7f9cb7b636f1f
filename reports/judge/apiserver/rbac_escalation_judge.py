"""Judge of `rbac_escalation` recordings: who holds some rules tries to create a Role of others.

A line is `{"held": [rules], "attempts": [{"rules", "code", "message"}]}`: the user `alice` of
group `dev` holds the rules in a namespace; each attempt is allowed (201) or refused (403) with a
message. The name of the new Role is in no line but in the messages, and is taken there.
Messages were cut off after 600 bytes when they were recorded; so much of them is compared.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.api.authorization.access_request import AUTHENTICATED, User
from planespec.spec.api.authorization.bootstrap_policy import add_bootstrap_policy
from planespec.spec.api.authorization.escalation import RoleWrite, check_role_write
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import read_rules
from planespec.spec.objects.view import View

_ALICE = User("alice", ("dev", AUTHENTICATED))
_NAMESPACE = "escalation"
_RECORDED_BYTES = 600
_NAMED = re.compile(r'roles\.rbac\.authorization\.k8s\.io "([^"]*)" is forbidden: ')


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each attempt; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    policy = _make_policy(line.needing("held", "attempts"))
    for each in line.views("attempts"):
        yield _judge_attempt(where, policy, each)


def _make_policy(line: View) -> RbacPolicy:
    role = RoleRef("Role", "held")
    binding = Binding("held", role, (Subject("User", _ALICE.name),), _NAMESPACE)
    rules = {(_NAMESPACE, role.name): read_rules(line, "held")}
    return add_bootstrap_policy(RbacPolicy(rules, (), {_NAMESPACE: (binding,)}))


def _judge_attempt(where: str, policy: RbacPolicy, attempt: View) -> Comparison:
    attempt.needing("rules", "code")
    code, message = attempt.integer("code"), attempt.text("message")
    named = _NAMED.match(message)
    role = RoleWrite(named[1] if named else "", _NAMESPACE, read_rules(attempt))
    refused = check_role_write(policy, _ALICE, role)
    expected = {"code": code, "message": message}
    actual = {"code": 403 if refused else 201, "message": _cut(refused)}
    return compare("attempt", where, attempt.data, expected, actual)


def _cut(message: str) -> str:
    return message.encode()[:_RECORDED_BYTES].decode(errors="ignore")
