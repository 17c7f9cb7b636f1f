"""The kind `impersonation` of `authz` recordings: the checks made, in order, and the user.

Each request was recorded with a filter of its own, which remembered nothing of others.
"""

from collections.abc import Iterator

from planespec.reports.judge.apiserver.authz_lines import Pair, pair_answers
from planespec.spec.api.authorization.access_request import Answer, Attributes, User, read_user
from planespec.spec.api.authorization.impersonation import ImpersonationError, Impersonator
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import read_rules
from planespec.spec.api.authorization.url_attributes import read_url
from planespec.spec.objects.view import View

_REASONS = {400: "BadRequest", 403: "Forbidden"}


def judge_impersonation(given: View, out: View) -> Iterator[Pair]:
    """Compare the checks, the code and the message or the user of each request."""
    policy = _make_policy(given)
    checks: list[str] = []

    def authorize(request: Attributes) -> Answer:
        answer = authorize_by_rbac(policy, request)
        checks.append(_word(request, answer))
        return answer

    for asked, expected in pair_answers(given, out):
        checks.clear()
        actual = _answer(Impersonator(authorize), asked)
        yield asked.data, expected, {**actual, "checks": list(checks)} if checks else actual


def _make_policy(given: View) -> RbacPolicy:
    role = given.view("clusterRole")
    name = role.view("metadata").text("name")
    subjects = tuple(Subject("User", each) for each in given.texts("boundTo"))
    binding = Binding(name, RoleRef("ClusterRole", name), subjects)
    return RbacPolicy({("", name): read_rules(role)}, (binding,))


def _word(request: Attributes, answer: Answer) -> str:
    what = f"{request.combined_resource}.{request.group}"
    where = f"ns={request.namespace} name={request.name}"
    return f"{request.verb} {what} {where} -> {answer.decision}"


def _answer(impersonator: Impersonator, asked: View) -> dict[str, object]:
    headers = asked.view("headers")
    request = read_url("GET", asked.text("url")).make_attributes(read_user(asked.view("user")))
    try:
        user = impersonator.get_user({name: headers.texts(name) for name in headers.data}, request)
    except ImpersonationError as error:
        reason = _REASONS[error.code]
        return {"code": error.code, "message": str(error), "reason": reason}
    return {"code": 200, "user": _write_user(user)}


def _write_user(user: User) -> dict[str, object]:
    extra = {key: list(values) for key, values in user.extra.items()}
    fields = {"name": user.name, "groups": list(user.groups), "uid": user.uid, "extra": extra}
    return {name: value for name, value in fields.items() if value}
