"""Answers of whole API servers to several requests at once: limits in flight, deadlines, schemas.

Times are the recorder's. A request that runs ends when the line says so, and the line must then
be possible: no request of `slow` ends before the webhook has slept, and none a second late. Open
is whether a watch finds its cache up to date: one that does not ends with an error after three
seconds.
"""

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import product

from planespec.reports.judge.apiserver.chain.burst_requests import (
    BurstRequest,
    ask_hook_and_rbac,
    identify_sender,
    print_answer,
    read_burst,
    read_seconds,
    soon_after,
)
from planespec.reports.judge.apiserver.chain.open_values import UID, settle
from planespec.reports.judge.runner import are_alike
from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.api.authorization.url_attributes import read_url
from planespec.spec.api.flow_control.flow_schemas import (
    FlowRequest,
    FlowSchema,
    FlowUser,
    classify,
    read_flow_schema,
)
from planespec.spec.api.handlers.in_flight import TOO_MANY, InFlight
from planespec.spec.api.handlers.request_deadlines import (
    DurationError,
    choose_timeout,
    parse_duration,
)
from planespec.spec.api.handlers.statuses import (
    HttpAnswer,
    answer_text,
    refuse_bad_request,
    refuse_late,
)
from planespec.spec.objects.view import ObjectError, View


def answer_in_flight(given: View, recorded: View) -> object:
    """Answers where reads and writes in flight are limited, and nothing else."""
    limits = InFlight(
        given.integer("maxRequestsInflight") or 0,
        given.integer("maxMutatingRequestsInflight") or 0,
    )
    requests = read_burst(given, recorded, read_seconds(given, "slowUserSeconds"))
    running: list[BurstRequest] = []
    answers = []
    for request in sorted(requests, key=lambda each: each.sent):
        for other in [each for each in running if each.done <= request.sent]:
            running.remove(other)
            limits.leave(other.name)
        answers.append(_pass_limits(limits, request, running))
    return settle({"answers": answers}, dict(recorded.data))


def _pass_limits(
    limits: InFlight, request: BurstRequest, running: list[BurstRequest]
) -> dict[str, object]:
    verb, groups = request.attributes.verb, request.user.groups
    if not limits.admit(request.name, verb, groups, long_running=request.is_long_running):
        refused = answer_text(429, TOO_MANY)
        return print_answer(request, refused, soon_after(request.sent), {"retry-after": "1"})
    running.append(request)
    answer = request.serve()
    return print_answer(request, answer, request.take(request.sent, answer), {})


def answer_classification(given: View, recorded: View) -> object:
    """The schema and level of each request, and the code of its answer."""
    schemas = [
        read_flow_schema(each.text("name"), each.view("spec"))
        for each in given.views("flowSchemas")
    ]
    levels = {each.text("name") for each in given.views("priorityLevels")}
    return {
        "requests": [_classify_one(each, schemas, levels) for each in recorded.views("requests")]
    }


def _classify_one(asked: View, schemas: list[FlowSchema], levels: set[str]) -> object:
    url = read_url(asked.text("method"), asked.text("path"))
    made = url.make_attributes(identify_sender(asked))
    schema = find_schema(schemas, levels, made)
    return {
        "token": asked.data.get("token"),
        "cert": asked.data.get("cert"),
        "method": asked.data.get("method"),
        "path": asked.data.get("path"),
        "code": _answer_without_body(made),
        "flowSchema": schema.name,
        "priorityLevel": schema.level,
    }


def find_schema(
    schemas: Sequence[FlowSchema], levels: Collection[str], request: Attributes
) -> FlowSchema:
    """The schema that takes a request; raises ObjectError where there is not even a catch-all."""
    asked = FlowRequest(
        request.verb,
        request.is_resource,
        request.path,
        request.group,
        request.resource,
        request.subresource,
        request.namespace,
    )
    user = FlowUser(request.user.name, request.user.groups)
    schema = classify(schemas, levels, user, asked)
    if schema is None:
        raise ObjectError("in.flowSchemas", "has no catch-all")
    return schema


def _answer_without_body(request: Attributes) -> int:
    """The code for a request without a body, of a server in which nothing is stored."""
    if not ask_hook_and_rbac(request).allows:
        return 403
    if request.verb == "create":
        return 422
    if request.verb in ("update", "patch"):
        return 400
    return 404 if request.name else 200


def answer_timeouts(given: View, recorded: View) -> object:
    """Answers of a server that gives requests little time; each request stands for itself."""
    most = parse_duration(given.text("requestTimeout"))
    slow = read_seconds(given, "authorizationWebhookSleepsForSlow")
    requests = read_burst(given, recorded, slow, given.integer("minRequestTimeout") or 0)
    answers = [
        _answer_in_time(request, most, answer)
        for request, answer in zip(requests, recorded.views("answers"), strict=True)
    ]
    return {"answers": answers}


def _answer_in_time(request: BurstRequest, most: Fraction, recorded: View) -> object:
    """Whether the object of a request exists is open, and whether roles were made there."""
    first: object = None
    for exists, roles in product((False, True), (True, False)):
        answer = request.serve(exists=exists, has_roles=roles)
        ours = settle(_answer_once(request, most, answer), dict(recorded.data))
        if are_alike(dict(recorded.data), ours):
            return ours
        first = ours if first is None else first
    return first


def _answer_once(request: BurstRequest, most: Fraction, answer: HttpAnswer) -> object:
    classified = {
        "x-kubernetes-pf-flowschema-uid": UID,
        "x-kubernetes-pf-prioritylevel-uid": UID,
    }
    if request.is_long_running:
        return print_answer(request, answer, request.take(request.sent, answer), classified)
    try:
        timeout = choose_timeout(request.url.query.get("timeout", [""])[0], most)
    except DurationError as error:
        refused = refuse_bad_request(str(error))
        return print_answer(request, refused, soon_after(request.sent), {})
    if request.slow_seconds > timeout:
        late = soon_after(request.sent + timeout)
        return print_answer(request, refuse_late(), late, {})
    return print_answer(request, answer, request.take(request.sent, answer), classified)
