"""Judge of `kubelet_sysctl` recordings: which kernel parameters a kubelet lets a pod set.

A line is `{"patterns", "sysctls", "hostNetwork", "hostIPC", "admit", "reason", "message"}`: what
the kubelet allows, and the names that a pod sets with the namespaces of the host that it uses.
Where the kubelet does not start with such patterns, it is `{"patterns", "error"}`.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.sysctl_allowlist import (
    REASON,
    SysctlPatternError,
    find_forbidden_sysctl,
    make_allowlist,
)
from planespec.spec.objects.view import View

_ANSWERS = ("admit", "reason", "message", "error")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("error" if line.has("error") else "admit")
    kind = "allowlist" if line.has("error") else "admission"
    given, expected = part_answers(line.data, _ANSWERS)
    yield compare(kind, where, given, expected, _answer(line))


def _answer(line: View) -> dict[str, object]:
    try:
        allowlist = make_allowlist(line.texts("patterns"))
    except SysctlPatternError as error:
        return {"error": str(error)}
    message = find_forbidden_sysctl(
        allowlist,
        line.texts("sysctls"),
        host_network=line.flag("hostNetwork"),
        host_ipc=line.flag("hostIPC"),
    )
    return {"admit": not message, "reason": REASON if message else "", "message": message}
