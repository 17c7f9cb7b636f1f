"""A request on its way through the filters, to a handler or to a refusal, and what audit writes.

The order is: identity (401), audit, impersonation (400, 403), limits (429), authorization (403,
or 500 where nobody allows and an authorizer failed), handler. Limits are by whom the request is
made as, and before authorization: who may do nothing still takes a seat.

Source: `apiserver/pkg/server/config.go` (DefaultBuildHandlerChain), `apiserver/pkg/endpoints/`
`filters/{authentication,authorization}.go`, v1.36.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.authorization.authorizer_union import Authorizer
from planespec.spec.api.authorization.impersonation import (
    Headers,
    ImpersonationError,
    Impersonator,
)
from planespec.spec.api.authorization.url_attributes import UrlRequest
from planespec.spec.api.handlers.audit_policy import AuditPolicy
from planespec.spec.api.handlers.audit_trail import (
    DECISION,
    REASON,
    AuditTrail,
    Event,
    write_events,
)
from planespec.spec.api.handlers.authenticators import AuthenticationError
from planespec.spec.api.handlers.request_deadlines import is_long_running
from planespec.spec.api.handlers.statuses import (
    HttpAnswer,
    refuse_bad_request,
    refuse_forbidden,
    refuse_internal,
    refuse_unauthenticated,
    refuse_unauthorized,
)


@dataclass(frozen=True, slots=True)
class Handled:
    """What a handler answers, and what it decoded of the request's body."""

    answer: HttpAnswer
    decoded: object = None
    decoded_name: str = ""


SILENT = AuditPolicy(())
"""Nothing is audited."""


def let_pass(_request: Attributes) -> HttpAnswer | None:
    """Limit nothing."""
    return None


@dataclass(frozen=True, slots=True)
class FilterChain:
    """The filters of one API server."""

    authorizer: Authorizer
    impersonator: Impersonator
    handler: Callable[[Attributes], Handled]
    policy: AuditPolicy = SILENT
    limit: Callable[[Attributes], HttpAnswer | None] = let_pass
    """Refuses a request that is too many; None lets it pass."""

    def serve(
        self, url: str, request: UrlRequest, user: User, headers: Headers
    ) -> tuple[HttpAnswer, list[Event]]:
        """Answer a request whose user is known; `url` is as the client sent it."""
        made = request.make_attributes(user)
        trail = self._pass(url, made, headers)
        long_running = is_long_running(
            made.verb, made.subresource, made.path, is_resource=made.is_resource
        )
        trail = replace(trail, long_running=long_running)
        return trail.answer, write_events(trail, self.policy.decide(made))

    def _pass(self, url: str, made: Attributes, headers: Headers) -> AuditTrail:
        try:
            user = self.impersonator.get_user(headers, made)
        except ImpersonationError as error:
            return AuditTrail(url, made, _refuse_impersonation(error))
        acting = replace(made, user=user)
        refused = self.limit(acting)
        if refused is not None:
            trail = AuditTrail(url, made, refused)
        else:
            trail = self._authorize(url, made, acting)
        if user is made.user:
            return trail
        constraint = self.impersonator.get_constraint(made.user)
        return replace(trail, impersonated=user, constraint=constraint)

    def _authorize(self, url: str, made: Attributes, acting: Attributes) -> AuditTrail:
        answer = self.authorizer(acting)
        if answer.allows:
            handled = self.handler(acting)
            notes = {DECISION: "allow", REASON: answer.reason}
            return AuditTrail(
                url,
                made,
                handled.answer,
                annotations=notes,
                decoded=handled.decoded,
                decoded_name=handled.decoded_name,
            )
        if answer.error:
            notes = {REASON: "internal error"}
            return AuditTrail(url, made, refuse_internal(url, answer.error), annotations=notes)
        notes = {DECISION: "forbid", REASON: answer.reason}
        refusal = refuse_unauthorized(acting, answer.reason)
        return AuditTrail(url, made, refusal, annotations=notes)


def _refuse_impersonation(error: ImpersonationError) -> HttpAnswer:
    if error.asked is None:
        return refuse_bad_request(str(error))
    return refuse_forbidden(error.asked, str(error))


def identify(authenticate: Callable[[], User | None]) -> User | HttpAnswer:
    """Who makes a request, or the 401."""
    try:
        user = authenticate()
    except AuthenticationError:
        return refuse_unauthenticated()
    return refuse_unauthenticated() if user is None else user
