"""Judge of `kubelet`: the lives of pods in the watch streams of a cluster, version by version.

The first line of a recording is about the scenario (`actions`, ...), then come watch events
`{"t", "kind", "type", "object"}` and the API server's audit events `{"audit"}`. Each event of a
Pod is one case, counted by its `type`: its version is explained by the one before it of the same
uid (`spec/node/pod_life/pod_versions`), or the case says why not. After a version that is not
explained that pod is not judged any more.

An object goes only when its containers have stopped, unless it was removed at once: by a DELETE
among the actions or in the audit with a grace of 0, or because it is the mirror of a static pod,
which its kubelet removes so, or because the pod itself has no grace. What ran may then run on:
these are the exceptions. Back-offs are not looked at where a kubelet was restarted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.recorded_pods import check_pod
from planespec.reports.judge.runner import Comparison, compare
from planespec.reports.judge.versions.object_versions import TYPES
from planespec.spec.node.pod_life.pod_versions import Happening, explain_version
from planespec.spec.node.status_parts import Json
from planespec.spec.objects.view import ObjectError, View

EXPLAINED = "explained"
KUBELETS = ("kubelet", "hollow-kubelet")
"""Agents whose removals come after containers have stopped."""
RUNTIME = "fakeRuntime://"
"""Scheme of the recorder's containers, whose programs end as `args` say."""
ALL = "pods"
"""Stands for all pods of the namespace, where a collection was deleted."""
MIRROR = "kubernetes.io/config.mirror"
KILLED = 137


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each event of a Pod; InputError where malformed."""
    records = list(read_records(path))
    watch = _Watch(_find_forced(path, records), _has_restarts(records))
    for number, record in records:
        with at(path, number):
            line = View(record)
            if line.text("kind") != "Pod" or line.text("type") not in TYPES:
                continue
            fault = watch.take(line)
        if fault is not None:
            actual = fault or EXPLAINED
            yield compare(line.text("type"), f"{path}:{number}", record, EXPLAINED, actual)


def _has_restarts(records: list[tuple[int, Json]]) -> bool:
    """Whether a kubelet was restarted, by the words of the actions."""
    actions = [each for _, record in records for each in record.get("actions") or ()]
    return any(isinstance(each, dict) and "kubelet" in str(each.get("do")) for each in actions)


def _find_forced(path: Path, records: list[tuple[int, Json]]) -> set[str]:
    """Names of pods that somebody had removed at once."""
    forced: set[str] = set()
    for number, record in records:
        with at(path, number):
            line = View(record)
            for action in line.views("actions"):
                if action.text("do") in ("DELETE", "POST") and _is_at_once(action):
                    path_of = action.text("path").split("?")[0].removesuffix("/eviction")
                    forced.add(path_of.rsplit("/", 1)[-1])
            audit = line.view("audit")
            asked = audit.view("requestObject")
            is_asked = audit.text("verb") == "delete" and asked.integer("gracePeriodSeconds") == 0
            if is_asked and audit.text("agent").split("/")[0] not in KUBELETS:
                forced.add(audit.view("objectRef").text("name"))
    return forced


def _is_at_once(action: View) -> bool:
    is_in_path = "gracePeriodSeconds=0" in action.text("path").split("?")[-1].split("&")
    body = action.view("body") if action.has("body") else View({})
    asked = body.view("deleteOptions") if action.text("do") == "POST" else body
    return is_in_path or asked.integer("gracePeriodSeconds") == 0


@dataclass(slots=True)
class _Watch:
    """The last version of each pod by uid, None of one that is not judged any more."""

    forced: set[str]
    may_forget: bool
    pods: dict[str, Json | None] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def take(self, line: View) -> str | None:
        """Why a version is not explained; empty where it is, None where the pod is not judged."""
        pod = line.needing("object").view("object")
        meta = pod.needing("metadata", "spec").view("metadata").needing("uid", "name")
        _check(pod)
        uid, type_, after = meta.text("uid"), line.text("type"), dict(pod.data)
        if uid in self.pods and self.pods[uid] is None:
            return None
        before = self.pods.get(uid)
        fault = self._explain(before, pod, meta, type_)
        self.pods[uid] = None if fault else after
        if type_ == "DELETED":
            self.gone.add(uid)
        return fault

    def _explain(self, before: Json | None, pod: View, meta: View, type_: str) -> str:
        if meta.text("uid") in self.gone:
            return "the pod was gone"
        first, second = _get_version(before), _get_version(dict(pod.data))
        if before is not None and (second < first or (second == first and type_ != "INITIAL")):
            return "the version is not newer than the one before it"
        if type_ == "MODIFIED" and before is None:
            return "no version was before it"
        if type_ == "ADDED" and before is not None:
            return "a version was before it"
        if type_ == "ADDED" and pod.view("status").text("phase") not in ("", "Pending"):
            return "a new pod must be Pending"
        is_mirror = MIRROR in meta.text_map("annotations")
        is_forced = is_mirror or bool({meta.text("name"), ALL} & self.forced)
        happening = Happening(type_ == "DELETED", is_forced, self.may_forget)
        return explain_version(before, dict(pod.data), happening) or _explain_codes(pod)


def _check(pod: View) -> None:
    meta = check_pod(pod).view("metadata")
    pod.view("spec").needing("containers")
    if not (meta.text("resourceVersion") or "0").isdigit():
        raise ObjectError(meta.path("resourceVersion"), "must be a number")
    for name in ("containerStatuses", "initContainerStatuses"):
        for each in pod.view("status").views(name):
            if not {"name", "state", "restartCount", "ready"} <= each.data.keys():
                raise ObjectError(each.field, "must have name, state, restartCount and ready")
            each.integer("restartCount")
            for state in (each.view("state"), each.view("lastState")):
                state.view("terminated").integer("exitCode")
    for each in pod.view("status").views("conditions"):
        each.needing("type", "status")


def _get_version(pod: Json | None) -> int:
    """The revision of a version; versions of one cluster may be compared."""
    return int((pod or {}).get("metadata", {}).get("resourceVersion") or 0)


def _explain_codes(pod: View) -> str:
    """Why a container cannot have ended so: the recorder's runtime ends it as `args` say."""
    spec = pod.view("spec")
    both = [*spec.views("initContainers"), *spec.views("containers")]
    arguments = {each.text("name"): each.texts("args") for each in both}
    for name in ("containerStatuses", "initContainerStatuses"):
        for each in pod.view("status").views(name):
            given = dict(text.partition("=")[::2] for text in arguments.get(each.text("name"), []))
            codes = {0, KILLED, int(given.get("exit") or 0)} if "runfor" in given else {0, KILLED}
            ended = each.view("state").view("terminated")
            if not ended.text("containerID").startswith(RUNTIME):
                continue
            if (ended.integer("exitCode") or 0) not in codes:
                return f"{each.text('name')} cannot have ended with {ended.integer('exitCode')}"
    return ""
