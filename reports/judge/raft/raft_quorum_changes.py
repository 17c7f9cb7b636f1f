"""Answers to `simple`, `enter-joint` and `leave-joint`: the membership after each change.

The input is a list of `v1` (voter), `l1` (learner), `r1` (remove), `u1` (update). The answer is
the configuration and each member's progress, or the refusal. The leader's log grows by one
entry with every case, refused or not, which shows in where a newcomer's progress begins.
Source: etcd-io/raft confchange/datadriven_test.go, tracker String methods.
"""

from planespec.reports.judge.datadriven import Case
from planespec.spec.raft.confchange import (
    ChangeKind,
    ChangeRefusedError,
    Configuration,
    Membership,
    SingleChange,
    change_simply,
    enter_joint,
    leave_joint,
)
from planespec.spec.raft.follower_progress import Progress, is_paused, is_window_full

MAX_INFLIGHT = 10
LARGEST_NODE = 2**64 - 1
TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")


class UnreadableChangeError(Exception):
    """A change that the tables' own reader refuses; the message is its printed answer."""


class ChangeTable:
    """The membership that the cases of one table change in turn, from an empty one."""

    def __init__(self) -> None:
        self._members = Membership()
        self._last_index = 0

    def answer(self, case: Case) -> str:
        """Carry out one case and return what it prints; ValueError for a bad argument."""
        auto_leave = _parse_auto_leave(case)
        try:
            self._members = self._change(case, parse_changes(case.input), auto_leave)
            return print_membership(self._members)
        except (ChangeRefusedError, UnreadableChangeError) as refusal:
            return f"{refusal}\n"
        finally:
            self._last_index += 1

    def _change(self, case: Case, changes: list[SingleChange], auto_leave: bool) -> Membership:
        if case.command == "leave-joint":
            if changes:
                raise UnreadableChangeError("this command takes no input")
            return leave_joint(self._members)
        last, window = self._last_index, MAX_INFLIGHT
        if case.command == "simple":
            return change_simply(self._members, changes, last_index=last, max_inflight=window)
        return enter_joint(
            self._members, changes, auto_leave=auto_leave, last_index=last, max_inflight=window
        )


def parse_changes(text: str) -> list[SingleChange]:
    """Read `v1 l2 r3 u4`; UnreadableChangeError carries the reader's printed answer."""
    return [_parse_change(token) for token in text.strip().split(" ")] if text.strip() else []


def _parse_change(token: str) -> SingleChange:
    if len(token.encode()) < 2:
        raise UnreadableChangeError(f"unknown token {token}")
    if token[0] not in list(ChangeKind):
        raise UnreadableChangeError(f"unknown input: {token}")
    digits = token[1:]
    refused = f"strconv.ParseUint: parsing {_quote(digits)}"
    if not (digits.isascii() and digits.isdigit()):
        raise UnreadableChangeError(f"{refused}: invalid syntax")
    if len(digits.lstrip("0")) > 20 or int(digits) > LARGEST_NODE:
        raise UnreadableChangeError(f"{refused}: value out of range")
    return SingleChange(ChangeKind(token[0]), int(digits))


def _quote(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def _parse_auto_leave(case: Case) -> bool:
    if case.command != "enter-joint" or not case.arguments:
        return False
    values = [value for a in case.arguments if a.key == "autoleave" for value in a.values]
    if len(values) != 1 or values[0] not in TRUE + FALSE:
        raise ValueError("enter-joint takes one argument, autoleave=true or autoleave=false")
    return values[0] in TRUE


def print_membership(members: Membership) -> str:
    """Print the configuration on one line and each member's progress on one more."""
    lines = [print_configuration(members.configuration)]
    lines += [
        f"{node}: {print_progress(members.progress[node])}" for node in sorted(members.progress)
    ]
    return "".join(f"{line}\n" for line in lines)


def print_configuration(configuration: Configuration) -> str:
    """Print `voters=(1 2)&&(1) learners=(3) learners_next=(2) autoleave`, empty parts left out."""
    voters = _print_nodes(configuration.voters)
    if configuration.outgoing:
        voters += f"&&{_print_nodes(configuration.outgoing)}"
    parts = [f"voters={voters}"]
    if configuration.learners:
        parts.append(f"learners={_print_nodes(configuration.learners)}")
    if configuration.learners_next:
        parts.append(f"learners_next={_print_nodes(configuration.learners_next)}")
    if configuration.auto_leave:
        parts.append("autoleave")
    return " ".join(parts)


def print_progress(progress: Progress) -> str:
    """Print `StateProbe match=0 next=1` and what else is not as in a new progress."""
    parts = [f"{progress.state} match={progress.match} next={progress.next}"]
    if progress.is_learner:
        parts.append("learner")
    if is_paused(progress):
        parts.append("paused")
    if progress.pending_snapshot:
        parts.append(f"pendingSnap={progress.pending_snapshot}")
    if not progress.recent_active:
        parts.append("inactive")
    if progress.inflights:
        full = "[full]" if is_window_full(progress) else ""
        parts.append(f"inflight={len(progress.inflights)}{full}")
    return " ".join(parts)


def _print_nodes(nodes: frozenset[int]) -> str:
    return f"({' '.join(map(str, sorted(nodes)))})"
