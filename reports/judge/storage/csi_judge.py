"""Judge of `csi` recordings: calls to the CSI host path driver, one after the other.

A line is `{"flags", "steps": [{"call", "request", "code", "message", "response", "driverCrashed",
"state": {"driver", "mounts"}}]}`; each step is a case, counted by call. `Restart` kills the driver
and starts it again. Ids are symbols in the order in which they are seen.

What the line does not decide is accepted as it is recorded: which of several kinds of storage with
room a volume is given (that of the state), in which order bad parameters are named, the host's own
numbers in `usage` (they must be there), and at which id the clock in the driver's UUIDs began anew
(at one of them at the most, and the same for the whole line).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.storage.hostpath_config import FlagError, read_flags
from planespec.spec.storage.hostpath_driver import CALLS, Answer, call_driver
from planespec.spec.storage.hostpath_host import Host, Identities

_ANSWERS = ("code", "message", "response", "driverCrashed", "state")
_NUMBER = re.compile(r"[1-9][0-9]*")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each call; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> list[Comparison]:
    found, host = _judge_order(where, line, None)
    if all(each.agrees for each in found):
        return found
    for wrapped in range(1, len(host.ids.ages)):
        other, _ = _judge_order(where, line, wrapped)
        if all(each.agrees for each in other):
            return other
    return found


def _judge_order(where: str, line: View, wrapped: int | None) -> tuple[list[Comparison], Host]:
    line.needing("flags", "steps")
    try:
        host = Host(read_flags(line.texts("flags")), Identities(wrapped))
    except FlagError as error:
        raise ObjectError(line.path("flags"), str(error)) from error
    return [_judge_step(where, step, host) for step in line.views("steps")], host


def _judge_step(where: str, step: View, host: Host) -> Comparison:
    name = step.needing("call", "code", "state").text("call")
    if name not in CALLS and name != "Restart":
        raise ObjectError(step.path("call"), f"not a call that is judged: {name!r}")
    host.choose_kind = lambda kinds: _read_kind(step, kinds)
    if name == "Restart":
        host.records.restart()
        answer = Answer("OK")
    else:
        answer = call_driver(host, name, step.view("request"))
    given, expected = part_answers(step.data, _ANSWERS)
    return compare(name, where, given, expected, _tell(answer, host, step, name))


def _read_kind(step: View, kinds: list[str]) -> str:
    """Return the kind of the last volume after the step, if it is one of those with room."""
    volumes = step.view("state").view("driver").views("Volumes")
    recorded = volumes[-1].text("Kind") if volumes else ""
    return recorded if recorded in kinds else kinds[0]


def _tell(answer: Answer, host: Host, step: View, name: str) -> dict[str, object]:
    """Return an answer and the state after it in the form of the recording."""
    told: dict[str, object] = {"code": answer.code}
    if answer.message:
        told["message"] = _order_names(answer.message, step.text("message"))
    if answer.response is not None:
        told["response"] = answer.response
        if name == "NodeGetVolumeStats":
            told["response"] = {**answer.response, "usage": _read_usage(step)}
    if answer.panic:
        told["driverCrashed"] = f"panic: {answer.panic}"
    mounts = [[path, mount.mode] for path, mount in sorted(host.mounts.items())]
    told["state"] = {"driver": host.records.to_json(), "mounts": mounts}
    return told


def _order_names(message: str, recorded: str) -> str:
    """Return a message that names bad parameters with them in the recorded order, if they are."""
    start = "invalid parameters: ["
    ours, theirs = (
        text.removeprefix(start).rstrip("]").split(" ") for text in (message, recorded)
    )
    both = message.startswith(start) and recorded.startswith(start)
    return recorded if both and sorted(ours) == sorted(theirs) else message


def _read_usage(step: View) -> object:
    """Return the recorded usage if it is one of bytes and inodes, else what it should be."""
    usage = step.view("response").views("usage")
    if [each.text("unit") for each in usage] == ["BYTES", "INODES"] and all(
        _is_count(value) for each in usage for value in _numbers(each).values()
    ):
        return [each.data for each in usage]
    return "bytes and inodes"


def _numbers(usage: View) -> Mapping[str, object]:
    return {name: value for name, value in usage.data.items() if name != "unit"}


def _is_count(value: object) -> bool:
    return isinstance(value, str) and bool(_NUMBER.fullmatch(value))
