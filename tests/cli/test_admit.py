"""`planespec admit` shows what an API server would store, or why it refuses."""

import json
from typing import Any

import pytest
from commands import Commands

from planespec.checker.errors import ExitCode

RULE = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["CREATE"]}
GROUPS = {
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "MutatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
    "MutatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
    "Deployment": "apps/v1",
}


def make(kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    meta |= more.pop("metadata", {})
    return {"apiVersion": GROUPS.get(kind, "v1"), "kind": kind, "metadata": meta, **more}


def make_pod(**spec: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "registry.example/a:v1"}], **spec}
    return make("Pod", "p", "n", spec=spec)


NAMESPACE = make("Namespace", "n")


def ask(
    planespec: Commands, made: dict[str, Any], *objects: dict[str, Any], options: Any = ()
) -> tuple[int, dict[str, Any]]:
    planespec.write(json.dumps(made), "object.json")
    items = {"kind": "List", "apiVersion": "v1", "items": [NAMESPACE, *objects]}
    planespec.write(json.dumps(items), "cluster.json")
    answer = planespec("admit", "object.json", "--cluster", "cluster.json", "--json", *options)
    return answer.code, json.loads(answer.out)


def hook(kind: str, **more: Any) -> dict[str, Any]:
    service = {"service": {"namespace": "mesh", "name": "hook"}}
    webhook = {"name": "a.b.c", "rules": [RULE], "clientConfig": service, "sideEffects": "None"}
    return make(f"{kind}WebhookConfiguration", "h", webhooks=[{**webhook, **more}])


def policy(expression: str, kind: str = "Validating", **more: Any) -> list[dict[str, Any]]:
    spec = {
        "matchConstraints": {"resourceRules": [RULE]},
        "validations": [{"expression": expression}],
        **more,
    }
    bound = {"policyName": "p", "validationActions": ["Deny"]}
    return [
        make(f"{kind}AdmissionPolicy", "p", spec=spec),
        make(f"{kind}AdmissionPolicyBinding", "b", spec=bound),
    ]


def test_an_admitted_object_is_shown_as_it_is_stored(planespec: Commands) -> None:
    most = {"type": "Container", "max": {"cpu": "1"}}
    limits = make("LimitRange", "l", "n", spec={"limits": [most]})
    high = make("PriorityClass", "high", value=7)
    code, answer = ask(planespec, make_pod(priorityClassName="high"), high, limits)
    assert (code, answer["verdict"]) == (ExitCode.HOLDS, "Admitted")
    spec = answer["stored"]["spec"]
    assert (spec["priority"], spec["dnsPolicy"]) == (7, "ClusterFirst")
    assert spec["containers"][0]["resources"]["limits"] == {"cpu": "1"}
    changes = {step["plugin"]: step["changes"] for step in answer["steps"] if step["changes"]}
    assert {"field": "spec.priority", "before": None, "after": 7} in changes["Priority"]


def test_a_refused_object_has_the_answer_and_the_steps_up_to_it(planespec: Commands) -> None:
    code, answer = ask(planespec, make_pod(containers=[{"name": "c", "image": ""}]))
    assert (code, answer["verdict"], answer["stored"]) == (ExitCode.SAFETY, "Refused", None)
    assert answer["refusal"] == {
        "code": 422,
        "reason": "Invalid",
        "message": 'Pod "p" is invalid: spec.containers[0].image: Required value',
    }
    assert answer["steps"][-1]["plugin"] == "validation"


@pytest.mark.parametrize("kind", ["Mutating", "Validating"])
def test_a_webhook_that_is_asked_leaves_the_answer_open(planespec: Commands, kind: str) -> None:
    code, answer = ask(planespec, make_pod(), hook(kind))
    assert (code, answer["verdict"]) == (ExitCode.UNKNOWN, "Unknown")
    assert answer["open"] == [f"the {kind.lower()} webhook h/a.b.c"]


@pytest.mark.parametrize(
    "more",
    [
        {"namespaceSelector": {"matchLabels": {"a": "b"}}},
        {"rules": [{**RULE, "operations": ["DELETE"]}]},
        {"matchConditions": [{"name": "c", "expression": "object.metadata.name != 'p'"}]},
    ],
)
def test_a_webhook_that_does_not_mean_the_object_is_passed_over(
    planespec: Commands, more: dict[str, Any]
) -> None:
    assert ask(planespec, make_pod(), hook("Mutating", **more))[0] == ExitCode.HOLDS


@pytest.mark.parametrize(
    ("failure", "code"), [("Fail", ExitCode.SAFETY), ("Ignore", ExitCode.HOLDS)]
)
def test_a_webhook_without_its_service_fails_by_its_policy(
    planespec: Commands, failure: str, code: ExitCode
) -> None:
    others = [make("Service", "s", "mesh", spec={}), hook("Mutating", failurePolicy=failure)]
    found, answer = ask(planespec, make_pod(), *others)
    assert found == code
    if code == ExitCode.SAFETY:
        words = 'failed calling webhook "a.b.c": failed to call webhook: Post '
        url = '"https://hook.mesh.svc:443/?timeout=10s": service "hook" not found'
        assert answer["refusal"]["message"] == f"Internal error occurred: {words}{url}"


