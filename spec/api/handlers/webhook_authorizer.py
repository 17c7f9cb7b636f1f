"""An authorizer that asks a webhook: when it is called, what its answer means, and what errors do.

Match conditions come first: one that is false means no opinion, without a call; errors count only
where none is false. A call that fails means what the failure policy says, and its error goes with
the decision. Caching is left out.

Source: `apiserver/plugin/pkg/authorizer/webhook/webhook.go`, `apiserver/pkg/authorization/cel`,
`apiserver/pkg/util/webhook/webhook.go` (DefaultShouldRetry, retries), v1.36; KEP-3221.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision
from planespec.spec.api.handlers.statuses import describe_response_code
from planespec.spec.labels.selector import join_errors

MOST_CALLS = 5
"""Calls of a webhook that answers 429 or has an error of its own, or resets the connection."""
FIRST_PAUSE = 0.5
"""Seconds between the first call and the second."""
PAUSE_GROWTH = 1.5
BOTH = "webhook subject access review returned both allow and deny response"


class WebhookError(ValueError):
    """A call failed; the message is the error that the API server sees."""


class ConditionError(ValueError):
    """A match condition cannot be evaluated for this request."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of a SubjectAccessReview."""

    allowed: bool
    denied: bool = False
    reason: str = ""


Call = Callable[[Attributes], Verdict]
"""Calls the webhook; raises WebhookError."""
Condition = Callable[[Attributes], bool]
"""A match condition; raises ConditionError."""


@dataclass(frozen=True, slots=True)
class WebhookAuthorizer:
    """One webhook of the authorization configuration."""

    call: Call
    on_failure: Decision
    """NO_OPINION or DENY."""
    conditions: Sequence[Condition] = ()

    def __call__(self, request: Attributes) -> Answer:
        """Answer a request."""
        problem = self._match(request)
        if problem is not None:
            return problem
        try:
            verdict = self.call(request)
        except WebhookError as error:
            return Answer(self.on_failure, "", str(error))
        if verdict.denied:
            return Answer(Decision.DENY, verdict.reason, BOTH if verdict.allowed else "")
        decision = Decision.ALLOW if verdict.allowed else Decision.NO_OPINION
        return Answer(decision, verdict.reason)

    def _match(self, request: Attributes) -> Answer | None:
        """The answer where the webhook is not called; None where it is."""
        errors = []
        for condition in self.conditions:
            try:
                if not condition(request):
                    return Answer(Decision.NO_OPINION)
            except ConditionError as error:
                errors.append(str(error))
        return Answer(self.on_failure, "", join_errors(errors)) if errors else None


def call_with_retries(call_once: Callable[[], int], wait: Callable[[float], None]) -> None:
    """Call a webhook until it answers 200, or with a code that is final, or too often.

    `call_once` returns the HTTP code; `wait` is told how many seconds pass between two calls, at
    least: up to a fifth more does. Raises WebhookError with the error of the last call.
    """
    pause = FIRST_PAUSE
    for count in range(MOST_CALLS):
        if count:
            wait(pause)
            pause *= PAUSE_GROWTH
        code = call_once()
        if code < 300:
            return
        if not _is_retried(code):
            break
    raise WebhookError(describe_response_code(code))


def _is_retried(code: int) -> bool:
    """Whether a call is made again: after an error of the server, unless it is unavailable."""
    return code == 429 or (code >= 500 and code != 503)
