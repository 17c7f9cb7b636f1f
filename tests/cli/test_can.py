"""`planespec can` says who may do what, and what a subject can come to."""

import json
from typing import Any

import pytest
from commands import Commands
from test_document_schemas import assert_valid

from planespec.checker.errors import ExitCode

RBAC = "rbac.authorization.k8s.io"


def make(kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace} if namespace else {"name": name}
    version = f"{RBAC}/v1" if "Role" in kind else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": meta, **more}


def bind(name: str, role: str, subject: dict[str, str], namespace: str = "") -> dict[str, Any]:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    return make(kind, name, namespace, roleRef=ref, subjects=[subject])


def make_user(name: str) -> dict[str, str]:
    return {"apiGroup": RBAC, "kind": "User", "name": name}


ANN = make_user("ann")
READ = {"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["pods", "deployments"]}
PATHS = {"verbs": ["get"], "nonResourceURLs": ["/metrics*"]}
NAMED = {"verbs": ["update"], "apiGroups": [""], "resources": ["pods/status"]}
NAMED["resourceNames"] = ["web"]
CLUSTER = [
    make("ClusterRole", "read", rules=[READ, PATHS, NAMED]),
    bind("read", "read", ANN),
    bind("local", "read", {"kind": "ServiceAccount", "name": "app"}, "shop"),
    bind("view", "view", make_user("eve"), "shop"),
    make(
        "Pod",
        "web",
        "shop",
        spec={
            "nodeName": "n1",
            "containers": [{"name": "c", "envFrom": [{"secretRef": {"name": "s"}}]}],
        },
    ),
]


@pytest.fixture
def cluster(planespec: Commands) -> str:
    planespec.write(json.dumps({"kind": "List", "items": CLUSTER}), "cluster.json")
    return "cluster.json"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ann get pods", 0),
        ("user:ann get po -n shop", 0),
        ("ann get deployments", 0),
        ("ann get deployments.apps", 0),
        ("ann get deployments.other", 12),
        ("ann list pods", 12),
        ("ann get pods/log", 12),
        ("ann get /metrics/slis", 0),
        ("ann get /healthz", 0),
        ("ann get /secret", 12),
        ("ann update pods/status", 12),
        ("ann update pods/status --name web -n shop", 0),
        ("sa:shop/app get pods -n shop", 0),
        ("system:serviceaccount:shop:app get pods -n shop", 0),
        ("sa:shop/app get pods", 12),
        ("sa:other/app get pods -n shop", 12),
        ("bob get pods --group system:masters", 0),
        ("group:system:masters delete nodes", 0),
        ("group:devs get pods", 12),
        ("eve get pods -n shop", 152),
        ("eve get pods -n other", 12),
        ("system:anonymous get /version", 0),
        ("system:anonymous get /api", 12),
        ("system:node:n1 get secrets -n shop --name s", 0),
        ("system:node:n2 get secrets -n shop --name s", 12),
        ("ann get widgets.example.com", 12),
    ],
)
def test_the_exit_code_is_the_answer(
    planespec: Commands, cluster: str, words: str, code: int
) -> None:
    answer = planespec("can", *words.split(), "--cluster", cluster)
    assert answer.code == code, answer.out
    assert answer.out.startswith({0: "yes: ", 12: "no: ", 152: "unknown: "}[code])


def test_the_binding_and_the_rule_that_decide_are_told(planespec: Commands, cluster: str) -> None:
    shown = planespec("can", "sa:shop/app", "get", "pods", "-n", "shop", "--cluster", cluster).out
    assert 'RoleBinding "local/shop" of ClusterRole "read" to ServiceAccount "app/shop"' in shown
    assert 'Resources:["pods" "deployments"]' in shown
    asked = ("can", "eve", "get", "pods", "-n", "shop", "--cluster", cluster)
    missing = "ClusterRole view, which RoleBinding view/shop names, is not in the input"
    assert f"not known: {missing}" in planespec(*asked).out
    document = assert_valid("can", planespec(*asked, "--json").out)
    assert (document["verdict"], document["missing"]) == ("unknown", [missing])
    asked = ("can", "ann", "get", "pods", "--cluster", cluster, "--json")
    document = assert_valid("can", planespec(*asked).out)
    assert document["grant"]["binding"]["name"] == "read"
    assert document["grant"]["rule"] == READ


def test_where_no_bindings_are_in_the_input_a_no_is_not_known(planespec: Commands) -> None:
    planespec.write(json.dumps(make("Pod", "p")), "pod.json")
    answer = planespec("can", "ann", "get", "pods", "-n", "shop", "--cluster", "pod.json")
    assert answer.code == ExitCode.UNKNOWN
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        assert f"not known: no {kind} is in the input" in answer.out
    planespec.write(json.dumps({"kind": "ClusterRoleBindingList", "items": []}), "none.json")
    answer = planespec("can", "ann", "get", "pods", "--cluster", "none.json")
    assert answer.code == ExitCode.SAFETY


