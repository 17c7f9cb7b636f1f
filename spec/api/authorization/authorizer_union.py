"""Several authorizers in order: the first that allows or denies decides.

Source: `apiserver/pkg/authorization/union/union.go`, v1.36.
"""

from collections.abc import Callable, Sequence

from planespec.spec.api.authorization.access_request import MASTERS, Answer, Attributes, Decision
from planespec.spec.labels.selector import join_errors

Authorizer = Callable[[Attributes], Answer]
"""Answers a request."""


def authorize_in_order(
    authorizers: Sequence[Authorizer], request: Attributes
) -> tuple[Answer, list[int]]:
    """The answer, and the positions of the authorizers that were asked.

    The one who decides gives reason and error alone. Where nobody does, there is no opinion with
    all reasons, a line each, and all errors.
    """
    reasons, errors, asked = [], [], []
    for position, authorizer in enumerate(authorizers):
        asked.append(position)
        answer = authorizer(request)
        if answer.decision is not Decision.NO_OPINION:
            return answer, asked
        if answer.reason:
            reasons.append(answer.reason)
        if answer.error:
            errors.append(answer.error)
    error = join_errors(errors) if errors else ""
    return Answer(Decision.NO_OPINION, "\n".join(reasons), error), asked


def allow_masters(request: Attributes) -> Answer:
    """Allow the group `system:masters`: the authorizer that stands before all configured ones."""
    allowed = MASTERS in request.user.groups
    return Answer(Decision.ALLOW if allowed else Decision.NO_OPINION)
