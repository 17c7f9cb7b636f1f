"""Judge of `raft.quorum`: the tables of etcd-io/raft's packages quorum and confchange.

A table of either package is recognised by its commands, case by case. The answers are printed
as those packages' tests print them and compared whole. Kinds: one for each command.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.judge.comparison import Comparison, compare
from planespec.reports.judge.datadriven import Case, read_cases
from planespec.reports.judge.raft.raft_quorum_changes import ChangeTable
from planespec.reports.judge.raft.raft_quorum_decisions import answer_decision

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
