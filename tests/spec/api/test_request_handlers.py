"""The filters of the API server: who asks, how many may, how long, and in which order."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from planespec.spec.api.authorization.access_request import Answer, Attributes, Decision, User
from planespec.spec.api.authorization.impersonation import Impersonator
from planespec.spec.api.authorization.url_attributes import read_url
from planespec.spec.api.handlers.authenticators import (
    AnonymousAccess,
    AuthenticationError,
    Certificate,
    Credentials,
    add_group,
    authenticate,
    make_static_tokens,
    read_token,
)
from planespec.spec.api.handlers.filter_chain import FilterChain, Handled, identify
from planespec.spec.api.handlers.in_flight import InFlight
from planespec.spec.api.handlers.request_deadlines import (
    DurationError,
    choose_timeout,
    is_long_running,
    parse_duration,
)
from planespec.spec.api.handlers.statuses import HttpAnswer, answer_text
from planespec.spec.api.handlers.webhook_authorizer import (
    ConditionError,
    Verdict,
    WebhookAuthorizer,
    WebhookError,
    call_with_retries,
)

ALICE = User("alice", ("dev", "system:authenticated"))
TOKENS = make_static_tokens({"tok-alice": User("alice", ("dev",))})
OPEN = AnonymousAccess()
BAD = Certificate("root", ("system:masters",), problem="x509: unknown authority")
ASKED = Attributes(ALICE, "get", version="v1", resource="pods", namespace="dev", name="web")


def _name(shown: Credentials, anonymous: AnonymousAccess = OPEN) -> str | None:
    user = authenticate(shown, TOKENS, anonymous)
    return None if user is None else user.name


def test_a_certificate_goes_before_a_token_and_a_token_helps_a_bad_certificate() -> None:
    good = Certificate("carol", ("ops",))
    assert _name(Credentials("/", good, ("Bearer tok-alice",))) == "carol"
    assert _name(Credentials("/", BAD, ("Bearer tok-alice",))) == "alice"


def test_a_credential_that_fails_is_not_anonymous() -> None:
    with pytest.raises(AuthenticationError, match="invalid bearer token"):
        authenticate(Credentials("/", None, ("Bearer other",)), TOKENS, OPEN)
    with pytest.raises(AuthenticationError, match="x509: unknown authority, invalid bearer"):
        authenticate(Credentials("/", BAD, ("Bearer other",)), TOKENS, OPEN)


def test_who_shows_nothing_is_anonymous_where_that_is_allowed() -> None:
    assert _name(Credentials("/api")) == "system:anonymous"
    assert _name(Credentials("/api", Certificate(""))) == "system:anonymous"
    assert _name(Credentials("/api"), AnonymousAccess(enabled=False)) is None
    health = AnonymousAccess(paths=frozenset({"/healthz"}))
    assert _name(Credentials("/api"), health) is None
    assert _name(Credentials("/healthz"), health) == "system:anonymous"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc def", "abc"),
        ("  Bearer abc  ", "abc"),
        ("Bearer  abc", None),
        ("Basic abc", None),
        ("Bearer", None),
        ("", None),
    ],
)
def test_a_bearer_token_is_the_second_word(header: str, token: str | None) -> None:
    assert read_token(header) == token


def test_everybody_known_is_in_the_group_of_the_known_once() -> None:
    assert add_group(User("alice")).groups == ("system:authenticated",)
    for user in (ALICE, User("x", ("system:unauthenticated",)), User("system:anonymous")):
        assert add_group(user) is user


def test_reads_and_writes_are_counted_apart_and_masters_pass() -> None:
    limits = InFlight(1, 1)

    def admits(name: str, verb: str, *groups: str, long_running: bool = False) -> bool:
        return limits.admit(name, verb, groups, long_running=long_running)

    assert admits("a", "list")
    assert not admits("b", "get")
    assert admits("c", "create")
    assert not admits("d", "proxy")
    assert admits("e", "watch", long_running=True)
    assert admits("f", "get", "system:masters")
    limits.leave("f")
    assert not admits("g", "get")
    limits.leave("a")
    assert admits("h", "get")


def test_a_limit_of_zero_is_none() -> None:
    limits = InFlight(0, 0)
    assert all(limits.admit(str(n), "get", (), long_running=False) for n in range(9))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1h2.5s", Fraction(7205, 2)),
        ("-1.s", -1),
        (".5ms", Fraction(1, 2000)),
        ("1µs2us", Fraction(3, 10**6)),
        ("+3m", 180),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, seconds: Fraction) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        (".s", 'time: invalid duration ".s"'),
        ("s", 'time: invalid duration "s"'),
        ("3", 'time: missing unit in duration "3"'),
        ("1h3", 'time: missing unit in duration "1h3"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
    ],
)
def test_what_is_no_duration_is_told_as_go_tells_it(text: str, message: str) -> None:
    with pytest.raises(DurationError) as refused:
        parse_duration(text)
    assert str(refused.value) == message


def test_a_client_may_shorten_its_deadline_and_not_lengthen_it() -> None:
    most = Fraction(60)
    for asked, seconds in {"": 60, "5s": 5, "2m": 60, "0": 60, "-5s": 60, "60s": 60}.items():
        assert choose_timeout(asked, most) == seconds
    with pytest.raises(
        DurationError, match=r"^invalid timeout specified in the request URL - time"
    ):
        choose_timeout("soon", most)


def test_watches_logs_and_profiles_run_long() -> None:
    assert is_long_running("watch", "", "", is_resource=True)
    assert is_long_running("get", "log", "", is_resource=True)
    assert not is_long_running("get", "status", "/debug/pprof/", is_resource=True)
    assert is_long_running("get", "", "/debug/pprof/heap", is_resource=False)
    assert not is_long_running("get", "log", "/logs", is_resource=False)


def _answer(verdict: Verdict) -> WebhookAuthorizer:
    return WebhookAuthorizer(lambda _request: verdict, Decision.DENY)


def _fail(_request: Attributes) -> Verdict:
    raise WebhookError("down")


def _break(_request: Attributes) -> bool:
    raise ConditionError("no such key")


def test_a_webhook_allows_denies_or_has_no_opinion() -> None:
    assert _answer(Verdict(True, reason="x"))(ASKED) == Answer(Decision.ALLOW, "x")
    assert _answer(Verdict(False, reason="x"))(ASKED) == Answer(Decision.NO_OPINION, "x")
    assert _answer(Verdict(False, denied=True))(ASKED) == Answer(Decision.DENY)
    both = _answer(Verdict(True, denied=True))(ASKED)
    assert (both.decision, "both allow and deny" in both.error) == (Decision.DENY, True)


def test_a_webhook_that_fails_means_what_its_policy_says() -> None:
    for on_failure in (Decision.DENY, Decision.NO_OPINION):
        assert WebhookAuthorizer(_fail, on_failure)(ASKED) == Answer(on_failure, "", "down")


def test_a_condition_that_is_false_counts_more_than_one_that_fails() -> None:
    def refuse(_request: Attributes) -> bool:
        return False

    skipped = WebhookAuthorizer(_fail, Decision.DENY, (_break, refuse))
    assert skipped(ASKED) == Answer(Decision.NO_OPINION)
    broken = WebhookAuthorizer(_fail, Decision.DENY, (_break,))
    assert broken(ASKED) == Answer(Decision.DENY, "", "no such key")


@pytest.mark.parametrize(
    ("codes", "waits", "ends_well"),
    [
        ([200], 0, True),
        ([500, 429, 504, 201], 3, True),
        ([500, 500, 500, 500, 500, 200], 4, False),
        ([503, 200], 0, False),
        ([403, 200], 0, False),
    ],
)
def test_a_webhook_is_called_again_where_that_may_help(
    codes: list[int], waits: int, ends_well: bool
) -> None:
    pauses: list[float] = []
    left = iter(codes)
    if ends_well:
        call_with_retries(lambda: next(left), pauses.append)
    else:
        with pytest.raises(WebhookError):
            call_with_retries(lambda: next(left), pauses.append)
    assert pauses == [0.5, 0.75, 1.125, 1.6875][:waits]


URL = "/api/v1/namespaces/dev/pods/web"
MAY_GET = {"get": Answer(Decision.ALLOW, "may get")}
MAY_IMPERSONATE = {**MAY_GET, "impersonate": Answer(Decision.ALLOW)}
AS_BOB = {"Impersonate-User": ("bob",)}


def _serve(
    opinions: Mapping[str, Answer],
    headers: Mapping[str, tuple[str, ...]],
    limit: HttpAnswer | None = None,
) -> tuple[HttpAnswer, list[str]]:
    """Answer a request of alice; also what was asked, in order."""
    asked: list[str] = []

    def authorize(request: Attributes) -> Answer:
        if not request.verb.startswith(("impersonate:", "impersonate-on:")):
            asked.append(f"may {request.user.name} {request.verb}")
        return opinions.get(request.verb, Answer(Decision.NO_OPINION))

    def limits(request: Attributes) -> HttpAnswer | None:
        asked.append(f"room for {request.user.name}")
        return limit

    chain = FilterChain(
        authorize,
        Impersonator(authorize),
        lambda request: Handled(answer_text(200, f"hello {request.user.name}")),
        limit=limits,
    )
    answer, events = chain.serve(URL, read_url("GET", URL), ALICE, headers)
    assert not events
    return answer, asked


def test_limits_are_by_whom_the_request_is_made_as_and_before_authorization() -> None:
    answer, asked = _serve(MAY_IMPERSONATE, AS_BOB)
    assert (answer.code, answer.body) == (200, "hello bob\n")
    assert asked == ["may alice impersonate", "room for bob", "may bob get"]


def test_who_is_too_many_is_not_authorized() -> None:
    answer, asked = _serve({}, {}, limit=answer_text(429, "later"))
    assert (answer.code, asked) == (429, ["room for alice"])


def test_who_may_not_impersonate_takes_no_seat() -> None:
    answer, asked = _serve(MAY_GET, AS_BOB)
    assert (answer.code, asked) == (403, ["may alice impersonate"])
    answer, asked = _serve(MAY_IMPERSONATE, {"Impersonate-Group": ("dev",)})
    assert (answer.code, asked) == (400, [])


def test_nobody_allows_is_403_unless_an_authorizer_failed() -> None:
    answer, _ = _serve({}, {})
    assert answer.code == 403
    assert answer.status is not None
    assert answer.status["message"] == (
        'pods "web" is forbidden: User "alice" cannot get resource "pods" in API group "" '
        'in the namespace "dev"'
    )
    answer, _ = _serve({"get": Answer(Decision.NO_OPINION, "", "down")}, {})
    assert (answer.code, answer.body) == (500, f'Internal Server Error: "{URL}": down\n')


def test_nobody_known_is_401() -> None:
    def fail() -> User:
        raise AuthenticationError("no")

    for ask in (lambda: None, fail):
        answer = identify(ask)
        assert isinstance(answer, HttpAnswer)
        assert answer.code == 401
    assert identify(lambda: ALICE) is ALICE
