"""Judge of `cri` and `cri_1_6`: sequences of calls to containerd, with its whole state after each.

A line is `{"seed", "runtime", "net", "steps"}`. Each step is one comparison: code, message, result
and state. Where steps have events, those of a line are one more, as one stream: they come late.

What a line leaves open: an address is any, but always the same of one sandbox and of no two that
are there; the bytes in use that a message names are any; whether a program with a handler for
SIGTERM only ends on SIGINT is asked both ways of a whole line. The recorder of `cri_1_6` found
shims of another release from some moment on, which 1.6 does not understand: from the first sandbox
that fails so, all do.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.reports.judge.runtime.cri_harness import Harness
from planespec.reports.judge.runtime.cri_stream import compare_events
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.runtime.cri_store import Version

_ANSWERS = frozenset(("code", "message", "result", "state", "events", "settled"))
_RELEASES = {"containerd v2.3.4": Version.V2_3, "containerd 1.6.20~ds1": Version.V1_6}
_USAGE = re.compile(r"usage: [0-9]+")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step and stream; InputError where it is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> list[Comparison]:
    found = _compare_line(where, line, ends_on_interrupt=True)
    if not all(each.agrees for each in found):
        other = _compare_line(where, line, ends_on_interrupt=False)
        found = other if all(each.agrees for each in other) else found
    return found


def _compare_line(where: str, line: View, *, ends_on_interrupt: bool) -> list[Comparison]:
    harness = Harness(_read_version(line), ends_on_interrupt=ends_on_interrupt)
    steps = line.needing("steps").views("steps")
    found = [_compare_step(where, harness, step) for step in steps]
    if any(step.has("events") for step in steps):
        found.append(compare_events(where, harness.store.told, steps))
    return found


def _read_version(line: View) -> Version:
    runtime = line.needing("runtime").text("runtime")
    if runtime not in _RELEASES:
        raise ObjectError(line.path("runtime"), f"must be one of {', '.join(_RELEASES)}")
    return _RELEASES[runtime]


def _compare_step(where: str, harness: Harness, step: View) -> Comparison:
    step.needing("step", "code", "state")
    given, recorded = part_answers(step.data, _ANSWERS)
    call = step.view("step")
    kind = call.needing("op").text("op")
    harness.foresee(step.text("message"), step.view("result").text("ip"))
    actual = harness.take(call)
    expected = {
        name: recorded[name] for name in actual.keys() | recorded.keys() if name in recorded
    }
    expected.pop("events", None)
    expected.pop("settled", None)
    return compare(kind, where, given, _blur(expected), actual)


def _blur(value: object) -> object:
    """Take out of messages what depends on the moment."""
    if isinstance(value, dict):
        return {key: _blur(each) for key, each in value.items()}
    return _USAGE.sub("usage: N", value) if isinstance(value, str) else value
