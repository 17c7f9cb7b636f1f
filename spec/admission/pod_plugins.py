"""Priority, RuntimeClass and DefaultTolerationSeconds: what they add to a new pod, and refuse.

Each is a function from a pod to a pod; a refusal is raised. Sources, all below
`plugin/pkg/admission/`: `priority/admission.go`, `runtimeclass/admission.go`,
`defaulttolerationseconds/admission.go`, `serviceaccount/admission.go`.
"""

from collections.abc import Iterable, Mapping, Sequence

from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.core_views import Toleration, read_toleration
from planespec.spec.quantity import Quantity

SYSTEM_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
"""The classes every cluster has, with their values."""
NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
DEFAULT_TOLERATION_SECONDS = 300


class RefusedError(Exception):
    """A plugin refuses the object; carries its reason in upstream's words."""


class NotKnownError(Exception):
    """An object that decides is not among what is known; carries its kind and name."""


def _name(view: View) -> str:
    return ObjectMeta(view.data.get("metadata"), "metadata").name


def set_priority(pod: Pod, classes: Iterable[View], *, is_complete: bool = True) -> Pod:
    """Resolve priority and preemption policy from the class, or from the default class.

    Of several default classes the one of the lowest value counts. A number in the pod must be
    the one of its class. Raises RefusedError; NotKnownError where the class is not there and
    `classes` are not all there are.
    """
    known = {name: View({"value": value}) for name, value in SYSTEM_PRIORITIES.items()}
    known |= {_name(view): view for view in classes}
    name = pod.priority_class_name
    if name and name not in known:
        if not is_complete:
            raise NotKnownError(f"PriorityClass {name}")
        raise RefusedError(f"no PriorityClass with name {name} was found")
    found = known[name] if name else _get_default(known)
    value = 0 if found is None else found.integer("value") or 0
    if pod.priority is not None and pod.priority != value:
        raise RefusedError(
            f"the integer value of priority ({pod.priority}) must not be provided in pod spec; "
            f"priority admission controller computed {value} from the given PriorityClass name"
        )
    policy = (found and found.text("preemptionPolicy")) or "PreemptLowerPriority"
    own = pod.spec.text("preemptionPolicy")
    if own and own != policy:
        raise RefusedError(
            f"the string value of PreemptionPolicy ({own}) must not be provided in pod spec; "
            f"priority admission controller computed {policy} from the given PriorityClass name"
        )
    spec: dict[str, object] = {**pod.spec.data, "priority": value, "preemptionPolicy": policy}
    if not name and found is not None:
        spec["priorityClassName"] = _name(found)
    return Pod({**pod.data, "spec": spec}, pod.field)


def _get_default(known: Mapping[str, View]) -> View | None:
    found = [view for view in known.values() if view.flag("globalDefault")]
    return min(found, key=lambda view: view.integer("value") or 0, default=None)


def apply_runtime_class(pod: Pod, classes: Iterable[View], *, is_complete: bool = True) -> Pod:
    """Add the overhead, node selector and tolerations of the pod's runtime class.

    Raises RefusedError; NotKnownError where the class is not there and `classes` are not all.
    """
    name = pod.spec.text("runtimeClassName")
    found = {_name(view): view for view in classes}.get(name) if name else None
    if name and found is None:
        if not is_complete:
            raise NotKnownError(f"RuntimeClass {name}")
        raise RefusedError(f'pod rejected: RuntimeClass "{name}" not found')
    overhead = {} if found is None else found.view("overhead").quantities("podFixed")
    spec = dict(pod.spec.data)
    if found is not None:
        spec |= _schedule(pod, found.view("scheduling"))
    if overhead:
        if pod.overhead and not _is_same(pod.overhead, overhead):
            raise RefusedError(
                "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
            )
        spec["overhead"] = {key: str(each) for key, each in overhead.items()}
    return Pod({**pod.data, "spec": spec}, pod.field)


def check_overhead(pod: Pod, classes: Iterable[View]) -> None:
    """Refuse a pod whose overhead is not that of its runtime class, after it was validated."""
    name = pod.spec.text("runtimeClassName")
    found = {_name(view): view for view in classes}.get(name) if name else None
    overhead = {} if found is None else found.view("overhead").quantities("podFixed")
    if overhead and not _is_same(pod.overhead, overhead):
        words = "Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        raise RefusedError(f"pod rejected: {words}")
    if pod.overhead and not overhead:
        words = "Pod Overhead set without corresponding RuntimeClass defined Overhead"
        raise RefusedError(f"pod rejected: {words}")


def _is_same(one: Mapping[str, Quantity], other: Mapping[str, Quantity]) -> bool:
    return one.keys() == other.keys() and all(one[key] == other[key] for key in one)


def _schedule(pod: Pod, scheduling: View) -> dict[str, object]:
    """Return the merged node selector and tolerations; two values of one label are refused."""
    added: dict[str, object] = {}
    wanted = scheduling.text_map("nodeSelector")
    own = pod.node_selector
    for key, value in sorted(wanted.items()):
        if key in own and own[key] != value:
            raise RefusedError(
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {own[key]}"
            )
    if wanted:
        added["nodeSelector"] = own | wanted
    if scheduling.has("tolerations"):
        listed = [*pod.spec.views("tolerations"), *scheduling.views("tolerations")]
        added["tolerations"] = merge_tolerations(listed)
    return added


def merge_tolerations(listed: Sequence[View]) -> list[Mapping[str, object]]:
    """Leave out each toleration that another one includes; of equal ones the first stays.

    Source: `pkg/util/tolerations/tolerations.go`.
    """
    read = [read_toleration(view.data, view.field) for view in listed]
    kept: list[int] = []
    for index, each in enumerate(read):
        is_known = any(_includes(read[other], each) for other in kept)
        later = read[index + 1 :]
        if not is_known and not any(each != other and _includes(other, each) for other in later):
            kept.append(index)
    return [listed[index].data for index in kept]


def _includes(wide: Toleration, narrow: Toleration) -> bool:
    if wide == narrow:
        return True
    is_any_key = wide.key == "" and wide.operator == "Exists"
    if (narrow.key != wide.key and not is_any_key) or wide.effect not in ("", narrow.effect):
        return False
    is_shorter = wide.effect == "NoExecute" and wide.seconds is not None
    if is_shorter and (narrow.seconds is None or narrow.seconds > (wide.seconds or 0)):
        return False
    if wide.operator in ("", "Equal"):
        return narrow.operator == "Equal" and narrow.value == wide.value
    return wide.operator == "Exists"


def add_default_tolerations(pod: Pod) -> Pod:
    """Let the pod stay 300 s on a node that is not ready or unreachable, where it does not say."""
    added = [
        {
            "key": key,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": DEFAULT_TOLERATION_SECONDS,
        }
        for key in (NOT_READY, UNREACHABLE)
        if not any(_covers(toleration, key) for toleration in pod.tolerations)
    ]
    if not added:
        return pod
    spec = {**pod.spec.data, "tolerations": [*pod.spec.items("tolerations"), *added]}
    return Pod({**pod.data, "spec": spec}, pod.field)


def _covers(toleration: Toleration, key: str) -> bool:
    return toleration.key in ("", key) and toleration.effect in ("", "NoExecute")
