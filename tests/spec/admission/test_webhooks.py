"""Webhooks are chosen, asked and obeyed as the API server does."""

from typing import Any

import pytest

from planespec.spec.admission.extensions.admission_request import (
    AdmissionRequest,
    GroupVersion,
    covers,
    is_selected,
    takes_fields,
)
from planespec.spec.admission.extensions.match_conditions import (
    Condition,
    FailedExpressionError,
    check_conditions,
)
from planespec.spec.admission.extensions.webhook_dispatch import (
    Reading,
    Surroundings,
    Webhook,
    list_webhooks,
    mutate_twice,
    should_call,
    validate,
)
from planespec.spec.admission.extensions.webhook_replies import (
    CallError,
    Reply,
    choose_version,
    read_reply,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.objects import View

RULE = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["*"]}


def ask(resource: str = "pods", version: str = "v1", group: str = "", **more: Any) -> Any:
    kind = GroupVersion(group, version, "Kind")
    made = {"metadata": {"name": "a"}, "data": {}}
    given = {"operation": "CREATE", "namespace": "n", "name": "a", "object": made, **more}
    return AdmissionRequest(kind=kind, resource=GroupVersion(group, version, resource), **given)


def answer(_expression: str, _scope: object) -> object:
    return {"true": True, "false": False}[_expression]


@pytest.mark.parametrize(
    ("rule", "request_", "meant"),
    [
        ({"resources": ["pods"]}, ask(), True),
        ({"resources": ["pods"]}, ask(subresource="status"), False),
        ({"resources": ["pods/*"]}, ask(subresource="status"), True),
        ({"resources": ["pods/*"]}, ask(), True),
        ({"resources": ["*"]}, ask(subresource="status"), False),
        ({"resources": ["*/*"]}, ask(subresource="status"), True),
        ({"resources": ["*/scale"]}, ask(subresource="status"), False),
        ({"scope": "Namespaced"}, ask(), True),
        ({"scope": "Cluster"}, ask(), False),
        ({"scope": "Cluster"}, ask("namespaces"), True),
        ({"scope": "Namespaced"}, ask("namespaces"), False),
        ({"scope": "Namespaced"}, ask("nodes", namespace=""), False),
        ({"operations": ["UPDATE"]}, ask(), False),
        ({"apiVersions": ["v2"]}, ask(), False),
        ({"apiGroups": ["apps"]}, ask(), False),
    ],
)
def test_a_rule_means_operations_resources_and_scopes(
    rule: dict[str, Any], request_: AdmissionRequest, meant: bool
) -> None:
    assert covers(View({**RULE, **rule}), request_) == meant


def with_labels(name: str, value: str) -> dict[str, Any]:
    return {"metadata": {"labels": {name: value}}}


