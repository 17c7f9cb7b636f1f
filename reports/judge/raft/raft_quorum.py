"""Judge of `raft.quorum`: the tables of etcd-io/raft's packages quorum and confchange.

A table of either package is recognised by its commands, case by case. The answers are printed
as those packages' tests print them and compared whole. Kinds: one for each command.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.judge.datadriven import Argument, Case, read_cases
from planespec.reports.judge.raft.raft_quorum_changes import ChangeTable
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.raft.quorum import (
    UNBOUNDED_INDEX,
    compute_joint_commit,
    compute_joint_vote,
    compute_majority_commit,
    compute_majority_vote,
)

DECISIONS = ("committed", "vote")
CHANGES = ("simple", "enter-joint", "leave-joint")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each case of the table at `path`.

    Membership changes build on each other from the top of the file; a refused one changes
    nothing. Raises InputError for a command or an argument that the tables do not have.
    """
    table = ChangeTable()
    for case in read_cases(path):
        try:
            answer = _answer(case, table)
        except ValueError as error:
            raise InputError(str(error), file=path, line=case.line, text=case.directive) from error
        yield compare(
            case.command,
            f"{path}:{case.line}",
            {"directive": case.directive, "input": case.input},
            case.expected.splitlines(),
            answer.splitlines(),
        )


def _answer(case: Case, table: ChangeTable) -> str:
    if case.command in DECISIONS:
        return answer_decision(case)
    if case.command in CHANGES:
        return table.answer(case)
    known = ", ".join(DECISIONS + CHANGES)
    raise ValueError(f"unknown command {case.command!r}; known: {known}")


# Answers to `committed` and `vote`: the decision of a majority or joint quorum, as printed.
#
# `cfg` and `cfgj` name the voters of the two halves (`cfgj=zero` asks for a joint quorum with an
# empty half), `idx` and `votes` give one value for each voter in the order of first mention, `_`
# for a voter that has not answered. Beside the answer, the table's checks are made on every case,
# and each that fails prints a line of its own, so that a case agrees only when all of them hold.
# Source: etcd-io/raft quorum/datadriven_test.go and majority.go (Describe).


UNANSWERED = "_"
VOTES = {"n": 1, "y": 2, UNANSWERED: 0}
"""The numbers by which the tables' own test keeps votes; they appear in its complaint."""


@dataclass(frozen=True, slots=True)
class Question:
    """The arguments of one case; values of 0 stand for voters that have not answered."""

    incoming: tuple[int, ...]
    outgoing: tuple[int, ...]
    is_joint: bool
    indexes: tuple[int, ...]
    votes: tuple[int, ...]

    @property
    def voters(self) -> tuple[int, ...]:
        """The voters of both halves in the order of first mention."""
        return tuple(dict.fromkeys(self.incoming + self.outgoing))


def answer_decision(case: Case) -> str:
    """Return what the case prints; ValueError for an argument the tables do not have."""
    question = _parse(case.arguments)
    values = question.votes if case.command == "vote" else question.indexes
    if len(values) != len(question.voters):
        return _complain(question.voters, values)
    known = {voter: value for voter, value in zip(question.voters, values, strict=True) if value}
    if case.command == "vote":
        return "".join(_vote_lines(question, {voter: v == 2 for voter, v in known.items()}))
    voters = set(question.voters)
    return describe(voters, known) + "".join(_commit_lines(question, known))


def describe(voters: set[int], acknowledged: Mapping[int, int]) -> str:
    """Draw the acknowledged indexes as bars: the longer, the more voters are behind it."""
    if not voters:
        return "<empty majority quorum>"
    width = len(voters)
    indexes = {voter: acknowledged.get(voter, 0) for voter in voters}
    lines = [" " * width + "    idx\n"]
    for voter in sorted(voters):
        behind = sum(other < indexes[voter] for other in indexes.values())
        bar = "x" * behind + ">" if voter in acknowledged else "?"
        lines.append(f"{bar:<{width + 1}} {indexes[voter]:5d}    (id={voter})\n")
    return "".join(lines)


