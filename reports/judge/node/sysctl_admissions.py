"""Judge of `kubelet_sysctl` recordings: which kernel parameters a kubelet lets a pod set.

A line is `{"patterns", "sysctls", "hostNetwork", "hostIPC", "admit", "reason", "message"}`: what
the kubelet allows, and the names that a pod sets with the namespaces of the host that it uses.
Where the kubelet does not start with such patterns, it is `{"patterns", "error"}`.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, compare
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
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            line.needing("error" if line.has("error") else "admit")
            expected = {name: record[name] for name in _ANSWERS if name in record}
            given = {name: value for name, value in record.items() if name not in _ANSWERS}
            actual = _answer(line)
        kind = "allowlist" if line.has("error") else "admission"
        yield compare(kind, f"{path}:{number}", given, expected, actual)


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