@pytest.mark.parametrize(
    ("match", "request_", "chosen"),
    [
        ({"namespaceSelector": {"matchLabels": {"a": "1"}}}, ask(), True),
        ({"namespaceSelector": {"matchLabels": {"a": "2"}}}, ask(), False),
        ({"namespaceSelector": {"matchLabels": {"a": "2"}}}, ask("nodes", namespace=""), True),
        (
            {"namespaceSelector": {"matchLabels": {"a": "2"}}},
            ask("namespaces", object=with_labels("a", "2")),
            True,
        ),
        (
            {"namespaceSelector": {"matchLabels": {"a": "2"}}},
            ask("namespaces", operation="DELETE", object=None, old=with_labels("a", "2")),
            False,
        ),
        (
            {"objectSelector": {"matchLabels": {"a": "2"}}},
            ask(old=with_labels("a", "2")),
            True,
        ),
        ({"objectSelector": {"matchLabels": {"a": "2"}}}, ask(), False),
        (
            {"objectSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}},
            ask(object=None),
            False,
        ),
        ({"objectSelector": {}}, ask(object=None), True),
    ],
)
def test_selectors_look_at_the_namespace_and_at_the_object_before_or_after(
    match: dict[str, Any], request_: AdmissionRequest, chosen: bool
) -> None:
    assert is_selected(View(match), request_, {"a": "1"}) == chosen


def make_hook(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "rules": [RULE], "sideEffects": "None", **more}


class Hooks:
    """Webhooks by what they answer, and in which order they were asked."""

    def __init__(self, replies: dict[str, Any]) -> None:
        self.replies, self.asked = replies, list[str]()

    def __call__(self, webhook: Webhook, request: AdmissionRequest) -> Reply:
        self.asked.append(webhook.name)
        reply = self.replies[webhook.name]
        if isinstance(reply, Exception):
            raise reply
        return Reply(True, View({}), reply) if isinstance(reply, list) else reply


def configure(*hooks: dict[str, Any], name: str = "c") -> View:
    return View({"metadata": {"name": name}, "webhooks": list(hooks)})


def add(key: str, value: str = "v") -> list[Any]:
    return [{"op": "add", "path": f"/data/{key}", "value": value}]


def run(
    hooks: list[dict[str, Any]],
    replies: dict[str, Any],
    request: AdmissionRequest | None = None,
    default: Any = lambda data: data,
) -> tuple[Hooks, Any]:
    asked = Hooks(replies)
    around = Surroundings(answer, asked, {})
    webhooks = list_webhooks([configure(*hooks)])
    made = mutate_twice(request or ask(), webhooks, around, Reading(lambda data: data, default))
    return asked, made.object


def test_webhooks_are_asked_in_the_order_of_configurations_then_of_their_lists() -> None:
    found = list_webhooks(
        [
            configure(make_hook("c"), make_hook("b"), name="z"),
            configure(make_hook("d"), name="a"),
        ]
    )
    assert [each.name for each in found] == ["d", "c", "b"]


def test_one_that_is_needed_is_asked_again_once_after_a_change() -> None:
    hooks = [
        make_hook("first", reinvocationPolicy="IfNeeded"),
        make_hook("never"),
        make_hook("last", reinvocationPolicy="IfNeeded"),
    ]
    asked, made = run(hooks, {"first": [], "never": add("b"), "last": add("c")})
    assert asked.asked == ["first", "never", "last", "first"]
    assert made["data"] == {"b": "v", "c": "v"}


def test_nobody_is_asked_again_where_nothing_changed_after_him() -> None:
    hooks = [make_hook("one", reinvocationPolicy="IfNeeded"), make_hook("two")]
    asked, _ = run(hooks, {"one": add("a"), "two": []})
    assert asked.asked == ["one", "two"]


def test_what_a_default_puts_back_was_changed_all_the_same() -> None:
    hooks = [make_hook("one", reinvocationPolicy="IfNeeded"), make_hook("two")]
    emptied = [{"op": "remove", "path": "/data"}]
    asked, made = run(
        hooks, {"one": [], "two": emptied}, default=lambda data: {"data": {}, **data}
    )
    assert asked.asked == ["one", "two", "one"]
    assert made["data"] == {}


def test_a_patch_without_effect_is_a_change_where_the_writer_took_fields() -> None:
    hooks = [make_hook("one", reinvocationPolicy="IfNeeded"), make_hook("two")]
    same = [{"op": "test", "path": "/data", "value": {}}]
    asked, _ = run(hooks, {"one": [], "two": same}, ask(has_fine_time=True))
    assert asked.asked == ["one", "two", "one"]
    asked, _ = run(hooks, {"one": [], "two": same})
    assert asked.asked == ["one", "two"]


@pytest.mark.parametrize(
    ("made", "old", "takes"),
    [
        ({"data": {"a": "1"}}, None, True),
        ({"data": {"a": "1"}}, {"data": {"a": "1", "b": "2"}}, False),
        ({"data": {"a": "1"}}, {"data": {"a": "2"}}, True),
        ({"metadata": {"name": "a", "uid": "u"}}, {"metadata": {}}, False),
        ({"metadata": {"labels": {"a": "b"}}}, {"metadata": {}}, True),
        ({"list": [1]}, {"list": [1, 2]}, True),
    ],
)
def test_a_writer_takes_the_fields_he_adds_or_changes(made: Any, old: Any, takes: bool) -> None:
    assert takes_fields(made, old) == takes


@pytest.mark.parametrize(
    ("policy", "reply", "said"),
    [
        ("Fail", CallError("down"), 'Internal error occurred: failed calling webhook "h": down'),
        ("Ignore", CallError("down"), None),
        (
            "Ignore",
            [{"op": "remove", "path": "/data/x"}],
            "Internal error occurred: error in remove for path: '/data/x': "
            "Unable to remove nonexistent key: x: missing value",
        ),
        (
            "Ignore",
            Reply(False, View({"code": 200, "message": "no"})),
            'admission webhook "h" denied the request: no',
        ),
    ],
)
def test_a_failure_policy_concerns_calls_alone(policy: str, reply: Any, said: str | None) -> None:
    hook = make_hook("h", failurePolicy=policy)
    if said is None:
        run([hook], {"h": reply})
        return
    with pytest.raises(ApiError) as error:
        run([hook], {"h": reply})
    assert error.value.message == said


def test_a_patch_of_a_deletion_is_an_error() -> None:
    with pytest.raises(ApiError) as error:
        run([make_hook("h")], {"h": add("a")}, ask(operation="DELETE", object=None))
    assert error.value.message.endswith("which is not supported for this operation")


def test_a_dry_run_asks_nobody_with_side_effects() -> None:
    with pytest.raises(ApiError) as error:
        run([make_hook("h", sideEffects="Some")], {}, ask(dry_run=True))
    assert error.value.code == 400
    assert error.value.message == 'admission webhook "h" does not support dry run'


def test_every_refusal_of_validating_webhooks_may_be_the_answer() -> None:
    deny = Reply(False, View({}))
    around = Surroundings(answer, Hooks({"a": deny, "b": [], "c": deny}), {})
    hooks = list_webhooks([configure(make_hook("a"), make_hook("b"), make_hook("c"))])
    said = [error.message for error in validate(ask(), hooks, around)]
    words = "denied the request without explanation"
    assert said == [f'admission webhook "{name}" {words}' for name in "ac"]


def test_nobody_is_asked_about_what_configures_admission() -> None:
    group = "admissionregistration.k8s.io"
    request = ask("validatingwebhookconfigurations", group=group, namespace="")
    around = Surroundings(answer, Hooks({}), {})
    assert not should_call(Webhook("c", View(make_hook("h"))), request, around)


@pytest.mark.parametrize(("policy", "asked"), [("", True), ("Equivalent", True), ("Exact", False)])
def test_a_resource_is_found_under_its_other_versions(policy: str, asked: bool) -> None:
    rule = {**RULE, "apiGroups": ["autoscaling"], "apiVersions": ["v1"]}
    hook = make_hook("h", rules=[rule])
    hook |= {"matchPolicy": policy} if policy else {}
    request = ask("horizontalpodautoscalers", "v2", "autoscaling")
    around = Surroundings(answer, Hooks({}), {})
    assert should_call(Webhook("c", View(hook)), request, around) == asked


def evaluate(expression: str, _scope: object) -> object:
    if expression == "error":
        raise FailedExpressionError("no such key: a")
    return expression == "true"


@pytest.mark.parametrize(
    ("expressions", "fails", "found"),
    [
        (["true", "true"], True, Condition.MET),
        (["error", "false"], True, Condition.NOT_MET),
        (["error", "true"], False, Condition.NOT_MET),
        (["error", "true"], True, None),
    ],
)
def test_a_condition_that_is_false_decides_before_errors(
    expressions: list[str], fails: bool, found: Condition | None
) -> None:
    conditions = [View({"expression": each}) for each in expressions]
    if found is not None:
        assert check_conditions(evaluate, conditions, {}, fails=fails) is found
        return
    with pytest.raises(FailedExpressionError) as error:
        check_conditions(evaluate, conditions, {}, fails=fails)
    assert str(error.value) == "expression 'error' resulted in error: no such key: a"


def test_a_condition_without_a_value_forbids_the_request() -> None:
    hook = make_hook("h", matchConditions=[{"name": "c", "expression": "error"}])
    around = Surroundings(evaluate, Hooks({}), {})
    with pytest.raises(ApiError) as error:
        should_call(Webhook("c", View(hook)), ask(), around)
    assert (error.value.code, error.value.reason) == (403, "Forbidden")


def review(version: str = "v1", **response: Any) -> View:
    data = {"apiVersion": f"admission.k8s.io/{version}", "kind": "AdmissionReview"}
    return View({**data, "response": {"uid": "u", "allowed": True, **response}})


@pytest.mark.parametrize(
    ("data", "version", "is_mutating", "said"),
    [
        (View({}), "v1", True, "webhook response was absent"),
        (review(uid="x"), "v1", True, 'expected response.uid="u", got "x"'),
        (review(uid="x"), "v1beta1", True, ""),
        (
            review("v2"),
            "v1",
            True,
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got "
            "admission.k8s.io/v2, Kind=AdmissionReview",
        ),
        (review(patch=[]), "v1", True, "returned response.patch but not response.patchType"),
        (
            review(patchType="JSONPatch"),
            "v1",
            True,
            "returned response.patchType but not response.patch",
        ),
        (review(patch=[]), "v1beta1", True, ""),
        (review(patch=[]), "v1", False, "validating webhook may not return response.patch"),
        (review(patch={}, patchType="JSONPatch"), "v1", True, "received undecodable patch"),
    ],
)
def test_an_answer_is_held_to_the_version_it_is_in(
    data: View, version: str, is_mutating: bool, said: str
) -> None:
    if not said:
        assert read_reply(data, "u", version, is_mutating=is_mutating).allowed
        return
    with pytest.raises(CallError) as error:
        read_reply(data, "u", version, is_mutating=is_mutating)
    assert said in str(error.value)


def test_a_webhook_is_asked_in_its_first_version_that_is_known() -> None:
    assert choose_version(View({"admissionReviewVersions": ["v2", "v1beta1", "v1"]})) == "v1beta1"
    with pytest.raises(CallError):
        choose_version(View({"admissionReviewVersions": ["v2"]}))
