"""The requests of a burst: when each was sent and answered, and what it is answered alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planespec.reports.judge.apiserver.chain.open_values import Open
from planespec.reports.judge.apiserver.chain.recorded_handlers import Body, respond
from planespec.reports.judge.apiserver.chain.recorded_server import (
    CERTIFICATES,
    TOKENS,
    ask_default_roles,
    ask_rbac,
)
from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision, User
from planespec.spec.api.authorization.authorizer_union import allow_masters, authorize_in_order
from planespec.spec.api.authorization.impersonation import Impersonator
from planespec.spec.api.authorization.url_attributes import UrlRequest, read_url
from planespec.spec.api.handlers.authenticators import AnonymousAccess, Credentials, authenticate
from planespec.spec.api.handlers.filter_chain import FilterChain
from planespec.spec.api.handlers.request_deadlines import is_long_running
from planespec.spec.api.handlers.statuses import JSON, HttpAnswer
from planespec.spec.objects.view import ObjectError, View

SLOW = "slow"
"""The user whom the webhook lets wait before it allows what they ask for."""
STALE_WATCH = 3
"""Seconds after which a watch ends with an error if its cache is not up to date."""
LATEST = Fraction(1)
"""How many seconds later than it could an answer may come, for the machine was busy."""
EARLIEST = Fraction(1, 20)
"""How many seconds earlier, for times are rounded."""
DEFAULT_LEAST_WATCH = 1800
NOT_SHOWN = "ok"
"""Stands in lines for a body that was read and not kept."""


@dataclass(frozen=True, slots=True)
class BurstRequest:
    """One request; times are seconds from the first."""

    name: str
    method: str
    path: str
    url: UrlRequest
    user: User
    body: object
    sent: Fraction
    done: Fraction
    slow_seconds: Fraction
    """How long the webhook sleeps for the user."""
    least_watch: int
    """Seconds after which the server may end a watch that names no time."""

    @property
    def attributes(self) -> Attributes:
        """What authorizers see."""
        return self.url.make_attributes(self.user)

    @property
    def is_long_running(self) -> bool:
        """Whether it has no deadline."""
        made = self.attributes
        return is_long_running(
            made.verb, made.subresource, made.path, is_resource=made.is_resource
        )

    def serve(self, *, exists: bool = False, has_roles: bool = True) -> HttpAnswer:
        """What it is answered when it runs to its end; `has_roles` where roles were made."""
        ask = ask_hook_and_rbac if has_roles else ask_hook_and_defaults
        chain = FilterChain(
            ask,
            Impersonator(ask),
            lambda request: respond(
                request, self.method, self.url, Body(self.body), exists=exists
            ),
        )
        answer, _ = chain.serve(self.path, self.url, self.user, {})
        is_read = self.attributes.verb in ("get", "list", "watch")
        if answer.code == 200 and is_read:
            return HttpAnswer(200, NOT_SHOWN, answer.content_type, headers=answer.headers)
        return answer

    def take(self, began: Fraction, answer: HttpAnswer) -> Open:
        """When it may be answered so if it began to run at this time."""
        # A watch that is refused ends at once.
        handled = self._spans() if answer.code == 200 else [(Fraction(0), Fraction(0))]
        spans = [(self.slow_seconds + low, self.slow_seconds + high) for low, high in handled]

        def allows(value: object) -> bool:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return False
            took = Fraction(str(value)) - began
            return any(low - EARLIEST <= took <= high + LATEST for low, high in spans)

        return Open(f"seconds, {float(spans[0][0]):g} or more from {float(began):g}", allows)

    def _spans(self) -> list[tuple[Fraction, Fraction]]:
        """Seconds that the handler takes."""
        if self.attributes.verb != "watch":
            return [(Fraction(0), Fraction(0))]
        asked = self.url.query.get("timeoutSeconds", [""])[0]
        stale = (Fraction(STALE_WATCH), Fraction(STALE_WATCH))
        if asked.isdecimal() and int(asked) > 0:
            return [(Fraction(asked), Fraction(asked)), stale]
        return [(Fraction(self.least_watch), Fraction(2 * self.least_watch)), stale]


def _allow_slow(request: Attributes) -> Answer:
    """The webhook: it has an opinion on one user alone."""
    allowed = request.user.name == SLOW
    return Answer(Decision.ALLOW if allowed else Decision.NO_OPINION)


def ask_hook_and_rbac(request: Attributes) -> Answer:
    """The authorizers of the servers that were sent bursts."""
    return authorize_in_order([allow_masters, _allow_slow, ask_rbac], request)[0]


def ask_hook_and_defaults(request: Attributes) -> Answer:
    """The same in a server where the recorder made no roles."""
    return authorize_in_order([allow_masters, _allow_slow, ask_default_roles], request)[0]


def read_burst(
    given: View, recorded: View, slow_seconds: Fraction, least_watch: int = DEFAULT_LEAST_WATCH
) -> list[BurstRequest]:
    """Read the requests of a line with the times of their answers; raises ObjectError."""
    asked, answers = given.views("requests"), recorded.views("answers")
    if len(asked) != len(answers):
        raise ObjectError(recorded.path("answers"), "must be as many as there are requests")
    return [
        _read(str(index), each, answer, slow_seconds, least_watch)
        for index, (each, answer) in enumerate(zip(asked, answers, strict=True))
    ]


def _read(
    name: str, asked: View, answer: View, slow_seconds: Fraction, least_watch: int
) -> BurstRequest:
    method, path = asked.text("method"), asked.text("path")
    user = identify_sender(asked)
    return BurstRequest(
        name=name,
        method=method,
        path=path,
        url=read_url(method, path),
        user=user,
        body=asked.data.get("body"),
        sent=read_seconds(answer, "tSent"),
        done=read_seconds(answer, "tDone"),
        slow_seconds=slow_seconds if user.name == SLOW else Fraction(0),
        least_watch=least_watch,
    )


def identify_sender(asked: View) -> User:
    """Who sends a request, by its token and certificate; raises ObjectError."""
    token, certificate = asked.text("token"), asked.text("cert")
    if certificate and certificate not in CERTIFICATES:
        raise ObjectError(asked.path("cert"), f"{certificate!r} is unknown")
    if token and token not in TOKENS:
        raise ObjectError(asked.path("token"), f"{token!r} is unknown")
    values = [f"Bearer {token}"] if token else []
    shown = Credentials(asked.text("path"), CERTIFICATES.get(certificate), values)
    user = authenticate(shown, TOKENS.get, AnonymousAccess())
    assert user is not None, "anonymous requests are let in"
    return user


def read_seconds(view: View, name: str) -> Fraction:
    """Read a number of seconds; raises ObjectError."""
    value = view.data.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ObjectError(view.path(name), "must be a number of seconds")
    return Fraction(Decimal(str(value)))


def print_answer(
    request: BurstRequest, answer: HttpAnswer, tdone: object, more: Mapping[str, object]
) -> dict[str, object]:
    """An answer as lines have it; `more` are headers with their values."""
    headers: dict[str, object] = {name: [value] for name, value in answer.headers.items()}
    headers |= {name: [value] for name, value in more.items()}
    headers["content-type"] = [answer.content_type]
    if answer.content_type == JSON and answer.code not in (403,):
        headers.pop("x-content-type-options", None)
    return {
        "tSent": Open("when it was sent", lambda _: True),
        "tDone": tdone,
        "code": answer.code,
        "headers": headers,
        "body": answer.body,
    }


def soon_after(time: Fraction) -> Open:
    """When something is answered that takes no time from then on."""

    def allows(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return -EARLIEST <= Fraction(str(value)) - time <= LATEST

    return Open(f"a time soon after {float(time):g}", allows)
