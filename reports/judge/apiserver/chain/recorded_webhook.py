"""The authorization webhook of the recorder: what it was told to answer, and who called it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from planespec.spec.api.authorization.access_request import Attributes, Decision
from planespec.spec.api.handlers.request_deadlines import parse_duration
from planespec.spec.api.handlers.webhook_authorizer import (
    ConditionError,
    Verdict,
    WebhookAuthorizer,
    WebhookError,
    call_with_retries,
)
from planespec.spec.objects.view import ObjectError, View

PORT = re.compile(r'Post "http://127\.0\.0\.1:(\d+)/')
DEFAULT_TIMEOUT = "3s"
_POLICIES = {"NoOpinion": Decision.NO_OPINION, "Deny": Decision.DENY}


@dataclass(slots=True)
class RecordedWebhook:
    """The webhook during one request; its answers are given in turn, the last again and again."""

    answers: list[View]
    timeout: str
    port: str = "0"
    """Of its address, which is in errors."""
    calls: list[object] = field(default_factory=list)
    """The reviews it was sent, as lines have them."""
    seconds: float = 0.0
    """The least that its calls took."""

    def __call__(self, request: Attributes) -> Verdict:
        """Answer a review; raises WebhookError."""
        answer = self._choose()
        call_with_retries(lambda: self._send(request, answer), self._wait)
        status = answer.view("status")
        return Verdict(status.flag("allowed"), status.flag("denied"), status.text("reason"))

    def _wait(self, seconds: float) -> None:
        self.seconds += seconds

    def _choose(self) -> View:
        if not self.answers:
            return View({"status": {"allowed": False}})
        return self.answers[min(len(self.calls), len(self.answers) - 1)]

    def _send(self, request: Attributes, answer: View) -> int:
        self.calls.append(print_review(request))
        slept, most = _read_seconds(answer), parse_duration(self.timeout)
        self._wait(float(min(slept, most)))
        if slept > most:
            url = f"http://127.0.0.1:{self.port}/authz?timeout={self.timeout}"
            why = "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
            raise WebhookError(f'Post "{url}": {why}')
        code = answer.integer("code")
        return 200 if code is None else code


def _read_seconds(answer: View) -> Fraction:
    value = answer.data.get("sleep", 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ObjectError(answer.path("sleep"), "must be a number")
    return Fraction(value)


def read_webhook(given: View, config: View, recorded: View) -> RecordedWebhook:
    """The webhook of a line; the port is that of its errors. Raises ObjectError."""
    body = recorded.data.get("body")
    found = PORT.search(body) if isinstance(body, str) else None
    timeout = config.text("webhookTimeout") or DEFAULT_TIMEOUT
    return RecordedWebhook(given.views("webhook"), timeout, found[1] if found else "0")


def make_webhook_authorizer(webhook: RecordedWebhook, config: View) -> WebhookAuthorizer:
    """The authorizer that asks it, as the configuration has it; raises ObjectError."""
    policy = config.text("webhookFailurePolicy") or "NoOpinion"
    if policy not in _POLICIES:
        raise ObjectError(config.path("webhookFailurePolicy"), "must be NoOpinion or Deny")
    conditions = [_make_condition(text) for text in config.texts("matchConditions")]
    return WebhookAuthorizer(webhook, _POLICIES[policy], conditions)


def _make_condition(expression: str) -> Callable[[Attributes], bool]:
    def holds(request: Attributes) -> bool:
        review = print_review(request)
        known = {name: value for name, value in review.items() if value is not None}
        try:
            answer = _compile(expression).execute({"request": known})
        except (ValueError, TypeError, RuntimeError, KeyError) as error:
            raise ConditionError(f"expression {expression!r}: {error}") from error
        if not isinstance(answer, bool):
            raise ConditionError(f"expression {expression!r} is no condition")
        return answer

    return holds


@lru_cache(maxsize=64)
def _compile(expression: str) -> Any:
    # Imported late: few lines have conditions.
    import cel

    return cel.compile(expression)


def print_review(request: Attributes) -> Mapping[str, object]:
    """A request as the spec of a SubjectAccessReview, as far as lines have it."""
    resource = path = None
    if request.is_resource:
        resource = _print_resource(request)
    else:
        path = {"path": request.path, "verb": request.verb}
    return {
        "user": request.user.name,
        "groups": list(request.user.groups),
        "resourceAttributes": resource,
        "nonResourceAttributes": path,
    }


def _print_resource(request: Attributes) -> dict[str, object]:
    fields: dict[str, object] = {
        "namespace": request.namespace,
        "verb": request.verb,
        "group": request.group,
        "version": request.version,
        "resource": request.resource,
        "subresource": request.subresource,
        "name": request.name,
    }
    if request.fields:
        fields["fieldSelector"] = {
            "requirements": [
                {
                    "key": each.field,
                    "operator": "In" if each.equal else "NotIn",
                    "values": [each.value],
                }
                for each in request.fields
            ]
        }
    return {name: value for name, value in fields.items() if value}