def test_a_refusal_after_an_unknown_change_is_not_certain(planespec: Commands) -> None:
    bad = make_pod(containers=[{"name": "c", "image": ""}])
    code, answer = ask(planespec, bad, hook("Mutating"))
    assert (code, answer["verdict"]) == (ExitCode.UNKNOWN, "Unknown")
    assert answer["refusal"]["code"] == 422
    assert ask(planespec, bad, hook("Validating"))[0] == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("object.spec.containers.all(c, c.image.endsWith(':v1'))", ExitCode.HOLDS),
        ("object.spec.hostNetwork", ExitCode.SAFETY),
        ("object.metadata.?labels.hasValue()", ExitCode.UNKNOWN),
    ],
)
def test_policies_are_evaluated(planespec: Commands, expression: str, code: ExitCode) -> None:
    assert ask(planespec, make_pod(), *policy(expression))[0] == code


def mutate(*mutations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return policy("true", "Mutating", mutations=list(mutations), **more)


def apply(expression: str) -> dict[str, Any]:
    configuration = {"expression": expression}
    return {"patchType": "ApplyConfiguration", "applyConfiguration": configuration}


def test_a_mutating_policy_changes_the_object_and_plugins_have_another_turn(
    planespec: Commands,
) -> None:
    sidecar = "[Object.spec.containers{name: 's', image: 's:1'}]"
    change = apply(f"Object{{spec: Object.spec{{containers: {sidecar}}}}}")
    most = {"type": "Container", "max": {"cpu": "1"}}
    limits = make("LimitRange", "l", "n", spec={"limits": [most]})
    code, answer = ask(planespec, make_pod(), limits, *mutate(change))
    assert code == ExitCode.HOLDS
    containers = {each["name"]: each for each in answer["stored"]["spec"]["containers"]}
    assert containers["s"]["resources"]["limits"] == {"cpu": "1"}
    assert containers["s"]["imagePullPolicy"] == "IfNotPresent"
    assert containers["s"]["volumeMounts"] == containers["c"]["volumeMounts"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, ExitCode.SAFETY),
        ({"failurePolicy": "Ignore"}, ExitCode.HOLDS),
        (
            {"matchConditions": [{"name": "c", "expression": "request.operation == 'UPDATE'"}]},
            ExitCode.HOLDS,
        ),
    ],
)
def test_a_mutating_policy_that_fails_refuses_by_its_failure_policy(
    planespec: Commands, more: dict[str, Any], code: ExitCode
) -> None:
    found, answer = ask(planespec, make_pod(), *mutate(apply("object.none"), **more))
    assert found == code
    if code == ExitCode.SAFETY:
        assert answer["refusal"] == {
            "code": 403,
            "reason": "Invalid",
            "message": "policy 'p' with binding 'b' denied request: "
            "expression 'object.none' resulted in error: no such key: none",
        }


def test_a_mutating_policy_that_cannot_be_evaluated_is_named(planespec: Commands) -> None:
    code, answer = ask(planespec, make_pod(), *mutate(apply("Object{?a: optional.of(1)}")))
    assert code == ExitCode.UNKNOWN
    assert answer["open"][0].startswith("the mutating admission policy p, bound by b: ")


