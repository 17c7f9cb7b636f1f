"""Judge of `validation` recordings: what the API server says of pods that are created.

A line is `{"namespace": {...}, "limitranges": [...], "cases": [{"pod": {...}, "code": 422,
"message": "..."}]}`. Judged are the rules of validation, `validation`, and the Pod Security
Standards, `podSecurity`; what other plugins of admission refuse is left out. A line without cases
tells about the cluster.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.admission.limit_ranger import read_limit_range, set_container_defaults
from planespec.spec.labels.selector import join_errors
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.pod_security.standards import LEVELS, describe_faults
from planespec.spec.pods.pod_admission import default_pod_resources
from planespec.spec.validation.pod.pod_rules import list_pod_errors

_ENFORCED = "pod-security.kubernetes.io/enforce"
_INVALID, _VIOLATES = " is invalid: ", " violates PodSecurity "
_CREATED, _REFUSED = 201, 422


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each case that is ours; InputError where it is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            ranges = line.views("limitranges")
            level = _read_level(line)
            cases = [(case, *_answer(case, ranges, level)) for case in line.views("cases")]
        for case, kind, expected, actual in cases:
            if kind:
                yield compare(kind, f"{path}:{number}", case.data.get("pod"), expected, actual)


def _read_level(line: View) -> str:
    meta = ObjectMeta(line.view("namespace").data, "namespace")
    level = meta.labels.get(_ENFORCED, "privileged")
    return level if level in LEVELS else "restricted"


def _answer(case: View, ranges: list[View], level: str) -> tuple[str, str, str]:
    """Return the kind, empty where others answer, the recorded answer and ours."""
    code, message = case.integer("code"), case.text("message")
    pod = Pod(case.view("pod").data)
    if code in (_CREATED, _REFUSED):
        errors = [str(each) for each in list_pod_errors(_fill_in_limits(pod, ranges).data)]
        ours = join_errors(errors) if errors else ""
        if code == _CREATED and not ours:
            return (
                "podSecurity" if level != "privileged" else "validation",
                "",
                describe_faults(pod, level),
            )
        said = message.partition(_INVALID)[2]
        return "validation", said, said if _says_the_same(errors, said) else ours
    said = message.partition(_VIOLATES)[2]
    if not said:
        return "", "", ""
    return "podSecurity", said.partition(": ")[2], describe_faults(pod, level)


def _fill_in_limits(pod: Pod, ranges: list[View]) -> Pod:
    pod = default_pod_resources(pod)
    for each in ranges:
        pod = set_container_defaults(pod, read_limit_range(each.data))
    return pod


def _says_the_same(errors: list[str], said: str) -> bool:
    """Say whether a message tells these errors: upstream's order is that of its maps."""
    return all(error in said for error in errors) and len(join_errors(errors or [""])) == len(said)
