"""Judge of `authz` recordings: authorizers, request attributes, impersonation, nodes.

A line is `{"kind", "in", "out"}`; one comparison is made for each answer in it. What upstream
leaves to the order of a map (bindings of one kind, keys of `Impersonate-Extra-*`) was recorded
from lists, or with one key, so every answer is decided. The recorder wrote no empty objects: a
volume of a pod without a source is an ephemeral one, whose source was empty.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.apiserver.authz_identity import judge_identity
from planespec.reports.judge.apiserver.authz_impersonation import judge_impersonation
from planespec.reports.judge.apiserver.authz_lines import (
    Pair,
    pair_answers,
    read_attributes,
    write_answer,
)
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.api.authorization.abac_policy import (
    AbacError,
    authorize_by_abac,
    load_policies,
)
from planespec.spec.api.authorization.access_request import (
    Answer,
    Attributes,
    Decision,
    User,
    read_user,
)
from planespec.spec.api.authorization.authorizer_union import authorize_in_order
from planespec.spec.api.authorization.kubelets.node_authorizer import authorize_node
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac
from planespec.spec.api.authorization.rbac_objects import make_policy
from planespec.spec.api.authorization.rbac_policy import RbacPolicy
from planespec.spec.api.authorization.rbac_rules import PolicyRule, write_rule
from planespec.spec.api.authorization.url_attributes import UrlError, UrlRequest, read_url
from planespec.spec.labels import SelectorError, parse_selector
from planespec.spec.objects.view import ApiObject, ObjectError, View

_KINDS_OF_POLICY = {
    "clusterRoles": "ClusterRole",
    "roles": "Role",
    "clusterRoleBindings": "ClusterRoleBinding",
    "roleBindings": "RoleBinding",
}
_NOT_FOUND = {"Role": "role", "ClusterRole": "clusterrole"}
"""What the recorder calls a role that is missing."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each answer; InputError where the recording is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record).needing("kind", "in", "out")
            kind = line.text("kind")
            if kind not in _JUDGES:
                allowed = ", ".join(sorted(_JUDGES))
                message = f"kind: {kind!r} is not a kind of authz"
                raise InputError(message, file=path, line=number, allowed=allowed)
            found = list(_JUDGES[kind](line.view("in"), line.view("out")))
        for given, expected, actual in found:
            yield compare(kind, f"{path}:{number}", given, expected, actual)


def _judge_nodes(given: View, out: View) -> Iterator[Pair]:
    graph = NodeGraph()
    for name, add in (
        ("pods", graph.add_pod),
        ("persistentVolumes", graph.add_volume),
        ("volumeAttachments", graph.add_attachment),
        ("resourceSlices", graph.add_slice),
    ):
        for each in given.views(name):
            add(ApiObject(_restore_sources(each), each.field))
    for asked, expected in pair_answers(given, out):
        answer = authorize_node(graph, read_attributes(asked))
        yield asked.data, expected, write_answer(answer)


def _restore_sources(each: View) -> Mapping[str, object]:
    """The object with the source of volumes that the recorder left out because it was empty."""
    spec = each.view("spec")
    if not spec.has("volumes"):
        return each.data
    volumes = [
        {**volume.data, "ephemeral": {}} if volume.data.keys() == {"name"} else volume.data
        for volume in spec.views("volumes")
    ]
    return {**each.data, "spec": {**spec.data, "volumes": volumes}}


def read_yaml(line: str) -> object:
    """Read a line of a policy file that is not JSON; raises ValueError."""
    try:
        return yaml.safe_load(line)
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _judge_abac(given: View, out: View) -> Iterator[Pair]:
    try:
        policies = load_policies(given.texts("file"), "FILE", read_yaml)
    except AbacError as error:
        # The scheme is named after the place in which the recorder was built.
        told, ours = (each.split(" in scheme ")[0] for each in (out.text("loadError"), str(error)))
        yield given.data, told, ours
        return
    if out.has("loadError"):
        yield given.data, out.text("loadError"), ""
    for asked, expected in pair_answers(given, out):
        answer = authorize_by_abac(policies, read_attributes(asked))
        yield asked.data, expected, str(answer.decision)