def test_parameters_decide_where_they_are_there(planespec: Commands) -> None:
    policy_, binding = policy("params.data.most == '3'")
    policy_["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    binding["spec"]["paramRef"] = {"name": "most", "parameterNotFoundAction": "Deny"}
    code, answer = ask(planespec, make_pod(), policy_, binding)
    assert code == ExitCode.UNKNOWN
    assert "its parameters are of kind ConfigMap, not in the input" in answer["open"][0]
    most = make("ConfigMap", "most", "n", data={"most": "3"})
    assert ask(planespec, make_pod(), policy_, binding, most)[0] == ExitCode.HOLDS
    other = make("ConfigMap", "other", "n", data={"most": "3"})
    code, answer = ask(planespec, make_pod(), policy_, binding, other)
    assert code == ExitCode.SAFETY
    assert "no params found for policy binding" in answer["refusal"]["message"]


def test_who_asks_matters_to_expressions(planespec: Commands) -> None:
    only = policy("request.userInfo.username == 'eve' && 'dev' in request.userInfo.groups")
    assert ask(planespec, make_pod(), *only)[0] == ExitCode.SAFETY
    options = ("--as", "eve", "--as-group", "dev")
    assert ask(planespec, make_pod(), *only, options=options)[0] == ExitCode.HOLDS


def test_an_authorizer_knows_the_roles_of_the_input(planespec: Commands) -> None:
    check = "authorizer.group('').resource('secrets').namespace('n').check('get').allowed()"
    own = "authorizer.requestResource.check('create').allowed()"
    options = ("--as", "eve", "--as-group", "dev")
    found = ask(planespec, make_pod(), *policy(check), options=options)
    assert found[0] == ExitCode.UNKNOWN
    assert "what eve may do, which an authorizer is asked for" in found[1]["open"][0]
    version = "rbac.authorization.k8s.io/v1"
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]
    role = {**make("ClusterRole", "r", rules=rules), "apiVersion": version}
    subject = {"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
    bound = make("ClusterRoleBinding", "b", subjects=[subject], roleRef=reference)
    roles = [role, {**bound, "apiVersion": version}]
    for expression, code in ((check, ExitCode.SAFETY), (own, ExitCode.HOLDS)):
        found = ask(planespec, make_pod(), *policy(expression), *roles, options=options)
        assert found[0] == code


def test_labels_of_an_unknown_namespace_leave_open_what_they_decide(planespec: Commands) -> None:
    made = make_pod()
    made["metadata"]["namespace"] = "other"
    selector = {"namespaceSelector": {"matchLabels": {"a": "b"}}}
    planespec.write(json.dumps(made), "object.json")
    planespec.write(json.dumps(hook("Mutating", **selector)), "cluster.json")
    answer = planespec("admit", "object.json", "--cluster", "cluster.json", "--json")
    assert answer.code == ExitCode.UNKNOWN
    assert json.loads(answer.out)["open"] == [
        "the mutating webhook h/a.b.c (the labels of its namespace are not in the input)",
        "the Pod Security level of namespace other, which is not in the input",
    ]


def test_a_claim_gets_the_default_class_and_keeps_within_limits(planespec: Commands) -> None:
    marked = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    claim = make(
        "PersistentVolumeClaim",
        "c",
        "n",
        spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}},
    )
    gold = make("StorageClass", "gold", metadata=marked, provisioner="a.example.com")
    code, answer = ask(planespec, claim, gold)
    assert code == ExitCode.HOLDS
    assert answer["stored"]["spec"]["storageClassName"] == "gold"
    assert answer["stored"]["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    most = {"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}
    limits = make("LimitRange", "l", "n", spec={"limits": [most]})
    assert ask(planespec, claim, gold, limits)[1]["refusal"]["message"].endswith(
        "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi"
    )


def test_a_name_that_is_taken_is_refused_last(planespec: Commands) -> None:
    code, answer = ask(planespec, make_pod(), make_pod())
    assert code == ExitCode.SAFETY
    assert answer["refusal"]["message"] == 'pods "p" already exists'
    assert answer["steps"][-1]["plugin"] == "storage"


def test_the_rules_of_custom_resources_are_not_known(planespec: Commands) -> None:
    made = {**make("Toy", "t", "n"), "apiVersion": "example.com/v1"}
    code, answer = ask(planespec, made)
    assert code == ExitCode.UNKNOWN
    assert answer["open"] == ["the rules of Toy of example.com"]


def test_a_template_is_only_warned_of(planespec: Commands) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i:1"}]},
    }
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    planespec.write(json.dumps(make("Deployment", "d", "n", spec=spec)), "object.json")
    namespace = make("Namespace", "n", metadata={"labels": labels})
    planespec.write(json.dumps(namespace), "cluster.json")
    answer = planespec("admit", "object.json", "--cluster", "cluster.json")
    assert answer.code == ExitCode.HOLDS
    words = 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    assert f"warning: {words}" in answer.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "object.json"),
        ('{"kind": "List", "apiVersion": "v1", "items": []}', "has 0 objects, needs one"),
        ('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": 3}', "spec"),
    ],
)
def test_a_malformed_object_is_told_in_one_line(planespec: Commands, text: str, said: str) -> None:
    planespec.write(text, "object.json")
    planespec.write(json.dumps(NAMESPACE), "cluster.json")
    answer = planespec("admit", "object.json", "--cluster", "cluster.json")
    assert answer.code == ExitCode.PARSE
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_only_one_file_is_standard_input(planespec: Commands) -> None:
    answer = planespec("admit", "-", "--cluster", "-")
    assert answer.code == ExitCode.CONFIGURATION


def test_an_object_of_any_kind_is_filled_in_before_others_look_at_it(planespec: Commands) -> None:
    bare = {"containers": [{"name": "c", "image": "registry.example/a:v1"}]}
    labels = {"app": "a"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}
    spec["template"]["spec"] = bare
    ready = "object.kind != 'Deployment' || object.spec.replicas == 1"
    code, answer = ask(planespec, make("Deployment", "d", "n", spec=spec), *policy(ready))
    assert (code, answer["verdict"]) == (ExitCode.HOLDS, "Admitted")
    stored = answer["stored"]["spec"]
    assert (stored["replicas"], stored["revisionHistoryLimit"]) == (1, 10)
    assert stored["template"]["spec"]["dnsPolicy"] == "ClusterFirst"
    first = answer["steps"][0]
    assert first["plugin"] == "defaults"
    assert {"field": "spec.replicas", "before": None, "after": 1} in first["changes"]
    old = make("HorizontalPodAutoscaler", "h", "n") | {"apiVersion": "autoscaling/v1"}
    notes = [note for step in ask(planespec, old)[1]["steps"] for note in step["notes"]]
    said = "defaults of HorizontalPodAutoscaler of autoscaling/v1 are not filled in"
    assert said in notes
