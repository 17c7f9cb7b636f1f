"""Judge of `kubelet_admit` recordings: does a kubelet take a pod, and why not.

A line is `{"node", "freshLabels", "otherPods", "pod", "result"}`: the node as the kubelet has it,
its labels at the API server (all else is the same there), the pods on it, the new pod, and
`{"admit", "reason", "message", "allReasons", "freshNodeFetched"}`. Nothing was done about
failures, also not for critical pods. `allReasons` is null where no predicate failed or none was
asked.

Upstream looks at resources other than cpu, memory, storage and pods in the random order of a map:
where several run short, any order of theirs agrees, with reason and message of the first.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.admission_failures import AdmissionFailure, InsufficientResource
from planespec.spec.node.predicate_admission import Admission, admit_pod, with_labels
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import View
from planespec.spec.scheduling.amounts import is_scalar_resource_name


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    result = line.needing("node", "freshLabels", "pod", "result").view("result")
    actual = _print(_admit(line), result.texts("allReasons"))
    given, _ = part_answers(line.data, ("result",))
    yield compare("admission", where, given, dict(result.data), actual)


def _admit(line: View) -> Admission:
    node = Node(line.data["node"], "node")
    fresh = with_labels(node, line.text_map("freshLabels"))
    others = [Pod(view.data, view.field) for view in line.views("otherPods")]
    return admit_pod(Pod(line.data["pod"], "pod"), node, others, lambda: fresh)


def _print(admission: Admission, recorded: Sequence[str]) -> dict[str, object]:
    failures = _order(admission.failures, recorded)
    return {
        "admit": admission.is_admitted,
        "reason": failures[0].reason if failures else admission.reason,
        "message": failures[0].message if failures else admission.message,
        "allReasons": [failure.description for failure in failures] or None,
        "freshNodeFetched": admission.has_refetched,
    }


def _order(
    failures: Sequence[AdmissionFailure], recorded: Sequence[str]
) -> list[AdmissionFailure]:
    """Put those whose order is left open into the order of the recording, at the same places."""
    places = [index for index, each in enumerate(failures) if _is_open(each)]
    ordered = list(failures)
    ranked = sorted((failures[place] for place in places), key=lambda f: _rank(f, recorded))
    for place, failure in zip(places, ranked, strict=True):
        ordered[place] = failure
    return ordered


def _is_open(failure: AdmissionFailure) -> bool:
    return isinstance(failure, InsufficientResource) and is_scalar_resource_name(failure.resource)


def _rank(failure: AdmissionFailure, recorded: Sequence[str]) -> int:
    description = failure.description
    return recorded.index(description) if description in recorded else len(recorded)
