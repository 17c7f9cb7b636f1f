"""The creation of a pod: defaults, the plugins that are on by default in their order, validation.

Sources: `pkg/kubeapiserver/options/plugins.go` (order),
`apiserver/pkg/endpoints/handlers/create.go` and `apiserver/pkg/registry/rest/create.go`
(phases), each plugin below `plugin/pkg/admission/`; v1.36. Left out: what runs outside the
server is left to `Outside`, and plugins that are off.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from planespec.spec.admission.admission_steps import (
    INVALID,
    NOT_FOUND,
    Course,
    Groups,
    KnownObjects,
    PlainObject,
    Refusal,
    RefusalError,
)
from planespec.spec.admission.limit_ranger import (
    LimitItem,
    group_pod_breaches,
    read_limit_range,
    set_container_defaults,
)
from planespec.spec.admission.pod_defaults import read_pod
from planespec.spec.admission.pod_plugins import (
    NotKnownError,
    RefusedError,
    add_default_tolerations,
    apply_runtime_class,
    check_overhead,
    set_priority,
)
from planespec.spec.admission.pod_preparation import prepare_pod
from planespec.spec.admission.quota_evaluators import find_evaluator, list_refusals
from planespec.spec.admission.resource_quota import read_quota
from planespec.spec.admission.service_accounts import (
    DEFAULT,
    NameGenerator,
    Sources,
    check_mirror,
    check_secrets,
    get_account_name,
    give_account,
    is_mirror,
)
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.pod_security.namespace_policy import (
    STRICTEST,
    read_namespace_policy,
    refuse_insecure,
    warn_of_insecure,
)
from planespec.spec.validation.field_errors import FieldError
from planespec.spec.validation.pod.pod_rules import list_pod_errors

_OF_MAP = re.compile(r"(.*\.(?:limits|requests|overhead|nodeSelector|labels|annotations))\b.*")
NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Of which names are generated; five of them follow the prefix."""


def generate_placeholder(prefix: str) -> str:
    """Return a name that shows what is random in it."""
    return f"{prefix}xxxxx"


class Outside(Protocol):
    """Policies and webhooks: what has a say and is no plugin of its own."""

    def mutate(self, course: Course, *, is_second: bool = False) -> bool:
        """Let mutating policies and webhooks change the object, and say whether one did.

        Then the plugins before have their turn again, and in the second pass those outside that
        are to be asked again. Raises RefusalError.
        """

    def validate(self, course: Course) -> None:
        """Let validating policies and webhooks refuse it. Raises RefusalError."""


@dataclass(frozen=True)
class Circumstances:
    """What a creation depends on beside the object and the cluster."""

    namespace: str = "default"
    now: str = "1970-01-01T00:00:00Z"
    generate: NameGenerator = generate_placeholder
    more_sources: Sources = ()
    """Projected beside the token of a service account, as a distribution does."""
    limit_order: Sequence[int] | None = None
    """The order of the LimitRanges, which upstream takes as they come; None is that of names."""
    outside: Outside | None = None


def admit_pod(known: KnownObjects, data: PlainObject, given: Circumstances) -> Course:
    """Take a pod through its creation. Raises ObjectError where it cannot be read."""
    course = Course("pods", data)
    try:
        _admit(known, course, given)
    except RefusalError:
        return course
    return course


def _admit(known: KnownObjects, course: Course, given: Circumstances) -> None:
    meta = {**View(course.object).view("metadata").data, "namespace": given.namespace}
    course.take("defaults", read_pod(Pod({**course.object, "metadata": meta})).data)
    limits = _list_limits(known, given)
    account = _run_plugins(known, course, limits, given)
    if given.outside is not None and given.outside.mutate(course):
        course.take("defaults", read_pod(Pod(course.object)).data)
        account = _run_plugins(known, course, limits, given)
        given.outside.mutate(course, is_second=True)
        course.take("defaults", read_pod(Pod(course.object)).data)
    _prepare(course, given)
    _validate(course)
    _check_limits(course, limits)
    _check_account(course, account)
    course.take("ServiceAccount")
    _check_security(known, course, given.namespace)
    _check_overhead(known, course)
    if given.outside is not None:
        given.outside.validate(course)
    charge_quotas(known, course, given.namespace)


