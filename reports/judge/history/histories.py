"""Judge of `history`: concurrent histories of registers, key-value stores and etcd.

The first letters tell the form: JSON is a history of etcd (`etcd.history`), the others are
those of Jepsen and Porcupine. Kinds: `register` and `key-value`, one case for each key.
"""

from collections.abc import Hashable, Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Operation, Result, Verdict, check
from planespec.reports.input.lines import read_lines
from planespec.reports.judge.history import etcd_history
from planespec.reports.judge.history.history_form import read_events
from planespec.reports.judge.history.history_operations import (
    Answer,
    Compared,
    Part,
    Request,
    make_model,
    make_parts,
    pair,
)
from planespec.reports.judge.runner import Comparison, Explanation, UndecidedError

_Found = Result[Hashable, Request, Answer]


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each key: is there an order that explains its operations?

    Raises InputError for what is no history, UndecidedError where a limit ends the search.
    """
    # A pipe can be read only once.
    lines = [] if path.is_dir() else list(read_lines(path))
    if path.is_dir() or _is_json(lines):
        yield from etcd_history.judge(path)
        return
    events = list(read_events(path, lines))
    if not events:
        raise InputError("holds no operation of a client", file=path)
    kind, paired = pair(path, events)
    for key, part in make_parts(path, kind, paired).items():
        yield _judge_part(path, kind, key, part)


def _is_json(lines: list[tuple[int, str]]) -> bool:
    text = next((text.strip() for _, text in lines if text.strip()), "")
    return text == "{" or text.removeprefix("{").lstrip().startswith('"')


def _judge_part(path: Path, kind: str, key: Hashable, part: Part) -> Comparison:
    result = check(make_model(kind, part), part)
    if result.verdict is Verdict.UNKNOWN:
        raise UndecidedError(f"{path}: not decided: {result.reason}")
    given: dict[str, object] = {"operations": len(part), "explained": len(result.order)}
    given |= {"key": _print(key)} if key is not None else {}
    if result.verdict is Verdict.OK:
        return Comparison(kind, str(path), given, [], [], agrees=True)
    actual = [
        {"operation": _describe(each.operation), "answer there": _print_answer(each.answer)}
        for each in result.blocked
    ]
    line = min(each.operation.input.line for each in result.blocked)
    explanation = _explain(result, len(part))
    return Comparison(kind, f"{path}:{line}", given, [], actual, False, explanation)


def _explain(result: _Found, count: int) -> Explanation:
    order = [_describe(operation) for operation in result.order]
    head = f"longest order found: {len(order)} of {count} operations; it leaves"
    return Explanation(
        (f"{head} {_print(result.state)}",),
        tuple(f"  {each}" for each in order),
        {"order": order, "state": _print(result.state)},
    )


def _describe(operation: Operation[Request, Answer]) -> str:
    request = operation.input
    shown = "" if operation.output is None else _print_answer(operation.output)
    answer = f" -> {shown}" if shown else ""
    unknown = " (outcome unknown)" if operation.is_unknown else ""
    return f"line {request.line}: process {operation.client} {request}{answer}{unknown}"


def _print_answer(answer: Answer) -> str:
    return "".join(map(_print, answer))


def _print(value: Hashable) -> str:
    if isinstance(value, Compared):
        return value.value
    if isinstance(value, tuple):
        return f"[{' '.join(map(_print, value))}]"
    return "nil" if value is None else repr(value)
