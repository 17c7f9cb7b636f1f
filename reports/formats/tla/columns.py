"""Formulas as trees, and their text: TLA+ reads the columns of bulleted lists."""

from collections.abc import Iterator
from dataclasses import dataclass

AND, OR, CUP = " /\\ ", " \\/ ", " \\cup "


@dataclass(frozen=True, slots=True)
class Text:
    """An expression; further lines are aligned to the first."""

    text: str


@dataclass(frozen=True, slots=True)
class Both:
    """A bulleted conjunction."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """`IF` with both branches."""

    condition: str
    then: "Node"
    orelse: "Node"


@dataclass(frozen=True, slots=True)
class Some:
    r"""`\E`: one successor for each value of the bound name."""

    binder: str
    body: "Node"


@dataclass(frozen=True, slots=True)
class Define:
    """`LET head == value IN body`; `recursive` is the declaration of a recursive operator."""

    head: str
    value: "Node"
    body: "Node"
    recursive: str = ""


Node = Text | Both | Branch | Some | Define


def lines(node: Node) -> list[str]:
    """The text of a formula; its first column is the one it must keep."""
    match node:
        case Text(text):
            return text.splitlines()
        case Both():
            return [line for part in _flat(node) for line in _after("/\\ ", lines(part))]
        case Branch(condition, then, orelse):
            head = [f"IF {condition}"]
            last = lines(orelse)
            if last[0].startswith("IF "):
                last = [f"ELSE {last[0]}", *last[1:]]
            else:
                last = _after("ELSE ", last)
            return [*head, *_after("THEN ", lines(then)), *last]
        case Some(binder, body):
            return [f"\\E {binder} :", *_after("  ", lines(body))]
        case Define():
            plain = _without_name(node)
            return _definitions(node) if plain is None else lines(plain)


def _without_name(node: Define) -> Node | None:
    """What a definition is for where its name is all of the body; else None."""
    if node.recursive or not isinstance(node.body, Text):
        return None
    if node.body.text == node.head:
        return node.value
    for operator in ("Become", "Start"):
        if node.body.text == f"{operator}({node.head})" and isinstance(node.value, Text):
            blank = "\n" + " " * (len(operator) + 1)
            return Text(f"{operator}({node.value.text})".replace("\n", blank))
    return None


def _flat(node: Both) -> Iterator[Node]:
    for part in node.parts:
        if isinstance(part, Both):
            yield from _flat(part)
        else:
            yield part


def _definitions(node: Node) -> list[str]:
    """Definitions that follow one another share one LET."""
    found: list[str] = []
    while isinstance(node, Define) and _without_name(node) is None:
        if node.recursive:
            found.append(f"RECURSIVE {node.recursive}")
        found += _after(f"{node.head} == ", lines(node.value))
        node = node.body
    return [*_after("LET ", found), *_after("IN  ", lines(node))]


def _after(prefix: str, block: list[str]) -> list[str]:
    blank = " " * len(prefix)
    return [(prefix if n == 0 else blank) + line for n, line in enumerate(block)]


def definition(head: str, body: Node) -> list[str]:
    """A definition of the module, its body on lines of its own unless it is short."""
    text = lines(body)
    if len(text) == 1 and len(head) + len(text[0]) < 90:
        return [f"{head} == {text[0]}"]
    return [f"{head} ==", *_after("    ", text)]


def comment(text: str) -> list[str]:
    r"""Lines of a `\*` comment."""
    plain = text.encode("ascii", "replace").decode("ascii")
    return [f"\\* {line}".rstrip() for line in plain.splitlines()]