def _run_plugins(
    known: KnownObjects, course: Course, limits: Sequence[list[LimitItem]], given: Circumstances
) -> View | None:
    """Run the mutating plugins of the server in their order, and return the pod's account."""
    check_namespace(known, course, given.namespace)
    _set_limits(course, limits)
    account = _find_account(known, course, given.namespace)
    _give_account(course, account, given)
    _set_priority(known, course)
    tolerant = add_default_tolerations(Pod(course.object))
    course.take("DefaultTolerationSeconds", tolerant.data)
    _apply_runtime_class(known, course)
    return account


def check_namespace(known: KnownObjects, course: Course, name: str) -> None:
    """NamespaceLifecycle: refuse what is created in a namespace that ends, or is not there."""
    plugin, namespace = "NamespaceLifecycle", known.find("Namespace", "", name)
    if namespace is None:
        if known.lacks("Namespace", "") and name != DEFAULT:
            words: Groups = ((f'namespaces "{name}" not found',),)
            raise course.refuse(plugin, Refusal(NOT_FOUND, "NotFound", "", [words]))
        note = f"namespace {name} is not in the input; it is taken to be there"
        course.take(plugin, notes=[note])
        return
    meta = ObjectMeta(namespace.data.get("metadata"), "metadata")
    if meta.is_deleting or namespace.view("status").text("phase") == "Terminating":
        because = (
            f"unable to create new content in namespace {name} because it is being terminated"
        )
        raise course.forbid(plugin, [[because]])
    course.take(plugin)


# Mutating plugins, in their order.


def _list_limits(known: KnownObjects, given: Circumstances) -> list[list[LimitItem]]:
    found = known.view_in("LimitRange", given.namespace)
    limits = [[*read_limit_range(view.data)] for _, view in found]
    return limits if given.limit_order is None else [limits[index] for index in given.limit_order]


def _set_limits(course: Course, limits: Iterable[Sequence[LimitItem]]) -> None:
    pod = Pod(course.object)
    for items in limits:
        pod = set_container_defaults(pod, items)
    course.take("LimitRanger", pod.data)


def _find_account(known: KnownObjects, course: Course, namespace: str) -> View | None:
    """Return the account of the pod; an empty one where it may be there, None for mirror pods."""
    pod = Pod(course.object)
    if is_mirror(pod):
        return None
    name = get_account_name(pod)
    found = known.find("ServiceAccount", namespace, name)
    if found is not None:
        return found
    if name != DEFAULT and known.lacks("ServiceAccount", namespace):
        reason = f'serviceaccount "{name}" not found'
        because = f"error looking up service account {namespace}/{name}: {reason}"
        raise course.forbid("ServiceAccount", [[because]])
    return View({"metadata": {"name": name}})


def _give_account(course: Course, account: View | None, given: Circumstances) -> None:
    pod, is_guess = Pod(course.object), account is not None and len(account.data) == 1
    if account is not None:
        pod = give_account(pod, account, given.generate, given.more_sources)
        words = f"ServiceAccount {get_account_name(pod)} is not in the input"
        is_guess &= get_account_name(pod) != DEFAULT
    course.object, before = pod.data, course.object
    _check_account(course, account)
    course.object = before
    course.take("ServiceAccount", pod.data, open_=[words] if is_guess else [], may_change=is_guess)


def _check_account(course: Course, account: View | None) -> None:
    pod = Pod(course.object)
    try:
        check_mirror(pod) if account is None else check_secrets(pod, account)
    except RefusedError as refusal:
        raise course.forbid("ServiceAccount", [[str(refusal)]]) from refusal


