"""Judge of `quota` recordings: ResourceQuotas, creations under them, and what is used after each.

A line is `{"quotas": [{"name", "spec"}], "ops": [{"path", "body", "code", "reason", "message",
"used": {quota: {name: amount}}}]}`. Counted by resource, such as `pods`. What is used is
carried from creation to creation. Upstream asks quotas in no fixed order: a refusal agrees
where some order gives it. Pods go through the whole of admission; the classes they name are
taken to be there. A namespace gets two ConfigMaps of its own, with the certificates of the
cluster, while the quotas are made: how many of them each quota has counted at the start is read
from what it shows after the first creation. One that no quota has counted by then may be made
before any later creation, so that an answer agrees which is right with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.admission.admission_steps import Course, Refusal, RefusalError
from planespec.spec.admission.pod_chain import (
    Circumstances,
    admit_pod,
    charge_quotas,
    refuse_invalid,
)
from planespec.spec.admission.quota_evaluators import charge, find_evaluator
from planespec.spec.admission.resource_quota import Quota, read_quota
from planespec.spec.objects import ObjectError, View
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.quantity import parse_quantity
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster
from planespec.spec.validation.object_rules import validate_object

_CREATED = 201
_CONFIG_MAPS = "configmaps"
_MOST_OWN_MAPS = 2


@dataclass(frozen=True)
class _Request:
    resource: str
    """As `pods` or `deployments.apps`."""
    version: str
    namespace: str


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each creation; InputError where the line is malformed."""
    return judge_lines(path, _judge_line)


def _read_quota(view: View, line: View) -> Quota:
    spec = view.needing("name", "spec").view("spec")
    name = view.text("name")
    used = dict.fromkeys(spec.view("hard").data, "0")
    if _CONFIG_MAPS in used:
        used[_CONFIG_MAPS] = str(_count_own_maps(name, line.views("ops")))
    meta = {"name": name}
    return read_quota({"metadata": meta, "spec": spec.data, "status": {"used": used}})


def _count_own_maps(quota: str, operations: list[View]) -> int:
    """Return how many ConfigMaps a quota had counted before the first creation: 0, 1 or 2."""
    for first in operations[:1]:
        is_counted = first.text("path").endswith(f"/{_CONFIG_MAPS}")
        is_counted &= first.integer("code") == _CREATED
        shown = first.view("used").view(quota).quantity(_CONFIG_MAPS).value
        return min(max(shown - is_counted, 0), _MOST_OWN_MAPS)
    return 0


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("quotas", "ops")
    quotas = [_read_quota(each, line) for each in line.views("quotas")]
    specs = {each.text("name"): each.view("spec") for each in line.views("quotas")}
    own = max((each.used[_CONFIG_MAPS].value for each in quotas if _counts_maps(each)), default=0)
    for operation in line.views("ops"):
        operation.needing("path", "body", "code", "used")
        _, expected = part_answers(operation.data, ("code", "reason", "message", "used"))
        ways = [
            (more, *_answer(operation, [_add_maps(each, more) for each in quotas], specs))
            for more in range(_MOST_OWN_MAPS - own + 1)
        ]
        more, actual, quotas = next((way for way in ways if way[1] == expected), ways[0])
        own += more
        resource, body = _read_path(operation).resource, operation.view("body")
        yield compare(resource, where, body.data, expected, actual)


def _counts_maps(quota: Quota) -> bool:
    return _CONFIG_MAPS in quota.hard


def _add_maps(quota: Quota, more: int) -> Quota:
    """Return a quota after the namespace got more ConfigMaps of its own."""
    if not more or not _counts_maps(quota):
        return quota
    used = quota.used[_CONFIG_MAPS] + parse_quantity(str(more))
    return replace(quota, used={**quota.used, _CONFIG_MAPS: used})


def _answer(
    operation: View, quotas: list[Quota], specs: dict[str, View]
) -> tuple[dict[str, object], list[Quota]]:
    """Return the answer to a creation under these quotas, and what they are after it."""
    request, body = _read_path(operation), operation.view("body")
    cluster = KnownCluster(_make_store(request.namespace, quotas, specs))
    course = _create(cluster, request, body)
    if course.refusal is None:
        quotas = charge(find_evaluator(request.resource), View(course.object), quotas)
    return _write(course.refusal, operation.text("message"), quotas), quotas


def _read_path(operation: View) -> _Request:
    parts = operation.text("path").strip("/").split("/")
    if len(parts) < 2 or parts[-3:-2] != ["namespaces"]:
        words = "must be the path of a collection in a namespace"
        raise ObjectError(operation.path("path"), words)
    version = "/".join(parts[1:-3])
    group = version.rpartition("/")[0]
    return _Request(f"{parts[-1]}.{group}" if group else parts[-1], version, parts[-2])


def _make_store(namespace: str, quotas: list[Quota], specs: dict[str, View]) -> Store:
    store = Store()
    for quota in quotas:
        used = {name: str(amount) for name, amount in quota.used.items()}
        meta = {"name": quota.name, "namespace": namespace}
        data = {"spec": dict(specs[quota.name].data), "status": {"used": used}}
        store.add({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, **data})
    return store


def _create(cluster: KnownCluster, request: _Request, body: View) -> Course:
    plural = request.resource.partition(".")[0]
    kind = KINDS.get(plural, "")
    if kind == "Pod":
        return admit_pod(cluster, body.data, Circumstances(request.namespace))
    meta = {**body.view("metadata").data, "namespace": request.namespace}
    data = {**body.data, "apiVersion": request.version, "kind": kind, "metadata": meta}
    course = Course(request.resource, data)
    errors = list(validate_object(data))
    try:
        if errors:
            group = request.resource.partition(".")[2]
            named = f"{kind}.{group}" if group else kind
            raise course.refuse("validation", refuse_invalid(named, data, errors))
        charge_quotas(cluster, course, request.namespace)
    except RefusalError:
        return course
    return course


def _write(refusal: Refusal | None, message: str, quotas: list[Quota]) -> dict[str, object]:
    """Write the answer as a recording does; `message` stands where it is a form of ours."""
    used = {quota.name: {name: str(quota.used[name]) for name in quota.hard} for quota in quotas}
    if refusal is None:
        return {"code": _CREATED, "used": used}
    said = message if refusal.can_read(message) else refusal.message
    return {"code": refusal.code, "reason": refusal.reason, "message": said, "used": used}
