"""Which write made which version: each version has one, and each accepted write made one.

Writes of one object are taken in the order in which they came in, and a version has the first
that makes it. A write that changes nothing makes none. The order of revisions is that of time:
what was asked for after the answer to another write is not older.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.version_history import ClusterHistory
from planespec.reports.judge.control_plane.write_effects import find_fault, list_outcomes, shape
from planespec.reports.judge.versions.api_requests import ApiRequest
from planespec.reports.judge.versions.object_versions import Key, Version

Json = dict[str, Any]
_CLOCKS = 0.02
"""Seconds by which the clocks of the watches and of the audit log may differ."""
_MOST_UNSEEN = 8
"""How many writes of one object may fall into a gap of a watch."""


class Makers:
    """Finds the makers of all versions of a recording, and what is wrong with them."""

    def __init__(self, history: ClusterHistory, writes: list[Write], end: float) -> None:
        """Look at every version in the order of revisions; `end` is when the watches ended."""
        self.history = history
        self.faults: dict[Version, str] = {}
        self.idle: dict[Write, str] = {}
        """Accepted writes that made nothing, and why they should have."""
        self._since = 0.0
        self._named: dict[Key, list[ApiRequest]] = defaultdict(list)
        for write in sorted(writes, key=lambda each: each.received):
            if write.may_be_done and write.kind in history.kinds:
                self._named[write.about].append(write)
        self._nodes = [each.data for life in history.list_lives("Node") for each in life.versions]
        for version in history.ordered:
            if version.type != "INITIAL" or version.is_relisted:
                self._find(version)
        history.bound_times()
        for write in writes:
            is_done = write.is_accepted and not write.is_read and write.done <= end
            if is_done and not write.made:
                fault = self._judge_idle(write)
                if fault:
                    self.idle[write] = fault

    def _find(self, version: Version) -> None:
        before = version.before if version.before and not version.before.is_gone else None
        fault, late = "", []
        for write in self._list_candidates(version):
            if self._find_late(write, version):
                late.append(write)
                continue
            found = find_fault(write, before, version, self._nodes)
            if not found:
                version.maker = write
                write.made.append(version)
                self._since = max(self._since, write.received)
                return
            fault = fault or f"{write} {found}"
        for write in late:
            if not find_fault(write, before, version, self._nodes):
                fault = f"{write} {self._find_late(write, version)}"
        fault = fault or "nobody wrote it"
        if not (version.is_relisted and before and self._take_several(before, version)):
            self.faults[version] = fault

    def _take_several(self, before: Version, after: Version) -> bool:
        """Whether writes one after the other lead to a version that a new list told."""
        left = [each for each in self._named[after.key] if not each.made]
        data = before.data
        for index, write in enumerate(left[:_MOST_UNSEEN]):
            first = next(list_outcomes(write, data, self._nodes), None)
            if first is None:
                continue
            data = copy.deepcopy(first[0])
            data["metadata"]["resourceVersion"] = (
                str(left[index + 1].revision)
                if (index + 1 < len(left) and left[index + 1].revision)
                else ""
            )
            if first[1] == after.is_gone and shape(data) == shape(after.data):
                after.maker = write
                for each in left[: index + 1]:
                    each.made.append(after)
                return True
        return False

    def _list_candidates(self, version: Version) -> Iterator[ApiRequest]:
        before = version.before
        last = before.maker if before is not None else None
        if last is not None and self._goes_on(last, version):
            yield last
        keys = [version.key] + ([] if before is not None else [replace(version.key, name="")])
        for key in keys:
            left = [each for each in self._named.get(key, ()) if not each.made]
            if not key.name:  # many are alike: the one that ended first made the first
                left.sort(key=lambda each: each.done)
            yield from left

    def _find_late(self, write: ApiRequest, version: Version) -> str:
        """Why a write did not come at the time of a version."""
        if write.done < self._since:
            return "was answered before an older version was asked for"
        return "came when it was there" if write.received > version.told + _CLOCKS else ""

    def _goes_on(self, write: ApiRequest, version: Version) -> bool:
        """Whether a write may make this version, too, after the one before it."""
        return write.verb == "delete" or write.resource == "pods/eviction"

    def _judge_idle(self, write: Write) -> str:
        """Why an accepted write that made no version should have made one."""
        if write.kind not in self.history.kinds:
            return "" if write.kind == "PriorityClass" else "nothing of its kind was watched"
        if write.verb == "create" and "/" not in write.resource:
            return "what it made was not seen"
        lives = self.history.by_key.get(write.about, ())
        if not lives:
            return "its object was not seen"
        if any(self._changes_nothing(write, each) for life in lives for each in life.versions):
            return ""
        return "what it changed was not seen"

    def _changes_nothing(self, write: Write, version: Version) -> bool:
        """Whether a version that was there meanwhile is what the write asked for."""
        if not version.may_be_last(write.received, write.done):
            return False
        is_ending, own = bool(version.meta.get("deletionTimestamp")), shape(version.data)
        if write.resource == "pods/eviction":
            return is_ending
        goes = version.after is not None and version.after.is_gone
        outcomes = [
            shape(each) == own and (goes or not is_gone)
            for each, is_gone in list_outcomes(write, version.data, [])
        ]
        if write.verb == "delete":
            return is_ending and all(outcomes)
        return any(outcomes)