def _set_priority(known: KnownObjects, course: Course) -> None:
    classes = [view for _, view in known.view_all("PriorityClass")]
    is_complete = known.knows("PriorityClass")
    try:
        pod = set_priority(Pod(course.object), classes, is_complete=is_complete)
    except NotKnownError as missing:
        course.take("Priority", open_=[f"{missing} is not in the input"], may_change=True)
    except RefusedError as refusal:
        raise course.forbid("Priority", [[str(refusal)]]) from refusal
    else:
        course.take("Priority", pod.data)


def _list_classes(known: KnownObjects) -> list[View]:
    return [view for _, view in known.view_all("RuntimeClass")]


def _apply_runtime_class(known: KnownObjects, course: Course) -> None:
    classes, is_complete = _list_classes(known), known.knows("RuntimeClass")
    try:
        pod = apply_runtime_class(Pod(course.object), classes, is_complete=is_complete)
    except NotKnownError as missing:
        what = f"{missing} (overhead, node selector, tolerations) is not in the input"
        course.take("RuntimeClass", open_=[what], may_change=True)
    except RefusedError as refusal:
        raise course.forbid("RuntimeClass", [[str(refusal)]]) from refusal
    else:
        course.take("RuntimeClass", pod.data)


# Validation, then validating plugins.


def _prepare(course: Course, given: Circumstances) -> None:
    pod, warnings = prepare_pod(Pod(course.object), given.now)
    course.take("preparation", pod.data, warnings=warnings)


def _validate(course: Course) -> None:
    errors = list_pod_errors(course.object)
    if errors:
        raise course.refuse("validation", refuse_invalid("Pod", course.object, errors))
    course.take("validation")


def refuse_invalid(kind: str, data: PlainObject, errors: Sequence[FieldError]) -> Refusal:
    """Return the answer to an invalid object; errors about entries of one map have no order."""
    name = ObjectMeta(data.get("metadata"), "metadata").name
    groups = [[str(each) for each in group] for _, group in groupby(errors, _name_map)]
    return Refusal(INVALID, "Invalid", f'{kind} "{name}" is invalid: ', [groups])


def _name_map(error: FieldError) -> str:
    """Return the field of the map that an error is about, or the field and words of the error."""
    found = _OF_MAP.fullmatch(error.field)
    return str(error) if found is None else found[1]


def _check_limits(course: Course, limits: Iterable[Sequence[LimitItem]]) -> None:
    pod = Pod(course.object)
    ways = [groups for items in limits if (groups := group_pod_breaches(pod, items))]
    if ways:
        raise course.forbid("LimitRanger", *ways)
    course.take("LimitRanger")


def _check_security(known: KnownObjects, course: Course, namespace: str) -> None:
    pod = Pod(course.object)
    if known.find("Namespace", "", namespace) is None and STRICTEST.describe_faults(pod):
        what = f"the Pod Security level of namespace {namespace}, which is not in the input"
        course.take("PodSecurity", open_=[what])
        return
    policy = read_namespace_policy(known.get_namespace_labels(namespace))
    refused = refuse_insecure(Pod(course.object), policy)
    if refused:
        raise course.forbid("PodSecurity", [[refused]])
    warning = warn_of_insecure(Pod(course.object), policy)
    course.take("PodSecurity", warnings=[warning] if warning else [])


def _check_overhead(known: KnownObjects, course: Course) -> None:
    name, classes = Pod(course.object).spec.text("runtimeClassName"), _list_classes(known)
    if name and not known.knows("RuntimeClass"):
        return
    try:
        check_overhead(Pod(course.object), classes)
    except RefusedError as refusal:
        raise course.forbid("RuntimeClass", [[str(refusal)]]) from refusal
    course.take("RuntimeClass")


def charge_quotas(known: KnownObjects, course: Course, namespace: str) -> None:
    """ResourceQuota: refuse what is more than the quotas of the namespace leave."""
    quotas = [read_quota(view.data) for _, view in known.view_in("ResourceQuota", namespace)]
    evaluator = find_evaluator(course.resource)
    refusals = list_refusals(evaluator, View(course.object), quotas)
    if refusals:
        raise course.forbid("ResourceQuota", *([[each]] for each in refusals))
    course.take("ResourceQuota")