def _commit_lines(question: Question, known: Mapping[int, int]) -> Iterator[str]:
    incoming, outgoing = question.incoming, question.outgoing
    if question.is_joint:
        index = compute_joint_commit(incoming, outgoing, known)
        swapped = compute_joint_commit(outgoing, incoming, known)
        if swapped != index:
            yield f"{_print_index(swapped)} <-- via symmetry\n"
    else:
        index = compute_majority_commit(incoming, known)
        yield from _majority_checks(set(incoming), known, index)
    yield f"{_print_index(index)}\n"


def _majority_checks(voters: set[int], known: Mapping[int, int], index: int) -> Iterator[str]:
    others = {
        "alternative computation": compute_commit_by_support(voters, known),
        "zero-joint quorum": compute_joint_commit(voters, (), known),
        "self-joint quorum": compute_joint_commit(voters, voters, known),
    }
    for way, other in others.items():
        if other != index:
            yield f"{_print_index(other)} <-- via {way}\n"
    for voter in sorted(voters & known.keys()):
        if known[voter] < index:
            yield from _overlay_checks(voters, known, index, voter)


def _overlay_checks(
    voters: set[int], known: Mapping[int, int], index: int, voter: int
) -> Iterator[str]:
    """A voter below the committed index does not move it by falling further behind."""
    for lowered, label in ((known[voter] - 1, str(known[voter])), (0, "0")):
        other = compute_majority_commit(voters, {**known, voter: lowered})
        if other != index:
            yield f"{_print_index(other)} <-- overlaying {voter}->{label}"


def compute_commit_by_support(voters: set[int], known: Mapping[int, int]) -> int:
    """Return the committed index by asking of each index how many voters support it.

    The slow twin of compute_majority_commit. Source: quorum/quick_test.go.
    """
    if not voters:
        return UNBOUNDED_INDEX
    candidates = [known[voter] for voter in voters & known.keys()]
    supported = [
        index
        for index in candidates
        if 2 * sum(known.get(voter, -1) >= index for voter in voters) > len(voters)
    ]
    return max(supported, default=0)


def _vote_lines(question: Question, votes: Mapping[int, bool]) -> Iterator[str]:
    incoming, outgoing = question.incoming, question.outgoing
    if not question.is_joint:
        yield f"{compute_majority_vote(incoming, votes)}\n"
        return
    result = compute_joint_vote(incoming, outgoing, votes)
    swapped = compute_joint_vote(outgoing, incoming, votes)
    if swapped != result:
        yield f"{swapped} <-- via symmetry\n"
    yield f"{result}\n"


def _parse(arguments: tuple[Argument, ...]) -> Question:
    values: dict[str, list[str]] = {"cfg": [], "cfgj": [], "idx": [], "votes": []}
    for argument in arguments:
        if argument.values and argument.key not in values:
            raise ValueError(f"unknown argument {argument.key!r}; known: {', '.join(values)}")
        values.setdefault(argument.key, []).extend(argument.values)
    is_zero = values["cfgj"] == ["zero"]
    return Question(
        incoming=tuple(map(_parse_number, values["cfg"])),
        outgoing=() if is_zero else tuple(map(_parse_number, values["cfgj"])),
        is_joint=bool(values["cfgj"]),
        indexes=tuple(map(_parse_index, values["idx"])),
        votes=tuple(map(_parse_vote, values["votes"])),
    )


def _parse_number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= 20
    if not (is_number and int(text) <= UNBOUNDED_INDEX):
        raise ValueError(f"{text[:40]!r} is not a whole number of 64 bits")
    return int(text)


def _parse_index(text: str) -> int:
    if text == UNANSWERED:
        return 0
    index = _parse_number(text)
    if index == 0:
        raise ValueError("an index of 0 cannot be given; write _ for a voter without an answer")
    return index


def _parse_vote(text: str) -> int:
    if text not in VOTES:
        raise ValueError(f"unknown vote {text!r}; known: {', '.join(VOTES)}")
    return VOTES[text]


def _complain(voters: tuple[int, ...], values: tuple[int, ...]) -> str:
    members = " ".join(f"{voter}:{{}}" for voter in sorted(voters))
    given = " ".join(map(_print_index, values))
    return f"error: mismatched input (explicit or _) for voters map[{members}]: [{given}]\n"


def _print_index(index: int) -> str:
    return "∞" if index == UNBOUNDED_INDEX else str(index)
