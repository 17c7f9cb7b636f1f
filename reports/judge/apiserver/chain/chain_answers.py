"""Answers of whole API servers to one request: identity, authorization, audit.

What the server remembered from requests before is not in a line: which way of impersonation worked
last for a user, and what was allowed in the last ten seconds. Nor is whether an object exists, or
in which order bindings are visited. Upstream's source takes profiles for long-running requests;
the recorded servers wrote no event when their answers began: either is accepted. Every
possibility is tried, and the first that agrees is the answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from planespec.reports.judge.apiserver.chain.open_values import LATENCY, settle, take_seconds
from planespec.reports.judge.apiserver.chain.recorded_handlers import Body, respond
from planespec.reports.judge.apiserver.chain.recorded_server import (
    CERTIFICATES,
    NAMED_TOKENS,
    TOKENS,
    ask_nodes,
    ask_rbac,
    ask_rbac_reversed,
    print_user,
)
from planespec.reports.judge.apiserver.chain.recorded_webhook import (
    RecordedWebhook,
    make_webhook_authorizer,
    read_webhook,
)
from planespec.reports.judge.runner import are_alike
from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision, User
from planespec.spec.api.authorization.authorizer_union import (
    Authorizer,
    allow_masters,
    authorize_in_order,
)
from planespec.spec.api.authorization.impersonation import Headers, Impersonator
from planespec.spec.api.authorization.url_attributes import UrlRequest, read_url
from planespec.spec.api.handlers.audit_policy import AuditPolicy
from planespec.spec.api.handlers.audit_trail import Event
from planespec.spec.api.handlers.authenticators import (
    AnonymousAccess,
    Credentials,
    authenticate,
)
from planespec.spec.api.handlers.filter_chain import FilterChain, Handled, identify
from planespec.spec.api.handlers.request_deadlines import PROFILING
from planespec.spec.api.handlers.statuses import HttpAnswer
from planespec.spec.objects.view import ObjectError, View

_ANONYMOUS = {
    "anonymous on": AnonymousAccess(),
    "anonymous off": AnonymousAccess(enabled=False),
    "anonymous only /livez /readyz /healthz": AnonymousAccess(
        paths=frozenset({"/livez", "/readyz", "/healthz"})
    ),
}
_JOINT = "\N{NO-BREAK SPACE}"
_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_WARM_UPS: dict[str, Headers] = {
    "": {},
    "user-info": {"Impersonate-User": ["somebody"]},
    "serviceaccount": {"Impersonate-User": ["system:serviceaccount:some:body"]},
    "arbitrary-node": {"Impersonate-User": ["system:node:somewhere"]},
    "impersonate": {
        "Impersonate-User": ["system:serviceaccount:some:body"],
        "Impersonate-Group": ["somewhere"],
    },
}
"""Headers after which a way of impersonation is the one that worked last."""
_LATENCIES = ("apf-queue-wait", "authentication", "authorization", "response-write", "total")


@dataclass(slots=True)
class _Switch:
    """An authorizer that allows everything until it is put to work."""

    authorizer: Authorizer
    is_on: bool = False

    def __call__(self, request: Attributes) -> Answer:
        return self.authorizer(request) if self.is_on else Answer(Decision.ALLOW)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What an API server may remember, and what may be stored."""

    exists: bool
    is_reversed: bool
    """In which order it visits bindings."""
    profiles_linger: bool
    """Whether audit takes a profile for a long-running request, as upstream's source does."""
    last: str
    """Name of the way of impersonation that worked last."""
    cached: str
    """"" for nothing, `user` or `request`: what of this request was allowed shortly before."""


def answer_authentication(given: View, recorded: View) -> object:
    """The code, and the body, for a request with a certificate, a token, or odd headers."""
    config = given.text("config")
    if config not in _ANONYMOUS:
        raise ObjectError(given.path("config"), f"must be one of {', '.join(_ANONYMOUS)}")
    method, path = given.text("method"), given.text("path")
    user = identify(lambda: authenticate(_read_credentials(given), _find, _ANONYMOUS[config]))
    answer = user if isinstance(user, HttpAnswer) else _review_or_serve(user, method, path)
    headers = {} if given.has("headers") else {"content-type": [answer.content_type]}
    ours = {"code": answer.code, "headers": headers, "body": answer.body}
    return settle(ours, dict(recorded.data))


def _find(token: str) -> User | None:
    return NAMED_TOKENS.get(token.replace(_JOINT, " ")) or TOKENS.get(token)


def _read_credentials(given: View) -> Credentials:
    certificate = given.text("certificate")
    if certificate and certificate not in CERTIFICATES:
        raise ObjectError(given.path("certificate"), f"{certificate!r} is unknown")
    values: list[str] = []
    if given.has("headers"):
        values = _read_headers(given).get("Authorization", [])
    elif given.text("token") not in ("", "none"):
        # The token of a line is its name; a token has no spaces, so that it is read whole.
        name = given.text("token").replace(" ", _JOINT)
        values = [f"Bearer {name}"]
    return Credentials(given.text("path"), CERTIFICATES.get(certificate), values)


