"""The kind `node_identity` of `authz` recordings: a node sends dry-run requests to a whole server.

The node authorizer and RBAC decide, then NodeRestriction; what both let through fails only where
the object is missing or stands already, where an eviction names another pod than its URL, or where
a review or certificate request is empty. What the server makes up (uids that are in no line,
times, random names) is masked in messages on both sides. The server was OpenShift's, which carries
one patch that shows: a node may create itself with the labels of four roles.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planespec.reports.judge.apiserver.authz_lines import Pair, pair_answers
from planespec.spec.api.authorization.access_request import AUTHENTICATED, Answer, Attributes, User
from planespec.spec.api.authorization.authorizer_union import authorize_in_order
from planespec.spec.api.authorization.bootstrap_policy import add_bootstrap_policy
from planespec.spec.api.authorization.forbidden_text import describe_refusal
from planespec.spec.api.authorization.kubelets.node_authorizer import authorize_node
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.kubelets.node_restriction import restrict_node
from planespec.spec.api.authorization.kubelets.node_writes import (
    NodeRefusedError,
    Surroundings,
    Write,
)
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac
from planespec.spec.api.authorization.rbac_policy import RbacPolicy
from planespec.spec.api.authorization.url_attributes import read_url
from planespec.spec.api.json_patch import merge_patch
from planespec.spec.labels.selector import join_errors
from planespec.spec.objects.view import ApiObject, ObjectError, View
from planespec.spec.quantity.amount import quote
from planespec.spec.validation.kinds.review_rules import (
    find_token_review_problem,
    validate_certificate_request,
    validate_subject_access_review,
)

_REASONS = {
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    409: "AlreadyExists",
    422: "Invalid",
}
_OPERATIONS = {"POST": "CREATE", "PATCH": "UPDATE", "PUT": "UPDATE", "DELETE": "DELETE"}
_LISTS = ("list", "watch")
_GRAPH = {
    "pods": NodeGraph.add_pod,
    "persistentvolumes": NodeGraph.add_volume,
    "volumeattachments": NodeGraph.add_attachment,
    "resourceslices": NodeGraph.add_slice,
}
_MADE_UP = (
    (re.compile(r'("uid": )"[^"]*"'), r'\1"UID"'),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (
        re.compile(r'(certificatesigningrequests?\.certificates\.k8s\.io )"x[a-z0-9]{5}"', re.I),
        r"\1NAME",
    ),
)
_ROLES = frozenset(
    f"node-role.kubernetes.io/{role}" for role in ("control-plane", "master", "worker", "etcd")
)
_TIME = "2000-01-01T00:00:00Z"
_CSR = "CertificateSigningRequest.certificates.k8s.io"

Key = tuple[str, str, str]
"""Resource, namespace and name."""


class _RefusedError(ValueError):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class _Server:
    """The objects of a line, and who asks."""

    user: User
    objects: dict[Key, ApiObject] = field(default_factory=dict)
    graph: NodeGraph = field(default_factory=NodeGraph)
    policy: RbacPolicy = field(default_factory=lambda: add_bootstrap_policy(RbacPolicy({})))

    def add(self, path: str, each: ApiObject, uids: Mapping[str, str]) -> None:
        """Store an object as the server had stored it."""
        url = read_url("POST", path)
        meta = dict(each.meta.data)
        if url.namespace:
            meta["namespace"] = url.namespace
        if each.name in uids and url.resource in ("nodes", "pods"):
            meta["uid"] = uids[each.name]
        data: dict[str, object] = {**each.data, "metadata": meta}
        stored = ApiObject(_store_claim(data) if url.resource.endswith("claims") else data)
        self.objects[url.resource, url.namespace, stored.name] = stored
        if url.resource in _GRAPH:
            _GRAPH[url.resource](self.graph, stored)

    def find(self, resource: str, namespace: str, name: str) -> ApiObject | None:
        """An object by its key."""
        return self.objects.get((resource, namespace, name))

    def authorize(self, request: Attributes) -> Answer:
        """Node, then RBAC."""
        rules = [
            lambda asked: authorize_node(self.graph, asked),
            lambda asked: authorize_by_rbac(self.policy, asked),
        ]
        return authorize_in_order(rules, request)[0]

    def handle(self, method: str, path: str, body: View) -> int:
        """Return the code of success; raises _RefusedError or NodeRefusedError."""
        request = read_url(method, path).make_attributes(self.user)
        answer = self.authorize(request)
        if not answer.allows:
            raise _RefusedError(403, describe_refusal(request, answer.reason))
        key = (request.resource, request.namespace, request.name)
        old = self.objects.get(key)
        # What is created at a subresource is not the object of the URL, and a list of one name is
        # empty where that is missing.
        if request.name and old is None and method != "POST" and request.verb not in _LISTS:
            kind = f"{request.resource}.{request.group}" if request.group else request.resource
            raise _RefusedError(404, f"{kind} {quote(request.name)} not found")
        if method == "GET":
            return 200
        return self._write(method, request, old or ApiObject(None), body)

    def _write(self, method: str, request: Attributes, old: ApiObject, body: View) -> int:
        new = ApiObject(body.data)
        if method == "PATCH":
            new = ApiObject(merge_patch(dict(old.data), dict(body.data)))
        name = request.name or new.name or new.meta.text("generateName")
        write = Write(
            self.user,
            _OPERATIONS[method],
            request.group,
            request.resource,
            request.subresource,
            request.namespace,
            name,
            new,
            old,
        )
        around = Surroundings(self.find, lambda asked: self.authorize(asked).allows, _ROLES)
        restrict_node(write, around)
        if method != "POST":
            return 200
        self._create(write)
        return 201

    def _create(self, write: Write) -> None:
        new = write.new
        if write.subresource == "eviction" and new.name not in ("", write.name):
            raise _RefusedError(400, "name in URL does not match name in Eviction object")
        if write.resource == "tokenreviews" and find_token_review_problem(new):
            raise _RefusedError(400, find_token_review_problem(new))
        if write.resource == "subjectaccessreviews":
            review = View({**new.data, "metadata": _own(new)})
            errors = [str(each) for each in validate_subject_access_review(review)]
            _refuse_invalid(".authorization.k8s.io", "", errors)
        if write.resource == "certificatesigningrequests":
            errors = [str(each) for each in validate_certificate_request(new)]
            _refuse_invalid(_CSR, f"{write.name}xxxxx", errors)
        if not write.subresource and self.find(write.resource, write.namespace, write.name):
            kind = f"{write.resource}.{write.group}" if write.group else write.resource
            raise _RefusedError(409, f"{kind} {quote(write.name)} already exists")


def _refuse_invalid(kind: str, name: str, errors: list[str]) -> None:
    if errors:
        raise _RefusedError(422, f"{kind} {quote(name)} is invalid: {join_errors(errors)}")


def _store_claim(data: dict[str, object]) -> dict[str, object]:
    """A claim with what the server gives every new one."""
    claim = ApiObject(data)
    meta = {"uid": "UID", "creationTimestamp": _TIME, **claim.meta.data}
    return {
        **data,
        "metadata": {**meta, "finalizers": ["kubernetes.io/pvc-protection"]},
        "spec": {"volumeMode": "Filesystem", **claim.spec.data},
        "status": {"phase": "Pending", **claim.status.data},
    }


def _own(new: ApiObject) -> dict[str, object]:
    """Metadata with the managed fields of whoever created the object."""
    owned = {
        "manager": "unknown",
        "operation": "Update",
        "apiVersion": "authorization.k8s.io/v1",
        "time": _TIME,
        "fieldsType": "FieldsV1",
        "fieldsV1": _name_fields({"metadata": dict(new.meta.data), "spec": dict(new.spec.data)}),
    }
    return {**new.meta.data, "managedFields": [owned]}


def _name_fields(value: Mapping[str, object]) -> dict[str, object]:
    named: dict[str, object] = {}
    for name, inner in sorted(value.items()):
        if not isinstance(inner, Mapping):
            named[f"f:{name}"] = {}
        elif inner:
            named[f"f:{name}"] = _name_fields(inner)
    return named


def judge_identity(given: View, out: View) -> Iterator[Pair]:
    """Compare code, reason and message of each request."""
    groups = (*given.texts("groups"), AUTHENTICATED)
    server = _Server(User(given.text("user"), groups))
    uids = {**given.text_map("uidsOfPods"), "n1": given.text("uidOfNodeN1")}
    for each in given.views("objects"):
        stored = each.view("object")
        server.add(each.text("path"), ApiObject(stored.data, stored.field), uids)
    for asked, expected in pair_answers(given, out):
        if not isinstance(expected, dict):
            raise ObjectError(out.path("answers"), "must be objects")
        actual = _answer(server, asked)
        yield asked.data, _mask(expected), _mask(actual)


def _answer(server: _Server, asked: View) -> dict[str, object]:
    method = asked.text("method")
    if method != "GET" and method not in _OPERATIONS:
        raise ObjectError(asked.path("method"), f"{method!r} is not judged")
    try:
        return {"code": server.handle(method, asked.text("path"), asked.view("body"))}
    except (_RefusedError, NodeRefusedError) as error:
        return {"code": error.code, "reason": _REASONS[error.code], "message": str(error)}


def _mask(answer: Mapping[str, object]) -> dict[str, object]:
    message = answer.get("message")
    if not isinstance(message, str):
        return dict(answer)
    for pattern, replacement in _MADE_UP:
        message = pattern.sub(replacement, message)
    return {**answer, "message": message}
