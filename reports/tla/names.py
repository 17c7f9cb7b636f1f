"""Identifiers: TLA+ refuses a name that is declared twice in one scope, bound names included."""

import re
from collections.abc import Iterable

RESERVED = frozenset({
    "ASSUME", "ASSUMPTION", "AXIOM", "BOOLEAN", "CASE", "CHOOSE", "CONSTANT", "CONSTANTS",
    "DOMAIN", "ELSE", "ENABLED", "EXCEPT", "EXTENDS", "FALSE", "IF", "IN", "INSTANCE", "LAMBDA",
    "LET", "LOCAL", "MODULE", "OTHER", "RECURSIVE", "STRING", "SUBSET", "THEN", "THEOREM", "TRUE",
    "UNCHANGED", "UNION", "VARIABLE", "VARIABLES", "WITH", "Nat", "Int", "Real", "Infinity", "Seq",
    "Len", "Head", "Tail", "Append", "SubSeq", "SelectSeq", "Cardinality", "IsFiniteSet", "Print",
    "PrintT", "Assert", "JavaTime", "TLCGet", "TLCSet", "TLCEval", "Permutations", "SortSeq",
    "RandomElement", "Any", "ToString",
})  # fmt: skip
"""Words of the language, and what the modules Integers, Sequences, FiniteSets, TLC declare."""


class Names:
    """The identifiers taken in one scope; `fresh` takes one more."""

    def __init__(self, taken: Iterable[str] = RESERVED) -> None:
        self.taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """An identifier that is free, the wanted one if possible; it is taken from then on."""
        base = identifier(wanted)
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def inner(self) -> "Names":
        """A scope inside this one."""
        return Names(self.taken)


def identifier(wanted: str) -> str:
    """The nearest TLA+ identifier: letters, digits and `_`, at least one letter, no WF_ or SF_."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", wanted)
    if not re.search(r"[A-Za-z]", plain) or re.match(r"[WS]F_|\d", plain):
        plain = f"x{plain}"
    return plain


def quoted(text: str) -> str:
    """A TLA+ string; characters outside ASCII become `?`, which TLC's parser asks for."""
    plain = text.encode("ascii", "replace").decode("ascii").replace("\n", " ")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