def _judge_rbac(given: View, out: View) -> Iterator[Pair]:
    objects = [
        ApiObject({**each.data, "kind": kind}, each.field)
        for name, kind in _KINDS_OF_POLICY.items()
        for each in given.view("policy").views(name)
    ]
    policy = make_policy(objects, not_found=_NOT_FOUND)
    for asked, expected in pair_answers(given, out):
        answer = authorize_by_rbac(policy, read_attributes(asked))
        actual = ": ".join(each for each in (answer.decision, answer.reason) if each)
        yield asked.data, expected, actual
    for each in out.views("rulesFor"):
        yield from _judge_rules(policy, each)


def _judge_rules(policy: RbacPolicy, told: View) -> Iterator[Pair]:
    """The rules of a user, as they are and as a SelfSubjectRulesReview splits them."""
    user, namespace = read_user(told.view("user")), told.text("namespace")
    rules, errors = policy.get_user_rules(user, namespace)
    actual: dict[str, object] = {"namespace": namespace, "user": told.data.get("user")}
    name = "rules"
    if told.has("incomplete"):
        name, actual["incomplete"] = "selfSubjectRules", False
        rules = _split_rules(rules)
    if rules:
        actual[name] = [write_rule(rule) for rule in rules]
    if errors:
        actual["error"] = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    yield actual["user"], dict(told.data), actual


def _split_rules(rules: list[PolicyRule]) -> list[PolicyRule]:
    """Rules on resources, then rules on paths; a rule on both is in both."""
    resources = [PolicyRule(r.verbs, r.groups, r.resources, r.names) for r in rules if r.resources]
    return resources + [PolicyRule(rule.verbs, urls=rule.urls) for rule in rules if rule.urls]


def _judge_union(given: View, out: View) -> Iterator[Pair]:
    def say(view: View) -> Callable[[Attributes], Answer]:
        decision = view.text("decision")
        if decision not in list(Decision):
            raise ObjectError(view.path("decision"), f"{decision!r} is no decision")
        answer = Answer(Decision(decision), view.text("reason"), view.text("error"))
        return lambda _: answer

    authorizers = [say(view) for view in given.views("authorizers")]
    answer, called = authorize_in_order(authorizers, Attributes(User("anybody"), "get"))
    actual: dict[str, object] = {
        "called": called,
        "decision": str(answer.decision),
        "reason": answer.reason,
    }
    if answer.error:
        actual["error"] = answer.error
    yield given.data, dict(out.data), actual


_HOST = "http://host"
"""Where the recorder sent its requests."""


def _judge_url(given: View, out: View) -> Iterator[Pair]:
    given.needing("method", "url")
    try:
        request = read_url(given.text("method"), given.text("url"))
        error = ""
    except UrlError as broken:
        request = broken.request
        start, _, url = str(broken).rpartition(", ")
        error = f"{start}, {_HOST}{url}"
    yield given.data, dict(out.data), _write_url(request, error)


def _write_url(request: UrlRequest, error: str) -> dict[str, object]:
    attributes = request.make_attributes(User("anybody"))
    written: dict[str, object] = {
        "apiGroup": request.group,
        "apiPrefix": request.prefix,
        "apiVersion": request.version,
        "attributeFieldRequirements": len(attributes.fields),
        "attributeLabelRequirements": 0,
        "fieldSelector": request.field_selector,
        "isResourceRequest": request.is_resource,
        "labelSelector": request.label_selector,
        "name": request.name,
        "namespace": request.namespace,
        "path": request.path,
        "readOnly": attributes.is_read_only,
        "resource": request.resource,
        "subresource": request.subresource,
        "verb": request.verb,
    }
    if request.parts:
        written["parts"] = list(request.parts)
    try:
        written["attributeLabelRequirements"] = len(
            parse_selector(request.label_selector).requirements
        )
    except SelectorError as broken:
        written["labelSelectorError"] = str(broken)
    if request.field_selector_error:
        written["fieldSelectorError"] = request.field_selector_error
    return {**written, "error": error} if error else written


_JUDGES: dict[str, Callable[[View, View], Iterator[Pair]]] = {
    "abac": _judge_abac,
    "impersonation": judge_impersonation,
    "node_authorizer": _judge_nodes,
    "node_identity": judge_identity,
    "rbac": _judge_rbac,
    "request_info": _judge_url,
    "union": _judge_union,
}
