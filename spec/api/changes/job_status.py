"""What a status of a Job may say, and how it may change.

A rule looks only at what an update changes, so that what was stored before it stays.
Source: `pkg/registry/batch/job/strategy.go` (getStatusValidationOptions),
`pkg/apis/batch/validation/validation.go` (ValidateJobUpdateStatus), v1.36.
"""

from collections.abc import Iterable, Iterator, Sequence

from planespec.spec.api.meta_updates import validate_core_meta_change
from planespec.spec.api.strategies import Json
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    FieldError,
    duplicate,
    invalid,
    positive_or_zero,
    required,
)

_COMPLETE, _FAILED = "Complete", "Failed"
_TARGET, _MET, _SUSPENDED = "FailureTarget", "SuccessCriteriaMet", "Suspended"
_PATH = "status.conditions"


def _refuse(words: str) -> FieldError:
    """Conditions are refused without being repeated."""
    return FieldError(_PATH, f"Invalid value: {words}")


class _Change:
    """A status, the one before, and what differs."""

    def __init__(self, data: Json, old: Json) -> None:
        self.spec = View(data).view("spec")
        self.new, self.old = View(data, "").view("status"), View(old).view("status")
        names = (_COMPLETE, _FAILED, _TARGET, _MET)
        self.is_true = {name: _is_true(self.new, name) for name in names}
        self.was_true = {name: _is_true(self.old, name) for name in self.is_true}
        self.is_finished = self.is_true[_COMPLETE] or self.is_true[_FAILED]
        self.was_finished = self.was_true[_COMPLETE] or self.was_true[_FAILED]

    def differs(self, *names: str) -> bool:
        """Say whether one of the fields changed, or the condition of that name."""
        return any(
            self.is_true[name] != self.was_true[name]
            if name in self.is_true
            else self._find(self.new, name) != self._find(self.old, name)
            for name in names
        )

    @staticmethod
    def _find(status: View, name: str) -> object:
        """No failed indexes are not the same as none that could be; the rest may be left out."""
        return status.data.get(name) if name == "failedIndexes" else status.data.get(name) or 0

    def ends(self, *names: str) -> bool:
        """Say whether the Job has now finished, or one of the fields changed."""
        return self.is_finished != self.was_finished or self.differs(*names)


def _is_true(status: View, name: str, wanted: str = "True") -> bool:
    return any(
        each.text("type") == name and each.text("status") == wanted
        for each in status.views("conditions")
    )


def validate_job_status(data: Json, old: Json) -> Errors:
    """Hold a new status to the rules, and the change from the old one."""
    yield from validate_core_meta_change(data, old)
    change = _Change(data, old)
    yield from _validate_counts(change)
    yield from _validate_times(change)
    yield from _validate_end(change)
    yield from _validate_indexes(change)
    yield from _validate_pods(change)
    yield from _validate_success(change)
    yield from _validate_way(change)


def _validate_counts(change: _Change) -> Errors:
    status = change.new
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        yield from positive_or_zero(f"status.{name}", status.integer(name))
    seen: set[str] = set()
    for name in ("succeeded", "failed"):
        for index, uid in enumerate(status.view("uncountedTerminatedPods").texts(name)):
            path = f"status.uncountedTerminatedPods.{name}[{index}]"
            if not uid:
                yield invalid(path, uid, "must not be empty")
            elif uid in seen:
                yield duplicate(path, uid)
            seen.add(uid)


def _validate_times(change: _Change) -> Errors:
    """Conditions that exclude each other, and the time of completion."""
    status, is_true = change.new, change.is_true
    path, completed = "status.completionTime", change.new.text("completionTime")
    if change.differs(_COMPLETE, _FAILED) and is_true[_COMPLETE] and is_true[_FAILED]:
        yield _refuse("cannot set Complete=True and Failed=true conditions")
    if change.differs(_COMPLETE, _TARGET) and is_true[_COMPLETE] and is_true[_TARGET]:
        yield _refuse("cannot set Complete=True and FailureTarget=true conditions")
    if change.differs(_COMPLETE, "completionTime"):
        if completed and not is_true[_COMPLETE]:
            words = "cannot set completionTime when there is no Complete=True condition"
            yield invalid(path, completed, words)
        if not completed and is_true[_COMPLETE]:
            yield required(path, "completionTime is required for Complete jobs")
    is_moved = change.differs("startTime", "completionTime") and bool(completed)
    if is_moved and completed < status.text("startTime"):
        yield invalid(path, completed, "completionTime cannot be set before startTime")
    if change.differs(_FAILED, "failedIndexes") and is_true[_FAILED] and not is_true[_TARGET]:
        yield _refuse("cannot set Failed=True condition without the FailureTarget=true condition")
    if change.differs(_COMPLETE, _MET) and is_true[_COMPLETE] and not is_true[_MET]:
        words = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        yield _refuse(words)


def _validate_end(change: _Change) -> Errors:
    """What a finished Job does not have."""
    status = change.new
    active = status.integer("active") or 0
    if not change.is_finished:
        return
    if change.ends("active") and active > 0:
        yield invalid("status.active", active, "active>0 is invalid for finished job")
    has_no_parts = change.spec.flag("suspend") and change.spec.integer("completions") == 0
    if change.ends("startTime") and not status.text("startTime") and not has_no_parts:
        yield required("status.startTime", "startTime is required for finished job")
    pods = status.view("uncountedTerminatedPods")
    is_waiting = bool(pods.items("succeeded") or pods.items("failed"))
    if change.ends("uncountedTerminatedPods") and is_waiting:
        shown = {"Succeeded": pods.data.get("succeeded"), "Failed": pods.data.get("failed")}
        words = "uncountedTerminatedPods needs to be empty for finished job"
        yield invalid("status.uncountedTerminatedPods", shown, words)


