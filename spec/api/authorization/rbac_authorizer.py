"""The RBAC authorizer: the decision and the binding that decided.

Source: `plugin/pkg/auth/authorizer/rbac/rbac.go`, v1.36.
"""

from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision
from planespec.spec.api.authorization.rbac_policy import Grant, RbacPolicy
from planespec.spec.labels.selector import join_errors


def authorize_by_rbac(policy: RbacPolicy, request: Attributes) -> Answer:
    """Allow by the first rule that allows; never deny. Missing roles are told in the reason."""
    grant = find_grant(policy, request)
    if grant is not None:
        return Answer(Decision.ALLOW, _word(grant))
    _, errors = policy.get_user_rules(request.user, request.namespace)
    return Answer(Decision.NO_OPINION, f"RBAC: {join_errors(errors)}" if errors else "")


def find_grant(policy: RbacPolicy, request: Attributes) -> Grant | None:
    """The first rule that allows the request, with its binding."""
    grants = policy.visit(request.user, request.namespace)
    return next((each for each in grants if each.rule and each.rule.allows(request)), None)


def is_possible_answer(policy: RbacPolicy, request: Attributes, answer: Answer) -> bool:
    """Say whether upstream can give the answer, in some order of bindings of one kind.

    It allows by any ClusterRoleBinding that grants, and by a RoleBinding only where none of those
    does. Errors of ClusterRoleBindings come before those of RoleBindings.
    """
    grants = list(policy.visit(request.user, request.namespace))
    allowing = [each for each in grants if each.rule and each.rule.allows(request)]
    if allowing:
        first = [each for each in allowing if not each.binding.namespace] or allowing
        return answer.allows and answer.reason in {_word(each) for each in first}
    if answer.decision is not Decision.NO_OPINION:
        return False
    wide = {each.error for each in grants if each.error and not each.binding.namespace}
    local = {each.error for each in grants if each.error} - wide
    return _is_order_of(answer.reason, wide, local)


def _is_order_of(reason: str, wide: set[str], local: set[str]) -> bool:
    """Say whether the reason lists the errors, those of one set before those of the other."""
    listed = reason.removeprefix("RBAC: ")
    if len(wide) + len(local) > 1:
        listed = listed.removeprefix("[").removesuffix("]")
    errors = listed.split(", ") if listed else []
    return (
        len(errors) == len(wide) + len(local)
        and set(errors[: len(wide)]) == wide
        and set(errors[len(wide) :]) == local
    )


def _word(grant: Grant) -> str:
    return f"RBAC: allowed by {grant.source}"
