"""Judge of `rbac` recordings: a policy, and SubjectAccessReviews answered by a real API server.

A line is `{"objects": [...], "reviews": [{"spec", "allowed", "denied", "reason", "err"}]}`.
Counted are `review` (the decision and the binding that decided) and `aggregation` (the rules of an
aggregated ClusterRole). The objects are those of the recording; the default roles of a cluster
stand beside them. Where several bindings of one kind allow, the API server takes any of them: its
caches keep no order. Each of those reasons agrees, and no other.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision, User
from planespec.spec.api.authorization.bootstrap_policy import add_bootstrap_policy
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac, is_possible_answer
from planespec.spec.api.authorization.rbac_objects import (
    aggregate_rules,
    make_policy,
    read_aggregation,
)
from planespec.spec.api.authorization.rbac_policy import RbacPolicy
from planespec.spec.api.authorization.rbac_rules import write_rule
from planespec.spec.objects.view import ApiObject, ObjectError, View


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each review and aggregated role; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("objects", "reviews")
    objects = [ApiObject(each.data, each.field) for each in line.views("objects")]
    policy = add_bootstrap_policy(make_policy(objects))
    yield from _judge_aggregation(where, objects)
    for each in line.views("reviews"):
        yield _judge_review(where, policy, each)


def _judge_aggregation(where: str, objects: list[ApiObject]) -> Iterator[Comparison]:
    cluster_roles = [each for each in objects if each.text("kind") == "ClusterRole"]
    for role in cluster_roles:
        selectors = read_aggregation(role)
        if selectors is not None:
            expected = [dict(rule.data) for rule in role.views("rules")]
            rules = aggregate_rules(role, selectors, cluster_roles)
            actual = [write_rule(rule) for rule in rules]
            yield compare("aggregation", where, role.data, expected, actual)


def _judge_review(where: str, policy: RbacPolicy, review: View) -> Comparison:
    review.needing("spec")
    request = read_review(review.view("spec"))
    decision = Decision.ALLOW if review.flag("allowed") else Decision.NO_OPINION
    if review.flag("denied"):
        decision = Decision.DENY
    told = Answer(decision, review.text("reason"), review.text("err"))
    possible = not told.error and is_possible_answer(policy, request, told)
    actual = told if possible else authorize_by_rbac(policy, request)
    return compare("review", where, review.view("spec").data, _write(told), _write(actual))


def _write(answer: Answer) -> dict[str, object]:
    return {"decision": str(answer.decision), "reason": answer.reason, "error": answer.error}


def read_review(spec: View) -> Attributes:
    """The request that the spec of a SubjectAccessReview asks about; raises ObjectError."""
    user = User(spec.text("user"), tuple(spec.texts("groups")), spec.text("uid"))
    if spec.has("nonResourceAttributes"):
        asked = spec.view("nonResourceAttributes")
        return Attributes(user, asked.text("verb"), path=asked.text("path"), is_resource=False)
    if not spec.has("resourceAttributes"):
        raise ObjectError(spec.field, "has neither resourceAttributes nor nonResourceAttributes")
    asked = spec.view("resourceAttributes")
    return Attributes(
        user,
        asked.text("verb"),
        asked.text("group"),
        asked.text("version"),
        asked.text("resource"),
        asked.text("subresource"),
        asked.text("namespace"),
        asked.text("name"),
    )