def _validate_indexes(change: _Change) -> Errors:
    status, spec = change.new, change.spec
    done, failed = status.text("completedIndexes"), status.text("failedIndexes")
    has_done = change.differs("completedIndexes")
    has_failed = change.differs("failedIndexes") and status.has("failedIndexes")
    total, is_indexed = spec.integer("completions"), spec.text("completionMode") == "Indexed"
    if has_done and total is not None:
        yield from _check_indexes("completedIndexes", done, total)
    if has_failed and total is not None and spec.has("backoffLimitPerIndex"):
        yield from _check_indexes("failedIndexes", failed, total)
    if has_done and done and not is_indexed:
        words = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield invalid("status.completedIndexes", done, words)
    if has_failed and not spec.has("backoffLimitPerIndex"):
        words = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield invalid("status.failedIndexes", failed, words)
    both = [set(_list_indexes(each, total or 0)) for each in (done, failed)]
    if (has_done or has_failed) and both[0] & both[1]:
        first = min(both[0] & both[1])
        words = f"failedIndexes and completedIndexes overlap at index: {first}"
        yield invalid("status.failedIndexes", failed, words)


def _check_indexes(name: str, text: str, total: int) -> Errors:
    why = find_index_fault(text, total)
    if why:
        yield invalid(f"status.{name}", text, f"error parsing {name}: {why}")


def find_index_fault(text: str, total: int) -> str:
    """Say what is wrong with indexes such as 0,2-4. Source: validateIndexesFormat."""
    last: int | None = None
    for part in text.split(",") if text else ():
        limits = part.split("-")
        if len(limits) > 2:
            words = "violates the requirement that an index interval can have at most two parts"
            return f"Fragment \"{part}\" {words} separated by '-'"
        numbers: list[int] = []
        for each in limits:
            if not each.isascii() or not each.isdigit():
                return f'cannot convert string to integer for index: "{each}"'
            if int(each) >= total:
                return f'too large index: "{each}"'
            numbers.append(int(each))
        if last is not None and last >= numbers[0]:
            return f"non-increasing order, previous: {last}, current: {numbers[0]}"
        if len(numbers) > 1 and numbers[0] >= numbers[1]:
            return f"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}"
        last = numbers[-1]
    return ""


def _list_indexes(text: str, total: int) -> Iterator[int]:
    for part in text.split(",") if text and not find_index_fault(text, total) else ():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _validate_pods(change: _Change) -> Errors:
    status = change.new
    terminating, ready = status.integer("terminating") or 0, status.integer("ready") or 0
    if change.ends("terminating") and change.is_finished and terminating > 0:
        words = "terminating>0 is invalid for finished job"
        yield invalid("status.terminating", terminating, words)
    if change.differs("ready", "active") and ready > (status.integer("active") or 0):
        yield invalid("status.ready", ready, "cannot set more ready pods than active")


def _validate_success(change: _Change) -> Errors:
    is_true = change.is_true
    if not is_true[_MET]:
        if change.spec.has("successPolicy") and is_true[_COMPLETE]:
            words = "cannot set Complete=True for Job with SuccessPolicy unless"
            yield _refuse(f"{words} SuccessCriteriaMet=True")
        return
    if is_true[_FAILED]:
        yield _refuse("cannot set SuccessCriteriaMet=True and Failed=true conditions")
    if is_true[_TARGET]:
        yield _refuse("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")


def _validate_way(change: _Change) -> Errors:
    """What does not come back. Source: ValidateJobUpdateStatus."""
    status, old = change.new, change.old
    for name in (_FAILED, _COMPLETE, _TARGET):
        if change.was_true[name] and not change.is_true[name]:
            yield _refuse(f"cannot disable the terminal {name}=True condition")
    yield from _validate_counters(change, _list_counters(change))
    completed, before = status.text("completionTime"), old.text("completionTime")
    if completed and before and completed != before:
        yield invalid("status.completionTime", completed, "completionTime cannot be mutated")
    started = old.text("startTime")
    is_resumed = _is_true(old, _SUSPENDED) and _is_true(status, _SUSPENDED, "False")
    is_running = not change.spec.flag("suspend") and not is_resumed
    if started and status.text("startTime") != started and is_running:
        yield required("status.startTime", "startTime cannot be removed for unsuspended job")
    if change.was_true[_MET] and not change.is_true[_MET]:
        yield _refuse("cannot disable the SuccessCriteriaMet=True condition")
    is_met_late = change.is_true[_MET] and not change.was_true[_MET]
    if change.was_true[_COMPLETE] and is_met_late:
        words = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        yield _refuse(words)


def _list_counters(change: _Change) -> Sequence[str]:
    """A Job whose parts are as many as its workers may be scaled down."""
    spec = change.spec
    is_elastic = spec.text("completionMode") == "Indexed"
    is_elastic &= spec.integer("completions") == spec.integer("parallelism")
    return ("failed",) if is_elastic else ("failed", "succeeded")


def _validate_counters(change: _Change, names: Iterable[str]) -> Errors:
    for name in names:
        value, before = change.new.integer(name) or 0, change.old.integer(name) or 0
        if value < before:
            yield invalid(f"status.{name}", value, f"cannot decrease the {name} counter")