def test_everybody_who_may_is_listed_with_the_rule(planespec: Commands, cluster: str) -> None:
    asked = ("can", "--who", "get", "pods", "-n", "shop", "--cluster", cluster)
    answer = planespec(*asked, "--json")
    document = assert_valid("can", answer.out)
    # The role view is not in the input, so others may, too.
    assert (answer.code, document["verdict"]) == (152, "unknown")
    names = [each["subject"]["name"] for each in document["grants"]]
    assert names == ["ann", "system:masters", "app"]
    shown = planespec("can", "--who", "get", "/metrics", "--cluster", cluster)
    assert (shown.code, 'User "ann"' in shown.out) == (ExitCode.HOLDS, True)


def test_ways_to_more_are_listed_and_none_where_there_is_none(
    planespec: Commands, cluster: str
) -> None:
    tokens = {"verbs": ["create"], "apiGroups": [""], "resources": ["serviceaccounts/token"]}
    role = make("ClusterRole", "tokens", rules=[tokens])
    more = [role, bind("bob", "tokens", make_user("bob"))]
    planespec.write(json.dumps({"kind": "List", "items": more}), "more.json")
    files = ("--cluster", cluster, "more.json")
    answer = planespec("can", "--reach", "bob", *files, "--json")
    document = assert_valid("can", answer.out)
    assert (answer.code, document["verdict"]) == (ExitCode.SAFETY, "yes")
    assert [each["to"] for each in document["ways"]] == ["ServiceAccount shop/app"]
    step = document["ways"][0]["steps"][0]
    assert step["action"] == "ask for a token of service account shop/app"
    assert step["grants"][0]["rule"] == tokens
    shown = planespec("can", "--reach", "bob", *files).out
    assert "1. as User bob: ask for a token of service account shop/app" in shown
    answer = planespec("can", "--reach", "ann", *files)
    assert (answer.code, "reaches nothing more" in answer.out) == (ExitCode.HOLDS, True)
    answer = planespec("can", "--reach", "eve", *files)
    assert (answer.code, answer.out.startswith("unknown: ")) == (ExitCode.UNKNOWN, True)
    answer = planespec("can", "--reach", "group:system:masters", *files)
    assert (answer.code, "may do everything already" in answer.out) == (ExitCode.HOLDS, True)


def test_only_so_many_ways_are_shown_as_was_asked(planespec: Commands) -> None:
    rule = {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"]}
    objects = [make("ClusterRole", "act", rules=[rule]), bind("act", "act", ANN)]
    strong = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    objects.append(make("ClusterRole", "strong", rules=[strong]))
    objects += [bind(name, "strong", make_user(name)) for name in ("x", "y", "z")]
    planespec.write(json.dumps({"kind": "List", "items": objects}), "many.json")
    answer = planespec("can", "--reach", "ann", "--show", "2", "--cluster", "many.json")
    assert answer.out.count("full control of the cluster, in 2 steps:") == 2
    assert "(4 more ways are not shown; see --show)" in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ann get", "can needs SUBJECT VERB RESOURCE, or --reach SUBJECT"),
        ("--who ann get pods", "can needs --who VERB RESOURCE"),
        ("--reach ann get pods extra", "--reach takes a SUBJECT"),
        ("--reach ann -n shop", "--reach takes a SUBJECT"),
        ("ann get podz", "'podz' is no resource of Kubernetes; did you mean 'pods'?"),
        ("ann get nodes -n shop", "nodes have no namespace"),
        ("ann get /metrics -n shop", "a path has neither namespace nor name"),
        ("sa:shop get pods", "'sa:shop' names no service account; write sa:NAMESPACE/NAME"),
        ("user: get pods", "the subject has no name"),
    ],
)
def test_a_wrong_question_is_told_in_one_line(
    planespec: Commands, cluster: str, words: str, message: str
) -> None:
    answer = planespec("can", *words.split(), "--cluster", cluster)
    assert answer.code == ExitCode.CONFIGURATION
    assert message in answer.err


def test_an_object_that_cannot_be_read_is_named(planespec: Commands) -> None:
    broken = make("ClusterRole", "odd", rules=[{"verbs": [1]}])
    planespec.write(json.dumps(broken), "broken.json")
    answer = planespec("can", "ann", "get", "pods", "--cluster", "broken.json")
    assert answer.code == ExitCode.PARSE
    assert "odd" in answer.err
    assert "rules[0].verbs[0]: must be a string" in answer.err