def _review_or_serve(user: User, method: str, path: str) -> HttpAnswer:
    url = read_url(method, path)
    chain = FilterChain(
        _in_order([ask_nodes, ask_rbac]),
        Impersonator(ask_rbac),
        lambda request: _review(request, method, url),
    )
    return chain.serve(path, url, user, {})[0]


def _review(request: Attributes, method: str, url: UrlRequest) -> Handled:
    if request.path == _REVIEWS:
        return Handled(HttpAnswer(201, print_user(request.user)))
    handled = respond(request, method, url, Body(None), exists=True)
    if request.path == "/version":
        return Handled(replace(handled.answer, body="version"))
    return handled


def answer_chain(given: View, recorded: View, policy: AuditPolicy) -> object:
    """Code, body, calls of the webhook and audit events of a request."""
    expected = dict(recorded.data)
    first: object = None
    for memory in _remember(given):
        ours = settle(_answer_once(given, recorded, policy, memory), expected)
        if are_alike(expected, ours):
            return ours
        first = ours if first is None else first
    return first


def _remember(given: View) -> Iterator[_Memory]:
    acts = bool(_read_headers(given).get("Impersonate-User"))
    cached = ("", "user", "request") if acts else ("",)
    lasts = _WARM_UPS if acts else ("",)
    either = (True, False)
    lingers = either if given.text("path").startswith(PROFILING) else (True,)
    for last, kept, exists, turned, linger in product(lasts, cached, either, either, lingers):
        yield _Memory(exists, turned, linger, last, kept)


def _answer_once(given: View, recorded: View, policy: AuditPolicy, memory: _Memory) -> object:
    config = given.view("config")
    webhook = read_webhook(given, config, recorded)
    switch = _Switch(_in_order(_read_authorizers(config, webhook, memory)))
    impersonator = Impersonator(switch)
    method, path = given.text("method"), given.text("path")
    url = read_url(method, path)
    headers = _read_headers(given)
    body = Body(given.data.get("body"), given.text("contentType") or "application/json")
    user = identify(lambda: _identify_by_token(given))
    if isinstance(user, HttpAnswer):
        return _print(user, [], None)
    _warm_up(impersonator, url.make_attributes(user), headers, memory)
    switch.is_on = True
    chain = FilterChain(
        switch,
        impersonator,
        lambda request: respond(request, method, url, body, exists=memory.exists),
        policy,
    )
    answer, events = chain.serve(path, url, user, headers)
    if not memory.profiles_linger:
        events = [event for event in events if event["stage"] != "ResponseStarted"]
    return _print(answer, events, webhook if "Webhook" in config.texts("authorizers") else None)


def _identify_by_token(given: View) -> User | None:
    token = given.text("token")
    values = [f"Bearer {token}"] if token else []
    return authenticate(Credentials(given.text("path"), None, values), _find, AnonymousAccess())


def _warm_up(
    impersonator: Impersonator, request: Attributes, headers: Headers, memory: _Memory
) -> None:
    if memory.cached:
        other = request if memory.cached == "request" else replace(request, verb="other")
        impersonator.get_user(headers, other)
    if memory.last:
        impersonator.get_user(_WARM_UPS[memory.last], replace(request, path="/somewhere"))


def _read_authorizers(config: View, webhook: RecordedWebhook, memory: _Memory) -> list[Authorizer]:
    rbac = ask_rbac_reversed if memory.is_reversed else ask_rbac
    known: dict[str, Authorizer] = {"Node": ask_nodes, "RBAC": rbac}
    if "Webhook" in config.texts("authorizers"):
        known["Webhook"] = make_webhook_authorizer(webhook, config)
    for name in config.texts("authorizers"):
        if name not in known:
            raise ObjectError(config.path("authorizers"), f"{name!r} is no authorizer")
    return [known[name] for name in config.texts("authorizers")]


def _in_order(authorizers: list[Authorizer]) -> Authorizer:
    return lambda request: authorize_in_order([allow_masters, *authorizers], request)[0]


def _read_headers(given: View) -> dict[str, list[str]]:
    """Headers under their canonical names, each with its values."""
    headers = given.view("headers")
    return {
        "-".join(part.capitalize() for part in name.split("-")): (
            [headers.text(name)] if isinstance(value, str) else headers.texts(name)
        )
        for name, value in headers.data.items()
    }


def _print(answer: HttpAnswer, events: list[Event], webhook: RecordedWebhook | None) -> object:
    printed: dict[str, object] = {
        "code": answer.code,
        "headers": {"content-type": [answer.content_type]},
        "body": answer.body,
        "audit": [_add_latencies(event) for event in events],
    }
    if webhook is not None:
        printed["webhookCalls"] = webhook.calls
        printed["seconds"] = take_seconds(webhook.seconds)
    return printed


def _add_latencies(event: Event) -> Event:
    """Slow requests are annotated with how long their parts took."""
    notes = event.get("annotations")
    if not isinstance(notes, dict) or event["stage"] != "ResponseComplete":
        return event
    latencies = {f"apiserver.latency.k8s.io/{name}": LATENCY for name in _LATENCIES}
    return {**event, "annotations": {**notes, **latencies}}
